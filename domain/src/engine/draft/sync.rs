//! Synchronisation of drafts: local state of a device, patches, and replies. The same code in the browser and in tests.
//!
//! Every typed value ends as current value, in a question, or in a revision of the server. A patch in flight is repeated unchanged until it
//! is answered, so a lost reply is harmless.

mod failure;
mod refused;
mod submission;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use self::refused::{mend, take_back, without_refused};
use super::{Op, Patch, Question, apply, join, merge, value_at};
use crate::engine::form::{Answers, Path, Value};

pub use self::failure::{SyncFailure, retry_delay};
pub use self::refused::RefusedOp;

/// Local state of a draft on a device, stored after each edit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalDraft {
    /// Id of the matter that the draft belongs to.
    pub matter: Uuid,
    /// Code of the kind.
    pub kind: String,
    /// Id of this device.
    pub device: Uuid,
    /// Whether the server knows the draft.
    #[serde(default)]
    pub known: bool,
    /// The last known revision of the server.
    #[serde(default)]
    pub base_rev: i64,
    /// Answers of that revision.
    #[serde(default)]
    pub base: Answers,
    /// Local answers. Where there is a question, the other side's value.
    #[serde(default)]
    pub mine: Answers,
    /// Number of the last patch.
    #[serde(default)]
    pub seq: u64,
    /// The patch in flight.
    #[serde(default)]
    pub sent: Option<SentPatch>,
    /// Conflicts that the user has not resolved yet.
    #[serde(default)]
    pub questions: Vec<Question>,
    /// A submission requested without a network.
    #[serde(default)]
    pub intent: Option<SubmitIntent>,
    /// Changes that the server refused while it took others; they are not sent again until they are mended.
    #[serde(default)]
    pub refused: Vec<RefusedOp>,
    /// Why the server refused the draft as a whole, for the user; until a reply arrives.
    #[serde(default)]
    pub refusal: Option<String>,
    /// Whether the server takes no more changes of it, since it was submitted or closed.
    #[serde(default)]
    pub closed: bool,
}

/// A patch in flight, with the local answers it leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentPatch {
    /// The patch as sent.
    pub patch: Patch,
    /// Local answers when the patch was made.
    pub mine: Answers,
}

/// A requested submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmitIntent {
    /// The idempotency key of the submission.
    pub key: Uuid,
    /// Whether the draft was changed after the request, here or on another device, so that the user must confirm it.
    #[serde(rename = "moved", default)]
    pub changed: bool,
}

/// The server's reply to a patch or to a query of the draft's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncReply {
    /// Number of the answered patch; `None` for a query.
    pub seq: Option<u64>,
    /// The revision on the server now.
    pub revision: i64,
    /// Answers of that revision.
    pub answers: Answers,
    /// Conflicts between the patch and other changes; `answers` contains the others' values.
    #[serde(default)]
    pub questions: Vec<Question>,
    /// Changes of the patch that were refused, while the others were applied.
    #[serde(default)]
    pub refused: Vec<RefusedOp>,
}

/// Resolution of a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// The local value.
    Mine,
    /// The other value.
    Theirs,
    /// Both texts, one after the other.
    Both,
}

/// Where the current text is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaveLocation {
    /// Saved, but with this number of open questions.
    Conflicts(usize),
    /// On this device only.
    Device,
    /// On the server, as this revision.
    Server(i64),
}

/// Next step of a requested submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubmitStep {
    /// No submission is requested.
    Nothing,
    /// Unsent changes or open questions come first.
    Wait,
    /// The draft changed since; the user must confirm.
    Ask,
    /// Submit this revision with this idempotency key.
    Go(i64, Uuid),
}

impl LocalDraft {
    /// Creates a draft on this device.
    pub fn begin(matter: Uuid, kind: &str, device: Uuid) -> Self {
        Self { known: false, ..Self::at(matter, kind, device, 0, Answers::default()) }
    }

    /// Creates the local state of a draft loaded from the server.
    pub fn at(matter: Uuid, kind: &str, device: Uuid, base_rev: i64, base: Answers) -> Self {
        Self {
            matter,
            kind: kind.to_owned(),
            device,
            known: true,
            base_rev,
            mine: base.clone(),
            base,
            seq: 0,
            sent: None,
            questions: Vec::new(),
            intent: None,
            refused: Vec::new(),
            refusal: None,
            closed: false,
        }
    }

    /// Applies local edits. An edit of an answer resolves its question.
    pub fn edit(&mut self, ops: &[Op]) {
        apply(&mut self.mine, ops);
        self.questions.retain(|q| !ops.iter().any(|op| op.path == q.path));
        mend(&mut self.refused, ops);
        if let Some(intent) = &mut self.intent {
            intent.changed = true;
        }
    }

    /// The patch to send: the one in flight, or a new one for unsent changes.
    pub fn outgoing(&mut self) -> Option<Patch> {
        if let Some(sent) = &self.sent {
            return Some(sent.patch.clone());
        }
        let ops = self.unsent_ops();
        if ops.is_empty() && self.known {
            return None;
        }
        self.seq += 1;
        let patch = Patch { matter: self.matter, base_rev: self.base_rev, device: self.device, seq: self.seq, ops, replaces: None };
        self.sent = Some(SentPatch { patch: patch.clone(), mine: self.mine.clone() });
        Some(patch)
    }

    /// Records that answers were posted otherwise than by a patch, and are part of this revision. Edits since then stay unsent.
    pub fn rebase(&mut self, revision: i64, posted: &[Op]) {
        apply(&mut self.base, posted);
        if revision > self.base_rev {
            self.refused.clear();
        }
        self.base_rev = revision;
        self.known = true;
    }

    /// The same text after the device lost its row. The numbers of its patches may be taken by now, so it continues under another device id,
    /// and the patch in flight is sent anew; values that the server has already are no conflict.
    pub fn restored(self, device: Uuid) -> Self {
        Self { device, seq: 0, sent: None, ..self }
    }

    /// Takes back the patch in flight after the server refused it as a whole; its changes are part of the next one.
    pub fn withdraw(&mut self) {
        self.sent = None;
    }

    /// Applies a reply and keeps later local edits. A reply to another patch, or with an older revision, changes nothing.
    pub fn apply_reply(&mut self, answer: SyncReply) {
        let mut grown_from = match (&self.sent, answer.seq) {
            (Some(sent), Some(seq)) if sent.patch.seq == seq => sent.mine.clone(),
            (None, None) if answer.revision >= self.base_rev => self.base.clone(),
            _ => return,
        };
        if answer.seq.is_none() && answer.revision > self.base_rev {
            // Another revision may have room for what was refused.
            self.refused.clear();
        }
        self.refused.extend(answer.refused);
        take_back(&mut grown_from, &self.base, &self.refused);
        let foreign = !diff(&grown_from, &answer.answers).is_empty();
        let merged = merge(&grown_from, &self.mine, &answer.answers);
        // Later local edits take precedence over the patch.
        for question in answer.questions.into_iter().chain(merged.questions) {
            self.questions.retain(|q| q.path != question.path);
            self.questions.push(question);
        }
        self.mine = merged.answers;
        self.base = answer.answers;
        self.base_rev = answer.revision;
        self.known = true;
        self.sent = None;
        (self.refusal, self.closed) = (None, false);
        // Drop questions whose sides have become equal.
        let mine = &self.mine;
        self.questions.retain(|q| matches!(q.path, Path::Row(..)) || value_at(mine, &q.path) != q.mine.as_ref());
        if let Some(intent) = &mut self.intent {
            intent.changed |= foreign;
        }
    }

    /// Records that a file of this device was attached to the answer at `path`, which is not a change of another device. `answer` is the state
    /// afterwards.
    pub fn apply_attachment(&mut self, path: &Path, file: Uuid, answer: SyncReply) {
        let files = value_at(&answer.answers, path).map_or(&[][..], Value::files);
        if let Some(reference) = files.iter().find(|f| f.file == file) {
            let sent = self.sent.as_mut().map(|sent| &mut sent.mine);
            for answers in [&mut self.base, &mut self.mine].into_iter().chain(sent) {
                let mut files = value_at(answers, path).map_or_else(Vec::new, |v| v.files().to_vec());
                if !files.contains(reference) {
                    files.push(reference.clone());
                    apply(answers, &[Op { path: path.clone(), value: Some(Value::Files(files)) }]);
                }
            }
        }
        self.apply_reply(answer);
    }

    /// The edit that removes an attached file; `None` if it does not exist.
    pub fn detach(&self, path: &Path, file: Uuid) -> Option<Op> {
        let files = value_at(&self.mine, path)?.files();
        let left: Vec<_> = files.iter().filter(|f| f.file != file).cloned().collect();
        let value = (!left.is_empty()).then_some(Value::Files(left.clone()));
        (left.len() < files.len()).then(|| Op { path: path.clone(), value })
    }

    /// Resolves a question. Returns whether it existed.
    pub fn resolve(&mut self, path: &Path, choice: &Resolution) -> bool {
        let Some(place) = self.questions.iter().position(|q| q.path == *path) else {
            return false;
        };
        let question = self.questions.remove(place);
        let value = match (choice, &question.mine, value_at(&self.mine, path)) {
            (Resolution::Theirs, ..) => return true,
            (Resolution::Both, Some(Value::Text(mine)), Some(Value::Text(theirs))) => Some(Value::Text(join(mine, theirs))),
            _ => question.mine,
        };
        // A record is either kept or removed.
        let value = match path {
            Path::Row(..) => value.filter(|v| v.text() != "gone"),
            _ => value,
        };
        apply(&mut self.mine, &[Op { path: path.clone(), value }]);
        true
    }

    /// Where the current text is saved.
    pub fn location(&self) -> SaveLocation {
        match (self.questions.len(), self.known && self.sent.is_none() && self.unsent_ops().is_empty()) {
            (0, true) => SaveLocation::Server(self.base_rev),
            (0, false) => SaveLocation::Device,
            (count, _) => SaveLocation::Conflicts(count),
        }
    }

    /// The changes to send, without those that the server refused.
    fn unsent_ops(&self) -> Vec<Op> {
        without_refused(diff(&self.base, &self.mine), &self.refused)
    }
}

/// The edits that lead from one state to another.
pub fn diff(from: &Answers, to: &Answers) -> Vec<Op> {
    let mut ops = Vec::new();
    let names = |a: &super::Fields, b: &super::Fields| a.keys().chain(b.keys()).cloned().collect::<std::collections::BTreeSet<_>>();
    for name in names(&from.fields, &to.fields) {
        if from.fields.get(&name) != to.fields.get(&name) {
            ops.push(Op { path: Path::Field(name.clone()), value: to.fields.get(&name).cloned() });
        }
    }
    for (list, rows) in &to.records {
        for row in rows {
            let before = from.records.get(list).and_then(|rs| rs.iter().find(|r| r.id == row.id));
            let path = Path::Row(list.clone(), row.id);
            match before {
                Some(before) if before.removed == row.removed && before.fields == row.fields => continue,
                Some(before) if !before.removed && row.removed => ops.push(Op { path, value: None }),
                None if row.removed => continue,
                _ => {
                    if before.is_none_or(|b| b.removed) {
                        ops.push(Op { path, value: Some(Value::Text("kept".into())) });
                    }
                    let none = super::Fields::new();
                    let was = before.map_or(&none, |b| &b.fields);
                    for name in names(was, &row.fields) {
                        if was.get(&name) != row.fields.get(&name) {
                            let path = Path::Cell(list.clone(), row.id, name.clone());
                            ops.push(Op { path, value: row.fields.get(&name).cloned() });
                        }
                    }
                }
            }
        }
    }
    ops
}

/// Merges a patch on the server: the new answers, and conflicts as questions. `base`: answers of the patch's base revision.
pub fn merge_patch(base: &Answers, present: &Answers, ops: &[Op]) -> super::Merged {
    let mut mine = base.clone();
    apply(&mut mine, ops);
    merge(base, &mine, present)
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod trace;
