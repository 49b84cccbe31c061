//! Database errors and their messages.

use std::fmt;

use sqlx::postgres::PgDatabaseError;

use crate::infra::db::reason::reason;

/// A database error. Its `Display` is for the log and contains neither statement nor values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DbError {
    /// The address is neither `sqlite:` nor `postgres:`.
    Address,
    /// The SQLite version may lose data.
    OldSqlite(String),
    /// Unreachable, or no free connection.
    Unavailable,
    /// No disk space left.
    Full,
    /// A unique value exists already, with the constraint or `table.column`.
    Unique(String),
    /// A row that another one refers to does not exist, or is referred to, with the constraint.
    ForeignKey(String),
    /// Another constraint was violated.
    Constraint(String),
    /// The transaction was ended in favour of a concurrent one: serialisation failure or deadlock.
    Serialization,
    /// A concurrent transaction holds the lock of a row for too long.
    RowLocked,
    /// The account on whose behalf something was to be written is closed or disabled.
    AccountEnded,
    /// A value that the database cannot store, such as a text with a NUL character.
    InvalidValue,
    /// A row cannot be decoded.
    Unreadable(String),
    /// The database can only be read, until its disk or server can be written again.
    ReadOnly,
    /// The schema is not that of this release, with a sentence.
    Schema(String),
    /// The write panicked.
    Panicked,
    /// Another error, by its class.
    Other(String),
}

impl DbError {
    /// Whether this unique column was violated. The constraints have the name that PostgreSQL generates:
    /// them by itself: `table_column_key`.
    pub fn violates(&self, table: &str, column: &str) -> bool {
        match self {
            DbError::Unique(name) => *name == format!("{table}_{column}_key") || *name == format!("{table}.{column}"),
            _ => false,
        }
    }

    /// Whether another attempt of the same transaction may succeed, because only a concurrent one was in its way.
    pub(crate) fn is_race(&self) -> bool {
        matches!(self, DbError::Unique(_) | DbError::ForeignKey(_) | DbError::Serialization)
    }

    /// Whether a concurrent change came first, as opposed to a fault of the server.
    pub fn is_conflict(&self) -> bool {
        self.is_race() || matches!(self, DbError::RowLocked | DbError::AccountEnded)
    }

    /// Message for the user.
    pub fn text(&self) -> &'static str {
        match self {
            DbError::Full => "服务器存储空间不足，暂时不能保存，请稍后再试",
            DbError::ReadOnly => "服务器暂时不能保存，请稍后再试",
            DbError::Unavailable => "系统繁忙，请稍后再试",
            DbError::AccountEnded => "账号已注销或停用，您的操作没有生效",
            DbError::InvalidValue => "提交的内容中有无法保存的字符，请删除后重试",
            DbError::Unique(_) | DbError::ForeignKey(_) | DbError::Serialization | DbError::RowLocked => {
                "相关内容刚刚被其他操作修改，您的操作没有生效，请查看最新情况后重试"
            }
            _ => "系统出现错误，您的操作没有生效，请稍后再试",
        }
    }
}

impl fmt::Display for DbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DbError::Address => f.write_str("the database address must begin with sqlite: or postgres://"),
            DbError::OldSqlite(version) => write!(f, "SQLite {version} is too old: 3.51.3 or later is needed"),
            DbError::Unavailable => f.write_str("the database is out of reach or busy"),
            DbError::Full => f.write_str("no space left for the database"),
            DbError::Unique(name) => write!(f, "not unique: {name}"),
            DbError::ForeignKey(name) => write!(f, "reference broken: {name}"),
            DbError::Constraint(name) => write!(f, "constraint broken: {name}"),
            DbError::Serialization => f.write_str("ended in favour of a concurrent transaction"),
            DbError::RowLocked => f.write_str("a row is locked by a concurrent transaction"),
            DbError::AccountEnded => f.write_str("the account is closed or disabled"),
            DbError::InvalidValue => f.write_str("a value cannot be stored"),
            DbError::Unreadable(column) => write!(f, "unreadable row: {column}"),
            DbError::ReadOnly => f.write_str("the database can only be read, not written"),
            DbError::Schema(sentence) => f.write_str(sentence),
            DbError::Panicked => f.write_str("the work panicked"),
            DbError::Other(class) => match reason(class) {
                Some(reason) => write!(f, "{reason} (database error {class})"),
                None => write!(f, "database error: {class}"),
            },
        }
    }
}

impl std::error::Error for DbError {}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) | sqlx::Error::Tls(_) => DbError::Unavailable,
            sqlx::Error::ColumnNotFound(column) => DbError::Unreadable(column),
            sqlx::Error::ColumnDecode { index, .. } => DbError::Unreadable(index),
            sqlx::Error::Database(error) => of_database(error.as_ref()),
            other => DbError::Other(class_of(&other)),
        }
    }
}

fn of_database(error: &dyn sqlx::error::DatabaseError) -> DbError {
    let code = error.code().unwrap_or_default().into_owned();
    // SQLite names table and column in its message; PostgreSQL names the constraint.
    let name = || error.constraint().map_or_else(|| error.message().rsplit(": ").next().unwrap_or("").to_owned(), str::to_owned);
    if error.is_unique_violation() {
        return DbError::Unique(name());
    }
    if error.is_foreign_key_violation() {
        return DbError::ForeignKey(name());
    }
    if error.is_check_violation() {
        return DbError::Constraint(name());
    }
    match code.as_str() {
        // Waiting for a row has a context, waiting for a table that somebody locked has none.
        "55P03" if error.try_downcast_ref::<PgDatabaseError>().is_some_and(|e| e.r#where().is_some()) => DbError::RowLocked,
        "40001" | "40P01" => DbError::Serialization,
        // PostgreSQL: a NUL or another character it cannot store, a number out of range, an invalid day.
        "22021" | "22P05" | "22P02" | "22003" | "22007" | "22008" => DbError::InvalidValue,
        // SQLite: busy, locked; full. PostgreSQL: disk full; too many connections, shutting down, lock and statement timeouts.
        "13" | "53100" => DbError::Full,
        "5" | "6" | "261" | "517" | "53300" | "57P01" | "57P02" | "57P03" | "55P03" | "57014" => DbError::Unavailable,
        // SQLite: read-only in all its forms. PostgreSQL: a server in recovery.
        "8" | "264" | "520" | "776" | "1032" | "1288" | "1544" | "25006" => DbError::ReadOnly,
        _ => DbError::Other(code),
    }
}

/// Name of the variant, without its data.
fn class_of(error: &sqlx::Error) -> String {
    let debug = format!("{error:?}");
    debug.chars().take_while(char::is_ascii_alphanumeric).collect()
}
