//! Sheets of experts in the device store: rows beside the drafts, with the same marks, so that they are counted, kept and deleted alike.

use domain::engine::form_draft::LocalSheet;
use leptos::wasm_bindgen::JsValue;
use uuid::Uuid;

use super::idb::value;
use super::store::{Disk, Kind, Store};
use super::store_rows::{Losses, SHEET, is_sheet, marks_of, plain, rows};
use super::web::{DeviceError, get, new_id};
use crate::draft::device::DRAFTS;

impl Store {
    /// Loads the sheet of a matter.
    ///
    /// # Errors
    /// [`DeviceError::Denied`] if the device has something else of the matter, or the sheet of another account: it must not be replaced.
    pub async fn sheet(&self, subject: Uuid) -> Result<Option<LocalSheet>, DeviceError> {
        let Kind::Disk(disk) = &*self.0 else { return Ok(None) };
        let id = subject.to_string();
        let row = value(&disk.db, DRAFTS, &id.as_str().into()).await?;
        match (row.is_object(), is_sheet(&row)) {
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
            if is_sheet(&row)
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
        let unsent = sheet.typed.is_unsent();
        let losses = Losses { unsent, leftover: unsent && sheet.typed.is_over, submission: sheet.is_submission_requested };
        let posted = sheet.typed.posted.map_or(JsValue::UNDEFINED, |key| key.to_string().into());
        self.save_row(sheet.subject, &new_id().to_string(), losses, &[(SHEET, true.into()), ("posted", posted)], &plain(sheet)?).await
    }
}
