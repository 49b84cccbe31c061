//! An approved change of identity: the account, its certificates, its sessions, and matters that name the person.

use chrono::NaiveDate;
use domain::matter::IdentityRule;
use domain::record::account::IdentityChange;
use uuid::Uuid;

use crate::access::account::Person;
use crate::access::account::fingerprints::{account_with_document, person_update, reserve};
use crate::access::account::former_identity::FormerIdentity;
use crate::access::account::lookup::unseal_person;
use crate::access::account::name_mark::store_name_marks;
use crate::infra::db::account::AccountRow;
use crate::infra::db::certificate::HOLDER;
use crate::infra::db::identity::{FormerHolderRow, IdentityChangeRow};
use crate::infra::db::{self, DbError, Tx};
use crate::infra::secret::SealContext;
use crate::infra::session::end_sessions;
use crate::matter::submission::exclude_newcomer;
use crate::matter::{LoadedMatter, MatterError};
use crate::record::audit::audit;
use crate::state::AppState;

/// Replaces name and document of the applicant by those of the submitted answers, and stores what was replaced.
///
/// # Errors
/// [`MatterError::Blocked`] if another account has the document by now; [`MatterError::ChangedMeanwhile`] if the account changes at this moment.
pub(super) async fn change_identity(tx: &mut Tx, app: &AppState, matter: &LoadedMatter, today: NaiveDate) -> Result<(), MatterError> {
    let missing = || MatterError::misconfigured(matter.kind.code, "identity");
    let rule: &IdentityRule = matter.kind.identity.ok_or_else(missing)?;
    let change = (rule.change)(&matter.answers, today).ok_or_else(missing)?;
    let row = db::account::lock(tx, matter.owner).await?.ok_or(MatterError::NotFound)?;
    let before = unseal_person(app, row.id, &row.person_sealed).ok_or_else(|| DbError::Unreadable(Person::COLUMN.into()))?;
    let after = changed(&before, &change);
    store_person(tx, app, &row, &after).await?;
    store_history(tx, app, matter, &before).await?;
    if after.name != before.name {
        store_name_marks(tx, &app.keys, row.id, &after.name).await?;
        rename_certificates(tx, app, matter, &after.name, today).await?;
        if db::access::has_a_part(tx, row.id).await? {
            exclude_newcomer(tx, app, row.id).await?;
        }
    }
    // Document and mobile number together recover an account, so whoever was signed in proves again to be its person.
    if change.document.is_some() {
        end_sessions(tx, row.id, &[], app.clock.steady()).await?;
    }
    audit(tx, app, approver(matter), "account.identity", &row.id.to_string()).await?;
    Ok(())
}

fn approver(matter: &LoadedMatter) -> Option<Uuid> {
    Some(matter.actor.account).filter(|account| !account.is_nil())
}

/// The person after a change; contact data stays.
fn changed(before: &Person, change: &IdentityChange) -> Person {
    let mut after = before.clone();
    if let Some(name) = &change.name {
        after.name.clone_from(name);
    }
    if let Some(new) = &change.document {
        new.document.kind().code().clone_into(&mut after.document_type);
        new.document.number().clone_into(&mut after.document_number);
        (after.sex, after.birth_date) = (new.sex, new.birth_date);
    }
    after
}

async fn store_person(tx: &mut Tx, app: &AppState, row: &AccountRow, after: &Person) -> Result<(), MatterError> {
    let taken = || {
        let reason = "该证件号码已登记在其他账号下，不能变更，请退回申请人核对或不予批准";
        MatterError::Blocked(reason.to_owned())
    };
    let holder = account_with_document(tx, &app.keys, &after.document_type, &after.document_number).await?;
    if holder.is_some_and(|other| other != row.id) {
        return Err(taken());
    }
    reserve(tx, &app.keys, &row.name, after).await?;
    let sealed = app.keys.seal_json(SealContext::new(Person::COLUMN, row.id), after);
    let update = person_update(&app.keys, row, after, sealed, row.email_verified_at);
    match db::account::set_person(tx, row, &update).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(MatterError::ChangedMeanwhile),
        // Registered or approved at the same moment.
        Err(error) if error.violates("account", "document_fingerprint") => Err(taken()),
        Err(error) => Err(error.into()),
    }
}

async fn store_history(tx: &mut Tx, app: &AppState, matter: &LoadedMatter, before: &Person) -> Result<(), DbError> {
    let row = IdentityChangeRow {
        matter_id: matter.id,
        account_id: matter.owner,
        before_sealed: FormerIdentity::from(before).seal(&app.keys, matter.id),
        approved_by: approver(matter),
        changed_at: app.now(),
    };
    db::identity::insert(tx, &row).await?;
    Ok(())
}

/// Certificates that can be used bear the new name from now on, and keep the former one on record. Those that ended stay as they were.
async fn rename_certificates(tx: &mut Tx, app: &AppState, matter: &LoadedMatter, name: &str, today: NaiveDate) -> Result<(), DbError> {
    for certificate in db::certificate::list_usable_of_account(tx, matter.owner).await? {
        let former = certificate.holder_name(&app.keys).ok_or_else(|| DbError::Unreadable(HOLDER.into()))?;
        let context = FormerHolderRow::context(certificate.id, matter.id);
        let row = FormerHolderRow {
            certificate_id: certificate.id,
            matter_id: matter.id,
            holder_sealed: app.keys.seal(context, former.as_bytes()),
            replaced_on: today,
        };
        let new = app.keys.seal(SealContext::new(HOLDER, certificate.id), name.as_bytes());
        db::identity::replace_holder(tx, &row, &new).await?;
    }
    Ok(())
}
