//! Administration from the command line of the server's machine: `registrar admin …`.

use backend::AppState;
use backend::record::exam::{Recorder, record_scores};
use backend::service::admin::{AccountMeasure, AdminError};
use clap::Subcommand;
use domain::base::permission::{GrantStatus, Role};

use crate::config::{Config, StartupError};

/// The administration commands.
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub enum AdminCommand {
    /// Grant a role: officer, approver, finance, examiner, admin, expert, teacher
    Grant {
        /// Account name
        account: String,
        /// Code of the role
        #[arg(value_parser = parse_role)]
        role: Role,
    },
    /// End a role
    Revoke {
        /// Account name
        account: String,
        /// Code of the role
        #[arg(value_parser = parse_role)]
        role: Role,
    },
    /// Record that an expert is competent in a certification domain, such as QMS
    Competence {
        /// Account name
        account: String,
        /// Code of the certification domain
        domain: String,
    },
    /// Add a certification body
    Institution {
        /// Name of the institution
        name: String,
        /// Unified social credit code
        credit_code: String,
        /// Number of its approval
        approval_no: String,
    },
    /// Let an account act for an institution
    #[command(name = "desk")]
    GrantInstitution {
        /// Account name
        account: String,
        /// Unified social credit code of the institution
        credit_code: String,
    },
    /// End that an account acts for an institution
    #[command(name = "leave-desk")]
    RevokeInstitution {
        /// Account name
        account: String,
        /// Unified social credit code of the institution
        credit_code: String,
    },
    /// Disable an account, and end its sessions
    Disable {
        /// Account name
        account: String,
    },
    /// Enable a disabled account
    Enable {
        /// Account name
        account: String,
    },
    /// Disable an account that somebody opened with the document of another person, and free document, mobile number and mail address
    Release {
        /// Account name
        account: String,
    },
    /// Remove the second factor of a person who has lost the authenticator app and the recovery codes, and end the sessions
    ResetSecondFactor {
        /// Account name
        account: String,
    },
    /// Give the records of an account to another account of the same person, and release the first
    Merge {
        /// Name of the account that ends
        from: String,
        /// Name of the account that stays
        into: String,
    },
    /// Record or correct an exam score
    Score {
        /// Account name
        account: String,
        /// Code of the subject: GEN, MSB, QMS …
        subject: String,
        /// Day of the exam, such as 2026-04-25
        day: String,
        /// Score, such as 85
        score: String,
        /// Why a recorded score is corrected
        #[arg(long, default_value = "")]
        reason: String,
    },
}

fn parse_role(code: &str) -> Result<Role, String> {
    Role::from_code(code).ok_or_else(|| format!("There is no role {code}"))
}

/// Runs a command on the database of the settings, which must be up to date.
///
/// # Errors
/// A database or data folder that cannot be used, or a command that was refused.
pub async fn run(config: Config, command: AdminCommand) -> Result<(), StartupError> {
    config.prepare_data_dir()?;
    let db = crate::serve::open(&config).await?;
    let app = crate::serve::open_state(&config, &db).await?;
    let result = execute(&app, command).await;
    db.close().await;
    result.map_err(|reason| StartupError(format!("Nothing was done: {reason}.")))
}

async fn execute(app: &AppState, command: AdminCommand) -> Result<(), String> {
    use backend::service::admin;
    let reason = |error: AdminError| error.to_string();
    match command {
        AdminCommand::Grant { account, role } => admin::set_role(app, &account, role, GrantStatus::Active).await.map_err(reason),
        AdminCommand::Revoke { account, role } => admin::set_role(app, &account, role, GrantStatus::Ended).await.map_err(reason),
        AdminCommand::Competence { account, domain } => admin::add_expert_domain(app, &account, &domain).await.map_err(reason),
        AdminCommand::Institution { name, credit_code, approval_no } => {
            admin::add_institution(app, &name, &credit_code, &approval_no).await.map(|_| ()).map_err(reason)
        }
        AdminCommand::GrantInstitution { account, credit_code } => {
            admin::set_institution_user(app, &account, &credit_code, GrantStatus::Active).await.map_err(reason)
        }
        AdminCommand::RevokeInstitution { account, credit_code } => {
            admin::set_institution_user(app, &account, &credit_code, GrantStatus::Ended).await.map_err(reason)
        }
        AdminCommand::Disable { account } => admin::change_account(app, &account, AccountMeasure::Disable).await.map_err(reason),
        AdminCommand::Enable { account } => admin::change_account(app, &account, AccountMeasure::Enable).await.map_err(reason),
        AdminCommand::Release { account } => admin::change_account(app, &account, AccountMeasure::Release).await.map_err(reason),
        AdminCommand::ResetSecondFactor { account } => {
            admin::change_account(app, &account, AccountMeasure::ResetSecondFactor).await.map_err(reason)
        }
        AdminCommand::Merge { from, into } => admin::merge_accounts(app, &from, &into).await.map_err(reason),
        AdminCommand::Score { account, subject, day, score, reason } => {
            let by = Recorder { account: None, reason: &reason };
            record_scores(app, &account, &[&subject], (&day, &score), by).await.map_err(|error| error.to_string())
        }
    }
}
