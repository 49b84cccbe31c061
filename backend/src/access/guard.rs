//! The caller of a request and the permission check, which precedes every read and write.

use domain::base::permission::{Action, GrantStatus, Principal, Role, allowed};
use domain::engine::flow::{InstitutionRelation, Party};
use uuid::Uuid;

use crate::access::account::Person;
use crate::access::account::lookup::unseal_person;
use crate::infra::db::account::AccountStatus;
use crate::infra::db::institution::MembershipRow;
use crate::infra::db::{self, DbError};
use crate::state::AppState;

/// The signed-in user, loaded for each request.
#[derive(Clone)]
pub struct Caller {
    /// Account id.
    pub account: Uuid,
    /// 登录账号.
    pub login: String,
    /// Personal data.
    pub person: Person,
    /// Active roles.
    pub roles: Vec<Role>,
    /// Institutions whose user the account is: id and name.
    pub institutions: Vec<(Uuid, String)>,
}

/// Proof of a passed permission check. Only [`authorize`] creates one.
#[derive(Clone)]
pub struct Allowed {
    caller: Caller,
}

/// Why access was denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Not signed in.
    #[error("not signed in")]
    NotSignedIn,
    /// The permission table denies the action.
    #[error("not open to this person")]
    Forbidden,
}

impl Allowed {
    /// The caller.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Account id.
    pub fn account(&self) -> Uuid {
        self.caller.account
    }
}

/// Loads the caller; `None` if the account is deleted or disabled, so that its sessions are invalid.
pub async fn load_caller(app: &AppState, account: Uuid) -> Result<Option<Caller>, DbError> {
    let mut tx = app.db.read().await?;
    let Some(row) = db::account::by_id(&mut tx, account).await? else {
        return Ok(None);
    };
    if row.status != AccountStatus::Active || (row.demo && !app.demo) {
        return Ok(None);
    }
    let person = unseal_person(app, row.id, &row.person_sealed).ok_or_else(|| DbError::Unreadable(Person::COLUMN.into()))?;
    let roles = db::account::list_role_grants(&mut tx, account)
        .await?
        .into_iter()
        .filter(|grant| grant.status == GrantStatus::Active)
        .map(|grant| grant.role)
        .collect();
    let institutions = db::institution::list_memberships(&mut tx, account)
        .await?
        .into_iter()
        .filter(MembershipRow::is_active_user)
        .map(|membership| (membership.institution_id, membership.institution_name))
        .collect();
    Ok(Some(Caller { account, login: row.name, person, roles, institutions }))
}

/// Checks the permission of a signed-in caller.
pub fn authorize(app: &AppState, caller: Option<&Caller>, action: Action) -> Result<Allowed, Denied> {
    let caller = caller.ok_or(Denied::NotSignedIn)?;
    if allowed(action, &principal(app, Some(caller))) { Ok(Allowed { caller: caller.clone() }) } else { Err(Denied::Forbidden) }
}

/// Checks the permission of a caller who may be anonymous.
pub fn check_access(app: &AppState, caller: Option<&Caller>, action: Action) -> Result<(), Denied> {
    if allowed(action, &principal(app, caller)) {
        Ok(())
    } else if caller.is_none() && action != Action::Demo {
        Err(Denied::NotSignedIn)
    } else {
        Err(Denied::Forbidden)
    }
}

fn principal(app: &AppState, caller: Option<&Caller>) -> Principal {
    Principal {
        signed_in: caller.is_some(),
        roles: caller.map_or_else(Vec::new, |c| c.roles.clone()),
        institution_user: caller.is_some_and(|c| !c.institutions.is_empty()),
        demo: app.demo,
    }
}

impl Caller {
    /// The caller's parties in a matter. The owner is only the applicant, so nobody decides an own matter. Excluded accounts have no party.
    pub fn parties(&self, access: &MatterAccess<'_>) -> Vec<Party> {
        if access.owner == self.account {
            return vec![Party::Applicant];
        }
        if !access.submitted || access.excluded.contains(&self.account) {
            return Vec::new();
        }
        let is_user_of = |institution: &Uuid| self.institutions.iter().any(|(id, _)| id == institution);
        let related = access.institutions.iter().filter(|(_, id)| is_user_of(id));
        let mut parties: Vec<Party> = related.map(|(relation, _)| Party::Institution(*relation)).collect();
        let staff = self.roles.iter().filter(|r| r.is_staff() && access.visible_to.contains(r));
        parties.extend(staff.map(|r| Party::Association(*r)));
        if self.roles.contains(&Role::Expert) && access.assigned.contains(&self.account) {
            parties.push(Party::Expert);
        }
        parties
    }
}

/// The data of a matter that determines the parties of a caller.
pub struct MatterAccess<'a> {
    /// Owner of the matter.
    pub owner: Uuid,
    /// Related institutions.
    pub institutions: &'a [(InstitutionRelation, Uuid)],
    /// Whether it was submitted.
    pub submitted: bool,
    /// Assigned experts.
    pub assigned: &'a [Uuid],
    /// Roles of the association that may see it.
    pub visible_to: &'a [Role],
    /// Excluded accounts.
    pub excluded: &'a [Uuid],
}
