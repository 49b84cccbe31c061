//! The address of a database server.

use std::net::IpAddr;
use std::str::FromStr;

use sqlx::postgres::{PgConnectOptions, PgSslMode};

/// Whether this address of PostgreSQL leads to another machine without a check that it is the right one. Passwords and personal data would
/// then be readable on the way, or go to whoever answers.
pub fn is_unverified_remote(url: &str) -> bool {
    let Ok(options) = PgConnectOptions::from_str(url) else {
        return false;
    };
    let host = options.get_host();
    let local = options.get_socket().is_some()
        || host.starts_with('/')
        || host.eq_ignore_ascii_case("localhost")
        || host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    !local && !matches!(options.get_ssl_mode(), PgSslMode::VerifyFull)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_beyond_this_machine_is_verified_in_full() {
        for (url, unverified) in [
            ("postgres://u:p@127.0.0.1/x", false),
            ("postgres://u:p@[::1]/x", false),
            ("postgres://u:p@localhost:5433/x", false),
            ("postgres://u@%2Fvar%2Frun%2Fpostgresql/x", false),
            ("postgres:///x?host=/var/run/postgresql", false),
            ("postgres://u:p@db.example.cn/x", true),
            ("postgres://u:p@10.0.0.7/x", true),
            ("postgres:///x?host=db.example.cn", true),
            ("postgres://u:p@db.example.cn/x?sslmode=require", true),
            ("postgres://u:p@db.example.cn/x?sslmode=verify-ca", true),
            ("postgresql://u:p@db.example.cn/x?sslmode=verify-full", false),
        ] {
            assert_eq!(is_unverified_remote(url), unverified, "{url}");
        }
    }
}
