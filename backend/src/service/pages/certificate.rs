//! 我的证书, and the page of a certificate for the association.

use chrono::NaiveDate;
use domain::record::certificate::{Eligibility, Renewal, upcoming};
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::infra::db::{self, DbError, Tx};
use crate::record::certificate::lookup::{
    FormerHolder, MeasureRecord, certificates_of, former_holders_in_tx, load_certificate, measures_of,
};
use crate::record::certificate::renewal::{OpenRenewal, PastRenewal, open_renewals_of, past_renewals_of};
use crate::record::certificate::seen::SeenCertificate;
use crate::record::certificate::{Certificate, signed_code_of};
use crate::state::AppState;

/// One of the caller's certificates.
pub struct OwnCertificate {
    /// The certificate.
    pub certificate: Certificate,
    /// Its signed record, as text for a QR code.
    pub signed_code: String,
    /// Upcoming renewals: kind, due day, and whether it can be filed today.
    pub upcoming: Vec<(Renewal, NaiveDate, Eligibility)>,
    /// Names it bore before, newest first.
    pub former_holders: Vec<FormerHolder>,
    /// The open matter that renews it.
    pub open_renewal: Option<OpenRenewal>,
    /// Past renewals, newest first.
    pub past_renewals: Vec<PastRenewal>,
    /// Measures of the association, newest first.
    pub measures: Vec<MeasureRecord>,
}

/// A certificate, as the association handles it.
pub struct DispositionPage {
    /// Row id of the certificate.
    pub id: Uuid,
    /// The certificate.
    pub certificate: Certificate,
    /// Measures of the association, newest first.
    pub measures: Vec<MeasureRecord>,
    /// What the page shows of it, which a proposal names.
    pub seen: SeenCertificate,
}

/// Reads the page of a certificate for the association; `None` for an unknown number.
///
/// # Errors
/// The database cannot be read, or the name of the holder cannot be unsealed.
pub async fn disposition_page(app: &AppState, number: &str) -> Result<Option<DispositionPage>, DbError> {
    let mut tx = app.db.snapshot().await?;
    let page = read_disposition_page(&mut tx, app, number).await;
    tx.finish().await?;
    page
}

async fn read_disposition_page(tx: &mut Tx, app: &AppState, number: &str) -> Result<Option<DispositionPage>, DbError> {
    let Some(row) = db::certificate::by_number(tx, number).await? else { return Ok(None) };
    let measures = measures_of(tx, row.id).await?;
    let seen = SeenCertificate::of(tx, &row, app.today()).await?;
    Ok(Some(DispositionPage { id: row.id, certificate: load_certificate(app, tx, row).await?, measures, seen }))
}

/// Reads the caller's certificates, newest first.
pub async fn own_certificates_page(app: &AppState, who: &Allowed) -> Result<Vec<OwnCertificate>, DbError> {
    let mut tx = app.db.snapshot().await?;
    let page = read_own_certificates(&mut tx, app, who).await;
    tx.finish().await?;
    page
}

async fn read_own_certificates(tx: &mut Tx, app: &AppState, who: &Allowed) -> Result<Vec<OwnCertificate>, DbError> {
    let certificates = certificates_of(tx, app, who.account()).await?;
    let past = past_renewals_of(tx, who.account()).await?;
    let open = open_renewals_of(tx, who.account()).await?;
    let (tables, today) = (app.tables(), app.today());
    let own = |certificate: Certificate, former_holders, measures| {
        let held = &certificate.held;
        let eligibility = |renewal: Renewal| renewal.eligibility(held, today, tables.rules.on(today));
        OwnCertificate {
            signed_code: signed_code_of(app, &certificate),
            upcoming: upcoming(held).into_iter().map(|(renewal, due)| (renewal, due, eligibility(renewal))).collect(),
            open_renewal: open.iter().find(|open| open.number == held.number).cloned(),
            past_renewals: past.iter().filter(|past| past.number == held.number).cloned().collect(),
            former_holders,
            measures,
            certificate,
        }
    };
    let mut page = Vec::with_capacity(certificates.len());
    for certificate in certificates {
        let former = former_holders_in_tx(tx, app, &certificate).await?;
        let measures = measures_of(tx, certificate.row.id).await?;
        page.push(own(certificate, former, measures));
    }
    Ok(page)
}
