//! Keys, backup, restore and audit trail, from the command line of the server's machine.

use std::path::{Path, PathBuf};

use backend::AppState;
use backend::access::access_log::{AccessSubject, list_accesses};
use backend::infra::clock::Clock;
use backend::infra::keyring;
use backend::infra::secret::KeyError;
use backend::record::audit::{AuditHead, verify_audit_chain};
use backend::service::backup::{BackupRequest, Manifest, RestoreRequest, create_backup, restore_backup};
use backend::service::refingerprint::refingerprint_all;
use backend::service::reseal::{key_usage, reseal_all};
use clap::Subcommand;
use uuid::Uuid;

use crate::config::{Config, StartupError};
use crate::serve;

/// The commands for keys.
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub enum KeysCommand {
    /// Create the key file of an empty database; serving an empty database does the same
    Create {
        /// Also when the database holds data whose keys are lost: that data stays unreadable for ever
        #[arg(long)]
        abandon_sealed_data: bool,
    },
    /// Add a new sealing key and seal all data with it. Running servers find it; the old keys stay in the file
    Rotate {
        /// Add a new key for the fingerprints of identities instead, and compute them anew
        #[arg(long)]
        fingerprints: bool,
    },
    /// Go on with a rotation that was cut off: seal everything with the newest key, and compute fingerprints with it
    Reseal,
    /// List the keys, and how much is sealed with each
    Status,
}

/// The commands for the clock.
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub enum ClockCommand {
    /// Say that the clock of this machine is right: running servers let things expire again
    Accept,
}

/// The commands for the audit trail.
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub enum AuditCommand {
    /// Verify the audit trail: every entry, and that it still contains a head that was noted earlier
    Verify {
        /// A head that was noted or logged earlier, as NUMBER:HASH
        #[arg(long, value_parser = parse_head)]
        head: Option<AuditHead>,
    },
    /// List who opened, printed or downloaded what, and who was refused: of a matter, or of an account with its attempts to sign in
    Accesses {
        /// Id of the matter
        #[arg(long, required_unless_present = "account", conflicts_with = "account")]
        matter: Option<Uuid>,
        /// Name of the account
        #[arg(long)]
        account: Option<String>,
    },
}

fn parse_head(text: &str) -> Result<AuditHead, String> {
    let parsed = text.split_once(':').and_then(|(seq, hash)| {
        let bytes = (0..hash.len()).step_by(2).map(|at| u8::from_str_radix(hash.get(at..at + 2)?, 16).ok());
        Some(AuditHead { seq: seq.parse().ok()?, hash: bytes.collect::<Option<Vec<u8>>>()? })
    });
    parsed.ok_or_else(|| "This is not NUMBER:HASH".to_owned())
}

/// Runs a command for keys.
///
/// # Errors
/// A database that cannot be used, or keys that are not its own.
pub async fn keys(config: Config, command: KeysCommand) -> Result<(), StartupError> {
    config.prepare_data_dir()?;
    let db = serve::open(&config).await?;
    let path = keyring::key_path(&config.data_dir);
    let now = Clock::system().now();
    let result = match command {
        KeysCommand::Create { abandon_sealed_data } => {
            let created = if abandon_sealed_data {
                keyring::replace_lost(&db, &path, now).await
            } else if path.exists() {
                Err(keyring::KeyringError::File { path: path.clone(), error: KeyError::Exists })
            } else {
                keyring::create(&db, &path, now).await
            };
            created.map(|keys| println!("{}: key {} seals.", path.display(), keys.sealing_id())).map_err(nothing_done)
        }
        KeysCommand::Rotate { fingerprints } => match serve::open_state(&config, &db).await {
            Ok(app) => rotate(&app, &path, fingerprints).await,
            Err(error) => Err(error),
        },
        KeysCommand::Reseal => match serve::open_state(&config, &db).await {
            Ok(app) => reseal(&app).await,
            Err(error) => Err(error),
        },
        KeysCommand::Status => match serve::open_state(&config, &db).await {
            Ok(app) => print_status(&app).await,
            Err(error) => Err(error),
        },
    };
    db.close().await;
    result
}

async fn rotate(app: &AppState, path: &Path, fingerprints: bool) -> Result<(), StartupError> {
    let added = if fingerprints { app.keys.add_fingerprint_key() } else { app.keys.add_sealing_key() };
    let (id, use_) = (added.map_err(nothing_done)?, if fingerprints { "makes fingerprints" } else { "seals" });
    keyring::record(&app.db, &app.keys, path, app.now()).await.map_err(nothing_done)?;
    println!("{}: key {id} {use_} from now on.", path.display());
    reseal(app).await
}

async fn reseal(app: &AppState) -> Result<(), StartupError> {
    let done = reseal_all(app)
        .await
        .map_err(|e| StartupError(format!("The data was not sealed anew: {e}. Go on with `registrar keys reseal`.")))?;
    println!("{} values and {} files were sealed with key {}.", done.values, done.files, app.keys.sealing_id());
    let fingerprinted = refingerprint_all(app)
        .await
        .map_err(|e| StartupError(format!("Not all fingerprints were computed anew: {e}. Go on with `registrar keys reseal`.")))?;
    println!("The fingerprints of {} accounts were computed anew.", fingerprinted.accounts);
    let unreadable = done.unreadable + fingerprinted.unreadable;
    if unreadable == 0 {
        return Ok(());
    }
    Err(StartupError(format!("{unreadable} values or files cannot be read with any of the keys, and were left as they are.")))
}

async fn print_status(app: &AppState) -> Result<(), StartupError> {
    let usage = key_usage(app).await.map_err(nothing_done)?;
    let newest = app.keys.sealing_id();
    for id in app.keys.sealing_ids() {
        let note = if id == newest { ", seals" } else { "" };
        println!("seal {id}: {} values and files{note}", usage.get(&id).copied().unwrap_or(0));
    }
    for id in app.keys.fingerprint_ids() {
        println!("print {id}");
    }
    for (id, _) in app.keys.public_keys() {
        println!("sign {id}");
    }
    Ok(())
}

/// Writes a backup.
///
/// # Errors
/// A database that cannot be used, or a folder that is not empty.
pub async fn backup(config: Config, to: PathBuf, with_keys: bool) -> Result<(), StartupError> {
    config.prepare_data_dir()?;
    let db = serve::open(&config).await?;
    let (database_url, now) = (config.database_url.expose(), Clock::system().now());
    let request = BackupRequest { db: &db, database_url, data: &config.data_dir, to: &to, with_keys, now };
    let result = create_backup(request).await;
    db.close().await;
    let manifest = result.map_err(|e| StartupError(format!("There is no backup: {e}.")))?;
    println!("{}: {}", to.display(), summary(&manifest));
    for path in &manifest.missing {
        eprintln!("The database refers to {path}, which is missing on this server.");
    }
    if !with_keys {
        println!("The keys are not part of it: back up {} to another place.", keyring::key_path(&config.data_dir).display());
    }
    Ok(())
}

fn summary(manifest: &Manifest) -> String {
    format!("{} rows, {} files, schema {}.", manifest.rows.values().sum::<i64>(), manifest.files.len(), manifest.schema)
}

/// Restores a backup into the data folder and database of the settings, which must be empty.
///
/// # Errors
/// A backup that is incomplete or damaged, a place that is not empty, keys that do not fit.
pub async fn restore(config: Config, from: PathBuf) -> Result<(), StartupError> {
    config.prepare_data_dir()?;
    let request =
        RestoreRequest { from: &from, data: &config.data_dir, database_url: config.database_url.expose(), now: Clock::system().now() };
    let restored = restore_backup(request).await.map_err(|e| StartupError(format!("The backup was not restored: {e}.")))?;
    println!("{} rows and {} files were restored and verified.", restored.rows, restored.files);
    if !restored.pending.is_empty() {
        println!("The backup is of an earlier release: run `registrar migrate`.");
    } else if !restored.keys_fit {
        println!("Put the key file of the backup to {}.", keyring::key_path(&config.data_dir).display());
    }
    Ok(())
}

/// Believes the clock.
///
/// # Errors
/// A database that cannot be used.
pub async fn accept_clock(config: Config) -> Result<(), StartupError> {
    config.prepare_data_dir()?;
    let db = serve::open(&config).await?;
    let result = match serve::open_state(&config, &db).await {
        Ok(app) => backend::service::clock_check::accept_clock(&app).await.map(|()| app.now()).map_err(nothing_done),
        Err(error) => Err(error),
    };
    db.close().await;
    println!("It is {}: things expire by this clock from now on.", result?);
    Ok(())
}

async fn accesses(config: Config, subject: AccessSubject) -> Result<(), StartupError> {
    config.prepare_data_dir()?;
    let db = serve::open(&config).await?;
    let result = match serve::open_state(&config, &db).await {
        Ok(app) => list_accesses(&app, &subject).await.map_err(|e| StartupError(format!("The accesses cannot be read: {e}."))),
        Err(error) => Err(error),
    };
    db.close().await;
    let report = result?.ok_or_else(|| StartupError("There is no account of this name.".into()))?;
    for row in &report.accesses {
        let name = row.account_id.and_then(|id| report.names.get(&id)).map_or("-", String::as_str);
        let matter = row.matter_id.map_or_else(|| "-".to_owned(), |id| id.to_string());
        println!("{} {name} {} {matter} {}", row.at.to_rfc3339(), row.action, row.target);
    }
    for attempt in &report.sign_ins {
        println!("{} sign_in.{} {}", attempt.at.to_rfc3339(), attempt.outcome.code(), attempt.browser);
    }
    for row in &report.counts {
        println!("{} {} times in an hour: {}", row.hour.to_rfc3339(), row.action, row.times);
    }
    Ok(())
}

/// Verifies the audit trail, or lists accesses.
///
/// # Errors
/// A trail that was changed.
pub async fn audit(config: Config, command: AuditCommand) -> Result<(), StartupError> {
    let head = match command {
        AuditCommand::Verify { head } => head,
        AuditCommand::Accesses { matter, account } => {
            let subject = match account {
                Some(name) => AccessSubject::Account(name),
                None => AccessSubject::Matter(matter.unwrap_or_default()),
            };
            return accesses(config, subject).await;
        }
    };
    config.prepare_data_dir()?;
    let db = serve::open(&config).await?;
    let result = match serve::open_state(&config, &db).await {
        Ok(app) => verify_audit_chain(&app, head.as_ref()).await.map_err(|e| StartupError(format!("The audit trail cannot be read: {e}."))),
        Err(error) => Err(error),
    };
    db.close().await;
    let report = result?;
    if let Some(fault) = &report.fault {
        return Err(StartupError(format!("The audit trail is not what was recorded: {}.", fault.text())));
    }
    if report.unkeyed > 0 {
        println!("The first {} entries are of an earlier release, and prove nothing against who can write the database.", report.unkeyed);
    }
    let hash: String = report.head.hash.iter().map(|b| format!("{b:02x}")).collect();
    println!("The audit trail is whole. Note its head outside of this machine: {}:{hash}", report.head.seq);
    Ok(())
}

fn nothing_done(error: impl std::fmt::Display) -> StartupError {
    StartupError(format!("Nothing was done: {error}."))
}
