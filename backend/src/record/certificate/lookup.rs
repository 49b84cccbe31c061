//! Certificates with their unsealed data, by holder, matter and number.

use chrono::NaiveDate;
use domain::record::certificate::{CertificateStatus, HeldCertificate, Measure};
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::infra::db::certificate::{CertificateRow, HOLDER};
use crate::infra::db::disposition::DispositionRow;
use crate::infra::db::identity::FormerHolderRow;
use crate::infra::db::{self, DbError, Tx};
use crate::record::certificate::signed_code;
use crate::state::AppState;

/// A certificate with its unsealed data.
#[derive(Clone)]
pub struct Certificate {
    pub(crate) row: CertificateRow,
    /// The certificate as the rules see it.
    pub held: HeldCertificate,
    /// 首次注册日期.
    pub first_registered_on: NaiveDate,
    /// Day of publication.
    pub published_on: Option<NaiveDate>,
    /// Name of the holder.
    pub holder: String,
    /// Name of the practice institution.
    pub institution: Option<String>,
    /// Number of the certificate that superseded it.
    pub superseded_by: Option<String>,
    /// The measure to which it owes its status, and the day since which; none for another status.
    pub measure_in_effect: Option<(Measure, NaiveDate)>,
}

/// A measure that the association decided on a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeasureRecord {
    /// The measure.
    pub measure: Measure,
    /// The day it takes effect.
    pub effective_on: NaiveDate,
    /// Whether an appeal lifted it.
    pub is_lifted: bool,
    /// The matter that decided it.
    pub matter: Uuid,
}

impl MeasureRecord {
    /// What is said of it on a day: 暂停，自 2026-12-01 起.
    pub fn text(&self, today: NaiveDate) -> String {
        let (label, day) = (self.measure.label(), self.effective_on);
        match (self.is_lifted, self.effective_on > today) {
            (true, _) => format!("{label}（{day}），已因申诉撤销"),
            (false, true) => format!("{label}，将自 {day} 起生效"),
            (false, false) => format!("{label}，自 {day} 起"),
        }
    }
}

/// The measures on a certificate, newest first.
pub(crate) async fn measures_of(tx: &mut Tx, certificate: Uuid) -> Result<Vec<MeasureRecord>, DbError> {
    let rows = db::disposition::list_of_certificate(tx, certificate).await?;
    let record = |row: DispositionRow| MeasureRecord {
        measure: row.measure,
        effective_on: row.effective_on,
        is_lifted: row.lifted_at.is_some(),
        matter: row.matter_id,
    };
    Ok(rows.into_iter().map(record).collect())
}

/// The measure to which a certificate owes its status on a day.
async fn measure_in_effect(tx: &mut Tx, row: &CertificateRow, today: NaiveDate) -> Result<Option<(Measure, NaiveDate)>, DbError> {
    let now = row.held().as_of(today);
    if now.status == CertificateStatus::Valid || now.overdue {
        return Ok(None);
    }
    let measures = measures_of(tx, row.id).await?;
    let caused = |m: &&MeasureRecord| !m.is_lifted && m.effective_on <= today && m.measure.rule().to == Some(now.status);
    Ok(measures.iter().find(caused).map(|m| (m.measure, m.effective_on)))
}

/// The caller's certificates, newest first.
pub async fn own_certificates(app: &AppState, who: &Allowed) -> Result<Vec<Certificate>, DbError> {
    let mut tx = app.db.read().await?;
    certificates_of(&mut tx, app, who.account()).await
}

/// The certificates of an account, newest first.
pub(crate) async fn certificates_of(tx: &mut Tx, app: &AppState, account: Uuid) -> Result<Vec<Certificate>, DbError> {
    let rows = db::certificate::list_of_account(tx, account).await?;
    let mut certificates = Vec::with_capacity(rows.len());
    for row in rows {
        certificates.push(load_certificate(app, tx, row).await?);
    }
    Ok(certificates)
}

/// The certificate issued for a matter.
pub async fn certificate_of_matter(app: &AppState, matter: Uuid) -> Result<Option<Certificate>, DbError> {
    let mut tx = app.db.read().await?;
    match db::certificate::by_matter(&mut tx, matter).await? {
        Some(row) => Ok(Some(load_certificate(app, &mut tx, row).await?)),
        None => Ok(None),
    }
}

/// The certificate of a number; public.
pub async fn certificate_by_number(app: &AppState, number: &str) -> Result<Option<Certificate>, DbError> {
    let mut tx = app.db.read().await?;
    match db::certificate::by_number(&mut tx, number).await? {
        Some(row) => Ok(Some(load_certificate(app, &mut tx, row).await?)),
        None => Ok(None),
    }
}

/// A name that a certificate bore before, and the day since which it bears another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerHolder {
    /// The name.
    pub name: String,
    /// The day of the change.
    pub replaced_on: NaiveDate,
}

/// The names that a certificate bore before, newest first.
///
/// # Errors
/// The database cannot be read, or a name cannot be unsealed.
pub async fn former_holders(app: &AppState, certificate: &Certificate) -> Result<Vec<FormerHolder>, DbError> {
    let mut tx = app.db.read().await?;
    former_holders_in_tx(&mut tx, app, certificate).await
}

pub(crate) async fn former_holders_in_tx(tx: &mut Tx, app: &AppState, certificate: &Certificate) -> Result<Vec<FormerHolder>, DbError> {
    let rows = db::identity::list_former_holders(tx, certificate.row.id).await?;
    let holder = |row: FormerHolderRow| {
        let context = FormerHolderRow::context(row.certificate_id, row.matter_id);
        let name = app.keys.unseal(context, &row.holder_sealed).ok().and_then(|name| String::from_utf8(name).ok());
        let name = name.ok_or_else(|| DbError::Unreadable(context.column.into()))?;
        Ok(FormerHolder { name, replaced_on: row.replaced_on })
    };
    rows.into_iter().map(holder).collect()
}

/// The signed record of a certificate, as text for its QR code.
pub fn signed_code_of(app: &AppState, certificate: &Certificate) -> String {
    let institution = certificate.institution.as_deref().unwrap_or("");
    signed_code::encode(&app.keys, &certificate.held, institution, &certificate.holder)
}

/// Unseals a row and adds the names it refers to.
pub(crate) async fn load_certificate(app: &AppState, tx: &mut Tx, row: CertificateRow) -> Result<Certificate, DbError> {
    let holder = row.holder_name(&app.keys).ok_or_else(|| DbError::Unreadable(HOLDER.into()))?;
    let institution = match row.institution_id {
        Some(id) => db::institution::by_id(tx, id).await?.map(|i| i.name),
        None => None,
    };
    let superseded_by = match row.superseded_by {
        Some(id) => db::certificate::number_by_id(tx, id).await?,
        None => None,
    };
    let measure_in_effect = measure_in_effect(tx, &row, app.today()).await?;
    let (held, first_registered_on, published_on) = (row.held(), row.first_registered_on, row.published_on);
    Ok(Certificate { row, held, first_registered_on, published_on, holder, institution, superseded_by, measure_in_effect })
}
