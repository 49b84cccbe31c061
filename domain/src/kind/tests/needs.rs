//! What kinds need on record.

use std::collections::BTreeSet;

use super::super::trial;
use super::tested_kinds;
use crate::engine::flow::{NONCONFORMITIES, Transition};
use crate::engine::form::{Field, Form, Step};
use crate::matter::{Kind, Need, RECOMMENDING_INSTITUTIONS, SIGNED_ON};

/// The forms of a kind: of its answers, and of its transitions.
fn forms(kind: &Kind) -> Vec<&'static Form> {
    let transitions = kind.flow.stages.iter().flat_map(|stage| stage.transitions).filter_map(Transition::form);
    [kind.form].into_iter().chain(transitions).collect()
}

/// Names of the option lists and the displayed data of a form.
fn lists(form: &'static Form) -> BTreeSet<&'static str> {
    let fields = form.steps.iter().flat_map(|step| step.fields().chain(step.records().flat_map(|list| list.fields)));
    fields.filter_map(Field::option_list).chain(form.steps.iter().flat_map(Step::displays).map(|display| display.name)).collect()
}

#[test]
fn every_list_of_a_kind_is_filled_by_a_need_that_it_names() {
    // Lists of the kinds of the tests stand for what real kinds read from the database.
    let of_tests: BTreeSet<String> = trial::lists().into_iter().map(|(name, _)| name).collect();
    for kind in tested_kinds() {
        let filled: BTreeSet<&str> = kind.needs.iter().flat_map(|need| need.lists()).copied().chain([SIGNED_ON, NONCONFORMITIES]).collect();
        for list in forms(kind).into_iter().flat_map(lists) {
            assert!(filled.contains(list) || of_tests.contains(list), "{} shows {list}", kind.code);
            if list == RECOMMENDING_INSTITUTIONS {
                assert!(kind.needs.contains(&Need::Practices), "{}: who practises chooses no other institution", kind.code);
            }
        }
    }
}

#[test]
fn every_need_is_read_after_those_it_depends_on_and_by_some_kind() {
    let named: BTreeSet<Need> = tested_kinds().flat_map(|kind| kind.needs).copied().collect();
    assert_eq!(named.into_iter().collect::<Vec<_>>(), Need::ALL, "each once, in order");
    for kind in tested_kinds() {
        assert!(kind.needs.is_sorted_by(|a, b| a < b), "{}", kind.code);
        let by_certificates = kind.needs.iter().any(|need| matches!(need, Need::Practices | Need::Renewals));
        assert!(!by_certificates || kind.needs.contains(&Need::Certificates), "{}", kind.code);
    }
}
