//! Items of rectification, on the form of 人员注册.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::engine::flow::{RESPONSES, RectificationItem, is_unlocked, response, unanswered_items};
use crate::engine::form::{Answers, Path, Record};
use crate::kind::registration::FORM;
use crate::kind::trial;

fn at(path: Path) -> RectificationItem {
    RectificationItem { id: Uuid::from_u128(9), path, text: "请补充".into() }
}

#[test]
fn only_named_answers_and_their_dependents_are_unlocked() {
    let row = Uuid::from_u128(1);
    let items = [at(Path::field("title_level")), at(Path::Row("work".into(), row))];
    let open = |path: &str| is_unlocked(&FORM, &items, &path.parse().unwrap());
    assert!(open("title_level"));
    assert!(open("professional_title"), "asked only for some levels");
    assert!(!open("address") && !open("domain") && !open("work"));
    assert!(is_unlocked(&FORM, &items, &Path::Cell("work".into(), row, "duties".into())));
    assert!(!is_unlocked(&FORM, &items, &Path::Row("work".into(), Uuid::from_u128(2))), "another record");
    assert!(!is_unlocked(&FORM, &items, &Path::Row("education".into(), row)));
    let list = [at(Path::field("work"))];
    assert!(is_unlocked(&FORM, &list, &Path::Row("work".into(), Uuid::from_u128(2))), "a list opens all its records and new ones");
    assert!(is_unlocked(&FORM, &list, &Path::Row(RESPONSES.name.into(), row)), "a response can always be given");
}

#[test]
fn an_answer_that_another_one_decides_on_is_unlocked_with_it() {
    let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let cell = |record: Uuid, name: &str| Path::Cell(trial::LESSONS.into(), record, name.into());
    let open = |item: Path, path: Path| is_unlocked(&trial::FORM, &[at(item)], &path);
    for (item, path, unlocked) in [
        (Path::field("session"), Path::field("site"), true),
        (Path::field("session"), Path::field("subjects"), true),
        (Path::field("site"), Path::field("session"), false),
        (Path::field("first_day"), Path::field("last_day"), true),
        (Path::field("first_day"), cell(one, "begins_on"), true),
        (Path::field("first_day"), cell(one, "begins_at"), false),
        (cell(one, "begins_at"), cell(one, "ends_at"), true),
        (cell(one, "begins_at"), cell(other, "ends_at"), false),
        (cell(one, "ends_at"), cell(one, "begins_at"), false),
    ] {
        assert_eq!(open(item.clone(), path.clone()), unlocked, "{item} {path}");
    }
}

#[test]
fn each_item_asks_for_a_response() {
    let item = at(Path::field("address"));
    let mut answers = Answers::default();
    assert_eq!(unanswered_items(&answers, std::slice::from_ref(&item)).len(), 1);
    let fields = BTreeMap::from([("answer".to_owned(), "已补充".into())]);
    answers.put_record(RESPONSES.name, Record { id: item.id, fields, removed: false });
    assert_eq!(response(&answers, &item), "已补充");
    assert!(unanswered_items(&answers, &[item]).is_empty());
}
