//! A browser without scripts, and the application it visits: the whole product on demo data with a fixed clock.

pub mod wizard;

use backend::service::own_matters::{OwnFilter, list_own};
use std::path::Path;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use backend::AppState;
use backend::demo::testing::DemoServer;
use backend::infra::clock::Clock;
use backend::infra::db::Db;
use domain::base::permission::Action;
use http::HeaderMap;
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http_body_util::BodyExt;
use server::assets::Assets;
use server::config::{Config, Environment};
use server::limits::{BodyCapacities, Limits, PoolSizes, Timeouts};
use server::places::PoolSize;
use tower::ServiceExt;

/// The public address of the application.
pub const ORIGIN: &str = "http://registrar.test";

/// The application on demo data, behind the layers of the server.
pub struct TestApp {
    pub clock: Clock,
    state: AppState,
    router: Router,
    _folder: tempfile::TempDir,
}

impl TestApp {
    pub async fn new(demo: DemoServer) -> Self {
        share_gateway_keys(demo.folder.path());
        let state = demo.app().await.with_sandbox(demo.folder.path()).unwrap();
        let router = router(demo.folder.path(), state.clone());
        Self { clock: demo.clock, state, router, _folder: demo.folder }
    }

    /// The same application on a server that is not a demo.
    pub fn without_demo(mut self) -> Self {
        self.state.demo = false;
        self.router = router(self._folder.path(), self.state.clone());
        self
    }

    /// The same application after a restart of its process.
    pub async fn restarted(self, db: Db) -> Self {
        let state = AppState::open(db, self._folder.path(), self.clock.clone(), true).await.unwrap();
        let state = state.with_sandbox(self._folder.path()).unwrap();
        Self { router: router(self._folder.path(), state.clone()), state, ..self }
    }

    /// The same application with more places than a test has requests, so that each is answered for what it asks.
    pub fn with_wide_pools(mut self) -> Self {
        const WIDE: PoolSize = PoolSize { places: 1000, per_account: 1000, per_address: 1000, per_block: 1000 };
        let pools = PoolSizes { public: WIDE, sign_in: WIDE, signed_in: WIDE, staff: WIDE, upload: WIDE, lookup: WIDE };
        let limits = Limits::new(Timeouts::default(), pools, BodyCapacities::default());
        self.router = router_within(self._folder.path(), self.state.clone(), limits);
        self
    }

    pub fn browser(&self) -> Browser {
        Browser { router: self.router.clone(), cookie: String::new(), origin: ORIGIN.into() }
    }

    pub async fn sign_in(&self, account: &str) -> Browser {
        let mut b = self.browser();
        let page = b.post("/login", &[("account", account.into()), ("password", "Demo-2026-pass".into()), ("next", "/".into())]).await;
        assert_eq!(page.status, 303, "{account}: {}", page.text);
        b
    }

    /// The application as a server serves it.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// The backend of the application.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Begins a registration; returns its id.
    pub async fn begin(&self, b: &mut Browser) -> String {
        let guide = b.get("/apply/registration").await;
        let page = b.post("/apply/registration", &[("_id", guide.value("_id"))]).await;
        page.location.split('/').nth(2).unwrap().to_owned()
    }

    /// Id of a demo account, by its password.
    pub async fn account_id(&self, account: &str) -> uuid::Uuid {
        let origin = backend::access::account::LoginOrigin::default();
        backend::access::account::login::log_in(&self.state, account, "Demo-2026-pass", &origin).await.unwrap().account
    }

    /// Id of the account's submitted matter whose title begins with `title`.
    pub async fn matter_of(&self, account: &str, title: &str) -> uuid::Uuid {
        let id = self.account_id(account).await;
        let caller = backend::access::guard::load_caller(&self.state, id).await.unwrap();
        let who = backend::access::guard::authorize(&self.state, caller.as_ref(), Action::PersonalCentre).unwrap();
        let page = list_own(&self.state, &who, OwnFilter::default(), None).await.unwrap();
        page.matters.iter().find(|l| l.title.starts_with(title) && !l.is_draft).unwrap().id
    }

    /// The permission of an account to work on matters, for calls of the backend.
    pub async fn authorize(&self, account: &str) -> backend::access::guard::Allowed {
        let id = self.account_id(account).await;
        let caller = backend::access::guard::load_caller(&self.state, id).await.unwrap();
        backend::access::guard::authorize(&self.state, caller.as_ref(), Action::Matter).unwrap()
    }

    /// What an account's page shows of a matter, as its forms say it; empty for an account without a part in it.
    pub async fn seen(&self, account: &str, matter: uuid::Uuid) -> String {
        let id = {
            let mut tx = self.state.db.read().await.unwrap();
            backend::infra::db::account::by_name(&mut tx, account).await.unwrap().unwrap().id
        };
        let caller = backend::access::guard::load_caller(&self.state, id).await.unwrap();
        let who = backend::access::guard::authorize(&self.state, caller.as_ref(), Action::Matter).unwrap();
        let loaded = backend::matter::load(&self.state, &who, matter).await;
        loaded.map(|matter| matter.seen().to_string()).unwrap_or_default()
    }

    /// Executes a command as an account. `people`: the accounts to assign. Returns the new stage.
    pub async fn decide(&self, account: &str, matter: uuid::Uuid, command: &str, people: &[&str]) -> String {
        let mut assigned = Vec::new();
        for name in people {
            assigned.push(self.authorize(name).await.account());
        }
        let command =
            domain::engine::flow::Command { name: command.into(), note: "意见".into(), assignees: assigned, ..Default::default() };
        let act = backend::workflow::execute::CommandRequest { key: uuid::Uuid::now_v7(), matter, seen: None, command };
        backend::workflow::execute::execute(&self.state, &self.authorize(account).await, act).await.unwrap().stage
    }

    /// The payment notice of an order, signed by the sandbox gateway.
    pub async fn notice(&self, number: &str) -> Vec<(String, String)> {
        self.state.sandbox.as_ref().unwrap().signed_notice(number).await.unwrap().unwrap()
    }

    pub async fn last_code(&self) -> String {
        let body = backend::service::message::view::list_outbox(&self.state).await.unwrap().remove(0).body;
        body.split("验证码 ").nth(1).unwrap()[..6].to_owned()
    }
}

/// The keys of the sandbox gateway take a second to generate, so the tests of one process share them.
fn share_gateway_keys(folder: &Path) {
    static KEYS: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
    let keys = KEYS.get_or_init(|| {
        let first = tempfile::tempdir().unwrap();
        backend::infra::gateway::sandbox::SandboxGateway::keys(first.path()).unwrap();
        std::fs::read(first.path().join("sandbox.keys")).unwrap()
    });
    std::fs::write(folder.join("keys").join("sandbox.keys"), keys).unwrap();
}

fn router(folder: &Path, app: AppState) -> Router {
    router_within(folder, app, Limits::default())
}

fn router_within(folder: &Path, app: AppState, limits: Limits) -> Router {
    let fonts = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/fonts").to_string_lossy().into_owned();
    let env = |name: &str| match name {
        "PUBLIC_URL" => Some(ORIGIN.to_owned()),
        "CONNECTIONS_PER_ADDRESS" => Some("1000".to_owned()),
        "ALLOW_HTTP" => Some("true".to_owned()),
        "DATA_DIR" => Some(folder.to_string_lossy().into_owned()),
        "FONT_DIR" => Some(std::env::var("FONT_DIR").unwrap_or_else(|_| fonts())),
        _ => None,
    };
    let config = Config::read(Environment { env: &env, folder, program: folder }, false).unwrap();
    let assets = Assets::read(&config.leptos).unwrap();
    server::serve::site(&config, &assets, server::pages::pages_within(&config, &assets, app, limits))
}

/// A browser without scripts.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    cookie: String,
    pub origin: String,
}

/// The response to a request of the browser.
pub struct Response {
    pub status: u16,
    pub location: String,
    pub headers: HeaderMap,
    pub text: String,
}

impl Response {
    /// Value of the first form control of this name.
    pub fn value(&self, name: &str) -> String {
        self.values(name).into_iter().next().unwrap_or_default()
    }

    /// Values of all form controls of this name.
    pub fn values(&self, name: &str) -> Vec<String> {
        let tags = self.text.split('<').filter(|t| t.starts_with("input") && t.contains(&format!("name=\"{name}\"")));
        tags.map(|tag| tag.split("value=\"").nth(1).and_then(|v| v.split('"').next()).unwrap_or("").to_owned()).collect()
    }
}

impl Browser {
    pub fn cookie(&self) -> &str {
        &self.cookie
    }

    pub fn set_cookie(&mut self, cookie: &str) {
        self.cookie = cookie.to_owned();
    }

    /// Id of the signed-in account, as pages tell it to scripts.
    pub async fn account(&mut self) -> uuid::Uuid {
        let page = self.get("/me").await.text;
        page.split("data-account=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().parse().unwrap()
    }

    pub async fn get(&mut self, path: &str) -> Response {
        self.send("GET", path, None, Vec::new()).await
    }

    pub async fn post(&mut self, path: &str, form: &[(&str, String)]) -> Response {
        let encode = |t: &str| {
            t.bytes().map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }).collect::<String>()
        };
        let body: Vec<String> = form.iter().map(|(n, v)| format!("{}={}", encode(n), encode(v))).collect();
        self.send("POST", path, Some("application/x-www-form-urlencoded".into()), body.join("&").into_bytes()).await
    }

    /// Calls a server function with a JSON body.
    pub async fn call(&mut self, path: &str, body: &serde_json::Value) -> Response {
        self.send("POST", path, Some("application/json".into()), body.to_string().into_bytes()).await
    }

    /// Deletes every record of 基本信息库.
    pub async fn delete_library_records(&mut self) {
        loop {
            let page = self.get("/me/library").await;
            let record = page.value("record");
            if record.is_empty() {
                return;
            }
            assert_eq!(self.post("/me/library", &[("record", record), ("_seen", page.value("_seen"))]).await.status, 303);
        }
    }

    pub async fn upload(&mut self, path: &str, text: &[(&str, &str)], field: &str, name: &str, bytes: Vec<u8>) -> Response {
        self.upload_files(path, text, field, &[(name.to_owned(), bytes)]).await
    }

    /// Posts a form with several files of one control.
    pub async fn upload_files(&mut self, path: &str, text: &[(&str, &str)], field: &str, files: &[(String, Vec<u8>)]) -> Response {
        let mut body = Vec::new();
        for (n, v) in text {
            body.extend(format!("--X\r\nContent-Disposition: form-data; name=\"{n}\"\r\n\r\n{v}\r\n").bytes());
        }
        for (name, bytes) in files {
            let head =
                format!("--X\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: image/jpeg\r\n\r\n");
            body.extend(head.bytes());
            body.extend(bytes);
            body.extend(b"\r\n");
        }
        body.extend(b"--X--\r\n");
        self.send("POST", path, Some("multipart/form-data; boundary=X".into()), body).await
    }

    /// Sends a request of the upload protocol as the page's script does.
    pub async fn upload_request(&mut self, method: &str, path: &str, headers: &[(&str, String)], body: Body) -> Response {
        let mut request = Request::builder().method(method).uri(path).header("host", "registrar.test").header(COOKIE, &self.cookie);
        request = request.header("accept", "application/json").header("origin", &self.origin);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        self.request(request.body(body).unwrap()).await
    }

    /// Sends a request with exactly these headers; an empty one is left out.
    pub async fn raw(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Response {
        let mut request = Request::builder().method(method).uri(path).header("host", "registrar.test").header(COOKIE, &self.cookie);
        request = request.header("origin", &self.origin);
        for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
            request = request.header(*name, *value);
        }
        self.request(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    async fn send(&mut self, method: &str, path: &str, kind: Option<String>, body: Vec<u8>) -> Response {
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
        self.request(request.body(Body::from(body)).unwrap()).await
    }

    async fn request(&mut self, request: Request) -> Response {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let headers = response.headers().clone();
        for cookie in headers.get_all(SET_COOKIE).iter().filter_map(|c| c.to_str().ok()) {
            let pair = cookie.split(';').next().unwrap();
            let name = pair.split('=').next().unwrap();
            let others = self.cookie.split("; ").filter(|known| !known.is_empty() && known.split('=').next() != Some(name));
            self.cookie = others.chain([pair]).collect::<Vec<_>>().join("; ");
        }
        let location = headers.get(LOCATION).and_then(|l| l.to_str().ok()).unwrap_or("").to_owned();
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        Response { status, location, headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }
}

/// A page without the nonces, which differ in each response.
pub fn without_nonce(text: &str) -> String {
    text.split("nonce=\"").map(|part| part.split_once('"').map_or(part, |(_, rest)| rest)).collect()
}
