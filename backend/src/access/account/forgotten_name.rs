//! 找回账号: the account name is sent to the mobile number of an account, found by document and number. Whether there is such an account is
//! not revealed.

use chrono::TimeDelta;
use domain::base::identity::{Document, Mobile};
use domain::base::rule::key;
use domain::engine::notification::Channel;
use domain::record::account::SendRefusal;
use uuid::Uuid;

use crate::access::account::RequestOrigin;
use crate::access::account::code::CodeSendError;
use crate::access::account::fingerprints::find_by_document;
use crate::access::rate_limit::{RateLimit, take_all};
use crate::infra::db::account::AccountStatus;
use crate::infra::db::{self, DbError};
use crate::infra::outbox::code_row;
use crate::state::AppState;

/// How long the message may wait to be sent.
const LIFETIME: TimeDelta = TimeDelta::minutes(30);

/// Sends the account name to the number, if document and number belong to one account. `typed`: the text of the document's number.
///
/// # Errors
/// The limit of the network address is reached. The limit of the number is not reported, which would reveal that it belongs to an account.
pub async fn send_account_name(
    app: &AppState,
    (document, typed): (&Document, &str),
    mobile: &Mobile,
    origin: &RequestOrigin,
) -> Result<(), CodeSendError> {
    let tables = app.tables();
    let rules = tables.rules.on(app.today());
    let by_address = RateLimit::of_address(app, b"code-address", &origin.address, 3600, rules.int(key::SMS_PER_IP_HOUR));
    if !take_all(app, by_address).await? {
        return Err(SendRefusal::TooMany.into());
    }
    let found = {
        let mut tx = app.db.read().await?;
        find_by_document(&mut tx, &app.keys, document, typed, mobile).await?
    };
    let Some(row) = found.filter(|row| row.status == AccountStatus::Active) else {
        return Ok(());
    };
    let by_number = vec![RateLimit::new(app, &[b"account-name", mobile.as_str().as_bytes()], 86_400, rules.int(key::SMS_PER_HOUR))];
    if !take_all(app, by_number).await? {
        return Ok(());
    }
    let text = format!("【认证人员综合服务平台】您的登录账号为 {}。如非本人操作，请忽略。", row.name);
    let message = code_row(&app.keys, Uuid::now_v7(), Channel::Sms, mobile.as_str(), &text, (app.now(), app.now() + LIFETIME));
    app.db.write::<_, DbError, _>(move |tx| Box::pin(async move { db::outbox::insert(tx, &message).await })).await?;
    Ok(())
}
