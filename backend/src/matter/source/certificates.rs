//! Certificates of the applicant, or those that an institution can renew for its people.

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};
use domain::base::rule::{Rules, key};
use domain::matter::CERTIFICATES;
use domain::record::certificate::HeldCertificate;
use uuid::Uuid;

use crate::infra::db::certificate::CertificateRow;
use crate::infra::db::{self, DbError, Tx};
use crate::infra::secret::Keys;
use crate::matter::source::contents::{Contents, Request};

/// Reads the certificates; those that are valid are displayed.
pub(super) async fn read(tx: &mut Tx, request: &Request<'_>, contents: &mut Contents) -> Result<(), DbError> {
    let (app, today) = (request.app, request.today);
    if let Some(institution) = request.renewing {
        let (certificates, holders) = institution_certificates(tx, &app.keys, &request.tables.rules, institution, request.applied).await?;
        contents.record.certificates = certificates;
        contents.record.filing_institution = Some(institution);
        contents.holders = holders;
    } else {
        let rows = db::certificate::list_of_account(tx, request.account).await?;
        contents.record.certificates = rows.iter().map(CertificateRow::held).collect();
    }
    let valid = contents.record.certificates.iter().filter(|certificate| certificate.is_valid_on(today));
    contents.list(CERTIFICATES, valid.map(option).collect());
    Ok(())
}

/// Option of a certificate: its number, and a label with domain, grade and end of validity.
fn option(held: &HeldCertificate) -> (String, String) {
    (held.number.clone(), format!("{} · {} · 有效期至 {}", held.domain_label(), held.grade.title(held.category), held.valid_until))
}

/// The certificates of an institution's people that can be renewed around a day, nearest due day first, and the names of their holders by
/// account.
pub(crate) async fn institution_certificates(
    tx: &mut Tx,
    keys: &Keys,
    rules: &Rules,
    institution: Uuid,
    around: NaiveDate,
) -> Result<(Vec<HeldCertificate>, BTreeMap<Uuid, String>), DbError> {
    let rules = rules.on(around);
    let months = rules.int(key::AC_WINDOW_BEFORE).max(rules.int(key::REREG_WINDOW_BEFORE));
    // One month more than the window, since months differ in length.
    let months = Months::new(u32::try_from(months).unwrap_or(0).saturating_add(1));
    let until = around.checked_add_months(months).unwrap_or(NaiveDate::MAX);
    let rows = db::renewal::list_due_of_institution(tx, institution, until).await?;
    let certificates = rows.iter().map(CertificateRow::held).collect();
    let holders = rows.iter().filter_map(|row| Some((row.account_id, row.holder_name(keys)?))).collect();
    Ok((certificates, holders))
}
