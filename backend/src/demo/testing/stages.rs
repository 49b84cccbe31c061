//! Matters placed at any stage of their flow, for tests that walk the tables of all flows.

use domain::base::permission::Role;
use domain::engine::flow::{Event, EventKind, Flow, InstitutionRelation, MatterState, Party, Stage};
use domain::engine::form::Answers;
use domain::matter::{Kind, Participant};
use uuid::Uuid;

use crate::infra::db::matter::{MatterRow, StageUpdate};
use crate::infra::db::{self, DbError, Tx};
use crate::matter::Shown;
use crate::matter::answers::seal_answers;
use crate::matter::context::OwnedMatterContext;
use crate::matter::history::insert_event;
use crate::matter::load::load_as_system;
use crate::state::AppState;
use crate::workflow::draft::draft_row;

/// The people around a placed matter.
pub struct Cast {
    /// The applicant.
    pub owner: Uuid,
    /// The recommending, leaving or filing institution.
    pub institution: Uuid,
    /// The institution joined.
    pub joining: Uuid,
    /// The experts assigned.
    pub experts: Vec<Uuid>,
}

/// The demo account that acts as a party; none for a party of the system.
pub fn account_of(party: Party) -> Option<&'static str> {
    Some(match party {
        Party::Applicant => "applicant",
        Party::Institution(InstitutionRelation::Joining) => "inst-b",
        Party::Institution(_) => "inst-a",
        Party::Expert => "expert1",
        Party::Association(Role::Approver) => "approver2",
        Party::Association(Role::Finance) => "finance",
        Party::Association(Role::Admin) => "admin",
        Party::Association(_) => "officer",
        Party::Participant | Party::Cashier | Party::Appeal | Party::Clock | Party::Closing => return None,
    })
}

/// The account for a party in matters of a kind: what individuals cannot begin is filed by a user of the institution.
pub fn account_in(kind: &Kind, party: Party) -> Option<&'static str> {
    let is_institution = party == Party::Applicant && !kind.begun_by.contains(&Party::Applicant) && kind.can_be_filed_by_institution();
    if is_institution { Some("inst-a") } else { account_of(party) }
}

/// Inserts a matter of a kind that was submitted and then moved to a stage; a draft was not submitted. Its answers are empty.
///
/// # Errors
/// The database cannot be written.
pub async fn place(app: &AppState, kind: &'static Kind, stage: &'static Stage, cast: &Cast) -> Result<Uuid, DbError> {
    place_with(app, kind, stage, cast, Answers::default()).await
}

/// The same with answers.
///
/// # Errors
/// The database cannot be written.
pub async fn place_with(
    app: &AppState,
    kind: &'static Kind,
    stage: &'static Stage,
    cast: &Cast,
    answers: Answers,
) -> Result<Uuid, DbError> {
    let (id, now, keys, owned) = (Uuid::now_v7(), app.now(), app.keys.clone(), app.clone());
    let (owner, experts) = (cast.owner, cast.experts.clone());
    // What individuals cannot begin belongs to the institution.
    let owner_institution_id =
        (kind.can_be_filed_by_institution() && !kind.begun_by.contains(&Party::Applicant)).then_some(cast.institution);
    let draft = draft_row(kind, stage, id, cast.owner, now);
    let row = MatterRow { institution_id: Some(cast.institution), owner_institution_id, revision: 1, ..draft };
    let relations = [(InstitutionRelation::Leaving, cast.institution), (InstitutionRelation::Joining, cast.joining)];
    let related = kind.related_institutions.is_some();
    let closed_at = stage.closed().then_some(now);
    app.db
        .write(move |tx| {
            Box::pin(async move {
                db::matter::insert(tx, &row).await?;
                let sealed = seal_answers(&keys, id, 1, &answers);
                db::matter::insert_answers(tx, id, 1, &sealed, now).await?;
                for (relation, institution) in relations.into_iter().filter(|_| related) {
                    db::relation::set_relation(tx, id, relation.code(), institution).await?;
                }
                let participants = participants(tx, &owned, kind, id).await?;
                db::participant::replace(tx, id, &participants).await?;
                let people: Vec<Uuid> = participants.iter().map(|participant| participant.account).collect();
                let events = history(&owned, kind.flow, stage, owner, experts, people);
                let state = MatterState::from_events(kind.flow, &events);
                for event in &events {
                    insert_event(tx, &keys, id, event).await?;
                }
                let update = StageUpdate {
                    id,
                    event_count: 0,
                    new_event_count: state.seq,
                    stage: stage.code,
                    turn: &row.turn,
                    due_on: None,
                    submitted_revision: state.submitted,
                    submitted_at: state.submitted.map(|_| now),
                    closed_at,
                    now,
                };
                db::matter::update_stage(tx, &update).await?;
                Ok(id)
            })
        })
        .await
}

/// The participants whom the answers of a matter without a history name.
async fn participants(tx: &mut Tx, app: &AppState, kind: &'static Kind, id: Uuid) -> Result<Vec<Participant>, DbError> {
    if kind.participants.is_none() {
        return Ok(Vec::new());
    }
    let Ok(matter) = load_as_system(tx, app, Party::Applicant, id).await else { return Ok(Vec::new()) };
    let context = OwnedMatterContext::for_matter(tx, app, &matter, Shown::answers()).await?;
    Ok(kind.participants_of(&matter.answers, &context.as_context()))
}

/// A submission that led to the stage, or to the one that returned the matter to it, and an assignment of the experts.
fn history(app: &AppState, flow: &Flow, stage: &Stage, owner: Uuid, experts: Vec<Uuid>, people: Vec<Uuid>) -> Vec<Event> {
    if flow.draft().is_some_and(|draft| draft.code == stage.code) {
        return Vec::new();
    }
    let event = |seq, kind| Event { seq, at: app.now(), effective_on: app.today(), by: Some(owner), party: Party::Applicant.code(), kind };
    let moved = |from: &str, command: &str, to: &str, revision| EventKind::Transitioned {
        from: from.to_owned(),
        command: command.to_owned(),
        to: to.to_owned(),
        note: String::new(),
        items: Vec::new(),
        answers: Answers::default(),
        revision,
    };
    let transitions = flow.stages.iter().flat_map(|from| from.transitions.iter().map(move |t| (from, t)));
    let returned = transitions.into_iter().find(|(_, t)| t.returns && t.to.iter().any(|(_, to)| *to == stage.code));
    let first = returned.map_or(stage.code, |(from, _)| from.code);
    let mut events =
        vec![event(1, moved("draft", "submit", first, Some(1))), event(2, EventKind::Assigned { people: experts, recused: Vec::new() })];
    if !people.is_empty() {
        events.push(event(3, EventKind::Named { changed: people.clone(), people }));
    }
    let last = if events.len() == 3 { 4 } else { 3 };
    events.extend(returned.map(|(from, t)| event(last, moved(from.code, t.command, stage.code, None))));
    events
}
