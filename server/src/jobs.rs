//! Background jobs: outbox delivery, gateway polling, deadlines, audit chain, expiry, cleanup.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use backend::AppState;
use backend::service::clock_check::{ClockWatch, is_clock_doubted, record_tick};
use backend::service::message::outbox::deliver_due;
use backend::service::message::sms_command::SmsCommandTransport;
use backend::service::message::smtp::SmtpTransport;
use backend::service::message::transport::{MessageTransport, OutboundMessage, TransportError};
use domain::engine::notification::Channel;
use tokio::task::JoinHandle;
use tokio::time::interval;

use crate::config::{Config, StartupError};

/// What is said while the clock is doubted.
pub const CLOCK_DOUBTED: &str = "the clock is more than a day ahead of the last server: nothing expires until `registrar clock accept`, or until it is set right and the server restarted";
/// Interval of outbox delivery.
const DELIVERY_INTERVAL: Duration = Duration::from_secs(1);
/// Interval of cleanup.
const CLEANUP_INTERVAL: Duration = Duration::from_secs(3600);
/// Interval of gateway polling.
const POLLING_INTERVAL: Duration = Duration::from_secs(5);
/// Interval of appending pending audit entries.
const AUDIT_INTERVAL: Duration = Duration::from_secs(2);
/// Interval of the checks of deadlines and certificates.
const DEADLINE_INTERVAL: Duration = Duration::from_secs(300);

/// The transport of demo servers: messages are only shown on the outbox page.
struct DemoTransport;

#[async_trait]
impl MessageTransport for DemoTransport {
    async fn send(&self, _message: &OutboundMessage) -> Result<(), TransportError> {
        Ok(())
    }
}

/// The configured transports. Messages of a channel without a transport stay in the outbox until they expire.
pub struct Transports {
    sms: Option<Arc<dyn MessageTransport>>,
    mail: Option<Arc<dyn MessageTransport>>,
}

/// Creates the transports of the settings; logs each missing one once.
pub fn transports(config: &Config) -> Result<Transports, StartupError> {
    if config.demo {
        let demo: Arc<dyn MessageTransport> = Arc::new(DemoTransport);
        return Ok(Transports { sms: Some(Arc::clone(&demo)), mail: Some(demo) });
    }
    if let Some(program) = config.sms_command.as_ref().filter(|p| !p.is_file()) {
        return Err(StartupError(format!("SMS_COMMAND: there is no program {}.", program.display())));
    }
    let sms = config.sms_command.clone().map(|program| Arc::new(SmsCommandTransport::new(program)) as Arc<dyn MessageTransport>);
    let mail = match (&config.smtp_url, &config.mail_from) {
        (Some(url), Some(from)) => {
            let smtp = SmtpTransport::new(url.expose(), from).map_err(|e| StartupError(format!("SMTP_URL or MAIL_FROM: {e}.")))?;
            Some(Arc::new(smtp) as Arc<dyn MessageTransport>)
        }
        _ => None,
    };
    if sms.is_none() {
        tracing::warn!(
            "SMS_COMMAND is not set: short messages, sign-up codes among them, wait and are given up when they are past their time"
        );
    }
    if mail.is_none() {
        tracing::warn!("SMTP_URL and MAIL_FROM are not set: mail waits and is given up after a day");
    }
    Ok(Transports { sms, mail })
}

/// Starts the jobs; they end when the handle is aborted. Channels run separately, so a slow mail server does not delay SMS codes.
pub fn start(app: AppState, transports: Transports) -> JoinHandle<()> {
    tokio::spawn(async move {
        let Transports { sms, mail } = transports;
        tokio::join!(
            deliver(&app, Channel::Sms, sms.as_deref()),
            deliver(&app, Channel::Mail, mail.as_deref()),
            clean_up(&app),
            check_deadlines(&app),
            poll_gateways(&app),
            append_audit(&app)
        );
    })
}

async fn deliver(app: &AppState, channel: Channel, transport: Option<&dyn MessageTransport>) {
    let mut tick = interval(DELIVERY_INTERVAL);
    loop {
        let more = deliver_due(app, channel, transport).await.unwrap_or_else(|error| {
            tracing::warn!(%error, channel = channel.code(), "the outbox was not drained");
            false
        });
        if !more {
            tick.tick().await;
        }
    }
}

async fn clean_up(app: &AppState) {
    let (mut tick, clock) = (interval(CLEANUP_INTERVAL), ClockWatch::start(app.now()));
    loop {
        tick.tick().await;
        if clock_is_wrong(&clock, app).await {
            continue;
        }
        if let Err(error) = backend::service::cleanup::delete_expired(app).await {
            tracing::warn!(%error, "expired rows were not deleted");
        }
        if let Err(error) = backend::matter::history::seal_all_old_events(app).await {
            tracing::warn!(%error, "texts of earlier releases are not sealed yet");
        }
        if let Err(error) = backend::record::exam::seal_all_old_reasons(app).await {
            tracing::warn!(%error, "reasons of earlier releases are not sealed yet");
        }
        if let Err(error) = backend::service::storage::sweep_file_rows(app).await {
            tracing::warn!(%error, "files without a reference were not deleted");
        }
        if let Err(error) = backend::service::storage::sweep_file_store(app).await {
            tracing::warn!(%error, "content without a file was not removed");
        }
        if let Err(error) = backend::service::upload::sweep_uploads(app).await {
            tracing::warn!(%error, "abandoned uploads were not deleted");
        }
        if let Err(error) = backend::matter::facets::index_all_old_matters(app).await {
            tracing::warn!(%error, "matters of earlier releases are not searchable yet");
        }
        if let Err(error) = backend::access::account::name_mark::mark_all_names(app).await {
            tracing::warn!(%error, "names of earlier releases are not searchable yet");
        }
    }
}

async fn check_deadlines(app: &AppState) {
    let (mut tick, clock) = (interval(DEADLINE_INTERVAL), ClockWatch::start(app.now()));
    // A clock that was believed once and was not set since is right, however long the database was away.
    let mut is_believed = false;
    loop {
        tick.tick().await;
        if is_believed && !clock.jumped(app.now()) {
            record(app).await;
        }
        if clock_is_wrong(&clock, app).await {
            continue;
        }
        is_believed = true;
        record(app).await;
        if let Err(error) = backend::service::deadlines::run_deadlines(app).await {
            tracing::warn!(%error, "deadlines were not checked");
        }
        if let Err(error) = backend::service::certificate::expiry::run_expiry(app).await {
            tracing::warn!(%error, "certificates were not checked");
        }
        if let Err(error) = backend::service::course::expiry::check_courses(app).await {
            tracing::warn!(%error, "filed courses were not checked");
        }
    }
}

async fn record(app: &AppState) {
    if let Err(error) = record_tick(app).await {
        tracing::warn!(%error, "the time was not recorded");
    }
}

/// Whether nothing may end by the clock: it was set while the server runs, so that the next start asks about it, or it is doubted since the
/// start.
async fn clock_is_wrong(clock: &ClockWatch, app: &AppState) -> bool {
    if clock.jumped(app.now()) {
        tracing::error!(days = clock.drift(app.now()).num_days(), "the clock was set: nothing expires until a restart");
        return true;
    }
    match is_clock_doubted(&app.db, app.now()).await {
        Ok(false) => false,
        Ok(true) => {
            tracing::error!("{CLOCK_DOUBTED}");
            true
        }
        Err(error) => {
            tracing::warn!(%error, "it is not known whether the clock is believed");
            true
        }
    }
}

async fn poll_gateways(app: &AppState) {
    let mut tick = interval(POLLING_INTERVAL);
    loop {
        tick.tick().await;
        // Orders that are past their time are closed. The log says it with the other jobs.
        if is_clock_doubted(&app.db, app.now()).await.unwrap_or(true) {
            continue;
        }
        if let Err(error) = backend::service::payment::poll::poll_orders(app).await {
            tracing::warn!(%error, "payment gateways were not polled");
        }
    }
}

async fn append_audit(app: &AppState) {
    let mut tick = interval(AUDIT_INTERVAL);
    loop {
        tick.tick().await;
        if let Err(error) = backend::record::audit::extend_audit_chain(app).await {
            tracing::warn!(%error, "pending audit entries were not appended");
        }
        if let Err(error) = backend::access::access_log::store_accesses(app).await {
            tracing::warn!(%error, "accesses are not recorded yet");
        }
    }
}
