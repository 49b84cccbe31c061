//! What becomes of the matters of someone whose institution changes, as a table (domain facts §7.2: "open drafts re-pointed;
//! applications in progress with the old body block a transfer").

/// What becomes of a matter when the transfer is approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// It goes on as it is.
    Stays,
    /// The new institution takes the place of the old one in it, and in this answer; no answer names it where this is empty.
    Follows(&'static str),
    /// The approval waits until it has gone on.
    Waits,
}

/// One row of the table.
#[derive(Debug)]
pub struct Running {
    /// Code of the kind; empty for any other.
    pub kind: &'static str,
    /// Codes of its stages; none for any other.
    pub stages: &'static [&'static str],
    /// Whether a transfer cannot be asked for while it is open with the old institution.
    pub blocks: bool,
    /// What becomes of one that was begun since, when the transfer is approved.
    pub then: Then,
}

const fn row(kind: &'static str, stages: &'static [&'static str], blocks: bool, then: Then) -> Running {
    Running { kind, stages, blocks, then }
}

/// The table: the first row that fits counts.
pub const RUNNING: &[Running] = &[
    row("registration", &["draft"], false, RECOMMENDED),
    // Who pays is settled before the institution changes.
    row("registration", &["billing", "payment_check"], true, Then::Waits),
    row("registration", &[], true, RECOMMENDED),
    row("annual_confirmation", &["draft"], false, PRACTICE),
    row("annual_confirmation", &[], true, PRACTICE),
    row("reregistration", &["draft"], false, PRACTICE),
    row("reregistration", &[], true, PRACTICE),
    // Nobody goes to two institutions.
    row("transfer", &["draft"], false, Then::Stays),
    row("transfer", &[], true, Then::Waits),
    row("appeal", &[], false, Then::Stays),
    row("complaint", &[], false, Then::Stays),
    // Kinds to come: a draft is nobody's business yet, everything else is the old institution's.
    row("", &["draft"], false, Then::Stays),
    ANY,
];

const ANY: Running = row("", &[], true, Then::Follows(""));

const PRACTICE: Then = Then::Follows("practice_institution");

const RECOMMENDED: Then = Then::Follows("recommending_institution");

/// The row for a kind at a stage.
pub fn running(kind: &str, stage: &str) -> &'static Running {
    let fits = |r: &&Running| (r.kind.is_empty() || r.kind == kind) && (r.stages.is_empty() || r.stages.contains(&stage));
    RUNNING.iter().find(fits).unwrap_or(&ANY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matter::{KINDS, kind};

    #[test]
    fn every_row_names_kinds_stages_and_fields_that_there_are() {
        for r in RUNNING.iter().filter(|r| !r.kind.is_empty()) {
            let kind = kind(r.kind).unwrap_or_else(|| panic!("{}", r.kind));
            for stage in r.stages {
                assert!(kind.flow.stage(stage).is_some_and(|s| !s.closed()), "{} {stage}", r.kind);
            }
            if let Then::Follows(field) = r.then {
                assert!(field.is_empty() || kind.form.fields().any(|(_, f)| f.name == field), "{field}");
            }
        }
    }

    #[test]
    fn a_draft_never_blocks_and_nothing_the_old_institution_still_has_is_left_with_it() {
        for kind in KINDS {
            for stage in kind.flow.stages.iter().filter(|s| !s.closed()) {
                let row = running(kind.code, stage.code);
                if stage.code == "draft" {
                    assert!(!row.blocks, "{}", kind.code);
                } else if row.blocks {
                    assert_ne!(row.then, Then::Stays, "{} {}", kind.code, stage.code);
                }
            }
        }
    }

    #[test]
    fn the_table_reads_as_it_is_written() {
        for (kind, stage, blocks, then) in [
            ("registration", "draft", false, RECOMMENDED),
            ("registration", "returned", true, RECOMMENDED),
            ("registration", "billing", true, Then::Waits),
            ("registration", "approval", true, RECOMMENDED),
            ("transfer", "leaving", true, Then::Waits),
            ("complaint", "handling", false, Then::Stays),
            ("kind_to_come", "draft", false, Then::Stays),
            ("kind_to_come", "review", true, Then::Follows("")),
        ] {
            let row = running(kind, stage);
            assert_eq!((row.blocks, row.then), (blocks, then), "{kind} {stage}");
        }
    }
}
