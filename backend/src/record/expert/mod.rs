//! Experts: competence and conflicts of interest, assignments, and opinions in progress of earlier releases.

pub mod assignment;
pub mod cases;
pub mod given;
pub mod opinion;
pub mod registry;

pub use assignment::{ExpertCandidate, candidates};
pub use cases::{AssignmentFilter, ExpertCase, ExpertCasePage, expert_cases, expert_task_count, search_cases};
pub use given::{GivenOpinion, given_opinion};
