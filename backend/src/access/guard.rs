//! The caller of a request and the permission check, which precedes every read and write.

use domain::base::permission::{Action, GrantStatus, Principal, Role, UserRole, allowed};
use domain::engine::flow::{InstitutionRelation, Party};
use uuid::Uuid;

use crate::access::access_log::{Access, record_access};
use crate::access::account::Person;
use crate::access::account::lookup::unseal_person;
use crate::access::account::second_factor;
use crate::access::owner::Owner;
use crate::infra::db::account::AccountStatus;
use crate::infra::db::institution::MembershipRow;
use crate::infra::db::{self, DbError, Tx};
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
    /// Roles there, each with its institution.
    pub user_roles: Vec<(Uuid, UserRole)>,
    /// Whether the roles need a second factor that the account does not have. Until it is set up, nothing else is permitted.
    pub lacks_second_factor: bool,
    /// Version that the sessions of the account must carry.
    pub session_version: i64,
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
    /// The caller must set up a second factor first.
    #[error("a second factor is needed")]
    SecondFactor,
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
    let roles: Vec<Role> = db::account::list_role_grants(&mut tx, account)
        .await?
        .into_iter()
        .filter(|grant| grant.status == GrantStatus::Active)
        .map(|grant| grant.role)
        .collect();
    let institutions: Vec<(Uuid, String)> = db::institution::list_memberships(&mut tx, account)
        .await?
        .into_iter()
        .filter(MembershipRow::is_active_user)
        .map(|membership| (membership.institution_id, membership.institution_name))
        .collect();
    let user_roles = user_roles(&mut tx, account, &institutions).await?;
    let lacks_second_factor = second_factor::is_required(app, &roles) && !second_factor::is_confirmed(&mut tx, account).await?;
    let session_version = row.session_version;
    Ok(Some(Caller { account, login: row.name, person, roles, institutions, user_roles, lacks_second_factor, session_version }))
}

/// The roles of an account in the institutions whose user it is.
async fn user_roles(tx: &mut Tx, account: Uuid, institutions: &[(Uuid, String)]) -> Result<Vec<(Uuid, UserRole)>, DbError> {
    if institutions.is_empty() {
        return Ok(Vec::new());
    }
    let mut roles = db::user_role::list_of_account(tx, account).await?;
    roles.retain(|(institution, _)| institutions.iter().any(|(id, _)| id == institution));
    Ok(roles)
}

/// Checks the permission of a signed-in caller.
pub fn authorize(app: &AppState, caller: Option<&Caller>, action: Action) -> Result<Allowed, Denied> {
    let caller = caller.ok_or(Denied::NotSignedIn)?;
    caller.check_second_factor(action)?;
    if allowed(action, &principal(app, Some(caller))) {
        return Ok(Allowed { caller: caller.clone() });
    }
    record_access(app, Some(caller.account), Access::AddressRefused, None, &format!("{action:?}"));
    Err(Denied::Forbidden)
}

/// Checks the permission of a caller who may be anonymous.
pub fn check_access(app: &AppState, caller: Option<&Caller>, action: Action) -> Result<(), Denied> {
    if let Some(caller) = caller {
        caller.check_second_factor(action)?;
    }
    if allowed(action, &principal(app, caller)) {
        Ok(())
    } else if caller.is_none() && action != Action::Demo {
        Err(Denied::NotSignedIn)
    } else {
        if let Some(caller) = caller {
            record_access(app, Some(caller.account), Access::AddressRefused, None, &format!("{action:?}"));
        }
        Err(Denied::Forbidden)
    }
}

fn principal(app: &AppState, caller: Option<&Caller>) -> Principal {
    Principal {
        signed_in: caller.is_some(),
        roles: caller.map_or_else(Vec::new, |c| c.roles.clone()),
        user_roles: caller.map_or_else(Vec::new, |c| c.user_roles.iter().map(|(_, role)| *role).collect()),
        institution_user: caller.is_some_and(|c| !c.institutions.is_empty()),
        demo: app.demo,
    }
}

impl Caller {
    /// Denies every action but those by which a missing second factor is set up.
    fn check_second_factor(&self, action: Action) -> Result<(), Denied> {
        let open = matches!(action, Action::Public | Action::SignIn | Action::SignOut | Action::OwnAccount);
        if self.lacks_second_factor && !open { Err(Denied::SecondFactor) } else { Ok(()) }
    }

    /// Whether the caller is a user of an institution with a role there.
    pub fn has_user_role(&self, institution: Uuid, role: UserRole) -> bool {
        self.user_roles.contains(&(institution, role))
    }

    /// The institutions in which the caller has a role: id and name.
    pub fn institutions_as(&self, role: UserRole) -> impl Iterator<Item = &(Uuid, String)> {
        self.institutions.iter().filter(move |(id, _)| self.has_user_role(*id, role))
    }

    /// Those of the caller's parties in a matter as which the caller reads and does not act: of an institution, without the role for it.
    pub fn reading_parties(&self, access: &MatterAccess<'_>, parties: &[Party]) -> Vec<Party> {
        let acts = |party: &Party| match (party, access.owner, party.user_role()) {
            (Party::Applicant, Owner::Institution(institution), Some(role)) => self.has_user_role(institution, role),
            (Party::Institution(relation), _, Some(role)) => {
                access.institutions.iter().any(|(other, id)| other == relation && self.has_user_role(*id, role))
            }
            _ => true,
        };
        parties.iter().filter(|party| !acts(party)).copied().collect()
    }

    /// Whether the caller acts for the owner of a matter.
    pub fn acts_for(&self, owner: Owner) -> bool {
        match owner {
            Owner::Person(account) => self.account == account,
            Owner::Institution(institution) => self.institutions.iter().any(|(id, _)| *id == institution),
        }
    }

    /// The caller's parties in a matter.
    ///
    /// Whoever acts for the owner is the applicant and, so that nobody decides an own matter, nothing else; only who is named as a
    /// participant is that as well. The author of a matter that belongs to an institution has no other part in it after leaving the
    /// institution. An expert has a part in it while it waits for the opinion of this expert. Excluded accounts have no party.
    pub fn parties(&self, access: &MatterAccess<'_>) -> Vec<Party> {
        let is_author = access.author == self.account;
        if !is_author && access.excluded.contains(&self.account) {
            return Vec::new();
        }
        let mut parties = match self.acts_for(access.owner) {
            true => vec![Party::Applicant],
            false if is_author || !access.submitted => Vec::new(),
            false => self.parties_of_others(access),
        };
        if access.submitted && access.participants.contains(&self.account) {
            parties.push(Party::Participant);
        }
        parties
    }

    /// The parties of somebody who does not act for the owner.
    fn parties_of_others(&self, access: &MatterAccess<'_>) -> Vec<Party> {
        let is_user_of = |institution: &Uuid| self.institutions.iter().any(|(id, _)| id == institution);
        let related = access.institutions.iter().filter(|(_, id)| is_user_of(id));
        let mut parties: Vec<Party> = related.map(|(relation, _)| Party::Institution(*relation)).collect();
        let staff = self.roles.iter().filter(|r| r.is_staff() && access.visible_to.contains(r));
        parties.extend(staff.map(|r| Party::Association(*r)));
        let is_asked = access.awaits_experts && access.assigned.contains(&self.account) && !access.voted.contains(&self.account);
        if is_asked && self.roles.contains(&Role::Expert) {
            parties.push(Party::Expert);
        }
        parties
    }
}

/// The data of a matter that determines the parties of a caller.
pub struct MatterAccess<'a> {
    /// Owner of the matter.
    pub owner: Owner,
    /// The account that began it.
    pub author: Uuid,
    /// Related institutions.
    pub institutions: &'a [(InstitutionRelation, Uuid)],
    /// Whether it was submitted.
    pub submitted: bool,
    /// Participants named by the last submission.
    pub participants: &'a [Uuid],
    /// Assigned experts.
    pub assigned: &'a [Uuid],
    /// Assigned experts who have given their opinion.
    pub voted: &'a [Uuid],
    /// Whether it is the experts' turn.
    pub awaits_experts: bool,
    /// Roles of the association that may see it.
    pub visible_to: &'a [Role],
    /// Excluded accounts.
    pub excluded: &'a [Uuid],
}
