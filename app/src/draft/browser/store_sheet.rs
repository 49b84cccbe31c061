//! Sheets of experts in the device store: rows beside the drafts, with the same marks, so that they are counted, kept and deleted alike.

use domain::engine::form_draft::LocalSheet;
use uuid::Uuid;

use super::idb::value;
use super::store::{Disk, Kind, Store, marks_of, plain, rows};
use super::store_worker::SealedRow;
use super::web::{DeviceError, get, new_id, now_ms};
use crate::draft::device::DRAFTS;

/// Property of the row of a sheet.
const SHEET: &str = "sheet";

impl Store {
    /// Loads the sheet of a matter.
    ///
    /// # Errors
    /// [`DeviceError::Denied`] if the device has something else of the matter, or the sheet of another account: it must not be replaced.
    pub async fn sheet(&self, subject: Uuid) -> Result<Option<LocalSheet>, DeviceError> {
        let Kind::Disk(disk) = &*self.0 else { return Ok(None) };
        let id = subject.to_string();
        let row = value(&disk.db, DRAFTS, &id.as_str().into()).await?;
        match (row.is_object(), get(&row, SHEET).is_truthy()) {
            (false, _) => Ok(None),
            (true, true) => disk.unseal(&id, &row).await?.map(Some).ok_or(DeviceError::Denied),
            (true, false) => Err(DeviceError::Denied),
        }
    }

    /// All sheets of the account, last changed first.
    pub async fn sheets(&self) -> Result<Vec<LocalSheet>, DeviceError> {
        let (Kind::Disk(disk), Some(account)) = (&*self.0, self.account()) else { return Ok(Vec::new()) };
        let mut found: Vec<(f64, LocalSheet)> = Vec::new();
        for (id, row) in rows(&disk.db).await? {
            if get(&row, SHEET).is_truthy()
                && marks_of(&row).may_belong_to(account)
                && let Some(sheet) = disk.unseal(&id, &row).await?
            {
                found.push((get(&row, "touched").as_f64().unwrap_or(0.0), sheet));
            }
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        Ok(found.into_iter().map(|(_, sheet)| sheet).collect())
    }

    /// Saves a sheet durably.
    pub async fn save_sheet(&self, sheet: &LocalSheet) -> Result<(), DeviceError> {
        let Kind::Disk(disk) = &*self.0 else { return Err(DeviceError::Denied) };
        disk.save_sheet(sheet).await
    }
}

impl Disk {
    async fn save_sheet(&self, sheet: &LocalSheet) -> Result<(), DeviceError> {
        let (id, marks) = (sheet.subject.to_string(), self.marks());
        let unsent = sheet.typed.is_unsent();
        for (name, value) in [
            ("mark", new_id().to_string().into()),
            ("touched", now_ms().into()),
            ("unsent", unsent.into()),
            ("leftover", (unsent && sheet.typed.is_over).into()),
            ("submission", sheet.is_submission_requested.into()),
            (SHEET, true.into()),
        ] {
            let _ = js_sys::Reflect::set(&marks, &name.into(), &value);
        }
        self.worker.save(SealedRow { store: DRAFTS, at: id.as_str().into(), aad: &id, plain: &plain(sheet)?, marks }).await
    }
}
