//! Removal of sensitive answers from drafts stored in a browser.

use super::sync::{LocalDraft, SyncReply};
use super::{Op, Question};
use crate::engine::form::{Answers, Fields, Form, Path};

/// Whether the answer at this path may be stored in a browser. Unknown fields may, since an older version wrote them.
pub fn may_store(form: &Form, path: &Path) -> bool {
    form.field_at(path).is_none_or(|field| !field.sensitive)
}

/// Removes sensitive answers.
pub fn strip_sensitive(form: &Form, answers: &mut Answers) {
    answers.fields.retain(|name, _| may_store(form, &Path::field(name)));
    for (list, rows) in &mut answers.records {
        for row in rows {
            let id = row.id;
            row.fields.retain(|name, _| may_store(form, &Path::Cell(list.clone(), id, name.clone())));
        }
    }
}

/// Splits a reply into its storable part and the questions about sensitive answers, which only the open page may hold.
pub fn strip_reply(form: &Form, mut answer: SyncReply) -> (SyncReply, Vec<Question>) {
    strip_sensitive(form, &mut answer.answers);
    let (stay, go) = answer.questions.into_iter().partition(|q| may_store(form, &q.path));
    answer.questions = stay;
    (answer, go)
}

/// Splits edits into storable and sensitive ones.
pub fn partition_ops(form: &Form, ops: Vec<Op>) -> (Vec<Op>, Vec<Op>) {
    ops.into_iter().partition(|op| may_store(form, &op.path))
}

/// The changes between two readings of a page's fields.
pub fn changed_ops(before: &Fields, after: &Fields, path: impl Fn(&str) -> Path) -> Vec<Op> {
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    names
        .into_iter()
        .filter(|name| before.get(*name) != after.get(*name))
        .map(|name| Op { path: path(name), value: after.get(name).cloned() })
        .collect()
}

impl LocalDraft {
    /// Whether a browser may store the edit.
    pub fn is_storable(&self, form: &Form) -> bool {
        let plain = |answers: &Answers| {
            let mut stripped = answers.clone();
            strip_sensitive(form, &mut stripped);
            stripped == *answers
        };
        let sent = self.sent.as_ref().is_none_or(|s| plain(&s.mine) && s.patch.ops.iter().all(|op| may_store(form, &op.path)));
        plain(&self.base) && plain(&self.mine) && sent && self.questions.iter().all(|q| may_store(form, &q.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_changed_answers_are_edits() {
        let before = Fields::from([("a".to_owned(), "1".into()), ("b".to_owned(), "2".into())]);
        let after = Fields::from([("a".to_owned(), "1".into()), ("c".to_owned(), "3".into())]);
        let ops = changed_ops(&before, &after, Path::field);
        assert_eq!(ops, [Op { path: Path::field("b"), value: None }, Op { path: Path::field("c"), value: Some("3".into()) }]);
    }
}
