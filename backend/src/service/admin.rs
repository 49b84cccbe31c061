//! Administration from the command line: roles, institutions, users of institutions, competences of experts.

use domain::base::identity::CreditCode;
use domain::base::permission::{GrantStatus, InstitutionRole, Role};
use domain::record::institution::InstitutionState;
use uuid::Uuid;

use crate::access::account::status::{self, StatusError};
use crate::infra::db::institution::InstitutionKind;
use crate::infra::db::{self, DbError};
use crate::matter::submission::exclude_newcomer;
use crate::record::audit::audit;
use crate::state::AppState;

/// Why a command failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AdminError {
    /// Unknown account.
    #[error("there is no account of this name")]
    NoAccount,
    /// Unknown institution.
    #[error("there is no institution with this credit code")]
    NoInstitution,
    /// Unknown certification domain.
    #[error("there is no certification domain with this code")]
    NoDomain,
    /// Invalid credit code.
    #[error("this is not a unified social credit code")]
    CreditCode,
    /// An account cannot be merged with itself.
    #[error("these are the same account")]
    SameAccount,
    /// The account to merge has applications under way.
    #[error("the account has submitted applications that are not decided: wait until they are, or have them withdrawn")]
    OpenMatters,
    /// Both accounts have a valid certificate of one domain and grade.
    #[error("both accounts hold a valid certificate of the same domain and grade")]
    SameCertificate,
    /// The status of the account cannot be changed.
    #[error(transparent)]
    Status(#[from] StatusError),
    /// Database error.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// What is done about an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountMeasure {
    /// It cannot be used until it is enabled.
    Disable,
    /// It can be used again.
    Enable,
    /// It is disabled, and its document, mobile number and mail address are free for the person to whom they belong.
    Release,
    /// Its second factor is removed, and its sessions end: the person has lost the authenticator app and the recovery codes.
    ResetSecondFactor,
}

impl AccountMeasure {
    fn action(self) -> &'static str {
        match self {
            AccountMeasure::Disable => "account.disabled",
            AccountMeasure::Enable => "account.enabled",
            AccountMeasure::Release => "account.released",
            AccountMeasure::ResetSecondFactor => "account.second_factor_reset",
        }
    }
}

/// Gives the records of an account to another account of the same person, and releases the first.
///
/// # Errors
/// Unknown accounts, applications under way, or certificates that exclude each other.
pub async fn merge_accounts(app: &AppState, from: &str, into: &str) -> Result<(), AdminError> {
    let (from, into, owned, now) = (from.to_ascii_lowercase(), into.to_ascii_lowercase(), app.clone(), app.now());
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let source = db::account::by_name(tx, &from).await?.ok_or(AdminError::NoAccount)?.id;
                let target = db::account::by_name(tx, &into).await?.ok_or(AdminError::NoAccount)?.id;
                if source == target {
                    return Err(AdminError::SameAccount);
                }
                let mut both = [source, target];
                both.sort_unstable();
                for account in both {
                    db::account::lock(tx, account).await?;
                }
                if db::account::count_open_matters(tx, source).await? > 0 {
                    return Err(AdminError::OpenMatters);
                }
                db::merge::move_records(tx, source, target).await.map_err(|error| match error {
                    DbError::Unique(_) => AdminError::SameCertificate,
                    other => other.into(),
                })?;
                status::release_account(tx, &owned.keys, &from, now).await?;
                audit(tx, &owned, None, "account.merged", &format!("{source} {target}")).await?;
                Ok(())
            })
        })
        .await
}

/// Disables, enables or releases an account. Its sessions end, unless it is enabled.
///
/// # Errors
/// An unknown account, or one that was closed or released and cannot be enabled.
pub async fn change_account(app: &AppState, account: &str, measure: AccountMeasure) -> Result<(), AdminError> {
    let (name, owned, now) = (account.to_owned(), app.clone(), app.now());
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let id = match measure {
                    AccountMeasure::Disable => status::disable_account(tx, &name, now).await?,
                    AccountMeasure::Enable => status::enable_account(tx, &name).await?,
                    AccountMeasure::ResetSecondFactor => status::reset_second_factor(tx, &name, now).await?,
                    AccountMeasure::Release => status::release_account(tx, &owned.keys, &name, now).await?,
                };
                audit(tx, &owned, None, measure.action(), &id.to_string()).await?;
                Ok(())
            })
        })
        .await
}

/// Grants a role to an account, or revokes it.
pub async fn set_role(app: &AppState, account: &str, role: Role, status: GrantStatus) -> Result<(), AdminError> {
    let (name, now, owned) = (account.to_ascii_lowercase(), app.now(), app.clone());
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let row = status::lock_for_duties(tx, &name, status).await?;
                db::account::set_role_grant(tx, row.id, role, status, now).await?;
                exclude_newcomer(tx, &owned, row.id).await?;
                let action = format!("role.{}.{}", role.code(), status.code());
                audit(tx, &owned, None, &action, &row.id.to_string()).await?;
                Ok(())
            })
        })
        .await
}

/// Adds a certification body.
pub async fn add_institution(app: &AppState, name: &str, code: &str, approval_no: &str) -> Result<Uuid, AdminError> {
    let code = CreditCode::parse(code).map_err(|_| AdminError::CreditCode)?;
    let owned = app.clone();
    let row = db::institution::InstitutionRow {
        id: Uuid::now_v7(),
        name: name.to_owned(),
        credit_code: code.as_str().to_owned(),
        approval_no: approval_no.to_owned(),
        kind: InstitutionKind::CertificationBody,
        also_trains: false,
        state: InstitutionState::Active,
        matter_id: None,
        contact_sealed: None,
    };
    app.db
        .write(move |tx| {
            Box::pin(async move {
                db::institution::insert(tx, &row).await?;
                audit(tx, &owned, None, "institution.added", &row.id.to_string()).await?;
                Ok(row.id)
            })
        })
        .await
}

/// Makes an account a user of an institution, or ends that.
pub async fn set_institution_user(app: &AppState, account: &str, code: &str, status: GrantStatus) -> Result<(), AdminError> {
    let (name, code) = (account.to_ascii_lowercase(), code.to_ascii_uppercase());
    let (owned, today) = (app.clone(), app.today());
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let row = status::lock_for_duties(tx, &name, status).await?;
                let institution = db::institution::by_credit_code(tx, &code).await?.ok_or(AdminError::NoInstitution)?;
                db::institution::set_membership(tx, row.id, institution.id, InstitutionRole::User, status, today).await?;
                exclude_newcomer(tx, &owned, row.id).await?;
                let action = format!("desk.{}", status.code());
                audit(tx, &owned, None, &action, &row.id.to_string()).await?;
                Ok(())
            })
        })
        .await
}

/// Adds a domain of competence to an expert, by account name.
pub async fn add_expert_domain(app: &AppState, account: &str, domain: &str) -> Result<(), AdminError> {
    let (account, domain, owned) = (account.to_ascii_lowercase(), domain.to_owned(), app.clone());
    if domain::base::catalogue::domain(&domain).is_none() {
        return Err(AdminError::NoDomain);
    }
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let row = status::lock_for_duties(tx, &account, GrantStatus::Active).await?;
                db::expert::insert_domain(tx, row.id, &domain).await?;
                audit(tx, &owned, None, &format!("expert.{domain}"), &row.id.to_string()).await?;
                Ok(())
            })
        })
        .await
}

#[cfg(test)]
mod tests {
    use domain::base::permission::Action;

    use super::*;
    use crate::access::guard::{authorize, load_caller};
    use crate::demo::testing::TestApp;
    use crate::demo_test;
    use crate::record::certificate::own_certificates;
    use crate::service::own_matters::own_tasks;
    use crate::workflow::draft::begin_draft;

    demo_test!(a_disabled_account_is_out_at_once_and_back_when_it_is_enabled, |demo| async move {
        let test = TestApp::new(demo).await;
        let (app, id) = (&test.app, test.account("certified").await);
        let enters = async || load_caller(app, id).await.unwrap().is_some();
        assert!(enters().await);
        change_account(app, "certified", AccountMeasure::Disable).await.unwrap();
        assert!(!enters().await);
        change_account(app, "Certified", AccountMeasure::Enable).await.unwrap();
        assert!(enters().await);
        change_account(app, "certified", AccountMeasure::Release).await.unwrap();
        assert!(!enters().await);
        let again = change_account(app, "certified", AccountMeasure::Enable).await;
        assert!(matches!(again, Err(AdminError::Status(StatusError::Final))), "a released account stays out");
        assert!(matches!(change_account(app, "nobody", AccountMeasure::Disable).await, Err(AdminError::Status(StatusError::NoAccount))));
    });

    demo_test!(a_merged_account_leaves_its_records_to_the_other_and_is_released, |demo| async move {
        let test = TestApp::new(demo).await;
        let app = &test.app;
        assert!(matches!(merge_accounts(app, "teacher", "teacher").await, Err(AdminError::SameAccount)));
        assert!(matches!(merge_accounts(app, "certified", "teacher").await, Err(AdminError::OpenMatters)));
        app.db.execute_raw("update matter set closed_at = updated_at where submitted_at is not null and closed_at is null").await;
        let certificates = async |name: &str| {
            let caller = load_caller(app, test.account(name).await).await.unwrap();
            own_certificates(app, &authorize(app, caller.as_ref(), Action::PersonalCentre).unwrap()).await.unwrap().len()
        };
        let held = certificates("certified").await;
        assert!(held > 0);
        let caller = load_caller(app, test.account("certified").await).await.unwrap();
        let who = authorize(app, caller.as_ref(), Action::Matter).unwrap();
        let draft = begin_draft(app, &who, &domain::kind::complaint::KIND, Uuid::now_v7()).await.unwrap();
        merge_accounts(app, "certified", "teacher").await.unwrap();
        let caller = load_caller(app, test.account("teacher").await).await.unwrap();
        let tasks = own_tasks(&mut app.db.read().await.unwrap(), &caller.unwrap()).await.unwrap();
        assert!(tasks.iter().any(|task| task.id == draft), "its draft awaits the other");
        assert_eq!(certificates("teacher").await, held);
        assert!(load_caller(app, test.account("certified").await).await.unwrap().is_none());
    });

    /// Merges an account that practises at the first institution since one day into one that practises at the second since another day,
    /// and checks that the person practises at `stays` only, with all certificates that can be used.
    async fn merge_practices(test: &TestApp, (first, second): (&str, &str), stays: &str) {
        let app = &test.app;
        app.db.execute_raw("update matter set closed_at = updated_at where submitted_at is not null and closed_at is null").await;
        app.db.execute_raw("delete from membership where role = 'practitioner'").await;
        let (source, target) = (test.account("certified").await, test.account("teacher").await);
        for (account, institution, since) in [(source, "inst-a", first), (target, "inst-b", second)] {
            let institution = test.sign_in(institution).await.caller().institutions[0].0;
            let since: chrono::NaiveDate = since.parse().unwrap();
            let begun = app.db.write(move |tx| {
                let (role, status) = (InstitutionRole::Practitioner, GrantStatus::Active);
                Box::pin(async move { db::institution::set_membership(tx, account, institution, role, status, since).await })
            });
            begun.await.unwrap();
        }
        merge_accounts(app, "certified", "teacher").await.unwrap();
        let memberships = db::institution::list_memberships(&mut app.db.read().await.unwrap(), target).await.unwrap();
        let (active, ended): (Vec<_>, Vec<_>) = memberships.iter().partition(|m| m.is_active_practice());
        let practice = test.sign_in(stays).await.caller().institutions[0].0;
        assert_eq!(active.iter().map(|m| m.institution_id).collect::<Vec<_>>(), [practice]);
        assert_eq!(ended.len(), 1, "the other is on record");
        let teacher = load_caller(app, target).await.unwrap();
        let held = own_certificates(app, &authorize(app, teacher.as_ref(), Action::PersonalCentre).unwrap()).await.unwrap();
        let mut usable = held.iter().filter(|c| c.row.superseded_by.is_none()).peekable();
        assert!(usable.peek().is_some() && usable.all(|c| c.row.institution_id == Some(practice)));
    }

    demo_test!(a_merged_account_leaves_its_practice_to_the_other_if_it_began_later, |demo| async move {
        merge_practices(&TestApp::new(demo).await, ("2021-03-01", "2020-03-01"), "inst-a").await;
    });

    demo_test!(an_account_that_takes_another_in_keeps_its_practice_if_it_began_later, |demo| async move {
        merge_practices(&TestApp::new(demo).await, ("2020-03-01", "2021-03-01"), "inst-b").await;
    });
}
