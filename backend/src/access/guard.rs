//! Who asks, and whether they may. Nothing is read or written for anyone before the guard has let them through.

use domain::base::permission::{Action, Asker, Role, allowed};
use domain::engine::flow::{Hat, Link};
use uuid::Uuid;

use crate::access::account::Person;
use crate::infra::db;
use crate::infra::db::DbError;
use crate::state::AppState;

/// Someone who is signed in, as of this request.
#[derive(Clone)]
pub struct Caller {
    /// Their account.
    pub account: Uuid,
    /// 登录账号.
    pub login: String,
    /// Who they are.
    pub person: Person,
    /// Roles that count.
    pub roles: Vec<Role>,
    /// Institutions at whose desk they act: id and name.
    pub desks: Vec<(Uuid, String)>,
}

/// Proof that the guard let a caller through; nothing else makes one.
#[derive(Clone)]
pub struct Allowed {
    caller: Caller,
}

/// Not let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Nobody is signed in.
    #[error("not signed in")]
    SignIn,
    /// The table does not let this person do this.
    #[error("not open to this person")]
    Forbidden,
}

impl Allowed {
    /// Who.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Their account.
    pub fn account(&self) -> Uuid {
        self.caller.account
    }
}

/// Finds out who an account is today. None if it is gone or disabled: its session is worth nothing then.
pub async fn caller(app: &AppState, account: Uuid) -> Result<Option<Caller>, DbError> {
    let mut tx = app.db.read().await?;
    let Some(row) = db::account::by_id(&mut tx, account).await? else {
        return Ok(None);
    };
    if row.status != "active" || (row.demo && !app.demo) {
        return Ok(None);
    }
    let person = crate::matter::unseal_person(app, row.id, &row.person_sealed).ok_or_else(|| DbError::Unreadable(Person::COLUMN.into()))?;
    let roles = db::account::roles(&mut tx, account)
        .await?
        .into_iter()
        .filter(|(_, status)| status == "active")
        .filter_map(|(role, _)| Role::from_code(&role))
        .collect();
    let desks = db::institution::ties(&mut tx, account)
        .await?
        .into_iter()
        .filter(|(_, role, status, institution, _)| role == "user" && status == "active" && institution == "active")
        .map(|(id, _, _, _, name)| (id, name))
        .collect();
    Ok(Some(Caller { account, login: row.name, person, roles, desks }))
}

/// Lets a signed-in caller through to an action, or not.
pub fn guard(app: &AppState, caller: Option<&Caller>, action: Action) -> Result<Allowed, Denied> {
    let caller = caller.ok_or(Denied::SignIn)?;
    if allowed(action, &asker(app, Some(caller))) { Ok(Allowed { caller: caller.clone() }) } else { Err(Denied::Forbidden) }
}

/// Whether an action is open to whoever asks, signed in or not.
pub fn open_to(app: &AppState, caller: Option<&Caller>, action: Action) -> Result<(), Denied> {
    if allowed(action, &asker(app, caller)) {
        Ok(())
    } else if caller.is_none() && action != Action::Demo {
        Err(Denied::SignIn)
    } else {
        Err(Denied::Forbidden)
    }
}

fn asker(app: &AppState, caller: Option<&Caller>) -> Asker {
    Asker {
        signed_in: caller.is_some(),
        roles: caller.map_or_else(Vec::new, |c| c.roles.clone()),
        institution_user: caller.is_some_and(|c| !c.desks.is_empty()),
        demo: app.demo,
    }
}

impl Caller {
    /// What they are to a matter. Whoever began it is nothing else to it: nobody decides their own matter. Who stays clear of it is nothing.
    pub fn hats(&self, stake: &Stake<'_>) -> Vec<Hat> {
        if stake.owner == self.account {
            return vec![Hat::Applicant];
        }
        if !stake.submitted || stake.apart.contains(&self.account) {
            return Vec::new();
        }
        let desk = |institution: &Uuid| self.desks.iter().any(|(id, _)| id == institution);
        let mut hats: Vec<Hat> = stake.institutions.iter().filter(|(_, id)| desk(id)).map(|(link, _)| Hat::Institution(*link)).collect();
        let staff = self.roles.iter().filter(|r| r.staff() && stake.seen_by.contains(r));
        hats.extend(staff.map(|r| Hat::Association(*r)));
        if self.roles.contains(&Role::Expert) && stake.assigned.contains(&self.account) {
            hats.push(Hat::Expert);
        }
        hats
    }
}

/// What of a matter decides who is what to it.
pub struct Stake<'a> {
    /// Who began it.
    pub owner: Uuid,
    /// Institutions tied to it.
    pub institutions: &'a [(Link, Uuid)],
    /// Whether it was submitted.
    pub submitted: bool,
    /// The experts assigned.
    pub assigned: &'a [Uuid],
    /// Roles of the association that may see it.
    pub seen_by: &'a [Role],
    /// Who stays clear of it.
    pub apart: &'a [Uuid],
}
