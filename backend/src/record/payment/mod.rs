//! Payment records (缴费): charges of matters, payment orders and refunds, as the workflow and the payment services change them.

pub mod charge;
pub mod lock;
pub mod order;

pub use order::VOUCHER;
