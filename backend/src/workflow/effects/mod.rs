//! Effects of decisions, in the transaction of the decision. An effect returns commands that follow from it; it executes none itself.

mod apply;
mod disposition;
mod identity;
mod join;
mod reopen;

pub(crate) use apply::apply_effect;
