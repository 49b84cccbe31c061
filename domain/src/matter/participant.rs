//! The people whom the answers of a matter name, and who must agree.

use uuid::Uuid;

use crate::engine::flow::NamedParticipant;
use crate::engine::form::{Answers, Path, changes};

/// A person whom the answers name, with the part of the answers that concerns them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// Account of the person.
    pub account: Uuid,
    /// A field, a record, or a list as a whole.
    pub path: Path,
}

/// The participants that answers name, each once, and whether a part of theirs is new or differs from the answers submitted before.
/// `of`: the participants by the answers of the kind.
pub(super) fn named_participants(of: fn(&Answers) -> Vec<Participant>, before: Option<&Answers>, now: &Answers) -> Vec<NamedParticipant> {
    let earlier = before.map(of).unwrap_or_default();
    let changed = before.map(|before| changes(before, now)).unwrap_or_default();
    let mut named: Vec<NamedParticipant> = Vec::new();
    for participant in of(now) {
        let is_new = !earlier.contains(&participant);
        let changed = is_new || changed.iter().any(|path| participant.path.covers(path));
        match named.iter_mut().find(|known| known.account == participant.account) {
            Some(known) => known.changed |= changed,
            None => named.push(NamedParticipant { account: participant.account, changed }),
        }
    }
    named
}
