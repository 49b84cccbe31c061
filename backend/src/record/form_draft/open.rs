//! Whether a form is open to its author now, and in which state of its subject.

use domain::base::permission::{Role, UserRole};
use domain::engine::flow::{MatterState, Requires, Stage, Transition};
use domain::engine::form_draft::{DECISION, DraftForm, EVALUATION, RECTIFICATION, RETURN, Subject, TRANSITION_FORM};
use domain::record::payment::{OrderState, Payer};
use uuid::Uuid;

use super::draft::{DraftKey, FormDraft};
use super::error::FormDraftError;
use crate::access::guard::Caller;
use crate::infra::db::payment::ChargeState;
use crate::infra::db::{self, DbError, Tx};
use crate::matter::history::list_events;
use crate::matter::load::load_for_command;
use crate::matter::{LoadedMatter, MatterError};
use crate::state::AppState;

/// The form with the opinion of a command, and the part of its draft; none if the command has no text.
pub fn form_of(matter: &LoadedMatter, transition: &Transition) -> Option<(&'static DraftForm, String)> {
    let evaluates = matter.stage().is_some_and(Stage::is_evaluation);
    match transition.requires {
        Requires::Nothing | Requires::Absence | Requires::Submission => None,
        Requires::NoteAndItems => Some((&RETURN, transition.command.to_owned())),
        _ if evaluates && transition.is_opinion() => Some((&EVALUATION, String::new())),
        Requires::Form(_) => Some((&TRANSITION_FORM, transition.command.to_owned())),
        _ => Some((&DECISION, transition.command.to_owned())),
    }
}

/// The draft that a command of the caller sends.
pub(crate) fn sent_by_command(matter: &LoadedMatter, command: &str) -> Option<DraftKey> {
    let transition = matter.open_transitions().into_iter().find(|t| t.command == command)?;
    form_of(matter, transition).map(|(form, part)| DraftKey { form, part, subject: matter.id })
}

/// The state of a matter in which its forms are typed: which entry into its present stage.
pub fn state_of(matter: &LoadedMatter) -> String {
    matter.state.entered.to_string()
}

/// The state in which the form is open to the caller now; none if it is not.
///
/// # Errors
/// [`FormDraftError::NotFound`] if the subject is not the caller's.
pub(super) async fn open_state(tx: &mut Tx, app: &AppState, caller: &Caller, key: &DraftKey) -> Result<Option<String>, FormDraftError> {
    match key.form.subject {
        Subject::Matter => match load_for_command(tx, app, caller, key.subject).await {
            Ok(matter) => Ok(is_open(&matter, key).then(|| state_of(&matter))),
            Err(MatterError::NotFound | MatterError::Discarded) => Err(FormDraftError::NotFound),
            Err(error) => Err(error.into()),
        },
        Subject::Fee => fee_state(tx, caller, key).await,
        Subject::Bills if key.subject == caller.account => Ok(caller.institutions_as(UserRole::Finance).next().map(|_| String::new())),
        Subject::Order if caller.roles.contains(&Role::Finance) => Ok(order_state(tx, key).await?),
        Subject::Certificate if caller.roles.contains(&Role::Officer) => certificate_state(tx, caller, key).await,
        Subject::Bills | Subject::Order | Subject::Certificate | Subject::Tab => Err(FormDraftError::NotFound),
    }
}

fn is_open(matter: &LoadedMatter, key: &DraftKey) -> bool {
    if *key.form == RECTIFICATION {
        return matter.is_editable() && matter.open_items().is_some();
    }
    let open = matter.open_transitions();
    open.into_iter().filter_map(|t| form_of(matter, t)).any(|(form, part)| form == key.form && part == key.part)
}

/// Whether the subject of a draft is still in the state in which it was typed. It reads nothing of the subject for its author, who may have
/// lost it.
pub(super) async fn is_current(tx: &mut Tx, app: &AppState, caller: &Caller, draft: &FormDraft) -> Result<bool, DbError> {
    let key = &draft.key;
    let state = match key.form.subject {
        Subject::Matter => entered(tx, app, key.subject).await?,
        Subject::Fee => fee_state(tx, caller, key).await.ok().flatten(),
        Subject::Order => order_state(tx, key).await?,
        Subject::Bills | Subject::Certificate | Subject::Tab => Some(String::new()),
    };
    Ok(state.as_ref() == Some(&draft.state))
}

/// The state of an open matter; none of a closed or deleted one.
async fn entered(tx: &mut Tx, app: &AppState, id: Uuid) -> Result<Option<String>, DbError> {
    let row = db::matter::by_id(tx, id).await?.filter(|row| row.closed_at.is_none());
    let Some(kind) = row.and_then(|row| domain::kind::by_code(&row.kind)) else { return Ok(None) };
    let events = list_events(tx, &app.keys, id).await?;
    Ok(Some(MatterState::from_events(kind.flow, &events).entered.to_string()))
}

async fn fee_state(tx: &mut Tx, caller: &Caller, key: &DraftKey) -> Result<Option<String>, FormDraftError> {
    let charge = db::payment::charge_by_matter(tx, key.subject).await?;
    let charge = charge.filter(|charge| charge.account_id == caller.account).ok_or(FormDraftError::NotFound)?;
    let open = charge.state == ChargeState::Due && charge.payer == Payer::Individual;
    Ok(open.then(|| charge.id.to_string()))
}

/// A proposal can be made on the certificate of somebody else; whether it still applies is decided when it is sent.
async fn certificate_state(tx: &mut Tx, caller: &Caller, key: &DraftKey) -> Result<Option<String>, FormDraftError> {
    let certificate = db::certificate::by_id(tx, key.subject).await?.filter(|row| row.number == key.part);
    let certificate = certificate.ok_or(FormDraftError::NotFound)?;
    Ok((certificate.account_id != caller.account).then(String::new))
}

async fn order_state(tx: &mut Tx, key: &DraftKey) -> Result<Option<String>, DbError> {
    let order = db::payment::order_by_id(tx, key.subject).await?;
    Ok(order.filter(|order| order.state == OrderState::Checking).map(|_| String::new()))
}
