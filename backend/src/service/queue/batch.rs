//! 批量办理: one command for several tasks of a queue. Each is a command of its own, in a transaction of its own, under a key derived from that
//! of the page: it is done or refused by itself, and a repetition does nothing.

use domain::engine::flow::Command;
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::infra::db::{self, DbError};
use crate::matter::{LoadedMatter, MatterError, Seen, load};
use crate::service::queue::{Offer, offer};
use crate::state::AppState;
use crate::workflow::assignee::{AssigneeChange, AssigneeRequest, change_assignee};
use crate::workflow::execute::{CommandRequest, execute};
use crate::workflow::idempotency::Encoding;

/// Most tasks of one batch.
pub const MAX_BATCH: usize = 100;

/// What is done with each task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BatchCommand {
    /// 承办.
    Take,
    /// 转交 to an account.
    HandOver(Uuid),
    /// A transition without a note, by its command.
    Transition(String),
}

/// A chosen task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchItem {
    /// Its matter.
    pub matter: Uuid,
    /// What the list showed of the matter.
    pub seen: Seen,
    /// Who had taken the task there.
    pub held: Option<Uuid>,
}

/// What became of a chosen task.
pub struct BatchResult {
    /// Its matter as it is now; none if the caller may not read it (any more).
    pub matter: Option<LoadedMatter>,
    /// What can be done with it now.
    pub offer: Option<Offer>,
    /// The chosen task.
    pub item: BatchItem,
    /// Who has taken the task now.
    pub held: Option<Uuid>,
    /// Why nothing was done.
    pub refused: Option<MatterError>,
}

impl BatchCommand {
    fn code(&self) -> &str {
        match self {
            BatchCommand::Take => "+take",
            BatchCommand::HandOver(_) => "+hand_over",
            BatchCommand::Transition(command) => command,
        }
    }

    /// The key of the command for one matter.
    fn key(&self, page: Uuid, matter: Uuid) -> Uuid {
        let mut encoding = Encoding::default();
        encoding.bytes(page.as_bytes());
        encoding.bytes(matter.as_bytes());
        encoding.bytes(self.code().as_bytes());
        if let BatchCommand::HandOver(to) = self {
            encoding.bytes(to.as_bytes());
        }
        let mut bytes = [0; 16];
        for (byte, hashed) in bytes.iter_mut().zip(encoding.hash()) {
            *byte = hashed;
        }
        Uuid::from_bytes(bytes)
    }
}

/// Does one command with each of the items, in order, up to [`MAX_BATCH`]. `key`: the idempotency key of the page.
///
/// # Errors
/// The database, while what became of them is read. A command that fails is a result.
pub async fn run_batch(
    app: &AppState,
    who: &Allowed,
    key: Uuid,
    command: &BatchCommand,
    items: &[BatchItem],
) -> Result<Vec<BatchResult>, DbError> {
    let mut results = Vec::with_capacity(items.len());
    for item in items.iter().take(MAX_BATCH) {
        let refused = run_one(app, who, command.key(key, item.matter), command, *item).await.err();
        let matter = match load(app, who, item.matter).await {
            Ok(matter) => Some(matter),
            Err(MatterError::Db(error)) => return Err(error),
            Err(_) => None,
        };
        let offer = matter.as_ref().map(offer);
        let held = match &offer {
            // Others do not learn who of the association has it.
            Some(offer) if offer.has_assignee => db::task::assignee(&mut app.db.read().await?, item.matter).await?.flatten(),
            _ => None,
        };
        results.push(BatchResult { offer, matter, item: *item, held, refused });
    }
    Ok(results)
}

async fn run_one(app: &AppState, who: &Allowed, key: Uuid, command: &BatchCommand, item: BatchItem) -> Result<(), MatterError> {
    let change = |change| change_assignee(app, who, AssigneeRequest { key, matter: item.matter, change });
    match command {
        BatchCommand::Take => change(AssigneeChange::Take).await,
        BatchCommand::HandOver(to) => change(AssigneeChange::HandOver { from: item.held, to: *to }).await,
        BatchCommand::Transition(name) => {
            let command = Command { name: name.clone(), ..Command::default() };
            execute(app, who, CommandRequest { key, matter: item.matter, seen: Some(item.seen), command }).await.map(|_| ())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_of_a_page_has_a_key_of_its_own_for_every_matter() {
        let id = Uuid::from_u128;
        let accept = || BatchCommand::Transition("accept".to_owned());
        let keys = [
            BatchCommand::Take.key(id(1), id(2)),
            BatchCommand::Take.key(id(1), id(3)),
            BatchCommand::Take.key(id(2), id(1)),
            BatchCommand::HandOver(id(4)).key(id(1), id(2)),
            BatchCommand::HandOver(id(5)).key(id(1), id(2)),
            accept().key(id(1), id(2)),
        ];
        for (i, key) in keys.iter().enumerate() {
            assert!(keys.iter().skip(i + 1).all(|other| other != key));
        }
        assert_eq!(accept().key(id(1), id(2)), keys[5]);
    }
}
