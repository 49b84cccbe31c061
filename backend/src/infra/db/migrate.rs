//! Migrations: numbered, embedded in the program, each applied in one transaction, never changed once applied.

use sha2::{Digest, Sha256};

use crate::infra::db::error::DbError;
use crate::infra::db::pool::{Db, Pools};
use crate::infra::db::tx::{Tx, execute, fetch_all};

struct Migration {
    number: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! migrations {
    ($($number:literal $name:literal;)*) => {
        const MIGRATIONS: &[Migration] = &[$(Migration {
            number: $number,
            name: $name,
            sqlite: include_str!(concat!("../../../../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../../../../migrations/postgres/", $name, ".sql")),
        }),*];
    };
}

migrations! {
    1 "0001_ground";
    2 "0002_payment";
    3 "0003_score";
    4 "0004_certificate";
    5 "0005_review";
    6 "0006_delivery";
    7 "0007_patch";
    8 "0008_upload";
    9 "0009_disputes";
    10 "0010_upkeep";
    11 "0011_unique";
    12 "0012_quota";
    13 "0013_account";
    14 "0014_access";
    15 "0015_keys";
    16 "0016_session_version";
    17 "0017_discarded";
    19 "0019_identity";
    21 "0021_form_draft";
    22 "0022_practice";
    23 "0023_search";
    24 "0024_disposition";
    25 "0025_score_version";
    26 "0026_full_grade";
    27 "0027_owner";
    29 "0029_matter_number";
    31 "0031_records";
    32 "0032_matter_link";
    33 "0033_open_tasks";
    34 "0034_queue";
    35 "0035_views";
    36 "0036_institution";
    37 "0037_message";
    38 "0038_course_category";
    39 "0039_course";
    42 "0042_plan";
    43 "0043_paths";
}

impl Migration {
    fn text(&self, db: &Db) -> &'static str {
        match db.0 {
            Pools::Sqlite { .. } => self.sqlite,
            Pools::Postgres(_) => self.postgres,
        }
    }
}

impl Db {
    /// Applies the migrations that are not applied yet; gives their names. Processes that do so at once wait for each other.
    ///
    /// # Errors
    /// [`DbError::Schema`] if a migration that was applied earlier has another text today, or is unknown to this release.
    pub async fn migrate(&self) -> Result<Vec<&'static str>, DbError> {
        self.refuse_newer().await?;
        if self.pending().await?.is_empty() {
            return Ok(Vec::new());
        }
        let _lock = self.lock_exclusively().await?;
        self.write(|tx| {
            Box::pin(async move {
                execute!(
                    tx,
                    "create table if not exists schema_migration (number bigint primary key, name text not null, checksum text not null)"
                )
            })
        })
        .await?;
        let mut done = Vec::new();
        for migration in self.pending().await? {
            let (number, name, text) = (migration.number, migration.name, migration.text(self));
            self.write(move |tx| {
                Box::pin(async move {
                    match tx {
                        Tx::Sqlite(c) => sqlx::raw_sql(text).execute(&mut **c).await.map(|_| ()),
                        Tx::Postgres(c) => sqlx::raw_sql(text).execute(&mut **c).await.map(|_| ()),
                    }
                    .map_err(DbError::from)?;
                    execute!(tx, "insert into schema_migration (number, name, checksum) values ($1, $2, $3)", number, name, checksum(text))
                })
            })
            .await?;
            done.push(name);
        }
        Ok(done)
    }

    /// Refuses a database that a newer release has migrated. Only for the start: a running server goes on while others are updated.
    ///
    /// # Errors
    /// [`DbError::Schema`] with the unknown migration.
    pub async fn refuse_newer(&self) -> Result<(), DbError> {
        let newest = MIGRATIONS.last().map_or(0, |m| m.number);
        let applied = match self.applied().await {
            Ok(applied) => applied,
            // The table of migrations does not exist yet.
            Err(DbError::Other(_)) => return Ok(()),
            Err(error) => return Err(error),
        };
        match applied.into_iter().map(|(number, _)| number).filter(|number| *number > newest).max() {
            None => Ok(()),
            Some(number) => Err(DbError::Schema(format!(
                "the database is of a newer release: it has migration {number}, this program knows {newest}. Start the newer program"
            ))),
        }
    }

    /// The number of the newest migration of this release.
    pub fn schema_number() -> i64 {
        MIGRATIONS.last().map_or(0, |m| m.number)
    }

    /// Names of the migrations that are not applied yet.
    pub async fn pending_names(&self) -> Result<Vec<&'static str>, DbError> {
        Ok(self.pending().await?.iter().map(|m| m.name).collect())
    }

    async fn pending(&self) -> Result<Vec<&'static Migration>, DbError> {
        let applied = match self.applied().await {
            Ok(applied) => applied,
            // The table of migrations does not exist yet.
            Err(DbError::Other(_)) => Vec::new(),
            Err(error) => return Err(error),
        };
        let mut pending = Vec::new();
        for migration in MIGRATIONS {
            match applied.iter().find(|(number, _)| *number == migration.number) {
                None => pending.push(migration),
                Some((_, sum)) if *sum == checksum(migration.text(self)) => {}
                Some(_) => return Err(DbError::Schema(format!("migration {} has another text than when it was applied", migration.name))),
            }
        }
        Ok(pending)
    }

    async fn applied(&self) -> Result<Vec<(i64, String)>, DbError> {
        let mut tx = self.read().await?;
        fetch_all!(&mut tx, (i64, String), "select number, checksum from schema_migration")
    }
}

/// Applies a migration once more, to a database from which a test has taken what it made.
#[cfg(test)]
pub(crate) async fn repeat_for_test(db: &Db, number: i64) {
    let migration = MIGRATIONS.iter().find(|m| m.number == number);
    let text = migration.map(|m| m.text(db)).unwrap_or_default();
    let done: Result<(), DbError> = db
        .write(move |tx| {
            Box::pin(async move {
                match tx {
                    Tx::Sqlite(c) => sqlx::raw_sql(text).execute(&mut **c).await.map(|_| ()),
                    Tx::Postgres(c) => sqlx::raw_sql(text).execute(&mut **c).await.map(|_| ()),
                }
                .map_err(DbError::from)
            })
        })
        .await;
    assert!(done.is_ok(), "{done:?}");
}

fn checksum(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo_test;
    use domain::base::rule::{RuleRow, key};
    use uuid::Uuid;

    #[test]
    fn every_migration_of_the_folders_is_applied() {
        let listed: Vec<String> = MIGRATIONS.iter().map(|m| format!("{}.sql", m.name)).collect();
        for folder in ["sqlite", "postgres"] {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations").join(folder);
            let mut files: Vec<String> =
                std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            files.sort();
            assert_eq!(files, listed, "{folder}");
        }
    }

    demo_test!(what_an_appeal_disputed_before_there_were_links_is_its_link, |demo| async move {
        let app = demo.app().await;
        let db = &app.db;
        db.execute_raw(
            "create table dispute as select a.id as matter_id, b.id as disputed_id from matter a join matter b on a.id <> b.id
             order by a.id, b.id limit 1;
             drop table matter_link;
             drop index institution_name;",
        )
        .await;
        let before = fetch_all!(&mut db.read().await.unwrap(), (Uuid, Uuid), "select matter_id, disputed_id from dispute").unwrap();
        repeat_for_test(db, 32).await;
        let links =
            fetch_all!(&mut db.read().await.unwrap(), (Uuid, String, Uuid), "select matter_id, role, other_id from matter_link").unwrap();
        assert_eq!(links, before.iter().map(|(matter, other)| (*matter, "disputed".to_owned(), *other)).collect::<Vec<_>>());
        assert_eq!(links.len(), 1);
    });

    demo_test!(registrations_of_before_the_order_of_grades_keep_the_rules_of_their_day, |demo| async move {
        let (before, after) = ("2026-01-01".parse().unwrap(), "2999-01-01".parse().unwrap());
        let db = demo.db.clone();
        for round in 0..2 {
            repeat_for_test(&db, 26).await;
            let added = |row: &RuleRow| row.key == key::REG_FULL_DIRECT.name || row.key == key::REG_AUDITS_SINCE_TRAINEE.name;
            let rows = crate::infra::db::rule::list_rules(&mut db.read().await.unwrap()).await.unwrap();
            assert_eq!(rows.iter().filter(|row| added(row)).count(), 4, "round {round}");
        }
        let app = demo.app().await;
        let tables = app.tables();
        let on = |day| [key::REG_FULL_DIRECT, key::REG_AUDITS_SINCE_TRAINEE].map(|rule| tables.rules.on(day).yes(rule));
        assert_eq!((on(before), on(after)), ([true, false], [false, true]));
    });
}
