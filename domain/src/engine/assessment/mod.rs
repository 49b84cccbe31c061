//! 评价: a reviewer's verdicts on the parts of an application, and the opinion and rectification items that follow from them
//! (docs/manual.md 3.1.5; docs/domain.md §4.2).

mod findings;
mod points;

pub use findings::{Assessment, Nonconformity, Verdict, applicable, names_exist_in, nonconformity, rewrite_lines};
pub use points::{AssessmentPoint, StepPoints, is_judged, points};
