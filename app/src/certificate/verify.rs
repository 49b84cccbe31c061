//! 证书查询 by number, and by the signed record of a QR code.

use axum::extract::{Extension, State};
use backend::AppState;
use backend::record::certificate::signed_code::VerifiedCode;
use backend::record::certificate::{Certificate, signed_code};
use backend::service::certificate::verification::{Searcher, Verification, verify_number};
use chrono::NaiveDate;
use domain::base::identity::{read_certificate_number, same_name};
use domain::base::text::normalise;
use domain::record::certificate::{CertificateStatus, SignedRecordError};
use http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;

use super::{domain_label, grade_title, measure_view, paper, status_on, successor, tone};
use crate::error::PageError;
use crate::extract::{Form, Path, Query};
use crate::page::{Page, PageResponse, redirect};
use crate::request::{Identity, RequestMeta};
use crate::ui::*;

/// Query of 证书查询.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct VerifyQuery {
    /// Number to search for.
    number: String,
    /// Signed record of a QR code.
    c: Option<String>,
}

/// Shows the search form, or the result for the record of a QR code.
pub async fn ask(State(app): State<AppState>, Query(query): Query<VerifyQuery>) -> Result<PageResponse, PageError> {
    if let Some(code) = &query.c {
        return Ok(prove(&app, code).await.into());
    }
    let typed = normalise(&query.number);
    let fault = match read_certificate_number(&typed) {
        Ok(number) => return Ok(redirect(format!("/verify/{number}"))),
        Err(error) => (!typed.is_empty()).then(|| error.text()),
    };
    let status = if fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(page(move || ().into_any(), typed, fault).status(status).into())
}

/// Public page of one certificate. Its number discloses it with a masked name.
pub async fn show(
    State(app): State<AppState>,
    identity: Identity,
    Extension(meta): Extension<RequestMeta>,
    Path(number): Path<String>,
) -> Result<PageResponse, PageError> {
    search(&app, &identity, &meta, number, None).await
}

/// Form that names the holder. It is posted, so that the name gets into no address.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct HolderForm {
    number: String,
    name: String,
}

/// Shows the whole certificate to someone who knows its number and its holder.
pub async fn confirm(
    State(app): State<AppState>,
    identity: Identity,
    Extension(meta): Extension<RequestMeta>,
    Form(form): Form<HolderForm>,
) -> Result<PageResponse, PageError> {
    search(&app, &identity, &meta, normalise(&form.number), Some(form.name)).await
}

async fn search(
    app: &AppState,
    identity: &Identity,
    meta: &RequestMeta,
    number: String,
    name: Option<String>,
) -> Result<PageResponse, PageError> {
    let searcher = Searcher { caller: identity.caller.as_ref(), address: &meta.address };
    let today = app.today();
    let found = verify_number(app, searcher, &number, name.as_deref()).await?;
    Ok(match found {
        Verification::Found { certificate, is_named } => {
            let top = move || {
                let form = (!is_named).then(|| name_form(certificate.held.number.clone(), None));
                view! {
                    {paper(&certificate, is_named, today)}
                    {form}
                }
                .into_any()
            };
            page(top, number, None).into()
        }
        Verification::OtherName(certificate) => {
            let top = move || {
                let fault = Some("姓名与证书登记的不一致，请核对".to_owned());
                view! {
                    {paper(&certificate, false, today)}
                    {name_form(certificate.held.number.clone(), fault)}
                }
                .into_any()
            };
            page(top, number, None).status(StatusCode::UNPROCESSABLE_ENTITY).into()
        }
        Verification::FormerName(certificate) => {
            let top = move || {
                view! {
                    <Notice tone=Tone::Info title="持证人姓名已变更">
                        {FORMER_NAME}
                    </Notice>
                    {paper(&certificate, false, today)}
                }
                .into_any()
            };
            page(top, number, None).into()
        }
        Verification::NotFound => {
            let fault = "未查询到该编号的证书，请核对编号".to_owned();
            page(move || ().into_any(), number, Some(fault)).status(StatusCode::NOT_FOUND).into()
        }
        Verification::TooMany => {
            return Err(PageError::Refused(StatusCode::TOO_MANY_REQUESTS, "查询过于频繁，请一分钟后再试".to_owned()));
        }
    })
}

/// Said to someone who names the holder as the certificate named them before.
const FORMER_NAME: &str = "所填姓名是持证人变更前的姓名，确为本证书的持证人。证书编号不变，现按变更后的姓名登记。";

/// 核对姓名: asks for the name of the holder.
fn name_form(number: String, fault: Option<String>) -> AnyView {
    view! {
        <Section title="核对姓名">
            <form method="post" action="/verify" class="fields">
                <Hidden name="number" value=number />
                <TextField
                    ask=FieldProps::new("name", "持证人姓名")
                        .hint("填写持证人姓名，核对是否为本证书的持证人")
                        .fault(fault)
                    value=""
                />
                <div class="actions">
                    <Submit label="核对" weight=Weight::Quiet />
                </div>
            </form>
        </Section>
    }
    .into_any()
}

/// 核验公钥, to verify a record without this server.
pub async fn key(State(app): State<AppState>) -> Result<PageResponse, PageError> {
    let keys = app.keys.public_keys();
    let body = move || {
        let keys = keys
            .into_iter()
            .rev()
            .map(|(id, key)| {
                view! {
                    <Section title=format!("{id} 号公钥")>
                        <pre class="key" tabindex="0">
                            {signed_code::pem(&key)}
                        </pre>
                    </Section>
                }
            })
            .collect_view();
        view! {
            <PageHead
                title="核验公钥"
                lead="证书二维码中的记录由协会用数字签名算法 Ed25519 签发，任何人都可用公钥自行核验。"
                crumbs=vec![("证书查询".into(), "/verify".into())]
            />
            {keys}
            <Section title="核验方法">
                <ol class="numbers">
                    <li>"取二维码地址中 c= 之后的内容，按 base64url 解码。"</li>
                    <li>"最后 64 个字节是签名，之前的全部字节是被签名的记录；第 2 个字节是公钥编号。"</li>
                    <li>
                        "用对应编号的公钥核验签名。签名有效，即证明记录由本协会签发、未被改动；证书当前是否有效，以证书查询的结果为准。"
                    </li>
                </ol>
            </Section>
        }
        .into_any()
    };
    Ok(Page::new("核验公钥", body).under("/verify").into())
}

/// Status of the certificate today, from the database.
enum Now {
    Known(Box<Certificate>, CertificateStatus),
    NotFound,
    NoAnswer,
}

async fn prove(app: &AppState, code: &str) -> Page {
    let genuine = match signed_code::decode(&app.keys, code) {
        Ok(genuine) => genuine,
        Err(error) => return refuse(error),
    };
    let today = app.today();
    let now = match backend::record::certificate::certificate_by_number(app, &genuine.record.number).await {
        Ok(Some(found)) => {
            let status = status_on(&found, today);
            Now::Known(Box::new(found), status)
        }
        Ok(None) => Now::NotFound,
        Err(error) => {
            tracing::warn!(%error, "a code is shown without its present status");
            Now::NoAnswer
        }
    };
    page(
        move || {
            view! {
                {genuine_view(&genuine)}
                {now_view(&now, &genuine, today)}
            }
            .into_any()
        },
        String::new(),
        None,
    )
}

fn refuse(error: SignedRecordError) -> Page {
    let top = move || {
        view! {
            <div data-proof=error.code()>
                <Notice tone=Tone::Bad title="未通过核验">
                    <p>{error.text()}</p>
                </Notice>
            </div>
        }
        .into_any()
    };
    page(top, String::new(), None).status(StatusCode::UNPROCESSABLE_ENTITY)
}

fn genuine_view(genuine: &VerifiedCode) -> AnyView {
    let record = &genuine.record;
    let facts = vec![
        ("姓名".into(), genuine.holder.clone().unwrap_or_default()),
        ("证书编号".into(), record.number.clone()),
        ("认证领域".into(), domain_label(&record.domain).to_owned()),
        ("注册级别".into(), grade_title(&record.domain, record.grade)),
        ("执业机构".into(), record.institution.clone()),
        ("批准日期".into(), record.issued_on.to_string()),
        ("有效期至".into(), record.valid_until.to_string()),
    ];
    view! {
        <div data-proof="genuine">
            <Notice tone=Tone::Good title="签名有效">
                <p>"该证书由协会签发，内容未被改动。以下是签发时的记载。"</p>
            </Notice>
            <Paper title="注册证书">
                <DescriptionList items=facts />
            </Paper>
        </div>
    }
    .into_any()
}

fn now_view(now: &Now, genuine: &VerifiedCode, today: NaiveDate) -> AnyView {
    let view = match now {
        Now::Known(certificate, status) => {
            let href = format!("/verify/{}", certificate.held.number);
            let until = format!("截至 {today} 的登记状态；登记的有效期至 {}。", certificate.held.valid_until);
            let badge = view! { <StatusTag tone=tone(*status) text=status.label() /> };
            let renamed = genuine.holder.as_ref().filter(|signed| !same_name(signed, &certificate.holder)).map(|_| {
                let text = format!("持证人姓名已变更，现登记的姓名：{}。证书编号不变。", certificate.holder);
                view! { <Notice tone=Tone::Info>{text}</Notice> }
            });
            let measure = measure_view(certificate);
            view! {
                <p>{badge}</p>
                {measure}
                {renamed}
                <p class="saved">{until}" "<a href=href>"查看登记内容"</a></p>
                {successor(certificate)}
            }
            .into_any()
        }
        Now::NotFound => view! { <p>"登记库中未查询到该编号的证书，请与协会联系。"</p> }.into_any(),
        Now::NoAnswer => view! { <p>"暂时查不到当前状态，请稍后再试。签名的核验不受影响。"</p> }.into_any(),
    };
    view! { <Section title="当前状态">{view}</Section> }.into_any()
}

fn page(top: impl FnOnce() -> AnyView + Send + 'static, number: String, fault: Option<String>) -> Page {
    let body = move || {
        view! {
            <PageHead
                title="证书查询"
                lead="输入证书编号，查询证书内容和状态；也可扫描证书上的二维码核验真伪"
            />
            {top()}
            <Section>
                <form method="get" action="/verify" class="fields">
                    <TextField ask=FieldProps::new("number", "证书编号").hint("如 2026-N0QMS-4000001").fault(fault) value=number />
                    <div class="actions">
                        <Submit label="查询" />
                    </div>
                </form>
            </Section>
            <p class="saved">
                <a href="/published">"查看证书公告"</a>
                " · "
                <a href="/verify/key">"核验公钥"</a>
            </p>
        }
        .into_any()
    };
    Page::new("证书查询", body).under("/verify")
}
