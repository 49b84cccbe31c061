//! What of a draft the server does not have, and the submission that waits for it.

use uuid::Uuid;

use super::refused::mend;
use super::{LocalDraft, SaveLocation, SubmitIntent, SubmitStep};
use crate::engine::draft::{Op, value_at};
use crate::engine::form::{Path, Value};

impl LocalDraft {
    /// Whether it holds anything that the server does not have.
    pub fn has_more(&self) -> bool {
        !self.refused.is_empty() || !matches!(self.location(), SaveLocation::Server(_))
    }

    /// Whether it has changes that can still reach the server. A submitted draft has none.
    pub fn is_unsent(&self) -> bool {
        !self.closed && self.has_more()
    }

    /// Whether it was submitted or closed while this device had changes that the server never took.
    pub fn is_leftover(&self) -> bool {
        self.closed && self.has_more()
    }

    /// The server refused the draft as a whole, for this reason: a requested submission cannot be carried out.
    pub fn refuse(&mut self, text: String) {
        self.refusal = Some(text);
        self.intent = None;
    }

    /// The server takes no more changes, since the draft was submitted or closed.
    pub fn close(&mut self) {
        self.closed = true;
        self.intent = None;
        self.sent = None;
    }

    /// Takes a requested submission back.
    pub fn cancel_submit(&mut self) {
        self.intent = None;
    }

    /// Requests a submission, which waits for the network.
    pub fn request_submit(&mut self, key: Uuid) {
        self.intent = Some(SubmitIntent { key, changed: false });
    }

    /// The next step of the requested submission.
    pub fn next_submit_step(&self) -> SubmitStep {
        match (self.intent, self.location()) {
            (None, _) => SubmitStep::Nothing,
            (Some(_), _) if !self.refused.is_empty() => SubmitStep::Wait,
            (Some(intent), SaveLocation::Server(_)) if intent.changed => SubmitStep::Ask,
            (Some(intent), SaveLocation::Server(revision)) => SubmitStep::Go(revision, intent.key),
            _ => SubmitStep::Wait,
        }
    }

    /// Records edits that may mend refused changes and are not stored on the device.
    pub fn mend(&mut self, ops: &[Op]) {
        mend(&mut self.refused, ops);
    }

    /// The edits that take a refused change back: a record that the server has is as it is there.
    pub fn drop_refused(&self, path: &Path) -> Vec<Op> {
        if self.refused.iter().all(|refused| refused.path != *path) {
            return Vec::new();
        }
        let Path::Row(list, id) = path else {
            return vec![Op { path: path.clone(), value: value_at(&self.base, path).cloned() }];
        };
        let Some(record) = self.base.record(list, *id) else {
            return vec![Op { path: path.clone(), value: None }];
        };
        let cell = |(name, value): (&String, &Value)| Op { path: Path::Cell(list.clone(), *id, name.clone()), value: Some(value.clone()) };
        let row = Op { path: path.clone(), value: Some(Value::Text("kept".into())) };
        std::iter::once(row).chain(record.fields.iter().map(cell)).collect()
    }

    /// Whether the refused change is the removal of a record.
    pub fn is_refused_removal(&self, path: &Path) -> bool {
        matches!(path, Path::Row(list, id) if self.base.record(list, *id).is_some() && self.mine.record(list, *id).is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::draft::apply;
    use crate::engine::draft::sync::{RefusedOp, SyncReply};
    use crate::engine::form::Answers;

    const FULL: &str = "记录数量已达上限";

    fn row(n: u128) -> Path {
        Path::Row("work".into(), Uuid::from_u128(n))
    }

    fn cell(n: u128, text: &str) -> Op {
        Op { path: Path::Cell("work".into(), Uuid::from_u128(n), "employer".into()), value: Some(text.into()) }
    }

    fn field(text: &str) -> Op {
        Op { path: Path::field("address"), value: Some(text.into()) }
    }

    /// A draft whose record 21 was refused together with an address that was taken.
    fn refused_record() -> LocalDraft {
        let mut local = LocalDraft::at(Uuid::from_u128(1), "registration", Uuid::from_u128(2), 3, Answers::default());
        local.edit(&[Op { path: row(21), value: Some("kept".into()) }, cell(21, "甲公司"), field("甲路")]);
        let patch = local.outgoing().unwrap();
        let mut answers = Answers::default();
        apply(&mut answers, &[field("甲路")]);
        let refused = vec![RefusedOp { path: row(21), text: FULL.into() }];
        local.apply_reply(SyncReply { seq: Some(patch.seq), revision: 4, answers, questions: Vec::new(), refused });
        local
    }

    #[test]
    fn a_refused_change_stays_on_the_device_and_is_not_sent_again() {
        let mut local = refused_record();
        assert_eq!(local.mine.record("work", Uuid::from_u128(21)).unwrap().text("employer"), "甲公司");
        assert_eq!((local.location(), local.refused.len(), local.questions.len()), (SaveLocation::Server(4), 1, 0));
        assert!(local.is_unsent());
        assert_eq!(local.outgoing(), None);
    }

    #[test]
    fn a_refused_change_does_not_hold_up_the_next_ones() {
        let mut local = refused_record();
        local.edit(&[field("乙路"), cell(21, "乙公司")]);
        assert_eq!(local.outgoing().unwrap().ops, [field("乙路")]);
    }

    #[test]
    fn a_refused_record_is_sent_again_once_another_of_its_list_is_removed() {
        let mut local = refused_record();
        local.edit(&[Op { path: row(7), value: None }]);
        assert!(local.refused.is_empty());
        assert!(local.outgoing().unwrap().ops.contains(&cell(21, "甲公司")));
    }

    #[test]
    fn a_refused_record_is_sent_again_once_the_server_shows_a_new_revision() {
        let mut local = refused_record();
        let answers = local.base.clone();
        local.apply_reply(SyncReply { seq: None, revision: 5, answers, questions: Vec::new(), refused: Vec::new() });
        assert!(local.outgoing().unwrap().ops.contains(&cell(21, "甲公司")));
    }

    #[test]
    fn a_refused_change_is_taken_back_on_request() {
        let mut local = refused_record();
        let ops = local.drop_refused(&row(21));
        local.edit(&ops);
        assert_eq!((local.refused.len(), local.outgoing()), (0, None));
        assert!(!local.is_unsent());
    }

    #[test]
    fn a_record_whose_removal_was_refused_comes_back_as_the_server_has_it() {
        let mut answers = Answers::default();
        apply(&mut answers, &[Op { path: row(3), value: Some("kept".into()) }, cell(3, "甲公司")]);
        let mut local = LocalDraft::at(Uuid::from_u128(1), "registration", Uuid::from_u128(2), 3, answers.clone());
        local.edit(&[Op { path: row(3), value: None }]);
        let patch = local.outgoing().unwrap();
        let refused = vec![RefusedOp { path: row(3), text: "已锁定".into() }];
        local.apply_reply(SyncReply { seq: Some(patch.seq), revision: 3, answers: answers.clone(), questions: Vec::new(), refused });
        assert!(local.is_refused_removal(&row(3)) && local.outgoing().is_none());
        let ops = local.drop_refused(&row(3));
        local.edit(&ops);
        assert_eq!((local.refused.len(), local.outgoing()), (0, None));
        assert_eq!(local.mine, answers);
    }
}
