//! The own document number in full, after the password.

use axum::extract::State;
use backend::AppState;
use leptos::prelude::*;

use super::confirm::{ConfirmForm, ConfirmPage};
use super::subpage;
use crate::client::Client;
use crate::error::PageError;
use crate::extract::Form;
use crate::page::{Page, PageResponse};
use crate::request::Authorized;
use crate::ui::*;

static PAGE: ConfirmPage =
    ConfirmPage {
        title: "证件号码", lead: "查看完整的证件号码需要核对登录密码", path: "/me/security/document", label: "查看"
    };

/// The form.
pub async fn show() -> Page {
    PAGE.form(Vec::new())
}

/// Shows the number.
pub async fn reveal(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    client: Client,
    Form(form): Form<ConfirmForm>,
) -> Result<PageResponse, PageError> {
    if let Some(refused) = PAGE.refusal(&app, &who, &client, &form).await? {
        return Ok(refused.into());
    }
    let person = who.caller().person.clone();
    let shown = subpage("证件号码", "", move || {
        let items = vec![
            ("姓名".to_owned(), person.name.clone()),
            ("证件类型".to_owned(), person.document_label().to_owned()),
            ("证件号码".to_owned(), person.document_number.clone()),
        ];
        view! {
            <Section>
                <DescriptionList items=items />
            </Section>
        }
        .into_any()
    });
    Ok(shown.into())
}
