//! 消息: what people are told inside the house, and what leaves it by SMS and mail through the outbox.

mod audit;
mod delivery;
mod news;
mod outbox;
mod sms_command;
mod smtp;

pub use audit::audit;
pub use delivery::Delivery;
pub(crate) use news::{News, tell};
pub(crate) use outbox::sms_row;
pub use outbox::{BATCH, Carrier, Letter, Outgoing, SendFault, drain};
pub use sms_command::SmsCommand;
pub use smtp::{Smtp, SmtpError};

use uuid::Uuid;

use crate::db::{self, DbError};
use crate::guard::Allowed;
use crate::house::House;

impl House {
    /// The newest messages of the caller.
    pub async fn messages(&self, who: &Allowed) -> Result<Vec<db::message::Message>, DbError> {
        let mut tx = self.db.read().await?;
        db::message::of_account(&mut tx, who.account(), 100).await
    }

    /// How many messages of an account are unread, up to a hundred.
    pub async fn unread(&self, account: Uuid) -> Result<i64, DbError> {
        let mut tx = self.db.read().await?;
        db::message::unread(&mut tx, account).await
    }

    /// Marks a message of the caller as read; gives the page it leads to.
    pub async fn read_message(&self, who: &Allowed, id: Uuid) -> Result<Option<String>, DbError> {
        let (account, now) = (who.account(), self.now());
        self.db.write(move |tx| Box::pin(async move { db::message::read(tx, account, id, now).await })).await
    }

    /// Marks every message of the caller as read.
    pub async fn read_all_messages(&self, who: &Allowed) -> Result<u64, DbError> {
        let (account, now) = (who.account(), self.now());
        self.db.write(move |tx| Box::pin(async move { db::message::read_all(tx, account, now).await })).await
    }
}

#[cfg(test)]
mod tests;
