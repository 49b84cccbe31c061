//! Matters (业务): everything a person asks for. One engine, many kinds.

mod apart;
mod context;
mod found;
mod past;
mod transfer_policy;

pub use apart::Apart;
pub use context::{ApplicantRecord, MatterContext};
pub use found::{Found, State};
pub use past::PastMatter;
pub use transfer_policy::{OnTransfer, TransferPolicy};

use uuid::Uuid;

use crate::base::permission::Role;
use crate::engine::assessment::Nonconformity;
use crate::engine::flow::{Flow, Link, Party, Stage};
use crate::engine::form::{Answers, Form, Issue, Path, Problem, check_form};
use crate::record::certificate::{Grant, Upkeep};
use crate::record::payment::Fee;

/// The field that names the certificates a matter keeps alive, by their numbers.
pub const CERTIFICATES: &str = "certificates";

/// An institution tied to a matter, and as what.
pub type Tie = (Link, Uuid);

/// A kind of matter: its form, its flow, and the few functions that are its own.
pub struct Kind {
    /// Stable code; stands in addresses.
    pub code: &'static str,
    /// Name, in the manual's words.
    pub label: &'static str,
    /// Heading it stands under in 在线申请.
    pub group: &'static str,
    /// Who begins it: people for themselves, or users of an institution at its desk.
    pub begun_by: &'static [Party],
    /// Its form.
    pub form: &'static Form,
    /// Its flow.
    pub flow: &'static Flow,
    /// 办事指南.
    pub guide: Guide,
    /// What it costs, if it costs anything.
    pub fee: Option<&'static Fee>,
    /// What reviewers can find wrong with it.
    pub nonconformities: &'static [Nonconformity],
    /// Who must not learn who asks.
    pub blind: &'static [Party],
    /// What one matter is called in lists, once the answers tell.
    pub title: fn(&Answers) -> Option<String>,
    /// The institution tied to it by the answers.
    pub institution: fn(&Answers) -> Option<Uuid>,
    /// What a certificate issued for it attests, for kinds whose flow issues one.
    pub grants: fn(&Answers) -> Option<Grant>,
    /// How it keeps alive the certificates named in its field [`CERTIFICATES`], for kinds whose flow does.
    pub upkeep: Option<Upkeep>,
    /// Rules across fields.
    pub judge: fn(&Answers, &MatterContext<'_>) -> Vec<Problem>,
    /// What must be met by the facts about the person, for kinds that ask for any.
    pub requirements: Option<&'static Requirements>,
    /// Whether it can be begun, by what is known of the person; told before the form, and held when it is begun.
    pub entry: Option<fn(&MatterContext<'_>) -> Entry>,
    /// Institutions tied to it by the answers that were submitted, beside the one that recommends.
    pub ties: Option<fn(&Answers) -> Vec<Tie>>,
    /// Roles of the association that may see it.
    pub seen_by: &'static [Role],
    /// Who stays clear of it, whatever their role, by the answers that were submitted.
    pub apart: Option<fn(&Answers) -> Vec<Apart>>,
    /// The matter whose decision it disputes.
    pub disputes: Option<fn(&Answers) -> Option<Uuid>>,
    /// What a change of the applicant's practice institution does to it; the first row that covers its stage counts.
    pub on_transfer: &'static [TransferPolicy],
    /// The list in 专家评价 that shows its cases, for kinds that experts evaluate.
    pub expert_list: Option<ExpertList>,
}

/// A common kind, to be written as `Kind { …, ..PLAIN }`.
pub const PLAIN: Kind = Kind {
    code: "",
    label: "",
    group: "",
    begun_by: &[Party::Applicant],
    form: &Form { version: 1, upgrade: |_| (), steps: &[] },
    flow: &Flow { stages: &[] },
    guide: Guide { summary: "", who: "", prepare: &[], steps: &[] },
    fee: None,
    nonconformities: &[],
    blind: &[],
    title: |_| None,
    institution: |_| None,
    grants: |_| None,
    upkeep: None,
    judge: |_, _| Vec::new(),
    requirements: None,
    entry: None,
    ties: None,
    seen_by: &[Role::Officer, Role::Approver, Role::Finance, Role::Examiner, Role::Admin],
    apart: None,
    disputes: None,
    on_transfer: &[],
    expert_list: None,
};

/// A list of cases in 专家评价.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpertList {
    /// Its last part in the address: `/expert/{slug}`.
    pub slug: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Example of what to search by.
    pub example: &'static str,
}

/// Whether a matter can be begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// It can.
    Open,
    /// It cannot, and why.
    Closed(String),
}

/// What a kind asks of the person.
pub struct Requirements {
    /// Fields of the form that say what is aimed at; without them nothing can be told.
    pub aim: &'static [&'static str],
    /// Fields that are not needed for it but tell more.
    pub also: &'static [&'static str],
    /// Holds every requirement of the aim against the answers and what is known. Empty while the aim is not said.
    pub find: fn(&Answers, &MatterContext<'_>) -> Vec<Found>,
}

/// 办事指南: what a person should know before beginning.
pub struct Guide {
    /// What it is for.
    pub summary: &'static str,
    /// Who can ask for it.
    pub who: &'static str,
    /// What to have at hand.
    pub prepare: &'static [&'static str],
    /// How it goes.
    pub steps: &'static [&'static str],
}

impl Kind {
    /// Judges the whole form, each answer and the rules across them, in the order of the pages.
    pub fn check(&self, answers: &Answers, context: &MatterContext<'_>) -> Vec<Problem> {
        let mut problems = check_form(self.form, answers, context);
        problems.extend((self.judge)(answers, context));
        let unmet = self.unmet(answers, context, &problems);
        problems.extend(unmet);
        let place = |p: &Problem| self.form.steps.iter().position(|s| s.code == p.step);
        problems.sort_by_key(place);
        problems
    }

    /// Every requirement held against the answers and what is known; none for a kind without requirements or without an aim.
    pub fn requirements_of(&self, answers: &Answers, context: &MatterContext<'_>) -> Vec<Found> {
        self.requirements.map_or_else(Vec::new, |r| (r.find)(answers, context))
    }

    /// Requirements that stand in the way of a submission. One that cannot be told yet does so only where its page has no other fault.
    fn unmet(&self, answers: &Answers, context: &MatterContext<'_>, faults: &[Problem]) -> Vec<Problem> {
        let blocks = |f: &Found| match f.state {
            State::Met => false,
            State::Missing => true,
            State::Unknown => faults.iter().all(|p| p.step != f.step),
        };
        let problem = |f: Found| Problem {
            step: f.step,
            path: Path::field(f.field),
            issue: Issue::new("requirement_missing", f.figures()),
            label: f.label,
        };
        self.requirements_of(answers, context).into_iter().filter(blocks).map(problem).collect()
    }

    /// Whether a person can begin one now.
    pub fn entry_for(&self, context: &MatterContext<'_>) -> Entry {
        self.entry.map_or(Entry::Open, |entry| entry(context))
    }

    /// Whether users of an institution can begin one at its desk.
    pub fn at_desks(&self) -> bool {
        self.begun_by.contains(&Party::Institution(Link::Filing))
    }

    /// What a matter of this kind is called in lists.
    pub fn title_for(&self, answers: &Answers) -> String {
        (self.title)(answers).unwrap_or_else(|| self.label.to_owned())
    }

    /// The stage with this code; the draft for a code that is not in the flow.
    pub fn stage(&self, code: &str) -> Option<&'static Stage> {
        self.flow.stage(code).or_else(|| self.flow.draft())
    }
}
