//! 消息: what people are told inside the house, and what leaves it by SMS through the outbox.

mod audit;
mod outbox;

pub use audit::audit;
pub(crate) use outbox::sms_row;
pub use outbox::{Outgoing, SendFault, Sms, drain};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::db::{self, DbError, Tx};
use crate::guard::Allowed;
use crate::house::House;

/// Tells someone inside the house.
pub(crate) async fn tell(tx: &mut Tx, account: Uuid, title: &str, body: &str, link: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    let message = db::message::Message {
        id: Uuid::now_v7(),
        account_id: account,
        title: title.to_owned(),
        body: body.to_owned(),
        link: link.to_owned(),
        created_at: now,
        read_at: None,
    };
    db::message::insert(tx, &message).await?;
    Ok(())
}

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
