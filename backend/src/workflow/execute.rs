//! Decisions: one command, one transaction, one answer for one key.

use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::base::permission::Role;
use domain::engine::flow::{ANSWER, Asked, Asks, Command, Decided, Facts, Hat, Party, RESPONSES, Refusal, Span, Stage, decide, unanswered};
use domain::engine::form::{Issue, Path, Problem, changes};
use domain::engine::message::Moment;
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::infra::db;
use crate::infra::db::{BoxFuture, DbError, Tx};
use crate::infra::secret::sha256;
use crate::matter::{MatterError, Opened, answers_at, open, open_for_house, relations};
use crate::record::audit::audit;
use crate::record::certificate;
use crate::record::expert;
use crate::record::notification::News;
use crate::record::notification::tell;
use crate::state::{AppState, Tables};
use crate::workflow::effects;

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
        sha256(
            format!(
                "{}|{}|{:?}|{}|{:?}|{:?}",
                self.matter,
                c.name,
                c.revision,
                c.note,
                c.items.iter().map(|i| (&i.path, &i.text)).collect::<Vec<_>>(),
                c.people
            )
            .as_bytes(),
        )
    }
}

/// Carries out a command. The same key gives the same answer and does nothing twice.
pub async fn act(app: &AppState, who: &Allowed, act: Act) -> Result<Acted, MatterError> {
    let owned = app.clone();
    let caller = who.caller().clone();
    let (now, today) = (app.now(), app.today());
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let hash = act.hash();
                if !db::matter::claim_command(tx, caller.account, act.key, &hash, now).await? {
                    return repeated(tx, caller.account, act.key, &hash).await;
                }
                let opened = open(tx, &owned, &caller, act.matter).await?;
                let acted = carry_out(tx, &owned, opened, &act.command, now, today).await?;
                let answer = serde_json::to_value(&acted).unwrap_or_default();
                db::matter::answer_command(tx, caller.account, act.key, answer).await?;
                Ok(acted)
            })
        })
        .await
}

async fn repeated(tx: &mut Tx, account: Uuid, key: Uuid, hash: &[u8]) -> Result<Acted, MatterError> {
    match db::matter::command(tx, account, key).await? {
        Some((before, answer)) if before == hash => serde_json::from_value(answer).map_err(|_| MatterError::Conflict),
        _ => Err(MatterError::Reused),
    }
}

/// Carries out a command of the app itself, inside a write that has another reason: the cash desk, or the daily job.
pub(crate) fn act_for_house<'t>(
    tx: &'t mut Tx,
    app: &'t AppState,
    hat: Hat,
    matter: Uuid,
    command: Command,
) -> BoxFuture<'t, Result<Acted, MatterError>> {
    Box::pin(async move {
        let opened = open_for_house(tx, app, hat, matter).await?;
        carry_out(tx, app, opened, &command, app.now(), app.today()).await
    })
}

async fn carry_out(
    tx: &mut Tx,
    app: &AppState,
    mut opened: Opened,
    command: &Command,
    now: DateTime<Utc>,
    today: NaiveDate,
) -> Result<Acted, MatterError> {
    let problems = if command.revision.is_some() { faults(tx, app, &opened).await? } else { Vec::new() };
    let changed = match opened.row.submitted_revision {
        Some(revision) => {
            let (submitted, _) = answers_at(tx, &app.keys, opened.kind.form, opened.row.id, revision).await?;
            !changes(&submitted, &opened.answers).is_empty()
        }
        None => true,
    };
    let mut command = command.clone();
    if !command.people.is_empty() {
        command.recused = expert::screen(tx, &opened, &command.people).await?.ok_or(Refusal::Conflicted)?;
    }
    let (answers, revision, rounds, tables) = (&opened.answers, opened.row.revision, opened.rounds, app.tables());
    let rules = tables.rules.on(today);
    let asked =
        Asked { at: now, today, answers, revision, sound: problems.is_empty(), changed, rounds, at_desk: opened.desk().is_some(), rules };
    let decided = decide(opened.kind.flow, &opened.facts, &opened.actor, &command, &asked).map_err(|refusal| match refusal {
        Refusal::Unsound => MatterError::Unsound(problems),
        other => MatterError::Refused(other),
    })?;
    for event in &decided.events {
        db::matter::add_event(tx, opened.row.id, event).await?;
    }
    if decided.moved.is_some_and(|m| m.asks == Asks::Submission) {
        opened.apart = relations::submitted(tx, app, &opened).await?;
        opened.institutions = relations::of(tx, opened.kind, &opened.row).await?;
        certificate::renewal::ask(tx, app, &opened, now).await?;
    }
    index(tx, &opened, &decided, &tables, now, today).await?;
    expert::follow(tx, &opened, &decided, now).await?;
    notify(tx, app, &opened, &decided, now).await?;
    let action = format!("matter.{}", command.name);
    let who = Some(opened.actor.account).filter(|a| !a.is_nil());
    audit(tx, who, &action, &opened.row.id.to_string(), now).await?;
    let mut acted = Acted { stage: decided.stage.code.to_owned() };
    for e in decided.effects {
        // A command that follows from an effect moves the matter on.
        if let Some(further) = effects::carry_out(tx, app, &opened, *e, today).await? {
            acted = further;
        }
    }
    Ok(acted)
}

/// What stands in the way of a submission: faults of the answers, and items nobody responded to.
async fn faults(tx: &mut Tx, app: &AppState, opened: &Opened) -> Result<Vec<Problem>, MatterError> {
    let owner = crate::matter::name_of(app, tx, opened.row.owner_id).await?;
    let world = crate::matter::context::world(app, tx, &owner).await?.knowing(tx, app, &opened.row).await?;
    Ok(opened.faults(&world))
}

impl Opened {
    /// What stands in the way of a submission: faults of the answers, and items nobody responded to.
    pub fn faults(&self, world: &crate::matter::context::World) -> Vec<Problem> {
        let mut problems = self.kind.check(&self.answers, &world.context());
        for item in unanswered(&self.answers, self.items().unwrap_or_default()) {
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

/// The day until which a stage is to be done.
pub(crate) fn due(stage: &Stage, tables: &Tables, today: NaiveDate) -> Option<NaiveDate> {
    let rules = tables.rules.on(today);
    Some(match stage.days? {
        Span::Working(days) => tables.working_days.after(today, rules.int(days)),
        Span::Calendar(days) => {
            let days = u64::try_from(rules.int(days)).unwrap_or(0);
            today.checked_add_days(Days::new(days)).unwrap_or(today)
        }
    })
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
    let due_on = due(stage, tables, today);
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
async fn notify(tx: &mut Tx, app: &AppState, opened: &Opened, decided: &Decided, now: DateTime<Utc>) -> Result<(), DbError> {
    let kind = opened.kind.label;
    let title = opened.kind.title_for(&opened.answers);
    let occasion = decided.events.last().map_or(opened.facts.seq, |e| e.seq).to_string();
    let news = |account, moment| {
        let (matter, occasion, link) = (opened.row.id, occasion.clone(), link_for(decided.stage, moment, opened.row.id));
        News { account, matter, kind, moment, occasion, title: "", body: "", link }
    };
    if decided.entered && !opened.actor.hats.contains(&Hat::Applicant) {
        let done = decided.moved.map_or("", |m| m.done);
        let head = format!("{kind}：{}", decided.stage.label);
        let body = format!("您的业务“{title}”有新进展：{done}。");
        let news = news(opened.row.owner_id, Moment::of_stage(decided.stage));
        tell(tx, app, &News { title: &head, body: &body, ..news }, now).await?;
    }
    let head = format!("待办：{kind}");
    let body = format!("业务“{title}”待您办理：{}。", decided.stage.label);
    for account in whose_turn(tx, opened, decided).await? {
        tell(tx, app, &News { title: &head, body: &body, ..news(account, Moment::Task) }, now).await?;
    }
    Ok(())
}

/// Where a piece of news leads: an expert who is asked for findings, to the evaluation; everyone else, to the matter.
pub(crate) fn link_for(stage: &Stage, moment: Moment, matter: Uuid) -> String {
    match (stage.turn, moment) {
        (Party::Expert, Moment::Task) if stage.moves.iter().any(|m| m.asks == Asks::Findings) => format!("/expert/registrations/{matter}"),
        _ => format!("/matters/{matter}"),
    }
}

/// Accounts at whose desk the matter now lies and did not lie before. The applicant is told otherwise.
async fn whose_turn(tx: &mut Tx, opened: &Opened, decided: &Decided) -> Result<Vec<Uuid>, DbError> {
    let ids = |rows: Vec<(Uuid,)>| rows.into_iter().map(|(id,)| id).collect();
    let accounts: Vec<Uuid> = match decided.stage.turn {
        Party::Expert => expert::asked(opened, decided),
        _ if !decided.entered => Vec::new(),
        party @ Party::Institution(_) => relations::users(tx, &opened.institutions, party).await?,
        Party::Association(role) => ids(db::account::holders(tx, Role::code(role)).await?),
        _ => Vec::new(),
    };
    Ok(accounts.into_iter().filter(|id| *id != opened.actor.account && !opened.apart.contains(id)).collect())
}
