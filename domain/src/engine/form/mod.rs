//! Forms as data: steps, fields, lists of records.
//!
//! One description of a form drives the HTML of the wizard, the parsing of the posted form, the checks on both sides, the read-only view
//! and the comparison of two revisions. A form is immutable once published; its `version` is stored with each draft.

mod accepted_files;
mod answers;
mod check;
mod compare;
mod context;
mod copy;
mod definition;
mod file_name;
mod foreign_file;
mod identities;
mod issue;
mod newly_asked;
mod path;
mod portable;
mod portrait;
mod prefill;
mod progress;
mod projection;
mod read;
mod reader;
mod show;
mod size;
mod when;
mod widget;

pub use crate::base::catalogue::Choice;
pub use accepted_files::{AcceptedFiles, FileKind, kinds_label, other_kind_message};
pub use answers::{Answers, Fields, FileRef, Record, Value};
pub use check::{check_field, check_form, check_record, check_step};
pub use compare::{Difference, changes, differences};
pub use context::FormContext;
pub use copy::copy_answers;
pub use definition::{Display, FIELD, Field, Form, Part, RecordList, Step};
pub use file_name::{NAME_BYTES, NAME_CHARS, ending, shown_name, stored_name};
pub use foreign_file::{ForeignKind, unopened_photo_message};
pub use identities::{HIDDEN, Identities};
pub use issue::{Issue, Problem};
pub use newly_asked::is_newly_asked;
pub use path::{Path, PathError};
pub use portable::{KnownAnswers, LineReader, LineWriter, read_known, write_known};
pub use portrait::{PortraitError, PortraitRequirements};
pub use prefill::prefill;
pub use progress::{FormProgress, StepProgress};
pub use projection::Audience;
pub use read::{PICKER, PostError, normalise_value, picker_name, picker_shown_name, read_fields, typed_day};
pub use show::{ShownAnswer, ShownRecord, ShownStep, show_form};
pub use size::{MAX_DRAFT_BYTES, Oversized, check_record_size, check_size, oversized_answers};
pub use when::{Lookup, Scope, When};
pub use widget::{DayRange, Options, OtherField, Statement, TextFormat, TimeRange, Widget, list_within};

#[cfg(test)]
pub(crate) mod testing;
