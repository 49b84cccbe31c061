//! 更换手机号码: codes to the present and the new number.

use axum::extract::State;
use backend::AppState;
use backend::access::account::code::CodeSendError;
use backend::access::account::contact::{CodeField, ContactError, change_mobile, send_mobile_codes};
use domain::base::identity::Mobile;
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

/// Session key of the new number, sealed.
const NEW_MOBILE: &str = "new_mobile";

/// The form of either step.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct MobileForm {
    #[serde(rename = "_action")]
    action: String,
    mobile: String,
    code_before: String,
    code_after: String,
}

/// The form for the new number, or for the codes that were sent.
pub async fn show(State(app): State<AppState>, Authorized(who): Authorized, client: Client) -> Result<Page, PageError> {
    let masked = who.caller().person.masked_mobile();
    Ok(page(masked, awaited(&app, &client).await?, MobileForm::default(), Vec::new()))
}

/// The new number to which a code was sent.
async fn awaited(app: &AppState, client: &Client) -> Result<Option<String>, PageError> {
    let sealed = client.session.get::<String>(NEW_MOBILE).await?;
    Ok(sealed.and_then(|sealed| app.keys.unseal_text(PLACE, &sealed).ok()))
}

/// Sends the codes, or confirms them.
pub async fn change(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    client: Client,
    Form(form): Form<MobileForm>,
) -> Result<PageResponse, PageError> {
    let masked = who.caller().person.masked_mobile();
    if form.action == "again" {
        client.session.remove::<String>(NEW_MOBILE).await?;
        return Ok(redirect("/me/security/mobile"));
    }
    let awaited = awaited(&app, &client).await?;
    let result = match (&awaited, form.action.as_str()) {
        (Some(new), "confirm") => confirm(&app, &who, &client, new, &form).await?,
        _ => send(&app, &who, &client, &form).await?,
    };
    match result {
        Ok(path) => Ok(redirect(path)),
        Err((fault, status)) => {
            let awaited = awaited.filter(|_| form.action == "confirm");
            Ok(page(masked, awaited, form, vec![fault]).status(status).into())
        }
    }
}

type Outcome = Result<&'static str, (Fault, StatusCode)>;

async fn send(app: &AppState, who: &backend::access::guard::Allowed, client: &Client, form: &MobileForm) -> Result<Outcome, PageError> {
    let invalid = |text: String| Ok(Err((("mobile", text), StatusCode::UNPROCESSABLE_ENTITY)));
    let mobile = match Mobile::parse(&form.mobile) {
        Ok(mobile) => mobile,
        Err(error) => return invalid(error.text()),
    };
    let present = &who.caller().person.mobile;
    if mobile.as_str() == present {
        return invalid("新号码与原号码相同".to_owned());
    }
    let origin = client.origin().await?;
    match send_mobile_codes(app, who.account(), present, mobile.as_str(), &origin).await {
        Ok(()) => {
            client.remember(&origin).await?;
            client.session.insert(NEW_MOBILE, app.keys.seal_text(PLACE, &mobile.as_str())).await?;
            Ok(Ok("/me/security/mobile"))
        }
        Err(CodeSendError::Refused(refusal)) => Ok(Err((("mobile", refusal.text()), StatusCode::TOO_MANY_REQUESTS))),
        Err(CodeSendError::Db(error)) => Err(error.into()),
    }
}

async fn confirm(
    app: &AppState,
    who: &backend::access::guard::Allowed,
    client: &Client,
    new: &str,
    form: &MobileForm,
) -> Result<Outcome, PageError> {
    let origin = client.origin().await?;
    match change_mobile(app, who.account(), new, (&form.code_before, &form.code_after), &origin).await {
        Ok(()) => {
            client.session.remove::<String>(NEW_MOBILE).await?;
            Ok(Ok("/me/security?done=mobile"))
        }
        Err(ContactError::Code(place, refusal)) => {
            let name = if place == CodeField::Before { "code_before" } else { "code_after" };
            Ok(Err(((name, refusal.text()), StatusCode::UNPROCESSABLE_ENTITY)))
        }
        Err(ContactError::Taken) => Ok(Err((("code_after", "该手机号码已被其他账号使用".to_owned()), StatusCode::CONFLICT))),
        Err(ContactError::Changed) => Err(PageError::conflict("账号信息已变化，请刷新后重试")),
        Err(ContactError::Db(error)) => Err(error.into()),
    }
}

fn page(masked: String, awaited: Option<String>, typed: MobileForm, faults: Vec<Fault>) -> Page {
    subpage("更换手机号码", "需要验证原号码和新号码；原号码已不能接收短信的，请联系协会", move || {
        let form = match awaited {
            None => view! {
                <TextField
                    ask=field("mobile", "新手机号码", &faults).hint(&format!("原号码：{masked}"))
                    value=typed.mobile
                    kind="tel"
                    inputmode="tel"
                    autocomplete="tel"
                />
                <div class="actions">
                    <Submit label="发送短信" action="send" />
                </div>
            }
            .into_any(),
            Some(new) => {
                let new = Mobile::parse(&new).map_or_else(|_| String::new(), |mobile| mobile.masked());
                view! {
                    <TextField
                        ask=field("code_before", "原号码收到的验证码", &faults).hint(&masked)
                        value=typed.code_before
                        inputmode="numeric"
                        short=true
                    />
                    <TextField
                        ask=field("code_after", "新号码收到的验证码", &faults).hint(&new)
                        value=typed.code_after
                        inputmode="numeric"
                        autocomplete="one-time-code"
                        short=true
                    />
                    <div class="actions">
                        <Submit label="更换手机号码" action="confirm" />
                        <Submit label="重新填写号码" weight=Weight::Quiet action="again" />
                    </div>
                }
                .into_any()
            }
        };
        view! {
            {summary(&faults)}
            <Section>
                <form method="post" action="/me/security/mobile" class="fields" novalidate=true>
                    {form}
                </form>
            </Section>
        }
        .into_any()
    })
}
