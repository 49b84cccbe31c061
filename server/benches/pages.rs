//! Pages beside a hand-written handler with the same statements, and pages with a million matters on file beside ten thousand, in the same run.
//!
//! Requests go to the routes of the server without a network, one after the other, so that only the server's own work is measured. Rounds of
//! what is compared alternate: a core that is slow for a while is slow for both. `BENCH_DIR`: folder of the databases.
//! `BENCH_POSTGRES_URL` and `BENCH_POSTGRES_URL_2`: two empty databases of PostgreSQL, on which the same runs.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use app::error::PageError;
use app::request::identify;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Html;
use axum::routing::get;
use backend::AppState;
use backend::access::guard::authorize;
use backend::demo::testing::writes::sign_in;
use backend::demo::testing::{insert_history, insert_queue};
use backend::infra::clock::Clock;
use backend::infra::db::Db;
use backend::matter::MatterSummary;
use backend::service::message::count_unread;
use backend::service::own_matters::{OwnFilter, list_own};
use domain::base::permission::Action;
use http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE};
use http_body_util::BodyExt;
use server::assets::Assets;
use server::config::{Config, Environment};
use server::limits::{BodyCapacities, Limits, PoolSizes, Timeouts};
use server::places::PoolSize;
use server::session_layer::{Sessions, session};
use tower::ServiceExt;
use tower_sessions::Session;
use uuid::Uuid;

/// Matters on file.
const FEW: i64 = 10_000;
/// Matters on file of the large database.
const MANY: i64 = 1_000_000;
/// Open tasks of officers: what is on file grows with the years, what waits does not.
const OPEN: i64 = 500;
/// Matters that are inserted for each open task.
const PER_OPEN: i64 = 10;
/// Open tasks of a very long queue.
const LONG: i64 = 50_000;
/// Rounds of each.
const ROUNDS: usize = 7;
/// Length of a round.
const ROUND: Duration = Duration::from_millis(500);
/// Requests for each page of the two databases.
const MEASURES: usize = 15;
/// The public address of the site.
const SITE: &str = "http://registrar.test";
/// Pages that somebody of the association, or an applicant, opens many times a day: account, what the page is, its address.
const HOT: &[(&str, &str, &str)] = &[
    ("officer", "待办", "/association"),
    ("officer", "待办, 已逾期", "/association?state=tasks&words=&due=overdue"),
    ("officer", "待办, 我承办", "/association?state=tasks&words=&holder=own"),
    ("officer", "待办, by submission", "/association?state=tasks&words=&order=submitted"),
    ("officer", "待办, by begin", "/association?state=tasks&words=&order=opened"),
    ("officer", "待办, one stage", "/association?state=tasks&words=&stage=registration.acceptance"),
    ("officer", "办理中", "/association?state=open&words="),
    ("officer", "已办结", "/association?state=closed&words="),
    ("officer", "全部", "/association?state=all&words="),
    ("officer", "all of a title", "/association?state=all&words=history"),
    ("officer", "a rare title", "/association?state=all&words=知识产权管理体系"),
    ("officer", "no such title", "/association?state=open&words=没有这样的业务"),
    ("officer", "统计", "/association/statistics"),
    ("inst-a", "institution", "/institution"),
    ("expert1", "expert", "/expert"),
    ("certified", "我的事项", "/matters"),
    ("certified", "home", "/"),
];

fn main() {
    let folder = std::env::var_os("BENCH_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = tempfile::tempdir_in(folder).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let url = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
        compare("SQLite", [&url("few.db"), &url("many.db")], folder.path()).await;
        if let (Ok(few), Ok(many)) = (std::env::var("BENCH_POSTGRES_URL"), std::env::var("BENCH_POSTGRES_URL_2")) {
            compare("PostgreSQL", [&few, &many], &folder.path().join("postgres")).await;
        }
    });
}

async fn compare(name: &str, urls: [&str; 2], folder: &Path) {
    let few = Site::open(urls[0], &folder.join("few"), FEW).await;
    few.compare_with_bare(name).await;
    let many = Site::open(urls[1], &folder.join("many"), MANY).await;
    println!("\n{name}: pages with {FEW} and {MANY} matters on file (median of {MEASURES})");
    println!("{:<34} {:>12} {:>12} {:>7}", "", FEW, MANY, "ratio");
    for (account, label, address) in HOT {
        let sites = [few.browser(account).await, many.browser(account).await];
        let [few, many] = alternate(&sites, address).await;
        println!("{:<34} {few:>12.2?} {many:>12.2?} {:>7.2}", format!("{account}: {label}"), many.as_secs_f64() / few.as_secs_f64());
    }
    let sites = [few.browser("officer").await, many.browser("officer").await];
    let search = [("state", "all"), ("applicant", "周建国")];
    let mut times: [Vec<Duration>; 2] = Default::default();
    for _ in 0..MEASURES {
        for (site, times) in sites.iter().zip(&mut times) {
            let begun = Instant::now();
            assert_eq!(site.post("/association", &search).await.0, 200);
            times.push(begun.elapsed());
        }
    }
    let [short, long] = times.map(median);
    println!("{:<34} {short:>12.2?} {long:>12.2?} {:>7.2}", "officer: by name", long.as_secs_f64() / short.as_secs_f64());
    many.measure_long_queue().await;
}

/// Median times of a page of two sites, which take turns.
async fn alternate(sites: &[Browser; 2], address: &str) -> [Duration; 2] {
    let mut times: [Vec<Duration>; 2] = Default::default();
    for site in sites {
        site.get(address).await;
    }
    for _ in 0..MEASURES {
        for (site, times) in sites.iter().zip(&mut times) {
            let begun = Instant::now();
            site.get(address).await;
            times.push(begun.elapsed());
        }
    }
    times.map(median)
}

fn median<T: PartialOrd + Copy>(mut values: Vec<T>) -> T {
    values.sort_by(|a, b| a.partial_cmp(b).unwrap());
    values[values.len() / 2]
}

/// The product on a database.
struct Site {
    app: AppState,
    router: Router,
    bare: Router,
}

impl Site {
    async fn open(url: &str, folder: &Path, matters: i64) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        let db = Db::open(url).await.unwrap();
        db.migrate().await.unwrap();
        let app = AppState::open(db, folder, Clock::system(), true).await.unwrap().with_sandbox(folder).unwrap();
        backend::demo::fill_demo(&app, 0).await.unwrap();
        let account = async |name: &str| sign_in(&app, name).await.unwrap().account();
        let owner = account("applicant").await;
        insert_queue(&app, owner, account("officer2").await, OPEN).await.unwrap();
        insert_history(&app, owner, matters - OPEN * PER_OPEN).await.unwrap();
        let env = |name: &str| match name {
            "PUBLIC_URL" => Some(SITE.to_owned()),
            "ALLOW_HTTP" => Some("true".to_owned()),
            "DATA_DIR" => Some(folder.to_string_lossy().into_owned()),
            _ => None,
        };
        let config = Config::read(Environment { env: &env, folder, program: folder }, false).unwrap();
        let assets = Assets::read(&config.leptos).unwrap();
        const WIDE: PoolSize = PoolSize { places: 1000, per_account: 1000, per_address: 1000, per_block: 1000 };
        let pools = PoolSizes { public: WIDE, sign_in: WIDE, signed_in: WIDE, staff: WIDE, upload: WIDE, lookup: WIDE };
        let limits = Limits::new(Timeouts::default(), pools, BodyCapacities::default());
        let router = server::serve::site(&config, &assets, server::pages::pages_within(&config, &assets, app.clone(), limits));
        let bare = bare_router(&app);
        Self { app, router, bare }
    }

    async fn browser(&self, account: &str) -> Browser {
        let guest = Browser { router: self.router.clone(), cookie: String::new() };
        let form = [("account", account), ("password", "Demo-2026-pass"), ("next", "/")];
        let (status, headers) = guest.post("/login", &form).await;
        assert_eq!(status, 303, "{account}");
        let cookies = headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()?.split(';').next());
        Browser { cookie: cookies.collect::<Vec<_>>().join("; "), ..guest }
    }

    /// Pages of a queue with very many open tasks.
    async fn measure_long_queue(&self) {
        let account = async |name: &str| sign_in(&self.app, name).await.unwrap().account();
        insert_queue(&self.app, account("applicant").await, account("officer2").await, LONG).await.unwrap();
        println!("\npages of a queue with {LONG} open tasks more");
        let browser = self.browser("officer").await;
        for (_, label, address) in HOT.iter().filter(|(_, label, _)| label.starts_with("待办")) {
            browser.get(address).await;
            let mut times = Vec::new();
            for _ in 0..MEASURES {
                let begun = Instant::now();
                browser.get(address).await;
                times.push(begun.elapsed());
            }
            println!("{label:<34} {:>12.2?}", median(times));
        }
    }

    /// The list of own matters beside the bare handler, and the page of a matter beside the list of a workbench.
    async fn compare_with_bare(&self, name: &str) {
        let product = self.browser("certified").await;
        let bare = Browser { router: self.bare.clone(), cookie: product.cookie.clone() };
        let officer = self.browser("officer").await;
        let who = sign_in(&self.app, "certified").await.unwrap();
        let own = list_own(&self.app, &who, OwnFilter::default(), None).await.unwrap();
        let case = own.matters.iter().find(|matter| matter.is_under_way).map(|matter| format!("/matters/{}", matter.id)).unwrap();
        let rounds = [(&bare, "/matters"), (&product, "/matters"), (&officer, "/association"), (&officer, case.as_str())];
        let mut rates: [Vec<f64>; 4] = Default::default();
        for _ in 0..ROUNDS {
            for ((browser, address), rates) in rounds.iter().zip(&mut rates) {
                rates.push(browser.rate(address).await);
            }
        }
        let [bare, list, queue, case] = rates.map(median);
        println!("\n{name}: pages per second of one worker (median of {ROUNDS} rounds)");
        println!("{bare:>8.0} bare handler with the statements of 我的事项");
        println!("{list:>8.0} 我的事项: {:.2} of the bare handler", list / bare);
        println!("{queue:>8.0} 待办 of an officer");
        println!("{case:>8.0} page of a matter for an officer: {:.2} of 我的事项, {:.2} of 待办", case / list, case / queue);
    }
}

/// A client with a session.
struct Browser {
    router: Router,
    cookie: String,
}

impl Browser {
    async fn get(&self, address: &str) {
        let request = Request::get(address).header(HOST, "registrar.test").header(COOKIE, &self.cookie).body(Body::empty()).unwrap();
        let (status, _) = self.send(request).await;
        assert_eq!(status, 200, "{address}");
    }

    async fn post(&self, address: &str, form: &[(&str, &str)]) -> (u16, http::HeaderMap) {
        let encode = |text: &str| {
            text.bytes().fold(String::new(), |mut all, byte| {
                write!(all, "%{byte:02X}").unwrap();
                all
            })
        };
        let body: Vec<String> = form.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let request = Request::post(address).header(HOST, "registrar.test").header(COOKIE, &self.cookie).header(ORIGIN, SITE);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from(body.join("&"))).unwrap();
        let (status, headers) = self.send(request).await;
        assert!(status < 400, "{address}: {status} {:?}", headers.get(LOCATION));
        (status, headers)
    }

    async fn send(&self, request: Request) -> (u16, http::HeaderMap) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        response.into_body().collect().await.unwrap();
        (status, headers)
    }

    /// Pages per second during a round.
    async fn rate(&self, address: &str) -> f64 {
        let begun = Instant::now();
        let mut pages = 0_u32;
        while begun.elapsed() < ROUND {
            self.get(address).await;
            pages += 1;
        }
        f64::from(pages) / begun.elapsed().as_secs_f64()
    }
}

/// 我的事项 as one would write it for speed alone: the statements of the page and a text put together by hand.
fn bare_router(app: &AppState) -> Router {
    let sessions = Arc::new(Sessions::new(app.session_store(), false));
    let layer = axum::middleware::from_fn_with_state(sessions, session);
    Router::new().route("/matters", get(bare_list)).layer(layer).with_state(app.clone())
}

async fn bare_list(State(app): State<AppState>, session: Session) -> Result<Html<String>, PageError> {
    let identity = identify(&app, &session).await?;
    let who = authorize(&app, identity.caller.as_ref(), Action::Matter)?;
    let page = list_own(&app, &who, OwnFilter::default(), None).await?;
    let unread = count_unread(&app, who.account()).await?;
    let mut html = String::with_capacity(16_384);
    html.push_str("<!DOCTYPE html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>我的事项</title></head><body>");
    let _ = write!(html, "<nav><a href=\"/\">首页</a><a href=\"/messages\">消息中心 {unread}</a></nav><main><h1>我的事项</h1>");
    for count in &page.counts {
        let _ = write!(html, "<a href=\"/matters?kind={}\">{} {}</a>", count.kind.code, count.kind.label, count.open);
    }
    html.push_str("<table>");
    for matter in &page.matters {
        write_row(&mut html, matter);
    }
    html.push_str("</table></main></body></html>");
    Ok(Html(html))
}

fn write_row(html: &mut String, matter: &MatterSummary) {
    let number = matter.number.as_deref().unwrap_or("");
    let stage = matter.stage.map_or("", |stage| stage.label);
    let due = matter.due_on.map(|day| day.to_string()).unwrap_or_default();
    let title = matter.title.replace('&', "&amp;").replace('<', "&lt;");
    let id: Uuid = matter.id;
    let _ = write!(html, "<tr><td>{number}</td><td><a href=\"/matters/{id}\">{title}</a></td><td>{stage}</td><td>{due}</td></tr>");
}
