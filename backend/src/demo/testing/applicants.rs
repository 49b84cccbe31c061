//! Accounts with a complete application each, for tests that submit and pay many at once.

use domain::base::identity::Sex;
use uuid::Uuid;

use crate::access::account::Person;
use crate::access::account::signup::new_account_row;
use crate::access::guard::Allowed;
use crate::demo::accounts::PASSWORD;
use crate::demo::actions::sign_in;
use crate::demo::application::{Application, complete};
use crate::demo::error::DemoError;
use crate::infra::db;
use crate::record::exam::{Recorder, record_scores};
use crate::state::AppState;

/// A draft that can be submitted.
#[derive(Debug, Clone)]
pub struct ReadyDraft {
    /// Name of its account, with the password of the demo.
    pub account: String,
    /// Its matter.
    pub matter: Uuid,
}

/// Creates accounts, each with a complete application to the first institution of the demo.
pub async fn create_applicants(app: &AppState, count: usize) -> Result<Vec<ReadyDraft>, DemoError> {
    let hash = app.password_hasher.hash("demo", PASSWORD.to_owned()).await?;
    let mut drafts = Vec::new();
    let body = first_institution(app).await?;
    for index in 0..count {
        let name = format!("applicant-{index}");
        let who = create_account(app, &name, &person(&name, index), &["GEN", "EMS"], hash.clone()).await?;
        let matter = complete(app, &who, Application::trainee("EMS"), &body).await?;
        drafts.push(ReadyDraft { account: name, matter });
    }
    Ok(drafts)
}

/// Id of the first institution of the demo.
pub(crate) async fn first_institution(app: &AppState) -> Result<String, DemoError> {
    let mut tx = app.db.read().await?;
    Ok(db::institution::by_credit_code(&mut tx, "91310115MA1K000016").await?.map(|i| i.id.to_string()).unwrap_or_default())
}

/// Creates an account with scores in these subjects, and signs it in.
pub(crate) async fn create_account(
    app: &AppState,
    name: &str,
    person: &Person,
    subjects: &[&str],
    password_hash: String,
) -> Result<Allowed, DemoError> {
    let row = new_account_row(app, name, person, password_hash, true);
    let inserted = row.clone();
    app.db.write(move |tx| Box::pin(async move { db::account::insert(tx, &inserted).await })).await?;
    record_scores(app, name, subjects, (&app.today().to_string(), "80"), Recorder::default()).await?;
    sign_in(app, &[row], name).await
}

fn person(account: &str, index: usize) -> Person {
    Person {
        name: "张伟".into(),
        document_type: "passport".into(),
        document_number: format!("E{:08}", 10_000_000 + index),
        sex: Sex::Male,
        birth_date: "1990-03-07".parse().unwrap_or_default(),
        mobile: format!("139{index:08}"),
        email: format!("{account}@example.com"),
    }
}
