//! Audit experience, which 人员注册 and 再注册 ask for: the list of records in a form, and the records as rules read them.

mod audit;
mod form;
mod upgrade;

pub use audit::{Audit, MILLIDAYS_PER_DAY, audits, record_period};
pub use form::{AUDIT_RECORDS, BODY_NAMES, OTHER_BODY_CODE};
pub use upgrade::{list_body, names_body, upgrade_type};
