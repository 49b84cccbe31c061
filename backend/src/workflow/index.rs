//! The index row of a matter and its tasks, as they follow from a decision.

use chrono::{DateTime, NaiveDate, Utc};
use domain::engine::flow::{Decision, MatterState, Party, Stage};
use domain::matter::RelatedInstitution;
use uuid::Uuid;

use crate::access::owner::Owner;
use crate::infra::db::task::NewTask;
use crate::infra::db::{self, DbError, Tx};
use crate::matter::{LoadedMatter, MatterError};
use crate::workflow::due::due_date;

/// Updates the index row and the tasks from the events of a decision. `state`: the one after them. Gives the people who are asked one by one from now on.
///
/// # Errors
/// [`MatterError::ChangedMeanwhile`] if another decision came first.
pub(crate) async fn update_index(
    tx: &mut Tx,
    matter: &LoadedMatter,
    (decision, state): (&Decision, &MatterState),
    now: DateTime<Utc>,
    today: NaiveDate,
) -> Result<Vec<Uuid>, MatterError> {
    let stage = decision.stage;
    let turn = stage.turn_code();
    let due_on = due_date(matter, stage, today);
    let update = db::matter::StageUpdate {
        id: matter.id,
        event_count: matter.event_count,
        new_event_count: state.seq,
        stage: stage.code,
        turn: &turn,
        due_on: if decision.entered { due_on } else { matter.due_on },
        submitted_revision: state.submitted,
        submitted_at: matter.submitted_at.or_else(|| state.submitted.map(|_| now)),
        closed_at: stage.closed().then_some(now),
        now,
    };
    if !db::matter::update_stage(tx, &update).await? {
        return Err(MatterError::ChangedMeanwhile);
    }
    let due_on = update.due_on;
    if !decision.entered {
        return Ok(update_tasks_of_people(tx, matter, (decision, state), due_on, now).await?);
    }
    db::task::close(tx, matter.id, stage.code, now).await?;
    db::message::close_tasks(tx, matter.id, now).await?;
    let people = state.awaited(stage);
    match stage.turn {
        _ if stage.closed() => {}
        Some(Party::Expert | Party::Participant) => open_tasks_of_people(tx, matter.id, stage, &people, due_on, now).await?,
        turn => {
            let (account, institution) = turn.map_or((None, None), |party| task_holder(party, matter.belongs_to(), &matter.institutions));
            let (id, turn) = (Uuid::now_v7(), stage.turn_code());
            let task = NewTask { id, matter: matter.id, stage: stage.code, turn: &turn, account, institution, due_on };
            db::task::insert(tx, &task, now).await?;
        }
    }
    Ok(people)
}

/// The person or the institution whose task it is when it is the turn of a party; neither for a role of the association.
pub(crate) fn task_holder(party: Party, owner: Owner, institutions: &[RelatedInstitution]) -> (Option<Uuid>, Option<Uuid>) {
    match (party, owner) {
        (Party::Applicant, Owner::Person(account)) => (Some(account), None),
        (Party::Applicant, Owner::Institution(institution)) => (None, Some(institution)),
        (Party::Institution(relation), _) => (None, institutions.iter().find(|(r, _)| *r == relation).map(|(_, id)| *id)),
        _ => (None, None),
    }
}

/// Closes the tasks of people who are no longer awaited at a stage that goes on, and opens those of people who are from now on.
async fn update_tasks_of_people(
    tx: &mut Tx,
    matter: &LoadedMatter,
    (decision, state): (&Decision, &MatterState),
    due_on: Option<NaiveDate>,
    now: DateTime<Utc>,
) -> Result<Vec<Uuid>, DbError> {
    let (before, after) = (matter.state.awaited(decision.stage), state.awaited(decision.stage));
    for account in before.iter().filter(|account| !after.contains(account)) {
        db::task::close_of_person(tx, matter.id, *account, now).await?;
        db::message::close_tasks_of_person(tx, matter.id, *account, now).await?;
    }
    let added: Vec<Uuid> = after.into_iter().filter(|account| !before.contains(account)).collect();
    open_tasks_of_people(tx, matter.id, decision.stage, &added, due_on, now).await?;
    Ok(added)
}

/// Opens a task for each of these people.
async fn open_tasks_of_people(
    tx: &mut Tx,
    matter: Uuid,
    stage: &Stage,
    people: &[Uuid],
    due_on: Option<NaiveDate>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let turn = stage.turn_code();
    for account in people {
        let (id, account) = (Uuid::now_v7(), Some(*account));
        db::task::insert(tx, &NewTask { id, matter, stage: stage.code, turn: &turn, account, institution: None, due_on }, now).await?;
    }
    Ok(())
}
