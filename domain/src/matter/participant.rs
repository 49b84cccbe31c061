//! The people whom the answers of a matter name, and who must agree.

use uuid::Uuid;

use crate::engine::flow::NamedParticipant;
use crate::engine::form::{Answers, Path, changes};

/// A person whom the answers name, with the parts of the answers that concern them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// Account of the person.
    pub account: Uuid,
    /// The record that names them.
    pub path: Path,
    /// What they agree to: fields, records, or lists as a whole.
    pub part: Vec<Path>,
}

/// The people whom a submission named: the account, and the record that names them.
pub type NamedBefore = [(Uuid, Path)];

/// The participants, each once, and whether a part of theirs is new or differs from the answers submitted before.
/// `before`: those answers, and whom they named.
pub(super) fn named_participants(
    now: &[Participant],
    before: Option<(&Answers, &NamedBefore)>,
    answers: &Answers,
) -> Vec<NamedParticipant> {
    let changed = before.map(|(before, _)| changes(before, answers)).unwrap_or_default();
    let is_known = |participant: &Participant| {
        before.is_some_and(|(_, named)| named.iter().any(|(account, path)| *account == participant.account && *path == participant.path))
    };
    let mut named: Vec<NamedParticipant> = Vec::new();
    for participant in now {
        let concerns = |path: &Path| participant.part.iter().any(|part| part.covers(path));
        let changed = !is_known(participant) || changed.iter().any(concerns);
        match named.iter_mut().find(|known| known.account == participant.account) {
            Some(known) => known.changed |= changed,
            None => named.push(NamedParticipant { account: participant.account, changed }),
        }
    }
    named
}
