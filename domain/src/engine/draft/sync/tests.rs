use super::*;

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n + 1)
}

fn field(name: &str, value: &str) -> Op {
    Op { path: Path::field(name), value: Some(Value::from(value)) }
}

fn typed(local: &LocalDraft, name: &str) -> String {
    local.mine.text(name).to_owned()
}

/// A server that stores every revision.
struct Server(Vec<Answers>);

impl Server {
    fn take(&mut self, patch: &Patch) -> SyncReply {
        let base = &self.0[usize::try_from(patch.base_rev).unwrap()];
        let merged = merge_patch(base, self.0.last().unwrap(), &patch.ops);
        self.0.push(merged.answers.clone());
        SyncReply {
            seq: Some(patch.seq),
            revision: self.0.len() as i64 - 1,
            answers: merged.answers,
            questions: merged.questions,
            refused: Vec::new(),
        }
    }
}

fn two() -> (Server, LocalDraft, LocalDraft) {
    let (matter, kind) = (id(0), "registration");
    (Server(vec![Answers::default()]), LocalDraft::begin(matter, kind, id(1)), LocalDraft::begin(matter, kind, id(2)))
}

fn sync(server: &mut Server, local: &mut LocalDraft) {
    if let Some(patch) = local.outgoing() {
        local.apply_reply(server.take(&patch));
    }
}

#[test]
fn a_new_draft_reaches_the_server_even_when_it_is_empty() {
    let (mut server, mut one, _) = two();
    assert_eq!(one.location(), SaveLocation::Device);
    sync(&mut server, &mut one);
    assert_eq!((one.base_rev, one.location()), (1, SaveLocation::Server(1)));
    assert_eq!(one.outgoing(), None);
}

#[test]
fn a_patch_in_flight_is_sent_again_unchanged_and_later_edits_follow() {
    let (mut server, mut one, _) = two();
    one.edit(&[field("a", "x")]);
    let first = one.outgoing().unwrap();
    one.edit(&[field("b", "y")]);
    assert_eq!(one.outgoing().unwrap(), first);
    one.apply_reply(server.take(&first));
    assert_eq!((typed(&one, "a"), typed(&one, "b"), one.location()), ("x".into(), "y".into(), SaveLocation::Device));
    sync(&mut server, &mut one);
    assert_eq!(server.0.last().unwrap().text("b"), "y");
}

#[test]
fn two_values_for_one_field_are_a_question_with_three_ways_out() {
    for (choice, expected) in [(Resolution::Mine, "y"), (Resolution::Theirs, "x"), (Resolution::Both, "x；y")] {
        let (mut server, mut one, mut two) = two();
        one.edit(&[field("a", "x")]);
        two.edit(&[field("a", "y")]);
        sync(&mut server, &mut one);
        sync(&mut server, &mut two);
        assert_eq!(two.location(), SaveLocation::Conflicts(1));
        assert_eq!((two.questions[0].mine.as_ref().unwrap().text(), typed(&two, "a").as_str()), ("y", "x"));
        assert!(two.resolve(&Path::field("a"), &choice));
        assert!(!two.resolve(&Path::field("a"), &choice));
        sync(&mut server, &mut two);
        assert_eq!((server.0.last().unwrap().text("a"), two.questions.len()), (expected, 0));
    }
}

#[test]
fn a_requested_submission_waits_for_unsent_edits_and_asks_again_after_remote_changes() {
    let (mut server, mut one, mut two) = two();
    one.edit(&[field("a", "x")]);
    assert_eq!(one.next_submit_step(), SubmitStep::Nothing);
    one.request_submit(id(9));
    assert_eq!(one.next_submit_step(), SubmitStep::Wait);
    sync(&mut server, &mut one);
    assert_eq!(one.next_submit_step(), SubmitStep::Go(1, id(9)));
    two.edit(&[field("b", "y")]);
    sync(&mut server, &mut two);
    let revision = server.0.len() as i64 - 1;
    one.apply_reply(SyncReply {
        seq: None,
        revision,
        answers: server.0.last().unwrap().clone(),
        questions: Vec::new(),
        refused: Vec::new(),
    });
    assert_eq!(one.next_submit_step(), SubmitStep::Ask);
    one.request_submit(id(10));
    assert_eq!(one.next_submit_step(), SubmitStep::Go(2, id(10)));
    one.edit(&[field("a", "z")]);
    assert_eq!(one.next_submit_step(), SubmitStep::Wait);
    sync(&mut server, &mut one);
    assert_eq!(one.next_submit_step(), SubmitStep::Ask, "typing again puts the submission in question");
    one.cancel_submit();
    assert_eq!(one.next_submit_step(), SubmitStep::Nothing);
}

#[test]
fn an_answer_that_is_late_or_to_another_patch_changes_nothing() {
    let (mut server, mut one, _) = two();
    one.edit(&[field("a", "x")]);
    let patch = one.outgoing().unwrap();
    let answer = server.take(&patch);
    one.apply_reply(answer.clone());
    one.edit(&[field("a", "z")]);
    let held = one.clone();
    one.apply_reply(answer);
    assert_eq!(one, held);
}

#[test]
fn each_failure_has_words_of_its_own_and_only_an_absent_server_is_tried_again() {
    let all = [
        SyncFailure::Validation,
        SyncFailure::TooLarge,
        SyncFailure::Permission,
        SyncFailure::Identity,
        SyncFailure::Gone,
        SyncFailure::Discarded,
        SyncFailure::Unknown,
        SyncFailure::Server,
    ];
    for (i, failure) in all.iter().enumerate() {
        assert!(all.iter().skip(i + 1).all(|f| f.text() != failure.text()));
        assert_eq!(failure.is_temporary(), *failure == SyncFailure::Server);
    }
    for (status, failure) in [
        (200, None),
        (401, Some(SyncFailure::Identity)),
        (403, Some(SyncFailure::Permission)),
        (404, Some(SyncFailure::Unknown)),
        (410, Some(SyncFailure::Discarded)),
        (409, Some(SyncFailure::Gone)),
        (413, Some(SyncFailure::TooLarge)),
        (422, Some(SyncFailure::Validation)),
        (503, Some(SyncFailure::Server)),
    ] {
        assert_eq!(SyncFailure::from_status(status), failure);
    }
}

#[test]
fn the_wait_doubles_from_a_second_to_five_minutes_and_varies_by_half() {
    let seconds = |n, chance| retry_delay(n, chance).num_milliseconds();
    assert_eq!((seconds(0, 0), seconds(3, 0), seconds(8, 0), seconds(9, 0), seconds(u32::MAX, 0)), (1000, 8000, 256_000, 300_000, 300_000));
    assert_eq!((seconds(3, 255), seconds(9, 255)), (4000, 150_000));
}

/// Stored drafts and patches of earlier releases are still understood.
#[test]
fn drafts_stored_by_earlier_bundles_lose_nothing() {
    let stored = r#"{"matter":"00000000-0000-0000-0000-000000000001","kind":"registration","device":"00000000-0000-0000-0000-000000000002",
        "base_rev":3,"mine":{"fields":{"address":"甲路 1 号"}},"seq":4}"#;
    let local: LocalDraft = serde_json::from_str(stored).unwrap();
    assert_eq!((local.mine.text("address"), local.location()), ("甲路 1 号", SaveLocation::Device));
    let sent = r#"{"matter":"00000000-0000-0000-0000-000000000001","base_rev":3,"device":"00000000-0000-0000-0000-000000000002","seq":5,
        "ops":[{"path":"address","value":"甲路 1 号"},{"path":"education/00000000-0000-0000-0000-000000000003","value":null}]}"#;
    let patch: Patch = serde_json::from_str(sent).unwrap();
    assert_eq!(patch.ops.len(), 2);
}

#[test]
fn a_file_of_this_device_does_not_put_a_wish_to_submit_in_question_and_a_change_of_another_does() {
    use crate::engine::form::FileRef;
    let file = |n: u128| FileRef { file: id(n), name: "a.pdf".into(), size: 1, mime: "application/pdf".into() };
    let attach = |server: &mut Server, n: u128| {
        let mut answers = server.0.last().unwrap().clone();
        let mut files = answers.fields.get("other").map_or_else(Vec::new, |v| v.files().to_vec());
        files.push(file(n));
        answers.fields.insert("other".into(), Value::Files(files));
        server.0.push(answers.clone());
        SyncReply { seq: None, revision: server.0.len() as i64 - 1, answers, questions: Vec::new(), refused: Vec::new() }
    };
    let (mut server, mut one, mut two) = two();
    one.edit(&[field("a", "x")]);
    sync(&mut server, &mut one);
    one.request_submit(id(9));
    let answer = attach(&mut server, 20);
    one.apply_attachment(&Path::field("other"), id(20), answer);
    assert_eq!((one.next_submit_step(), one.location()), (SubmitStep::Go(2, id(9)), SaveLocation::Server(2)));
    assert_eq!(one.mine.fields["other"].files(), [file(20)]);

    // A file is attached while a patch is being sent: the reply to the patch contains the file, and no conflict arises.
    one.edit(&[field("a", "y")]);
    let patch = one.outgoing().unwrap();
    one.request_submit(id(10));
    let answer = attach(&mut server, 21);
    one.apply_attachment(&Path::field("other"), id(21), answer);
    assert_eq!(one.next_submit_step(), SubmitStep::Wait);
    one.apply_reply(server.take(&patch));
    assert_eq!((one.next_submit_step(), one.questions.len()), (SubmitStep::Go(4, id(10)), 0));
    assert_eq!(one.mine.fields["other"].files(), [file(20), file(21)]);

    two.edit(&[field("b", "z")]);
    sync(&mut server, &mut two);
    let answer = attach(&mut server, 22);
    one.apply_attachment(&Path::field("other"), id(22), answer);
    assert_eq!(one.next_submit_step(), SubmitStep::Ask);
    assert_eq!((typed(&one, "b"), one.mine.fields["other"].files().len()), ("z".into(), 3));

    let other = Path::field("other");
    assert_eq!(one.detach(&other, id(99)), None);
    for (n, left) in [(21, 2), (20, 1), (22, 0)] {
        let off = one.detach(&other, id(n)).unwrap();
        one.edit(&[off]);
        assert_eq!(one.mine.fields.get("other").map_or(0, |v| v.files().len()), left);
    }
    assert!(!one.mine.fields.contains_key("other"));
}

#[test]
fn a_draft_that_the_device_lost_continues_with_all_its_text_under_a_device_id_of_its_own() {
    let (mut server, mut one, _) = two();
    one.edit(&[field("a", "x")]);
    sync(&mut server, &mut one);
    one.edit(&[field("b", "y")]);
    let lost = one.outgoing().unwrap();
    server.take(&lost);
    let mut again = one.restored(id(7));
    again.edit(&[field("c", "z")]);
    let patch = again.outgoing().unwrap();
    assert_ne!((patch.device, patch.seq), (lost.device, lost.seq), "the server has answered the number of the lost patch");
    assert_eq!(patch.device, id(7));
    again.apply_reply(server.take(&patch));
    assert_eq!((again.questions.len(), again.location()), (0, SaveLocation::Server(3)));
    let stored = server.0.last().unwrap();
    assert_eq!((stored.text("a"), stored.text("b"), stored.text("c")), ("x", "y", "z"));
}

#[test]
fn what_is_typed_after_a_post_is_a_change_of_the_revision_that_the_post_made() {
    let address = |text: &str| Op { path: Path::field("address"), value: Some(text.into()) };
    let mut local = LocalDraft::at(Uuid::from_u128(1), "registration", Uuid::from_u128(2), 3, Answers::default());
    local.edit(&[address("甲路")]);
    local.edit(&[address("甲路 1 号")]);
    local.rebase(4, &[address("甲路")]);
    let patch = local.outgoing().unwrap();
    assert_eq!((patch.base_rev, patch.ops), (4, vec![address("甲路 1 号")]));
}
