//! The session of a person who has signed in.

use backend::AppState;
use backend::access::account::login::is_current;
use backend::infra::session::{ACCOUNT_KEY, BROWSER_KEY, IDLE_KEY, MAX_AGE, VERSION_KEY};
use domain::base::rule::key;
use tower_sessions::Expiry;
use tower_sessions::cookie::time::Duration;
use uuid::Uuid;

use crate::client::Client;
use crate::error::PageError;
use crate::request::OWN_DEVICE;

/// Begins the session of an account. It gets a new token, against session fixation, and the browser becomes a known device.
///
/// # Errors
/// [`PageError::Refused`] if the password was changed or the account closed while it was verified.
pub(super) async fn enter(
    app: &AppState,
    client: &Client,
    (account, version): (Uuid, i64),
    name: &str,
    own_device: bool,
) -> Result<(), PageError> {
    let caller = backend::access::guard::load_caller(app, account).await?;
    let session = &client.session;
    session.cycle_id().await?;
    session.insert(ACCOUNT_KEY, account).await?;
    session.insert(VERSION_KEY, version).await?;
    session.insert(OWN_DEVICE, own_device).await?;
    session.insert(BROWSER_KEY, client.browser()).await?;
    if caller.is_some_and(|caller| caller.roles.iter().any(|role| role.is_staff())) {
        let minutes = app.tables().rules.on(app.today()).int(key::SESSION_STAFF_IDLE_MINUTES);
        session.insert(IDLE_KEY, minutes * 60).await?;
    } else {
        session.remove::<i64>(IDLE_KEY).await?;
    }
    if own_device {
        // On an own device the cookie survives a crash of the browser; the server still ends the session.
        session.set_expiry(Some(Expiry::OnInactivity(Duration::seconds(MAX_AGE.num_seconds()))));
    }
    session.save().await?;
    if !is_current(app, account, version).await? {
        session.flush().await?;
        return Err(PageError::conflict("账号的密码或状态刚刚有变化，请重新登录"));
    }
    client.remember_device(app, account, name).await
}
