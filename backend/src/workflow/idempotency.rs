//! Idempotency keys: a request that is sent again under its key is answered as the first time, and does nothing.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::infra::db::{self, DbError, Tx};
use crate::infra::secret::sha256;
use crate::matter::MatterError;

/// A request under an idempotency key.
#[derive(Clone)]
pub(crate) struct SentRequest {
    /// The account that sent it.
    pub account: Uuid,
    /// The key, generated with the page.
    pub key: Uuid,
    /// SHA-256 of the request, which tells a repetition from another request with the same key.
    pub hash: Vec<u8>,
}

impl SentRequest {
    /// Claims the key. Returns the outcome if the request was sent before.
    ///
    /// # Errors
    /// [`MatterError::KeyReused`] if the key was used for another request.
    pub(crate) async fn claim<T: DeserializeOwned>(&self, tx: &mut Tx, now: DateTime<Utc>) -> Result<Option<T>, MatterError> {
        if db::command::claim(tx, self.account, self.key, &self.hash, now).await? {
            return Ok(None);
        }
        match self.stored(tx).await? {
            Some(outcome) => Ok(Some(outcome)),
            None => Err(MatterError::KeyReused),
        }
    }

    /// The outcome of the same request sent before; `None` if the key is unused.
    ///
    /// # Errors
    /// [`MatterError::KeyReused`] if the key was used for another request.
    pub(crate) async fn stored<T: DeserializeOwned>(&self, tx: &mut Tx) -> Result<Option<T>, MatterError> {
        match db::command::by_key(tx, self.account, self.key).await? {
            Some((hash, answer)) if hash == self.hash => {
                let outcome = serde_json::from_value(answer).map_err(|_| DbError::Unreadable("command.answer".into()))?;
                Ok(Some(outcome))
            }
            Some(_) => Err(MatterError::KeyReused),
            None => Ok(None),
        }
    }

    /// Stores the outcome of a claimed request.
    pub(crate) async fn answer(&self, tx: &mut Tx, outcome: &impl Serialize) -> Result<(), DbError> {
        let answer = serde_json::to_value(outcome).unwrap_or_default();
        db::command::set_answer(tx, self.account, self.key, answer).await?;
        Ok(())
    }
}

/// A byte string in which every part is preceded by its length, so that no two sequences of parts look alike.
#[derive(Default)]
pub(crate) struct Encoding(Vec<u8>);

impl Encoding {
    /// Adds a part.
    pub(crate) fn bytes(&mut self, part: &[u8]) {
        self.count(part.len());
        self.0.extend_from_slice(part);
    }

    /// Adds a number of parts.
    pub(crate) fn count(&mut self, count: usize) {
        self.0.extend_from_slice(&u64::try_from(count).unwrap_or(u64::MAX).to_be_bytes());
    }

    /// Adds a choice of two.
    pub(crate) fn flag(&mut self, flag: bool) {
        self.0.push(u8::from(flag));
    }

    /// SHA-256 of it.
    pub(crate) fn hash(&self) -> Vec<u8> {
        sha256(&self.0)
    }
}
