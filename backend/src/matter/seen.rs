//! What a page showed of a matter, which a command from that page names.

use std::fmt;
use std::str::FromStr;

use domain::engine::flow::{Event, EventKind, Party};

use crate::matter::loaded::LoadedMatter;

/// The state of a matter that a page showed to one party.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Number of the last event that the party sees.
    pub events: i64,
    /// Revision of the answers that the party sees.
    pub revision: i64,
}

impl Seen {
    /// What a page showed that does not say it: outdated in every state.
    pub const NOTHING: Self = Self { events: -1, revision: -1 };
}

/// Not the text of a [`Seen`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a state of a matter")]
pub struct InvalidSeen;

/// As a form carries it: `12.3`.
impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.events, self.revision)
    }
}

impl FromStr for Seen {
    type Err = InvalidSeen;

    fn from_str(text: &str) -> Result<Self, InvalidSeen> {
        let (events, revision) = text.split_once('.').ok_or(InvalidSeen)?;
        let number = |text: &str| text.parse().ok().filter(|number| *number >= 0).ok_or(InvalidSeen);
        Ok(Self { events: number(events)?, revision: number(revision)? })
    }
}

impl LoadedMatter {
    /// What the caller sees of it now.
    pub fn seen(&self) -> Seen {
        let revision = if self.is_own() { self.revision } else { self.submitted_revision.unwrap_or(self.revision) };
        Seen { events: self.last_visible_event(), revision }
    }

    /// Experts and participants answer independently, so that the votes of others do not outdate their pages.
    fn last_visible_event(&self) -> i64 {
        let votes_alone = self.actor.parties.iter().all(|party| matches!(party, Party::Expert | Party::Participant));
        let counts = |event: &&Event| !votes_alone || matches!(event.kind, EventKind::Transitioned { .. });
        self.events.iter().rev().find(counts).map_or(0, |event| event.seq)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_read_as_it_was_written_and_nothing_else_is() {
        let seen = Seen { events: 12, revision: 3 };
        assert_eq!(seen.to_string().parse(), Ok(seen));
        for text in ["", "12", "12.", ".3", "a.b", "12.3.4", "12 3", "99999999999999999999.1", "-1.-1"] {
            assert_eq!(text.parse::<Seen>(), Err(InvalidSeen), "{text}");
        }
    }
}
