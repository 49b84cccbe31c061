//! What goes on by itself: sending what waits in the outbox, looking at what is due, and removing what has served its time.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use backend::AppState;
use backend::service::message::outbox::{Carrier, Letter, SendFault, drain};
use backend::service::message::sms_command::SmsCommand;
use backend::service::message::smtp::Smtp;
use domain::engine::message::Channel;
use tokio::task::JoinHandle;
use tokio::time::interval;

use crate::config::{Config, Refused};

/// How often the outbox is looked into.
const DRAIN: Duration = Duration::from_secs(1);
/// How often what has served its time is removed.
const SWEEP: Duration = Duration::from_secs(3600);
/// How often orders are looked for about which a gateway is to be asked.
const POLL: Duration = Duration::from_secs(5);
/// How often the audit trail takes over what waits for it.
const SEAL: Duration = Duration::from_secs(2);
/// How often what is due is looked at.
const DUE: Duration = Duration::from_secs(300);

/// In a demo nothing leaves the machine: a message that is "sent" can be read on the outbox page.
struct Shown;

#[async_trait]
impl Carrier for Shown {
    async fn send(&self, _letter: &Letter) -> Result<(), SendFault> {
        Ok(())
    }
}

/// What is set up to carry messages. Those without a carrier wait until they are past their time.
pub struct Carriers {
    sms: Option<Arc<dyn Carrier>>,
    mail: Option<Arc<dyn Carrier>>,
}

/// What the settings set up to carry messages. What is not set up is said in the log, once.
pub fn carriers(config: &Config) -> Result<Carriers, Refused> {
    if config.demo {
        let shown: Arc<dyn Carrier> = Arc::new(Shown);
        return Ok(Carriers { sms: Some(Arc::clone(&shown)), mail: Some(shown) });
    }
    if let Some(program) = config.sms_command.as_ref().filter(|p| !p.is_file()) {
        return Err(Refused(format!("SMS_COMMAND: there is no program {}.", program.display())));
    }
    let sms = config.sms_command.clone().map(|program| Arc::new(SmsCommand::new(program)) as Arc<dyn Carrier>);
    let mail = match (&config.smtp_url, &config.mail_from) {
        (Some(url), Some(from)) => {
            let smtp = Smtp::new(url.expose(), from).map_err(|e| Refused(format!("SMTP_URL or MAIL_FROM: {e}.")))?;
            Some(Arc::new(smtp) as Arc<dyn Carrier>)
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
    Ok(Carriers { sms, mail })
}

/// Starts the jobs; they end when the handle is aborted. Each channel goes by itself: a mail server that does not answer delays no code.
pub fn start(app: AppState, carriers: Carriers) -> JoinHandle<()> {
    tokio::spawn(async move {
        let Carriers { sms, mail } = carriers;
        tokio::join!(
            carry(&app, Channel::Sms, sms.as_deref()),
            carry(&app, Channel::Mail, mail.as_deref()),
            sweep(&app),
            due(&app),
            poll(&app),
            seal(&app)
        );
    })
}

async fn carry(app: &AppState, channel: Channel, carrier: Option<&dyn Carrier>) {
    let mut tick = interval(DRAIN);
    loop {
        let more = drain(app, channel, carrier).await.unwrap_or_else(|error| {
            tracing::warn!(%error, channel = channel.code(), "the outbox was not drained");
            false
        });
        if !more {
            tick.tick().await;
        }
    }
}

async fn sweep(app: &AppState) {
    let mut tick = interval(SWEEP);
    loop {
        tick.tick().await;
        if let Err(error) = backend::state::sweep(app).await {
            tracing::warn!(%error, "nothing was swept");
        }
        if let Err(error) = backend::service::upload::sweep_uploads(app).await {
            tracing::warn!(%error, "uploads that nobody goes on with were not swept");
        }
    }
}

async fn due(app: &AppState) {
    let mut tick = interval(DUE);
    loop {
        tick.tick().await;
        if let Err(error) = backend::workflow::due::tick(app).await {
            tracing::warn!(%error, "what is due was not looked at");
        }
        if let Err(error) = backend::service::certificate::expiry::watch_certificates(app).await {
            tracing::warn!(%error, "certificates were not looked at");
        }
    }
}

async fn poll(app: &AppState) {
    let mut tick = interval(POLL);
    loop {
        tick.tick().await;
        if let Err(error) = backend::service::payment::poll::poll_orders(app).await {
            tracing::warn!(%error, "payment gateways were not asked");
        }
    }
}

async fn seal(app: &AppState) {
    let mut tick = interval(SEAL);
    loop {
        tick.tick().await;
        if let Err(error) = backend::record::audit::seal_audit(app).await {
            tracing::warn!(%error, "the audit trail was not sealed");
        }
    }
}
