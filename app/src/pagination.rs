//! Where a list continues, as it is written in addresses.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Reads a cursor: microseconds since the epoch and an id, joined by `_`.
pub fn read_cursor(text: &str) -> Option<(DateTime<Utc>, Uuid)> {
    let (micros, id) = text.split_once('_')?;
    let at = DateTime::from_timestamp_micros(micros.parse().ok()?)?;
    Some((at, Uuid::parse_str(id).ok()?))
}

/// Writes a cursor as [`read_cursor`] reads it.
pub fn write_cursor((at, id): (DateTime<Utc>, Uuid)) -> String {
    format!("{}_{id}", at.timestamp_micros())
}

/// Reads the place in a queue: the key of a task and its id, joined by `_`.
pub fn read_queue_cursor(text: &str) -> Option<(i64, Uuid)> {
    let (key, id) = text.split_once('_')?;
    Some((key.parse().ok()?, Uuid::parse_str(id).ok()?))
}

/// Writes a place as [`read_queue_cursor`] reads it.
pub fn write_queue_cursor((key, id): (i64, Uuid)) -> String {
    format!("{key}_{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_as_it_was_written() {
        let cursor = (DateTime::from_timestamp_micros(1_700_000_000_123_456).unwrap(), Uuid::from_u128(5));
        assert_eq!(read_cursor(&write_cursor(cursor)), Some(cursor));
        for text in ["", "x", "1_", "_1", "1_2"] {
            assert_eq!(read_cursor(text), None);
        }
    }
}
