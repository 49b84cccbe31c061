//! What changes matters: drafts, files of answers, decisions and their effects, deadlines.

pub mod copy;
pub mod draft;
pub mod due;
pub mod effects;
pub mod execute;
pub mod files;
pub mod library;
pub mod patch;
pub mod transfer;
