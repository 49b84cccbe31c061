//! What is done from the command line by who has the machine: `registrar admin …`.

use backend::db::Db;
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
pub const COMMANDS: &[Command] = &[];

/// The one of this name.
pub fn find(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|c| c.name == name)
}

/// Runs one on the database of these settings.
pub async fn run(
    config: Config,
    command: &'static Command,
    arguments: Vec<String>,
) -> Result<(), Refused> {
    config.prepare_data_dir()?;
    let db = crate::serve::open(&config).await?;
    let done = (command.run)(config, db.clone(), arguments).await;
    db.close().await;
    done
}
