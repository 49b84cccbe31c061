//! The command line.

use std::error::Error as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser, Subcommand};

use crate::admin::{self, AdminCommand};
use crate::config::{Config, StartupError};
use crate::operation::{self, AuditCommand, ClockCommand, KeysCommand};
use crate::serve;

/// Registrar 认证人员综合服务平台
#[derive(Debug, Parser)]
#[command(
    name = "registrar",
    version,
    flatten_help = true,
    after_help = "Settings are read from registrar.toml and from the environment; see registrar.example.toml."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// The commands of the binary.
#[derive(Debug, PartialEq, Eq, Subcommand)]
enum Command {
    /// Serve the site; `serve --demo` or `demo`: with demo data, on this machine only
    Serve {
        /// Serve demo data, on this machine only
        #[arg(long)]
        demo: bool,
        /// Believe the clock of the machine, although it differs much from the last time in the database
        #[arg(long)]
        accept_clock: bool,
    },
    /// The same as `serve --demo`
    #[command(hide = true)]
    Demo,
    /// Bring the database up to date; needed after every new release
    Migrate,
    /// Print the release
    #[command(hide = true)]
    Version,
    /// Write a backup into a new or empty folder, while the servers run
    Backup {
        /// The folder
        folder: PathBuf,
        /// Also copy the keys. Together they disclose all personal data
        #[arg(long)]
        with_keys: bool,
    },
    /// Restore a backup into the empty data folder and database of the settings
    Restore {
        /// The folder of the backup
        folder: PathBuf,
    },
    /// Create, list and rotate the keys
    #[command(subcommand, flatten_help = true)]
    Keys(KeysCommand),
    /// What ends by the clock of the machine
    #[command(subcommand, flatten_help = true)]
    Clock(ClockCommand),
    /// Verify the audit trail
    #[command(subcommand, flatten_help = true)]
    Audit(AuditCommand),
    /// Administration on the machine of the server
    #[command(subcommand, flatten_help = true)]
    Admin(AdminCommand),
}

/// An error of the arguments: its sentence and the exit code.
#[derive(Debug, PartialEq, Eq)]
struct UsageError {
    sentence: String,
    exit_code: u8,
}

/// Runs the command of the arguments. Exit codes: 0 success, 1 failure, 2 arguments that were not understood.
pub fn main(args: impl IntoIterator<Item = String>) -> ExitCode {
    let args = std::iter::once("registrar".to_owned()).chain(args);
    let command = match Cli::try_parse_from(args) {
        Ok(cli) => cli.command,
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            print!("{error}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            let UsageError { sentence, exit_code } = usage_error(&error);
            eprintln!("{sentence} `registrar --help` lists all commands.");
            return ExitCode::from(exit_code);
        }
    };
    let result = match command {
        Command::Version => {
            print!("{}", Cli::command().render_version());
            Ok(())
        }
        Command::Serve { demo, accept_clock } => run(demo, move |config| serve::serve(config, accept_clock)),
        Command::Demo => run(true, |config| serve::serve(config, false)),
        Command::Migrate => run(false, serve::migrate),
        Command::Backup { folder, with_keys } => run(false, move |config| operation::backup(config, folder, with_keys)),
        Command::Restore { folder } => run(false, move |config| operation::restore(config, folder)),
        Command::Keys(command) => run(false, move |config| operation::keys(config, command)),
        Command::Clock(ClockCommand::Accept) => run(false, operation::accept_clock),
        Command::Audit(command) => run(false, move |config| operation::audit(config, command)),
        Command::Admin(command) => run(false, move |config| admin::run(config, command)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Reads the settings and runs `command` in a runtime.
fn run<F>(demo: bool, command: impl FnOnce(Config) -> F) -> Result<(), StartupError>
where
    F: Future<Output = Result<(), StartupError>>,
{
    let config = Config::load(demo)?;
    tokio::runtime::Runtime::new().map_err(|e| StartupError(format!("The runtime did not start: {e}.")))?.block_on(command(config))
}

/// One sentence for an error of the parser. A value that is missing or wrong fails with 1, as an administration command always did.
fn usage_error(error: &clap::Error) -> UsageError {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(" "),
        _ => String::new(),
    };
    let fault = |exit_code, sentence| UsageError { sentence, exit_code };
    match error.kind() {
        ErrorKind::InvalidSubcommand => fault(2, format!("There is no command `{}`.", text(ContextKind::InvalidSubcommand))),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => fault(2, "A command is missing.".to_owned()),
        ErrorKind::UnknownArgument => fault(2, format!("There is no argument `{}` here.", text(ContextKind::InvalidArg))),
        ErrorKind::MissingRequiredArgument => fault(1, format!("These arguments are needed: {}.", text(ContextKind::InvalidArg))),
        ErrorKind::ValueValidation => {
            let reason = error.source().map_or_else(|| text(ContextKind::InvalidValue), ToString::to_string);
            fault(1, format!("{}: {reason}.", text(ContextKind::InvalidArg)))
        }
        _ => fault(2, "The arguments were not understood.".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Command, clap::Error> {
        Cli::try_parse_from(std::iter::once("registrar").chain(line.split_whitespace())).map(|cli| cli.command)
    }

    #[test]
    fn the_commands_are_understood() {
        for (line, command) in [
            ("serve", Command::Serve { demo: false, accept_clock: false }),
            ("serve --demo", Command::Serve { demo: true, accept_clock: false }),
            ("serve --accept-clock", Command::Serve { demo: false, accept_clock: true }),
            ("demo", Command::Demo),
            ("migrate", Command::Migrate),
            ("backup b", Command::Backup { folder: "b".into(), with_keys: false }),
            ("restore b", Command::Restore { folder: "b".into() }),
            ("keys create", Command::Keys(KeysCommand::Create { abandon_sealed_data: false })),
            ("keys rotate", Command::Keys(KeysCommand::Rotate { fingerprints: false })),
            ("keys rotate --fingerprints", Command::Keys(KeysCommand::Rotate { fingerprints: true })),
            ("audit verify", Command::Audit(AuditCommand::Verify { head: None })),
            ("version", Command::Version),
        ] {
            assert_eq!(parse(line).unwrap(), command, "{line}");
        }
        for (line, kind) in [
            ("--help", ErrorKind::DisplayHelp),
            ("-h", ErrorKind::DisplayHelp),
            ("help", ErrorKind::DisplayHelp),
            ("--version", ErrorKind::DisplayVersion),
            ("-V", ErrorKind::DisplayVersion),
        ] {
            assert_eq!(parse(line).unwrap_err().kind(), kind, "{line}");
        }
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (line, named, exit_code) in [
            ("", "missing", 2),
            ("server", "`server`", 2),
            ("serve --demon", "`--demon`", 2),
            ("migrate now", "`now`", 2),
            ("admin", "missing", 2),
            ("admin nonsense", "`nonsense`", 2),
            ("admin grant somebody", "<ROLE>", 1),
            ("admin grant somebody emperor", "There is no role emperor", 1),
        ] {
            let error = usage_error(&parse(line).unwrap_err());
            assert!(error.sentence.contains(named), "{line}: {error:?}");
            assert_eq!(error.exit_code, exit_code, "{line}");
        }
    }

    #[test]
    fn help_names_every_command() {
        let help = Cli::command().render_help().to_string();
        for command in [
            "serve --demo",
            "migrate",
            "backup",
            "restore",
            "keys rotate",
            "keys status",
            "audit verify",
            "admin grant",
            "admin score",
            "admin leave-desk",
        ] {
            assert!(help.contains(command), "{command}: {help}");
        }
    }

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }
}
