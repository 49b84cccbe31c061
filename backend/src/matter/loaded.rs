//! A matter as one party sees it.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use domain::base::calendar::day_of;
use domain::engine::flow::{
    ANSWER, Actor, Conditions, Decision, Edit, Event, InstitutionRelation, KindFacts, MatterState, Party, RESPONSES, RectificationItem,
    Stage, Transition, is_unlocked, open_items, open_transitions, unanswered_items,
};
use domain::engine::form::{Answers, Audience, Identities, Issue, Path, Problem, Record, RecordList, Step};
use domain::matter::{Kind, MatterContext, RelatedInstitution};
use uuid::Uuid;

use crate::access::access_log::{Access, record_access};
use crate::access::owner::Owner;
use crate::state::{AppState, Tables};

/// A matter with its history and answers, loaded for one party.
pub struct LoadedMatter {
    /// Matter id.
    pub id: Uuid,
    /// Its kind.
    pub kind: &'static Kind,
    /// Account of the applicant; of a matter that belongs to an institution, the account that began it.
    pub owner: Uuid,
    /// The institution that recommends the applicant, or that the matter is about.
    pub institution: Option<Uuid>,
    /// 业务编号; none before the first submission.
    pub number: Option<String>,
    /// Title in lists.
    pub title: String,
    /// Revision of the answers.
    pub revision: i64,
    /// Revision that was submitted last.
    pub submitted_revision: Option<i64>,
    /// Version of the form when the answers were saved.
    pub form_version: i64,
    /// Number of events; the optimistic version of the matter.
    pub event_count: i64,
    /// Last day of the present stage, in Shanghai.
    pub due_on: Option<NaiveDate>,
    /// When it was first submitted.
    pub submitted_at: Option<DateTime<Utc>>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// State derived from the history.
    pub state: MatterState,
    /// The history as this party reads it, oldest first.
    pub events: Vec<Event>,
    /// The answers this party sees: the last saved ones for the applicant, and of the last submitted ones those that apply for everyone
    /// else; without names for a party from which the applicant is hidden.
    pub answers: Answers,
    /// The answers submitted last, while a return limits the applicant's changes to items.
    pub(crate) accepted: Option<Answers>,
    /// What identifies the applicant and the institutions; empty for a party that knows them.
    pub(crate) identities: Identities,
    /// When these answers were saved.
    pub saved_at: DateTime<Utc>,
    /// The account that loaded it, and the parties it acts for.
    pub actor: Actor,
    /// Those of the parties as which the account reads and does not act.
    pub(crate) reading: Vec<Party>,
    /// Rounds of rectification allowed by the rules of today.
    pub max_rounds: u32,
    /// Facts of the kind.
    pub facts: KindFacts,
    /// When it was loaded.
    pub(crate) loaded_at: DateTime<Utc>,
    /// The tables by which it was loaded.
    pub(crate) tables: Arc<Tables>,
    /// Institutions related to it.
    pub institutions: Vec<RelatedInstitution>,
    /// Accounts that are excluded from it.
    pub(crate) excluded: Vec<Uuid>,
}

impl LoadedMatter {
    /// The state after the events of a decision.
    pub(crate) fn state_after(&self, decision: &Decision) -> MatterState {
        let mut state = self.state.clone();
        for event in &decision.events {
            state.apply(self.kind.flow, event);
        }
        state
    }

    /// The day on which it was loaded.
    pub fn today(&self) -> NaiveDate {
        day_of(self.loaded_at)
    }

    /// The present stage.
    pub fn stage(&self) -> Option<&'static Stage> {
        self.kind.stage(&self.state.stage)
    }

    /// Title and, once it is submitted, number: 质量管理体系 · ZC2026112700001.
    pub fn heading(&self) -> String {
        let title = self.kind.title_for(&self.answers);
        self.number.as_ref().map_or_else(|| title.clone(), |number| format!("{title} · {number}"))
    }

    /// Whether the caller acts as this party.
    pub fn is_party(&self, party: Party) -> bool {
        self.actor.parties.contains(&party)
    }

    /// Whether the caller may act as this party.
    pub fn acts_as(&self, party: Party) -> bool {
        self.is_party(party) && !self.reading.contains(&party)
    }

    /// The caller with the parties as which the caller may act.
    pub(crate) fn acting(&self) -> Actor {
        let parties = self.actor.parties.iter().filter(|party| !self.reading.contains(party)).copied().collect();
        Actor { parties, ..self.actor.clone() }
    }

    /// Whether the caller is the applicant.
    pub fn is_own(&self) -> bool {
        self.is_party(Party::Applicant)
    }

    /// Whether it is the turn of a party as which the caller may act.
    pub fn is_turn(&self) -> bool {
        self.stage().and_then(|stage| stage.turn).is_some_and(|turn| self.acts_as(turn))
    }

    /// Whether the caller can edit the answers now.
    pub fn is_editable(&self) -> bool {
        self.acts_as(Party::Applicant) && self.stage().is_some_and(|s| s.edit != Edit::Nothing)
    }

    /// Whether the applicant's identity is hidden from the caller.
    pub fn is_anonymous(&self) -> bool {
        self.actor.parties.iter().all(|party| self.kind.blind_parties.contains(party))
    }

    /// Who this party is to the answers.
    fn audience(&self) -> Audience<'_> {
        match (self.is_own(), self.is_anonymous()) {
            (true, _) => Audience::Applicant,
            (false, true) => Audience::Blind(&self.identities),
            // Participants answer for themselves, and compare nothing with documents.
            (false, false) if self.is_turn() && !self.is_party(Party::Participant) => Audience::Checker,
            (false, false) => Audience::Reviewer,
        }
    }

    /// Another revision of the answers, as this party sees it.
    pub(crate) fn project(&self, app: &AppState, answers: &Answers) -> Answers {
        answers.shown_to(self.kind.form, self.audience(), app.tables().rules.on(self.applied_on(app)))
    }

    /// Shows the answers that came with commands as this party sees answers.
    pub(crate) fn project_events(&mut self, app: &AppState) {
        let tables = app.tables();
        let rules = tables.rules.on(self.applied_on(app));
        let mut events = std::mem::take(&mut self.events);
        for event in &mut events {
            if let Some((stage, command, answers)) = event.answers_mut() {
                let form = self.kind.flow.stage(stage).and_then(|stage| stage.form_of(command));
                *answers = form.map_or_else(Answers::default, |form| answers.shown_to(form, self.audience(), rules));
            }
        }
        self.events = events;
    }

    /// The answers that apply, hidden ones left out: what counts against limits, is submitted, copied and offered for the library.
    pub fn applicable_answers(&self, app: &AppState) -> Answers {
        self.answers.applicable(self.kind.form, app.tables().rules.on(self.applied_on(app)))
    }

    /// Number of answers that a condition of the form hides at present, and that a submission leaves out.
    pub fn count_hidden_answers(&self, app: &AppState) -> usize {
        self.answers.count_hidden(self.kind.form, app.tables().rules.on(self.applied_on(app)))
    }

    /// The day of the first submission, whose rules apply; today for drafts.
    pub(crate) fn applied_on(&self, app: &AppState) -> NaiveDate {
        self.submitted_at.map_or_else(|| app.today(), day_of)
    }

    /// Records that someone else than the applicant read the matter. `target`: the file, if one was read.
    pub(crate) fn record_reading(&self, app: &AppState, access: Access, target: &str) {
        if !self.is_own() {
            record_access(app, Some(self.actor.account), access, Some(self.id), target);
        }
    }

    /// A text as this party reads it, without names that are hidden from it.
    pub fn redact(&self, text: &str) -> String {
        self.identities.redact(text)
    }

    /// To whom it belongs.
    pub fn belongs_to(&self) -> Owner {
        Owner::new(self.owner, self.filing_institution())
    }

    /// The institution that it belongs to.
    pub fn filing_institution(&self) -> Option<Uuid> {
        self.related(InstitutionRelation::Filing)
    }

    /// The institution in this relation to the matter.
    pub(crate) fn related(&self, relation: InstitutionRelation) -> Option<Uuid> {
        self.institutions.iter().find(|(r, _)| *r == relation).map(|(_, id)| *id)
    }

    /// Whether it was never submitted.
    pub fn is_draft(&self) -> bool {
        self.submitted_revision.is_none()
    }

    /// Whether the caller can begin a new draft from it.
    pub fn is_copyable(&self) -> bool {
        self.acts_as(Party::Applicant) && !self.is_draft() && self.kind.can_be_begun_by_users()
    }

    /// The items of the last return to which changes are limited; `None` if everything may be changed.
    pub fn open_items(&self) -> Option<&[RectificationItem]> {
        open_items(self.stage()?, &self.state)
    }

    /// Whether the last return permits changing the answer at this path.
    pub fn is_open_at(&self, path: &Path) -> bool {
        self.open_items().is_none_or(|items| is_unlocked(self.kind.form, items, path))
    }

    /// The transitions open to the caller.
    pub fn open_transitions(&self) -> Vec<&'static Transition> {
        open_transitions(self.kind.flow, &self.state, &self.acting(), &self.conditions())
    }

    /// What conditions of transitions are checked with.
    pub(crate) fn conditions(&self) -> Conditions<'_> {
        let (now, today) = (self.loaded_at, day_of(self.loaded_at));
        Conditions {
            now,
            today,
            answers: &self.answers,
            facts: &self.facts,
            rounds: self.max_rounds,
            filed_by_institution: self.filing_institution().is_some(),
            rules: self.tables.rules.on(today),
        }
    }

    /// Leaves out the problems that the applicant can do nothing about: those of answers that a return keeps closed, if the last submission
    /// had them. It was accepted by the rules of its day.
    fn without_accepted(&self, mut problems: Vec<Problem>, context: &MatterContext<'_>) -> Vec<Problem> {
        if let Some(accepted) = &self.accepted {
            let known = self.kind.check(accepted, context);
            problems.retain(|problem| self.is_open_at(&problem.path) || !known.iter().any(|other| other.is_same(problem)));
        }
        problems
    }

    /// Problems that 下一步 finds on a step.
    pub fn step_problems(&self, step: &'static Step, context: &MatterContext<'_>) -> Vec<Problem> {
        self.without_accepted(self.kind.check_step(step, &self.answers, context), context)
    }

    /// What 下一步 tells on a step without stopping there.
    pub fn step_warnings(&self, step: &'static Step, context: &MatterContext<'_>) -> Vec<Problem> {
        self.warnings(context).into_iter().filter(|warning| warning.step == step.code).collect()
    }

    /// What the applicant is told without being kept from submitting.
    pub fn warnings(&self, context: &MatterContext<'_>) -> Vec<Problem> {
        self.kind.warnings_for(&self.answers, context)
    }

    /// Problems that the page of a record finds.
    pub fn record_problems(&self, list: &'static RecordList, record: &Record, context: &MatterContext<'_>) -> Vec<Problem> {
        self.without_accepted(self.kind.check_record(list, record, &self.answers, context), context)
    }

    /// Problems that prevent a submission: invalid answers, and items of the last return without a response.
    pub fn submission_problems(&self, context: &MatterContext<'_>) -> Vec<Problem> {
        let mut problems = self.without_accepted(self.kind.check(&self.answers, context), context);
        for item in unanswered_items(&self.answers, self.open_items().unwrap_or_default()) {
            problems.push(Problem {
                step: "",
                path: Path::Cell(RESPONSES.name.to_owned(), item.id, ANSWER.name.to_owned()),
                label: ANSWER.label.to_owned(),
                issue: Issue::new("no_response", format!("请填写对“{}”的整改说明", item.text)),
            });
        }
        problems
    }
}
