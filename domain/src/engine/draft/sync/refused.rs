//! Changes that the server refused while it took the rest of their patch. They stay on the device until they are mended.

use serde::{Deserialize, Serialize};

use crate::engine::draft::{Op, apply, value_at};
use crate::engine::form::{Answers, Path};

/// A change that the server refused while it took the rest of its patch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedOp {
    /// Path of the answer, or of the record with all of its answers.
    pub path: Path,
    /// The reason, for the user.
    pub text: String,
}

impl RefusedOp {
    /// Whether the refusal holds for a change at this path.
    pub fn covers(&self, path: &Path) -> bool {
        self.path.covers(path)
    }
}

/// The changes that no refusal holds back.
pub(super) fn without_refused(ops: Vec<Op>, refused: &[RefusedOp]) -> Vec<Op> {
    ops.into_iter().filter(|op| !refused.iter().any(|r| r.covers(&op.path))).collect()
}

/// Takes the refused changes back from the answers that a patch led to, so that their absence on the server is no change of somebody else.
pub(super) fn take_back(answers: &mut Answers, base: &Answers, refused: &[RefusedOp]) {
    for RefusedOp { path, .. } in refused {
        match path {
            Path::Row(list, id) => {
                let before = base.record(list, *id).cloned();
                let rows = answers.records.entry(list.clone()).or_default();
                rows.retain(|row| row.id != *id);
                rows.extend(before);
            }
            path => apply(answers, &[Op { path: path.clone(), value: value_at(base, path).cloned() }]),
        }
    }
    answers.records.retain(|_, rows| !rows.is_empty());
}

/// Drops the refusals that these edits may mend: of the same answer, and of records where one of the list is removed.
pub(super) fn mend(refused: &mut Vec<RefusedOp>, ops: &[Op]) {
    let mends = |refused: &RefusedOp, op: &Op| match (&refused.path, &op.path, &op.value) {
        (Path::Row(list, _), Path::Row(other, _), None) => list == other,
        (own, path, _) => own == path,
    };
    refused.retain(|refused| !ops.iter().any(|op| mends(refused, op)));
}
