//! Conditions that several steps share.

use crate::base::rule::key;
use crate::engine::form::When;

/// The application is for the full grade.
pub const FULL: When = When::Is("grade", &["full"]);

/// The application is for a grade that is proven by audits, inspections or examinations.
pub const ABOVE_TRAINEE: When = When::Is("grade", &["full", "senior"]);

/// The rules require a guarantor.
pub const GUARANTOR: When = When::Rule(key::REG_GUARANTOR);
