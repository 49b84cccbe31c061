//! The state of an institution, and what follows from it.

use chrono::{DateTime, Utc};
use domain::base::text::normalise_lines;
use domain::record::institution::{Affected, CONSEQUENCES, Consequence, InstitutionState, consequence};
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::infra::db::institution::InstitutionRow;
use crate::infra::db::institution_state::StateChangeRow;
use crate::infra::db::{self, DbError, Tx};
use crate::infra::secret::{Keys, SealContext};
use crate::matter::MatterError;
use crate::matter::load::load_as_system;
use crate::record::audit::audit;
use crate::record::link;
use crate::service::institution::{InstitutionError, InstitutionNotice, tell};
use crate::state::AppState;
use crate::workflow::closing::passing_command;
use crate::workflow::execute::execute_as_system;

/// Most characters of a reason.
pub const REASON_MAX: usize = 500;

const REASON: &str = "institution_state_change.reason_sealed";
const ABOUT: &str = "机构状态变更";

/// What an administrator sets.
#[derive(Debug, Clone)]
pub struct NewState {
    /// The institution.
    pub institution: Uuid,
    /// The state that the page showed.
    pub seen: InstitutionState,
    /// The state to be set.
    pub state: InstitutionState,
    /// Why.
    pub reason: String,
}

/// A change that is under way.
struct Change<'a> {
    app: &'a AppState,
    institution: InstitutionRow,
    state: InstitutionState,
    reason: String,
    /// The row that records it.
    id: Uuid,
    by: Uuid,
    now: DateTime<Utc>,
}

/// The reason of a change.
pub(super) fn reason_of(keys: &Keys, row: &StateChangeRow) -> Result<String, DbError> {
    let text = keys.unseal(SealContext::new(REASON, row.id), &row.reason_sealed).ok();
    text.and_then(|text| String::from_utf8(text).ok()).ok_or_else(|| DbError::Unreadable(REASON.into()))
}

/// Sets the state of an institution, and carries out what the table says of it, in one transaction.
///
/// # Errors
/// [`InstitutionError::NoReason`], [`InstitutionError::LongReason`]; [`InstitutionError::Outdated`] if the state is not the one that the page
/// showed; [`InstitutionError::WrongState`] for a state that cannot follow it.
pub async fn set_state(app: &AppState, who: &Allowed, new: NewState) -> Result<(), InstitutionError> {
    let reason = normalise_lines(&new.reason);
    if reason.is_empty() {
        return Err(InstitutionError::NoReason);
    }
    if reason.chars().count() > REASON_MAX {
        return Err(InstitutionError::LongReason);
    }
    if !new.seen.next().contains(&new.state) {
        return Err(InstitutionError::WrongState);
    }
    let (owned, by) = (app.clone(), who.account());
    app.db
        .on_behalf_of(who.account())
        .write(move |tx| {
            Box::pin(async move {
                let institution = db::institution_state::lock(tx, new.institution).await?.ok_or(InstitutionError::NotFound)?;
                if !db::institution_state::set(tx, institution.id, new.seen, new.state).await? {
                    return Err(InstitutionError::Outdated);
                }
                let (id, now) = (Uuid::now_v7(), owned.now());
                let change = Change { app: &owned, institution, state: new.state, reason, id, by, now };
                change.record(tx).await?;
                change.carry_out(tx).await
            })
        })
        .await
}

impl Change<'_> {
    async fn record(&self, tx: &mut Tx) -> Result<(), InstitutionError> {
        let row = StateChangeRow {
            id: self.id,
            institution_id: self.institution.id,
            state: self.state,
            reason_sealed: self.app.keys.seal(SealContext::new(REASON, self.id), self.reason.as_bytes()),
            changed_by: self.by,
            changed_at: self.now,
        };
        db::institution_state::insert_change(tx, &row).await?;
        let action = format!("institution.{}", self.state.code());
        audit(tx, self.app, Some(self.by), &action, &self.institution.id.to_string()).await?;
        Ok(())
    }

    /// Carries out each row of the table. What is refused or kept is so wherever it is asked for, by the state itself.
    async fn carry_out(&self, tx: &mut Tx) -> Result<(), InstitutionError> {
        let tables = self.app.tables();
        let rules = tables.rules.on(self.app.today());
        for row in CONSEQUENCES {
            match (row.affected, consequence(row.affected, self.state, rules)) {
                (Affected::User, _) => self.tell_users(tx).await?,
                (Affected::Turn, Consequence::ByFlow) => self.pass_turns(tx).await?,
                (Affected::Certified, Consequence::Informed) => self.tell_certified(tx).await?,
                (Affected::Uncertified, Consequence::Ends) => self.end_practices(tx).await?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Users are told of every change, also when it ends.
    async fn tell_users(&self, tx: &mut Tx) -> Result<(), InstitutionError> {
        let body = format!("{}的状态已设为“{}”。原因：{}", self.institution.name, self.state.label(), self.reason);
        for account in db::institution::list_users_of_any_state(tx, self.institution.id).await? {
            self.tell(tx, account, "state", &body, link::MESSAGES).await?;
        }
        Ok(())
    }

    async fn tell_certified(&self, tx: &mut Tx) -> Result<(), InstitutionError> {
        let name = &self.institution.name;
        let body = format!(
            "您的执业机构{name}已关闭，请办理转换执业机构，转换理由选择“转出机构解散、破产或无法继续经营”。证书的状态和有效期不变。"
        );
        for (account, _) in self.practitioners(tx, true).await? {
            self.tell(tx, account, "practice", &body, link::OWN_PROFILE).await?;
        }
        Ok(())
    }

    async fn end_practices(&self, tx: &mut Tx) -> Result<(), InstitutionError> {
        let body = format!("{}已关闭，您在该机构的执业关系已终止。申请注册时可以选择其他认证机构。", self.institution.name);
        for (account, _) in self.practitioners(tx, false).await? {
            db::institution::end_practice(tx, account, self.institution.id).await?;
            self.tell(tx, account, "practice", &body, link::OWN_PROFILE).await?;
        }
        Ok(())
    }

    async fn practitioners(&self, tx: &mut Tx, certified: bool) -> Result<Vec<(Uuid, bool)>, DbError> {
        let people = db::institution_user::list_practitioners(tx, self.institution.id).await?;
        Ok(people.into_iter().filter(|(_, is_certified)| *is_certified == certified).collect())
    }

    /// Every matter that waits for the institution passes it, as its flow says.
    async fn pass_turns(&self, tx: &mut Tx) -> Result<(), InstitutionError> {
        for id in db::task::list_matters_in_turn_of(tx, self.institution.id).await? {
            let matter = load_as_system(tx, self.app, domain::engine::flow::Party::Closing, id).await?;
            if let Some(command) = matter.stage().and_then(|stage| passing_command(stage, id)) {
                execute_as_system(tx, self.app, command.caused_by(self.by)).await.map_err(|error| match error {
                    // A command that came first: the administrator tries again.
                    MatterError::ChangedMeanwhile => InstitutionError::Outdated,
                    other => other.into(),
                })?;
            }
        }
        Ok(())
    }

    async fn tell(&self, tx: &mut Tx, account: Uuid, step: &str, body: &str, link: &str) -> Result<(), InstitutionError> {
        let key = format!("{step}-{}", self.id);
        let notice = InstitutionNotice { institution: self.institution.id, about: ABOUT, key, body, link };
        Ok(tell(tx, self.app, account, &notice, self.now).await?)
    }
}
