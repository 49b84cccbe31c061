//! Demo matters at several stages, made with the same commands as by users.

use chrono::TimeDelta;
use domain::engine::flow::Command;
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::demo::actions::{accept_voucher, decide, pay, sign_in};
use crate::demo::application::{Application, EDUCATION, QMS, TRAINING, WORK, audits, complete, draft, professional, record};
use crate::demo::error::DemoError;
use crate::demo::identity::{NewIdentity, complete_identity_change, identity_change};
use crate::infra::clock::Clock;
use crate::infra::db::account::AccountRow;
use crate::infra::db::institution::InstitutionRow;
use crate::record::certificate::own_certificates;
use crate::record::certificate::renewal::backdate_certificate;
use crate::state::AppState;
use crate::workflow::execute::{CommandRequest, execute};
use crate::workflow::library::save_record;

/// A synthetic ID number that no demo account has.
const NEW_NUMBER: &str = "110101198501010201";

/// Creates demo matters at several stages.
pub(super) async fn create_cases(app: &AppState, accounts: &[AccountRow], institutions: &[InstitutionRow]) -> Result<(), DemoError> {
    let People { applicant, certified, institution, officer, finance, .. } = sign_in_people(app, accounts).await?;
    let body = institutions.first().map(|i| i.id.to_string()).unwrap_or_default();
    history(app, accounts, &body).await?;

    for (list, pairs) in [("education", EDUCATION), ("work", WORK), ("training", TRAINING)] {
        save_record(app, &applicant, list, &record(pairs)).await?;
    }
    for (list, pairs) in [("education", EDUCATION), ("work", WORK)] {
        save_record(app, &certified, list, &record(pairs)).await?;
    }
    save_record(app, &certified, "professional", &professional(&QMS)).await?;
    for audit in audits(&QMS) {
        save_record(app, &certified, "audit", &audit).await?;
    }
    draft(app, &applicant, Application::trainee("EMS"), &body).await?;
    let waiting = complete(app, &applicant, Application::trainee("QMS"), &body).await?;
    decide(app, &applicant, waiting, "submit", "").await?;

    grant_registration(app, accounts, Application::trainee("QMS"), &body).await?;
    backdate_registration(app, accounts, "QMS").await?;

    let accepted = complete(app, &certified, Application::trainee("OHSMS"), &body).await?;
    decide(app, &certified, accepted, "submit", "").await?;
    decide(app, &institution, accepted, "pass", "").await?;
    pay(app, &certified, accepted).await?;
    accept_voucher(app, &finance, accepted).await?;

    let billed = complete(app, &certified, Application { payer: "institution", ..Application::trainee("EMS") }, &body).await?;
    decide(app, &certified, billed, "submit", "").await?;
    decide(app, &institution, billed, "pass", "").await?;

    let unchecked = complete(app, &certified, Application::trainee("IPMS"), &body).await?;
    decide(app, &certified, unchecked, "submit", "").await?;
    decide(app, &institution, unchecked, "pass", "").await?;
    pay(app, &certified, unchecked).await?;

    let returned = complete(app, &certified, Application::trainee("ISMS"), &body).await?;
    decide(app, &certified, returned, "submit", "").await?;
    decide(app, &institution, returned, "return", "学历证书扫描件不清晰，请重新上传原件的彩色扫描件。").await?;

    let evaluated = complete(app, &certified, Application::trainee("FSMS"), &body).await?;
    decide(app, &certified, evaluated, "submit", "").await?;
    decide(app, &institution, evaluated, "pass", "").await?;
    pay(app, &certified, evaluated).await?;
    accept_voucher(app, &finance, evaluated).await?;
    decide(app, &officer, evaluated, "accept", "").await?;
    let experts = ["expert1", "expert2"].iter().filter_map(|name| accounts.iter().find(|p| p.name == *name)).map(|p| p.id).collect();
    let assign = Command { name: "assign".into(), assignees: experts, ..Command::default() };
    execute(app, &officer, CommandRequest { key: Uuid::now_v7(), matter: evaluated, seen: None, command: assign }).await?;

    let full = complete(app, &certified, Application { kind: "upgrade", grade: "full", ..Application::trainee("QMS") }, &body).await?;
    decide(app, &certified, full, "submit", "").await?;
    identity_changes(app, accounts, &officer).await?;
    Ok(())
}

/// Creates two changes of identity: of a name, which waits for the officer, and of a document, which waits for the approver.
async fn identity_changes(app: &AppState, accounts: &[AccountRow], officer: &Allowed) -> Result<(), DemoError> {
    let Some(kind) = identity_change() else { return Ok(()) };
    let teacher = sign_in(app, accounts, "teacher").await?;
    let renamed = NewIdentity { name: Some("高致远"), document: None };
    let waiting = complete_identity_change(app, &teacher, kind, "renamed", renamed).await?;
    decide(app, &teacher, waiting, "submit", "").await?;
    let expert = sign_in(app, accounts, "expert4").await?;
    let corrected = NewIdentity { name: None, document: Some(("resident_id", NEW_NUMBER)) };
    let proposed = complete_identity_change(app, &expert, kind, "misrecorded", corrected).await?;
    decide(app, &expert, proposed, "submit", "").await?;
    decide(app, officer, proposed, "propose", "证件清晰，与填写的号码一致。").await?;
    Ok(())
}

/// Creates a published certificate and the higher grade that superseded it.
async fn history(app: &AppState, accounts: &[AccountRow], institution: &str) -> Result<(), DemoError> {
    for (days, application) in
        [(21, Application::trainee("ENMS")), (14, Application { kind: "upgrade", grade: "full", ..Application::trainee("ENMS") })]
    {
        let mut then = app.clone();
        then.clock = Clock::fixed(app.now() - TimeDelta::days(days));
        grant_registration(&then, accounts, application, institution).await?;
        if application.grade == "trainee" {
            backdate_registration(app, accounts, application.domain).await?;
        }
    }
    // Backdate by a year, so that the certificate is due for confirmation.
    for certificate in own_certificates(app, &sign_in(app, accounts, "certified").await?).await? {
        backdate_certificate(app, &certificate.row.number, 331).await?;
    }
    Ok(())
}

/// Backdates a registration of `certified` before the audits of the demo, which count from the registration as trainee on.
async fn backdate_registration(app: &AppState, accounts: &[AccountRow], domain: &str) -> Result<(), DemoError> {
    for certificate in own_certificates(app, &sign_in(app, accounts, "certified").await?).await? {
        if certificate.row.domain == domain {
            backdate_certificate(app, &certificate.row.number, 260).await?;
        }
    }
    Ok(())
}

/// Takes an application of `certified` from the draft to the certificate.
async fn grant_registration(app: &AppState, accounts: &[AccountRow], application: Application, institution: &str) -> Result<(), DemoError> {
    let people = sign_in_people(app, accounts).await?;
    let id = complete(app, &people.certified, application, institution).await?;
    let reviewers =
        Reviewers { institution: people.institution, officer: people.officer, approver: people.approver, finance: people.finance };
    grant(app, &people.certified, id, &reviewers).await
}

/// Who takes a registration from its submission to the certificate.
pub(crate) struct Reviewers {
    pub institution: Allowed,
    pub officer: Allowed,
    pub approver: Allowed,
    pub finance: Allowed,
}

/// Submits a complete application for registration, and takes it to the certificate.
pub(crate) async fn grant(app: &AppState, holder: &Allowed, id: Uuid, by: &Reviewers) -> Result<(), DemoError> {
    decide(app, holder, id, "submit", "").await?;
    decide(app, &by.institution, id, "pass", "材料齐全，情况属实。").await?;
    pay(app, holder, id).await?;
    accept_voucher(app, &by.finance, id).await?;
    decide(app, &by.officer, id, "accept", "").await?;
    decide(app, &by.officer, id, "waive", "材料完整，无需专家评价。").await?;
    decide(app, &by.officer, id, "propose", "").await?;
    decide(app, &by.approver, id, "approve", "").await?;
    Ok(())
}

/// The people of the demo who act.
struct People {
    applicant: Allowed,
    certified: Allowed,
    institution: Allowed,
    officer: Allowed,
    approver: Allowed,
    finance: Allowed,
}

async fn sign_in_people(app: &AppState, accounts: &[AccountRow]) -> Result<People, DemoError> {
    Ok(People {
        applicant: sign_in(app, accounts, "applicant").await?,
        certified: sign_in(app, accounts, "certified").await?,
        institution: sign_in(app, accounts, "inst-a").await?,
        officer: sign_in(app, accounts, "officer").await?,
        approver: sign_in(app, accounts, "admin").await?,
        finance: sign_in(app, accounts, "finance").await?,
    })
}
