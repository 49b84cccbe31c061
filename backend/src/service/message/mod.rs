//! 消息: the inbox of an account, and the messages that leave the platform through the outbox.

pub mod delivery;
pub mod inbox;
pub mod outbox;
pub mod setting;
pub mod sms_command;
pub mod smtp;
pub mod transport;
pub mod view;

#[cfg(test)]
pub(crate) use inbox::list_messages;
pub use inbox::{count_unread, inbox_page, mark_all_read, mark_read};

#[cfg(test)]
mod tests;
