//! SQL of institutions and their members.

use chrono::NaiveDate;
use domain::base::permission::{GrantStatus, InstitutionRole, UserRole};
use domain::record::institution::{InstitutionKinds, InstitutionState};
use uuid::Uuid;

use crate::infra::db::text_code::Coded;
use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional, user_role};

pub use domain::record::institution::InstitutionKind;

/// An institution.
#[derive(Clone, sqlx::FromRow)]
pub struct InstitutionRow {
    /// Id of the institution.
    pub id: Uuid,
    /// Chinese name.
    pub name: String,
    /// 统一社会信用代码.
    pub credit_code: String,
    /// 批准号.
    pub approval_no: String,
    /// The first of its kinds.
    #[sqlx(try_from = "Coded<InstitutionKind>")]
    pub kind: InstitutionKind,
    /// Whether it is one of 培训机构 beside its first kind.
    pub also_trains: bool,
    /// State of the institution.
    #[sqlx(try_from = "Coded<InstitutionState>")]
    #[sqlx(rename = "status")]
    pub state: InstitutionState,
    /// The matter by which it was registered.
    pub matter_id: Option<Uuid>,
    /// Contact data, sealed.
    pub contact_sealed: Option<Vec<u8>>,
}

impl InstitutionRow {
    /// Its kinds.
    pub fn kinds(&self) -> InstitutionKinds {
        [self.kind].into_iter().chain(self.also_trains.then_some(InstitutionKind::TrainingProvider)).collect()
    }
}

/// 培训权限 of an institution; an unknown one has none.
pub async fn may_train(tx: &mut Tx, institution: Uuid) -> Result<bool, DbError> {
    let row = by_id(tx, institution).await?;
    Ok(row.is_some_and(|row| domain::record::institution::may_train(row.kinds(), row.state)))
}

/// Inserts an institution.
pub async fn insert(tx: &mut Tx, row: &InstitutionRow) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into institution (id, name, credit_code, approval_no, kind, also_trains, status, matter_id, contact_sealed)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        row.id,
        &row.name,
        &row.credit_code,
        &row.approval_no,
        row.kind.code(),
        row.also_trains,
        row.state.code(),
        row.matter_id,
        row.contact_sealed.as_deref()
    )
}

/// Active institutions of a kind, by name.
pub async fn list_active(tx: &mut Tx, kind: InstitutionKind) -> Result<Vec<InstitutionRow>, DbError> {
    fetch_all!(tx, InstitutionRow, "select * from institution where kind = $1 and status = 'active' order by name", kind.code())
}

/// The active institutions of a kind that have one of these ids or names, by name.
pub async fn list_active_among(tx: &mut Tx, kind: InstitutionKind, ids: &[Uuid], names: &[&str]) -> Result<Vec<InstitutionRow>, DbError> {
    let (mut ids, mut names, mut found) = (ids.chunks(4), names.chunks(8), Vec::new());
    loop {
        let (some_ids, some_names) = (ids.next().unwrap_or_default(), names.next().unwrap_or_default());
        if some_ids.is_empty() && some_names.is_empty() {
            break;
        }
        let id = |n: usize| some_ids.get(n).copied().unwrap_or_default();
        let name = |n: usize| some_names.get(n).copied().unwrap_or_default();
        found.extend(fetch_all!(
            tx,
            InstitutionRow,
            "select * from institution where kind = $1 and status = 'active'
             and (id in ($2, $3, $4, $5) or name in ($6, $7, $8, $9, $10, $11, $12, $13))",
            kind.code(),
            id(0),
            id(1),
            id(2),
            id(3),
            name(0),
            name(1),
            name(2),
            name(3),
            name(4),
            name(5),
            name(6),
            name(7)
        )?);
    }
    found.sort_by(|a: &InstitutionRow, b| a.name.cmp(&b.name));
    found.dedup_by_key(|row| row.id);
    Ok(found)
}

/// The institution of an id.
pub async fn by_id(tx: &mut Tx, id: Uuid) -> Result<Option<InstitutionRow>, DbError> {
    fetch_optional!(tx, InstitutionRow, "select * from institution where id = $1", id)
}

/// The institution of a credit code.
pub async fn by_credit_code(tx: &mut Tx, code: &str) -> Result<Option<InstitutionRow>, DbError> {
    fetch_optional!(tx, InstitutionRow, "select * from institution where credit_code = $1", code)
}

/// Membership of an account in an institution.
#[derive(sqlx::FromRow)]
pub struct MembershipRow {
    /// The institution.
    pub institution_id: Uuid,
    /// Role of the account in the institution.
    #[sqlx(try_from = "Coded<InstitutionRole>")]
    pub role: InstitutionRole,
    /// Status of the membership.
    #[sqlx(try_from = "Coded<GrantStatus>")]
    pub status: GrantStatus,
    /// State of the institution.
    #[sqlx(try_from = "Coded<InstitutionState>")]
    pub institution_state: InstitutionState,
    /// Name of the institution.
    pub institution_name: String,
    /// First day of the membership, or of its last renewal.
    pub since: NaiveDate,
}

impl MembershipRow {
    /// Whether the account practises in the institution now.
    pub fn is_active_practice(&self) -> bool {
        self.role == InstitutionRole::Practitioner && self.status == GrantStatus::Active
    }

    /// Whether the account acts for the institution now.
    pub fn is_active_user(&self) -> bool {
        self.role == InstitutionRole::User && self.status == GrantStatus::Active && self.institution_state.permits_users()
    }
}

/// Memberships of an account, ended ones included.
pub async fn list_memberships(tx: &mut Tx, account: Uuid) -> Result<Vec<MembershipRow>, DbError> {
    fetch_all!(
        tx,
        MembershipRow,
        "select m.institution_id, m.role, m.status, i.status as institution_state, i.name as institution_name, m.since
         from membership m join institution i on i.id = m.institution_id where m.account_id = $1",
        account
    )
}

/// Adds a membership or changes its status. One that becomes active again begins anew on the day `since`. A user who has no role is given
/// every one.
pub async fn set_membership(
    tx: &mut Tx,
    account: Uuid,
    institution: Uuid,
    role: InstitutionRole,
    status: GrantStatus,
    since: NaiveDate,
) -> Result<(), DbError> {
    execute!(
        tx,
        "insert into membership (account_id, institution_id, role, status, since) values ($1, $2, $3, $4, $5)
         on conflict (account_id, institution_id, role) do update set status = excluded.status, since = case
         when excluded.status = 'active' and membership.status <> 'active' then excluded.since else membership.since end",
        account,
        institution,
        role.code(),
        status.code(),
        since
    )?;
    if role == InstitutionRole::User && status == GrantStatus::Active {
        user_role::grant_first(tx, institution, account).await?;
    }
    Ok(())
}

/// Ends the practice of an account in an institution. Returns whether there was one.
pub async fn end_practice(tx: &mut Tx, account: Uuid, institution: Uuid) -> Result<bool, DbError> {
    let ended = execute!(
        tx,
        "update membership set status = 'ended' where account_id = $1 and institution_id = $2 and role = 'practitioner' and status = 'active'",
        account,
        institution
    )?;
    Ok(ended > 0)
}

/// Accounts that act for an institution.
pub async fn list_users(tx: &mut Tx, institution: Uuid) -> Result<Vec<Uuid>, DbError> {
    let rows = fetch_all!(
        tx,
        (Uuid,),
        "select m.account_id from membership m join institution i on i.id = m.institution_id join account a on a.id = m.account_id
         where m.institution_id = $1 and m.role = 'user' and m.status = 'active' and i.status <> 'closed' and a.status = 'active'
         order by m.account_id",
        institution
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Active users of an institution, also of one that is closed.
pub async fn list_users_of_any_state(tx: &mut Tx, institution: Uuid) -> Result<Vec<Uuid>, DbError> {
    let rows = fetch_all!(
        tx,
        (Uuid,),
        "select m.account_id from membership m join account a on a.id = m.account_id
         where m.institution_id = $1 and m.role = 'user' and m.status = 'active' and a.status = 'active' order by m.account_id",
        institution
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Accounts that act for an institution in a role; those that manage its users if nobody has it.
pub async fn list_users_as(tx: &mut Tx, institution: Uuid, role: UserRole) -> Result<Vec<Uuid>, DbError> {
    let holders = list_role_holders(tx, institution, role).await?;
    if holders.is_empty() { list_role_holders(tx, institution, UserRole::Administrator).await } else { Ok(holders) }
}

async fn list_role_holders(tx: &mut Tx, institution: Uuid, role: UserRole) -> Result<Vec<Uuid>, DbError> {
    let rows = fetch_all!(
        tx,
        (Uuid,),
        "select m.account_id from membership m join institution i on i.id = m.institution_id join account a on a.id = m.account_id
         join user_role r on r.institution_id = m.institution_id and r.account_id = m.account_id
         where m.institution_id = $1 and m.role = 'user' and m.status = 'active' and i.status <> 'closed' and a.status = 'active'
           and r.role = $2 order by m.account_id",
        institution,
        role.code()
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The present and former users of an institution.
pub async fn list_users_ever(tx: &mut Tx, institution: Uuid) -> Result<Vec<Uuid>, DbError> {
    let rows = fetch_all!(
        tx,
        (Uuid,),
        "select distinct account_id from membership where institution_id = $1 and role = 'user' order by account_id",
        institution
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The active users and practitioners of an institution: account, and personal data, sealed.
pub async fn list_people(tx: &mut Tx, institution: Uuid) -> Result<Vec<(Uuid, Vec<u8>)>, DbError> {
    fetch_all!(
        tx,
        (Uuid, Vec<u8>),
        "select a.id, a.person_sealed from account a where a.status = 'active'
         and a.id in (select m.account_id from membership m where m.institution_id = $1 and m.status = 'active') order by a.id",
        institution
    )
}

/// Whether any institution exists.
pub async fn any_exists(tx: &mut Tx) -> Result<bool, DbError> {
    Ok(fetch_optional!(tx, (i64,), "select cast(1 as bigint) from institution limit 1")?.is_some())
}
