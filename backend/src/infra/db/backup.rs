//! Consistent copies of a database that is in use, and what a copy holds.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Output, Stdio};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection, SqliteConnection};
use tokio::process::Command;

use crate::infra::db::DbError;
use crate::infra::db::maintenance::{RowCounts, count_rows_of_postgres, count_rows_of_sqlite};
use crate::infra::db::pool::{Db, Pools};

/// Digests of the files that the database refers to.
const FILES: &str = "select distinct sha256 from file";
const KEY_CHECKS: &str = "select kind, key_id from key_check order by kind, key_id";

/// Why a database was not copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// Database error.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The program of PostgreSQL is not there.
    #[error("the program {0} of PostgreSQL is needed and is not installed")]
    NoProgram(&'static str),
    /// The program of PostgreSQL failed.
    #[error("{program} failed: {message}")]
    Program {
        /// The program.
        program: &'static str,
        /// The last line of what it said.
        message: String,
    },
    /// The address belongs to another kind of database.
    #[error("the address of the database is not that of PostgreSQL")]
    Address,
}

/// What a copy holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyContent {
    /// Rows of each table.
    pub rows: RowCounts,
    /// Digests of the files it refers to.
    pub files: Vec<Vec<u8>>,
    /// Kind and id of each key with a check value.
    pub keys: Vec<(String, i64)>,
}

impl From<sqlx::Error> for CopyError {
    fn from(error: sqlx::Error) -> Self {
        Self::Db(error.into())
    }
}

impl Db {
    /// Whether it is SQLite in a file.
    pub fn is_sqlite(&self) -> bool {
        matches!(self.0, Pools::Sqlite { .. })
    }

    /// Writes a copy of the present state to a new file, while others write: a file of SQLite, or an archive of `pg_dump`.
    /// `url` is the address with which the database was opened.
    ///
    /// # Errors
    /// A disk that is full, or `pg_dump` that is missing or fails.
    pub async fn copy_to(&self, url: &str, file: &Path) -> Result<CopyContent, CopyError> {
        match &self.0 {
            Pools::Sqlite { writers, .. } => {
                let mut source = writers.connect_options().as_ref().clone().connect().await?;
                // Reads one snapshot; `.backup` would begin anew whenever somebody writes.
                sqlx::query("vacuum into $1").bind(file.to_string_lossy().into_owned()).execute(&mut source).await?;
                source.close().await?;
                content_of_sqlite(file).await
            }
            Pools::Postgres(pool) => {
                let mut connection = pool.acquire().await?.detach();
                let content = dump(&mut connection, url, file).await?;
                connection.close().await?;
                Ok(content)
            }
        }
    }
}

async fn dump(connection: &mut PgConnection, url: &str, file: &Path) -> Result<CopyContent, CopyError> {
    sqlx::raw_sql(
        "begin isolation level repeatable read read only; set local statement_timeout = 0;
         set local idle_in_transaction_session_timeout = 0",
    )
    .execute(&mut *connection)
    .await?;
    let snapshot: String = sqlx::query_scalar("select pg_export_snapshot()").fetch_one(&mut *connection).await?;
    let arguments = ["--format=custom", "--no-owner", "--no-privileges"].map(OsStr::new);
    let snapshot = format!("--snapshot={snapshot}");
    run("pg_dump", url, arguments.into_iter().chain([OsStr::new(&snapshot), OsStr::new("--file"), file.as_os_str()])).await?;
    let content = CopyContent {
        rows: count_rows_of_postgres(connection).await?,
        files: sqlx::query_scalar(FILES).fetch_all(&mut *connection).await?,
        keys: sqlx::query_as(KEY_CHECKS).fetch_all(&mut *connection).await?,
    };
    sqlx::raw_sql("commit").execute(connection).await?;
    Ok(content)
}

async fn content_of_sqlite(file: &Path) -> Result<CopyContent, CopyError> {
    let options = SqliteConnectOptions::new().filename(file).read_only(true).immutable(true);
    let mut copy: SqliteConnection = options.connect().await?;
    let content = CopyContent {
        rows: count_rows_of_sqlite(&mut copy).await?,
        files: sqlx::query_scalar(FILES).fetch_all(&mut copy).await?,
        keys: sqlx::query_as(KEY_CHECKS).fetch_all(&mut copy).await?,
    };
    copy.close().await?;
    Ok(content)
}

/// Restores an archive of `pg_dump` into an empty database of PostgreSQL.
///
/// # Errors
/// `pg_restore` that is missing or fails; then nothing was restored.
pub async fn restore_postgres(url: &str, file: &Path) -> Result<(), CopyError> {
    let arguments = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"].map(OsStr::new);
    run("pg_restore", url, arguments.into_iter().chain([file.as_os_str()])).await
}

/// Runs a program of PostgreSQL. The password goes through the environment, since everybody can read arguments.
async fn run<'a>(program: &'static str, url: &str, arguments: impl Iterator<Item = &'a OsStr>) -> Result<(), CopyError> {
    let (address, password) = split_password(url).ok_or(CopyError::Address)?;
    let mut command = Command::new(program);
    command.arg(format!("--dbname={address}")).arg("--no-password").args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    let Output { status, stderr, .. } = command.output().await.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => CopyError::NoProgram(program),
        _ => CopyError::Program { program, message: error.to_string() },
    })?;
    if status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&stderr);
    Err(CopyError::Program { program, message: text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("no reason given").to_owned() })
}

/// The address without the password, and the password.
fn split_password(url: &str) -> Option<(String, Option<String>)> {
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end)?;
    let Some((user, host)) = authority.rsplit_once('@') else { return Some((url.to_owned(), None)) };
    let (name, password) = match user.split_once(':') {
        Some((name, password)) => (name, Some(percent_decoded(password)?)),
        None => (user, None),
    };
    Some((format!("{scheme}://{name}@{host}{path}"), password))
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next()?, rest.next()?];
        bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_taken_out_of_the_address() {
        for (url, address, password) in [
            ("postgres://u:p%40ss:1@db:5432/x?sslmode=require", "postgres://u@db:5432/x?sslmode=require", Some("p@ss:1")),
            ("postgres://u@db/x", "postgres://u@db/x", None),
            ("postgres:///x?host=/run", "postgres:///x?host=/run", None),
        ] {
            assert_eq!(split_password(url), Some((address.to_owned(), password.map(str::to_owned))), "{url}");
        }
        assert_eq!(split_password("sqlite:x"), None);
    }
}
