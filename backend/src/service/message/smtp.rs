//! Mail by SMTP.

use async_trait::async_trait;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use crate::service::message::outbox::{Carrier, Letter, SendFault};

/// Sends mail through one server, over connections that are kept.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// Why no mail can be sent with these settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SmtpError {
    /// The address of the server.
    #[error("not the address of an SMTP server")]
    Url,
    /// The address of the sender.
    #[error("not a sender's address")]
    From,
}

impl Smtp {
    /// Whether an address can be read: `smtps://user:password@host`, or `smtp://host:port?tls=required`.
    pub fn reads(url: &str) -> bool {
        AsyncSmtpTransport::<Tokio1Executor>::from_url(url).is_ok()
    }

    /// Whether a sender can be read: `name@host`, or `Name <name@host>`.
    pub fn reads_sender(from: &str) -> bool {
        from.parse::<Mailbox>().is_ok()
    }

    /// Through this server, from this sender. Nothing is connected yet. Needs the runtime.
    pub fn new(url: &str, from: &str) -> Result<Self, SmtpError> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| SmtpError::Url)?;
        Ok(Self { transport: builder.build(), from: from.parse().map_err(|_| SmtpError::From)? })
    }

    fn message(&self, letter: &Letter) -> Result<Message, SendFault> {
        let to = letter.target.parse().map_err(|_| SendFault::Never("the address cannot be written to"))?;
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(&letter.subject)
            .message_id(Some(format!("<{}@{}>", letter.id, self.from.email.domain())))
            .header(ContentType::TEXT_PLAIN)
            .body(letter.body.clone())
            .map_err(|_| SendFault::Never("the mail cannot be written"))
    }
}

#[async_trait]
impl Carrier for Smtp {
    async fn send(&self, letter: &Letter) -> Result<(), SendFault> {
        // What a server answers may repeat the address, so it is not kept.
        match self.transport.send(self.message(letter)?).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(SendFault::Never("the mail server refuses the mail")),
            Err(_) => Err(SendFault::Later("the mail server does not take the mail now")),
        }
    }
}
