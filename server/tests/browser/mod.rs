//! A browser without scripts, and the town it moves in: the whole product on demo data, with the time held still.

pub mod wizard;

use std::path::Path;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use backend::AppState;
use backend::demo::testing::Demo;
use backend::infra::clock::Clock;
use backend::infra::db::Db;
use domain::base::permission::Action;
use http::HeaderMap;
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http_body_util::BodyExt;
use server::assets::Assets;
use server::config::{Config, Surroundings};
use tower::ServiceExt;

/// Where the product stands.
pub const ORIGIN: &str = "http://registrar.test";

/// The product.
pub struct Town {
    pub clock: Clock,
    app: AppState,
    router: Router,
    _folder: tempfile::TempDir,
}

impl Town {
    pub async fn new(demo: Demo) -> Self {
        lend_keys(demo.folder.path());
        let app = demo.app().await.with_sandbox(demo.folder.path()).unwrap();
        let router = router(demo.folder.path(), app.clone());
        Self { clock: demo.clock, app, router, _folder: demo.folder }
    }

    /// The same town after its process ended and began again.
    pub async fn restarted(self, db: Db) -> Self {
        let app = AppState::open(db, self._folder.path(), self.clock.clone(), true).await.unwrap();
        let app = app.with_sandbox(self._folder.path()).unwrap();
        Self { router: router(self._folder.path(), app.clone()), app, ..self }
    }

    pub fn browser(&self) -> Browser {
        Browser { router: self.router.clone(), cookie: String::new(), origin: ORIGIN.into() }
    }

    pub async fn enter(&self, account: &str) -> Browser {
        let mut b = self.browser();
        let page = b.post("/login", &[("account", account.into()), ("password", "Demo-2026-pass".into()), ("next", "/".into())]).await;
        assert_eq!(page.status, 303, "{account}: {}", page.text);
        b
    }

    /// The app behind the gate.
    pub fn app(&self) -> &AppState {
        &self.app
    }

    /// Begins a registration; gives its id.
    pub async fn begin(&self, b: &mut Browser) -> String {
        let guide = b.get("/apply/registration").await;
        let page = b.post("/apply/registration", &[("_id", guide.value("_id"))]).await;
        page.location.split('/').nth(2).unwrap().to_owned()
    }

    /// Id of someone's matter whose title begins so.
    pub async fn matter_of(&self, account: &str, title: &str) -> uuid::Uuid {
        let id = backend::access::account::login::log_in(
            &self.app,
            account,
            "Demo-2026-pass",
            &backend::access::account::Origin { session: "t".into(), address: "t".into() },
        )
        .await
        .unwrap();
        let caller = backend::access::guard::caller(&self.app, id).await.unwrap();
        let who = backend::access::guard::guard(&self.app, caller.as_ref(), Action::OwnCentre).unwrap();
        let page = backend::service::matters::own_matters(&self.app, &who, "all", None).await.unwrap();
        page.lines.iter().find(|l| l.row.title.starts_with(title) && l.row.submitted_at.is_some()).unwrap().row.id
    }

    /// Someone's proof for the backend.
    pub async fn who(&self, account: &str) -> backend::access::guard::Allowed {
        let origin = backend::access::account::Origin { session: "t".into(), address: "t".into() };
        let id = backend::access::account::login::log_in(&self.app, account, "Demo-2026-pass", &origin).await.unwrap();
        let caller = backend::access::guard::caller(&self.app, id).await.unwrap();
        backend::access::guard::guard(&self.app, caller.as_ref(), Action::Matter).unwrap()
    }

    /// Someone decides. `people`: accounts, for moves that assign.
    pub async fn decide(&self, account: &str, matter: uuid::Uuid, command: &str, people: &[&str]) -> String {
        let mut assigned = Vec::new();
        for name in people {
            assigned.push(self.who(name).await.account());
        }
        let command = domain::engine::flow::Command { name: command.into(), note: "意见".into(), people: assigned, ..Default::default() };
        let act = backend::workflow::execute::Act { key: uuid::Uuid::now_v7(), matter, command };
        backend::workflow::execute::act(&self.app, &self.who(account).await, act).await.unwrap().stage
    }

    /// The notice of an order as the demo's cashier signs it.
    pub async fn notice(&self, number: &str) -> Vec<(String, String)> {
        self.app.sandbox.as_ref().unwrap().notice(number).await.unwrap().unwrap()
    }

    pub async fn last_code(&self) -> String {
        let body = backend::service::message::outbox::outgoing(&self.app).await.unwrap().remove(0).body;
        body.split("验证码 ").nth(1).unwrap()[..6].to_owned()
    }
}

/// The keys of the demo's cashier take a second to find, so the tests of one process share them.
fn lend_keys(folder: &Path) {
    static KEYS: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
    let keys = KEYS.get_or_init(|| {
        let first = tempfile::tempdir().unwrap();
        backend::infra::gateway::sandbox::Sandbox::keys(first.path()).unwrap();
        std::fs::read(first.path().join("sandbox.keys")).unwrap()
    });
    std::fs::write(folder.join("keys").join("sandbox.keys"), keys).unwrap();
}

fn router(folder: &Path, app: AppState) -> Router {
    let fonts = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/fonts").to_string_lossy().into_owned();
    let env = |name: &str| match name {
        "PUBLIC_URL" => Some(ORIGIN.to_owned()),
        "FONT_DIR" => Some(std::env::var("FONT_DIR").unwrap_or_else(|_| fonts())),
        _ => None,
    };
    let config = Config::read(Surroundings { env: &env, folder, program: folder }, false).unwrap();
    let assets = Assets::read(&config.leptos).unwrap();
    server::serve::site(&config, &assets, server::pages::pages(&config, &assets, app))
}

/// A browser without scripts.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    cookie: String,
    pub origin: String,
}

/// What it got.
pub struct Answer {
    pub status: u16,
    pub location: String,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    /// Value of the first control of this name.
    pub fn value(&self, name: &str) -> String {
        let tag = self.text.split('<').find(|t| t.starts_with("input") && t.contains(&format!("name=\"{name}\""))).unwrap_or("");
        tag.split("value=\"").nth(1).and_then(|v| v.split('"').next()).unwrap_or("").to_owned()
    }
}

impl Browser {
    pub fn cookie(&self) -> &str {
        &self.cookie
    }

    pub fn set_cookie(&mut self, cookie: &str) {
        self.cookie = cookie.to_owned();
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, None, Vec::new()).await
    }

    pub async fn post(&mut self, path: &str, form: &[(&str, String)]) -> Answer {
        let encode = |t: &str| {
            t.bytes().map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }).collect::<String>()
        };
        let body: Vec<String> = form.iter().map(|(n, v)| format!("{}={}", encode(n), encode(v))).collect();
        self.send("POST", path, Some("application/x-www-form-urlencoded".into()), body.join("&").into_bytes()).await
    }

    /// Calls a server function.
    pub async fn call(&mut self, path: &str, body: &serde_json::Value) -> Answer {
        self.send("POST", path, Some("application/json".into()), body.to_string().into_bytes()).await
    }

    pub async fn upload(&mut self, path: &str, text: &[(&str, &str)], field: &str, name: &str, bytes: Vec<u8>) -> Answer {
        let mut body = Vec::new();
        for (n, v) in text {
            body.extend(format!("--X\r\nContent-Disposition: form-data; name=\"{n}\"\r\n\r\n{v}\r\n").bytes());
        }
        body.extend(
            format!("--X\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: image/jpeg\r\n\r\n")
                .bytes(),
        );
        body.extend(bytes);
        body.extend(b"\r\n--X--\r\n");
        self.send("POST", path, Some("multipart/form-data; boundary=X".into()), body).await
    }

    /// Sends a part of an upload as a script of a page does.
    pub async fn part(&mut self, method: &str, path: &str, headers: &[(&str, String)], body: Body) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("host", "registrar.test").header(COOKIE, &self.cookie);
        request = request.header("accept", "application/json").header("origin", &self.origin);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        self.ask(request.body(body).unwrap()).await
    }

    async fn send(&mut self, method: &str, path: &str, kind: Option<String>, body: Vec<u8>) -> Answer {
        let accept = if path.starts_with("/api/") { "application/json" } else { "text/html" };
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "registrar.test")
            .header(COOKIE, &self.cookie)
            .header("accept", accept);
        if let Some(kind) = kind {
            request = request.header(CONTENT_TYPE, kind).header("origin", &self.origin);
        }
        self.ask(request.body(Body::from(body)).unwrap()).await
    }

    async fn ask(&mut self, request: Request) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let headers = response.headers().clone();
        if let Some(cookie) = headers.get(SET_COOKIE).and_then(|c| c.to_str().ok()) {
            self.cookie = cookie.split(';').next().unwrap().to_owned();
        }
        let location = headers.get(LOCATION).and_then(|l| l.to_str().ok()).unwrap_or("").to_owned();
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        Answer { status, location, headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }
}

/// A page without what differs in each answer.
pub fn without_nonce(text: &str) -> String {
    text.split("nonce=\"").map(|part| part.split_once('"').map_or(part, |(_, rest)| rest)).collect()
}
