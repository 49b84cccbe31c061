//! 专家评价: who can be asked, what they are asked, and what they have found so far.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::engine::assessment::Assessment;
use domain::engine::flow::{Hat, What};
use domain::record::expert::{Case, Expert, suggest};
use uuid::Uuid;

use crate::access::account::admin::AdminError;
use crate::access::guard::Allowed;
use crate::infra::db;
use crate::infra::db::{DbError, Tx};
use crate::infra::secret::Place;
use crate::matter::{MatterError, Opened};
use crate::record::audit::audit;
use crate::state::AppState;

pub use crate::infra::db::expert::{Assigned, Filter};

const OPINION: &str = "opinion.assessment_sealed";
/// Cases on one page of a list.
const PAGE: i64 = 20;

/// An expert who could be asked, and why not if they may not.
pub struct Candidate {
    /// What is known of them.
    pub expert: Expert,
    /// Their name.
    pub name: String,
    /// Why they must stay away; none if they need not.
    pub conflict: Option<domain::record::expert::Conflict>,
    /// Whether they are competent in the domain.
    pub competent: bool,
}

/// One page of an expert's cases.
pub struct Cases {
    /// Its cases.
    pub cases: Vec<Assigned>,
    /// Where the next page begins.
    pub next: Option<(DateTime<Utc>, Uuid)>,
}

/// Experts for a matter, whom to suggest first.
pub async fn candidates(app: &AppState, opened: &Opened) -> Result<Vec<Candidate>, DbError> {
    let mut tx = app.db.read().await?;
    let case = case_of(&mut tx, opened).await?;
    let mut experts = experts(&mut tx).await?;
    suggest(&mut experts, &case);
    let mut all = Vec::with_capacity(experts.len());
    for expert in experts {
        let name = crate::matter::name_of(app, &mut tx, expert.account).await?;
        let (conflict, competent) = (expert.conflict(&case), expert.competent(&case));
        all.push(Candidate { expert, name, conflict, competent });
    }
    Ok(all)
}

/// The caller's cases.
pub async fn expert_cases(app: &AppState, who: &Allowed, filter: &Filter, after: db::matter::After) -> Result<Cases, DbError> {
    let mut tx = app.db.read().await?;
    let mut cases = db::expert::of_account(&mut tx, who.account(), filter, after, PAGE + 1).await?;
    let size = usize::try_from(PAGE).unwrap_or(0);
    let more = cases.len() > size;
    cases.truncate(size);
    let next = cases.last().filter(|_| more).map(|c| (c.assigned_at, c.matter.id));
    Ok(Cases { cases, next })
}

/// How many cases wait for the caller's opinion.
pub async fn expert_task_count(app: &AppState, who: &Allowed) -> Result<i64, DbError> {
    let mut tx = app.db.read().await?;
    db::expert::waiting(&mut tx, who.account()).await
}

/// What the caller has found of a matter so far in its present round, and when it was kept.
pub async fn opinion(app: &AppState, opened: &Opened) -> Result<Option<(Assessment, DateTime<Utc>)>, DbError> {
    let mut tx = app.db.read().await?;
    let (account, round) = (opened.actor.account, i64::from(opened.facts.rounds));
    let Some((sealed, at)) = db::expert::opinion(&mut tx, opened.row.id, account, round).await? else {
        return Ok(None);
    };
    let read = app.keys.open_json(place(opened.row.id, account), &sealed);
    read.map(|a| Some((a, at))).map_err(|_| DbError::Unreadable(OPINION.into()))
}

/// Keeps what the caller has found of a matter so far. Finished or not, it is theirs alone until it is sent.
pub async fn keep_opinion(app: &AppState, opened: &Opened, assessment: &Assessment) -> Result<DateTime<Utc>, MatterError> {
    if !opened.actor.hats.contains(&Hat::Expert) || opened.moves().is_empty() {
        return Err(MatterError::Closed);
    }
    let (matter, account, round, now) = (opened.row.id, opened.actor.account, i64::from(opened.facts.rounds), app.now());
    let sealed = app.keys.seal_json(place(matter, account), assessment);
    app.db.write(move |tx| Box::pin(async move { db::expert::put_opinion(tx, matter, account, round, &sealed, now).await })).await?;
    Ok(now)
}

/// Notes that an expert, by account name, is competent in a domain.
pub async fn add_expert_domain(app: &AppState, account: &str, domain: &str) -> Result<(), AdminError> {
    let (account, domain, now) = (account.to_ascii_lowercase(), domain.to_owned(), app.now());
    if domain::base::catalogue::domain(&domain).is_none() {
        return Err(AdminError::NoDomain);
    }
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let row = db::account::by_name(tx, &account).await?.ok_or(AdminError::NoAccount)?;
                db::expert::add_domain(tx, row.id, &domain).await?;
                audit(tx, None, &format!("expert.{domain}"), &row.id.to_string(), now).await?;
                Ok(())
            })
        })
        .await
}

/// An opinion is sealed to the matter and to whose it is.
fn place(matter: Uuid, account: Uuid) -> Place {
    Place::new(OPINION, Uuid::from_u128(matter.as_u128() ^ account.as_u128().rotate_left(64)))
}

async fn experts(tx: &mut Tx) -> Result<Vec<Expert>, DbError> {
    let mut experts: BTreeMap<Uuid, Expert> = BTreeMap::new();
    for (account,) in db::expert::all(tx).await? {
        experts.insert(account, Expert { account, ..Expert::default() });
    }
    for (account, domain) in db::expert::domains(tx).await? {
        experts.entry(account).and_modify(|e| e.domains.push(domain));
    }
    for (account, institution, status) in db::expert::ties(tx).await? {
        experts
            .entry(account)
            .and_modify(|e| if status == "ended" { e.former.push(institution) } else { e.institutions.push(institution) });
    }
    for (account, load) in db::expert::loads(tx).await? {
        experts.entry(account).and_modify(|e| e.load = load);
    }
    Ok(experts.into_values().collect())
}

async fn case_of(tx: &mut Tx, opened: &Opened) -> Result<Case, DbError> {
    let applicant = opened.row.owner_id;
    let mut case = Case { applicant, domain: opened.answers.text("domain").to_owned(), ..Case::default() };
    case.institutions.extend(opened.institutions.iter().map(|(_, id)| *id));
    case.apart.clone_from(&opened.apart);
    for (institution, _, status, _, _) in db::institution::ties(tx, applicant).await? {
        if status == "ended" { case.former.push(institution) } else { case.institutions.push(institution) }
    }
    Ok(case)
}

/// Whether all of these may evaluate a matter. Gives who must stay away, and why.
pub(crate) async fn screen(tx: &mut Tx, opened: &Opened, people: &[Uuid]) -> Result<Option<Vec<(Uuid, String)>>, DbError> {
    let case = case_of(tx, opened).await?;
    let experts = experts(tx).await?;
    let away: Vec<(Uuid, String)> = experts.iter().filter_map(|e| e.conflict(&case).map(|c| (e.account, c.text().to_owned()))).collect();
    let fit = |id: &Uuid| experts.iter().any(|e| e.account == *id) && !away.iter().any(|(a, _)| a == id);
    Ok(people.iter().all(fit).then_some(away))
}

/// Brings the index of assignments after the events of a decision.
pub(crate) async fn follow(
    tx: &mut Tx,
    opened: &Opened,
    decided: &domain::engine::flow::Decided,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let (id, kind, title) = (opened.row.id, opened.kind.code, &opened.row.title);
    for event in &decided.events {
        match (&event.what, event.by) {
            (What::Assigned { people, .. }, _) => {
                for account in opened.facts.assigned.iter().filter(|a| !people.contains(a)) {
                    db::expert::leave(tx, id, *account, now).await?;
                }
                for account in people {
                    db::expert::assign(tx, id, *account, kind, title, now).await?;
                }
            }
            (What::Recused { .. }, Some(account)) => {
                db::expert::leave(tx, id, account, now).await?;
            }
            (What::Voted { .. }, Some(account)) => {
                db::expert::done(tx, id, account, now).await?;
            }
            _ => {}
        }
    }
    if decided.entered && decided.stage.turn == domain::engine::flow::Party::Expert {
        db::expert::ask_again(tx, id).await?;
    }
    Ok(())
}

/// Whom a decision asks for an opinion: everyone assigned when the stage is entered, the new ones when others take their place.
pub(crate) fn asked(opened: &Opened, decided: &domain::engine::flow::Decided) -> Vec<Uuid> {
    let assigned = decided.events.iter().rev().find_map(|e| match &e.what {
        What::Assigned { people, .. } => Some(people.as_slice()),
        _ => None,
    });
    match assigned {
        Some(people) if decided.entered => people.to_vec(),
        Some(people) => people.iter().filter(|p| !opened.facts.assigned.contains(p)).copied().collect(),
        None if decided.entered => opened.facts.assigned.clone(),
        None => Vec::new(),
    }
}
