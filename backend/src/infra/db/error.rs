//! Database errors and their messages.

use std::fmt;

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
    /// Another constraint was violated.
    Constraint(String),
    /// A row cannot be decoded.
    Unreadable(String),
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

    /// Message for the user.
    pub fn text(&self) -> &'static str {
        match self {
            DbError::Full => "服务器存储空间不足，暂时不能保存，请稍后再试",
            DbError::Unavailable => "系统繁忙，请稍后再试",
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
            DbError::Constraint(name) => write!(f, "constraint broken: {name}"),
            DbError::Unreadable(column) => write!(f, "unreadable row: {column}"),
            DbError::Panicked => f.write_str("the work panicked"),
            DbError::Other(class) => write!(f, "database error: {class}"),
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
    if error.is_foreign_key_violation() || error.is_check_violation() {
        return DbError::Constraint(name());
    }
    match code.as_str() {
        // SQLite: busy, locked; full. PostgreSQL: disk full; too many connections, shutting down, lock and statement timeouts.
        "13" | "53100" => DbError::Full,
        "5" | "6" | "261" | "517" | "53300" | "57P01" | "57P02" | "57P03" | "55P03" | "57014" => DbError::Unavailable,
        _ => DbError::Other(code),
    }
}

/// Name of the variant, without its data.
fn class_of(error: &sqlx::Error) -> String {
    let debug = format!("{error:?}");
    debug.chars().take_while(char::is_ascii_alphanumeric).collect()
}
