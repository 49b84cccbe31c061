//! What goes on by itself: sending what waits in the outbox, and removing what has served its time.

use std::time::Duration;

use async_trait::async_trait;
use backend::House;
use backend::message::{SendFault, Sms, drain};
use tokio::task::JoinHandle;
use tokio::time::interval;

/// How often the outbox is looked into.
const DRAIN: Duration = Duration::from_secs(1);
/// How many looks lie between two sweeps.
const SWEEP: u64 = 3600;
/// How many looks lie between two looks at what is due.
const TICK: u64 = 300;

/// In a demo nothing leaves the machine: a message that is "sent" can be read on the outbox page.
struct Shown;

#[async_trait]
impl Sms for Shown {
    async fn send(&self, _mobile: &str, _text: &str) -> Result<(), SendFault> {
        Ok(())
    }
}

/// No gateway is set up: messages wait, and the log says why.
struct Nowhere;

#[async_trait]
impl Sms for Nowhere {
    async fn send(&self, _mobile: &str, _text: &str) -> Result<(), SendFault> {
        Err(SendFault("no SMS gateway is set up"))
    }
}

/// Starts the jobs; they end when the handle is aborted.
pub fn start(house: House) -> JoinHandle<()> {
    tokio::spawn(async move {
        let sms: Box<dyn Sms> = if house.demo { Box::new(Shown) } else { Box::new(Nowhere) };
        let mut tick = interval(DRAIN);
        let mut looks = 0;
        loop {
            tick.tick().await;
            if let Err(error) = drain(&house, sms.as_ref()).await {
                tracing::warn!(%error, "the outbox was not drained");
            }
            if looks % SWEEP == 0
                && let Err(error) = house.sweep().await
            {
                tracing::warn!(%error, "nothing was swept");
            }
            if looks % TICK == 0
                && let Err(error) = house.tick().await
            {
                tracing::warn!(%error, "what is due was not looked at");
            }
            looks += 1;
        }
    })
}
