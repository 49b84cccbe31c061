//! The command line.

use std::process::ExitCode;

use crate::admin;
use crate::config::{Config, Refused};
use crate::serve;

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Serve the site.
    Serve {
        /// With demo data, on this machine only.
        demo: bool,
    },
    /// Bring the database up to date.
    Migrate,
    /// One of [`admin::COMMANDS`], and its arguments.
    Admin(&'static admin::Command, Vec<String>),
    /// Say what there is to ask for.
    Help,
    /// Say which release this is.
    Version,
}

const USAGE: &[(&str, &str)] = &[
    ("serve", "serves the site"),
    ("serve --demo, demo", "the same with demo data, on this machine only"),
    ("migrate", "brings the database up to date; needed after every new release"),
    ("--help", "says this"),
    ("--version", "says which release this is"),
];

/// Reads the arguments; an error is one sentence for the person who typed them.
pub fn parse(args: impl IntoIterator<Item = String>) -> Result<Command, String> {
    let args: Vec<String> = args.into_iter().collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["serve"] => Ok(Command::Serve { demo: false }),
        ["serve", "--demo"] | ["demo"] => Ok(Command::Serve { demo: true }),
        ["migrate"] => Ok(Command::Migrate),
        ["admin", name, rest @ ..] => match admin::find(name) {
            Some(command) => Ok(Command::Admin(command, rest.iter().map(|s| (*s).to_owned()).collect())),
            None => Err(format!("There is no command `admin {name}`.")),
        },
        ["admin"] => Err("`admin` needs a command after it.".to_owned()),
        ["--help" | "-h" | "help"] => Ok(Command::Help),
        ["--version" | "-V" | "version"] => Ok(Command::Version),
        [] => Err("A command is missing.".to_owned()),
        [known @ ("serve" | "demo" | "migrate"), more, ..] => Err(format!("`{known}` does not know `{more}`.")),
        [unknown, ..] => Err(format!("There is no command `{unknown}`.")),
    }
}

/// Everything there is to ask for, one command a line.
pub fn help() -> String {
    let mut text = String::from("Registrar 认证人员综合服务平台\n\nregistrar COMMAND\n\n");
    let mut line = |what: &str, help: &str| text.push_str(&format!("  {what:<24} {help}\n"));
    for (what, help) in USAGE {
        line(what, help);
    }
    for command in admin::COMMANDS {
        line(&format!("admin {} {}", command.name, command.arguments), command.help);
    }
    text.push_str("\nSettings are read from registrar.toml and from the environment; see registrar.example.toml.\n");
    text
}

/// Does what the arguments ask for: 0 when it went well, 1 when it did not, 2 when the arguments were not understood.
pub fn main(args: impl IntoIterator<Item = String>) -> ExitCode {
    let command = match parse(args) {
        Ok(command) => command,
        Err(sentence) => {
            eprintln!("{sentence} `registrar --help` lists what there is.");
            return ExitCode::from(2);
        }
    };
    let done = match command {
        Command::Help => {
            print!("{}", help());
            Ok(())
        }
        Command::Version => {
            println!("registrar {}", env!("CARGO_PKG_VERSION"));
            Ok(())
        }
        Command::Serve { demo } => in_runtime(demo, serve::serve),
        Command::Migrate => in_runtime(false, serve::migrate),
        Command::Admin(command, rest) => in_runtime(false, move |config| admin::run(config, command, rest)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(refused) => {
            eprintln!("{refused}");
            ExitCode::FAILURE
        }
    }
}

fn in_runtime<F>(demo: bool, work: impl FnOnce(Config) -> F) -> Result<(), Refused>
where
    F: Future<Output = Result<(), Refused>>,
{
    let config = Config::load(demo)?;
    tokio::runtime::Runtime::new().map_err(|e| Refused(format!("The runtime did not start: {e}.")))?.block_on(work(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn the_commands_are_understood() {
        for (line, command) in [
            ("serve", Command::Serve { demo: false }),
            ("serve --demo", Command::Serve { demo: true }),
            ("demo", Command::Serve { demo: true }),
            ("migrate", Command::Migrate),
            ("--help", Command::Help),
            ("-h", Command::Help),
            ("--version", Command::Version),
        ] {
            assert_eq!(words(line), Ok(command), "{line}");
        }
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (line, named) in [
            ("", "missing"),
            ("server", "`server`"),
            ("serve --demon", "`--demon`"),
            ("migrate now", "`now`"),
            ("admin", "needs a command"),
            ("admin nonsense", "`admin nonsense`"),
        ] {
            let sentence = words(line).unwrap_err();
            assert!(sentence.contains(named), "{line}: {sentence}");
        }
    }

    #[test]
    fn help_names_every_command() {
        let help = help();
        assert!(USAGE.iter().all(|(what, _)| help.contains(what)));
        assert!(admin::COMMANDS.iter().all(|c| help.contains(c.name)));
    }
}
