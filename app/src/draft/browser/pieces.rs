//! Files this device keeps until the server has them: sealed piece by piece. What a file is stands beside its pieces and is written last, so
//! a file is kept whole or not at all.

use domain::engine::upload::{Upload, pieces};
use js_sys::{Array, Object};
use leptos::wasm_bindgen::JsCast;
use uuid::Uuid;
use web_sys::{Blob, IdbKeyRange};

use super::js::{Broken, now_ms, slice};
use super::keeper::Row;
use super::store::{Disk, KEPT_MS, Kind, PIECES, Store, answered, finished, plain, value};

impl Store {
    /// Keeps a file. When this returns, it is on the disk.
    pub async fn keep_file(&self, upload: &Upload, file: &Blob) -> Result<(), Broken> {
        let Kind::Disk(disk) = &*self.0 else { return Err(Broken::Refused) };
        for number in 0..pieces(upload.size) {
            let begin = number * domain::engine::upload::PIECE;
            let (begin, end) = domain::engine::upload::piece(begin, upload.size);
            let bytes = slice(file, begin, end).await.ok_or(Broken::Refused)?;
            let key = piece_key(upload.id, number);
            disk.keep_piece(&key, &bytes).await?;
        }
        disk.keep_piece(&upload.id.to_string(), &plain(upload)?).await
    }

    /// The files kept for a draft, the one chosen first first. What is older than drafts may grow goes.
    pub async fn files(&self, matter: Uuid) -> Result<Vec<Upload>, Broken> {
        let Kind::Disk(disk) = &*self.0 else { return Ok(Vec::new()) };
        let tx = disk.db.transaction_with_str(PIECES)?;
        let keys: Array = answered(&tx.object_store(PIECES)?.get_all_keys()?).await?.unchecked_into();
        let mut found = Vec::new();
        for key in keys.iter().filter_map(|key| key.as_string()) {
            let Some(id) = key.get(..36).and_then(|id| id.parse::<Uuid>().ok()) else { continue };
            if made_ms(id) < now_ms() - KEPT_MS {
                self.forget_file(id).await?;
            } else if key.len() == 36 {
                let row = value(&disk.db, PIECES, &key.as_str().into()).await?;
                found.extend(disk.unseal::<Upload>(&key, &row).await?.filter(|upload| upload.matter == matter));
            }
        }
        Ok(found)
    }

    /// A piece of a kept file; none if it is not there.
    pub async fn file_piece(&self, id: Uuid, number: u64) -> Result<Option<Vec<u8>>, Broken> {
        let Kind::Disk(disk) = &*self.0 else { return Ok(None) };
        let key = piece_key(id, number);
        let row = value(&disk.db, PIECES, &key.as_str().into()).await?;
        disk.unseal_bytes(&key, &row).await
    }

    /// Lets a file go.
    pub async fn forget_file(&self, id: Uuid) -> Result<(), Broken> {
        let Kind::Disk(disk) = &*self.0 else { return Ok(()) };
        let range = IdbKeyRange::bound(&id.to_string().into(), &format!("{id}/~").into())?;
        let tx = disk.writing(&[PIECES])?;
        tx.object_store(PIECES)?.delete(&range)?;
        finished(&tx).await
    }
}

impl Disk {
    async fn keep_piece(&self, key: &str, plain: &[u8]) -> Result<(), Broken> {
        self.keeper.keep(Row { store: PIECES, at: key.into(), place: key, plain, marks: Object::new() }).await
    }
}

fn piece_key(id: Uuid, number: u64) -> String {
    format!("{id}/{number:06}")
}

/// When an id was made, in milliseconds since 1970.
fn made_ms(id: Uuid) -> f64 {
    (id.as_u128() >> 80) as f64
}
