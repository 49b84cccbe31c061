//! Transports: how a message leaves the platform.

use async_trait::async_trait;
use uuid::Uuid;

/// Why a message was not sent. The reasons are fixed texts, so no personal data gets into database or log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// A temporary failure.
    #[error("{0}")]
    Temporary(&'static str),
    /// A permanent failure.
    #[error("{0}")]
    Permanent(&'static str),
}

/// A message to send, unsealed.
#[derive(Clone)]
pub struct OutboundMessage {
    /// Message id, the same for each attempt.
    pub id: Uuid,
    /// Mobile number or mail address.
    pub target: String,
    /// Subject of a mail.
    pub subject: String,
    /// Text.
    pub body: String,
}

/// A transport of one channel.
#[async_trait]
pub trait MessageTransport: Send + Sync {
    /// Sends one message. After ten seconds the attempt is cancelled and repeated later.
    async fn send(&self, message: &OutboundMessage) -> Result<(), TransportError>;
}
