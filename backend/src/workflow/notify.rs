//! Notifications of a decision: to the applicant and to whose turn it is.

use chrono::{DateTime, Utc};
use domain::base::permission::Role;
use domain::engine::flow::{Decision, EventKind, Party, Stage};
use domain::engine::notification::NotificationKind;
use domain::matter::{Kind, MessageNames};
use uuid::Uuid;

use crate::infra::db::{self, DbError, Tx};
use crate::matter::LoadedMatter;
use crate::matter::relations::institution_users;
use crate::record::link;
use crate::record::notification::{Notification, Topic, notify_account};
use crate::state::AppState;

/// Notifies the applicant of the result, and the next actors that it is their turn. `cause`: the person by whose act it happens, who is not
/// told of it; `asked`: the people who are asked one by one from now on.
pub(crate) async fn notify(
    tx: &mut Tx,
    app: &AppState,
    matter: &LoadedMatter,
    (decision, cause): (&Decision, Uuid),
    asked: &[Uuid],
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let (kind, stage) = (matter.kind.label, decision.stage);
    let dedupe_key = decision.events.last().map_or(matter.state.seq, |e| e.seq).to_string();
    let notification = |account, of| Notification {
        account,
        matter: matter.id,
        matter_kind: kind,
        topic: Topic::Matter,
        names_applicant: false,
        kind: of,
        dedupe_key: dedupe_key.clone(),
        title: "",
        body: "",
        link: link_to(matter.kind, stage, of, matter.id),
    };
    if decision.entered && !matter.is_own() {
        let head = format!("{kind}：{}", stage.label);
        let done = decision.transition.map(|t| format!("{}。", t.history)).unwrap_or_default();
        let general = (head, done + &quoted_note(decision).unwrap_or_default());
        let (head, body) = worded(tx, matter, decision, Party::Applicant).await?.unwrap_or(general);
        let applicants = matter.belongs_to().accounts(tx).await?;
        for account in applicants.into_iter().filter(|account| *account != cause && !matter.excluded.contains(account)) {
            let to_applicant = notification(account, stage.notification(decision.transition));
            notify_account(tx, app, &Notification { title: &head, body: &body, ..to_applicant }, now).await?;
        }
    }
    let head = format!("{}业务提醒：{kind}", stage.request());
    let body = format!("当前环节：{}，请点击查看并办理。", stage.label);
    let names_applicant = names_applicant(matter.kind, stage.turn);
    let own = match stage.turn {
        Some(turn) => worded(tx, matter, decision, turn).await?,
        None => None,
    };
    let (head, body) = own.unwrap_or((head, body));
    for account in next_actors(tx, matter, decision, asked).await? {
        let task = notification(account, NotificationKind::Task);
        notify_account(tx, app, &Notification { title: &head, body: &body, names_applicant, ..task }, now).await?;
    }
    Ok(())
}

/// Title and text of the kind's own message to a party about the stage, if it has one.
async fn worded(tx: &mut Tx, matter: &LoadedMatter, decision: &Decision, to: Party) -> Result<Option<(String, String)>, DbError> {
    let Some(message) = matter.kind.message(decision.stage.code, to) else { return Ok(None) };
    let institution = match matter.filing_institution() {
        Some(id) => db::institution::by_id(tx, id).await?.map(|row| row.name),
        None => None,
    };
    let due = db::matter::by_id(tx, matter.id).await?.and_then(|row| row.due_on);
    let names = MessageNames {
        institution: institution.unwrap_or_default(),
        title: matter.title.clone(),
        due: due.map(|day| day.to_string()).unwrap_or_default(),
        note: note_of(decision).unwrap_or_default().to_owned(),
    };
    Ok(Some((message.title.to_owned(), message.render(&names))))
}

/// The note of the transition that was made.
fn note_of(decision: &Decision) -> Option<&str> {
    decision.events.iter().rev().find_map(|event| match &event.kind {
        EventKind::Transitioned { note, .. } => Some(note.as_str()),
        _ => None,
    })
}

/// Whether those who act for a party may know whose a matter is, and are helped by it.
pub(crate) fn names_applicant(kind: &Kind, party: Option<Party>) -> bool {
    let is_reader = match party {
        Some(Party::Institution(_)) => true,
        Some(Party::Association(role)) => kind.visible_to.contains(&role),
        _ => false,
    };
    is_reader && party.is_some_and(|party| !kind.blind_parties.contains(&party))
}

/// The note of a decision that the message to the applicant quotes.
fn quoted_note(decision: &Decision) -> Option<String> {
    let label = decision.transition?.quoted_note?;
    note_of(decision).filter(|note| !note.is_empty()).map(|note| format!("{label}：{note}"))
}

/// Where a notification leads: an expert who is asked for findings, to the evaluation; a role that only handles payments, to its
/// workbench; everyone else, to the matter.
pub(crate) fn link_to(kind: &Kind, stage: &Stage, of: NotificationKind, matter: Uuid) -> String {
    let is_task = matches!(of, NotificationKind::Task | NotificationKind::Deadline);
    if is_task && matches!(stage.turn, Some(Party::Association(role)) if !kind.visible_to.contains(&role)) {
        return link::FINANCE.to_owned();
    }
    if stage.is_evaluation() && is_task { link::evaluation(kind, matter) } else { link::matter(matter) }
}

/// Accounts whose turn it has become. The applicant is notified separately.
async fn next_actors(tx: &mut Tx, matter: &LoadedMatter, decision: &Decision, asked: &[Uuid]) -> Result<Vec<Uuid>, DbError> {
    let accounts = match decision.stage.turn {
        Some(Party::Expert | Party::Participant) => asked.to_vec(),
        _ if !decision.entered => Vec::new(),
        Some(party @ Party::Institution(_)) => institution_users(tx, &matter.institutions, party).await?,
        Some(Party::Association(role)) => role_holders(tx, role).await?,
        _ => Vec::new(),
    };
    Ok(accounts.into_iter().filter(|id| *id != matter.actor.account && !matter.excluded.contains(id)).collect())
}

/// Accounts that hold a role of the association.
pub(crate) async fn role_holders(tx: &mut Tx, role: Role) -> Result<Vec<Uuid>, DbError> {
    db::account::list_role_holders(tx, role).await
}
