//! Rectification: the items of a return, the answers they unlock, and the applicant's responses.

use super::definition::{Edit, Stage};
use super::event::RectificationItem;
use super::state::MatterState;
use crate::engine::form::{Answers, FIELD, Field, Form, Path, RecordList, When, Widget};

/// The applicant's response to one item.
pub const ANSWER: Field =
    Field { name: "answer", label: "整改说明", hint: "说明做了哪些修改或补充", widget: Widget::Lines(500), ..FIELD };

/// The responses, stored among the answers as a record for each item with the item's id.
pub static RESPONSES: RecordList = RecordList {
    name: "_responses",
    label: "整改说明",
    hint: "",
    required: When::Never,
    max: 200,
    fields: &[ANSWER],
    title: &["answer"],
    span: None,
    library: false,
};

/// The items to which editing is limited at this stage; `None` without a limit.
pub fn open_items<'a>(stage: &Stage, state: &'a MatterState) -> Option<&'a [RectificationItem]> {
    let items = state.return_request.as_ref().map_or(&[][..], |(_, items)| items.as_slice());
    (stage.edit == Edit::Items && !items.is_empty()).then_some(items)
}

/// Whether items unlock an answer: the named answer, its record, its list, or a field that depends on an unlocked answer.
pub fn is_unlocked(form: &Form, items: &[RectificationItem], path: &Path) -> bool {
    let is_named = |name: &str| items.iter().any(|i| i.path == Path::field(name));
    match path {
        Path::Field(name) => is_named(name) || depends_on_unlocked(form, name, &is_named),
        Path::Row(list, _) | Path::Cell(list, _, _) if list == RESPONSES.name => true,
        Path::Row(list, id) => is_named(list) || items.iter().any(|i| matches!(&i.path, Path::Row(l, r) if l == list && r == id)),
        Path::Cell(list, id, _) => {
            let row = Path::Row(list.clone(), *id);
            let is_cell = |name: &str| items.iter().any(|i| i.path == Path::Cell(list.clone(), *id, name.to_owned()));
            let follows = |field: &Field| field.widget.others().any(|other| is_named(other.name) || is_cell(other.name));
            items.iter().any(|i| i.path == *path) || form.field_at(path).is_some_and(follows) || is_unlocked(form, items, &row)
        }
    }
}

fn depends_on_unlocked(form: &Form, name: &str, is_named: &impl Fn(&str) -> bool) -> bool {
    let field = form.field_at(&Path::field(name));
    let depends = |field: &Field| {
        let mentions = |other: &str| field.shown.mentions(other) || field.required.mentions(other);
        form.fields().any(|(_, other)| mentions(other.name) && is_named(other.name))
            || field.widget.others().any(|other| is_named(other.name))
    };
    field.is_some_and(depends)
}

/// The applicant's response to an item; empty without one.
pub fn response<'a>(answers: &'a Answers, item: &RectificationItem) -> &'a str {
    answers.record(RESPONSES.name, item.id).map_or("", |r| r.text(ANSWER.name))
}

/// Items without a response, in order.
pub fn unanswered_items<'a>(answers: &Answers, items: &'a [RectificationItem]) -> Vec<&'a RectificationItem> {
    items.iter().filter(|i| response(answers, i).trim().is_empty()).collect()
}
