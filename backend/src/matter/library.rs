//! 基本信息库: records kept once, chosen in any application.

use domain::form::{Answers, Form, Record};
use uuid::Uuid;

use super::draft::Change;
use super::{MatterError, Saved};
use crate::db::{self, DbError};
use crate::guard::Allowed;
use crate::house::House;
use crate::secret::Place;

const RECORD: &str = "library_record.record_sealed";

impl House {
    /// The caller's kept records of one list.
    pub async fn library(&self, who: &Allowed, list: &str) -> Result<Vec<Record>, DbError> {
        let rows = {
            let mut tx = self.db.read().await?;
            db::library::of_owner(&mut tx, who.account(), list).await?
        };
        rows.iter()
            .map(|row| self.keys.open_json(Place::new(RECORD, row.id), &row.record_sealed).map_err(|_| DbError::Unreadable(RECORD.into())))
            .collect()
    }

    /// Everything the caller keeps for the lists of a form, as answers of it.
    pub async fn library_answers(&self, who: &Allowed, form: &'static Form) -> Result<Answers, DbError> {
        let mut answers = Answers::default();
        for list in form.steps.iter().flat_map(|s| s.records()).filter(|l| l.library) {
            answers.records.insert(list.name.to_owned(), self.library(who, list.name).await?);
        }
        Ok(answers)
    }

    /// Keeps a record the caller wrote in the library itself. Refused when the list is full, or when the id is that of another record.
    pub async fn write_record(&self, who: &Allowed, list: &str, record: &Record) -> Result<(), MatterError> {
        let kept = self.library(who, list).await?;
        if kept.len() >= db::library::MOST && kept.iter().all(|r| r.id != record.id) {
            return Err(MatterError::TooMany);
        }
        let row = self.library_row(who.account(), list, record);
        match self.db.write(move |tx| Box::pin(async move { db::library::put(tx, &row).await })).await? {
            0 => Err(MatterError::NotFound),
            _ => Ok(()),
        }
    }

    /// Keeps a record for later applications. Its id stays, so that keeping it again replaces it.
    pub async fn keep_record(&self, who: &Allowed, list: &str, record: &Record) -> Result<(), DbError> {
        let row = self.library_row(who.account(), list, record);
        self.db.write(move |tx| Box::pin(async move { db::library::put(tx, &row).await })).await?;
        Ok(())
    }

    pub(crate) fn library_row(&self, owner: Uuid, list: &str, record: &Record) -> db::library::Row {
        db::library::Row {
            id: record.id,
            owner_id: owner,
            list: list.to_owned(),
            record_sealed: self.keys.seal_json(Place::new(RECORD, record.id), record),
            updated_at: self.now(),
        }
    }

    /// Removes a kept record of the caller.
    pub async fn forget_record(&self, who: &Allowed, id: Uuid) -> Result<(), DbError> {
        let owner = who.account();
        self.db.write(move |tx| Box::pin(async move { db::library::delete(tx, owner, id).await })).await?;
        Ok(())
    }

    /// Copies chosen records of the caller's library into a draft.
    pub async fn add_from_library(&self, who: &Allowed, id: Uuid, list: &str, chosen: &[Uuid]) -> Result<Saved, MatterError> {
        let kept = self.library(who, list).await?;
        let records = kept.into_iter().filter(|r| chosen.contains(&r.id)).map(|r| Record { id: Uuid::now_v7(), ..r }).collect();
        self.edit_matter(who, id, Change::Add { list: list.to_owned(), records }).await
    }
}
