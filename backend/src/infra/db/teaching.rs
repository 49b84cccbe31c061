//! SQL of course categories, and of the teachers bound to them.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use domain::base::calendar::day_of;
use domain::record::teaching::{BindingState, CategoryBinding, CourseCategory, Delivery};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// A category of courses.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct CategoryRow {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Code of the certification domain.
    pub domain: Option<String>,
    /// Codes of the ways of teaching, with commas.
    pub deliveries: String,
    /// Least hours of a course.
    pub least_hours: i64,
    /// Most people of a class.
    pub class_max: i64,
    /// Whether a binding is reviewed.
    pub needs_review: bool,
    /// First day on which it is used.
    pub opens_on: NaiveDate,
    /// First day on which it is no longer used.
    pub ends_on: Option<NaiveDate>,
}

impl From<CategoryRow> for CourseCategory {
    fn from(row: CategoryRow) -> Self {
        let deliveries = row.deliveries.split(',').filter_map(Delivery::from_code).collect();
        Self {
            code: row.code,
            name: row.name,
            domain: row.domain,
            deliveries,
            least_hours: row.least_hours,
            class_max: row.class_max,
            needs_review: row.needs_review,
            opens_on: row.opens_on,
            ends_on: row.ends_on,
        }
    }
}

fn codes(deliveries: &BTreeSet<Delivery>) -> String {
    deliveries.iter().map(|delivery| delivery.code()).collect::<Vec<_>>().join(",")
}

/// Every category, by code.
pub async fn list_categories(tx: &mut Tx) -> Result<Vec<CourseCategory>, DbError> {
    let rows = fetch_all!(tx, CategoryRow, "select * from course_category order by code")?;
    Ok(rows.into_iter().map(CourseCategory::from).collect())
}

/// The category with a code.
pub async fn category(tx: &mut Tx, code: &str) -> Result<Option<CourseCategory>, DbError> {
    let row = fetch_optional!(tx, CategoryRow, "select * from course_category where code = $1", code)?;
    Ok(row.map(CourseCategory::from))
}

/// The category with a code, locked until the end of the transaction.
pub async fn lock_category(tx: &mut Tx, code: &str) -> Result<Option<CourseCategory>, DbError> {
    if tx.locks_rows() {
        let row = fetch_optional!(tx, CategoryRow, "select * from course_category where code = $1 for no key update", code)?;
        return Ok(row.map(CourseCategory::from));
    }
    category(tx, code).await
}

/// Adds a category; returns false if its code is taken.
pub async fn insert_category(tx: &mut Tx, category: &CourseCategory) -> Result<bool, DbError> {
    let added = execute!(
        tx,
        "insert into course_category (code, name, domain, deliveries, least_hours, class_max, needs_review, opens_on, ends_on)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (code) do nothing",
        &category.code,
        &category.name,
        &category.domain,
        codes(&category.deliveries),
        category.least_hours,
        category.class_max,
        category.needs_review,
        category.opens_on,
        category.ends_on
    )?;
    Ok(added == 1)
}

/// Changes a category, but not its code. Returns whether there is one.
pub async fn update_category(tx: &mut Tx, category: &CourseCategory) -> Result<bool, DbError> {
    let changed = execute!(
        tx,
        "update course_category set name = $2, domain = $3, deliveries = $4, least_hours = $5, class_max = $6, needs_review = $7,
         opens_on = $8, ends_on = $9 where code = $1",
        &category.code,
        &category.name,
        &category.domain,
        codes(&category.deliveries),
        category.least_hours,
        category.class_max,
        category.needs_review,
        category.opens_on,
        category.ends_on
    )?;
    Ok(changed == 1)
}

/// A binding of a teacher to a category.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct BindingRow {
    /// Id of the binding.
    pub id: Uuid,
    /// The teacher.
    pub account_id: Uuid,
    /// Code of the category.
    pub category_code: String,
    /// The matter with the evidence.
    pub matter_id: Option<Uuid>,
    /// When it was bound.
    pub bound_at: DateTime<Utc>,
    /// When the teacher ended it.
    pub ended_at: Option<DateTime<Utc>>,
}

impl BindingRow {
    /// Its state on a day. `category`: its category.
    pub fn state(&self, category: Option<&CourseCategory>, today: NaiveDate) -> BindingState {
        BindingState::of_record(self.ended_at.is_some(), category.is_none_or(|category| category.has_ended_on(today)))
    }
}

impl From<BindingRow> for CategoryBinding {
    fn from(row: BindingRow) -> Self {
        Self {
            id: row.id,
            account: row.account_id,
            category: row.category_code,
            bound_on: day_of(row.bound_at),
            ended_on: row.ended_at.map(day_of),
        }
    }
}

/// Adds a binding; returns false if the teacher is bound to the category already.
pub async fn insert_binding(tx: &mut Tx, row: &BindingRow) -> Result<bool, DbError> {
    let added = execute!(
        tx,
        "insert into category_binding (id, account_id, category_code, matter_id, bound_at) values ($1, $2, $3, $4, $5)
         on conflict (account_id, category_code) where ended_at is null do nothing",
        row.id,
        row.account_id,
        &row.category_code,
        row.matter_id,
        row.bound_at
    )?;
    Ok(added == 1)
}

/// Ends a binding of a teacher; returns false if it was ended before, or is not theirs.
pub async fn end_binding(tx: &mut Tx, account: Uuid, id: Uuid, now: DateTime<Utc>) -> Result<bool, DbError> {
    let ended =
        execute!(tx, "update category_binding set ended_at = $3 where id = $2 and account_id = $1 and ended_at is null", account, id, now)?;
    Ok(ended == 1)
}

/// An application for a binding, of a matter that was submitted.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ApplicationRow {
    /// The matter.
    pub id: Uuid,
    /// Code of its stage.
    pub stage: String,
    /// The facet with the category.
    pub facet: String,
    /// When it was submitted last.
    pub submitted_at: DateTime<Utc>,
}

/// The submitted matters of a kind of an account that name a category, newest first. `prefix`: with which the facet of a category begins.
pub async fn list_applications(tx: &mut Tx, account: Uuid, kind: &str, prefix: &str) -> Result<Vec<ApplicationRow>, DbError> {
    fetch_all!(
        tx,
        ApplicationRow,
        "select m.id, m.stage, f.facet, m.submitted_at from matter m join matter_facet f on f.matter_id = m.id
         where m.owner_id = $1 and m.kind = $2 and m.submitted_at is not null and substr(f.facet, 1, length($3)) = $3
         order by m.submitted_at desc, m.id",
        account,
        kind,
        prefix
    )
}

/// The bindings of an account, ended ones included, newest first.
pub async fn list_bindings(tx: &mut Tx, account: Uuid) -> Result<Vec<BindingRow>, DbError> {
    fetch_all!(tx, BindingRow, "select * from category_binding where account_id = $1 order by bound_at desc, id", account)
}

/// A binding of an account.
pub async fn binding(tx: &mut Tx, account: Uuid, id: Uuid) -> Result<Option<BindingRow>, DbError> {
    fetch_optional!(tx, BindingRow, "select * from category_binding where account_id = $1 and id = $2", account, id)
}

/// Codes of the categories to which an account is bound, also of those that are no longer used.
pub async fn bound_categories(tx: &mut Tx, account: Uuid) -> Result<Vec<String>, DbError> {
    let rows = fetch_all!(
        tx,
        (String,),
        "select category_code from category_binding where account_id = $1 and ended_at is null order by category_code",
        account
    )?;
    Ok(rows.into_iter().map(|(code,)| code).collect())
}

/// What other open matters of an account claim, except what one matter claims.
pub async fn list_claims(tx: &mut Tx, account: Uuid, except: Uuid) -> Result<Vec<String>, DbError> {
    let rows = fetch_all!(
        tx,
        (String,),
        "select k.key from matter m join matter_key k on k.matter_id = m.id
         where m.owner_id = $1 and m.id <> $2 and m.submitted_at is not null and m.closed_at is null order by k.key",
        account,
        except
    )?;
    Ok(rows.into_iter().map(|(key,)| key).collect())
}

/// Whether an account is bound to a category that is used on a day: the account can be named as a teacher of a course. What is stored because
/// of it is stored under the lock of the account, as the end of a binding is.
pub async fn is_bound(tx: &mut Tx, account: Uuid, category: &str, today: NaiveDate) -> Result<bool, DbError> {
    let row = fetch_optional!(
        tx,
        (Uuid,),
        "select b.id from category_binding b join course_category c on c.code = b.category_code
         where b.account_id = $1 and b.category_code = $2 and b.ended_at is null and c.opens_on <= $3 and (c.ends_on is null or c.ends_on > $3)",
        account,
        category,
        today
    )?;
    Ok(row.is_some())
}

/// The accounts that are bound to a category.
pub async fn teachers_bound(tx: &mut Tx, category: &str) -> Result<Vec<Uuid>, DbError> {
    let rows = fetch_all!(
        tx,
        (Uuid,),
        "select account_id from category_binding where category_code = $1 and ended_at is null order by account_id",
        category
    )?;
    Ok(rows.into_iter().map(|(account,)| account).collect())
}

/// 教师编号 of an account; none if it was never bound.
pub async fn teacher_number_of(tx: &mut Tx, account: Uuid) -> Result<Option<String>, DbError> {
    let row = fetch_optional!(tx, (String,), "select number from teacher where account_id = $1", account)?;
    Ok(row.map(|(number,)| number))
}

/// The account with a 教师编号.
pub async fn teacher_by_number(tx: &mut Tx, number: &str) -> Result<Option<Uuid>, DbError> {
    let row = fetch_optional!(tx, (Uuid,), "select account_id from teacher where number = $1", number)?;
    Ok(row.map(|(account,)| account))
}

/// Numbers a teacher who has no number yet.
pub async fn insert_teacher(tx: &mut Tx, account: Uuid, number: &str, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into teacher (account_id, number, since) values ($1, $2, $3) on conflict (account_id) do nothing",
        account,
        number,
        now
    )
}
