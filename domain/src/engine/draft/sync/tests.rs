use super::*;

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n + 1)
}

fn field(name: &str, value: &str) -> Op {
    Op { path: Path::field(name), value: Some(Value::from(value)) }
}

fn typed(local: &Local, name: &str) -> String {
    local.mine.text(name).to_owned()
}

/// A server that keeps every revision.
struct Server(Vec<Answers>);

impl Server {
    fn take(&mut self, patch: &Patch) -> Answered {
        let base = &self.0[usize::try_from(patch.base_rev).unwrap()];
        let merged = receive(base, self.0.last().unwrap(), &patch.ops);
        self.0.push(merged.answers.clone());
        Answered { seq: Some(patch.seq), revision: self.0.len() as i64 - 1, answers: merged.answers, questions: merged.questions }
    }
}

fn two() -> (Server, Local, Local) {
    let (matter, kind) = (id(0), "registration");
    (Server(vec![Answers::default()]), Local::begin(matter, kind, id(1)), Local::begin(matter, kind, id(2)))
}

fn sync(server: &mut Server, local: &mut Local) {
    if let Some(patch) = local.outgoing() {
        local.answered(server.take(&patch));
    }
}

#[test]
fn a_new_draft_reaches_the_server_even_when_it_is_empty() {
    let (mut server, mut one, _) = two();
    assert_eq!(one.place(), Where::Here);
    sync(&mut server, &mut one);
    assert_eq!((one.base_rev, one.place()), (1, Where::There(1)));
    assert_eq!(one.outgoing(), None);
}

#[test]
fn a_patch_under_way_is_sent_again_unchanged_and_what_is_typed_meanwhile_follows() {
    let (mut server, mut one, _) = two();
    one.edit(&[field("a", "x")]);
    let first = one.outgoing().unwrap();
    one.edit(&[field("b", "y")]);
    assert_eq!(one.outgoing().unwrap(), first);
    one.answered(server.take(&first));
    assert_eq!((typed(&one, "a"), typed(&one, "b"), one.place()), ("x".into(), "y".into(), Where::Here));
    sync(&mut server, &mut one);
    assert_eq!(server.0.last().unwrap().text("b"), "y");
}

#[test]
fn two_values_for_one_field_are_a_question_with_three_ways_out() {
    for (choice, expected) in [(Choice::Mine, "y"), (Choice::Theirs, "x"), (Choice::Both, "x；y")] {
        let (mut server, mut one, mut two) = two();
        one.edit(&[field("a", "x")]);
        two.edit(&[field("a", "y")]);
        sync(&mut server, &mut one);
        sync(&mut server, &mut two);
        assert_eq!(two.place(), Where::Asked(1));
        assert_eq!((two.questions[0].mine.as_ref().unwrap().text(), typed(&two, "a").as_str()), ("y", "x"));
        assert!(two.settle(&Path::field("a"), &choice));
        assert!(!two.settle(&Path::field("a"), &choice));
        sync(&mut server, &mut two);
        assert_eq!((server.0.last().unwrap().text("a"), two.questions.len()), (expected, 0));
    }
}

#[test]
fn a_wish_to_submit_waits_for_what_is_typed_and_asks_again_when_the_draft_moved() {
    let (mut server, mut one, mut two) = two();
    one.edit(&[field("a", "x")]);
    assert_eq!(one.submit(), Submit::Nothing);
    one.wish(id(9));
    assert_eq!(one.submit(), Submit::Wait);
    sync(&mut server, &mut one);
    assert_eq!(one.submit(), Submit::Go(1, id(9)));
    two.edit(&[field("b", "y")]);
    sync(&mut server, &mut two);
    let revision = server.0.len() as i64 - 1;
    one.answered(Answered { seq: None, revision, answers: server.0.last().unwrap().clone(), questions: Vec::new() });
    assert_eq!(one.submit(), Submit::Ask);
    one.wish(id(10));
    assert_eq!(one.submit(), Submit::Go(2, id(10)));
    one.edit(&[field("a", "z")]);
    assert_eq!(one.submit(), Submit::Nothing, "who types again has not wished this");
}

#[test]
fn an_answer_that_is_late_or_to_another_patch_changes_nothing() {
    let (mut server, mut one, _) = two();
    one.edit(&[field("a", "x")]);
    let patch = one.outgoing().unwrap();
    let answer = server.take(&patch);
    one.answered(answer.clone());
    one.edit(&[field("a", "z")]);
    let held = one.clone();
    one.answered(answer);
    assert_eq!(one, held);
}

#[test]
fn each_failure_has_words_of_its_own_and_only_an_absent_server_is_tried_again() {
    let all = [Failure::Validation, Failure::Permission, Failure::Identity, Failure::Gone, Failure::Server];
    for (i, failure) in all.iter().enumerate() {
        assert!(all.iter().skip(i + 1).all(|f| f.text() != failure.text()));
        assert_eq!(failure.passes(), *failure == Failure::Server);
    }
    for (status, failure) in [
        (200, None),
        (401, Some(Failure::Identity)),
        (404, Some(Failure::Permission)),
        (409, Some(Failure::Gone)),
        (422, Some(Failure::Validation)),
        (503, Some(Failure::Server)),
    ] {
        assert_eq!(Failure::of_status(status), failure);
    }
}

#[test]
fn the_wait_doubles_from_a_second_to_five_minutes_and_varies_by_half() {
    let seconds = |n, chance| wait_after(n, chance).num_milliseconds();
    assert_eq!((seconds(0, 0), seconds(3, 0), seconds(8, 0), seconds(9, 0), seconds(u32::MAX, 0)), (1000, 8000, 256_000, 300_000, 300_000));
    assert_eq!((seconds(3, 255), seconds(9, 255)), (4000, 150_000));
}

/// What earlier releases wrote down, and what they sent, is read today.
#[test]
fn what_earlier_bundles_kept_and_sent_loses_nothing() {
    let kept = r#"{"matter":"00000000-0000-0000-0000-000000000001","kind":"registration","device":"00000000-0000-0000-0000-000000000002",
        "base_rev":3,"mine":{"fields":{"address":"甲路 1 号"}},"seq":4}"#;
    let local: Local = serde_json::from_str(kept).unwrap();
    assert_eq!((local.mine.text("address"), local.place()), ("甲路 1 号", Where::Here));
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
        Answered { seq: None, revision: server.0.len() as i64 - 1, answers, questions: Vec::new() }
    };
    let (mut server, mut one, mut two) = two();
    one.edit(&[field("a", "x")]);
    sync(&mut server, &mut one);
    one.wish(id(9));
    let answer = attach(&mut server, 20);
    one.attached(&Path::field("other"), id(20), answer);
    assert_eq!((one.submit(), one.place()), (Submit::Go(2, id(9)), Where::There(2)));
    assert_eq!(one.mine.fields["other"].files(), [file(20)]);

    // One comes in while a patch is under way: the patch's own answer brings it, and nothing is foreign in it.
    one.edit(&[field("a", "y")]);
    let patch = one.outgoing().unwrap();
    one.wish(id(10));
    let answer = attach(&mut server, 21);
    one.attached(&Path::field("other"), id(21), answer);
    assert_eq!(one.submit(), Submit::Wait);
    one.answered(server.take(&patch));
    assert_eq!((one.submit(), one.questions.len()), (Submit::Go(4, id(10)), 0));
    assert_eq!(one.mine.fields["other"].files(), [file(20), file(21)]);

    two.edit(&[field("b", "z")]);
    sync(&mut server, &mut two);
    let answer = attach(&mut server, 22);
    one.attached(&Path::field("other"), id(22), answer);
    assert_eq!(one.submit(), Submit::Ask);
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
