//! What ties a matter to institutions, to people who stay clear of it, and to other matters; and what is known of a person by it.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use domain::base::calendar::day_of;
use domain::base::permission::Role;
use domain::engine::flow::{Facts, Link, Party, What};
use domain::matter::ApplicantRecord;
use domain::matter::{Apart, Kind, PastMatter};
use domain::record::certificate::Held;
use uuid::Uuid;

use crate::infra::db;
use crate::infra::db::{DbError, Tx};
use crate::matter::{Lists, MatterError, Opened};
use crate::state::AppState;

/// Institutions tied to a matter.
pub(crate) async fn of(tx: &mut Tx, kind: &Kind, row: &db::matter::Row) -> Result<Vec<(Link, Uuid)>, DbError> {
    let mut all: Vec<(Link, Uuid)> = row.institution_id.map(|id| (Link::Recommending, id)).into_iter().collect();
    if kind.ties.is_some() || kind.at_desks() {
        let ties = db::tie::ties(tx, row.id).await?;
        all.extend(ties.into_iter().filter_map(|(link, id)| Some((Link::from_code(&link)?, id))));
    }
    Ok(all)
}

/// The institution at whose desk a matter was begun.
pub(crate) async fn desk(tx: &mut Tx, matter: Uuid) -> Result<Option<Uuid>, DbError> {
    let ties = db::tie::ties(tx, matter).await?;
    Ok(ties.into_iter().find(|(link, _)| link == Link::Filing.code()).map(|(_, id)| id))
}

/// Users of the institution that a party is, if it is one.
pub(crate) async fn users(tx: &mut Tx, institutions: &[(Link, Uuid)], party: Party) -> Result<Vec<Uuid>, DbError> {
    let Some((_, institution)) = institutions.iter().find(|(link, _)| Party::Institution(*link) == party) else {
        return Ok(Vec::new());
    };
    Ok(db::institution::users(tx, *institution).await?.into_iter().map(|(id,)| id).collect())
}

/// Ties a matter as the answers say that are submitted now. Gives who stays clear of it.
pub(crate) async fn submitted(tx: &mut Tx, app: &AppState, opened: &Opened) -> Result<Vec<Uuid>, MatterError> {
    let (id, answers) = (opened.row.id, &opened.answers);
    for (link, institution) in opened.kind.ties.map_or_else(Vec::new, |ties| ties(answers)) {
        db::tie::tie(tx, id, link.code(), institution).await?;
    }
    if let Some(disputed) = opened.kind.disputes.and_then(|disputes| disputes(answers)) {
        db::tie::dispute(tx, id, disputed).await?;
    }
    let Some(apart) = opened.kind.apart else { return Ok(Vec::new()) };
    let mut away = BTreeSet::new();
    for rule in apart(answers) {
        away.extend(people(tx, app, opened, rule).await?);
    }
    away.remove(&opened.row.owner_id);
    db::tie::forget_apart(tx, id).await?;
    for account in &away {
        db::tie::keep_apart(tx, id, *account).await?;
    }
    Ok(away.into_iter().collect())
}

/// Accounts that a rule keeps away.
async fn people(tx: &mut Tx, app: &AppState, opened: &Opened, rule: Apart) -> Result<Vec<Uuid>, DbError> {
    match rule {
        Apart::DecidersOf(matter) => {
            let Some(row) = db::matter::by_id(tx, matter).await? else { return Ok(Vec::new()) };
            let Some(kind) = domain::kind::by_code(&row.kind) else { return Ok(Vec::new()) };
            let facts = Facts::read(kind.flow, &db::matter::events(tx, matter).await?);
            // Who had to stay clear of it stays clear of what is said about it.
            let apart = db::tie::apart(tx, matter).await?;
            Ok(facts.deciders.into_values().flatten().chain(facts.ever_assigned).chain(apart).collect())
        }
        Apart::HolderOf(number) => Ok(db::certificate::by_number(tx, &number).await?.map(|c| c.account_id).into_iter().collect()),
        Apart::Named(name) => {
            let mut could_see = match opened.desk() {
                Some(institution) => db::institution::users(tx, institution).await?,
                None => Vec::new(),
            };
            for role in Role::ALL {
                could_see.extend(db::account::holders(tx, role.code()).await?);
            }
            let mut named = Vec::new();
            for (account,) in could_see {
                if crate::matter::name_of(app, tx, account).await? == name {
                    named.push(account);
                }
            }
            Ok(named)
        }
    }
}

/// The decision that a matter disputes, for who must judge it.
pub struct Disputed {
    /// What was decided on.
    pub title: String,
    /// Its kind.
    pub kind: &'static str,
    /// How it ended.
    pub decision: &'static str,
    /// The opinion given with it.
    pub note: String,
    /// The day of the decision, in Shanghai.
    pub day: NaiveDate,
}

/// The decision that a matter disputes, as it stood when it was disputed.
pub async fn disputed(app: &AppState, opened: &Opened) -> Result<Option<Disputed>, DbError> {
    if opened.kind.disputes.is_none() {
        return Ok(None);
    }
    let mut tx = app.db.read().await?;
    let Some(id) = db::tie::disputed_by(&mut tx, opened.row.id).await? else { return Ok(None) };
    let Some(row) = db::matter::by_id(&mut tx, id).await? else { return Ok(None) };
    let Some(kind) = domain::kind::by_code(&row.kind) else { return Ok(None) };
    let events = db::matter::events(&mut tx, id).await?;
    // The last decision before the appeal: an appeal that is upheld adds its own to the history.
    let before = |at: &DateTime<Utc>| opened.row.submitted_at.is_none_or(|submitted| *at <= submitted);
    let decision = events.iter().rev().filter(|e| before(&e.at)).find_map(|e| match &e.what {
        What::Moved { to, note, .. } => kind.flow.stage(to).filter(|s| s.disputable()).map(|s| (s.label, note.clone(), day_of(e.at))),
        _ => None,
    });
    Ok(decision.map(|(decision, note, day)| Disputed { title: row.title, kind: kind.label, decision, note, day }))
}

/// What is known of a person by their ties and the matters they submitted, beside the one that is judged; with the lists made of it.
pub(crate) async fn known(
    tx: &mut Tx,
    known: &mut ApplicantRecord,
    lists: &mut Lists,
    today: NaiveDate,
    account: Uuid,
    judged: Uuid,
) -> Result<(), DbError> {
    let ties = db::institution::ties(tx, account).await?;
    let practises = ties.into_iter().filter(|(_, role, status, ..)| role == "practitioner" && status == "active");
    let mut practices: Vec<(Uuid, String)> = practises.map(|(id, .., name)| (id, name)).collect();
    known.practices = practices.iter().map(|(id, _)| *id).collect();
    known.transferred_on = db::transfer::last(tx, account).await?;
    // The institution that was left keeps its name in the matter by which it was left.
    for (_, id) in db::tie::ties(tx, judged).await?.into_iter().filter(|(link, id)| link == "leaving" && !known.practices.contains(id)) {
        practices.extend(db::institution::by_id(tx, id).await?.map(|i| (id, i.name)));
    }
    lists.insert("practices".to_owned(), practices.into_iter().map(|(id, name)| (id.to_string(), name)).collect());
    lists.insert("certificates".to_owned(), known.certificates.iter().filter(|c| c.counts_on(today)).map(certificate).collect());
    known.matters = db::tie::submitted_by(tx, account, judged).await?.into_iter().filter_map(past).collect();
    // What an appeal disputes keeps its name after it was opened again.
    let disputed = db::tie::disputed_by(tx, judged).await?;
    let decisions = known.matters.iter().filter(|m| m.decided_on().is_some() || Some(m.id) == disputed);
    lists.insert("decisions".to_owned(), decisions.map(|m| (m.id.to_string(), decision(m))).collect());
    Ok(())
}

/// 2026-N1QMS-4000001, and what it attests.
fn certificate(held: &Held) -> (String, String) {
    (held.number.clone(), format!("{} · {} · 有效期至 {}", held.domain_label(), held.grade.title(held.category), held.valid_until))
}

/// 人员注册 · 质量管理体系 · 未批准（2026-11-23）.
fn decision(past: &PastMatter) -> String {
    let (kind, stage) = (past.kind.label, past.stage().map_or("", |s| s.label));
    let day = past.closed_on.map(|d| format!("（{d}）")).unwrap_or_default();
    if past.title == kind { format!("{kind} · {stage}{day}") } else { format!("{kind} · {} · {stage}{day}", past.title) }
}

/// None for a kind that no longer exists.
fn past(submitted: db::tie::Submitted) -> Option<PastMatter> {
    let row = submitted.matter;
    let appealed = matches!((row.closed_at, submitted.appealed_at), (Some(closed), Some(appealed)) if appealed >= closed);
    Some(PastMatter {
        id: row.id,
        kind: domain::kind::by_code(&row.kind)?,
        title: row.title,
        stage: row.stage,
        institution: row.institution_id,
        closed_on: row.closed_at.map(day_of),
        appealed,
    })
}
