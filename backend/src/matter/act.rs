//! Decisions: one command, one transaction, one answer for one key.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use domain::flow::{Actor, Asked, Command, Decided, Facts, Hat, Link, Party, What, decide};
use domain::form::changes;
use domain::message::Moment;
use domain::permission::Role;
use uuid::Uuid;

use super::{MatterError, Opened, answers_at, effect, open};
use crate::db::{self, DbError, Tx};
use crate::guard::Allowed;
use crate::house::{House, Tables};
use crate::message::{News, audit, tell};
use crate::secret::sha256;

/// A command for a matter, with the key that makes it one command however often it is sent.
#[derive(Clone)]
pub struct Act {
    /// Made by the page.
    pub key: Uuid,
    /// The matter.
    pub matter: Uuid,
    /// What is asked.
    pub command: Command,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Acted {
    /// Code of the stage it is at now.
    pub stage: String,
}

impl Act {
    /// What the command is, to tell a repeated one from another with the same key.
    fn hash(&self) -> Vec<u8> {
        let c = &self.command;
        sha256(format!("{}|{}|{:?}|{}|{:?}|{:?}", self.matter, c.name, c.revision, c.note, c.items, c.people).as_bytes())
    }
}

impl House {
    /// Carries out a command. The same key gives the same answer and does nothing twice.
    pub async fn act(&self, who: &Allowed, act: Act) -> Result<Acted, MatterError> {
        let house = self.clone();
        let caller = who.caller().clone();
        let (now, today) = (self.now(), self.today());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let hash = act.hash();
                    if !db::matter::claim_command(tx, caller.account, act.key, &hash, now).await? {
                        return repeated(tx, caller.account, act.key, &hash).await;
                    }
                    let opened = open(tx, &house.keys, &caller, act.matter).await?;
                    let acted = carry_out(tx, &house, opened, &act.command, now, today).await?;
                    let answer = serde_json::to_value(&acted).unwrap_or_default();
                    db::matter::answer_command(tx, caller.account, act.key, answer).await?;
                    Ok(acted)
                })
            })
            .await
    }
}

async fn repeated(tx: &mut Tx, account: Uuid, key: Uuid, hash: &[u8]) -> Result<Acted, MatterError> {
    match db::matter::command(tx, account, key).await? {
        Some((before, answer)) if before == hash => serde_json::from_value(answer).map_err(|_| MatterError::Conflict),
        _ => Err(MatterError::Reused),
    }
}

async fn carry_out(
    tx: &mut Tx,
    house: &House,
    opened: Opened,
    command: &Command,
    now: DateTime<Utc>,
    today: NaiveDate,
) -> Result<Acted, MatterError> {
    let owner = house.name_of(tx, opened.row.owner_id).await?;
    let world = house.world(tx, &owner).await?;
    let problems = if command.revision.is_some() { opened.kind.check(&opened.answers, &world.setting()) } else { Vec::new() };
    let changed = match opened.row.submitted_revision {
        Some(revision) => {
            let (submitted, _) = answers_at(tx, &house.keys, opened.row.id, revision).await?;
            !changes(&submitted, &opened.answers).is_empty()
        }
        None => true,
    };
    let asked = Asked { at: now, today, answers: &opened.answers, revision: opened.row.revision, sound: problems.is_empty(), changed };
    let decided = decide(opened.kind.flow, &opened.facts, &opened.actor, command, &asked).map_err(|refusal| match refusal {
        domain::flow::Refusal::Unsound => MatterError::Unsound(problems),
        other => MatterError::Refused(other),
    })?;
    for event in &decided.events {
        db::matter::add_event(tx, opened.row.id, event).await?;
    }
    index(tx, &opened, &decided, &house.tables(), now, today).await?;
    for e in decided.effects {
        effect::carry_out(tx, house, &opened, *e, today).await?;
    }
    if decided.entered {
        notify(tx, house, &opened, &decided, now).await?;
    }
    let action = format!("matter.{}", command.name);
    audit(tx, Some(opened.actor.account), &action, &opened.row.id.to_string(), now).await?;
    Ok(Acted { stage: decided.stage.code.to_owned() })
}

/// Brings the index row and the tasks after the events.
async fn index(
    tx: &mut Tx,
    opened: &Opened,
    decided: &Decided,
    tables: &Arc<Tables>,
    now: DateTime<Utc>,
    today: NaiveDate,
) -> Result<(), MatterError> {
    let mut facts: Facts = opened.facts.clone();
    for event in &decided.events {
        facts.follow(opened.kind.flow, event);
    }
    let stage = decided.stage;
    let turn = stage.turn.code();
    let due_on = stage.days.map(|days| tables.working_days.after(today, tables.rules.on(today).int(days)));
    let moved = db::matter::Moved {
        id: opened.row.id,
        event_count: opened.row.event_count,
        new_event_count: facts.seq,
        stage: stage.code,
        turn: &turn,
        due_on: if decided.entered { due_on } else { opened.row.due_on },
        submitted_revision: facts.submitted,
        submitted_at: opened.row.submitted_at.or_else(|| facts.submitted.map(|_| now)),
        closed_at: stage.closed().then_some(now),
        now,
    };
    if !db::matter::moved(tx, &moved).await? {
        return Err(MatterError::Conflict);
    }
    if decided.entered {
        db::matter::close_task(tx, opened.row.id, stage.code, now).await?;
        if !stage.closed() {
            db::matter::open_task(tx, Uuid::now_v7(), opened.row.id, stage.code, &turn, now, due_on).await?;
        }
    }
    Ok(())
}

/// Tells the applicant what happened, and whoever's turn it is that it is.
async fn notify(tx: &mut Tx, house: &House, opened: &Opened, decided: &Decided, now: DateTime<Utc>) -> Result<(), DbError> {
    let kind = opened.kind.label;
    let title = opened.kind.title_for(&opened.answers);
    let occasion = decided.events.last().map_or(opened.facts.seq, |e| e.seq).to_string();
    let news = |account, moment| News { account, matter: opened.row.id, kind, moment, occasion: occasion.clone(), title: "", body: "" };
    // Where several decide, the move that counts need not be the one of whoever came last.
    let moved = decided.events.iter().rev().find_map(|e| match &e.what {
        What::Moved { command, .. } => Some(command.as_str()),
        _ => None,
    });
    let done = opened.stage().and_then(|s| s.moves.iter().find(|m| Some(m.command) == moved)).map_or("", |m| m.done);
    if !opened.actor.hats.contains(&Hat::Applicant) {
        let head = format!("{kind}：{}", decided.stage.label);
        let body = format!("您的业务“{title}”有新进展：{done}。");
        let news = news(opened.row.owner_id, Moment::of_stage(decided.stage));
        tell(tx, house, &News { title: &head, body: &body, ..news }, now).await?;
    }
    let head = format!("待办：{kind}");
    let body = format!("业务“{title}”待您办理：{}。", decided.stage.label);
    for account in whose_turn(tx, decided.stage.turn, &opened.actor, opened.row.institution_id).await? {
        tell(tx, house, &News { title: &head, body: &body, ..news(account, Moment::Task) }, now).await?;
    }
    Ok(())
}

/// Accounts at whose desk a stage lies. The applicant is told otherwise.
async fn whose_turn(tx: &mut Tx, turn: Party, actor: &Actor, institution: Option<Uuid>) -> Result<Vec<Uuid>, DbError> {
    let accounts = match (turn, institution) {
        (Party::Institution(Link::Recommending), Some(institution)) => db::institution::users(tx, institution).await?,
        (Party::Association(role), _) => db::account::holders(tx, Role::code(role)).await?,
        _ => Vec::new(),
    };
    Ok(accounts.into_iter().map(|(id,)| id).filter(|id| *id != actor.account).collect())
}
