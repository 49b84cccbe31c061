//! Whether a document that is submitted belongs to another account. The answer reveals whether a person is registered, so it is given as
//! rarely as the registration gives it.

use domain::base::rule::key;
use domain::engine::form::{Issue, Path, Problem};
use uuid::Uuid;

use crate::access::account::fingerprints::account_with_document;
use crate::access::rate_limit::{RateLimit, give_back, take_all};
use crate::infra::db::{self, DbError, Tx};
use crate::matter::{LoadedMatter, MatterError};
use crate::state::AppState;
use crate::workflow::command::{CommandOutcome, CommandRequest};

/// Code of the problem of a document that another account has.
const TAKEN: &str = "document_taken";

/// The limits against which a submission was counted; none for other commands and kinds.
#[derive(Clone, Default)]
pub(super) struct CountedCheck(Vec<RateLimit>);

impl CountedCheck {
    /// Counts a submission of a kind that changes the identity.
    ///
    /// # Errors
    /// [`MatterError::TooManyChecks`] if the account submitted too many.
    pub(super) async fn take(app: &AppState, account: Uuid, request: &CommandRequest) -> Result<Self, MatterError> {
        if request.command.revision.is_none() || !changes_identity(app, account, request.matter).await? {
            return Ok(Self::default());
        }
        let most = app.tables().rules.on(app.today()).int(key::DUPLICATE_CHECKS_PER_SESSION);
        let limits = vec![RateLimit::new(app, &[b"duplicates-account", account.as_bytes()], 1800, most)];
        if take_all(app, limits.clone()).await? { Ok(Self(limits)) } else { Err(MatterError::TooManyChecks) }
    }

    /// Takes the count back if the submission was refused for other answers, before the document was looked up.
    pub(super) async fn settle(self, app: &AppState, outcome: &Result<CommandOutcome, MatterError>) -> Result<(), DbError> {
        match outcome {
            Err(MatterError::InvalidAnswers(problems)) if !self.0.is_empty() && problems.iter().all(|p| p.issue.code != TAKEN) => {
                app.db.write(move |tx| Box::pin(async move { give_back(tx, &self.0).await })).await
            }
            _ => Ok(()),
        }
    }
}

/// Whether it is an own matter of such a kind; others are refused without a count.
async fn changes_identity(app: &AppState, account: Uuid, matter: Uuid) -> Result<bool, DbError> {
    let mut tx = app.db.read().await?;
    let row = db::matter::by_id(&mut tx, matter).await?.filter(|row| row.owner_id == account);
    Ok(row.and_then(|row| domain::kind::by_code(&row.kind)).is_some_and(|kind| kind.identity.is_some()))
}

/// The problem of a document that another account has, at its field; it does not say whose it is.
pub(super) async fn document_problem(tx: &mut Tx, app: &AppState, matter: &LoadedMatter) -> Result<Option<Problem>, DbError> {
    let Some(rule) = matter.kind.identity else { return Ok(None) };
    let Some(new) = (rule.change)(&matter.answers, app.today()).and_then(|change| change.document) else { return Ok(None) };
    let holder = account_with_document(tx, &app.keys, new.document.kind().code(), new.document.number()).await?;
    let other = holder.is_some_and(|account| account != matter.owner);
    let (step, field) = rule.number_field;
    let label = matter.kind.form.label_at(&Path::field(field));
    let issue = Issue::new(TAKEN, "该证件号码已登记在其他账号下，请核对；确为本人证件的，请联系协会");
    Ok(other.then(|| Problem { step, path: Path::field(field), label, issue }))
}
