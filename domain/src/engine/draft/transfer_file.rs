//! Export and import of drafts in an encrypted file, for devices without a network.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::sync::LocalDraft;
use super::{Question, merge, value_at};
use crate::engine::form::Path;

/// Minimum length of the password.
pub const PASSWORD_MIN: usize = 8;

/// Content of an export file, before encryption.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftExport {
    /// Owner of the drafts.
    pub account: Uuid,
    /// The drafts as stored on the device.
    pub drafts: Vec<LocalDraft>,
}

/// Why an export or import failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferError {
    /// Not an export file, or of a newer version.
    Unreadable,
    /// Wrong password, or a damaged file.
    Locked,
    /// The drafts belong to another account.
    Foreign,
    /// Nothing to export or import.
    Empty,
    /// The password is too short.
    Short,
    /// It contains data that this device may not store, and the server is unreachable or nobody is signed in.
    Away,
}

impl TransferError {
    /// Message for the user.
    pub fn text(self) -> &'static str {
        match self {
            TransferError::Unreadable => "这不是本系统导出的草稿文件，或者文件已损坏",
            TransferError::Locked => "口令不正确，或者文件已损坏",
            TransferError::Foreign => "这份文件是其他账号的草稿，不能导入",
            TransferError::Empty => "没有可以导出或导入的草稿",
            TransferError::Short => "口令至少 8 位",
            TransferError::Away => "文件中有不在本机保存的内容，请恢复网络并登录后再导入",
        }
    }
}

impl DraftExport {
    /// Creates an export of the drafts with unsent changes.
    ///
    /// # Errors
    /// [`TransferError::Empty`], if every draft is on the server already.
    pub fn new(account: Uuid, drafts: Vec<LocalDraft>) -> Result<Self, TransferError> {
        let drafts: Vec<LocalDraft> = drafts.into_iter().filter(|d| d.has_more()).collect();
        if drafts.is_empty() { Err(TransferError::Empty) } else { Ok(Self { account, drafts }) }
    }

    /// The drafts, for a device of this account.
    ///
    /// # Errors
    /// [`TransferError::Empty`] without drafts, [`TransferError::Foreign`] for the export of another account.
    pub fn for_account(self, account: Uuid) -> Result<Vec<LocalDraft>, TransferError> {
        match self.drafts.is_empty() {
            true => Err(TransferError::Empty),
            false if self.account != account => Err(TransferError::Foreign),
            false => Ok(self.drafts),
        }
    }
}

impl LocalDraft {
    /// Rebinds an imported draft to this device: resets the sequence number and the patch in flight, whose changes are sent again by this device.
    pub fn rebind_to(self, device: Uuid) -> Self {
        Self { device, seq: 0, sent: None, intent: None, refused: Vec::new(), refusal: None, ..self }
    }

    /// Merges an imported draft into the local one. Conflicting changes become questions.
    pub fn import(&mut self, imported: &LocalDraft) {
        let merged = merge(&imported.base, &self.mine, &imported.mine);
        // An imported question is compared with the local value, which may be newer.
        let rebased = |q: &Question| match &q.path {
            Path::Row(..) => q.clone(),
            path => Question { theirs: value_at(&merged.answers, path).cloned(), ..q.clone() },
        };
        let questions: Vec<Question> =
            imported.questions.iter().map(rebased).filter(|q| matches!(q.path, Path::Row(..)) || q.mine != q.theirs).collect();
        for question in questions.into_iter().chain(merged.questions) {
            self.questions.retain(|q| q.path != question.path);
            self.questions.push(question);
        }
        self.mine = merged.answers;
        self.intent = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::draft::Op;
    use crate::engine::draft::sync::Resolution;
    use crate::engine::form::Answers;

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    fn draft(device: u128) -> LocalDraft {
        LocalDraft::at(id(1), "registration", id(device), 1, Answers::default())
    }

    fn typed(local: &mut LocalDraft, name: &str, value: &str) {
        local.edit(&[Op { path: Path::field(name), value: Some(value.into()) }]);
    }

    #[test]
    fn only_drafts_with_unsent_edits_are_exported() {
        let mut unsent = draft(1);
        assert_eq!(DraftExport::new(id(9), vec![unsent.clone()]), Err(TransferError::Empty));
        typed(&mut unsent, "a", "1");
        let imported = DraftExport::new(id(9), vec![unsent.clone(), draft(1)]).unwrap();
        assert_eq!(imported.drafts, [unsent]);
        assert_eq!(imported.clone().for_account(id(8)), Err(TransferError::Foreign));
        assert_eq!(imported.for_account(id(9)).unwrap().len(), 1);
    }

    #[test]
    fn an_imported_draft_is_sent_by_the_new_device_as_its_own() {
        let mut local = draft(1);
        typed(&mut local, "a", "1");
        let under_way = local.outgoing().unwrap();
        let mut there = local.rebind_to(id(2));
        let patch = there.outgoing().unwrap();
        assert_eq!((patch.device, patch.seq, patch.ops), (id(2), 1, under_way.ops));
    }

    #[test]
    fn an_imported_question_shows_the_local_answer_before_it_can_replace_it() {
        let (mut here, mut there) = (draft(1), draft(2));
        typed(&mut here, "a", "here");
        let path = Path::field("a");
        there.questions.push(Question { path: path.clone(), mine: Some("asked".into()), theirs: None });
        here.import(&there);
        assert_eq!((here.mine.text("a"), here.questions[0].theirs.clone()), ("here", Some("here".into())));
        here.resolve(&path, &Resolution::Mine);
        assert_eq!(here.mine.text("a"), "asked");
        // Equal values are no question.
        there.questions[0].mine = Some("asked".into());
        here.import(&there);
        assert!(here.questions.is_empty());
    }

    #[test]
    fn answers_changed_differently_become_questions_and_the_rest_is_imported() {
        let (mut here, mut there) = (draft(1), draft(2));
        typed(&mut here, "a", "here");
        typed(&mut here, "b", "here");
        typed(&mut there, "a", "there");
        typed(&mut there, "c", "there");
        here.import(&there);
        assert_eq!((here.mine.text("a"), here.mine.text("b"), here.mine.text("c")), ("there", "here", "there"));
        assert_eq!(here.questions.len(), 1);
        assert_eq!(here.questions[0].mine, Some("here".into()));
        let before = here.clone();
        here.import(&there);
        assert_eq!(here.mine, before.mine, "taken in twice, it is the same");
    }
}
