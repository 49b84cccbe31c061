//! What a browser may keep of a draft: everything but what is sensitive.

use super::sync::{Answered, Local};
use super::{Op, Question};
use crate::engine::form::{Answers, Fields, Form, Path};

/// Whether the answer at this path may be kept in a browser. What the form does not know may: an older bundle wrote it.
pub fn may_stay(form: &Form, path: &Path) -> bool {
    let field = match path {
        Path::Field(name) => form.fields().map(|(_, f)| f).find(|f| f.name == name),
        Path::Cell(list, _, name) => form.records(list).and_then(|(_, l)| l.fields.iter().find(|f| f.name == name)),
        Path::Row(..) => None,
    };
    field.is_none_or(|f| !f.sensitive)
}

/// Takes what is sensitive out of answers.
pub fn strip(form: &Form, answers: &mut Answers) {
    answers.fields.retain(|name, _| may_stay(form, &Path::field(name)));
    for (list, rows) in &mut answers.records {
        for row in rows {
            let id = row.id;
            row.fields.retain(|name, _| may_stay(form, &Path::Cell(list.clone(), id, name.clone())));
        }
    }
}

/// What the server answered, less what is sensitive; and the questions about that, which only the open page may hold.
pub fn strip_answered(form: &Form, mut answer: Answered) -> (Answered, Vec<Question>) {
    strip(form, &mut answer.answers);
    let (stay, go) = answer.questions.into_iter().partition(|q| may_stay(form, &q.path));
    answer.questions = stay;
    (answer, go)
}

/// Edits that may be kept, and those that may not.
pub fn part(form: &Form, ops: Vec<Op>) -> (Vec<Op>, Vec<Op>) {
    ops.into_iter().partition(|op| may_stay(form, &op.path))
}

/// What was changed on a page between two readings of its controls.
pub fn typed(before: &Fields, after: &Fields, path: impl Fn(&str) -> Path) -> Vec<Op> {
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    names
        .into_iter()
        .filter(|name| before.get(*name) != after.get(*name))
        .map(|name| Op { path: path(name), value: after.get(name).cloned() })
        .collect()
}

impl Local {
    /// Whether a browser may keep it as it is.
    pub fn storable(&self, form: &Form) -> bool {
        let plain = |answers: &Answers| {
            let mut stripped = answers.clone();
            strip(form, &mut stripped);
            stripped == *answers
        };
        let sent = self.sent.as_ref().is_none_or(|s| plain(&s.mine) && s.patch.ops.iter().all(|op| may_stay(form, &op.path)));
        plain(&self.base) && plain(&self.mine) && sent && self.questions.iter().all(|q| may_stay(form, &q.path))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::engine::form::{Record, Value};
    use crate::kind::registration::FORM;

    fn text(value: &str) -> Option<Value> {
        Some(value.into())
    }

    #[test]
    fn nothing_sensitive_stays_in_a_browser() {
        let fields = Fields::from([("address".to_owned(), "甲路".into()), ("name_pinyin".to_owned(), "Zhang".into())]);
        let mut answers = Answers { fields, ..Answers::default() };
        let fields = Fields::from([("referee_phone".to_owned(), "13800000001".into()), ("employer".to_owned(), "甲公司".into())]);
        let list = FORM.steps.iter().flat_map(|s| s.records()).find(|l| l.fields.iter().any(|f| f.name == "referee_phone")).unwrap();
        answers.put_record(list.name, Record { id: Uuid::from_u128(1), fields, gone: false });
        let local = |answers: &Answers| Local::at(Uuid::nil(), "registration", Uuid::nil(), 1, answers.clone());
        assert!(!local(&answers).storable(&FORM));
        strip(&FORM, &mut answers);
        assert!(local(&answers).storable(&FORM));
        let row = answers.record(list.name, Uuid::from_u128(1)).unwrap();
        assert_eq!(
            (answers.text("address"), answers.text("name_pinyin"), row.text("referee_phone"), row.text("employer")),
            ("", "Zhang", "", "甲公司")
        );
    }

    #[test]
    fn an_answer_of_the_server_is_parted_from_what_is_sensitive() {
        let question = |name: &str| Question { path: Path::field(name), mine: text("x"), theirs: text("y") };
        let mut answers = Answers::default();
        answers.fields.insert("address".into(), "甲路".into());
        let answer = Answered { seq: Some(1), revision: 2, answers, questions: vec![question("address"), question("name_pinyin")] };
        let (stay, go) = strip_answered(&FORM, answer);
        assert!(stay.answers.fields.is_empty() && stay.questions == [question("name_pinyin")] && go == [question("address")]);
    }

    #[test]
    fn only_what_was_changed_between_two_readings_is_an_edit() {
        let before = Fields::from([("a".to_owned(), "1".into()), ("b".to_owned(), "2".into())]);
        let after = Fields::from([("a".to_owned(), "1".into()), ("c".to_owned(), "3".into())]);
        let ops = typed(&before, &after, Path::field);
        assert_eq!(ops, [Op { path: Path::field("b"), value: None }, Op { path: Path::field("c"), value: text("3") }]);
    }
}
