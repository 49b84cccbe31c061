//! Mail by SMTP.

use async_trait::async_trait;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use crate::service::message::transport::{MessageTransport, OutboundMessage, TransportError};

/// Sends mail through one SMTP server with pooled connections.
pub struct SmtpTransport {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// Why the mail settings are invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SmtpError {
    /// Invalid server URL.
    #[error("not the address of an SMTP server")]
    Url,
    /// Invalid sender.
    #[error("not a sender's address")]
    From,
}

impl SmtpTransport {
    /// Whether a server URL is valid: `smtps://user:password@host` or `smtp://host:port?tls=required`.
    pub fn is_valid_url(url: &str) -> bool {
        AsyncSmtpTransport::<Tokio1Executor>::from_url(url).is_ok()
    }

    /// Whether a sender is valid: `name@host` or `Name <name@host>`.
    pub fn is_valid_sender(from: &str) -> bool {
        from.parse::<Mailbox>().is_ok()
    }

    /// Creates a transport, without connecting. Needs a Tokio runtime.
    pub fn new(url: &str, from: &str) -> Result<Self, SmtpError> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| SmtpError::Url)?;
        Ok(Self { transport: builder.build(), from: from.parse().map_err(|_| SmtpError::From)? })
    }

    fn message(&self, outbound: &OutboundMessage) -> Result<Message, TransportError> {
        let to = outbound.target.parse().map_err(|_| TransportError::Permanent("the address cannot be written to"))?;
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(&outbound.subject)
            .message_id(Some(format!("<{}@{}>", outbound.id, self.from.email.domain())))
            .header(ContentType::TEXT_PLAIN)
            .body(outbound.body.clone())
            .map_err(|_| TransportError::Permanent("the mail cannot be written"))
    }
}

#[async_trait]
impl MessageTransport for SmtpTransport {
    async fn send(&self, outbound: &OutboundMessage) -> Result<(), TransportError> {
        // The response may repeat the address, so it is discarded.
        match self.transport.send(self.message(outbound)?).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(TransportError::Permanent("the mail server refuses the mail")),
            Err(_) => Err(TransportError::Temporary("the mail server does not take the mail now")),
        }
    }
}
