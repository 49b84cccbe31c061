//! Synchronisation of drafts: local state of a device, patches, and replies. The same code in the browser and in tests.
//!
//! Every typed value ends as current value, in a question, or in a revision of the server. A patch in flight is repeated unchanged until it
//! is answered, so a lost reply is harmless.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Op, Patch, Question, apply, join, merge};
use crate::engine::form::{Answers, Path, Value};

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
    /// Whether changes of another device arrived after the request, so that the user must confirm it.
    #[serde(rename = "moved", default)]
    pub remote_changes: bool,
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
        let (kind, mine) = (kind.to_owned(), base.clone());
        Self { matter, kind, device, known: true, base_rev, base, mine, seq: 0, sent: None, questions: Vec::new(), intent: None }
    }

    /// Applies local edits. An edit of an answer resolves its question.
    pub fn edit(&mut self, ops: &[Op]) {
        apply(&mut self.mine, ops);
        self.questions.retain(|q| !ops.iter().any(|op| op.path == q.path));
        self.intent = None;
    }

    /// The patch to send: the one in flight, or a new one for unsent changes.
    pub fn outgoing(&mut self) -> Option<Patch> {
        if let Some(sent) = &self.sent {
            return Some(sent.patch.clone());
        }
        let ops = diff(&self.base, &self.mine);
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
        self.base_rev = revision;
        self.known = true;
    }

    /// Takes back the patch in flight after the server refused it as a whole; its changes are part of the next one.
    pub fn withdraw(&mut self) {
        self.sent = None;
    }

    /// Applies a reply and keeps later local edits. A reply to another patch, or with an older revision, changes nothing.
    pub fn apply_reply(&mut self, answer: SyncReply) {
        let grown_from = match (&self.sent, answer.seq) {
            (Some(sent), Some(seq)) if sent.patch.seq == seq => sent.mine.clone(),
            (None, None) if answer.revision >= self.base_rev => self.base.clone(),
            _ => return,
        };
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
        // Drop questions whose sides have become equal.
        let mine = &self.mine;
        self.questions.retain(|q| matches!(q.path, Path::Row(..)) || value_at(mine, &q.path) != q.mine.as_ref());
        if let Some(intent) = &mut self.intent {
            intent.remote_changes |= foreign;
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
        match (self.questions.len(), self.known && self.sent.is_none() && diff(&self.base, &self.mine).is_empty()) {
            (0, true) => SaveLocation::Server(self.base_rev),
            (0, false) => SaveLocation::Device,
            (count, _) => SaveLocation::Conflicts(count),
        }
    }

    /// Requests a submission, which waits for the network.
    pub fn request_submit(&mut self, key: Uuid) {
        self.intent = Some(SubmitIntent { key, remote_changes: false });
    }

    /// The next step of the requested submission.
    pub fn next_submit_step(&self) -> SubmitStep {
        match (self.intent, self.location()) {
            (None, _) => SubmitStep::Nothing,
            (Some(intent), SaveLocation::Server(_)) if intent.remote_changes => SubmitStep::Ask,
            (Some(intent), SaveLocation::Server(revision)) => SubmitStep::Go(revision, intent.key),
            _ => SubmitStep::Wait,
        }
    }
}

pub(super) fn value_at<'a>(answers: &'a Answers, path: &Path) -> Option<&'a Value> {
    match path {
        Path::Field(name) => answers.fields.get(name),
        Path::Cell(list, id, name) => answers.record(list, *id)?.fields.get(name),
        Path::Row(..) => None,
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

/// Why a patch failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SyncFailure {
    /// The server cannot parse the patch.
    Validation,
    /// An answer or the draft is too large.
    TooLarge,
    /// The draft is not editable by this user.
    Permission,
    /// Not signed in, or with another account.
    Identity,
    /// The base revision does not exist, or the page is too old for the server.
    Gone,
    /// The draft was deleted on another page or device.
    Discarded,
    /// This account has no such draft.
    Unknown,
    /// The server is unreachable or busy.
    Server,
}

impl SyncFailure {
    /// Message for the user.
    pub fn text(self) -> &'static str {
        match self {
            SyncFailure::Validation => "服务器无法识别这次修改，请刷新页面后重试",
            SyncFailure::TooLarge => "有内容过长，不能保存到服务器，请缩短后继续",
            SyncFailure::Permission => "这份草稿当前不能修改，请到“我的事项”查看",
            SyncFailure::Identity => "登录已失效或已换成其他账号，请在新窗口中用原账号登录，回到本页后会自动继续保存",
            SyncFailure::Gone => "内容在别处有了更新，请保存本页后核对",
            SyncFailure::Discarded => "这份草稿已在其他页面或设备删除，请选择另存为新草稿，或从本机删除",
            SyncFailure::Unknown => "当前账号没有这份草稿，可能属于其他账号；请用填写时的账号登录后继续",
            SyncFailure::Server => "暂时连接不上服务器，恢复后会自动保存",
        }
    }

    /// Whether an automatic retry makes sense.
    pub fn is_temporary(self) -> bool {
        self == SyncFailure::Server
    }

    /// The failure for an HTTP status; `None` for success.
    pub fn from_status(status: u16) -> Option<Self> {
        match status {
            200..=299 => None,
            401 => Some(SyncFailure::Identity),
            403 => Some(SyncFailure::Permission),
            404 => Some(SyncFailure::Unknown),
            409 | 426 => Some(SyncFailure::Gone),
            410 => Some(SyncFailure::Discarded),
            413 => Some(SyncFailure::TooLarge),
            400 | 415 | 422 => Some(SyncFailure::Validation),
            _ => Some(SyncFailure::Server),
        }
    }
}

/// Delay after a number of consecutive failures: one second, doubled each time, at most five minutes, reduced by up to half by `chance`
/// (0 to 255), so that many devices do not retry at once.
pub fn retry_delay(failures: u32, chance: u8) -> TimeDelta {
    let most = (1_i64 << failures.min(9)).min(300) * 1000;
    TimeDelta::milliseconds(most - most / 2 * i64::from(chance) / 255)
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod trace;
