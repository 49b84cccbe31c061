//! The built files, read once at the start and served from memory.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path as UrlPath, State};
use axum::response::Response;
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use sha2::{Digest, Sha256};

use crate::asset_file::AssetFile;
use crate::config::{Leptos, StartupError};
use crate::error_pages::refuse_with_status;
use crate::headers::Cacheable;
use crate::service_worker;

/// The built files, and the addresses a page links to.
#[derive(Clone)]
pub struct Assets {
    /// Address of the script that starts the islands.
    pub js: String,
    /// Address of their WebAssembly.
    pub wasm: String,
    /// Address of the style sheet.
    pub css: String,
    served: Arc<ServedFiles>,
}

struct ServedFiles {
    files: HashMap<String, AssetFile>,
    /// Whether the names change with the contents.
    hashed: bool,
    folder: String,
}

impl Assets {
    /// Reads all files. Without a hash file the names are those of a build without hashes.
    ///
    /// # Errors
    /// Files that cannot be read, or that belong to another build than the program.
    pub fn read(leptos: &Leptos) -> Result<Self, StartupError> {
        let folder = leptos.site_root.join(&leptos.pkg_dir);
        let mut found = HashMap::new();
        if folder.is_dir() {
            collect(&folder, "", &mut found).map_err(|e| StartupError(format!("{} cannot be read: {e}.", folder.display())))?;
        } else {
            tracing::warn!(folder = %folder.display(), "no built files: pages will have neither style nor islands");
        }
        let hashes = match &leptos.hash_file {
            Some(path) if path.is_file() => {
                let text = fs::read_to_string(path).map_err(|e| StartupError(format!("{} cannot be read: {e}.", path.display())))?;
                Some(parse_hash_file(&text))
            }
            _ => None,
        };
        let mut names = Vec::new();
        for ending in ["js", "wasm", "css"] {
            let hash = hashes.as_ref().and_then(|h| h.get(ending));
            let name = match hash {
                Some(hash) => format!("{}.{hash}.{ending}", leptos.output_name),
                None => format!("{}.{ending}", leptos.output_name),
            };
            if hash.is_some() && !found.is_empty() && !found.contains_key(&name) {
                return Err(StartupError(format!(
                    "The program and the built files are of different builds: there is no {name} in {}.",
                    folder.display()
                )));
            }
            names.push(format!("/{}/{name}", leptos.pkg_dir));
        }
        let mut names = names.into_iter();
        let mut name = || names.next().unwrap_or_default();
        Ok(Self {
            js: name(),
            wasm: name(),
            css: name(),
            served: Arc::new(ServedFiles { files: with_encodings(found), hashed: hashes.is_some(), folder: leptos.pkg_dir.clone() }),
        })
    }

    /// Addresses of the files that pages load, sorted, and a hash over their contents.
    fn page_files(&self) -> (Vec<String>, String) {
        let loads = |name: &str| [".js", ".wasm", ".css"].iter().any(|ending| name.ends_with(ending));
        let mut files: Vec<(&String, &AssetFile)> = self.served.files.iter().filter(|(name, _)| loads(name)).collect();
        files.sort_by_key(|(name, _)| *name);
        let mut version = Sha256::new();
        for (name, file) in &files {
            version.update(name.as_bytes());
            version.update(&file.plain);
        }
        let paths = files.iter().map(|(name, _)| format!("/{}/{name}", self.served.folder)).collect();
        let short: Vec<u8> = version.finalize().iter().take(12).copied().collect();
        (paths, URL_SAFE_NO_PAD.encode(short))
    }

    /// The routes of `/pkg/…`, of the service worker, and of the icons and `robots.txt`.
    pub fn routes(&self) -> Router {
        let (mut files, version) = self.page_files();
        let icons = app::ui::icons_address();
        files.push(icons.clone());
        let drawn = Arc::new(AssetFile::of_program("image/svg+xml", Bytes::from_static(app::ui::ICONS.as_bytes())));
        Router::new()
            .route(&format!("/{}/{{*name}}", self.served.folder), get(serve_file))
            .route("/favicon.ico", get(|| async { small_file("image/x-icon", include_bytes!("favicon.ico")) }))
            .route(&icons, get(move |headers: HeaderMap| async move { drawn.respond(&headers, Some(FOR_EVER)) }))
            .route("/robots.txt", get(|| async { small_file("text/plain; charset=utf-8", ROBOTS) }))
            .with_state(self.served.clone())
            .merge(service_worker::routes(&version, &files))
    }
}

/// Search engines may index the public pages.
const ROBOTS: &[u8] = b"User-agent: *\nDisallow: /api\nDisallow: /association\nDisallow: /dev\nDisallow: /expert\n\
Disallow: /institution\nDisallow: /matters\nDisallow: /me\nDisallow: /teaching\n";

fn small_file(kind: &'static str, bytes: &'static [u8]) -> Response {
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400"));
    response.extensions_mut().insert(Cacheable);
    response
}

/// How long a file is kept whose name changes with its content.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

async fn serve_file(State(served): State<Arc<ServedFiles>>, UrlPath(name): UrlPath<String>, headers: HeaderMap) -> Response {
    let Some(file) = served.files.get(&name) else {
        return refuse_with_status(StatusCode::NOT_FOUND);
    };
    file.respond(&headers, served.hashed.then_some(FOR_EVER))
}

/// Lines such as `js: HASH`, as cargo-leptos writes them.
fn parse_hash_file(text: &str) -> HashMap<String, String> {
    text.lines().filter_map(|line| line.split_once(':')).map(|(kind, hash)| (kind.trim().to_owned(), hash.trim().to_owned())).collect()
}

fn collect(folder: &Path, under: &str, found: &mut HashMap<String, Bytes>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let name = format!("{under}{name}");
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{name}/"), found)?;
        } else {
            found.insert(name, fs::read(entry.path())?.into());
        }
    }
    Ok(())
}

/// Joins `x.br` and `x.gz` to `x`.
fn with_encodings(found: HashMap<String, Bytes>) -> HashMap<String, AssetFile> {
    let is_copy = |name: &str| [".br", ".gz"].iter().any(|ending| name.strip_suffix(ending).is_some_and(|plain| found.contains_key(plain)));
    let file = |(name, plain): (&String, &Bytes)| {
        let file = AssetFile {
            content_type: content_type_of(name),
            plain: plain.clone(),
            br: found.get(&format!("{name}.br")).cloned(),
            gz: found.get(&format!("{name}.gz")).cloned(),
        };
        (name.clone(), file)
    };
    found.iter().filter(|(name, _)| !is_copy(name)).map(file).collect()
}

fn content_type_of(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or("") {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::extract::Request;
    use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, VARY};
    use http_body_util::BodyExt;
    use std::net::SocketAddr;
    use tower::ServiceExt;

    fn site(files: &[(&str, &str)], hashes: Option<&str>) -> (tempfile::TempDir, Leptos) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join("site/pkg").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        if let Some(hashes) = hashes {
            fs::write(folder.path().join("hash.txt"), hashes).unwrap();
        }
        let leptos = Leptos {
            output_name: "registrar".into(),
            site_root: folder.path().join("site"),
            pkg_dir: "pkg".into(),
            hash_file: Some(folder.path().join("hash.txt")),
            site_addr: SocketAddr::from(([127, 0, 0, 1], 3000)),
        };
        (folder, leptos)
    }

    const FILES: &[(&str, &str)] = &[
        ("registrar.J1.js", "script"),
        ("registrar.J1.js.br", "script br"),
        ("registrar.J1.js.gz", "script gz"),
        ("registrar.W1.wasm", "wasm"),
        ("registrar.W1.wasm.gz", "wasm gz"),
        ("registrar.C1.css", "style"),
        ("snippets/a/inline0.js", "snippet"),
    ];
    const HASHES: &str = "js: J1\nwasm: W1\ncss: C1\nmanifest: M1\nsplit: S1\n";

    async fn get_it(assets: &Assets, path: &str, encodings: &str) -> (u16, String, HeaderMap, bool) {
        let request = Request::get(path).header(ACCEPT_ENCODING, encodings).body(Body::empty()).unwrap();
        let response = assets.routes().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8_lossy(&body).into_owned();
        (head.status.as_u16(), text, head.headers, head.extensions.get::<Cacheable>().is_some())
    }

    #[test]
    fn names_come_from_the_file_of_hashes() {
        let (_folder, leptos) = site(FILES, Some(HASHES));
        let assets = Assets::read(&leptos).unwrap();
        assert_eq!(assets.js, "/pkg/registrar.J1.js");
        assert_eq!(assets.wasm, "/pkg/registrar.W1.wasm");
        assert_eq!(assets.css, "/pkg/registrar.C1.css");
    }

    #[test]
    fn without_hashes_or_without_a_build_the_names_are_plain() {
        let (_folder, leptos) = site(&[("registrar.js", "x")], None);
        assert_eq!(Assets::read(&leptos).unwrap().js, "/pkg/registrar.js");
        let (_folder, leptos) = site(&[], None);
        assert_eq!(Assets::read(&leptos).unwrap().css, "/pkg/registrar.css");
    }

    #[test]
    fn a_program_beside_files_of_another_build_is_refused() {
        let (_folder, leptos) = site(FILES, Some("js: J2\nwasm: W1\ncss: C1\n"));
        let sentence = Assets::read(&leptos).err().unwrap().to_string();
        assert!(sentence.contains("registrar.J2.js"), "{sentence}");
    }

    #[tokio::test]
    async fn a_file_comes_in_the_shortest_form_the_client_reads() {
        let (_folder, leptos) = site(FILES, Some(HASHES));
        let assets = Assets::read(&leptos).unwrap();
        for (path, encodings, text, encoding) in [
            ("/pkg/registrar.J1.js", "gzip, deflate, br, zstd", "script br", "br"),
            ("/pkg/registrar.J1.js", "gzip", "script gz", "gzip"),
            ("/pkg/registrar.J1.js", "br;q=0, gzip;q=0.5", "script gz", "gzip"),
            ("/pkg/registrar.J1.js", "", "script", ""),
            ("/pkg/registrar.J1.js", "brotli", "script", ""),
            ("/pkg/registrar.W1.wasm", "gzip, br", "wasm gz", "gzip"),
            ("/pkg/snippets/a/inline0.js", "br", "snippet", ""),
        ] {
            let (status, body, headers, _) = get_it(&assets, path, encodings).await;
            assert_eq!((status, body.as_str()), (200, text), "{path} {encodings}");
            assert_eq!(headers.get(CONTENT_ENCODING).map_or("", |v| v.to_str().unwrap()), encoding);
            assert_eq!(headers[VARY], "accept-encoding");
        }
    }

    #[tokio::test]
    async fn hashed_files_are_kept_for_ever_and_say_what_they_are() {
        let (_folder, leptos) = site(FILES, Some(HASHES));
        let assets = Assets::read(&leptos).unwrap();
        for (path, kind) in [
            ("/pkg/registrar.J1.js", "text/javascript; charset=utf-8"),
            ("/pkg/registrar.W1.wasm", "application/wasm"),
            ("/pkg/registrar.C1.css", "text/css; charset=utf-8"),
        ] {
            let (_, _, headers, cacheable) = get_it(&assets, path, "br").await;
            assert_eq!(headers[CONTENT_TYPE], kind);
            assert!(cacheable && headers[CACHE_CONTROL].to_str().unwrap().ends_with("immutable"));
        }
        let (_folder, leptos) = site(&[("registrar.js", "x")], None);
        assert!(!get_it(&Assets::read(&leptos).unwrap(), "/pkg/registrar.js", "").await.3);
    }

    #[tokio::test]
    async fn nothing_outside_the_folder_is_served() {
        let (_folder, leptos) = site(FILES, Some(HASHES));
        let assets = Assets::read(&leptos).unwrap();
        for path in [
            "/pkg/gone.js",
            "/pkg/../hash.txt",
            "/pkg/..%2f..%2fhash.txt",
            "/pkg/%2e%2e/hash.txt",
            "/pkg//etc/passwd",
            "/pkg/registrar.J1.js.br",
        ] {
            assert_eq!(get_it(&assets, path, "br").await.0, 404, "{path}");
        }
    }

    #[tokio::test]
    async fn the_icon_and_the_rules_for_robots_are_there() {
        let (_folder, leptos) = site(&[], None);
        let assets = Assets::read(&leptos).unwrap();
        let (status, _, headers, cacheable) = get_it(&assets, "/favicon.ico", "").await;
        assert_eq!((status, headers[CONTENT_TYPE].to_str().unwrap(), cacheable), (200, "image/x-icon", true));
        assert!(get_it(&assets, "/robots.txt", "").await.1.contains("Disallow: /me\n"));
        let (status, text, headers, cacheable) = get_it(&assets, &app::ui::icons_address(), "").await;
        assert_eq!((status, headers[CONTENT_TYPE].to_str().unwrap(), cacheable), (200, "image/svg+xml", true));
        assert!(text.contains("<symbol id=\"home\"") && headers[CACHE_CONTROL].to_str().unwrap().ends_with("immutable"));
    }
}
