use uuid::Uuid;

use super::*;

const PAGE: Uuid = Uuid::from_u128(1);
const OTHER: Uuid = Uuid::from_u128(2);

fn stored(revision: i64, page: Uuid, seq: i64) -> Stored {
    Stored { revision, page, seq, is_ended: false }
}

fn save(base: i64, page: Uuid, seq: i64) -> Save<'static> {
    Save { base, page, seq, state: "3" }
}

fn decide(stored: Option<Stored>, save: Save<'_>) -> SaveOutcome {
    judge(stored.as_ref(), &save, Some("3"), false)
}

#[test]
fn the_first_save_of_a_page_is_stored() {
    assert_eq!(decide(None, save(0, PAGE, 1)), SaveOutcome::Store(1));
}

#[test]
fn the_newest_text_of_one_page_wins_in_whatever_order_its_saves_arrive() {
    assert_eq!(decide(Some(stored(1, PAGE, 1)), save(0, PAGE, 2)), SaveOutcome::Store(2), "it need not wait for the first answer");
    assert_eq!(decide(Some(stored(2, PAGE, 2)), save(0, PAGE, 1)), SaveOutcome::Superseded(2), "the first one comes late");
    for order in [[1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1]] {
        let mut draft: Option<Stored> = None;
        for seq in order {
            if let SaveOutcome::Store(revision) = decide(draft.clone(), save(0, PAGE, seq)) {
                draft = Some(stored(revision, PAGE, seq));
            }
        }
        assert_eq!(draft.unwrap().seq, 3, "{order:?}");
    }
}

#[test]
fn a_page_of_an_older_revision_does_not_replace_the_text_of_another_page() {
    assert_eq!(decide(Some(stored(4, OTHER, 9)), save(3, PAGE, 1)), SaveOutcome::Older);
    assert_eq!(decide(Some(stored(4, OTHER, 9)), save(4, PAGE, 2)), SaveOutcome::Store(5), "its author has seen the other text");
    assert_eq!(decide(Some(stored(1, Uuid::nil(), 0)), save(0, Uuid::nil(), 0)), SaveOutcome::Older, "pages without scripts too");
}

#[test]
fn the_same_text_of_two_pages_is_no_question() {
    assert_eq!(judge(Some(&stored(4, OTHER, 9)), &save(3, PAGE, 1), Some("3"), true), SaveOutcome::Superseded(4));
}

#[test]
fn a_save_that_arrives_after_the_form_was_sent_brings_nothing_back() {
    let ended = Stored { is_ended: true, ..stored(3, PAGE, 5) };
    assert_eq!(decide(Some(ended.clone()), save(2, PAGE, 6)), SaveOutcome::MovedOn);
    assert_eq!(decide(Some(ended.clone()), save(0, OTHER, 1)), SaveOutcome::MovedOn);
    assert_eq!(decide(Some(ended), save(3, OTHER, 1)), SaveOutcome::Store(4), "a page loaded afterwards");
}

#[test]
fn a_save_for_a_state_that_is_over_is_refused() {
    let text = stored(1, PAGE, 1);
    assert_eq!(judge(Some(&text), &save(1, PAGE, 2), Some("4"), false), SaveOutcome::MovedOn, "asked again in a later stage");
    assert_eq!(judge(Some(&text), &save(1, PAGE, 2), None, false), SaveOutcome::MovedOn, "not open");
}

#[test]
fn only_the_controls_of_the_form_are_stored_and_no_sensitive_one() {
    let pairs = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), "x".to_owned())).collect::<Pairs>();
    let names = |pairs: Pairs| pairs.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let posted = pairs(&["_key", "_seen", "_action", "note", "v:education", "t:f:name", "other"]);
    assert_eq!(names(RETURN.stored_pairs(&posted)), ["note", "v:education", "t:f:name"]);
    let posted = pairs(&["account", "password", "password_again", "document_number", "name"]);
    assert_eq!(names(REGISTRATION.stored_pairs(&posted)), ["account", "name"]);
    for form in FORMS {
        assert!(form.sensitive.iter().all(|name| !form.stores(name)), "{}", form.code);
    }
}

#[test]
fn of_the_form_of_a_transition_the_fields_and_pickers_are_stored_and_nothing_of_the_page() {
    for (control, stored) in
        [("mark", true), ("_pick_day", true), ("_shown_day", true), ("_key", false), ("_seen", false), ("_action", false)]
    {
        assert_eq!(TRANSITION_FORM.stores(control), stored, "{control}");
    }
}

#[test]
fn each_form_stands_once_and_none_of_the_tab_is_stored_on_the_server() {
    for form in FORMS {
        assert_eq!(FORMS.iter().filter(|other| other.code == form.code).count(), 1, "{}", form.code);
        assert_eq!(stored_form(form.code).is_some(), form.subject != Subject::Tab, "{}", form.code);
    }
}

#[test]
fn a_draft_has_a_largest_size_and_shows_its_texts_without_codes() {
    let pairs =
        vec![("v:work".to_owned(), "bad".to_owned()), ("note".to_owned(), "请补充".to_owned()), ("t:work".to_owned(), " ".to_owned())];
    assert!(RETURN.fits(&pairs));
    assert!(!RETURN.fits(&[("note".to_owned(), "字".repeat(LARGE / 3))]));
    assert_eq!(RETURN.texts_of(&pairs), ["请补充"]);
}
