//! 缴费: fees and payers (docs/manual.md 3.1.4), orders and their events, invoices and vouchers (docs/domain.md §5).

mod bank;
mod fee;
mod field_issue;
mod form;
mod invoice;
mod notice;
mod order;

pub use bank::{BankAccount, charge_number, read_bank_name, read_bank_number};
pub use fee::{Fee, Payer, withdrawal_notice};
pub use field_issue::FieldIssue;
pub use form::{FORM, Invoice, PaymentChoice, PaymentMethod, Voucher, VoucherFile, read_choice, validate};
pub use invoice::{INVOICE_KINDS, gbk_bytes};
pub use notice::{InvalidNotice, Merchant, Notice, TradeStatus, verify};
pub use order::{Order, OrderAction, OrderEvent, OrderState, RefundReason, apply};

#[cfg(test)]
mod tests;
