//! Starts and stops the server.

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

use crate::accept::{self, SocketLimits};
use crate::assets::Assets;
use crate::config::{ALIPAY_ORIGIN, Config, PublicUrl, StartupError};

use crate::headers::Policy;
use crate::limits::Limits;
use crate::origin::Origins;
use crate::route_limits::LimitTable;
use crate::security::{Security, handle};
use crate::{health, jobs, log, pages};

/// The demo accounts, as the banner lists them.
const DEMO_ACCOUNTS: &str =
    "applicant certified expert1 expert2 expert3 expert4 teacher inst-a inst-b officer officer2 approver2 finance examiner admin";
const DEMO_PASSWORD: &str = "Demo-2026-pass";

/// Serves until SIGTERM or Ctrl-C.
///
/// # Errors
/// Settings that cannot be used, a database that is not up to date, an address that cannot be listened on.
pub async fn serve(config: Config) -> Result<(), StartupError> {
    log::init(&config.log);
    let stop = stop_signal()?;
    config.prepare_data_dir()?;
    let assets = Assets::read(&config.leptos)?;
    let transports = jobs::transports(&config)?;
    let db = if config.demo { open_and_migrate(&config).await?.0 } else { open(&config).await? };
    let listener =
        TcpListener::bind(config.listen).await.map_err(|e| StartupError(format!("{} cannot be listened on: {e}.", config.listen)))?;
    let listening = listener.local_addr().unwrap_or(config.listen);
    let app = AppState::open(db.clone(), &config.data_dir, Clock::system(), config.demo)
        .await
        .map_err(|e| StartupError(format!("The data folder cannot be used: {e}.")))?;
    let app = with_payment(app, &config)?;
    if config.demo {
        backend::demo::fill_demo(&app).await.map_err(|e| StartupError(format!("The demo data cannot be written: {e}.")))?;
    }
    let jobs = jobs::start(app.clone(), transports);
    let routes = pages::pages(&config, &assets, app).merge(health::routes(db.clone()));
    let site = site(&config, &assets, routes);
    print!("{}", banner(&config, listening));
    let finished = accept::serve(listener, site, SocketLimits::default(), stop).await;
    if !finished {
        tracing::warn!("stopped with active requests");
    }
    jobs.abort();
    db.close().await;
    Ok(())
}

/// Adds the payment gateway of the settings, or in a demo the sandbox.
fn with_payment(app: AppState, config: &Config) -> Result<AppState, StartupError> {
    if config.demo {
        return app.with_sandbox(&config.data_dir).map_err(|e| StartupError(format!("The payment sandbox has no keys: {e}.")));
    }
    Ok(match config.gateway()? {
        Some(gateway) => app.with_gateway(gateway),
        None => {
            tracing::warn!("ALIPAY_APP_ID is not set: fees are paid by voucher only");
            app
        }
    })
}

/// All routes behind the security layer.
pub fn site(config: &Config, assets: &Assets, routes: Router) -> Router {
    let security = Security {
        policy: Policy::new(&form_targets(config), config.https()),
        origins: Origins::new(config.public_url.as_ref().map(PublicUrl::origin).map(str::to_owned)),
        limits: Limits::default(),
        limit_table: LimitTable::default(),
        proxies: config.trusted_proxies.clone(),
        style: assets.css.clone(),
    };
    routes
        .merge(assets.routes())
        // The security layer limits bodies by route.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(Arc::new(security), handle))
}

/// Origins of other sites that forms may lead to.
fn form_targets(config: &Config) -> Vec<String> {
    let gateway = config.alipay.is_some().then(|| ALIPAY_ORIGIN.to_owned());
    config.form_targets.iter().cloned().chain(gateway).collect()
}

/// Migrates the database and prints the names of the migrations applied.
///
/// # Errors
/// A data folder or database that cannot be used.
pub async fn migrate(config: Config) -> Result<(), StartupError> {
    config.prepare_data_dir()?;
    let (db, applied) = open_and_migrate(&config).await?;
    for name in &applied {
        println!("{name}");
    }
    println!("The database is up to date ({} applied).", applied.len());
    db.close().await;
    Ok(())
}

/// Opens the database.
///
/// # Errors
/// A database that cannot be reached or is not up to date.
pub async fn open(config: &Config) -> Result<Db, StartupError> {
    let db = Db::open(config.database_url.expose()).await.map_err(database_error)?;
    let pending = db.pending_names().await.map_err(database_error)?;
    if pending.is_empty() {
        return Ok(db);
    }
    db.close().await;
    Err(StartupError(format!("The database is not up to date: {} missing. Run `registrar migrate` first.", pending.join(", "))))
}

async fn open_and_migrate(config: &Config) -> Result<(Db, Vec<&'static str>), StartupError> {
    let db = Db::open(config.database_url.expose()).await.map_err(database_error)?;
    let applied = db.migrate().await.map_err(database_error)?;
    Ok((db, applied))
}

fn database_error(error: DbError) -> StartupError {
    StartupError(format!("DATABASE_URL: the database cannot be used: {error}."))
}

/// A future that ends on SIGTERM or Ctrl-C.
fn stop_signal() -> Result<impl Future<Output = ()>, StartupError> {
    let listen = |kind| signal(kind).map_err(|e| StartupError(format!("Signals cannot be received: {e}.")));
    let (mut terminate, mut interrupt) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// The text printed when the server is ready.
fn banner(config: &Config, listening: SocketAddr) -> String {
    let origin = config.origin(listening);
    let mut text = format!("Registrar 认证人员综合服务平台\n打开 Open: {origin}\n");
    if config.demo {
        text.push_str(&format!(
            "演示账号 Demo accounts: {DEMO_ACCOUNTS}\n密码 Password: {DEMO_PASSWORD}\n短信和邮件 SMS and mail: {origin}/dev/outbox\n"
        ));
    }
    text
}
