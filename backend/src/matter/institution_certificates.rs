//! Certificates of an institution's people that come up for renewal.

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};
use domain::base::rule::{Rules, key};
use domain::record::certificate::HeldCertificate;
use uuid::Uuid;

use crate::infra::db::{self, DbError, Tx};
use crate::infra::secret::Keys;

/// Certificates an institution can renew for its people.
pub(crate) struct InstitutionCertificates {
    /// Name of the institution.
    pub name: String,
    /// The certificates, nearest due day first.
    pub certificates: Vec<HeldCertificate>,
    /// Names of their holders, by account.
    pub holders: BTreeMap<Uuid, String>,
}

/// The certificates of an institution's people that can be renewed around a day; `None` if there is no such institution.
pub(crate) async fn institution_certificates(
    tx: &mut Tx,
    keys: &Keys,
    rules: &Rules,
    institution: Uuid,
    around: NaiveDate,
) -> Result<Option<InstitutionCertificates>, DbError> {
    let Some(row) = db::institution::by_id(tx, institution).await? else { return Ok(None) };
    let rules = rules.on(around);
    let months = rules.int(key::AC_WINDOW_BEFORE).max(rules.int(key::REREG_WINDOW_BEFORE));
    // One month more than the window, since months differ in length.
    let months = Months::new(u32::try_from(months).unwrap_or(0).saturating_add(1));
    let until = around.checked_add_months(months).unwrap_or(NaiveDate::MAX);
    let rows = db::renewal::list_due_of_institution(tx, institution, until).await?;
    let certificates = rows.iter().map(db::certificate::CertificateRow::held).collect();
    let holders = rows.iter().filter_map(|row| Some((row.account_id, row.holder_name(keys)?))).collect();
    Ok(Some(InstitutionCertificates { name: row.name, certificates, holders }))
}
