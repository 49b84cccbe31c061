//! SMS through a program of the operator, which can reach any gateway.

use std::path::PathBuf;
use std::process::Stdio;

use async_trait::async_trait;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::service::message::transport::{MessageTransport, OutboundMessage, TransportError};

/// Runs a program for each message with a JSON object on standard input, `{"id":…,"mobile":…,"text":…}`. Exit code 0 means accepted.
/// `id` is the same for each attempt. No shell is involved, and no personal data is in the arguments, which every user of the machine
/// can see.
pub struct SmsCommandTransport(PathBuf);

impl SmsCommandTransport {
    /// Creates a transport with this program.
    pub fn new(program: PathBuf) -> Self {
        Self(program)
    }
}

#[async_trait]
impl MessageTransport for SmsCommandTransport {
    async fn send(&self, message: &OutboundMessage) -> Result<(), TransportError> {
        let input = serde_json::json!({ "id": message.id, "mobile": message.target, "text": message.body }).to_string();
        let mut child = Command::new(&self.0)
            .stdin(Stdio::piped())
            // Its output may repeat the message.
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|_| TransportError::Temporary("the SMS program does not start"))?;
        if let Some(mut stdin) = child.stdin.take() {
            // The exit code counts even if the program does not read its input.
            let _ = stdin.write_all(input.as_bytes()).await;
        }
        match child.wait().await {
            Ok(status) if status.success() => Ok(()),
            _ => Err(TransportError::Temporary("the SMS program failed")),
        }
    }
}
