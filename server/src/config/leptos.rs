//! Location of the built files, from `Leptos.toml` and the variables that cargo-leptos sets.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde::Deserialize;

use super::environment::{Environment, StartupError};
use super::values::parse_bool;

/// Location and names of the built files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leptos {
    /// Name of the files before hash and extension.
    pub output_name: String,
    /// Folder of all files that are served.
    pub site_root: PathBuf,
    /// Subfolder of scripts, WebAssembly and style; also the first segment of their addresses.
    pub pkg_dir: String,
    /// The file with the hashes, if names contain hashes.
    pub hash_file: Option<PathBuf>,
    /// Default address to listen on.
    pub site_addr: SocketAddr,
}

#[derive(Default, Deserialize)]
struct LeptosFile {
    #[serde(default)]
    leptos: LeptosTable,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct LeptosTable {
    output_name: Option<String>,
    site_root: Option<PathBuf>,
    site_pkg_dir: Option<String>,
    site_addr: Option<String>,
    hash_files: Option<bool>,
    hash_file_name: Option<PathBuf>,
}

impl Leptos {
    /// Reads `Leptos.toml` in the working folder or beside the program; its paths are relative to its own folder.
    pub(super) fn read(from: Environment<'_>) -> Result<Self, StartupError> {
        let folder = [from.folder, from.program].into_iter().find(|f| f.join("Leptos.toml").is_file());
        let table = match folder {
            None => LeptosTable::default(),
            Some(folder) => {
                let path = folder.join("Leptos.toml");
                let wrong = |e: &dyn std::fmt::Display| StartupError(format!("{} cannot be read: {e}.", path.display()));
                let text = fs::read_to_string(&path).map_err(|e| wrong(&e))?;
                toml::from_str::<LeptosFile>(&text).map_err(|e| wrong(&e.message()))?.leptos
            }
        };
        let site_root = match from.var("LEPTOS_SITE_ROOT") {
            Some(root) => from.folder.join(root),
            None => folder.unwrap_or(from.folder).join(table.site_root.unwrap_or_else(|| "target/site".into())),
        };
        let hashed = match from.var("LEPTOS_HASH_FILES") {
            Some(text) => parse_bool(&text).ok_or_else(|| StartupError(format!("LEPTOS_HASH_FILES: `{text}` is not true or false.")))?,
            None => table.hash_files.unwrap_or(false),
        };
        // cargo-leptos writes it beside the program.
        let hash_file = from.var("LEPTOS_HASH_FILE_NAME").map(PathBuf::from).or(table.hash_file_name).unwrap_or_else(|| "hash.txt".into());
        Ok(Self {
            output_name: from.var("LEPTOS_OUTPUT_NAME").or(table.output_name).unwrap_or_else(|| "registrar".to_owned()),
            site_root,
            pkg_dir: from.var("LEPTOS_SITE_PKG_DIR").or(table.site_pkg_dir).unwrap_or_else(|| "pkg".to_owned()),
            hash_file: hashed.then(|| from.program.join(hash_file)),
            site_addr: match from.var("LEPTOS_SITE_ADDR").or(table.site_addr) {
                Some(text) => {
                    text.parse().map_err(|_| StartupError(format!("LEPTOS_SITE_ADDR: `{text}` is not an address with a port.")))?
                }
                None => SocketAddr::from((Ipv4Addr::LOCALHOST, 3000)),
            },
        })
    }
}
