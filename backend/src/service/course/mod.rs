//! 备案课程 for pages and jobs: the register, the filings of a teacher, and the daily check.

pub mod expiry;
pub mod filings;
pub mod plans;
pub mod register;

#[cfg(test)]
mod tests;
