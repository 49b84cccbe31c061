//! What is done from the command line by who has the machine: `registrar admin …`.

use backend::AppState;
use backend::access::account::admin::AdminError;
use backend::infra::clock::Clock;
use backend::infra::db::Db;
use domain::base::permission::{Role, Standing};
use futures::future::BoxFuture;

use crate::config::{Config, Refused};

/// A command under way.
pub type Running = BoxFuture<'static, Result<(), Refused>>;

/// One command.
#[derive(Debug)]
pub struct Command {
    /// The word after `admin`.
    pub name: &'static str,
    /// What comes after it, for the help.
    pub arguments: &'static str,
    /// What it does, for the help.
    pub help: &'static str,
    /// Does it, on a database that is up to date.
    pub run: fn(Config, Db, Vec<String>) -> Running,
}

impl PartialEq for Command {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Command {}

/// All of them.
pub const COMMANDS: &[Command] = &[
    Command {
        name: "grant",
        arguments: "ACCOUNT ROLE",
        help: "grants a role: officer, approver, finance, examiner, admin, expert, teacher",
        run: |config, db, arguments| Box::pin(role(config, db, arguments, Standing::Active)),
    },
    Command {
        name: "revoke",
        arguments: "ACCOUNT ROLE",
        help: "ends a role",
        run: |config, db, arguments| Box::pin(role(config, db, arguments, Standing::Ended)),
    },
    Command {
        name: "competence",
        arguments: "ACCOUNT DOMAIN",
        help: "notes that an expert is competent in a certification domain, as QMS",
        run: |config, db, arguments| Box::pin(competence(config, db, arguments)),
    },
    Command {
        name: "institution",
        arguments: "NAME CREDIT_CODE APPROVAL_NO",
        help: "adds a certification body",
        run: |config, db, arguments| Box::pin(institution(config, db, arguments)),
    },
    Command {
        name: "desk",
        arguments: "ACCOUNT CREDIT_CODE",
        help: "lets an account act for an institution",
        run: |config, db, arguments| Box::pin(desk(config, db, arguments, Standing::Active)),
    },
    Command {
        name: "leave-desk",
        arguments: "ACCOUNT CREDIT_CODE",
        help: "ends that",
        run: |config, db, arguments| Box::pin(desk(config, db, arguments, Standing::Ended)),
    },
    Command {
        name: "score",
        arguments: "ACCOUNT SUBJECT DAY SCORE",
        help: "records an exam score, or corrects it: GEN, MSB, QMS …, 2026-04-25, 85",
        run: |config, db, arguments| Box::pin(score(config, db, arguments)),
    },
];

async fn app(config: &Config, db: Db) -> Result<AppState, Refused> {
    AppState::open(db, &config.data_dir, Clock::system(), config.demo)
        .await
        .map_err(|e| Refused(format!("The data folder cannot be used: {e}.")))
}

fn refused(error: AdminError) -> Refused {
    Refused(format!("Nothing was done: {error}."))
}

async fn role(config: Config, db: Db, arguments: Vec<String>, standing: Standing) -> Result<(), Refused> {
    let [account, role] = arguments.as_slice() else {
        return Err(Refused("An account and a role are needed.".into()));
    };
    let role = Role::from_code(role).ok_or_else(|| Refused(format!("There is no role {role}.")))?;
    backend::access::account::admin::set_role(&app(&config, db).await?, account, role, standing).await.map_err(refused)
}

async fn competence(config: Config, db: Db, arguments: Vec<String>) -> Result<(), Refused> {
    let [account, domain] = arguments.as_slice() else {
        return Err(Refused("An account and a domain are needed.".into()));
    };
    backend::record::expert::add_expert_domain(&app(&config, db).await?, account, domain).await.map_err(refused)
}

async fn institution(config: Config, db: Db, arguments: Vec<String>) -> Result<(), Refused> {
    let [name, code, approval] = arguments.as_slice() else {
        return Err(Refused("A name, a credit code and an approval number are needed.".into()));
    };
    let app = app(&config, db).await?;
    backend::access::account::admin::add_institution(&app, name, code, approval).await.map_err(refused)?;
    Ok(())
}

async fn desk(config: Config, db: Db, arguments: Vec<String>, standing: Standing) -> Result<(), Refused> {
    let [account, code] = arguments.as_slice() else {
        return Err(Refused("An account and a credit code are needed.".into()));
    };
    backend::access::account::admin::set_desk(&app(&config, db).await?, account, code, standing).await.map_err(refused)
}

async fn score(config: Config, db: Db, arguments: Vec<String>) -> Result<(), Refused> {
    let [account, subject, day, marks] = arguments.as_slice() else {
        return Err(Refused("An account, a subject, a day and a score are needed.".into()));
    };
    let recorded = backend::record::exam::record_scores(&app(&config, db).await?, account, &[subject], day, marks).await;
    recorded.map_err(|error| Refused(format!("Nothing was done: {error}.")))
}

/// The one of this name.
pub fn find(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|c| c.name == name)
}

/// Runs one on the database of these settings.
pub async fn run(config: Config, command: &'static Command, arguments: Vec<String>) -> Result<(), Refused> {
    config.prepare_data_dir()?;
    let db = crate::serve::open(&config).await?;
    let done = (command.run)(config, db.clone(), arguments).await;
    db.close().await;
    done
}
