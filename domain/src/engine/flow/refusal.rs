//! Reasons why a command is refused.

use std::ops::RangeInclusive;

use super::facts::{Deadline, DeadlineKey};

/// Why a command was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The stage has no such command, or not for this actor; the two look alike.
    #[error("not open to this person at this stage")]
    NotOpen,
    /// The condition of the transition does not hold.
    #[error("the condition of the transition does not hold")]
    Unmet,
    /// The deadline of the transition is over.
    #[error("the deadline {} is over", .0.code)]
    TooLate(DeadlineKey, Deadline),
    /// The answers were saved again after the page was loaded.
    #[error("the command names an older revision")]
    OldRevision,
    /// The answers failed a check.
    #[error("the answers are not valid")]
    InvalidAnswers,
    /// The answers to the form of the command failed a check.
    #[error("the form of the command is not valid")]
    InvalidForm,
    /// A vote with a veto item does not conclude to fail.
    #[error("a veto item allows one conclusion only")]
    Vetoed,
    /// A vote concludes to pass below this pass mark.
    #[error("the total is below the pass mark of {0}")]
    BelowPassMark(u32),
    /// No answer was changed since the return.
    #[error("nothing was changed")]
    Unchanged,
    /// A note is required.
    #[error("a note is required")]
    NoNote,
    /// The note is longer than [`NOTE_MAX`].
    #[error("the note is too long")]
    LongNote,
    /// The same person decided at an earlier stage, and a second person must decide here.
    #[error("decided at an earlier stage by the same person")]
    SamePerson,
    /// This person has voted already.
    #[error("voted already")]
    Voted,
    /// The people assigned are too few, even in number where it must be odd, or named twice.
    #[error("wrong number of people")]
    People,
    /// A person assigned has a conflict of interest or is not an expert.
    #[error("a person assigned has a conflict of interest")]
    Conflicted,
    /// At least one item of rectification is required.
    #[error("an item of rectification is required")]
    NoItems,
    /// Every round of rectification has been used.
    #[error("no round is left")]
    NoRounds,
    /// The name of a person to be excluded is missing, or not a name.
    #[error("the name of a person is required")]
    NoName,
    /// Everyone of this name is excluded already.
    #[error("excluded already")]
    AlreadyExcluded,
    /// The exclusion would leave a stage without anybody who may decide it.
    #[error("nobody would be left to decide")]
    NobodyLeft,
}

/// Maximum length of a note in characters.
pub const NOTE_MAX: usize = 1000;
/// Length of the name of a person to be excluded, in characters; a title may stand beside it.
pub const EXCLUDED_NAME: RangeInclusive<usize> = 2..=60;

impl Refusal {
    /// Message for the user.
    pub fn text(self) -> String {
        let text = match self {
            Refusal::TooLate(key, deadline) => return format!("已超过{}（{}），不能再进行此操作", key.label, deadline.text()),
            Refusal::BelowPassMark(mark) => return format!("总分低于 {mark} 分，结论不能为“通过”"),
            Refusal::Vetoed => "存在否决项时，结论只能为“不通过”",
            Refusal::Unmet => "目前不符合进行此操作的条件，请刷新后查看",
            Refusal::NotOpen => "该业务当前不能进行此操作，可能已被他人处理，请刷新后查看",
            Refusal::OldRevision => "内容在别处有更新，请核对最新内容后再提交",
            Refusal::InvalidAnswers => "填写内容还有问题，请按提示修改后再提交",
            Refusal::InvalidForm => "填写的内容还有问题，请按提示修改",
            Refusal::Unchanged => "退回后尚未修改任何内容，请按退回意见修改后再提交",
            Refusal::NoNote => "请填写意见",
            Refusal::LongNote => "意见最多 1000 字",
            Refusal::SamePerson => "您已办理过该业务的前一环节，须由另一人办理",
            Refusal::Voted => "您已提交过意见",
            Refusal::People => "请按要求的人数选择人员，不得重复",
            Refusal::Conflicted => "所选人员中有须回避或不具备专家资格的，请重新选择",
            Refusal::NoItems => "请至少选择一项不符合的内容",
            Refusal::NoRounds => "整改次数已用完，不能再次退回，请作出审批决定",
            Refusal::NoName => "请填写须回避人员的姓名，2 至 60 个字",
            Refusal::AlreadyExcluded => "此姓名已登记回避，无需重复登记",
            Refusal::NobodyLeft => "登记后将没有人员可以办理该业务，请先由系统管理员为其他人员授予相应角色",
        };
        text.to_owned()
    }

    /// Stable error code.
    pub fn code(self) -> &'static str {
        match self {
            Refusal::NotOpen => "not_open",
            Refusal::Unmet => "unmet",
            Refusal::Vetoed => "vetoed",
            Refusal::BelowPassMark(_) => "below_pass_mark",
            Refusal::TooLate(..) => "too_late",
            Refusal::OldRevision => "old_revision",
            Refusal::InvalidAnswers => "unsound",
            Refusal::InvalidForm => "invalid_form",
            Refusal::Unchanged => "unchanged",
            Refusal::NoNote => "no_note",
            Refusal::LongNote => "long_note",
            Refusal::SamePerson => "same_person",
            Refusal::Voted => "voted",
            Refusal::People => "people",
            Refusal::Conflicted => "conflicted",
            Refusal::NoItems => "no_items",
            Refusal::NoRounds => "no_rounds",
            Refusal::NoName => "no_name",
            Refusal::AlreadyExcluded => "already_excluded",
            Refusal::NobodyLeft => "nobody_left",
        }
    }
}
