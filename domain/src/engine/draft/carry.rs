//! Carrying drafts from one device to another in a file, for who has no network where they write.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::sync::{Local, Where, value_at};
use super::{Question, merge};
use crate::engine::form::Path;

/// Characters a password has at least.
pub const PASSWORD_MIN: usize = 8;

/// What a file of drafts holds, before it is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// Whose drafts they are.
    pub account: Uuid,
    /// The drafts, as the device held them.
    pub drafts: Vec<Local>,
}

/// Why a file of drafts is not taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CarryFault {
    /// It is no such file, or of a newer version.
    Unreadable,
    /// The password does not open it, or it was changed on the way.
    Locked,
    /// The drafts are another account's.
    Foreign,
    /// There is nothing in it, or nothing to put in.
    Empty,
    /// The password is too short.
    Short,
    /// It holds what this device may not keep, and the server is away or nobody is signed in.
    Away,
}

impl CarryFault {
    /// What the person is told.
    pub fn text(self) -> &'static str {
        match self {
            CarryFault::Unreadable => "这不是本系统导出的草稿文件，或者文件已损坏",
            CarryFault::Locked => "口令不正确，或者文件已损坏",
            CarryFault::Foreign => "这份文件是其他账号的草稿，不能导入",
            CarryFault::Empty => "没有可以导出或导入的草稿",
            CarryFault::Short => "口令至少 8 位",
            CarryFault::Away => "文件中有不在本机保存的内容，请恢复网络并登录后再导入",
        }
    }
}

impl Carried {
    /// What is carried out of these drafts: those that have something the server may lack.
    pub fn of(account: Uuid, drafts: Vec<Local>) -> Result<Self, CarryFault> {
        let drafts: Vec<Local> = drafts.into_iter().filter(|d| !matches!(d.place(), Where::There(_))).collect();
        if drafts.is_empty() { Err(CarryFault::Empty) } else { Ok(Self { account, drafts }) }
    }

    /// The drafts, for a device of this account.
    pub fn for_account(self, account: Uuid) -> Result<Vec<Local>, CarryFault> {
        match self.drafts.is_empty() {
            true => Err(CarryFault::Empty),
            false if self.account != account => Err(CarryFault::Foreign),
            false => Ok(self.drafts),
        }
    }
}

impl Local {
    /// This draft as another device holds it that it was carried to. What was under way is sent again by that device as its own: the same
    /// values, sent twice, are no difference.
    pub fn carried_to(self, device: Uuid) -> Self {
        Self { device, seq: 0, sent: None, intent: None, ..self }
    }

    /// Takes in the same draft, carried here from another device. What both changed differently is asked.
    pub fn take_in(&mut self, carried: &Local) {
        let merged = merge(&carried.base, &self.mine, &carried.mine);
        // A question that comes along stands against what stands here, which may be newer than what it was asked against.
        let here = |q: &Question| match &q.path {
            Path::Row(..) => q.clone(),
            path => Question { theirs: value_at(&merged.answers, path).cloned(), ..q.clone() },
        };
        let came: Vec<Question> =
            carried.questions.iter().map(here).filter(|q| matches!(q.path, Path::Row(..)) || q.mine != q.theirs).collect();
        for question in came.into_iter().chain(merged.questions) {
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
    use crate::engine::draft::sync::Choice;
    use crate::engine::form::Answers;

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    fn draft(device: u128) -> Local {
        Local::at(id(1), "registration", id(device), 1, Answers::default())
    }

    fn typed(local: &mut Local, name: &str, value: &str) {
        local.edit(&[Op { path: Path::field(name), value: Some(value.into()) }]);
    }

    #[test]
    fn only_what_the_server_may_lack_is_carried() {
        let mut unsent = draft(1);
        assert_eq!(Carried::of(id(9), vec![unsent.clone()]), Err(CarryFault::Empty));
        typed(&mut unsent, "a", "1");
        let carried = Carried::of(id(9), vec![unsent.clone(), draft(1)]).unwrap();
        assert_eq!(carried.drafts, [unsent]);
        assert_eq!(carried.clone().for_account(id(8)), Err(CarryFault::Foreign));
        assert_eq!(carried.for_account(id(9)).unwrap().len(), 1);
    }

    #[test]
    fn a_draft_carried_to_a_device_is_sent_by_it_as_its_own() {
        let mut local = draft(1);
        typed(&mut local, "a", "1");
        let under_way = local.outgoing().unwrap();
        let mut there = local.carried_to(id(2));
        let patch = there.outgoing().unwrap();
        assert_eq!((patch.device, patch.seq, patch.ops), (id(2), 1, under_way.ops));
    }

    #[test]
    fn a_question_that_is_carried_shows_what_was_typed_here_before_it_can_replace_it() {
        let (mut here, mut there) = (draft(1), draft(2));
        typed(&mut here, "a", "here");
        let path = Path::field("a");
        there.questions.push(Question { path: path.clone(), mine: Some("asked".into()), theirs: None });
        here.take_in(&there);
        assert_eq!((here.mine.text("a"), here.questions[0].theirs.clone()), ("here", Some("here".into())));
        here.settle(&path, &Choice::Mine);
        assert_eq!(here.mine.text("a"), "asked");
        // What is the same on both sides is no question.
        there.questions[0].mine = Some("asked".into());
        here.take_in(&there);
        assert!(here.questions.is_empty());
    }

    #[test]
    fn what_both_devices_changed_differently_is_asked_and_the_rest_is_taken() {
        let (mut here, mut there) = (draft(1), draft(2));
        typed(&mut here, "a", "here");
        typed(&mut here, "b", "here");
        typed(&mut there, "a", "there");
        typed(&mut there, "c", "there");
        here.take_in(&there);
        assert_eq!((here.mine.text("a"), here.mine.text("b"), here.mine.text("c")), ("there", "here", "there"));
        assert_eq!(here.questions.len(), 1);
        assert_eq!(here.questions[0].mine, Some("here".into()));
        let before = here.clone();
        here.take_in(&there);
        assert_eq!(here.mine, before.mine, "taken in twice, it is the same");
    }
}
