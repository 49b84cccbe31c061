//! Effects of decisions, in the transaction of the decision. An effect returns commands that follow from it; it executes none itself.

mod binding;
mod disposition;
mod identity;
mod institution;
mod join;
mod plan;
mod reopen;
mod table;

pub(crate) use table::apply_effect;
