//! Flows as data, and the one function that moves a matter.
//!
//! A flow is a table of stages; a stage is a table of moves. [`decide`] reads the table and nothing else moves a matter. Buttons ask
//! [`open_moves`], which asks the same table, so that a button that shows is a command that works.

mod decide;
mod event;
mod facts;
mod items;
pub mod usual;

pub use decide::{Asked, Command, Decided, NOTE_MAX, Refusal, decide, open_moves};
pub use event::{Event, Item, What};
pub use facts::{Facts, Vote};
pub use items::{ANSWER, RESPONSES, items_open, response, unanswered, unlocked};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::base::permission::Role;
use crate::base::rule::{Key, RulesOn};
use crate::engine::form::When;

/// The stages of a kind of matter. The first is the draft.
pub struct Flow {
    /// All stages; every `to` names one of them.
    pub stages: &'static [Stage],
}

/// One stage.
#[derive(Debug)]
pub struct Stage {
    /// Stable code.
    pub code: &'static str,
    /// What the person reads: 机构初核中.
    pub label: &'static str,
    /// Whose turn it is.
    pub turn: Party,
    /// How long it may take.
    pub days: Option<Span>,
    /// Whether the answers can be edited here.
    pub edit: Edit,
    /// How many must decide alike.
    pub agreement: Agreement,
    /// What can be done here.
    pub moves: &'static [Move],
    /// How a closed matter ended. None: it is open.
    pub outcome: Option<Outcome>,
}

/// One thing that can be done at a stage.
#[derive(Debug)]
pub struct Move {
    /// Code of the command.
    pub command: &'static str,
    /// Who may.
    pub by: Party,
    /// Word on the button.
    pub label: &'static str,
    /// What is written in the history when it was done.
    pub done: &'static str,
    /// Where it leads: the first whose condition holds for the submitted answers.
    pub to: &'static [(When, &'static str)],
    /// What must be said with it.
    pub asks: Asks,
    /// How the button looks.
    pub tone: Tone,
    /// Nobody who decided at one of these stages may do this too.
    pub apart_from: &'static [&'static str],
    /// Whether it sends the matter into a round of rectification; the rule table says how many rounds there may be.
    pub round: bool,
    /// Whether the opinion given with it is for the association alone.
    pub inner: bool,
    /// What it causes.
    pub effects: &'static [Effect],
}

/// A common move, to be written as `Move { …, ..MOVE }`.
pub const MOVE: Move = Move {
    command: "",
    by: Party::Nobody,
    label: "",
    done: "",
    to: &[],
    asks: Asks::Nothing,
    tone: Tone::Plain,
    apart_from: &[],
    round: false,
    inner: false,
    effects: &[],
};

/// A common stage, to be written as `Stage { …, ..STAGE }`.
pub const STAGE: Stage = Stage {
    code: "",
    label: "",
    turn: Party::Nobody,
    days: None,
    edit: Edit::Nothing,
    agreement: Agreement::One,
    moves: &[],
    outcome: None,
};

/// A time limit of the rule table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// So many working days.
    Working(Key),
    /// So many days of the calendar.
    Calendar(Key),
}

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// The person or institution that began the matter.
    Applicant,
    /// Users of an institution tied to the matter.
    Institution(Link),
    /// People of the association in this role.
    Association(Role),
    /// The experts assigned.
    Expert,
    /// The teachers named in the matter.
    Teacher,
    /// The cash desk: notices of gateways, and what finance found of vouchers.
    Cashier,
    /// An appeal that was upheld: opens what it disputes again, out of the transaction of its own decision.
    Appeal,
    /// Time.
    Clock,
    /// Nobody: the matter is closed.
    Nobody,
}

/// Which of a matter's institutions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// The one that recommends, or that the matter is about.
    Recommending,
    /// 转出机构.
    Leaving,
    /// 转入机构.
    Joining,
    /// At whose desk the matter was begun.
    Filing,
}

/// What a person is to one matter. Who wears none may not see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hat {
    /// Began it.
    Applicant,
    /// Belongs to an institution tied to it.
    Institution(Link),
    /// Has this role at the association.
    Association(Role),
    /// Is assigned to it as an expert.
    Expert,
    /// Is named in it as a teacher.
    Teacher,
    /// The cash desk.
    Cashier,
    /// An appeal that was upheld.
    Appeal,
    /// The daily job.
    Clock,
}

impl Link {
    /// Every link.
    pub const ALL: [Link; 4] = [Link::Recommending, Link::Leaving, Link::Joining, Link::Filing];

    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Link::Recommending => "recommending",
            Link::Leaving => "leaving",
            Link::Joining => "joining",
            Link::Filing => "filing",
        }
    }

    /// The link with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|l| l.code() == code)
    }

    /// Name.
    pub fn label(self) -> &'static str {
        match self {
            Link::Recommending => "推荐机构",
            Link::Leaving => "转出机构",
            Link::Joining => "转入机构",
            Link::Filing => "申请机构",
        }
    }
}

impl Party {
    /// Whether someone with this hat is this party.
    pub fn wears(self, hat: Hat) -> bool {
        match (self, hat) {
            (Party::Applicant, Hat::Applicant)
            | (Party::Expert, Hat::Expert)
            | (Party::Teacher, Hat::Teacher)
            | (Party::Cashier, Hat::Cashier)
            | (Party::Appeal, Hat::Appeal)
            | (Party::Clock, Hat::Clock) => true,
            (Party::Institution(a), Hat::Institution(b)) => a == b,
            (Party::Association(a), Hat::Association(b)) => a == b,
            _ => false,
        }
    }

    /// What people read as "whose turn".
    pub fn label(self) -> &'static str {
        match self {
            Party::Applicant => "申请人",
            Party::Institution(link) => link.label(),
            Party::Association(_) => "协会",
            Party::Expert => "评价专家",
            Party::Teacher => "教师",
            Party::Cashier => "收费系统",
            Party::Appeal => "申诉处理",
            Party::Clock => "系统",
            Party::Nobody => "",
        }
    }

    /// Stable code, kept with the matter as an index.
    pub fn code(self) -> String {
        match self {
            Party::Applicant => "applicant".into(),
            Party::Institution(Link::Recommending) => "institution".into(),
            Party::Institution(link) => format!("institution_{}", link.code()),
            Party::Association(role) => format!("association_{}", role.code()),
            Party::Expert => "expert".into(),
            Party::Teacher => "teacher".into(),
            Party::Cashier => "cashier".into(),
            Party::Appeal => "appeal".into(),
            Party::Clock => "clock".into(),
            Party::Nobody => String::new(),
        }
    }
}

/// What can be edited at a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// Nothing.
    Nothing,
    /// Everything.
    Everything,
    /// What the last return pointed at; everything, if it pointed at nothing.
    Items,
}

/// How many must decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// The first decision counts.
    One,
    /// Every one assigned gives an opinion; the first command counts when all of them chose it, the second when one did not.
    All(&'static str, &'static str),
    /// Every one assigned gives an opinion; the command most of them chose counts, the named one when no command has more
    /// than half.
    Majority(&'static str),
}

/// What a move must come with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// Nothing.
    Nothing,
    /// The revision that is submitted; the answers are judged first.
    Submission,
    /// An opinion, if wished.
    OptionalNote,
    /// An opinion.
    Note,
    /// An opinion and, if wished, the answers it points at.
    NoteAndItems,
    /// An opinion and at least one answer it points at.
    Findings,
    /// Who is assigned: at least so many people. Where the move leads to its own stage, they take the place of those assigned before.
    People(People),
    /// A reason; who gives it leaves the case. The move is made when those left are not enough to decide it.
    Recusal,
}

/// How many people are assigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct People {
    /// At least so many.
    pub least: Least,
    /// Whether their number must be odd.
    pub odd: bool,
}

/// A least number of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Least {
    /// Written here.
    Fixed(usize),
    /// Of the rule table.
    Ruled(Key),
}

impl People {
    /// How many there must be at least, by the rules of a day.
    pub fn least(self, rules: RulesOn<'_>) -> usize {
        match self.least {
            Least::Fixed(n) => n,
            Least::Ruled(key) => usize::try_from(rules.int(key)).unwrap_or(usize::MAX),
        }
    }

    /// Whether so many people will do.
    pub fn suits(self, count: usize, rules: RulesOn<'_>) -> bool {
        count > 0 && count >= self.least(rules) && (!self.odd || count % 2 == 1)
    }
}

/// How a button looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// The usual way forward.
    Forward,
    /// One of several.
    Plain,
    /// Ends or refuses something.
    Grave,
}

/// How a closed matter ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Granted.
    Granted,
    /// Refused.
    Refused,
    /// Taken back.
    Withdrawn,
    /// Ended by time.
    Lapsed,
}

/// What a move causes in the house, in the same transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// A certificate is issued as the submitted answers ask.
    IssueCertificate,
    /// The fee of the kind becomes due.
    Charge,
    /// A fee that is due is asked no longer.
    DropCharge,
    /// The person's practice institution becomes the one tied by this link.
    Join(Link),
    /// A place is taken; refused when none is left.
    TakePlace,
    /// The place is given back.
    ReleasePlace,
    /// The matter whose decision this one disputes is opened again, by its own move [`Party::Appeal`] can make.
    Reopen,
    /// The certificates named are kept alive, as the kind has it.
    ExtendCertificates,
    /// The teachers named are tied to the filing.
    TieTeachers,
}

/// An account acting on a matter.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Who; nil for the cash desk and the daily job.
    pub account: Uuid,
    /// As what.
    pub hats: Vec<Hat>,
}

impl Flow {
    /// The stage with this code.
    pub fn stage(&self, code: &str) -> Option<&'static Stage> {
        self.stages.iter().find(|s| s.code == code)
    }

    /// Whether this move opens a round of rectification.
    pub fn is_round(&self, stage: &str, command: &str) -> bool {
        self.stage(stage).is_some_and(|s| s.moves.iter().any(|m| m.command == command && m.round))
    }

    /// Where every matter begins.
    pub fn draft(&self) -> Option<&'static Stage> {
        self.stages.first()
    }
}

impl Stage {
    /// Whether it is over: nobody can do anything any more, unless an appeal opens it again.
    pub fn closed(&self) -> bool {
        self.outcome.is_some()
    }

    /// Whether its decision can be disputed: an appeal that is upheld has a move here.
    pub fn disputable(&self) -> bool {
        self.closed() && self.reopening().is_some()
    }

    /// The move of an appeal that was upheld.
    pub fn reopening(&self) -> Option<&'static Move> {
        let moves: &'static [Move] = self.moves;
        moves.iter().find(|m| m.by == Party::Appeal)
    }
}

#[cfg(test)]
mod tests;
