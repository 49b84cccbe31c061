//! Data that a submission stores beside the answers: related institutions, links to other matters, excluded accounts.

use std::collections::BTreeSet;

use domain::engine::flow::{Decision, Event, EventKind, MatterState, Party};
use domain::matter::Exclusion;
use uuid::Uuid;

use crate::access::account::former_identity::former_names;
use crate::access::account::lookup::person_name;
use crate::infra::db::{self, DbError, Tx};
use crate::matter::answers::answers_at;
use crate::matter::exclusion::{excludes_by_name, is_named_in};
use crate::matter::history::list_events;
use crate::matter::loaded::LoadedMatter;
use crate::matter::relations::{Subject, related_institutions};
use crate::state::AppState;

/// Stores title, institution and relations as the submitted answers name them, and updates the loaded matter.
pub(crate) async fn store_relations(tx: &mut Tx, app: &AppState, matter: &mut LoadedMatter) -> Result<(), DbError> {
    let id = matter.id;
    let institution = match (matter.kind.institution)(&matter.answers) {
        Some(named) => db::institution::by_id(tx, named).await?.map(|institution| institution.id),
        None => None,
    };
    matter.institution = institution.or(matter.institution);
    matter.title = matter.kind.title_for(&matter.answers);
    db::matter::set_subject(tx, id, &matter.title, matter.institution).await?;
    for (relation, institution) in matter.kind.related_institutions.map_or_else(Vec::new, |related| related(&matter.answers)) {
        db::relation::set_relation(tx, id, relation.code(), institution).await?;
    }
    if !matter.kind.links.is_empty() {
        db::link::delete_of_matter(tx, id).await?;
        for link in matter.kind.links_of(&matter.answers) {
            db::link::insert(tx, id, link.role.code, link.other).await?;
        }
    }
    let subject = Subject { matter: id, institution: matter.institution, owner_institution: matter.filing_institution() };
    matter.institutions = related_institutions(tx, matter.kind, &subject).await?;
    matter.excluded = store_exclusions(tx, app, matter).await?;
    Ok(())
}

/// Stores the accounts excluded from a matter anew, and returns them. The applicant is never excluded.
async fn store_exclusions(tx: &mut Tx, app: &AppState, matter: &LoadedMatter) -> Result<Vec<Uuid>, DbError> {
    if !matter.kind.excludes_people() {
        return Ok(Vec::new());
    }
    let mut excluded = BTreeSet::new();
    for link in matter.kind.links_of(&matter.answers).iter().filter(|link| link.role.excludes_deciders) {
        excluded.extend(deciders_of(tx, app, link.other).await?);
    }
    let named = matter.kind.exclusions.map_or_else(Vec::new, |exclusions| exclusions(&matter.answers));
    let added = matter.state.excluded_names.iter().cloned().map(Exclusion::Named);
    for rule in named.into_iter().chain(added) {
        excluded.extend(excluded_accounts(tx, app, matter, rule).await?);
    }
    excluded.remove(&matter.owner);
    db::relation::delete_exclusions(tx, matter.id).await?;
    for account in &excluded {
        db::relation::insert_exclusion(tx, matter.id, *account).await?;
    }
    Ok(excluded.into_iter().collect())
}

/// Accounts that decided on a matter or evaluated it, and those excluded from it. Its applicant and its participants did neither.
async fn deciders_of(tx: &mut Tx, app: &AppState, other: Uuid) -> Result<Vec<Uuid>, DbError> {
    let Some(row) = db::matter::by_id(tx, other).await? else { return Ok(Vec::new()) };
    let Some(kind) = domain::kind::by_code(&row.kind) else { return Ok(Vec::new()) };
    let events = list_events(tx, &app.keys, other).await?;
    let state = MatterState::from_events(kind.flow, &events);
    let parties = [Party::Applicant.code(), Party::Participant.code()];
    let decided = |event: &&Event| matches!(event.kind, EventKind::Transitioned { .. } | EventKind::Voted { .. });
    let deciders = events.iter().filter(decided).filter(|event| !parties.contains(&event.party)).filter_map(|event| event.by);
    let excluded = db::relation::list_excluded(tx, other).await?;
    Ok(deciders.chain(state.ever_assigned).chain(excluded).collect())
}

/// Accounts that a rule excludes.
async fn excluded_accounts(tx: &mut Tx, app: &AppState, matter: &LoadedMatter, rule: Exclusion) -> Result<Vec<Uuid>, DbError> {
    match rule {
        Exclusion::HolderOf(number) => Ok(db::certificate::by_number(tx, &number).await?.map(|c| c.account_id).into_iter().collect()),
        Exclusion::Named(text) => named_accounts(tx, app, matter, &text).await,
    }
}

/// Accounts that a text names, of those that hold a role or act for the institution that filed the matter. The applicant is none of them.
pub(crate) async fn named_accounts(tx: &mut Tx, app: &AppState, matter: &LoadedMatter, text: &str) -> Result<Vec<Uuid>, DbError> {
    let mut named = Vec::new();
    for account in db::access::list_people_with_a_part(tx, matter.filing_institution()).await? {
        if account != matter.owner && names_of(tx, app, account).await?.iter().any(|name| is_named_in(text, name)) {
            named.push(account);
        }
    }
    Ok(named)
}

/// Stores the accounts that the association excludes with a decision, and adds them to the loaded matter.
pub(crate) async fn store_excluded(tx: &mut Tx, matter: &mut LoadedMatter, decision: &Decision) -> Result<(), DbError> {
    for event in &decision.events {
        let EventKind::Excluded { people, .. } = &event.kind else { continue };
        for account in people {
            db::relation::insert_exclusion(tx, matter.id, *account).await?;
        }
        matter.excluded.extend(people);
    }
    Ok(())
}

/// The present and the former names of an account.
async fn names_of(tx: &mut Tx, app: &AppState, account: Uuid) -> Result<Vec<String>, DbError> {
    let mut names = former_names(tx, &app.keys, account).await?;
    names.push(person_name(app, tx, account).await?);
    Ok(names)
}

/// Excludes an account that has just got a role, or another name, from the matters that name its person.
pub(crate) async fn exclude_newcomer(tx: &mut Tx, app: &AppState, account: Uuid) -> Result<(), DbError> {
    let names = names_of(tx, app, account).await?;
    for kind in domain::kind::KINDS.iter().filter(|kind| kind.excludes_people()) {
        for (matter, owner, revision) in db::access::list_submitted_of_kind(tx, kind.code).await? {
            let (answers, _) = answers_at(tx, &app.keys, kind.form, matter, revision).await?;
            let added = MatterState::from_events(kind.flow, &list_events(tx, &app.keys, matter).await?).excluded_names;
            if owner != account && names.iter().any(|name| excludes_by_name(kind, &answers, &added, name)) {
                db::relation::insert_exclusion(tx, matter, account).await?;
            }
        }
    }
    Ok(())
}
