//! Short messages by a program of the operator's: whatever gateway there is, a script can reach it.

use std::path::PathBuf;
use std::process::Stdio;

use async_trait::async_trait;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::service::message::outbox::{Carrier, Letter, SendFault};

/// Calls a program for each message. It gets one JSON object on its standard input, `{"id":…,"mobile":…,"text":…}`, and says by its exit
/// code 0 that the message is on its way. `id` is the same each time a message is tried. No shell reads anything, and nothing personal
/// stands among the arguments, which everybody on the machine can see.
pub struct SmsCommand(PathBuf);

impl SmsCommand {
    /// By this program.
    pub fn new(program: PathBuf) -> Self {
        Self(program)
    }
}

#[async_trait]
impl Carrier for SmsCommand {
    async fn send(&self, letter: &Letter) -> Result<(), SendFault> {
        let input = serde_json::json!({ "id": letter.id, "mobile": letter.target, "text": letter.body }).to_string();
        let mut child = Command::new(&self.0)
            .stdin(Stdio::piped())
            // What it prints may repeat the message.
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|_| SendFault::Later("the SMS program does not start"))?;
        if let Some(mut stdin) = child.stdin.take() {
            // A program that does not read its input still says by its exit code what it did.
            let _ = stdin.write_all(input.as_bytes()).await;
        }
        match child.wait().await {
            Ok(status) if status.success() => Ok(()),
            _ => Err(SendFault::Later("the SMS program failed")),
        }
    }
}
