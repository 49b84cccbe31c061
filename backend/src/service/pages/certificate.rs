//! 我的证书.

use chrono::NaiveDate;
use domain::record::certificate::{Eligibility, Renewal, upcoming};

use crate::access::guard::Allowed;
use crate::infra::db::{DbError, Tx};
use crate::record::certificate::lookup::{FormerHolder, certificates_of, former_holders_in_tx};
use crate::record::certificate::renewal::{OpenRenewal, PastRenewal, open_renewals_of, past_renewals_of};
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
    let own = |certificate: Certificate, former_holders| {
        let held = &certificate.held;
        let eligibility = |renewal: Renewal| renewal.eligibility(held, today, tables.rules.on(today));
        OwnCertificate {
            signed_code: signed_code_of(app, &certificate),
            upcoming: upcoming(held).into_iter().map(|(renewal, due)| (renewal, due, eligibility(renewal))).collect(),
            open_renewal: open.iter().find(|open| open.number == held.number).cloned(),
            past_renewals: past.iter().filter(|past| past.number == held.number).cloned().collect(),
            former_holders,
            certificate,
        }
    };
    let mut page = Vec::with_capacity(certificates.len());
    for certificate in certificates {
        let former = former_holders_in_tx(tx, app, &certificate).await?;
        page.push(own(certificate, former));
    }
    Ok(page)
}
