//! Institutions: their users, their people, and their state.

mod error;
pub mod list;
pub mod people;
pub mod state;
#[cfg(test)]
mod tests;
pub mod users;

use chrono::{DateTime, Utc};
use domain::engine::notification::NotificationKind;
use uuid::Uuid;

pub use self::error::InstitutionError;
use crate::infra::db::{DbError, Tx};
use crate::record::notification::{Notification, Topic, notify_account};
use crate::state::AppState;

/// What an account is told about an institution.
struct InstitutionNotice<'a> {
    /// The institution.
    institution: Uuid,
    /// What it is about, as in mails: 机构状态变更.
    about: &'a str,
    /// Key within the institution; notices with the same key are sent once.
    key: String,
    /// Text on the site.
    body: &'a str,
    /// Where it leads.
    link: &'a str,
}

/// Tells an account about an institution.
async fn tell(tx: &mut Tx, app: &AppState, account: Uuid, notice: &InstitutionNotice<'_>, now: DateTime<Utc>) -> Result<(), DbError> {
    let notification = Notification {
        account,
        matter: notice.institution,
        matter_kind: notice.about,
        topic: Topic::Institution(notice.institution),
        names_applicant: false,
        kind: NotificationKind::Institution,
        dedupe_key: notice.key.clone(),
        title: notice.about,
        body: notice.body,
        link: notice.link.to_owned(),
    };
    notify_account(tx, app, &notification, now).await
}
