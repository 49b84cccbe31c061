//! A command on a matter, as it comes from a page.

use domain::engine::flow::Command;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::matter::Seen;
use crate::workflow::idempotency::Encoding;

/// A command on a matter with its idempotency key.
#[derive(Clone)]
pub struct CommandRequest {
    /// Idempotency key, generated with the page.
    pub key: Uuid,
    /// The matter.
    pub matter: Uuid,
    /// What the page showed on which the command was given; [`Seen::NOTHING`] for a page that does not say. None for a command without a page,
    /// and for the submission of a device, which says by its revision what was seen.
    pub seen: Option<Seen>,
    /// The command.
    pub command: Command,
}

/// Result of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandOutcome {
    /// Code of the stage the matter is at now.
    pub stage: String,
}

impl CommandRequest {
    /// SHA-256 of the canonical encoding, which tells a repetition from another request with the same key.
    pub(crate) fn hash(&self) -> Vec<u8> {
        let command = &self.command;
        let mut encoding = Encoding::default();
        encoding.bytes(self.matter.as_bytes());
        encoding.bytes(self.seen.map(|seen| seen.to_string()).unwrap_or_default().as_bytes());
        encoding.bytes(command.name.as_bytes());
        encoding.bytes(&command.revision.map(i64::to_be_bytes).unwrap_or_default());
        encoding.flag(command.revision.is_some());
        encoding.bytes(command.note.as_bytes());
        encoding.count(command.items.len());
        for item in &command.items {
            encoding.bytes(item.path.to_string().as_bytes());
            encoding.bytes(item.text.as_bytes());
        }
        encoding.count(command.assignees.len());
        for account in &command.assignees {
            encoding.bytes(account.as_bytes());
        }
        encoding.bytes(command.excluded_name.as_bytes());
        if !command.answers.is_empty() {
            encoding.bytes(&serde_json::to_vec(&command.answers).unwrap_or_default());
        }
        encoding.hash()
    }
}

#[cfg(test)]
mod tests {
    use domain::engine::form::Answers;

    use super::*;

    #[test]
    fn only_the_same_request_has_the_same_hash() {
        let request = |name: &str, note: &str, revision, people: &[u128]| CommandRequest {
            key: Uuid::now_v7(),
            matter: Uuid::nil(),
            seen: None,
            command: Command {
                name: name.into(),
                note: note.into(),
                revision,
                assignees: people.iter().map(|id| Uuid::from_u128(*id)).collect(),
                ..Command::default()
            },
        };
        let hash = |name: &str, note: &str, revision, people: &[u128]| request(name, note, revision, people).hash();
        assert_eq!(hash("pass", "note", Some(1), &[1, 2]), hash("pass", "note", Some(1), &[1, 2]));
        let with_mark = |mark: &str| {
            let answers = Answers { fields: [("mark".to_owned(), mark.into())].into(), ..Answers::default() };
            let plain = request("pass", "note", Some(1), &[1, 2]);
            CommandRequest { command: Command { answers, ..plain.command.clone() }, ..plain }.hash()
        };
        let all = [
            hash("pass", "note", Some(1), &[1, 2]),
            hash("pas", "snote", Some(1), &[1, 2]),
            hash("pass", "note", Some(0), &[1, 2]),
            hash("pass", "note", None, &[1, 2]),
            hash("pass", "note", Some(1), &[2, 1]),
            hash("pass", "note", Some(1), &[1]),
            CommandRequest {
                command: Command { excluded_name: "note".into(), ..request("pass", "", Some(1), &[1, 2]).command },
                ..request("pass", "", Some(1), &[1, 2])
            }
            .hash(),
            with_mark("6"),
            with_mark("7"),
        ];
        for (i, a) in all.iter().enumerate() {
            assert!(all.iter().skip(i + 1).all(|b| a != b));
        }
    }
}
