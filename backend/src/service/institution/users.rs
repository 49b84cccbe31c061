//! The users of an institution: invitations, roles, disabling.

use chrono::{Days, NaiveDate};
use domain::base::identity::{AccountName, Mobile};
use domain::base::permission::{GrantStatus, UserRole};
use domain::base::rule::key;
use domain::record::institution::InstitutionState;
use uuid::Uuid;

use crate::access::account::lookup::unseal_person;
use crate::access::guard::Allowed;
use crate::access::rate_limit::within_rate_limit;
use crate::infra::db::account::{AccountRow, AccountStatus};
use crate::infra::db::institution::InstitutionRow;
use crate::infra::db::{self, DbError, Tx};
use crate::matter::submission::exclude_newcomer;
use crate::record::audit::audit;
use crate::record::link;
use crate::service::institution::{InstitutionError, InstitutionNotice, tell};
use crate::state::AppState;

const HOUR: i64 = 3600;

/// A user of an institution, as administrators there see them.
#[derive(Debug, Clone)]
pub struct InstitutionUser {
    /// The account.
    pub account: Uuid,
    /// 登录账号.
    pub login: String,
    /// Name; empty for somebody invited, who has not agreed yet.
    pub name: String,
    /// Active, invited or disabled.
    pub status: GrantStatus,
    /// First day; of an invitation, its day.
    pub since: NaiveDate,
    /// Roles.
    pub roles: Vec<UserRole>,
    /// Whether it is the caller.
    pub is_self: bool,
    /// Whether it is an invitation that is over.
    pub is_expired: bool,
}

/// An invitation of the caller to be a user of an institution.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// The institution.
    pub institution: Uuid,
    /// Its name.
    pub name: String,
    /// Roles offered.
    pub roles: Vec<UserRole>,
    /// Last day on which it can be accepted.
    pub until: NaiveDate,
    /// Whether that day is over.
    pub is_expired: bool,
}

/// Whom an administrator invites.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The institution.
    pub institution: Uuid,
    /// 登录账号.
    pub login: String,
    /// Mobile number of the account.
    pub mobile: String,
    /// Roles offered.
    pub roles: Vec<UserRole>,
}

/// What an administrator does with a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserChange {
    /// Sets the roles.
    Roles(Vec<UserRole>),
    /// The user cannot act for the institution until enabled.
    Disable,
    /// The user can act again.
    Enable,
    /// Takes an invitation back.
    Uninvite,
}

/// The last day of an invitation made on a day.
fn last_day(app: &AppState, since: NaiveDate) -> NaiveDate {
    let days = app.tables().rules.on(since).int(key::INVITATION_DAYS);
    since.checked_add_days(Days::new(u64::try_from(days).unwrap_or(0))).unwrap_or(since)
}

/// The users of an institution whose administrator the caller is.
///
/// # Errors
/// [`InstitutionError::NotFound`] for everyone else.
pub async fn users_of_institution(app: &AppState, who: &Allowed, institution: Uuid) -> Result<Vec<InstitutionUser>, InstitutionError> {
    require_administrator(who, institution)?;
    let mut tx = app.db.read().await?;
    let roles = db::user_role::list_of_institution(&mut tx, institution).await?;
    let rows = db::institution_user::list_users_and_invited(&mut tx, institution).await?;
    let user = |row: db::institution_user::UserRow| {
        let is_invited = row.status == GrantStatus::Pending;
        let person = unseal_person(app, row.account_id, &row.person_sealed).filter(|_| !is_invited);
        InstitutionUser {
            account: row.account_id,
            login: row.login,
            name: person.map_or_else(String::new, |person| person.name),
            status: row.status,
            since: row.since,
            roles: roles.iter().filter(|(account, _)| *account == row.account_id).map(|(_, role)| *role).collect(),
            is_self: row.account_id == who.account(),
            is_expired: is_invited && app.today() > last_day(app, row.since),
        }
    };
    Ok(rows.into_iter().map(user).collect())
}

fn require_administrator(who: &Allowed, institution: Uuid) -> Result<(), InstitutionError> {
    if who.caller().has_user_role(institution, UserRole::Administrator) { Ok(()) } else { Err(InstitutionError::NotFound) }
}

/// Invites the person whose account has this name and this mobile number. An invitation that is open is made anew.
///
/// # Errors
/// [`InstitutionError::NoSuchPerson`] whatever does not fit; [`InstitutionError::TooMany`] beyond the rate limit, which counts every attempt.
pub async fn invite(app: &AppState, who: &Allowed, new: NewUser) -> Result<(), InstitutionError> {
    require_administrator(who, new.institution)?;
    if new.roles.is_empty() {
        return Err(InstitutionError::NoRole);
    }
    let most = app.tables().rules.on(app.today()).int(key::INVITATIONS_PER_HOUR);
    if !within_rate_limit(app, &[b"institution.invite", who.account().as_bytes()], HOUR, most).await? {
        return Err(InstitutionError::TooMany);
    }
    let (owned, by) = (app.clone(), who.account());
    app.db
        .on_behalf_of(by)
        .write(move |tx| {
            Box::pin(async move {
                let institution = lock_as_administrator(tx, new.institution, by).await?;
                if institution.state != InstitutionState::Active {
                    return Err(InstitutionError::NotActive);
                }
                let account = find_invited(tx, &owned, &new).await?.ok_or(InstitutionError::NoSuchPerson)?;
                match db::institution_user::user_status(tx, institution.id, account.id).await? {
                    Some((GrantStatus::Active | GrantStatus::Suspended, _)) => return Err(InstitutionError::AlreadyUser),
                    Some((GrantStatus::Pending | GrantStatus::Ended, _)) | None => {}
                }
                let today = owned.today();
                db::institution_user::set_user(tx, institution.id, account.id, GrantStatus::Pending, today).await?;
                db::user_role::replace(tx, institution.id, account.id, &new.roles).await?;
                let body = format!("{}邀请您成为机构用户，请在 {} 前答复。", institution.name, last_day(&owned, today));
                tell_user(tx, &owned, &institution, account.id, "机构用户邀请", &body, link::INVITATIONS).await?;
                audit_user(tx, &owned, by, "institution_user.invited", account.id).await
            })
        })
        .await
}

/// The active account that has this name and this mobile number.
async fn find_invited(tx: &mut Tx, app: &AppState, new: &NewUser) -> Result<Option<AccountRow>, DbError> {
    let Ok(mobile) = Mobile::parse(&new.mobile) else { return Ok(None) };
    let row = db::account::by_name(tx, &AccountName::fold(new.login.trim())).await?;
    let row = row.filter(|row| row.status == AccountStatus::Active && (!row.demo || app.demo));
    Ok(row.filter(|row| unseal_person(app, row.id, &row.person_sealed).is_some_and(|person| person.mobile == mobile.as_str())))
}

/// Locks an institution, so that changes of its users follow each other, for somebody who is its administrator still.
async fn lock_as_administrator(tx: &mut Tx, institution: Uuid, account: Uuid) -> Result<InstitutionRow, InstitutionError> {
    let row = db::institution_state::lock(tx, institution).await?.filter(|row| row.state.permits_users());
    let row = row.ok_or(InstitutionError::NotFound)?;
    let is_user = matches!(db::institution_user::user_status(tx, institution, account).await?, Some((GrantStatus::Active, _)));
    let roles = db::user_role::list_of_account(tx, account).await?;
    let is_administrator = is_user && roles.contains(&(institution, UserRole::Administrator));
    if is_administrator { Ok(row) } else { Err(InstitutionError::NotFound) }
}

/// Changes a user of an institution.
///
/// # Errors
/// [`InstitutionError::OwnRoles`] for the caller's own roles; [`InstitutionError::LastAdministrator`]; [`InstitutionError::Outdated`] if the
/// user has another status by now.
pub async fn change_user(
    app: &AppState,
    who: &Allowed,
    institution: Uuid,
    account: Uuid,
    change: UserChange,
) -> Result<(), InstitutionError> {
    require_administrator(who, institution)?;
    if account == who.account() {
        return Err(InstitutionError::OwnRoles);
    }
    if change == UserChange::Roles(Vec::new()) {
        return Err(InstitutionError::NoRole);
    }
    let (owned, by) = (app.clone(), who.account());
    app.db
        .on_behalf_of(by)
        .write(move |tx| {
            Box::pin(async move {
                let row = lock_as_administrator(tx, institution, by).await?;
                let user = db::institution_user::user_status(tx, institution, account).await?.ok_or(InstitutionError::NotFound)?;
                apply_change(tx, &owned, (&row, account), user, &change).await?;
                if db::institution_user::count_other_administrators(tx, institution, Uuid::nil()).await? == 0 {
                    return Err(InstitutionError::LastAdministrator);
                }
                audit_user(tx, &owned, by, change.action(), account).await
            })
        })
        .await
}

impl UserChange {
    fn action(&self) -> &'static str {
        match self {
            UserChange::Roles(_) => "institution_user.roles",
            UserChange::Disable => "institution_user.disabled",
            UserChange::Enable => "institution_user.enabled",
            UserChange::Uninvite => "institution_user.uninvited",
        }
    }
}

async fn apply_change(
    tx: &mut Tx,
    app: &AppState,
    (institution, account): (&InstitutionRow, Uuid),
    (status, since): (GrantStatus, NaiveDate),
    change: &UserChange,
) -> Result<(), InstitutionError> {
    let set = match (change, status) {
        (UserChange::Roles(roles), GrantStatus::Active | GrantStatus::Suspended | GrantStatus::Pending) => {
            db::user_role::replace(tx, institution.id, account, roles).await?;
            let names = roles.iter().map(|role| role.label()).collect::<Vec<_>>().join("、");
            let body = format!("您在{}的角色已设为：{names}。", institution.name);
            return tell_user(tx, app, institution, account, "机构用户角色变更", &body, link::MESSAGES).await;
        }
        (UserChange::Disable, GrantStatus::Active) => GrantStatus::Suspended,
        (UserChange::Enable, GrantStatus::Suspended) => GrantStatus::Active,
        (UserChange::Uninvite, GrantStatus::Pending) => GrantStatus::Ended,
        _ => return Err(InstitutionError::Outdated),
    };
    db::institution_user::set_user(tx, institution.id, account, set, since).await?;
    let done = match set {
        GrantStatus::Suspended => "您在该机构的用户身份已停用",
        GrantStatus::Active => "您在该机构的用户身份已启用",
        GrantStatus::Ended | GrantStatus::Pending => "邀请已撤回",
    };
    let body = format!("{}：{done}。", institution.name);
    tell_user(tx, app, institution, account, "机构用户变更", &body, link::MESSAGES).await
}

/// Open invitations of the caller.
pub async fn invitations(app: &AppState, who: &Allowed) -> Result<Vec<Invitation>, DbError> {
    let mut tx = app.db.read().await?;
    let rows = db::institution_user::list_invitations(&mut tx, who.account()).await?;
    let roles = db::user_role::list_of_account(&mut tx, who.account()).await?;
    let invitation = |(institution, name, since): (Uuid, String, NaiveDate)| {
        let until = last_day(app, since);
        let roles = roles.iter().filter(|(id, _)| *id == institution).map(|(_, role)| *role).collect();
        Invitation { institution, name, roles, until, is_expired: app.today() > until }
    };
    Ok(rows.into_iter().map(invitation).collect())
}

/// Accepts or declines an invitation of the caller. One that was answered in the same way before is left as it is.
///
/// # Errors
/// [`InstitutionError::NotFound`] without an invitation; [`InstitutionError::Expired`] after its last day.
pub async fn answer_invitation(app: &AppState, who: &Allowed, institution: Uuid, accepts: bool) -> Result<(), InstitutionError> {
    let (owned, account) = (app.clone(), who.account());
    app.db
        .on_behalf_of(account)
        .write(move |tx| {
            Box::pin(async move {
                let row = db::institution_state::lock(tx, institution).await?.ok_or(InstitutionError::NotFound)?;
                let since = match db::institution_user::user_status(tx, institution, account).await? {
                    Some((GrantStatus::Pending, since)) => since,
                    Some((GrantStatus::Active, _)) if accepts => return Ok(()),
                    _ => return Err(InstitutionError::NotFound),
                };
                let today = owned.today();
                if accepts && (today > last_day(&owned, since) || !row.state.permits_users()) {
                    return Err(InstitutionError::Expired);
                }
                let status = if accepts { GrantStatus::Active } else { GrantStatus::Ended };
                db::institution_user::set_user(tx, institution, account, status, today).await?;
                if accepts {
                    exclude_newcomer(tx, &owned, account).await?;
                }
                audit_user(tx, &owned, account, if accepts { "institution_user.joined" } else { "institution_user.declined" }, account)
                    .await
            })
        })
        .await
}

async fn tell_user(
    tx: &mut Tx,
    app: &AppState,
    institution: &InstitutionRow,
    account: Uuid,
    about: &str,
    body: &str,
    link: &str,
) -> Result<(), InstitutionError> {
    let key = format!("user-{}", Uuid::now_v7());
    let notice = InstitutionNotice { institution: institution.id, about, key, body, link };
    Ok(tell(tx, app, account, &notice, app.now()).await?)
}

async fn audit_user(tx: &mut Tx, app: &AppState, by: Uuid, action: &str, account: Uuid) -> Result<(), InstitutionError> {
    Ok(audit(tx, app, Some(by), action, &account.to_string()).await?)
}
