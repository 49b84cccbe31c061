//! Items of rectification, on the form of 人员注册.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::engine::flow::{RESPONSES, RectificationItem, is_unlocked, response, unanswered_items};
use crate::engine::form::{Answers, Path, Record};
use crate::kind::registration::FORM;

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
fn each_item_asks_for_a_response() {
    let item = at(Path::field("address"));
    let mut answers = Answers::default();
    assert_eq!(unanswered_items(&answers, std::slice::from_ref(&item)).len(), 1);
    let fields = BTreeMap::from([("answer".to_owned(), "已补充".into())]);
    answers.put_record(RESPONSES.name, Record { id: item.id, fields, removed: false });
    assert_eq!(response(&answers, &item), "已补充");
    assert!(unanswered_items(&answers, &[item]).is_empty());
}
