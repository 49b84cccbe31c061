//! 找回账号: the account name is sent to the mobile number. The responses do not reveal whether there is such an account.

use axum::extract::State;
use backend::AppState;
use backend::access::account::code::CodeSendError;
use backend::access::account::forgotten_name::send_account_name;
use backend::access::account::proof::{Challenge, accept_proof, new_challenge, same_challenge};
use domain::base::identity::{Document, DocumentType, Mobile};
use domain::base::text::normalise;
use http::StatusCode;
use leptos::prelude::*;

use super::proof::{ProofFields, read_proof};
use crate::client::Client;
use crate::error::{HttpStatus, PageError};
use crate::page::{Page, PageResponse};
use crate::post::Post;
use crate::ui::*;

/// What was typed, and its error.
#[derive(Default)]
struct TypedIdentity {
    document_type: String,
    document_number: String,
    mobile: String,
    /// Field and text of an error.
    fault: Option<(&'static str, String)>,
}

/// The form.
pub async fn show(State(app): State<AppState>) -> Page {
    page(TypedIdentity::default(), new_challenge(&app))
}

/// Sends the account name.
pub async fn send(State(app): State<AppState>, client: Client, post: Post) -> Result<PageResponse, PageError> {
    let text = |name: &str| normalise(post.text(name));
    let typed = TypedIdentity {
        document_type: text("document_type"),
        document_number: text("document_number"),
        mobile: text("mobile"),
        fault: None,
    };
    let proof = read_proof(&post);
    let (fault, status) = match identity(&app, &typed) {
        Err(fault) => (fault, StatusCode::UNPROCESSABLE_ENTITY),
        Ok((document, mobile)) => match accept_proof(&app, &proof, client.address()).await {
            Err(error) => (("_answer", error.text()), error.http_status()),
            Ok(()) => match send_account_name(&app, (&document, &typed.document_number), &mobile, &client.origin().await?).await {
                Ok(()) => return Ok(sent_page().into()),
                Err(CodeSendError::Refused(refusal)) => (("mobile", refusal.text()), StatusCode::TOO_MANY_REQUESTS),
                Err(CodeSendError::Db(error)) => return Err(error.into()),
            },
        },
    };
    let challenge = same_challenge(&app, &proof).await?;
    Ok(page(TypedIdentity { fault: Some(fault), ..typed }, challenge).status(status).into())
}

fn identity(app: &AppState, typed: &TypedIdentity) -> Result<(Document, Mobile), (&'static str, String)> {
    let kind = DocumentType::from_code(&typed.document_type).ok_or(("document_type", "请选择证件类型".to_owned()))?;
    let document = Document::parse(kind, &typed.document_number, app.today()).map_err(|e| ("document_number", e.text()))?;
    let mobile = Mobile::parse(&typed.mobile).map_err(|e| ("mobile", e.text()))?;
    Ok((document, mobile))
}

fn sent_page() -> Page {
    let body = || {
        view! {
            <PageHead title="找回账号" crumbs=vec![("登录".into(), "/login".into())] />
            <Section>
                <Notice tone=Tone::Good>"如果证件和手机号码相符，登录账号已发送到该手机。"</Notice>
                <ButtonLink href="/login" label="返回登录" />
            </Section>
        }
        .into_any()
    };
    Page::new("找回账号", body).standalone()
}

fn page(typed: TypedIdentity, challenge: Option<Challenge>) -> Page {
    let proves = challenge.is_some();
    let body = move || {
        let TypedIdentity { document_type, document_number, mobile, fault } = typed;
        let summary = fault.iter().map(|(name, text)| (format!("#f-{name}"), text.clone())).collect::<Vec<_>>();
        let fault_at = |name: &str| fault.as_ref().filter(|(field, _)| *field == name).map(|(_, text)| text.clone());
        let ask = |name: &str, label: &str| FieldProps::new(name, label).fault(fault_at(name));
        let (kind_props, number_props) = (ask("document_type", "证件类型"), ask("document_number", "证件号码"));
        let (mobile_props, proof_fault) = (ask("mobile", "手机号码"), fault_at("_answer"));
        let item = |kind: &DocumentType| ChoiceItem { code: kind.code().into(), label: kind.label().into(), group: String::new() };
        let picks = DocumentType::ALL.iter().map(item).collect();
        view! {
            <PageHead
                title="找回账号"
                lead="登录账号会发送到注册时使用的手机"
                crumbs=vec![("登录".into(), "/login".into())]
            />
            <ErrorSummary items=summary />
            <Section>
                <form method="post" action="/recover/account" class="fields" novalidate=true>
                    <SelectField ask=kind_props picks=picks value=document_type />
                    <TextField ask=number_props value=document_number />
                    <TextField ask=mobile_props value=mobile kind="tel" inputmode="tel" autocomplete="tel" />
                    <ProofFields challenge=challenge fault=proof_fault />
                    <div class="actions">
                        <Submit label="发送登录账号" />
                    </div>
                </form>
            </Section>
        }
        .into_any()
    };
    let page = Page::new("找回账号", body).standalone();
    if proves { page.with_script(super::proof::SCRIPT) } else { page }
}
