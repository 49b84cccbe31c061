//! From settings to a server that runs, and down again.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use backend::AppState;
use backend::infra::clock::Clock;
use backend::infra::db::{Db, DbError};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::accept::{self, Sockets};
use crate::assets::Assets;
use crate::config::{ALIPAY_ORIGIN, Config, PublicUrl, Refused};
use crate::gate::{Gate, pass};
use crate::headers::Policy;
use crate::limits::Limits;
use crate::origin::Origins;
use crate::{health, jobs, log, pages};

/// The demo's accounts and their password, as they are printed at the start.
const DEMO: &str =
    "applicant certified expert1 expert2 expert3 expert4 teacher inst-a inst-b officer officer2 approver2 finance examiner admin";
const DEMO_PASSWORD: &str = "Demo-2026-pass";

/// Serves until it is asked to stop by SIGTERM or Ctrl-C.
pub async fn serve(config: Config) -> Result<(), Refused> {
    log::begin(&config.log);
    let stop = stop_asked()?;
    config.prepare_data_dir()?;
    let assets = Assets::read(&config.leptos)?;
    let carriers = jobs::carriers(&config)?;
    let db = if config.demo { open_and_migrate(&config).await?.0 } else { open(&config).await? };
    let listener = TcpListener::bind(config.listen).await.map_err(|e| Refused(format!("{} cannot be listened on: {e}.", config.listen)))?;
    let listening = listener.local_addr().unwrap_or(config.listen);
    let app = AppState::open(db.clone(), &config.data_dir, Clock::system(), config.demo)
        .await
        .map_err(|e| Refused(format!("The data folder cannot be used: {e}.")))?;
    let app = payment(app, &config)?;
    if config.demo {
        backend::demo::fill_demo(&app).await.map_err(|e| Refused(format!("The demo data cannot be written: {e}.")))?;
    }
    let jobs = jobs::start(app.clone(), carriers);
    let routes = pages::pages(&config, &assets, app).merge(health::routes(db.clone()));
    let site = site(&config, &assets, routes);
    print!("{}", banner(&config, listening));
    let finished = accept::serve(listener, site, Sockets::default(), stop).await;
    if !finished {
        tracing::warn!("stopped with requests under way");
    }
    jobs.abort();
    db.close().await;
    Ok(())
}

/// Joins the gateway people pay through: the settings' own, or in a demo the demo's cashier.
fn payment(app: AppState, config: &Config) -> Result<AppState, Refused> {
    if config.demo {
        return app.with_sandbox(&config.data_dir).map_err(|e| Refused(format!("The demo's cashier has no keys: {e}.")));
    }
    Ok(match config.gateway()? {
        Some(gateway) => app.with_gateway(gateway),
        None => {
            tracing::warn!("ALIPAY_APP_ID is not set: fees are paid by voucher only");
            app
        }
    })
}

/// Every route behind the one gate.
pub fn site(config: &Config, assets: &Assets, routes: Router) -> Router {
    let gate = Gate {
        policy: Policy::new(&targets(config), config.https()),
        origins: Origins::new(config.public_url.as_ref().map(PublicUrl::origin).map(str::to_owned)),
        limits: Limits::default(),
        proxies: config.trusted_proxies.clone(),
        style: assets.css.clone(),
    };
    routes
        .merge(assets.routes())
        // The gate limits bodies, by address.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(Arc::new(gate), pass))
}

/// Other sites the forms of this one may lead to.
fn targets(config: &Config) -> Vec<String> {
    let gateway = config.alipay.is_some().then(|| ALIPAY_ORIGIN.to_owned());
    config.form_targets.iter().cloned().chain(gateway).collect()
}

/// Brings the database up to date and says what was done.
pub async fn migrate(config: Config) -> Result<(), Refused> {
    config.prepare_data_dir()?;
    let (db, done) = open_and_migrate(&config).await?;
    for name in &done {
        println!("{name}");
    }
    println!("The database is up to date ({} applied).", done.len());
    db.close().await;
    Ok(())
}

/// Opens a database that is up to date; refuses one that is not.
pub async fn open(config: &Config) -> Result<Db, Refused> {
    let db = Db::open(config.database_url.expose()).await.map_err(unusable)?;
    let pending = db.pending_names().await.map_err(unusable)?;
    if pending.is_empty() {
        return Ok(db);
    }
    db.close().await;
    Err(Refused(format!("The database is not up to date: {} missing. Run `registrar migrate` first.", pending.join(", "))))
}

async fn open_and_migrate(config: &Config) -> Result<(Db, Vec<&'static str>), Refused> {
    let db = Db::open(config.database_url.expose()).await.map_err(unusable)?;
    let done = db.migrate().await.map_err(unusable)?;
    Ok((db, done))
}

fn unusable(error: DbError) -> Refused {
    Refused(format!("DATABASE_URL: the database cannot be used: {error}."))
}

/// Ends when the process is asked to stop.
fn stop_asked() -> Result<impl Future<Output = ()>, Refused> {
    let listen = |kind| signal(kind).map_err(|e| Refused(format!("Signals cannot be received: {e}.")));
    let (mut terminate, mut interrupt) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// What is said when people can come.
fn banner(config: &Config, listening: SocketAddr) -> String {
    let origin = config.origin(listening);
    let mut text = format!("Registrar 认证人员综合服务平台\n打开 Open: {origin}\n");
    if config.demo {
        text.push_str(&format!(
            "演示账号 Demo accounts: {DEMO}\n密码 Password: {DEMO_PASSWORD}\n短信和邮件 SMS and mail: {origin}/dev/outbox\n"
        ));
    }
    text
}
