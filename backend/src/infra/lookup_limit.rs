//! Look-ups of people by what is known of them: each subject may look for some people in an hour. What it looked for before is free, so that
//! a page that is opened again counts nothing.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Seconds of a window.
const WINDOW: i64 = 3600;

/// The look-ups of one server. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct LookupLimit(Arc<Mutex<HashMap<Uuid, Sought>>>);

/// What a subject looked for in a window.
struct Sought {
    window: i64,
    marks: HashSet<Vec<u8>>,
}

impl LookupLimit {
    /// Whether a subject may look for what has this mark; counts it if it did not look for it before. At most `most` in an hour.
    pub(crate) fn permits(&self, subject: Uuid, mark: Vec<u8>, most: usize, now: DateTime<Utc>) -> bool {
        let window = now.timestamp().div_euclid(WINDOW);
        let mut subjects = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        subjects.retain(|_, sought| sought.window == window);
        let sought = subjects.entry(subject).or_insert_with(|| Sought { window, marks: HashSet::new() });
        if sought.marks.contains(&mark) {
            return true;
        }
        let has_place = sought.marks.len() < most;
        if has_place {
            sought.marks.insert(mark);
        }
        has_place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_looks_for_some_people_in_an_hour_and_again_for_the_same() {
        let (limit, [one, other]) = (LookupLimit::default(), [1, 2].map(Uuid::from_u128));
        let at = |seconds| DateTime::<Utc>::from_timestamp(seconds, 0).unwrap();
        let permits = |subject, mark: u8, now| limit.permits(subject, vec![mark], 2, now);
        assert!(permits(one, 1, at(0)) && permits(one, 2, at(1)));
        assert!(!permits(one, 3, at(2)), "the third one");
        assert!(permits(one, 1, at(3)) && permits(one, 2, at(3)), "what was looked for before");
        assert!(permits(other, 3, at(3)), "another subject");
        assert!(permits(one, 3, at(3600)), "the next hour");
    }
}
