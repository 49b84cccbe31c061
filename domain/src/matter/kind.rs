//! The description of a kind of matter.

use chrono::NaiveDate;
use uuid::Uuid;

use super::context::MatterContext;
use super::exclusion::Exclusion;
use super::facet::Facet;
use super::finding::{RequirementFinding, RequirementStatus};
use super::link::{LinkRole, LinkRule, MatterLink};
use super::message::StageMessage;
use super::need::Need;
use super::open_key::OpenKey;
use super::participant::{NamedBefore, Participant, named_participants};
use super::past_matter::PastMatter;
use super::transfer_policy::{self, TransferPolicy};
use crate::base::permission::Role;
use crate::engine::assessment::Nonconformity;
use crate::engine::flow::{Flow, InstitutionRelation, KindFacts, NamedParticipant, Party, Stage};
use crate::engine::form::{Answers, Field, Form, Issue, Path, Problem, Record, RecordList, Step, check_form, check_record, check_step};
use crate::record::account::IdentityChange;
use crate::record::certificate::{CertificateGrant, Renewal};
use crate::record::institution::RegisteredInstitution;
use crate::record::payment::Fee;

/// Name of the field with the numbers of the certificates to renew.
pub const CERTIFICATES_FIELD: &str = "certificates";

/// An institution related to a matter, with its relation.
pub type RelatedInstitution = (InstitutionRelation, Uuid);

/// A kind of matter: its form, its flow, and the few functions that are its own.
pub struct Kind {
    /// Stable code, part of addresses.
    pub code: &'static str,
    /// Name, as in the manual.
    pub label: &'static str,
    /// Name of its application, as in the manual: 人员注册申请.
    pub apply_label: &'static str,
    /// Two letters with which the numbers of its matters begin, unique over the kinds.
    pub number_prefix: &'static str,
    /// Heading in 在线申请.
    pub group: &'static str,
    /// Parties that begin it: individuals, users of an institution, or the association.
    pub begun_by: &'static [Party],
    /// Name of its participants: 教师.
    pub participant_label: &'static str,
    /// Name of its applicant: 申请人; of a matter that the association begins, of the person it is about.
    pub applicant_label: &'static str,
    /// The form of an application.
    pub form: &'static Form,
    /// The flow of an application.
    pub flow: &'static Flow,
    /// 办事指南.
    pub guide: Guide,
    /// Fee, if there is one. It is charged only by a flow with [`Effect::Charge`](crate::engine::flow::Effect); otherwise the guide shows it.
    pub fee: Option<&'static Fee>,
    /// Nonconformities that reviewers can choose.
    pub nonconformities: &'static [Nonconformity],
    /// Parties from which the applicant's identity is hidden.
    pub blind_parties: &'static [Party],
    /// Title in lists, once the answers determine it.
    pub title: fn(&Answers) -> Option<String>,
    /// The institution named in the answers.
    pub institution: fn(&Answers) -> Option<Uuid>,
    /// Content of the certificate, for kinds whose flow issues one.
    pub certificate_grant: fn(&Answers) -> Option<CertificateGrant>,
    /// Kind of renewal of the certificates in the field [`CERTIFICATES_FIELD`], for kinds that renew.
    pub renewal: Option<Renewal>,
    /// What it is searched by, of the submitted answers.
    pub facets: fn(&Answers) -> Vec<(Facet, String)>,
    /// What its rules, option lists and displayed data read of the applicant's record.
    pub needs: &'static [Need],
    /// Rules across fields. Each problem names the step at whose 下一步 its rule is judged, which is the last one that the rule reads.
    pub validate: fn(&Answers, &MatterContext<'_>) -> Vec<Problem>,
    /// What the applicant is told without being kept from submitting, across fields. Each names the step at whose 下一步 it is told.
    pub warnings: fn(&Answers, &MatterContext<'_>) -> Vec<Problem>,
    /// Fields that the address of 在线办理 may fill in a new draft.
    pub preset: &'static [&'static str],
    /// Requirements on the applicant, for kinds that have any.
    pub requirements: Option<&'static Requirements>,
    /// Whether it can be begun, by the applicant's record; shown before the form, and checked on beginning.
    pub availability: Option<fn(&MatterContext<'_>) -> Availability>,
    /// Related institutions by the submitted answers, beside the recommending one.
    pub related_institutions: Option<fn(&Answers) -> Vec<RelatedInstitution>>,
    /// Roles of the association that may read it: those that decide on it. Finance sees payments only, on its own page.
    pub visible_to: &'static [Role],
    /// Excluded people by the submitted answers.
    pub exclusions: Option<fn(&Answers) -> Vec<Exclusion>>,
    /// The people who must agree, by the submitted answers and what is on record.
    pub participants: Option<fn(&Answers, &MatterContext<'_>) -> Vec<Participant>>,
    /// What the answers ask of a participant, by the record that names them: label and text.
    pub part_of_participant: fn(&Answers, &Path) -> Vec<(&'static str, String)>,
    /// Facts and deadlines for its flow, by the answers that the acting party reads, without anything hidden from it.
    pub facts: Option<fn(&Answers, &MatterContext<'_>) -> KindFacts>,
    /// The other matters that it names, each with its role.
    pub links: &'static [LinkRule],
    /// The field with the reason of its decision, for kinds that the association begins.
    pub decision_reason: Option<&'static str>,
    /// What it claims for itself while it is open, by the submitted answers.
    pub open_keys: fn(&Answers) -> Vec<OpenKey>,
    /// Effect of a transfer of the applicant on open matters; the first row that covers the stage applies.
    pub on_transfer: &'static [TransferPolicy],
    /// The list in 专家评价 that shows it, for kinds that experts evaluate.
    pub expert_list: Option<ExpertList>,
    /// The list in 培训课程管理 that shows it to its participants, for kinds that have participants.
    pub participant_list: Option<ParticipantList>,
    /// Messages in words of its own.
    pub messages: &'static [StageMessage],
    /// How the answers change the registered identity of the applicant, for kinds that do.
    pub identity: Option<&'static IdentityRule>,
    /// The institution that valid answers register, for kinds that register one.
    pub registers: Option<fn(&Answers) -> Option<RegisteredInstitution>>,
}

/// Defaults of a kind, used as `Kind { …, ..BASE_KIND }`.
pub const BASE_KIND: Kind = Kind {
    code: "",
    label: "",
    apply_label: "",
    number_prefix: "",
    group: "",
    begun_by: &[Party::Applicant],
    participant_label: "参与人",
    applicant_label: "申请人",
    form: &Form { version: 1, upgrade: |_| (), steps: &[] },
    flow: &Flow { stages: &[] },
    guide: Guide { brief: "", summary: "", applicants: "", prepare: &[], steps: &[] },
    fee: None,
    nonconformities: &[],
    blind_parties: &[],
    title: |_| None,
    institution: |_| None,
    certificate_grant: |_| None,
    renewal: None,
    facets: |_| Vec::new(),
    needs: &[],
    validate: |_, _| Vec::new(),
    warnings: |_, _| Vec::new(),
    preset: &[],
    requirements: None,
    availability: None,
    related_institutions: None,
    visible_to: &[Role::Officer, Role::Approver],
    exclusions: None,
    participants: None,
    part_of_participant: |_, _| Vec::new(),
    facts: None,
    links: &[],
    decision_reason: None,
    open_keys: |_| Vec::new(),
    on_transfer: &[],
    expert_list: None,
    participant_list: None,
    messages: &[],
    identity: None,
    registers: None,
};

/// A list of assignments in 专家评价.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpertList {
    /// Last part of the address `/expert/{slug}`.
    pub slug: &'static str,
    /// Title of the list.
    pub title: &'static str,
    /// Placeholder of the search field.
    pub example: &'static str,
}

/// A list of the matters that name the reader as a participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParticipantList {
    /// Last part of the address `/teaching/{slug}`.
    pub slug: &'static str,
    /// Title of the list.
    pub title: &'static str,
}

/// How the answers of a kind change the registered identity of the applicant.
pub struct IdentityRule {
    /// The change that valid answers ask for on a day; none for answers that are not valid.
    pub change: fn(&Answers, NaiveDate) -> Option<IdentityChange>,
    /// Step and field of the number of the document.
    pub number_field: (&'static str, &'static str),
}

/// Whether a matter can be begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Availability {
    /// A matter can be begun.
    Open,
    /// No matter can be begun.
    Closed {
        /// Message for the user.
        reason: String,
        /// What is due for a certificate in its place.
        instead: Option<Renewal>,
    },
}

impl Availability {
    /// No matter can be begun, for this reason.
    pub fn closed(reason: impl Into<String>) -> Self {
        Availability::Closed { reason: reason.into(), instead: None }
    }
}

/// Requirements of a kind on the applicant.
pub struct Requirements {
    /// Fields that determine what is applied for; without them nothing can be evaluated.
    pub goal_fields: &'static [&'static str],
    /// Optional fields that refine the result.
    pub optional_fields: &'static [&'static str],
    /// Evaluates all requirements against answers and record. Empty while the goal fields are unanswered.
    pub evaluate: fn(&Answers, &MatterContext<'_>) -> Vec<RequirementFinding>,
}

/// 办事指南: information shown before an application.
pub struct Guide {
    /// What it is for, in a few words.
    pub brief: &'static str,
    /// Purpose of the application.
    pub summary: &'static str,
    /// Who can apply.
    pub applicants: &'static str,
    /// Documents to prepare.
    pub prepare: &'static [&'static str],
    /// Steps of the procedure.
    pub steps: &'static [&'static str],
}

impl Kind {
    /// Validates the whole form, each answer and the rules across fields, in the order of the steps.
    pub fn check(&self, answers: &Answers, context: &MatterContext<'_>) -> Vec<Problem> {
        let mut problems = check_form(self.form, answers, context);
        problems.extend((self.validate)(answers, context));
        let unmet = self.unmet(answers, context, &problems);
        problems.extend(unmet);
        let place = |p: &Problem| self.form.steps.iter().position(|s| s.code == p.step);
        problems.sort_by_key(place);
        problems
    }

    /// Validates one step, as 下一步 does: each answer, the rules across fields that name the step, and requirements on its goal fields,
    /// which no later step can meet.
    pub fn check_step(&self, step: &'static Step, answers: &Answers, context: &MatterContext<'_>) -> Vec<Problem> {
        let mut problems = check_step(step, answers, context);
        problems.extend((self.validate)(answers, context).into_iter().filter(|p| p.step == step.code));
        let is_goal = |f: &RequirementFinding| self.requirements.is_some_and(|r| r.goal_fields.contains(&f.field));
        let unmet = |f: &RequirementFinding| f.step == step.code && f.status == RequirementStatus::Missing && is_goal(f);
        problems.extend(self.requirements_of(answers, context).into_iter().filter(unmet).map(unmet_requirement));
        problems
    }

    /// The warnings of the steps that are part of the form, in their order.
    pub fn warnings_for(&self, answers: &Answers, context: &MatterContext<'_>) -> Vec<Problem> {
        let warnings = (self.warnings)(answers, context);
        let steps = self.form.steps_for(answers);
        steps.flat_map(|step| warnings.iter().filter(|w| w.step == step.code).cloned().collect::<Vec<_>>()).collect()
    }

    /// Validates one record of the answers, as its page does: each of its answers, and the rules across fields that name one of them.
    pub fn check_record(&self, list: &'static RecordList, record: &Record, answers: &Answers, context: &MatterContext<'_>) -> Vec<Problem> {
        let step = self.form.records(list.name).map_or("", |(step, _)| step.code);
        let path = |field: &Field| Path::Cell(list.name.to_owned(), record.id, field.name.to_owned());
        let own = check_record(list, record, answers, context);
        let own = own.into_iter().map(|(field, issue)| Problem { step, path: path(field), label: field.label.to_owned(), issue });
        let is_own = |problem: &Problem| matches!(&problem.path, Path::Cell(name, id, _) if name == list.name && *id == record.id);
        own.chain((self.validate)(answers, context).into_iter().filter(is_own)).collect()
    }

    /// Findings of all requirements; empty for a kind without requirements or while the goal fields are unanswered.
    pub fn requirements_of(&self, answers: &Answers, context: &MatterContext<'_>) -> Vec<RequirementFinding> {
        self.requirements.map_or_else(Vec::new, |r| (r.evaluate)(answers, context))
    }

    /// Requirements that prevent a submission. An unknown one does so only if its step has no other problem.
    fn unmet(&self, answers: &Answers, context: &MatterContext<'_>, faults: &[Problem]) -> Vec<Problem> {
        let blocks = |f: &RequirementFinding| match f.status {
            RequirementStatus::Met => false,
            RequirementStatus::Missing => true,
            RequirementStatus::Unknown => faults.iter().all(|p| p.step != f.step),
        };
        self.requirements_of(answers, context).into_iter().filter(blocks).map(unmet_requirement).collect()
    }

    /// The other matters that answers name.
    pub fn links_of(&self, answers: &Answers) -> Vec<MatterLink> {
        let named = |rule: &'static LinkRule| (rule.named)(answers).into_iter().map(move |other| MatterLink { role: rule.role, other });
        self.links.iter().flat_map(named).collect()
    }

    /// The roles in which it names other matters.
    pub fn link_roles(&self) -> impl Iterator<Item = &'static LinkRole> {
        self.links.iter().map(|rule| rule.role)
    }

    /// The role in which it disputes the decision of another matter.
    pub fn disputing_role(&self) -> Option<&'static LinkRole> {
        self.link_roles().find(|role| role.disputes)
    }

    /// Whether people can be excluded from it.
    pub fn excludes_people(&self) -> bool {
        self.exclusions.is_some() || self.link_roles().any(|role| role.excludes_deciders)
    }

    /// The participants that answers name.
    pub fn participants_of(&self, answers: &Answers, context: &MatterContext<'_>) -> Vec<Participant> {
        self.participants.map_or_else(Vec::new, |of| of(answers, context))
    }

    /// These participants of answers, each once, and whether a part of theirs is new or differs from what was submitted before.
    pub fn named_participants(
        &self,
        participants: &[Participant],
        before: Option<(&Answers, &NamedBefore)>,
        answers: &Answers,
    ) -> Vec<NamedParticipant> {
        named_participants(participants, before, answers)
    }

    /// Whether an applicant can begin one now.
    pub fn availability_for(&self, context: &MatterContext<'_>) -> Availability {
        self.availability.map_or(Availability::Open, |entry| entry(context))
    }

    /// Whether users of an institution can begin one.
    pub fn can_be_filed_by_institution(&self) -> bool {
        self.begun_by.contains(&Party::Institution(InstitutionRelation::Filing))
    }

    /// Whether users begin it, themselves or on behalf of an institution.
    pub fn can_be_begun_by_users(&self) -> bool {
        self.begun_by.contains(&Party::Applicant) || self.can_be_filed_by_institution()
    }

    /// Title in lists.
    pub fn title_for(&self, answers: &Answers) -> String {
        (self.title)(answers).unwrap_or_else(|| self.label.to_owned())
    }

    /// Name of a party to a matter of this kind.
    pub fn party_label(&self, party: Party) -> &'static str {
        match party {
            Party::Applicant => self.applicant_label,
            Party::Participant => self.participant_label,
            other => other.label(),
        }
    }

    /// Name of the party whose turn it is at a stage; empty at a closed one.
    pub fn turn_label(&self, stage: &Stage) -> &'static str {
        stage.turn.map_or("", |turn| self.party_label(turn))
    }

    /// Its message to a party when a stage is entered.
    pub fn message(&self, stage: &str, to: Party) -> Option<&'static StageMessage> {
        self.messages.iter().find(|message| message.stage == stage && message.to == to)
    }

    /// The stage with this code; the draft for an unknown code.
    pub fn stage(&self, code: &str) -> Option<&'static Stage> {
        self.flow.stage(code).or_else(|| self.flow.draft())
    }

    /// The transfer policy of a matter of this kind at a stage: the first row that covers it.
    pub fn transfer_policy(&self, stage: &str) -> &'static TransferPolicy {
        transfer_policy::row_for(self.on_transfer, stage)
    }

    /// A submitted matter of this kind for an applicant's record: open, without number, institution and appeal.
    pub fn past_matter(&self, id: Uuid, title: String, stage: &str) -> PastMatter {
        PastMatter {
            id,
            kind: self.code,
            kind_label: self.label,
            number: None,
            title,
            stage: self.flow.stage(stage),
            blocks_transfer: self.transfer_policy(stage).blocks,
            institution: None,
            closed_on: None,
            appealed: false,
        }
    }
}

fn unmet_requirement(finding: RequirementFinding) -> Problem {
    Problem {
        step: finding.step,
        path: Path::field(finding.field),
        issue: Issue::new("requirement_missing", finding.figures()),
        label: finding.label,
    }
}
