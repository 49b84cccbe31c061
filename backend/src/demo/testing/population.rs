//! Very many certificates of one holder, and very many assignments of experts, made in a few statements.

use std::collections::BTreeSet;

use chrono::{Days, Months, NaiveDate};
use sqlx::types::Json;
use uuid::Uuid;

use crate::access::account::Person;
use crate::infra::db;
use crate::infra::db::{Db, DbError, Tx, execute, fetch_all, fetch_optional};
use crate::infra::secret::Keys;
use crate::record::notification::message_text;
use crate::state::AppState;

/// Of so many certificates one has a reminder due today, one a reminder overdue, one is to be suspended and one ends; the others have nothing due.
const PER: i64 = 50;
const TITLE: &str = "population";

/// Open assignments of an expert.
const OPEN_OF_EXPERT: i64 = 5;

/// The certificates, and the outcome the job must reach.
pub struct Population {
    db: Db,
    keys: Keys,
    /// Certificates in each of the four groups that have something due.
    pub group: i64,
    holder: Uuid,
}

/// The job's result so far.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Certificates that are suspended.
    pub suspended: i64,
    /// Certificates that have ended.
    pub expired: i64,
    /// Messages sent.
    pub messages: i64,
    /// Distinct messages: each names its certificate.
    pub distinct: i64,
    /// Certificates whose next check is due.
    pub pending: i64,
}

impl Population {
    /// Inserts `count` certificates.
    pub async fn insert(app: &AppState, count: i64) -> Result<Self, DbError> {
        let person = Person {
            name: "林晓月".into(),
            document_type: "resident_id".into(),
            document_number: "11010119900307002X".into(),
            sex: domain::base::identity::Sex::Female,
            birth_date: NaiveDate::default(),
            mobile: "13800000001".into(),
            email: "population@example.com".into(),
        };
        let holder = crate::access::account::signup::new_account_row(app, "population", &person, String::new(), false);
        let (id, today, now) = (holder.id, app.today(), app.now());
        app.db
            .write(move |tx| {
                Box::pin(async move {
                    db::account::insert(tx, &holder).await?;
                    matters(tx, id, count, now).await?;
                    certificates(tx, id, today).await
                })
            })
            .await?;
        Ok(Self { db: app.db.clone(), keys: app.keys.clone(), group: count / PER, holder: id })
    }

    /// The outcome of a complete run.
    pub fn expected(&self) -> Outcome {
        Outcome { suspended: self.group, expired: self.group, messages: 4 * self.group, distinct: 4 * self.group, pending: 0 }
    }

    /// The outcome so far, with `pending` as of `today`.
    pub async fn outcome(&self, today: NaiveDate) -> Result<Outcome, DbError> {
        let mut tx = self.db.read().await?;
        let statuses = fetch_all!(&mut tx, (String, i64), "select status, count(*) from certificate group by status")?;
        let of = |status: &str| statuses.iter().find(|(s, _)| s == status).map_or(0, |(_, n)| *n);
        let sent = db::message::list_of_account(&mut tx, self.holder, 1_000_000).await?;
        let texts = sent.iter().map(|row| message_text(&self.keys, row)).collect::<Result<BTreeSet<_>, _>>()?;
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let (messages, distinct) = (count(sent.len()), count(texts.len()));
        let pending = fetch_optional!(&mut tx, (i64,), "select count(*) from certificate where look_on <= $1", today)?;
        let (suspended, expired, pending) = (of("suspended"), of("expired"), pending.map_or(0, |(n,)| n));
        Ok(Outcome { suspended, expired, messages, distinct, pending })
    }
}

async fn matters(tx: &mut Tx, owner: Uuid, count: i64, now: chrono::DateTime<chrono::Utc>) -> Result<u64, DbError> {
    // Only the function that makes an id differs.
    match tx {
        Tx::Sqlite(_) => execute!(
            tx,
            "with recursive n (i) as (select 1 union all select i + 1 from n where i < $1)
             insert into matter (id, kind, owner_id, title, stage, turn, revision, form_version, event_count, created_at, updated_at)
             select randomblob(16), 'registration', $2, $3, 'granted', '', 0, 1, 0, $4, $4 from n",
            count,
            owner,
            TITLE,
            now
        ),
        Tx::Postgres(_) => execute!(
            tx,
            "with recursive n (i) as (select 1::bigint union all select i + 1 from n where i < $1)
             insert into matter (id, kind, owner_id, title, stage, turn, revision, form_version, event_count, created_at, updated_at)
             select gen_random_uuid(), 'registration', $2, $3, 'granted', '', 0, 1, 0, $4, $4 from n",
            count,
            owner,
            TITLE,
            now
        ),
    }
}

async fn certificates(tx: &mut Tx, holder: Uuid, today: NaiveDate) -> Result<u64, DbError> {
    let ahead = |days| today.checked_add_days(Days::new(days)).unwrap_or(today);
    let behind = |days| today.checked_sub_days(Days::new(days)).unwrap_or(today);
    let months = |months| today.checked_sub_months(Months::new(months)).unwrap_or(today);
    // Ninety days before; thirty days before, ten days ago; three months and more after; missed twice.
    let dues = [ahead(90), ahead(20), months(4), months(16)];
    let looks = [today, behind(15), behind(20)];
    execute!(
        tx,
        "insert into certificate (id, number, account_id, matter_id, category, domain, grade, specialties, holder_sealed,
         first_registered_on, issued_on, valid_until, confirm_due_on, status, look_on, is_duplicate)
         select id, '2025-N1QMS-' || (1000000 + n), $1, id, 'auditor', 'QMS', 'full', $2, $3, $4, $4, $5,
         case n % $6 when 0 then $7 when 1 then $8 when 2 then $9 when 3 then $10 else $11 end, 'valid',
         case n % $6 when 0 then $12 when 1 then $13 when 2 then $14 when 3 then $14 else $11 end, $16
         from (select id, row_number() over (order by id) as n from matter where title = $15) numbered",
        holder,
        Json(Vec::<String>::new()),
        Vec::<u8>::new(),
        months(20),
        ahead(700),
        PER,
        dues[0],
        dues[1],
        dues[2],
        dues[3],
        ahead(300),
        looks[0],
        looks[1],
        looks[2],
        TITLE,
        // One person holds them all.
        true
    )
}

/// Inserts assignments of each of these experts to `count` matters that were decided. The first few are still open: what is on file grows with
/// the years, what an expert has open does not.
///
/// # Errors
/// The database cannot be written.
pub async fn insert_assignments(app: &AppState, owner: Uuid, experts: &[Uuid], count: i64) -> Result<(), DbError> {
    let (now, experts) = (app.now(), experts.to_vec());
    app.db
        .write(move |tx| {
            Box::pin(async move {
                matters(tx, owner, count, now).await?;
                for expert in experts {
                    execute!(
                        tx,
                        "insert into matter_person (matter_id, account_id, part, kind, title, asked_at, done_at)
                         select id, $1, 'expert', 'registration', title, $2, case when n <= $4 then null else $2 end
                         from (select id, title, row_number() over (order by id) as n from matter where title = $3) numbered",
                        expert,
                        now,
                        TITLE,
                        OPEN_OF_EXPERT
                    )?;
                }
                // What the background of PostgreSQL does within a minute of so many new rows.
                execute!(tx, "analyze")?;
                Ok(())
            })
        })
        .await
}
