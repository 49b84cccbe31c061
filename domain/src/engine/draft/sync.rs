//! Sync: what a device holds of a draft, what it sends, and what it makes of the answer. The same code in the browser and in tests.
//!
//! A value that was typed ends in one of three places: it stands, it is asked about, or it is in a revision of the server. A patch under
//! way is sent again unchanged until it is answered, so an answer that was lost costs nothing.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Op, Patch, Question, apply, merge};
use crate::engine::form::{Answers, Path, Value};

/// What a device holds of one draft. All of it is written down after each edit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Local {
    /// The draft.
    pub matter: Uuid,
    /// Code of its kind.
    pub kind: String,
    /// The device.
    pub device: Uuid,
    /// Whether the server knows the draft.
    #[serde(default)]
    pub known: bool,
    /// The revision of the server that is known here.
    #[serde(default)]
    pub base_rev: i64,
    /// The answers of that revision.
    #[serde(default)]
    pub base: Answers,
    /// The answers as they are here. Where there is a question, the other side's value stands.
    #[serde(default)]
    pub mine: Answers,
    /// Counts the patches.
    #[serde(default)]
    pub seq: u64,
    /// The patch under way.
    #[serde(default)]
    pub sent: Option<Sent>,
    /// What must be asked.
    #[serde(default)]
    pub questions: Vec<Question>,
    /// 提交 was wished while there was no network.
    #[serde(default)]
    pub intent: Option<Intent>,
}

/// A patch under way, and what the device held when it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The patch.
    pub patch: Patch,
    /// The answers it leads to.
    pub mine: Answers,
}

/// A wish to submit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The idempotency key of the submission.
    pub key: Uuid,
    /// Whether something of another device came in after the wish, so that the person must look again.
    #[serde(default)]
    pub moved: bool,
}

/// What the server answers to a patch, or when it is asked how a draft stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// The patch it answers; none for a question without a patch.
    pub seq: Option<u64>,
    /// The revision now.
    pub revision: i64,
    /// The answers of that revision.
    pub answers: Answers,
    /// What the patch and others changed differently; the others' value stands in `answers`.
    #[serde(default)]
    pub questions: Vec<Question>,
}

/// How a question is settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// This side's value.
    Mine,
    /// The other side's value.
    Theirs,
    /// Both, one after the other, where both are text.
    Both,
}

/// Where the text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    /// So many questions wait; the rest is as safe as it can be.
    Asked(usize),
    /// On this device only.
    Here,
    /// On the server, as this revision.
    There(i64),
}

/// What is to be done about a wish to submit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Submit {
    /// Nothing is wished.
    Nothing,
    /// Something must reach the server, or be settled, first.
    Wait,
    /// The draft moved since; the person is asked again.
    Ask,
    /// This revision is submitted under this key.
    Go(i64, Uuid),
}

impl Local {
    /// A draft begun on this device.
    pub fn begin(matter: Uuid, kind: &str, device: Uuid) -> Self {
        Self { known: false, ..Self::at(matter, kind, device, 0, Answers::default()) }
    }

    /// A draft of the server, taken up on this device.
    pub fn at(matter: Uuid, kind: &str, device: Uuid, base_rev: i64, base: Answers) -> Self {
        let (kind, mine) = (kind.to_owned(), base.clone());
        Self { matter, kind, device, known: true, base_rev, base, mine, seq: 0, sent: None, questions: Vec::new(), intent: None }
    }

    /// Something was typed, chosen, added or taken out. Typing where there is a question settles it.
    pub fn edit(&mut self, ops: &[Op]) {
        apply(&mut self.mine, ops);
        self.questions.retain(|q| !ops.iter().any(|op| op.path == q.path));
        self.intent = None;
    }

    /// The patch to be sent now: the one under way, or a new one if something is not on the server yet.
    pub fn outgoing(&mut self) -> Option<Patch> {
        if let Some(sent) = &self.sent {
            return Some(sent.patch.clone());
        }
        let ops = between(&self.base, &self.mine);
        if ops.is_empty() && self.known {
            return None;
        }
        self.seq += 1;
        let patch = Patch { matter: self.matter, base_rev: self.base_rev, device: self.device, seq: self.seq, ops };
        self.sent = Some(Sent { patch: patch.clone(), mine: self.mine.clone() });
        Some(patch)
    }

    /// The server answered. What was typed meanwhile is kept; an answer that is not to the patch under way, or older than what is known,
    /// changes nothing.
    pub fn answered(&mut self, answer: Answered) {
        let grown_from = match (&self.sent, answer.seq) {
            (Some(sent), Some(seq)) if sent.patch.seq == seq => sent.mine.clone(),
            (None, None) if answer.revision >= self.base_rev => self.base.clone(),
            _ => return,
        };
        let foreign = !between(&grown_from, &answer.answers).is_empty();
        let merged = merge(&grown_from, &self.mine, &answer.answers);
        // What was typed meanwhile is newer than what the patch carried.
        for question in answer.questions.into_iter().chain(merged.questions) {
            self.questions.retain(|q| q.path != question.path);
            self.questions.push(question);
        }
        self.mine = merged.answers;
        self.base = answer.answers;
        self.base_rev = answer.revision;
        self.known = true;
        self.sent = None;
        // A question whose two sides have become alike is none any more.
        let mine = &self.mine;
        self.questions.retain(|q| matches!(q.path, Path::Row(..)) || value_at(mine, &q.path) != q.mine.as_ref());
        if let Some(intent) = &mut self.intent {
            intent.moved |= foreign;
        }
    }

    /// A file that was sent from here is attached to the answer at `path`: that is no change of another device. `answer`: how the draft
    /// stands since.
    pub fn attached(&mut self, path: &Path, file: Uuid, answer: Answered) {
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
        self.answered(answer);
    }

    /// The edit that takes an attached file off; none if it is not there.
    pub fn detach(&self, path: &Path, file: Uuid) -> Option<Op> {
        let files = value_at(&self.mine, path)?.files();
        let left: Vec<_> = files.iter().filter(|f| f.file != file).cloned().collect();
        let value = (!left.is_empty()).then_some(Value::Files(left.clone()));
        (left.len() < files.len()).then(|| Op { path: path.clone(), value })
    }

    /// Settles a question. Says whether there was one.
    pub fn settle(&mut self, path: &Path, choice: &Choice) -> bool {
        let Some(place) = self.questions.iter().position(|q| q.path == *path) else {
            return false;
        };
        let question = self.questions.remove(place);
        let value = match (choice, &question.mine, value_at(&self.mine, path)) {
            (Choice::Theirs, ..) => return true,
            (Choice::Both, Some(Value::Text(a)), Some(Value::Text(b))) => Some(Value::Text(format!("{b}；{a}"))),
            _ => question.mine,
        };
        // A row is kept or taken out; its question says which in words.
        let value = match path {
            Path::Row(..) => value.filter(|v| v.text() != "gone"),
            _ => value,
        };
        apply(&mut self.mine, &[Op { path: path.clone(), value }]);
        true
    }

    /// Where the text is.
    pub fn place(&self) -> Where {
        match (self.questions.len(), self.known && self.sent.is_none() && between(&self.base, &self.mine).is_empty()) {
            (0, true) => Where::There(self.base_rev),
            (0, false) => Where::Here,
            (count, _) => Where::Asked(count),
        }
    }

    /// 提交 is pressed. Without a network it stays a wish.
    pub fn wish(&mut self, key: Uuid) {
        self.intent = Some(Intent { key, moved: false });
    }

    /// What is to be done about the wish now.
    pub fn submit(&self) -> Submit {
        match (self.intent, self.place()) {
            (None, _) => Submit::Nothing,
            (Some(intent), Where::There(_)) if intent.moved => Submit::Ask,
            (Some(intent), Where::There(revision)) => Submit::Go(revision, intent.key),
            _ => Submit::Wait,
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

/// What leads from one state of a draft to another.
pub fn between(from: &Answers, to: &Answers) -> Vec<Op> {
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
                Some(before) if before.gone == row.gone && before.fields == row.fields => continue,
                Some(before) if !before.gone && row.gone => ops.push(Op { path, value: None }),
                None if row.gone => continue,
                _ => {
                    if before.is_none_or(|b| b.gone) {
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

/// What the server makes of a patch: the answers it keeps as a new revision, and what it asks back. `base`: the answers of the revision
/// the patch was made from.
pub fn receive(base: &Answers, present: &Answers, ops: &[Op]) -> super::Merged {
    let mut mine = base.clone();
    apply(&mut mine, ops);
    merge(base, &mine, present)
}

/// Why a patch did not arrive, or was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// The server cannot read what was sent.
    Validation,
    /// The draft is not open to this person, or not any more.
    Permission,
    /// Nobody is signed in, or someone else.
    Identity,
    /// The revision it was made from is not there, or this page is older than the server reads.
    Gone,
    /// The server is away, or busy.
    Server,
}

impl Failure {
    /// What the person is told.
    pub fn text(self) -> &'static str {
        match self {
            Failure::Validation => "服务器无法识别这次修改，请刷新页面后重试",
            Failure::Permission => "这份草稿当前不能修改，请到“我的事项”查看",
            Failure::Identity => "登录已失效，请在新窗口中登录，回到本页后会自动继续保存",
            Failure::Gone => "内容在别处有了更新，请保存本页后核对",
            Failure::Server => "暂时连接不上服务器，恢复后会自动保存",
        }
    }

    /// The failure behind the name of a fault, as the doors have them.
    pub fn of_code(code: &str) -> Self {
        match code {
            "sign_in" => Failure::Identity,
            "unreachable" | "later" | "server" => Failure::Server,
            "forbidden" | "not_found" | "permission" | "conflict" => Failure::Permission,
            "questions" | "gone" => Failure::Gone,
            _ => Failure::Validation,
        }
    }

    /// Whether it is worth trying again without anyone doing anything.
    pub fn passes(self) -> bool {
        self == Failure::Server
    }

    /// The failure behind a status of HTTP; none for success.
    pub fn of_status(status: u16) -> Option<Self> {
        match status {
            200..=299 => None,
            401 => Some(Failure::Identity),
            403 | 404 => Some(Failure::Permission),
            409 | 410 | 426 => Some(Failure::Gone),
            400 | 413 | 415 | 422 => Some(Failure::Validation),
            _ => Some(Failure::Server),
        }
    }
}

/// How long to wait after so many failures in a row: a second, doubled each time, five minutes at most, less up to a half by `chance`
/// (0 to 255), so that many devices do not come back at once.
pub fn wait_after(failures: u32, chance: u8) -> TimeDelta {
    let most = (1_i64 << failures.min(9)).min(300) * 1000;
    TimeDelta::milliseconds(most - most / 2 * i64::from(chance) / 255)
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod trace;
