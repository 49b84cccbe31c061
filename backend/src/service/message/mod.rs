//! 消息: the inbox of an account, and the messages that leave the platform through the outbox.

pub mod delivery;
pub mod inbox;
pub mod outbox;
pub mod sms_command;
pub mod smtp;
pub mod transport;
pub mod view;

pub use inbox::{count_unread, list_messages, mark_all_read, mark_read};

#[cfg(test)]
mod tests;
