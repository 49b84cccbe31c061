//! What the field is written in: text, money, days, identities, catalogues, dated rules, permissions.

pub mod calendar;
pub mod catalogue;
pub mod identity;
pub mod money;
pub mod permission;
pub mod rule;
pub mod text;
