//! Issuing a certificate in the transaction of the decision.

use chrono::NaiveDate;
use domain::base::permission::{GrantStatus, InstitutionRole};
use domain::record::certificate::{
    CertificateGrant, CertificateStatus, HeldCertificate, format_number, initial_terms, next_check_on, published_on,
};
use sqlx::types::Json;
use uuid::Uuid;

use crate::access::account::lookup::person_name;
use crate::infra::db::certificate::{CertificateRow, HOLDER};
use crate::infra::db::{self, Tx};
use crate::infra::secret::SealContext;
use crate::matter::{LoadedMatter, MatterError};
use crate::state::AppState;

/// First serial number of certificates (docs/domain.md §1.4).
pub(crate) const FIRST_SERIAL: i64 = 4_000_001;

/// Issues a certificate, superseding lower grades of its domain.
///
/// # Errors
/// [`MatterError::Blocked`] if the person holds a certificate of the same domain and grade, a measure on a certificate forbids another, or the person practises in another institution by now; [`MatterError::ChangedMeanwhile`] if a superseded certificate changes at this moment.
pub(crate) async fn issue(
    tx: &mut Tx,
    app: &AppState,
    matter: &LoadedMatter,
    grant: &CertificateGrant,
    today: NaiveDate,
) -> Result<(), MatterError> {
    let tables = app.tables();
    // A change of the name at this moment comes before, or finds the new certificate.
    db::account::lock(tx, matter.owner).await?;
    let serial = db::certificate::next_serial(tx, "certificate", FIRST_SERIAL).await?;
    let earlier = db::certificate::list_of_account(tx, matter.owner).await?;
    if let Some(held) = earlier.iter().find(|old| old.held().excludes(grant, today)) {
        let reason = format!("申请人已持有该领域该级别的有效证书 {}，不能再颁发一张，请不予批准", held.number);
        return Err(MatterError::Blocked(reason));
    }
    let held: Vec<HeldCertificate> = earlier.iter().map(CertificateRow::held).collect();
    if let Some(barring) = grant.barred_by(&held, today) {
        let (number, status) = (&barring.number, barring.status_on(today).label());
        let reason = format!("申请人的证书 {number} 因处置{status}，不能颁发该领域的证书；请待处置解除后再批准，或不予批准");
        return Err(MatterError::Blocked(reason));
    }
    let is_bound = held.iter().any(|certificate| certificate.is_active_on(today));
    end_other_practice(tx, matter, is_bound).await?;
    // The job that ends certificates may not have come by yet.
    db::certificate::end_outlived(tx, matter.owner, grant.domain, grant.grade, today).await?;
    let first = earlier.iter().filter(|c| c.domain == grant.domain).map(|c| c.first_registered_on).min().unwrap_or(today);
    let id = Uuid::now_v7();
    let holder = person_name(app, tx, matter.owner).await?;
    let terms = initial_terms(&tables.rules, today);
    let mut row = CertificateRow {
        id,
        number: format_number(&tables.rules, today, grant, serial),
        account_id: matter.owner,
        institution_id: matter.institution,
        matter_id: matter.id,
        category: grant.category,
        domain: grant.domain.to_owned(),
        grade: grant.grade,
        specialties: Json(grant.specialties.clone()),
        holder_sealed: app.keys.seal(SealContext::new(HOLDER, id), holder.as_bytes()),
        first_registered_on: first,
        issued_on: today,
        valid_until: terms.valid_until,
        confirm_due_on: terms.confirm_due_on,
        status: CertificateStatus::Valid,
        superseded_by: None,
        published_on: Some(published_on(&tables.rules, today)),
        next_check_on: None,
        overdue_from: None,
        scheduled_measure: None,
        scheduled_on: None,
    };
    row.next_check_on = next_check_on(&row.held(), today, tables.rules.on(today));
    db::certificate::insert(tx, &row).await?;
    for old in earlier.iter().filter(|old| old.held().is_superseded_by(grant, today)) {
        // The decision was based on the former state of the old certificate.
        if !db::certificate::supersede(tx, old.id, old.status, id).await? {
            return Err(MatterError::ChangedMeanwhile);
        }
    }
    if let Some(institution) = matter.institution {
        let (role, status) = (InstitutionRole::Practitioner, GrantStatus::Active);
        db::institution::set_membership(tx, matter.owner, institution, role, status, today).await?;
    }
    Ok(())
}

/// Ends the practice in an institution other than that of the matter. Refused while the person is bound to it by a certificate: of two
/// applications through two institutions, the first that is granted decides (docs/domain.md §7.2). The account is locked.
async fn end_other_practice(tx: &mut Tx, matter: &LoadedMatter, is_bound: bool) -> Result<(), MatterError> {
    let memberships = db::institution::list_memberships(tx, matter.owner).await?;
    let Some(other) = memberships.iter().find(|m| m.is_active_practice() && Some(m.institution_id) != matter.institution) else {
        return Ok(());
    };
    if is_bound {
        let name = &other.institution_name;
        let text = format!("申请人目前的执业机构为{name}，与推荐机构不一致；请不予批准，或待其转换执业机构后再批准");
        return Err(MatterError::Blocked(text));
    }
    db::institution::end_practice(tx, matter.owner, other.institution_id).await?;
    Ok(())
}
