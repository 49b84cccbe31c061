//! Known devices: a signed token in a cookie, by which a browser that has signed in to an account before is recognised. Failures of
//! strangers do not count against it. A token is void once the password of its account has changed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use domain::base::identity::AccountName;
use domain::base::rule::key;
use uuid::Uuid;

use crate::infra::db::account::AccountRow;
use crate::infra::db::{self, DbError};
use crate::infra::secret::{constant_time_eq, random};
use crate::state::AppState;

/// Length of the random part, which identifies the device.
const NONCE: usize = 12;

/// Name of the cookie for an account name; it does not reveal the name.
pub fn cookie_name(app: &AppState, account_name: &str) -> String {
    let name = AccountName::fold(account_name);
    let mac = app.keys.mac(&[b"device-cookie", name.as_bytes()]);
    format!("device-{}", mac.iter().take(6).map(|byte| format!("{byte:02x}")).collect::<String>())
}

/// How long a device stays known.
pub fn lifetime(app: &AppState) -> TimeDelta {
    TimeDelta::days(app.tables().rules.on(app.today()).int(key::LOGIN_DEVICE_DAYS))
}

/// A new token for the browser that has just signed in to an account; none if there is no such account.
pub async fn issue(app: &AppState, account: Uuid) -> Result<Option<String>, DbError> {
    let mut tx = app.db.read().await?;
    let row = db::account::by_id(&mut tx, account).await?;
    Ok(row.map(|row| {
        let nonce: [u8; NONCE] = random();
        let issued = app.clock.steady().timestamp().to_be_bytes();
        let mac = token_mac(app, &row, &issued, &nonce);
        URL_SAFE_NO_PAD.encode([issued.as_slice(), &nonce, &mac].concat())
    }))
}

/// The device of a token, if the token was issued for this account and is still valid.
pub(crate) fn device_of(app: &AppState, account: &AccountRow, token: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (issued, rest) = bytes.split_at_checked(8)?;
    let (nonce, mac) = rest.split_at_checked(NONCE)?;
    let age = app.clock.steady().timestamp() - i64::from_be_bytes(issued.try_into().ok()?);
    let valid = constant_time_eq(mac, &token_mac(app, account, issued, nonce)) && age < lifetime(app).num_seconds();
    valid.then(|| nonce.to_vec())
}

fn token_mac(app: &AppState, account: &AccountRow, issued: &[u8], nonce: &[u8]) -> Vec<u8> {
    app.keys.mac(&[b"device-token", account.id.as_bytes(), account.password_hash.as_bytes(), issued, nonce])
}
