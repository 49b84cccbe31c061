//! The password, asked before a page shows or gives away personal data.

use backend::AppState;
use backend::access::account::reauthentication::{ReauthenticationError, confirm_password};
use backend::access::guard::Allowed;
use http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;

use super::{Fault, field, subpage, summary};
use crate::client::Client;
use crate::error::{HttpStatus, PageError};
use crate::page::Page;
use crate::ui::*;

/// A form with the password only.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ConfirmForm {
    password: String,
}

/// A page with that form.
pub struct ConfirmPage {
    /// Title.
    pub title: &'static str,
    /// Sentence below the title.
    pub lead: &'static str,
    /// Address that the form is posted to.
    pub path: &'static str,
    /// Label of its button.
    pub label: &'static str,
}

impl ConfirmPage {
    /// The form.
    pub fn form(&'static self, faults: Vec<Fault>) -> Page {
        subpage(self.title, self.lead, move || {
            view! {
                {summary(&faults)}
                <Section>
                    <form method="post" action=self.path class="fields" novalidate=true>
                        <TextField
                            ask=field("password", "登录密码", &faults)
                            value=""
                            kind="password"
                            autocomplete="current-password"
                        />
                        <div class="actions">
                            <Submit label=self.label />
                        </div>
                    </form>
                </Section>
            }
            .into_any()
        })
    }

    /// Verifies the password; the form again if it was refused.
    ///
    /// # Errors
    /// The database cannot be read or written.
    pub async fn refusal(
        &'static self,
        app: &AppState,
        who: &Allowed,
        client: &Client,
        form: &ConfirmForm,
    ) -> Result<Option<Page>, PageError> {
        let Err(error) = confirm_password(app, who, &form.password, client.address()).await else { return Ok(None) };
        let (fault, status) = password_fault("password", error)?;
        Ok(Some(self.form(vec![fault]).status(status)))
    }
}

/// The error at the field of a refused password, and the status of its page.
///
/// # Errors
/// An error of the database has no place in a form.
pub fn password_fault(name: &'static str, error: ReauthenticationError) -> Result<(Fault, StatusCode), PageError> {
    match error {
        ReauthenticationError::Db(error) => Err(error.into()),
        error => Ok(((name, error.text().to_owned()), error.http_status())),
    }
}
