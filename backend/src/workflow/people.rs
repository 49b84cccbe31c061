//! The people who are asked about a matter, as they follow from a decision.

use chrono::{DateTime, Utc};
use domain::engine::flow::{Decision, EventKind, MatterState, Party};
use uuid::Uuid;

use crate::infra::db::person::AskedPerson;
use crate::infra::db::{self, DbError, Tx};
use crate::matter::LoadedMatter;

/// Updates the people from the events of a decision. `after`: the state after them.
pub(crate) async fn update_people(
    tx: &mut Tx,
    matter: &LoadedMatter,
    (decision, after): (&Decision, &MatterState),
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    for event in &decision.events {
        match (&event.kind, event.by) {
            (EventKind::Assigned { people, .. }, _) => {
                replace(tx, matter, (Party::Expert, matter.state.assigned.as_slice()), people, now).await?;
            }
            (EventKind::Named { people, .. }, _) => {
                replace(tx, matter, (Party::Participant, matter.state.participants.as_slice()), people, now).await?;
                for account in people.iter().filter(|account| !after.agreed.contains(account)) {
                    db::person::set_done(tx, matter.id, *account, &Party::Participant.code(), None).await?;
                }
            }
            (EventKind::Recused { .. }, Some(account)) => leave(tx, matter, &[account], now).await?,
            (EventKind::Excluded { people, .. } | EventKind::Absent { people }, _) => leave(tx, matter, people, now).await?,
            (EventKind::Voted { .. }, Some(account)) => {
                db::person::set_done(tx, matter.id, account, &event.party, Some(now)).await?;
            }
            _ => {}
        }
    }
    if decision.entered && decision.stage.turn == Some(Party::Expert) {
        // A vote that is kept is not asked for again.
        for account in after.awaited(decision.stage) {
            db::person::set_done(tx, matter.id, account, &Party::Expert.code(), None).await?;
        }
    }
    Ok(())
}

/// Asks people in place of others in the same part.
async fn replace(
    tx: &mut Tx,
    matter: &LoadedMatter,
    (party, before): (Party, &[Uuid]),
    people: &[Uuid],
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let part = party.code();
    for account in before.iter().filter(|account| !people.contains(account)) {
        db::person::leave(tx, matter.id, *account, &part, now).await?;
    }
    for account in people {
        let (kind, title) = (matter.kind.code, matter.title.as_str());
        db::person::ask(tx, &AskedPerson { matter: matter.id, account: *account, part: &part, kind, title }, now).await?;
    }
    Ok(())
}

/// Records that experts left.
async fn leave(tx: &mut Tx, matter: &LoadedMatter, people: &[Uuid], now: DateTime<Utc>) -> Result<(), DbError> {
    for account in people {
        db::person::leave(tx, matter.id, *account, &Party::Expert.code(), now).await?;
    }
    Ok(())
}
