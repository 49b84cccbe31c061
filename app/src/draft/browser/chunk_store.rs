//! Files stored on the device until they are uploaded, encrypted in chunks. The metadata of a file is written last, so a file is stored
//! completely or not at all.

use domain::engine::upload::{Upload, chunk_count};
use js_sys::Array;
use leptos::wasm_bindgen::JsCast;
use uuid::Uuid;
use web_sys::{Blob, IdbKeyRange};

use super::idb::{answered, finished, value};
use super::store::{Disk, Kind, Store};
use super::store_rows::plain;
use super::store_worker::SealedRow;
use super::web::{DeviceError, read_range};
use crate::draft::device::CHUNKS;

impl Store {
    /// Stores a file durably.
    pub async fn save_file(&self, upload: &Upload, file: &Blob) -> Result<(), DeviceError> {
        let Kind::Disk(disk) = &*self.0 else { return Err(DeviceError::Denied) };
        for number in 0..chunk_count(upload.size) {
            let begin = number * domain::engine::upload::CHUNK_SIZE;
            let (begin, end) = domain::engine::upload::chunk_range(begin, upload.size);
            let bytes = read_range(file, begin, end).await.ok_or(DeviceError::Denied)?;
            let key = chunk_key(upload.id, number);
            disk.save_chunk(&key, &bytes).await?;
        }
        disk.save_chunk(&upload.id.to_string(), &plain(upload)?).await
    }

    /// The stored files of a draft in the order of selection.
    pub async fn files(&self, matter: Uuid) -> Result<Vec<Upload>, DeviceError> {
        let Kind::Disk(disk) = &*self.0 else { return Ok(Vec::new()) };
        let tx = disk.db.transaction_with_str(CHUNKS)?;
        let keys: Array = answered(&tx.object_store(CHUNKS)?.get_all_keys()?).await?.unchecked_into();
        let mut found = Vec::new();
        for key in keys.iter().filter_map(|key| key.as_string()) {
            // The metadata of a file has the id alone as its key.
            if key.parse::<Uuid>().is_ok() {
                let row = value(&disk.db, CHUNKS, &key.as_str().into()).await?;
                found.extend(disk.unseal::<Upload>(&key, &row).await?.filter(|upload| upload.matter == matter));
            }
        }
        Ok(found)
    }

    /// A chunk of a stored file, if it exists.
    pub async fn file_chunk(&self, id: Uuid, number: u64) -> Result<Option<Vec<u8>>, DeviceError> {
        let Kind::Disk(disk) = &*self.0 else { return Ok(None) };
        let key = chunk_key(id, number);
        let row = value(&disk.db, CHUNKS, &key.as_str().into()).await?;
        disk.unseal_bytes(&key, &row).await
    }

    /// Deletes a stored file.
    pub async fn remove_file(&self, id: Uuid) -> Result<(), DeviceError> {
        let Kind::Disk(disk) = &*self.0 else { return Ok(()) };
        let range = IdbKeyRange::bound(&id.to_string().into(), &format!("{id}/~").into())?;
        let tx = disk.writing(&[CHUNKS])?;
        tx.object_store(CHUNKS)?.delete(&range)?;
        finished(&tx).await
    }
}

impl Disk {
    async fn save_chunk(&self, key: &str, plain: &[u8]) -> Result<(), DeviceError> {
        self.worker.save(SealedRow { store: CHUNKS, at: key.into(), aad: key, plain, marks: self.marks() }).await
    }
}

fn chunk_key(id: Uuid, number: u64) -> String {
    format!("{id}/{number:06}")
}
