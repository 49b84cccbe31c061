//! Sensitive answers of a draft are not stored in a browser, on the form of 人员注册.

use uuid::Uuid;

use crate::engine::draft::Question;
use crate::engine::draft::sensitive::{strip_reply, strip_sensitive};
use crate::engine::draft::sync::{LocalDraft, SyncReply};
use crate::engine::form::{Answers, Fields, Path, Record, Value};
use crate::kind::registration::FORM;

fn text(value: &str) -> Option<Value> {
    Some(value.into())
}

#[test]
fn no_sensitive_answer_is_stored_in_a_browser() {
    let fields = Fields::from([("address".to_owned(), "甲路".into()), ("name_pinyin".to_owned(), "Zhang".into())]);
    let mut answers = Answers { fields, ..Answers::default() };
    let fields = Fields::from([("referee_phone".to_owned(), "13800000001".into()), ("employer".to_owned(), "甲公司".into())]);
    let list = FORM.steps.iter().flat_map(|s| s.records()).find(|l| l.fields.iter().any(|f| f.name == "referee_phone")).unwrap();
    answers.put_record(list.name, Record { id: Uuid::from_u128(1), fields, removed: false });
    let local = |answers: &Answers| LocalDraft::at(Uuid::nil(), "registration", Uuid::nil(), 1, answers.clone());
    assert!(!local(&answers).is_storable(&FORM));
    strip_sensitive(&FORM, &mut answers);
    assert!(local(&answers).is_storable(&FORM));
    let row = answers.record(list.name, Uuid::from_u128(1)).unwrap();
    assert_eq!(
        (answers.text("address"), answers.text("name_pinyin"), row.text("referee_phone"), row.text("employer")),
        ("", "Zhang", "", "甲公司")
    );
}

#[test]
fn a_reply_of_the_server_is_split_from_its_sensitive_answers() {
    let question = |name: &str| Question { path: Path::field(name), mine: text("x"), theirs: text("y") };
    let mut answers = Answers::default();
    answers.fields.insert("address".into(), "甲路".into());
    let answer = SyncReply {
        seq: Some(1),
        revision: 2,
        answers,
        questions: vec![question("address"), question("name_pinyin")],
        refused: Vec::new(),
    };
    let (stay, go) = strip_reply(&FORM, answer);
    assert!(stay.answers.fields.is_empty() && stay.questions == [question("name_pinyin")] && go == [question("address")]);
}
