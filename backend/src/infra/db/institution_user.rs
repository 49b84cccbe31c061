//! SQL of the people of institutions: users, invitations, and those who practise there.

use chrono::NaiveDate;
use domain::base::permission::GrantStatus;
use uuid::Uuid;

use crate::infra::db::text_code::Coded;
use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// A user of an institution, invited and former ones included.
#[derive(Clone, sqlx::FromRow)]
pub struct UserRow {
    /// The account.
    pub account_id: Uuid,
    /// 登录账号.
    pub login: String,
    /// Personal data, sealed.
    pub person_sealed: Vec<u8>,
    /// Status of the membership.
    #[sqlx(try_from = "Coded<GrantStatus>")]
    pub status: GrantStatus,
    /// First day of the membership; of an invitation, the day on which it was made.
    pub since: NaiveDate,
}

/// The users of an institution who are active, invited or disabled, by account name.
pub async fn list_users_and_invited(tx: &mut Tx, institution: Uuid) -> Result<Vec<UserRow>, DbError> {
    fetch_all!(
        tx,
        UserRow,
        "select m.account_id, a.name as login, a.person_sealed, m.status, m.since from membership m join account a on a.id = m.account_id
         where m.institution_id = $1 and m.role = 'user' and m.status <> 'ended' and a.status = 'active' order by a.name",
        institution
    )
}

/// The membership of an account as a user of an institution: its status, and its first day.
pub async fn user_status(tx: &mut Tx, institution: Uuid, account: Uuid) -> Result<Option<(GrantStatus, NaiveDate)>, DbError> {
    #[derive(sqlx::FromRow)]
    struct UserStatusRow {
        #[sqlx(try_from = "Coded<GrantStatus>")]
        status: GrantStatus,
        since: NaiveDate,
    }
    let row = fetch_optional!(
        tx,
        UserStatusRow,
        "select status, since from membership where institution_id = $1 and account_id = $2 and role = 'user'",
        institution,
        account
    )?;
    Ok(row.map(|row| (row.status, row.since)))
}

/// Sets the status of a user of an institution and the first day of the membership.
pub async fn set_user(tx: &mut Tx, institution: Uuid, account: Uuid, status: GrantStatus, since: NaiveDate) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into membership (account_id, institution_id, role, status, since) values ($2, $1, 'user', $3, $4)
         on conflict (account_id, institution_id, role) do update set status = excluded.status, since = excluded.since",
        institution,
        account,
        status.code(),
        since
    )
}

/// Open invitations of an account: the institution with its name, and the day on which each was made.
pub async fn list_invitations(tx: &mut Tx, account: Uuid) -> Result<Vec<(Uuid, String, NaiveDate)>, DbError> {
    fetch_all!(
        tx,
        (Uuid, String, NaiveDate),
        "select m.institution_id, i.name, m.since from membership m join institution i on i.id = m.institution_id
         where m.account_id = $1 and m.role = 'user' and m.status = 'pending' and i.status <> 'closed' order by m.since desc, i.name",
        account
    )
}

/// Number of active users with the role 管理员, other than one account, whose accounts can be used.
pub async fn count_other_administrators(tx: &mut Tx, institution: Uuid, account: Uuid) -> Result<i64, DbError> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "select count(*) from user_role r join membership m on m.institution_id = r.institution_id and m.account_id = r.account_id
         join account a on a.id = r.account_id
         where r.institution_id = $1 and r.role = 'administrator' and r.account_id <> $2
           and m.role = 'user' and m.status = 'active' and a.status = 'active'",
        institution,
        account
    )?;
    Ok(row.map_or(0, |(count,)| count))
}

/// Accounts that practise in an institution, each with whether a certificate of theirs is in force there.
pub async fn list_practitioners(tx: &mut Tx, institution: Uuid) -> Result<Vec<(Uuid, bool)>, DbError> {
    let rows = fetch_all!(
        tx,
        (Uuid, i64),
        "select m.account_id, cast(case when exists (select 1 from certificate c where c.account_id = m.account_id
           and c.institution_id = m.institution_id and c.status in ('valid', 'suspended')) then 1 else 0 end as bigint)
         from membership m where m.institution_id = $1 and m.role = 'practitioner' and m.status = 'active' order by m.account_id",
        institution
    )?;
    Ok(rows.into_iter().map(|(account, certified)| (account, certified != 0)).collect())
}

/// A person who practises in an institution.
#[derive(Clone, sqlx::FromRow)]
pub struct PractitionerRow {
    /// The account.
    pub account_id: Uuid,
    /// Personal data, sealed.
    pub person_sealed: Vec<u8>,
    /// The nearest due day of the certificates there; a day after all others without one.
    pub due_on: NaiveDate,
}

/// People who practise in an institution, nearest due day first, after this place. `mark`: mark of the name searched for, if any.
pub async fn list_people_by_due_day(
    tx: &mut Tx,
    institution: Uuid,
    mark: Option<&[u8]>,
    after: (NaiveDate, Uuid),
    last: NaiveDate,
    limit: i64,
) -> Result<Vec<PractitionerRow>, DbError> {
    let (day, account) = after;
    fetch_all!(
        tx,
        PractitionerRow,
        "select p.account_id, p.person_sealed, p.due_on from (
           select a.id as account_id, a.person_sealed, coalesce((
             select min(c.confirm_due_on) from certificate c
             where c.account_id = a.id and c.institution_id = m.institution_id and c.superseded_by is null and c.status in ('valid', 'suspended')
           ), $5) as due_on
           from membership m join account a on a.id = m.account_id
           where m.institution_id = $1 and m.role = 'practitioner' and m.status = 'active' and a.status = 'active'
             and ($2 = '' or exists (select 1 from name_mark n where n.account_id = a.id and n.mark = $3))
         ) p where p.due_on > $4 or (p.due_on = $4 and p.account_id > $6) order by p.due_on, p.account_id limit $7",
        institution,
        if mark.is_some() { "searched" } else { "" },
        mark.unwrap_or_default(),
        day,
        last,
        account,
        limit
    )
}
