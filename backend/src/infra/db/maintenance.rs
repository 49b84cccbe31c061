//! Statements over all tables: their names, their sizes, emptying them. The names come from the catalogue of the database.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, PgConnection, SqliteConnection};

use crate::infra::db::{DbError, Tx};

/// Tables that stay when the data is deleted: the course categories come with the schema.
const PERMANENT: [&str; 4] = ["schema_migration", "key_check", "process_state", "course_category"];

const SQLITE_TABLES: &str = "select name from sqlite_master where type = 'table' and name not like 'sqlite\\_%' escape '\\' order by name";
const POSTGRES_TABLES: &str = "select cast(tablename as text) from pg_tables where schemaname = current_schema() order by 1";

/// The number of rows of every table.
pub type RowCounts = BTreeMap<String, i64>;

/// The names of all tables.
pub async fn list_tables(tx: &mut Tx) -> Result<Vec<String>, DbError> {
    match tx {
        Tx::Sqlite(c) => sqlx::query_scalar(SQLITE_TABLES).fetch_all(&mut **c).await,
        Tx::Postgres(c) => sqlx::query_scalar(POSTGRES_TABLES).fetch_all(&mut **c).await,
    }
    .map_err(DbError::from)
}

/// The names of all columns, as `table.column`.
pub async fn list_columns(tx: &mut Tx) -> Result<Vec<String>, DbError> {
    match tx {
        Tx::Sqlite(c) => {
            let sql =
                "select t.name || '.' || c.name from sqlite_master t join pragma_table_info(t.name) c where t.type = 'table' order by 1";
            sqlx::query_scalar(sql).fetch_all(&mut **c).await
        }
        Tx::Postgres(c) => {
            let sql =
                "select table_name || '.' || column_name from information_schema.columns where table_schema = current_schema() order by 1";
            sqlx::query_scalar(sql).fetch_all(&mut **c).await
        }
    }
    .map_err(DbError::from)
}

/// The number of rows of every table.
pub async fn count_rows(tx: &mut Tx) -> Result<RowCounts, DbError> {
    match tx {
        Tx::Sqlite(c) => count_rows_of_sqlite(c).await,
        Tx::Postgres(c) => count_rows_of_postgres(c).await,
    }
}

pub(super) async fn count_rows_of_sqlite(connection: &mut SqliteConnection) -> Result<RowCounts, DbError> {
    let tables: Vec<String> = sqlx::query_scalar(SQLITE_TABLES).fetch_all(&mut *connection).await?;
    let mut counts = RowCounts::new();
    for table in tables {
        let count = sqlx::query_scalar(AssertSqlSafe(count_of(&table))).fetch_one(&mut *connection).await?;
        counts.insert(table, count);
    }
    Ok(counts)
}

pub(super) async fn count_rows_of_postgres(connection: &mut PgConnection) -> Result<RowCounts, DbError> {
    let tables: Vec<String> = sqlx::query_scalar(POSTGRES_TABLES).fetch_all(&mut *connection).await?;
    let mut counts = RowCounts::new();
    for table in tables {
        let count = sqlx::query_scalar(AssertSqlSafe(count_of(&table))).fetch_one(&mut *connection).await?;
        counts.insert(table, count);
    }
    Ok(counts)
}

/// Deletes the data of every table, but not the schema with the course categories, the check values of the keys and the facts about the processes.
pub async fn delete_all_data(tx: &mut Tx) -> Result<(), DbError> {
    let tables: Vec<String> = list_tables(tx).await?.into_iter().filter(|t| !PERMANENT.contains(&t.as_str())).map(|t| quoted(&t)).collect();
    match tx {
        Tx::Sqlite(c) => {
            // References are checked at the commit, when all rows are gone.
            let deletes: String = tables.iter().map(|table| format!("delete from {table};")).collect();
            let sql = AssertSqlSafe(format!("pragma defer_foreign_keys = on;{deletes}"));
            sqlx::raw_sql(sql).execute(&mut **c).await.map(|_| ())
        }
        Tx::Postgres(c) => {
            let sql = AssertSqlSafe(format!("truncate {}", tables.join(", ")));
            sqlx::raw_sql(sql).execute(&mut **c).await.map(|_| ())
        }
    }
    .map_err(DbError::from)
}

fn count_of(table: &str) -> String {
    format!("select count(*) from {}", quoted(table))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
