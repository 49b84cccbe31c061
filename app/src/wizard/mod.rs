//! The pages of the wizard: one view model, built from a form and its answers, and one set of components. The server's pages, the editor
//! and the off-line page use them.

mod conflict;
mod field;
mod form;
mod page;
mod record;
mod steps;

pub use conflict::{CHOICE_PREFIX, Conflict, conflict_cards, conflict_form, conflicts, conflicts_without_texts, control_name};
pub use field::{FieldControl, FieldErrors, FieldSheet, FieldView, Input, control, control_as, read_detach};
pub use form::{Access, Wizard};
pub use page::{StepPage, WARNED, display_view, step_page, with_typed};
pub use record::{LEAVE_FOR_LATER, RecordPage, record_page};
pub use steps::{StepItem, StepWay, Steps, step_after, step_before, step_items};
