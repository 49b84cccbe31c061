//! 验证或更换电子邮箱: a code sent to the address.

use axum::extract::State;
use backend::AppState;
use backend::access::account::code::CodeSendError;
use backend::access::account::contact::{ContactError, change_email, send_email_code};
use backend::access::guard::Allowed;
use domain::base::identity::Email;
use domain::record::account::CodeRefusal;
use http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;

use super::{Fault, PLACE, field, subpage, summary};
use crate::client::Client;
use crate::error::PageError;
use crate::extract::Form;
use crate::page::{Page, PageResponse, redirect};
use crate::request::Authorized;
use crate::ui::*;

/// Session key of the address to verify, sealed.
const NEW_EMAIL: &str = "new_email";

/// The form of either step.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct EmailForm {
    #[serde(rename = "_action")]
    action: String,
    email: String,
    code: String,
}

/// The form for the address, or for the code that was sent.
pub async fn show(State(app): State<AppState>, Authorized(who): Authorized, client: Client) -> Result<Page, PageError> {
    let present = who.caller().person.email.clone();
    let awaited = awaited(&app, &client).await?;
    Ok(page(if awaited.is_some() { String::new() } else { present }, awaited, Vec::new()))
}

/// The address to which a code was sent.
async fn awaited(app: &AppState, client: &Client) -> Result<Option<String>, PageError> {
    let sealed = client.session.get::<String>(NEW_EMAIL).await?;
    Ok(sealed.and_then(|sealed| app.keys.unseal_text(PLACE, &sealed).ok()))
}

/// Sends the code, or confirms it.
pub async fn change(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    client: Client,
    Form(form): Form<EmailForm>,
) -> Result<PageResponse, PageError> {
    if form.action == "again" {
        client.session.remove::<String>(NEW_EMAIL).await?;
        return Ok(redirect("/me/security/email"));
    }
    match awaited(&app, &client).await? {
        Some(new) if form.action == "confirm" => confirm(&app, &who, &client, new, &form.code).await,
        _ => send(&app, &who, &client, form.email).await,
    }
}

async fn send(app: &AppState, who: &Allowed, client: &Client, typed: String) -> Result<PageResponse, PageError> {
    let email = match Email::parse(&typed) {
        Ok(email) => email,
        Err(error) => {
            let fault = ("email", error.text());
            return Ok(page(typed, None, vec![fault]).status(StatusCode::UNPROCESSABLE_ENTITY).into());
        }
    };
    let origin = client.origin().await?;
    match send_email_code(app, who.account(), email.as_str(), &origin).await {
        Ok(()) => {
            client.remember(&origin).await?;
            client.session.insert(NEW_EMAIL, app.keys.seal_text(PLACE, &email.as_str())).await?;
            Ok(redirect("/me/security/email"))
        }
        Err(CodeSendError::Refused(refusal)) => {
            Ok(page(typed, None, vec![("email", refusal.text())]).status(StatusCode::TOO_MANY_REQUESTS).into())
        }
        Err(CodeSendError::Db(error)) => Err(error.into()),
    }
}

async fn confirm(app: &AppState, who: &Allowed, client: &Client, new: String, code: &str) -> Result<PageResponse, PageError> {
    let origin = client.origin().await?;
    let (text, status) = match change_email(app, who.account(), &new, code, &origin).await {
        Ok(()) => {
            client.session.remove::<String>(NEW_EMAIL).await?;
            return Ok(redirect("/me/security?done=email"));
        }
        Err(ContactError::Code(_, CodeRefusal::Expired | CodeRefusal::None)) => {
            ("验证码已过期，请重新发送".to_owned(), StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(ContactError::Code(_, refusal)) => (refusal.text(), StatusCode::UNPROCESSABLE_ENTITY),
        Err(ContactError::Taken) => ("该邮箱已被其他账号使用".to_owned(), StatusCode::CONFLICT),
        Err(ContactError::Changed) => return Err(PageError::conflict("账号信息已变化，请刷新后重试")),
        Err(ContactError::Db(error)) => return Err(error.into()),
    };
    Ok(page(code.to_owned(), Some(new), vec![("code", text)]).status(status).into())
}

/// `typed`: the address, or the code while one is awaited.
fn page(typed: String, awaited: Option<String>, faults: Vec<Fault>) -> Page {
    subpage("电子邮箱", "验证码发送到该邮箱，验证后用于接收通知", move || {
        let form = match awaited {
            None => view! {
                <TextField
                    ask=field("email", "电子邮箱", &faults).hint("可以填写新的邮箱")
                    value=typed
                    kind="email"
                    inputmode="email"
                    autocomplete="email"
                />
                <div class="actions">
                    <Submit label="发送邮件验证码" action="send" />
                </div>
            }
            .into_any(),
            Some(new) => view! {
                <TextField
                    ask=field("code", "邮件验证码", &faults).hint(&format!("已发送到 {new}"))
                    value=typed
                    inputmode="numeric"
                    autocomplete="one-time-code"
                    short=true
                />
                <div class="actions">
                    <Submit label="验证" action="confirm" />
                    <Submit label="重新填写邮箱" weight=Weight::Quiet action="again" />
                </div>
            }
            .into_any(),
        };
        view! {
            {summary(&faults)}
            <Section>
                <form method="post" action="/me/security/email" class="fields" novalidate=true>
                    {form}
                </form>
            </Section>
        }
        .into_any()
    })
}
