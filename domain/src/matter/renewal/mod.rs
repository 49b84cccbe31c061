//! What 年度确认 and 再注册 share: their flow, parts of their forms, and the rules for choosing certificates and counting hours.

mod certificates;
mod cpd_hours;
mod flow;
mod form;

pub use certificates::{availability, chosen_certificates, late_notes, open_keys, option_label, renewable_certificates, validate};
pub use cpd_hours::cpd_hours;
pub use flow::FLOW;
pub use form::{CONDUCT, CPD, PAPERS, PRACTICE, practice_institution, title};
