//! Records of earlier versions of a form, as the present one asks for them.

use std::collections::BTreeSet;

use domain::engine::form::Record;
use domain::matter::audit_experience::{AUDIT_RECORDS, list_body, names_body, upgrade_type};

use crate::infra::db::institution::InstitutionKind;
use crate::infra::db::{self, DbError, Tx};

/// Upgrades the records of a list, in a form or in the library: in 认证经历 the certification body used to be text, and inspections and
/// examinations had the types of audits.
pub(crate) async fn upgrade_records(tx: &mut Tx, list: &str, records: &mut [Record]) -> Result<(), DbError> {
    if list != AUDIT_RECORDS.name {
        return Ok(());
    }
    records.iter_mut().for_each(upgrade_type);
    let named: BTreeSet<&str> = records.iter().filter(|record| names_body(record)).map(|record| record.text("body")).collect();
    if !named.is_empty() {
        let named: Vec<&str> = named.into_iter().collect();
        let bodies = db::institution::list_active_among(tx, InstitutionKind::CertificationBody, &[], &named).await?;
        let listed: BTreeSet<String> = bodies.into_iter().map(|body| body.name).collect();
        records.iter_mut().for_each(|record| list_body(record, |name| listed.contains(name)));
    }
    Ok(())
}
