//! The own document number in full, after the password.

use axum::extract::State;
use backend::AppState;
use backend::access::account::reauthentication::{ReauthenticationError, confirm_password};
use leptos::prelude::*;
use serde::Deserialize;

use super::{Fault, field, subpage, summary};
use crate::client::Client;
use crate::error::{HttpStatus, PageError};
use crate::extract::Form;
use crate::page::{Page, PageResponse};
use crate::request::Authorized;
use crate::ui::*;

/// A form with the password only.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ConfirmForm {
    /// The password.
    pub password: String,
}

/// The form.
pub async fn show() -> Page {
    page(Vec::new())
}

/// Shows the number.
pub async fn reveal(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    client: Client,
    Form(form): Form<ConfirmForm>,
) -> Result<PageResponse, PageError> {
    match confirm_password(&app, who.account(), &form.password, client.address()).await {
        Ok(()) => {
            let person = who.caller().person.clone();
            let shown = subpage("证件号码", "", move || {
                let items = vec![
                    ("姓名".to_owned(), person.name.clone()),
                    ("证件类型".to_owned(), person.document_label().to_owned()),
                    ("证件号码".to_owned(), person.document_number.clone()),
                ];
                view! { <Section><DescriptionList items=items/></Section> }.into_any()
            });
            Ok(shown.into())
        }
        Err(ReauthenticationError::Db(error)) => Err(error.into()),
        Err(error) => Ok(page(vec![("password", error.text().to_owned())]).status(error.http_status()).into()),
    }
}

fn page(faults: Vec<Fault>) -> Page {
    subpage("证件号码", "查看完整的证件号码需要核对登录密码", move || {
        view! {
            {summary(&faults)}
            <Section>
                <form method="post" action="/me/security/document" class="fields" novalidate=true>
                    <TextField ask=field("password", "登录密码", &faults) value="" kind="password" autocomplete="current-password"/>
                    <div class="actions"><Submit label="查看"/></div>
                </form>
            </Section>
        }
        .into_any()
    })
}
