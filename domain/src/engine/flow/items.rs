//! Rectification: what a return pointed at, what that unlocks, and what the applicant responds.

use super::{Edit, Facts, Item, Stage};
use crate::engine::form::{Answers, FIELD, Field, Form, Path, Records, When, Widget};

/// The applicant's response to one item.
pub const ANSWER: Field =
    Field { name: "answer", label: "整改说明", hint: "说明做了哪些修改或补充", widget: Widget::Lines(500), ..FIELD };

/// Responses, kept among the answers: a record for each item, with the item's id.
pub static RESPONSES: Records = Records {
    name: "_responses",
    label: "整改说明",
    hint: "",
    required: When::Never,
    max: 200,
    fields: &[ANSWER],
    title: &["answer"],
    library: false,
};

/// The items that lock everything else at this stage. None: nothing is locked.
pub fn items_open<'a>(stage: &Stage, facts: &'a Facts) -> Option<&'a [Item]> {
    let items = facts.asked.as_ref().map_or(&[][..], |(_, items)| items.as_slice());
    (stage.edit == Edit::Items && !items.is_empty()).then_some(items)
}

/// Whether items open an answer: the one they point at, the record it stands in, the list it belongs to, or a question whose asking
/// depends on an answer they open.
pub fn unlocked(form: &Form, items: &[Item], path: &Path) -> bool {
    let points_at = |name: &str| items.iter().any(|i| i.path == Path::field(name));
    match path {
        Path::Field(name) => points_at(name) || follows(form, name, &points_at),
        Path::Row(list, _) | Path::Cell(list, _, _) if list == RESPONSES.name => true,
        Path::Row(list, id) => points_at(list) || items.iter().any(|i| matches!(&i.path, Path::Row(l, r) if l == list && r == id)),
        Path::Cell(list, id, _) => {
            let row = Path::Row(list.clone(), *id);
            items.iter().any(|i| i.path == *path) || unlocked(form, items, &row)
        }
    }
}

fn follows(form: &Form, name: &str, points_at: &impl Fn(&str) -> bool) -> bool {
    let field = form.fields().map(|(_, f)| f).find(|f| f.name == name);
    let depends = |field: &Field| {
        let mentions = |other: &str| field.shown.mentions(other) || field.required.mentions(other);
        form.fields().any(|(_, other)| mentions(other.name) && points_at(other.name))
    };
    field.is_some_and(depends)
}

/// What the applicant responded to an item; empty if nothing yet.
pub fn response<'a>(answers: &'a Answers, item: &Item) -> &'a str {
    answers.record(RESPONSES.name, item.id).map_or("", |r| r.text(ANSWER.name))
}

/// Items without a response, in their order.
pub fn unanswered<'a>(answers: &Answers, items: &'a [Item]) -> Vec<&'a Item> {
    items.iter().filter(|i| response(answers, i).trim().is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use uuid::Uuid;

    use super::*;
    use crate::engine::form::Record;
    use crate::kind::registration::FORM;

    fn at(path: Path) -> Item {
        Item { id: Uuid::from_u128(9), path, text: "请补充".into() }
    }

    #[test]
    fn only_what_is_pointed_at_and_what_depends_on_it_is_open() {
        let row = Uuid::from_u128(1);
        let items = [at(Path::field("title_level")), at(Path::Row("work".into(), row))];
        let open = |path: &str| unlocked(&FORM, &items, &path.parse().unwrap());
        assert!(open("title_level"));
        assert!(open("professional_title"), "asked only for some levels");
        assert!(!open("address") && !open("domain") && !open("work"));
        assert!(unlocked(&FORM, &items, &Path::Cell("work".into(), row, "duties".into())));
        assert!(!unlocked(&FORM, &items, &Path::Row("work".into(), Uuid::from_u128(2))), "another record");
        assert!(!unlocked(&FORM, &items, &Path::Row("education".into(), row)));
        let list = [at(Path::field("work"))];
        assert!(unlocked(&FORM, &list, &Path::Row("work".into(), Uuid::from_u128(2))), "a list opens all its records and new ones");
        assert!(unlocked(&FORM, &list, &Path::Row(RESPONSES.name.into(), row)), "a response can always be given");
    }

    #[test]
    fn each_item_asks_for_a_response() {
        let item = at(Path::field("address"));
        let mut answers = Answers::default();
        assert_eq!(unanswered(&answers, std::slice::from_ref(&item)).len(), 1);
        let fields = BTreeMap::from([("answer".to_owned(), "已补充".into())]);
        answers.put_record(RESPONSES.name, Record { id: item.id, fields, gone: false });
        assert_eq!(response(&answers, &item), "已补充");
        assert!(unanswered(&answers, &[item]).is_empty());
    }
}
