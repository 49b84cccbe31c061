//! What the error codes of the databases mean, for operators.

/// The reason behind an error code of SQLite or PostgreSQL, if it is one that an operator can do something about.
pub(super) fn reason(code: &str) -> Option<&'static str> {
    // Extended codes of SQLite hold the primary code in their last byte.
    let primary = code.parse::<u32>().map_or(0, |code| if code < 10_000 { code & 0xff } else { 0 });
    Some(match (primary, code) {
        (3 | 23, _) => "access to the database file is denied",
        (8, _) => "the database file can only be read, not written",
        (10, _) => "the disk of the database file reports an error",
        (11, _) => "the database file is damaged; restore a backup",
        (14, _) => "the database file cannot be opened, or its folder cannot be written",
        (26, _) => "the file is not an SQLite database",
        (_, "28P01" | "28000") => "the database server does not accept this user and password",
        (_, "3D000") => "there is no database of this name on the server",
        (_, "42501") => "the database user lacks a privilege",
        (_, "25006") => "the database server can only be read, not written",
        (_, "53300") => "the database server has no free connection",
        (_, "57P03") => "the database server is starting or shutting down",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extended_codes_have_the_reason_of_their_primary_code() {
        for (code, part) in [("11", "damaged"), ("267", "damaged"), ("8", "not written"), ("1032", "not written"), ("28P01", "password")] {
            assert!(reason(code).unwrap().contains(part), "{code}");
        }
        assert_eq!(reason("42P01"), None);
        assert_eq!(reason("23505"), None, "a code of PostgreSQL made of digits");
    }
}
