//! Loads a matter for one of its parties.

use domain::base::rule::key;
use domain::engine::flow::{Actor, Event, EventKind, KindFacts, MatterState, Party, open_items, visible_history};
use domain::engine::form::{Answers, Identities};
use domain::matter::Kind;
use uuid::Uuid;

use crate::access::access_log::{Access, record_access};
use crate::access::account::former_identity::former_names;
use crate::access::guard::{Allowed, Caller, MatterAccess};
use crate::access::owner::Owner;
use crate::infra::db::matter::MatterRow;
use crate::infra::db::{self, DbError, Tx};
use crate::matter::answers::answers_at;
use crate::matter::context::OwnedMatterContext;
use crate::matter::error::MatterError;
use crate::matter::exclusion::excludes_by_name;
use crate::matter::history::list_events;
use crate::matter::identities::identities_of;
use crate::matter::loaded::LoadedMatter;
use crate::matter::relations;
use crate::matter::seen::Seen;
use crate::matter::source::Shown;
use crate::state::AppState;

/// Loads a matter if the caller is a party to it.
///
/// # Errors
/// [`MatterError::NotFound`] if it does not exist or the caller is no party to it.
pub async fn load(app: &AppState, who: &Allowed, id: Uuid) -> Result<LoadedMatter, MatterError> {
    let mut tx = app.db.read().await?;
    load_in_tx(&mut tx, app, who.caller(), id).await
}

/// Loads a matter within a transaction, if the caller is a party to it. In a write transaction the matter is locked until its end.
pub(crate) async fn load_in_tx(tx: &mut Tx, app: &AppState, caller: &Caller, id: Uuid) -> Result<LoadedMatter, MatterError> {
    load_with(tx, app, Some(caller), |access| of_caller(caller, access), id).await
}

/// Loads a matter for a command of the caller. An expert who has given the own opinion reads the matter no more, but may still step back
/// from it.
pub(crate) async fn load_for_command(tx: &mut Tx, app: &AppState, caller: &Caller, id: Uuid) -> Result<LoadedMatter, MatterError> {
    load_with(tx, app, Some(caller), |access| of_caller(caller, &MatterAccess { voted: &[], ..*access }), id).await
}

/// Loads a matter for its applicant, who may edit it.
///
/// # Errors
/// [`MatterError::NotFound`] for everyone else.
pub(crate) async fn load_own(tx: &mut Tx, app: &AppState, caller: &Caller, id: Uuid) -> Result<LoadedMatter, MatterError> {
    let matter = load_in_tx(tx, app, caller, id).await?;
    if matter.acts_as(Party::Applicant) { Ok(matter) } else { Err(MatterError::NotFound) }
}

/// Loads a matter that the caller begins as a party of the association, before its submission.
pub(crate) async fn load_as_author(
    tx: &mut Tx,
    app: &AppState,
    caller: &Caller,
    party: Party,
    id: Uuid,
) -> Result<LoadedMatter, MatterError> {
    load_with(tx, app, Some(caller), |_| (vec![party], Vec::new()), id).await
}

/// Loads a matter for the system itself, which acts as `party`: a payment, an appeal, or the deadline job.
pub(crate) async fn load_as_system(tx: &mut Tx, app: &AppState, party: Party, id: Uuid) -> Result<LoadedMatter, MatterError> {
    load_with(tx, app, None, |_| (vec![party], Vec::new()), id).await
}

/// The parties as which a matter is loaded, and those of them that read and do not act.
type Parties = (Vec<Party>, Vec<Party>);

fn of_caller(caller: &Caller, access: &MatterAccess<'_>) -> Parties {
    let parties = caller.parties(access);
    let reading = caller.reading_parties(access, &parties);
    (parties, reading)
}

async fn load_with(
    tx: &mut Tx,
    app: &AppState,
    caller: Option<&Caller>,
    parties: impl FnOnce(&MatterAccess<'_>) -> Parties,
    id: Uuid,
) -> Result<LoadedMatter, MatterError> {
    let account = caller.map_or_else(Uuid::nil, |caller| caller.account);
    let Some(row) = db::matter::lock(tx, id).await? else { return Err(missing(tx, caller, id).await?) };
    let kind = domain::kind::by_code(&row.kind).ok_or(MatterError::NotFound)?;
    let events = list_events(tx, &app.keys, id).await?;
    let mut state = MatterState::from_events(kind.flow, &events);
    let institutions = relations::related_institutions(tx, kind, &row.subject()).await?;
    let mut excluded = if kind.excludes_people() { db::relation::list_excluded(tx, id).await? } else { Vec::new() };
    let owner = Owner::of(&row);
    if let Some(caller) = caller.filter(|c| kind.excludes_people() && c.account != row.owner_id)
        && !excluded.contains(&account)
        && is_named(tx, app, caller, kind, &row, &state.excluded_names).await?
    {
        excluded.push(account);
    }
    let (parties, reading) = parties(&MatterAccess {
        owner,
        author: row.owner_id,
        institutions: &institutions,
        submitted: row.submitted_revision.is_some(),
        participants: &state.participants,
        assigned: &state.assigned,
        voted: &state.votes.iter().map(|vote| vote.by).collect::<Vec<_>>(),
        awaits_experts: kind.stage(&state.stage).is_some_and(|stage| stage.turn == Some(Party::Expert)),
        visible_to: kind.visible_to,
        excluded: &excluded,
    });
    if parties.is_empty() {
        record_access(app, Some(account), Access::CaseRefused, Some(id), "");
        return Err(MatterError::NotFound);
    }
    let own = parties.contains(&Party::Applicant);
    let revision = if own { row.revision } else { row.submitted_revision.unwrap_or(row.revision) };
    let (answers, saved_at) = answers_at(tx, &app.keys, kind.form, id, revision).await?;
    let limited = own && kind.stage(&state.stage).is_some_and(|stage| open_items(stage, &state).is_some());
    let accepted = match row.submitted_revision.filter(|_| limited) {
        Some(revision) => Some(answers_at(tx, &app.keys, kind.form, id, revision).await?.0),
        None => None,
    };
    let blind = parties.iter().all(|party| kind.blind_parties.contains(party));
    let identities = if blind { identities_of(tx, app, row.owner_id, &institutions).await? } else { Identities::default() };
    state.redact_returns(|text| identities.redact(text));
    let actor = Actor { account, parties };
    let mut matter = LoadedMatter {
        id,
        kind,
        owner: row.owner_id,
        institution: row.institution_id,
        number: row.number,
        title: row.title,
        revision: row.revision,
        submitted_revision: row.submitted_revision,
        form_version: row.form_version,
        event_count: row.event_count,
        due_on: row.due_on,
        submitted_at: row.submitted_at,
        closed_at: row.closed_at,
        state,
        events: visible_history(kind.flow, &events, &actor),
        answers,
        accepted,
        identities,
        saved_at,
        actor,
        reading,
        max_rounds: max_rectification_rounds(app),
        facts: KindFacts::default(),
        loaded_at: app.now(),
        tables: app.tables(),
        institutions,
        excluded,
    };
    matter.facts = facts_of(tx, app, &mut matter).await?;
    matter.answers = matter.project(app, &matter.answers);
    matter.project_events(app);
    Ok(matter)
}

/// The facts of the kind, which are the same for each reader of the answers: they are read as the platform reads the matter, from whom nothing
/// is hidden.
async fn facts_of(tx: &mut Tx, app: &AppState, matter: &mut LoadedMatter) -> Result<KindFacts, DbError> {
    let Some(facts) = matter.kind.facts else { return Ok(KindFacts::default()) };
    let reader = std::mem::replace(&mut matter.actor, Actor { account: Uuid::nil(), parties: vec![Party::Clock] });
    let context = OwnedMatterContext::for_matter(tx, app, matter, Shown::answers()).await;
    matter.actor = reader;
    Ok(facts(&matter.answers, &context?.as_context()))
}

/// Whether the answers exclude the caller by name: those submitted, and for colleagues of the author those saved. The roles of the submission
/// day do not matter: who is named stays away.
pub(crate) async fn is_named(
    tx: &mut Tx,
    app: &AppState,
    caller: &Caller,
    kind: &Kind,
    row: &MatterRow,
    excluded_names: &[String],
) -> Result<bool, DbError> {
    let saved = caller.acts_for(Owner::of(row)).then_some(row.revision);
    let mut names = former_names(tx, &app.keys, caller.account).await?;
    names.push(caller.person.name.clone());
    for revision in row.submitted_revision.into_iter().chain(saved.filter(|saved| Some(*saved) != row.submitted_revision)) {
        let (answers, _) = answers_at(tx, &app.keys, kind.form, row.id, revision).await?;
        if names.iter().any(|name| excludes_by_name(kind, &answers, excluded_names, name)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Why there is no matter of this id: its owner learns that it was a draft and deleted.
async fn missing(tx: &mut Tx, caller: Option<&Caller>, id: Uuid) -> Result<MatterError, DbError> {
    let owner = Owner::of_discarded(tx, id).await?;
    let is_own = matches!((owner, caller), (Some(owner), Some(caller)) if caller.acts_for(owner));
    Ok(if is_own { MatterError::Discarded } else { MatterError::NotFound })
}

/// Rounds of rectification allowed by the rules of today.
fn max_rectification_rounds(app: &AppState) -> u32 {
    u32::try_from(app.tables().rules.on(app.today()).int(key::RECTIFICATION_ROUNDS)).unwrap_or(0)
}

/// The answers of the submission before the last one, for reviewers who compare the two.
pub(crate) async fn previous_submission(tx: &mut Tx, app: &AppState, matter: &LoadedMatter) -> Result<Option<Answers>, DbError> {
    let Some(revision) = matter.state.submitted_before else {
        return Ok(None);
    };
    let (answers, _) = answers_at(tx, &app.keys, matter.kind.form, matter.id, revision).await?;
    Ok(Some(matter.project(app, &answers)))
}

/// The answers of the submission before the last one, read on a separate connection.
pub async fn previously_submitted_answers(app: &AppState, matter: &LoadedMatter) -> Result<Option<Answers>, DbError> {
    let mut tx = app.db.read().await?;
    previous_submission(&mut tx, app, matter).await
}

/// The answers as a page showed them that is outdated now; none if that revision is not kept or was never shown to the caller.
///
/// # Errors
/// The database cannot be read.
pub async fn answers_seen(app: &AppState, matter: &LoadedMatter, seen: Seen) -> Result<Option<Answers>, DbError> {
    let submitted =
        |event: &Event| matches!(event.kind, EventKind::Transitioned { revision: Some(revision), .. } if revision == seen.revision);
    if !matter.is_own() && !matter.events.iter().any(submitted) {
        return Ok(None);
    }
    let mut tx = app.db.read().await?;
    match db::matter::answers_at(&mut tx, matter.id, seen.revision).await? {
        Some(_) => {
            let (answers, _) = answers_at(&mut tx, &app.keys, matter.kind.form, matter.id, seen.revision).await?;
            Ok(Some(matter.project(app, &answers)))
        }
        None => Ok(None),
    }
}
