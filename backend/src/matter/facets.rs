//! What submitted matters are searched by: stored with each submission, and once for matters of earlier releases.

use std::collections::BTreeSet;

use domain::engine::form::Answers;
use domain::matter::{CERTIFICATES_FIELD, Facet, Kind};
use uuid::Uuid;

use crate::infra::db::matter::MatterRow;
use crate::infra::db::{self, DbError, Tx};
use crate::matter::answers::answers_at;
use crate::state::AppState;

/// Matters whose facets are stored in one transaction.
const BATCH: i64 = 100;

/// Stores the facets of a submitted revision.
pub(crate) async fn store_facets(tx: &mut Tx, matter: Uuid, kind: &Kind, answers: &Answers, revision: i64) -> Result<(), DbError> {
    let facets = facets_of(tx, kind, answers).await?;
    db::search::replace_facets(tx, matter, revision, facets).await
}

/// The facets of the answers; a renewal has those of its certificates, and a matter that names another one may have those of the other.
async fn facets_of(tx: &mut Tx, kind: &Kind, answers: &Answers) -> Result<BTreeSet<String>, DbError> {
    let mut facets: BTreeSet<String> = (kind.facets)(answers).iter().map(|(facet, value)| facet.stored(value)).collect();
    if kind.renewal.is_some() {
        for number in answers.codes(CERTIFICATES_FIELD) {
            if let Some(certificate) = db::certificate::by_number(tx, number).await? {
                facets.insert(Facet::Domain.stored(&certificate.domain));
                facets.insert(Facet::Grade.stored(certificate.grade.code()));
            }
        }
    }
    for link in kind.links_of(answers).iter().filter(|link| link.role.shares_facets) {
        facets.extend(db::search::list_facets(tx, link.other).await?);
    }
    Ok(facets)
}

/// Stores the facets of matters that earlier releases submitted.
///
/// # Errors
/// The database. What is done stays done.
pub async fn index_all_old_matters(app: &AppState) -> Result<(), DbError> {
    while index_old_matters(app).await? > 0 {}
    Ok(())
}

/// Stores the facets of a batch of matters; returns how many.
async fn index_old_matters(app: &AppState) -> Result<usize, DbError> {
    if db::search::list_without_facets(&mut app.db.read().await?, 1).await?.is_empty() {
        return Ok(0);
    }
    let owned = app.clone();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let rows = db::search::list_without_facets(tx, BATCH).await?;
                for row in &rows {
                    index_old(tx, &owned, row).await?;
                }
                Ok(rows.len())
            })
        })
        .await
}

async fn index_old(tx: &mut Tx, app: &AppState, row: &MatterRow) -> Result<(), DbError> {
    let revision = row.submitted_revision.unwrap_or_default();
    match domain::kind::by_code(&row.kind) {
        Some(kind) => match answers_at(tx, &app.keys, kind.form, row.id, revision).await {
            Ok((answers, _)) => store_facets(tx, row.id, kind, &answers, revision).await,
            // Answers that cannot be read have no facets; they are not tried again each hour.
            Err(DbError::Unreadable(_)) => db::search::replace_facets(tx, row.id, revision, []).await,
            Err(error) => Err(error),
        },
        None => db::search::replace_facets(tx, row.id, revision, []).await,
    }
}
