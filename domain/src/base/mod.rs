//! Basic types: text, money, calendar, identity, catalogues, dated rules, permissions.

pub mod calendar;
pub mod catalogue;
pub(crate) mod error_texts;
pub mod identity;
pub mod money;
pub mod permission;
pub mod rule;
pub mod text;
