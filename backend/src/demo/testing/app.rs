//! The application on demo data, as tests of every module use it.

use domain::base::permission::Action;
use domain::base::rule::{RuleKey, RuleRow};
use domain::engine::flow::Command;
use uuid::Uuid;

use crate::access::guard::{Allowed, authorize, load_caller};
use crate::demo::testing::server::DemoServer;
use crate::infra::db;
use crate::matter::MatterError;
use crate::service::own_matters::{OwnFilter, list_own};
use crate::state::AppState;
use crate::workflow::execute::{CommandOutcome, CommandRequest, execute};

/// The application of one test.
pub struct TestApp {
    /// The application.
    pub app: AppState,
    /// Its database, clock and data folder.
    pub demo: DemoServer,
}

impl TestApp {
    /// Opens the application on a test's demo data.
    pub async fn new(demo: DemoServer) -> Self {
        Self { app: demo.app().await, demo }
    }

    /// Id of a demo account.
    pub async fn account(&self, name: &str) -> Uuid {
        let mut tx = self.app.db.read().await.unwrap();
        db::account::by_name(&mut tx, name).await.unwrap().unwrap().id
    }

    /// A demo account, signed in.
    pub async fn sign_in(&self, name: &str) -> Allowed {
        let caller = load_caller(&self.app, self.account(name).await).await.unwrap();
        authorize(&self.app, caller.as_ref(), Action::Matter).unwrap()
    }

    /// An account's matter whose title begins with this text.
    pub async fn matter(&self, who: &Allowed, title: &str) -> Uuid {
        let page = list_own(&self.app, who, OwnFilter::default(), None).await.unwrap();
        page.matters.iter().find(|m| m.title.starts_with(title)).unwrap().id
    }

    /// Sets a rule from today on; one set today already stays.
    pub async fn set_rule(&self, key: RuleKey, value: &str) {
        let rule = RuleRow { key: key.name.to_owned(), value: value.to_owned(), effective_from: self.app.today() };
        self.app.db.write(move |tx| Box::pin(async move { db::rule::insert_rule(tx, &rule).await })).await.unwrap();
        self.app.reload_tables().await.unwrap();
    }

    /// Executes a command with a note.
    pub async fn execute(&self, who: &Allowed, matter: Uuid, name: &str) -> Result<CommandOutcome, MatterError> {
        self.execute_with_key(who, matter, name, Uuid::now_v7()).await
    }

    /// Executes a command with a note, under an idempotency key.
    pub async fn execute_with_key(&self, who: &Allowed, matter: Uuid, name: &str, key: Uuid) -> Result<CommandOutcome, MatterError> {
        let command = Command { name: name.into(), note: "意见".into(), ..Command::default() };
        execute(&self.app, who, CommandRequest { key, matter, seen: None, command }).await
    }

    /// Submits a revision under an idempotency key.
    pub async fn submit(&self, who: &Allowed, matter: Uuid, revision: i64, key: Uuid) -> Result<CommandOutcome, MatterError> {
        let command = Command { name: "submit".into(), revision: Some(revision), ..Command::default() };
        execute(&self.app, who, CommandRequest { key, matter, seen: None, command }).await
    }
}
