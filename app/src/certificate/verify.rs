//! 证书查询: by number, and by the code in a certificate's QR code.

use backend::record::certificate::Certificate;
use backend::record::certificate::code;
use backend::record::certificate::code::Genuine;
use chrono::NaiveDate;
use domain::record::certificate::{RecordError, Status, is_number};
use http::StatusCode;
use leptos::prelude::*;

use super::{domain_label, grade_title, paper, status_on, successor, tone};
use crate::call::{Answer, Call, Fault, Page};
use crate::ui::*;

/// Asks for a number, or shows what a code proves.
pub async fn ask(call: Call) -> Result<Answer, Fault> {
    if call.query.iter().any(|(name, _)| name == "c") {
        return Ok(prove(&call).await.into());
    }
    let number = domain::base::text::normalise(call.asked("number")).to_uppercase();
    if is_number(&number) {
        return Ok(Answer::See(format!("/verify/{number}")));
    }
    let fault = (!number.is_empty()).then(|| "证书编号格式不正确，如 2026-N0QMS-4000001".to_owned());
    let status = if fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(page(move || ().into_any(), number, fault).status(status).into())
}

/// Public page of one certificate: only what the certificate itself says.
pub async fn show(call: Call) -> Result<Answer, Fault> {
    let number = call.param("number").to_owned();
    let found = if is_number(&number) { backend::record::certificate::verify(&call.app, &number).await? } else { None };
    let today = call.app.today();
    match found {
        Some(certificate) => Ok(page(move || paper(&certificate, today), number, None).into()),
        None => {
            let fault = "没有查到这个编号的证书，请核对编号".to_owned();
            Ok(page(move || ().into_any(), number, Some(fault)).status(StatusCode::NOT_FOUND).into())
        }
    }
}

/// 核验公钥: with it anyone can check a code without asking this app.
pub async fn key(call: Call) -> Result<Answer, Fault> {
    let keys = call.app.keys.public_keys();
    let body = move || {
        let keys = keys
            .into_iter()
            .rev()
            .map(
                |(id, key)| view! { <Section title=format!("{id} 号公钥")><pre class="key" tabindex="0">{code::pem(&key)}</pre></Section> },
            )
            .collect_view();
        view! {
            <PageHead title="核验公钥" lead="证书二维码中的记录由协会用数字签名算法 Ed25519 签发，任何人都可用公钥自行核验。" crumbs=vec![("证书查询".into(), "/verify".into())]/>
            {keys}
            <Section title="核验方法">
                <ol class="numbers">
                    <li>"取二维码地址中 c= 之后的内容，按 base64url 解码。"</li>
                    <li>"最后 64 个字节是签名，之前的全部字节是被签名的记录；第 2 个字节是公钥编号。"</li>
                    <li>"用对应编号的公钥核验签名。签名有效，即证明记录由本协会签发、未被改动；证书当前是否有效，以证书查询的结果为准。"</li>
                </ol>
            </Section>
        }
        .into_any()
    };
    Ok(Page::new("核验公钥", body).under("/verify").into())
}

/// How the certificate stands today, as far as the database says.
enum Now {
    Known(Box<Certificate>, Option<Status>),
    NotFound,
    NoAnswer,
}

async fn prove(call: &Call) -> Page {
    let genuine = match code::read(&call.app.keys, call.asked("c")) {
        Ok(genuine) => genuine,
        Err(error) => return refuse(error),
    };
    let today = call.app.today();
    let now = match backend::record::certificate::verify(&call.app, &genuine.record.number).await {
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
    page(move || view! { {genuine_view(&genuine)}{now_view(&now, today)} }.into_any(), String::new(), None)
}

fn refuse(error: RecordError) -> Page {
    let top = move || {
        view! { <div data-proof=error.code()><Notice tone=Tone::Bad title="未通过核验"><p>{error.text()}</p></Notice></div> }.into_any()
    };
    page(top, String::new(), None).status(StatusCode::UNPROCESSABLE_ENTITY)
}

fn genuine_view(genuine: &Genuine) -> AnyView {
    let record = &genuine.record;
    let facts = vec![
        ("姓名".into(), genuine.holder.clone().unwrap_or_default()),
        ("证书编号".into(), record.number.clone()),
        ("认证领域".into(), domain_label(&record.domain).to_owned()),
        ("注册级别".into(), grade_title(&record.domain, Some(record.grade))),
        ("执业机构".into(), record.institution.clone()),
        ("批准日期".into(), record.issued_on.to_string()),
        ("有效期至".into(), record.valid_until.to_string()),
    ];
    view! {
        <div data-proof="genuine">
            <Notice tone=Tone::Good title="签名有效"><p>"该证书由协会签发，内容未被改动。以下是签发时的记载。"</p></Notice>
            <Paper title="注册证书"><Facts items=facts/></Paper>
        </div>
    }
    .into_any()
}

fn now_view(now: &Now, today: NaiveDate) -> AnyView {
    let said = match now {
        Now::Known(certificate, status) => {
            let href = format!("/verify/{}", certificate.row.number);
            let until = format!("截至 {today} 的登记状态；登记的有效期至 {}。", certificate.row.valid_until);
            let badge = status.map(|s| view! { <Badge tone=tone(s) text=s.label()/> });
            view! { <p>{badge}</p><p class="saved">{until}" "<a href=href>"查看登记内容"</a></p>{successor(certificate)} }.into_any()
        }
        Now::NotFound => view! { <p>"登记库中没有查到这个编号的证书，请与协会联系。"</p> }.into_any(),
        Now::NoAnswer => view! { <p>"暂时查不到当前状态，请稍后再试。签名的核验不受影响。"</p> }.into_any(),
    };
    view! { <Section title="当前状态">{said}</Section> }.into_any()
}

fn page(top: impl FnOnce() -> AnyView + Send + 'static, number: String, fault: Option<String>) -> Page {
    let body = move || {
        view! {
            <PageHead title="证书查询" lead="输入证书编号，查询证书内容和状态；也可扫描证书上的二维码核验真伪"/>
            {top()}
            <Section>
                <form method="get" action="/verify" class="fields">
                    <TextField ask=Ask::new("number", "证书编号").hint("如 2026-N0QMS-4000001").fault(fault) value=number/>
                    <div class="actions"><Submit label="查询"/></div>
                </form>
            </Section>
            <p class="saved"><a href="/published">"查看证书公告"</a>" · "<a href="/verify/key">"核验公钥"</a></p>
        }
        .into_any()
    };
    Page::new("证书查询", body).under("/verify")
}
