//! The address of one answer inside a form.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Path of an answer: `field`, `list`, `list/row`, or `list/row/field`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Path {
    /// A single field, or a list as a whole.
    Field(String),
    /// One record of a list.
    Row(String, Uuid),
    /// One field of one record.
    Cell(String, Uuid, String),
}

/// The text is not a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a path of an answer")]
pub struct PathError;

impl Path {
    /// A single field.
    pub fn field(name: &str) -> Self {
        Path::Field(name.to_owned())
    }

    /// Whether an answer is this one, or belongs to this record or list.
    pub fn covers(&self, path: &Path) -> bool {
        match (self, path) {
            (Path::Field(list), Path::Row(of, _) | Path::Cell(of, _, _)) => list == of,
            (Path::Row(list, id), Path::Cell(of, record, _)) => list == of && id == record,
            (own, path) => own == path,
        }
    }

    /// HTML `id` of the control for this answer.
    pub fn anchor(&self) -> String {
        match self {
            Path::Field(name) => format!("f-{name}"),
            Path::Row(_, id) => format!("r-{id}"),
            Path::Cell(_, _, name) => format!("f-{name}"),
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Field(name) => write!(f, "{name}"),
            Path::Row(list, id) => write!(f, "{list}/{id}"),
            Path::Cell(list, id, name) => write!(f, "{list}/{id}/{name}"),
        }
    }
}

impl FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let name = |s: &str| {
            let plain = s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            if s.is_empty() || !plain { Err(PathError) } else { Ok(s.to_owned()) }
        };
        let id = |s: &str| Uuid::parse_str(s).map_err(|_| PathError);
        let mut parts = text.split('/');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(f), None, _, _) => Ok(Path::Field(name(f)?)),
            (Some(l), Some(r), None, _) => Ok(Path::Row(name(l)?, id(r)?)),
            (Some(l), Some(r), Some(f), None) => Ok(Path::Cell(name(l)?, id(r)?, name(f)?)),
            _ => Err(PathError),
        }
    }
}

impl From<Path> for String {
    fn from(path: Path) -> Self {
        path.to_string()
    }
}

impl TryFrom<String> for Path {
    type Error = PathError;

    fn try_from(text: String) -> Result<Self, PathError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_back_as_it_was_written() {
        let id = Uuid::from_u128(7);
        for path in [Path::field("mobile"), Path::Row("education".into(), id), Path::Cell("education".into(), id, "school".into())] {
            assert_eq!(path.to_string().parse::<Path>(), Ok(path));
        }
    }

    #[test]
    fn a_text_that_is_no_path_is_refused() {
        for text in ["", "a/b", "a//b", "A", "a/../b", "education/1/school/x"] {
            assert_eq!(text.parse::<Path>(), Err(PathError), "{text}");
        }
    }
}
