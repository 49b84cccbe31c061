//! Sealing everything with the newest key, after a rotation.
//!
//! It can be cut off and begun again at any time: what is done bears the id of the new key. Servers go on meanwhile; a value that they
//! change is sealed with the new key by them.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::infra::db::DbError;
use crate::infra::db::sealed::{
    CLEAR_COLUMNS, ClearColumn, SEALED_COLUMNS, SealedColumn, SealedValue, count_with_head, list_clear, list_other, replace, seal_clear,
};
use crate::infra::file::FileError;
use crate::infra::secret::{Keys, SealContext, sealed_head};
use crate::state::AppState;

/// Values sealed in one transaction.
const BATCH: i64 = 100;

/// What was sealed anew.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Values of the database.
    pub values: u64,
    /// Files and pieces of unfinished uploads.
    pub files: u64,
    /// Values and files that none of the keys opens. They are left as they are.
    pub unreadable: u64,
}

/// Why sealing stopped.
#[derive(Debug, thiserror::Error)]
pub enum ResealError {
    /// Database error.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A folder of files.
    #[error("a file cannot be read or written: {0}")]
    Files(#[from] std::io::Error),
}

impl From<FileError> for ResealError {
    fn from(error: FileError) -> Self {
        Self::Files(std::io::Error::other(error))
    }
}

/// Seals every value of the database and every file with the newest key.
///
/// # Errors
/// A database or a folder that cannot be read or written. What is done stays done.
pub async fn reseal_all(app: &AppState) -> Result<Resealed, ResealError> {
    let mut done = Resealed::default();
    for column in CLEAR_COLUMNS {
        done.values += seal_column(app, column).await?;
    }
    for column in SEALED_COLUMNS {
        // Rows with the same first id may be more than a batch, so passes are made until one finds nothing to do.
        loop {
            let pass = reseal_column(app, column).await?;
            done.values += pass.values;
            if pass.values == 0 {
                done.unreadable += pass.unreadable;
                break;
            }
        }
    }
    for (files, unreadable) in [app.files.reseal().await?, app.chunks.reseal().await?] {
        done.files += files;
        done.unreadable += unreadable;
    }
    Ok(done)
}

/// Seals the texts of earlier releases; returns how many.
async fn seal_column(app: &AppState, column: &'static ClearColumn) -> Result<u64, DbError> {
    let (mut done, mut after) = (0, Uuid::nil());
    loop {
        let texts = {
            let mut tx = app.db.read().await?;
            list_clear(&mut tx, column, after, BATCH).await?
        };
        let Some((last, _)) = texts.last() else { return Ok(done) };
        after = *last;
        let keys = app.keys.clone();
        done += app
            .db
            .write::<_, DbError, _>(move |tx| {
                Box::pin(async move {
                    let mut sealed = 0;
                    for (id, text) in &texts {
                        let value = keys.seal(SealContext::new(column.sealed, *id), text.as_bytes());
                        sealed += u64::from(seal_clear(tx, column, *id, text, &value).await?);
                    }
                    Ok(sealed)
                })
            })
            .await?;
    }
}

async fn reseal_column(app: &AppState, column: &'static SealedColumn) -> Result<Resealed, DbError> {
    let (mut done, mut after) = (Resealed::default(), Uuid::nil());
    let head = sealed_head(app.keys.sealing_id());
    loop {
        let values = {
            let mut tx = app.db.read().await?;
            list_other(&mut tx, column, after, &head, BATCH).await?
        };
        let Some(last) = values.last() else { return Ok(done) };
        after = last.id();
        let found = values.len();
        let renewed: Vec<(SealedValue, Vec<u8>)> =
            values.into_iter().filter_map(|value| renew(&app.keys, column, &value).map(|new| (value, new))).collect();
        done.unreadable += u64::try_from(found - renewed.len()).unwrap_or(0);
        done.values += app
            .db
            .write::<_, DbError, _>(move |tx| {
                Box::pin(async move {
                    let mut replaced = 0;
                    for (value, new) in &renewed {
                        replaced += u64::from(replace(tx, column, value, new).await?);
                    }
                    Ok(replaced)
                })
            })
            .await?;
    }
}

/// The value under the newest key; `None` if no key opens it.
fn renew(keys: &Keys, column: &SealedColumn, value: &SealedValue) -> Option<Vec<u8>> {
    column.rows(value).into_iter().find_map(|row| {
        let context = SealContext::new(column.name, row);
        keys.unseal(context, &value.sealed).ok().map(|plain| keys.seal(context, &plain))
    })
}

/// Number of values and files that each key has sealed, by the id of the key.
///
/// # Errors
/// A database or a folder that cannot be read.
pub async fn key_usage(app: &AppState) -> Result<BTreeMap<u32, i64>, ResealError> {
    let mut usage = BTreeMap::new();
    for id in app.keys.sealing_ids() {
        let head = sealed_head(id);
        let mut count = app.files.count_sealed_with(head.clone()).await? + app.chunks.count_sealed_with(head.clone()).await?;
        let mut tx = app.db.read().await?;
        for column in SEALED_COLUMNS {
            count += count_with_head(&mut tx, column, &head).await?;
        }
        usage.insert(id, count);
    }
    Ok(usage)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::account::former_identity::former_names;
    use crate::demo::testing::TestApp;
    use crate::infra::db;
    use crate::infra::db::maintenance::list_columns;
    use crate::infra::keyring;
    use crate::{database_test, demo_test};
    use domain::engine::notification::MessageCategory;

    demo_test!(after_a_rotation_everything_is_sealed_with_the_new_key_and_opens, |demo| async move {
        let test = TestApp::new(demo).await;
        let app = &test.app;
        let names = crate::matter::tests::identity::name("周健国");
        crate::matter::tests::identity::changed(&test, "certified", names).await;
        let before = key_usage(app).await.unwrap();
        let (old, all) = before.first_key_value().map(|(id, count)| (*id, *count)).unwrap();
        assert!(all > 100, "{all}");
        let new = app.keys.add_sealing_key().unwrap();
        keyring::record(&app.db, &app.keys, &keyring::key_path(test.demo.folder.path()), app.now()).await.unwrap();
        let done = reseal_all(app).await.unwrap();
        assert_eq!(done.unreadable, 0);
        assert_eq!(i64::try_from(done.values + done.files).unwrap(), all);
        assert_eq!(key_usage(app).await.unwrap(), BTreeMap::from([(old, 0), (new, all)]));
        assert_eq!(reseal_all(app).await.unwrap(), Resealed::default(), "nothing is left to do");
        // A server that starts afterwards reads everything.
        let again = test.demo.app().await;
        let who = test.sign_in("certified").await;
        assert_eq!(who.caller().person.name, "周健国");
        let certificates = crate::record::certificate::own_certificates(&again, &who).await.unwrap();
        let usable = certificates.iter().find(|c| c.superseded_by.is_none()).unwrap();
        assert_eq!(crate::record::certificate::former_holders(&again, usable).await.unwrap()[0].name, "周建国");
        assert_eq!(former_names(&mut again.db.read().await.unwrap(), &again.keys, who.account()).await.unwrap(), ["周建国"]);
        let matter = test.matter(&who, "").await;
        assert!(!crate::matter::load(&again, &who, matter).await.unwrap().answers.fields.is_empty());
    });

    demo_test!(texts_that_earlier_releases_left_in_clear_are_sealed_and_read_as_before, |demo| async move {
        let test = TestApp::new(demo).await;
        let (app, who) = (&test.app, test.sign_in("certified").await);
        let account = who.account();
        let message = db::message::MessageRow {
            id: Uuid::now_v7(),
            account_id: account,
            topic_id: Uuid::nil(),
            category: MessageCategory::Progress,
            names_applicant: false,
            title: "退回修改".into(),
            body: "周建国，请补充材料".into(),
            body_sealed: None,
            link: "/".into(),
            created_at: app.now(),
            read_at: None,
            done_at: None,
        };
        let (id, row) = (message.id, message.clone());
        app.db.write::<_, DbError, _>(move |tx| Box::pin(async move { db::message::insert(tx, &row).await })).await.unwrap();
        let read =
            || async { crate::service::message::list_messages(app, &who).await.unwrap().into_iter().find(|m| m.id == id).unwrap().body };
        assert_eq!(read().await, message.body);
        assert!(reseal_all(app).await.unwrap().values >= 1);
        assert_eq!(read().await, message.body);
        let stored = {
            let mut tx = app.db.read().await.unwrap();
            db::message::list_of_account(&mut tx, account, 1_000).await.unwrap()
        };
        assert!(stored.iter().all(|row| row.body.is_empty() && row.body_sealed.is_some()));
        let mut tx = app.db.read().await.unwrap();
        for column in CLEAR_COLUMNS {
            assert!(list_clear(&mut tx, column, Uuid::nil(), 1).await.unwrap().is_empty(), "{}", column.sealed);
        }
    });

    demo_test!(a_value_that_no_key_opens_is_left_and_reported, |demo| async move {
        let test = TestApp::new(demo).await;
        let app = &test.app;
        let who = test.account("teacher").await;
        app.db
            .write::<_, DbError, _>(move |tx| {
                Box::pin(async move {
                    let row = db::account::by_id(tx, who).await?.unwrap();
                    let damaged: Vec<u8> = row.person_sealed.iter().rev().copied().collect();
                    let column = &SEALED_COLUMNS[0];
                    let value = list_other(tx, column, Uuid::nil(), b"none", 1000).await?.into_iter().find(|v| v.id() == who).unwrap();
                    replace(tx, column, &value, &damaged).await
                })
            })
            .await
            .unwrap();
        app.keys.add_sealing_key().unwrap();
        assert_eq!(reseal_all(app).await.unwrap().unreadable, 1);
    });

    database_test!(every_sealed_column_is_known_to_the_rotation, |db, _| async move {
        let mut tx = db.read().await.unwrap();
        let columns = list_columns(&mut tx).await.unwrap();
        let sealed: Vec<&String> = columns.iter().filter(|name| name.ends_with("_sealed")).collect();
        assert_eq!(sealed.len(), SEALED_COLUMNS.len());
        for name in sealed {
            assert!(SEALED_COLUMNS.iter().any(|c| c.name == *name), "{name}");
        }
    });
}
