//! The tables of a flow: stages, transitions, and what each of them requires and causes.

use serde::{Deserialize, Serialize};

use super::agreement::Agreement;
use super::facts::DeadlineKey;
use super::party::{InstitutionRelation, Party};
use super::sheet::SHEET;
use super::time_limit::TimeLimit;
use crate::base::permission::Role;
use crate::base::rule::{RuleKey, RulesOn};
use crate::engine::form::{Form, When};
use crate::engine::notification::NotificationKind;

/// The stages of a kind of matter. The first one is the draft.
pub struct Flow {
    /// Every stage; each target of a transition names one of them.
    pub stages: &'static [Stage],
}

/// A stage of a flow.
#[derive(Debug)]
pub struct Stage {
    /// Stable code.
    pub code: &'static str,
    /// Chinese name: 机构初核中.
    pub label: &'static str,
    /// The party whose turn it is; none at a closed stage.
    pub turn: Option<Party>,
    /// Time limit of the stage.
    pub time_limit: Option<TimeLimit>,
    /// Which answers can be edited.
    pub edit: Edit,
    /// How many decisions are needed.
    pub agreement: Agreement,
    /// The transitions out of the stage.
    pub transitions: &'static [Transition],
    /// Whether the party whose turn it is pays, and a payment ends the stage.
    pub awaits_payment: bool,
    /// Outcome of a closed matter; none at an open stage.
    pub outcome: Option<Outcome>,
}

/// A transition: one command that a party can give at a stage.
#[derive(Debug)]
pub struct Transition {
    /// Code of the command.
    pub command: &'static str,
    /// The party that may give the command.
    pub by: Party,
    /// Label of the button.
    pub label: &'static str,
    /// Text in the matter's history.
    pub history: &'static str,
    /// Targets with their conditions on the submitted answers; the first that holds is taken.
    pub to: &'static [(When, &'static str)],
    /// When it is offered and accepted, by the same answers and facts as its targets.
    pub when: When,
    /// The deadline after which it is neither offered nor accepted.
    pub until: Option<DeadlineKey>,
    /// What the command must contain.
    pub requires: Requires,
    /// Emphasis of the button.
    pub tone: Tone,
    /// Stages whose deciders may not give this command (four-eyes principle).
    pub four_eyes_with: &'static [&'static str],
    /// Whether the transition opens a round of rectification. The rule table limits the number of rounds.
    pub round: bool,
    /// Whether it sends the matter back to the applicant, who must change the answers, where it leads to a stage at which they can be edited.
    pub returns: bool,
    /// The notification to the applicant; none for the one that follows from where the transition leads.
    pub notifies: Option<NotificationKind>,
    /// Whether only the association may read the note given with the command.
    pub internal: bool,
    /// Name of a note that is the decision itself, such as 变更后的决定; the message to the applicant quotes it.
    pub quoted_note: Option<&'static str>,
    /// 常用意见 of its own; empty for those of its sort ([`opinion_phrases`](super::opinion_phrases)).
    pub phrases: &'static [&'static str],
    /// Whether the votes given at the stage still count where it leads, for people who join those who gave them.
    pub keeps_votes: bool,
    /// Effects carried out in the same transaction; of a vote that leads to outcomes, with each vote.
    pub effects: &'static [Effect],
}

/// Defaults of a transition, for `Transition { …, ..TRANSITION }`.
pub const TRANSITION: Transition = Transition {
    command: "",
    by: Party::Clock,
    label: "",
    history: "",
    to: &[],
    when: When::Always,
    until: None,
    requires: Requires::Nothing,
    tone: Tone::Plain,
    four_eyes_with: &[],
    round: false,
    returns: false,
    notifies: None,
    internal: false,
    quoted_note: None,
    phrases: &[],
    keeps_votes: false,
    effects: &[],
};

/// Defaults of a stage, for `Stage { …, ..STAGE }`.
pub const STAGE: Stage = Stage {
    code: "",
    label: "",
    turn: None,
    time_limit: None,
    edit: Edit::Nothing,
    agreement: Agreement::One,
    transitions: &[],
    awaits_payment: false,
    outcome: None,
};

/// Which answers can be edited at a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// No answer can be edited.
    Nothing,
    /// Every answer can be edited.
    Everything,
    /// The answers named by the last return; every answer if it named none.
    Items,
}

/// What a command must contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requires {
    /// No further content.
    Nothing,
    /// The revision submitted, whose answers must be valid.
    Submission,
    /// A note is allowed.
    OptionalNote,
    /// A note is required.
    Note,
    /// A note and, optionally, items of rectification.
    NoteAndItems,
    /// A note and at least one item of rectification.
    Findings,
    /// Answers to a form of its own, checked in the context of the matter.
    Form(&'static Form),
    /// The people assigned. If the transition leads to its own stage, they replace those assigned before, unless they join them.
    Assignees(AssigneeCount),
    /// A reason; the person leaves the case. The transition is made if too few people remain to decide.
    Recusal,
    /// Nothing; the people assigned who have not voted leave the case, and the votes given decide. The transition is made if they are too few.
    Absence,
    /// A name and a reason; people of this name are excluded. The matter stays at its stage, unless it awaits experts of whom too few remain.
    Exclusion,
}

/// How many people must be assigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssigneeCount {
    /// The least number.
    pub minimum: Minimum,
    /// Whether the number must be odd.
    pub odd: bool,
    /// Whether they join those assigned before; the number is then that of all.
    pub joins: bool,
}

/// The least number of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Minimum {
    /// A fixed number.
    Fixed(usize),
    /// A number of the rule table.
    Rule(RuleKey),
}

impl Transition {
    /// The form whose answers come with the command: its own, or the sheet of an expert's opinion.
    pub fn form(&self) -> Option<&'static Form> {
        match self.requires {
            Requires::Form(form) => Some(form),
            Requires::Note | Requires::Findings if self.by == Party::Expert => Some(&SHEET),
            _ => None,
        }
    }

    /// Whether it is an expert's opinion, given on the evaluation page. A form of its own is on the page of the matter.
    pub fn is_opinion(&self) -> bool {
        self.by == Party::Expert && matches!(self.requires, Requires::Note | Requires::Findings)
    }
}

impl AssigneeCount {
    /// The least number by the rules of a day.
    pub fn minimum(self, rules: RulesOn<'_>) -> usize {
        match self.minimum {
            Minimum::Fixed(n) => n,
            Minimum::Rule(key) => usize::try_from(rules.int(key)).unwrap_or(usize::MAX),
        }
    }

    /// Whether `count` people are enough, and odd in number where that is required.
    pub fn accepts(self, count: usize, rules: RulesOn<'_>) -> bool {
        count > 0 && count >= self.minimum(rules) && (!self.odd || count % 2 == 1)
    }
}

/// Emphasis of a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// The main action.
    Forward,
    /// One of several actions.
    Plain,
    /// An action that ends or refuses the matter.
    Destructive,
}

/// Outcome of a closed matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The association granted the application.
    Granted,
    /// An institution or the association refused the application.
    Refused,
    /// Withdrawn by the applicant.
    Withdrawn,
    /// Closed because a time limit ran out.
    Lapsed,
}

/// An effect of a transition, carried out in the same transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Issues the certificate that the submitted answers ask for.
    IssueCertificate,
    /// Charges the fee of the kind.
    Charge,
    /// Ends the charge of a matter that closes: cancels an unpaid one, and refunds a paid one if the association has not accepted the matter.
    CancelCharge,
    /// Makes the institution with this relation the applicant's practice institution.
    Join(InstitutionRelation),
    /// Reopens the disputed matter, by its own transition of [`Party::Appeal`].
    Reopen,
    /// Changes the disputed decision in words; refused while no other decision could be carried out.
    Amend,
    /// Renews the certificates named in the answers, as the kind's `Renewal` says.
    ExtendCertificates,
    /// Replaces name and document of the applicant by those of the submitted answers.
    ChangeIdentity,
    /// Imposes the measure that the submitted answers name on a certificate.
    ImposeMeasure,
    /// Lifts the measure that the matter imposed.
    LiftMeasure,
    /// Binds the applicant to the course category of the submitted answers.
    BindCategory,
    /// Files the course of the submitted answers in the register of courses.
    FileCourse,
    /// Stores the lessons of the submitted answers, so that clashes with other plans are found.
    PlanLessons,
    /// Of a vote: confirms the lessons of the teacher who agreed, or gives their time back.
    ConfirmLessons,
    /// Gives the time of the lessons back.
    ReleaseLessons,
    /// Registers the institution of the submitted answers, with the applicant as its first user.
    RegisterInstitution,
}

impl Effect {
    /// Its name, by which the table of effects finds it.
    pub const fn name(self) -> &'static str {
        match self {
            Effect::IssueCertificate => "issue_certificate",
            Effect::Charge => "charge",
            Effect::CancelCharge => "cancel_charge",
            Effect::Join(_) => "join",
            Effect::Reopen => "reopen",
            Effect::Amend => "amend",
            Effect::ExtendCertificates => "extend_certificates",
            Effect::ChangeIdentity => "change_identity",
            Effect::ImposeMeasure => "impose_measure",
            Effect::LiftMeasure => "lift_measure",
            Effect::BindCategory => "bind_category",
            Effect::FileCourse => "file_course",
            Effect::PlanLessons => "plan_lessons",
            Effect::ConfirmLessons => "confirm_lessons",
            Effect::ReleaseLessons => "release_lessons",
            Effect::RegisterInstitution => "register_institution",
        }
    }

    /// The institution that it concerns.
    pub const fn relation(self) -> Option<InstitutionRelation> {
        match self {
            Effect::Join(relation) => Some(relation),
            _ => None,
        }
    }
}

impl Flow {
    /// The stage with this code.
    pub fn stage(&self, code: &str) -> Option<&'static Stage> {
        self.stages.iter().find(|s| s.code == code)
    }

    /// Whether this command at this stage opens a round of rectification.
    pub fn opens_round(&self, stage: &str, command: &str) -> bool {
        self.stage(stage).is_some_and(|s| s.transitions.iter().any(|m| m.command == command && m.round))
    }

    /// Whether a transition sent the matter back to the applicant for changes. One that an earlier release made and the table does not have
    /// any more is taken for a return.
    pub fn is_return(&self, from: &str, command: &str, to: &str) -> bool {
        let of_command = || self.stage(from).into_iter().flat_map(|s| s.transitions).filter(|t| t.command == command);
        let returns = of_command().next().is_none() || of_command().any(|t| t.returns);
        returns && self.stage(to).is_some_and(|s| s.edit != Edit::Nothing)
    }

    /// Whether the votes given before a command at this stage count after it.
    pub fn keeps_votes(&self, stage: &str, command: &str) -> bool {
        self.stage(stage).is_some_and(|s| s.transitions.iter().any(|t| t.command == command && t.keeps_votes))
    }

    /// The stage where every matter begins.
    pub fn draft(&self) -> Option<&'static Stage> {
        self.stages.first()
    }
}

impl Stage {
    /// Code of the party whose turn it is; empty at a closed stage.
    pub fn turn_code(&self) -> String {
        self.turn.map(Party::code).unwrap_or_default()
    }

    /// Whether experts give their opinions, on an evaluation page.
    pub fn is_evaluation(&self) -> bool {
        self.turn == Some(Party::Expert) && self.transitions.iter().any(Transition::is_opinion)
    }

    /// Whether their opinions consist of verdicts on the parts of the application as well.
    pub fn asks_for_verdicts(&self) -> bool {
        self.is_evaluation() && self.transitions.iter().any(|t| t.requires == Requires::Findings)
    }

    /// The form that comes with a command at this stage.
    pub fn form_of(&self, command: &str) -> Option<&'static Form> {
        self.transitions.iter().find(|t| t.command == command).and_then(Transition::form)
    }

    /// The kind of notification to the applicant when a transition has led here.
    pub fn notification(&self, by: Option<&Transition>) -> NotificationKind {
        match by {
            Some(Transition { notifies: Some(named), .. }) => *named,
            _ if self.closed() => NotificationKind::Decided,
            Some(t) if t.returns && self.edit != Edit::Nothing => NotificationKind::Returned,
            _ if self.awaits_payment && self.turn == Some(Party::Applicant) => NotificationKind::PaymentDue,
            _ => NotificationKind::Progress,
        }
    }

    /// Whether the clock makes a transition after the due day.
    pub fn ends_by_clock(&self) -> bool {
        self.transitions.iter().any(|t| t.by == Party::Clock)
    }

    /// What is asked of the party whose turn it is, as the head of a notification (docs/manual.md 3.1.5, 3.4.3).
    pub fn request(&self) -> &'static str {
        match self.turn {
            Some(Party::Expert) if self.asks_for_verdicts() || self.rubric().is_some() => "待评价",
            Some(Party::Institution(_)) => "待审核",
            Some(Party::Participant) => "待确认",
            Some(Party::Association(Role::Approver)) => "待批准",
            Some(Party::Association(Role::Finance)) => "待核验",
            _ => "待处理",
        }
    }

    /// Whether the matter is closed: no party can act any more, except an appeal that was granted.
    pub fn closed(&self) -> bool {
        self.outcome.is_some()
    }

    /// Whether the decision can be appealed: an appeal that was granted has a transition here.
    pub fn can_be_appealed(&self) -> bool {
        self.closed() && self.reopen_transition().is_some()
    }

    /// What happens to a matter here if the institution whose turn it is was closed.
    pub fn closing_transition(&self) -> Option<&'static Transition> {
        let transitions: &'static [Transition] = self.transitions;
        transitions.iter().find(|t| t.by == Party::Closing)
    }

    /// The transition made by an appeal that was granted.
    pub fn reopen_transition(&self) -> Option<&'static Transition> {
        let transitions: &'static [Transition] = self.transitions;
        transitions.iter().find(|t| t.by == Party::Appeal)
    }
}
