//! Notifications of transitions, returns and payments, on the flows of the kinds.

use super::tested_kinds;
use crate::engine::flow::{Edit, Party, Requires, Stage, Transition};
use crate::engine::notification::NotificationKind;
use crate::kind::KINDS;
use crate::matter::Kind;

/// Every transition of a kind with the stages to which it can lead from another one.
fn reached(kind: &'static Kind) -> impl Iterator<Item = (&'static Stage, &'static Transition, &'static Stage)> {
    let transitions = kind.flow.stages.iter().flat_map(|from| from.transitions.iter().map(move |t| (from, t)));
    transitions
        .flat_map(move |(from, t)| t.to.iter().map(move |(_, to)| (from, t, kind.flow.stage(to).unwrap())))
        .filter(|(from, _, to)| from.code != to.code)
}

#[test]
fn the_notification_of_a_transition_follows_from_its_meaning_to_the_applicant() {
    for kind in tested_kinds() {
        for (_, t, to) in reached(kind) {
            let place = format!("{} {} {}", kind.code, t.command, to.code);
            let notification = to.notification(Some(t));
            if let Some(named) = t.notifies {
                assert_eq!(notification, named, "{place}");
                continue;
            }
            assert_eq!(notification == NotificationKind::Decided, to.closed(), "{place}");
            assert_eq!(notification == NotificationKind::Returned, t.returns && to.edit != Edit::Nothing, "{place}");
            let pays = to.awaits_payment && to.turn == Some(Party::Applicant);
            assert_eq!(notification == NotificationKind::PaymentDue, pays && !t.returns, "{place}");
        }
    }
}

#[test]
fn in_the_kinds_of_the_association_only_others_open_the_answers_and_only_a_payment_or_a_form_waits_for_the_applicant_beside() {
    for kind in KINDS {
        // Silence of others sends answers back that need not change.
        let is_judged = |t: &Transition, to: &Stage| t.by != Party::Applicant && t.notifies.is_none() && to.turn == Some(Party::Applicant);
        for (_, t, to) in reached(kind).filter(|(_, t, to)| is_judged(t, to)) {
            assert_eq!(t.returns && to.edit != Edit::Nothing, to.edit != Edit::Nothing, "{} {}", kind.code, t.command);
        }
        for stage in kind.flow.stages.iter().filter(|s| s.turn == Some(Party::Applicant) && s.edit == Edit::Nothing) {
            let has_form = stage.transitions.iter().any(|t| t.by == Party::Applicant && matches!(t.requires, Requires::Form(_)));
            assert!(stage.awaits_payment || has_form, "{} {}", kind.code, stage.code);
        }
    }
}

#[test]
fn a_return_is_made_by_somebody_else_than_the_applicant_and_opens_the_answers() {
    for kind in tested_kinds() {
        for t in kind.flow.stages.iter().flat_map(|s| s.transitions) {
            let opens = t.to.iter().any(|(_, to)| kind.flow.stage(to).unwrap().edit != Edit::Nothing);
            assert!(!t.returns || t.by != Party::Applicant && opens, "{} {}", kind.code, t.command);
            assert!(!t.round || t.returns, "{} {}", kind.code, t.command);
        }
    }
}

#[test]
fn a_payment_ends_the_stages_that_await_one() {
    for kind in tested_kinds() {
        for stage in kind.flow.stages.iter().filter(|s| s.awaits_payment) {
            assert!(stage.turn.is_some() && !stage.closed(), "{} {}", kind.code, stage.code);
        }
        for stage in kind.flow.stages {
            let pays = stage.transitions.iter().any(|t| t.by == Party::Cashier) && !matches!(stage.turn, Some(Party::Association(_)));
            assert_eq!(pays, stage.awaits_payment, "{} {}", kind.code, stage.code);
        }
    }
}

#[test]
fn a_return_by_a_command_that_a_flow_has_no_more_still_counts() {
    let flow = crate::kind::registration::KIND.flow;
    for (from, command, to, returns) in [
        ("institution_review", "return", "returned", true),
        ("institution_review", "send_back", "returned", true),
        ("no_such_stage", "return", "returned", true),
        ("evaluation", "nonconform", "rectification", true),
        ("evaluation", "nonconform", "review", false),
        ("institution_review", "pass", "returned", false),
    ] {
        assert_eq!(flow.is_return(from, command, to), returns, "{from} {command} {to}");
    }
}
