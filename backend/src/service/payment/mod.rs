//! 缴费: starting payments, gateway events, vouchers, invoices and refunds.

pub mod error;
pub(crate) mod event;
pub mod finance;
pub mod order;
pub mod payer_query;
pub mod poll;
pub mod received;
pub mod two_people;
pub mod view;

pub use error::PaymentError;

#[cfg(test)]
mod tests;
