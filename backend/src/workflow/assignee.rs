//! 承办人: who of the association has taken the open task of a matter. It decides nothing about who may act; it says who does.

use domain::base::permission::Role;
use domain::engine::flow::{Party, Refusal};
use domain::engine::notification::NotificationKind;
use uuid::Uuid;

use crate::access::account::lookup::person_name;
use crate::access::guard::{Allowed, Caller};
use crate::infra::db::{self, DbError, Tx};
use crate::matter::load::{load_for_command, load_in_tx};
use crate::matter::{LoadedMatter, MatterError};
use crate::record::audit::audit;
use crate::record::link;
use crate::record::notification::{Notification, Topic, notify_account};
use crate::state::AppState;
use crate::workflow::idempotency::{Encoding, SentRequest};
use crate::workflow::notify::{names_applicant, role_holders};

/// What becomes of the task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssigneeChange {
    /// The caller takes a task that nobody has.
    Take,
    /// The caller gives the own task back.
    GiveBack,
    /// The task goes to another holder of the role.
    HandOver {
        /// Who has it on the page; none if nobody has.
        from: Option<Uuid>,
        /// Who gets it.
        to: Uuid,
    },
}

/// A change of the assignee with its idempotency key.
#[derive(Debug, Clone, Copy)]
pub struct AssigneeRequest {
    /// Idempotency key, generated with the page.
    pub key: Uuid,
    /// The matter.
    pub matter: Uuid,
    /// The change.
    pub change: AssigneeChange,
}

/// The open task of a role of the association.
pub struct RoleTask {
    /// The matter.
    pub matter: LoadedMatter,
    /// Account and name of the person who has taken it.
    pub assignee: Option<(Uuid, String)>,
    /// Accounts and names of those to whom it can be handed over: the caller among them, if another person has it.
    pub candidates: Vec<(Uuid, String)>,
}

/// Who has taken the open task of a role of the association, for a reader of the association.
pub struct TaskAssignee {
    /// Account and name; none if nobody has taken it.
    pub assignee: Option<(Uuid, String)>,
    /// Whether the reader holds the role and can change it.
    pub is_changeable: bool,
}

impl AssigneeChange {
    fn code(self) -> &'static str {
        match self {
            AssigneeChange::Take => "take",
            AssigneeChange::GiveBack => "give_back",
            AssigneeChange::HandOver { .. } => "hand_over",
        }
    }

    fn target(self) -> Option<Uuid> {
        if let AssigneeChange::HandOver { to, .. } = self { Some(to) } else { None }
    }
}

impl AssigneeRequest {
    fn hash(&self) -> Vec<u8> {
        let mut encoding = Encoding::default();
        encoding.bytes(b"assignee");
        encoding.bytes(self.matter.as_bytes());
        encoding.bytes(self.change.code().as_bytes());
        encoding.bytes(self.change.target().unwrap_or_default().as_bytes());
        encoding.hash()
    }
}

/// The role whose task a matter is now, if the caller holds it there.
fn role_of(matter: &LoadedMatter) -> Option<Role> {
    match matter.stage().and_then(|stage| stage.turn) {
        Some(party @ Party::Association(role)) if matter.is_party(party) => Some(role),
        _ => None,
    }
}

/// The open task of a matter, for a holder of its role.
///
/// # Errors
/// [`MatterError::NotFound`] for everyone else.
pub async fn role_task(app: &AppState, who: &Allowed, id: Uuid) -> Result<RoleTask, MatterError> {
    let mut tx = app.db.read().await?;
    let matter = load_in_tx(&mut tx, app, who.caller(), id).await?;
    let role = role_of(&matter).ok_or(MatterError::NotFound)?;
    let present = db::task::assignee(&mut tx, id).await?.ok_or(MatterError::NotFound)?;
    let assignee = with_name(&mut tx, app, present).await?;
    let mut candidates = Vec::new();
    for account in eligible(&mut tx, &matter, role).await? {
        // The caller takes what nobody has.
        if present != Some(account) && (present.is_some() || account != who.account()) {
            candidates.push((account, person_name(app, &mut tx, account).await?));
        }
    }
    Ok(RoleTask { matter, assignee, candidates })
}

/// Who has taken the open task of a matter; none for readers outside the association, and where no role of it is to act.
pub(crate) async fn task_assignee(tx: &mut Tx, app: &AppState, matter: &LoadedMatter) -> Result<Option<TaskAssignee>, DbError> {
    if !matter.actor.parties.iter().any(|party| matches!(party, Party::Association(_))) {
        return Ok(None);
    }
    let Some(present) = db::task::assignee(tx, matter.id).await? else { return Ok(None) };
    Ok(Some(TaskAssignee { assignee: with_name(tx, app, present).await?, is_changeable: role_of(matter).is_some() }))
}

async fn with_name(tx: &mut Tx, app: &AppState, account: Option<Uuid>) -> Result<Option<(Uuid, String)>, DbError> {
    Ok(match account {
        Some(account) => Some((account, person_name(app, tx, account).await?)),
        None => None,
    })
}

/// Holders of a role who may act on the matter.
async fn eligible(tx: &mut Tx, matter: &LoadedMatter, role: Role) -> Result<Vec<Uuid>, DbError> {
    let owners = matter.belongs_to().accounts(tx).await?;
    let holders = role_holders(tx, role).await?;
    let may_act = |account: &Uuid| !matter.excluded.contains(account) && !owners.contains(account) && *account != matter.owner;
    Ok(holders.into_iter().filter(may_act).collect())
}

/// Takes, gives back, or hands over the open task of a matter. A repetition with the same key does nothing.
///
/// # Errors
/// [`MatterError::Refused`] if it is no task of a role of the caller; [`MatterError::Blocked`] if another person has it, or cannot get it;
/// [`MatterError::ChangedMeanwhile`] if a task to be handed over is not in the hands that the page showed; [`MatterError::KeyReused`] if the key
/// was used for another request.
pub async fn change_assignee(app: &AppState, who: &Allowed, request: AssigneeRequest) -> Result<(), MatterError> {
    let (owned, caller) = (app.clone(), who.caller().clone());
    app.db.on_behalf_of(who.account()).write(move |tx| Box::pin(async move { change_in_tx(tx, &owned, &caller, request).await })).await
}

/// Why the caller cannot take or give back a task that another person has, or nobody.
async fn held_by_another(tx: &mut Tx, app: &AppState, present: Option<Uuid>) -> Result<String, DbError> {
    Ok(match present {
        Some(account) => {
            let name = person_name(app, tx, account).await?;
            format!("该业务已由{name}承办。如需由您办理，请承办人交回，或通过“转交”转给本人")
        }
        None => "该业务没有承办人，无需交回".to_owned(),
    })
}

async fn change_in_tx(tx: &mut Tx, app: &AppState, caller: &Caller, request: AssigneeRequest) -> Result<(), MatterError> {
    let sent = SentRequest { account: caller.account, key: request.key, hash: request.hash() };
    if sent.claim::<bool>(tx, app.now()).await?.is_some() {
        return Ok(());
    }
    let matter = load_for_command(tx, app, caller, request.matter).await?;
    let role = role_of(&matter).ok_or(Refusal::NotOpen)?;
    let present = db::task::assignee(tx, matter.id).await?.ok_or(Refusal::NotOpen)?;
    let is_own = present == Some(caller.account);
    let others = if request.change.target().is_some() { eligible(tx, &matter, role).await? } else { Vec::new() };
    let next = match request.change {
        AssigneeChange::Take if present.is_none() || is_own => Some(caller.account),
        AssigneeChange::GiveBack if is_own => None,
        AssigneeChange::Take | AssigneeChange::GiveBack => {
            return Err(MatterError::Blocked(held_by_another(tx, app, present).await?));
        }
        AssigneeChange::HandOver { from, .. } if from != present => return Err(MatterError::ChangedMeanwhile),
        AssigneeChange::HandOver { to, .. } if others.contains(&to) => Some(to),
        AssigneeChange::HandOver { .. } => {
            return Err(MatterError::Blocked("所选人员不能承办该业务，请重新选择".to_owned()));
        }
    };
    if !db::task::set_assignee(tx, matter.id, present, next).await? {
        return Err(MatterError::ChangedMeanwhile);
    }
    if let Some(account) = request.change.target().filter(|account| *account != caller.account) {
        let body = format!("业务已转交给您承办，当前环节：{}。", matter.stage().map_or("", |stage| stage.label));
        let notification = Notification {
            account,
            matter: matter.id,
            matter_kind: matter.kind.label,
            topic: Topic::Matter,
            names_applicant: names_applicant(matter.kind, role_of(&matter).map(Party::Association)),
            kind: NotificationKind::Task,
            dedupe_key: format!("assignee-{}", request.key),
            title: "业务转交提醒",
            body: &body,
            link: link::matter(matter.id),
        };
        notify_account(tx, app, &notification, app.now()).await?;
    }
    audit(tx, app, Some(caller.account), &format!("task.{}", request.change.code()), &matter.id.to_string()).await?;
    Ok(sent.answer(tx, &true).await?)
}
