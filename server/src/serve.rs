//! Starts and stops the server.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use backend::AppState;
use backend::infra::clock::Clock;
use backend::infra::db::{Db, DbError};
use backend::service::clock_check::{ClockError, ClockTrust, check_clock};
use backend::state::OpenError;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::accept::{self, SocketLimits};
use crate::assets::Assets;
use crate::compress::compress_pages;
use crate::config::{ALIPAY_ORIGIN, Config, PublicUrl, StartupError};
use crate::demo_guard::refuse_other_machines;
use crate::headers::Policy;
use crate::origin::Origins;
use crate::places::Places;
use crate::readiness::Readiness;
use crate::security::{Security, handle};
use crate::{health, jobs, log, pages};

/// The demo accounts, as the banner lists them.
const DEMO_ACCOUNTS: &str =
    "applicant certified expert1 expert2 expert3 expert4 teacher inst-a inst-b officer officer2 approver2 finance examiner admin";
const DEMO_PASSWORD: &str = "Demo-2026-pass";

/// Serves until SIGTERM or Ctrl-C. `clock_accepted`: the operator says that the clock is right, whatever the database knows.
///
/// # Errors
/// Settings that cannot be used, a database that is not up to date, keys that are not those of the database, a clock that is not believed,
/// an address that cannot be listened on.
pub async fn serve(config: Config, clock_accepted: bool) -> Result<(), StartupError> {
    log::init(&config.log);
    let stop = stop_signal()?;
    config.prepare_data_dir()?;
    let assets = Assets::read(&config.leptos)?;
    let transports = jobs::transports(&config)?;
    let db = if config.demo { open_demo(&config).await? } else { open(&config).await? };
    let listener =
        TcpListener::bind(config.listen).await.map_err(|e| StartupError(format!("{} cannot be listened on: {e}.", config.listen)))?;
    let listening = listener.local_addr().unwrap_or(config.listen);
    let app = open_state(&config, &db).await?;
    believe_clock(&app, clock_accepted).await?;
    let app = with_payment(app, &config)?;
    if config.demo {
        backend::demo::fill_demo(&app, config.demo_crowd)
            .await
            .map_err(|e| StartupError(format!("The demo data cannot be written: {e}.")))?;
    }
    let jobs = jobs::start(app.clone(), transports);
    let routes = pages::pages(&config, &assets, app).merge(health::routes(Readiness::new(db.clone(), config.data_dir.clone())));
    let site = site(&config, &assets, routes);
    print!("{}", banner(&config, listening));
    let sockets = SocketLimits { per_address: config.connections_per_address, ..SocketLimits::default() };
    let finished = accept::serve(listener, site, sockets, &config.trusted_proxies, stop).await;
    if !finished {
        tracing::warn!("stopped with active requests");
    }
    jobs.abort();
    db.close().await;
    Ok(())
}

/// Adds the payment gateway and the bank account of the settings, or in a demo the sandbox and a fictitious account.
///
/// # Errors
/// Settings by which nobody could pay a fee.
fn with_payment(app: AppState, config: &Config) -> Result<AppState, StartupError> {
    if config.demo {
        return app.with_sandbox(&config.data_dir).map_err(|e| StartupError(format!("The payment sandbox has no keys: {e}.")));
    }
    let (gateway, account) = (config.gateway()?, config.bank_account.clone());
    if gateway.is_none() {
        tracing::warn!("ALIPAY_APP_ID is not set: fees are paid by bank transfer only");
    }
    match &account {
        None if gateway.is_none() => {
            return Err(StartupError(
                "Nobody could pay a fee: set BANK_ACCOUNT_HOLDER, BANK_NAME and BANK_ACCOUNT_NUMBER, the account to which fees are transferred, or a payment gateway (ALIPAY_APP_ID)."
                    .into(),
            ));
        }
        None => tracing::warn!("BANK_ACCOUNT_NUMBER is not set: fees are paid online only"),
        Some(_) => (),
    }
    let app = match gateway {
        Some(gateway) => app.with_gateway(gateway),
        None => app,
    };
    Ok(match account {
        Some(account) => app.with_bank_account(account),
        None => app,
    })
}

/// All routes behind the security layer.
pub fn site(config: &Config, assets: &Assets, routes: Router) -> Router {
    let security = Security {
        policy: Policy::new(&form_targets(config), config.https()),
        origins: Origins::new(config.public_url.as_ref().map(PublicUrl::origin).map(str::to_owned)),
        in_flight: Places::per_client(config.connections_per_address),
        proxies: config.trusted_proxies.clone(),
        style: assets.css.clone(),
    };
    let routes = compress_pages(routes).merge(assets.routes());
    let routes = if config.demo { routes.layer(from_fn(refuse_other_machines)) } else { routes };
    routes
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
    let db = connect(config).await?;
    db.refuse_newer().await.map_err(database_error)?;
    let pending = db.pending_names().await.map_err(database_error)?;
    if pending.is_empty() {
        return Ok(db);
    }
    db.close().await;
    Err(StartupError(format!("The database is not up to date: {} missing. Run `registrar migrate` first.", pending.join(", "))))
}

/// Opens the state over the database, with the keys that belong to it.
///
/// # Errors
/// A data folder that cannot be used, or keys that are not those of the database.
pub async fn open_state(config: &Config, db: &Db) -> Result<AppState, StartupError> {
    AppState::open(db.clone(), &config.data_dir, Clock::system(), config.demo).await.map_err(|error| match error {
        OpenError::Keys(error) => StartupError(format!("The keys cannot be used: {error}.")),
        other => StartupError(format!("The data folder cannot be used: {other}.")),
    })
}

/// Refuses a clock that jumped, before a deadline or the end of a certificate is computed by it.
async fn believe_clock(app: &AppState, accepted: bool) -> Result<(), StartupError> {
    match check_clock(app, accepted).await {
        Ok(ClockTrust::Believed) => Ok(()),
        Ok(ClockTrust::Doubted { known }) => {
            tracing::error!(%known, "{}", jobs::CLOCK_DOUBTED);
            Ok(())
        }
        // Readiness reports a database that cannot be written; it may be writable again soon.
        Err(ClockError::Db(error)) => {
            tracing::error!(%error, "the time of the start was not recorded");
            Ok(())
        }
        Err(error) => Err(StartupError(format!(
            "The clock of this machine is not believed: {error}. Set it right, or start with `--accept-clock` if it is right."
        ))),
    }
}

async fn connect(config: &Config) -> Result<Db, StartupError> {
    Db::open(config.database_url.expose()).await.map_err(database_error)
}

/// Opens the database of a demo, and migrates it unless it holds real data.
async fn open_demo(config: &Config) -> Result<Db, StartupError> {
    let db = connect(config).await?;
    backend::demo::refuse_real_data(&db).await.map_err(|e| StartupError(format!("A demo is not served here: {e}.")))?;
    db.migrate().await.map_err(database_error)?;
    Ok(db)
}

async fn open_and_migrate(config: &Config) -> Result<(Db, Vec<&'static str>), StartupError> {
    let db = connect(config).await?;
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
