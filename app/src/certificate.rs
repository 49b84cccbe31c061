//! 证书: how it looks, and the public check.

use backend::matter::Certificate;
use chrono::NaiveDate;
use domain::catalogue::{self, Category, Grade};
use domain::certificate::{Status, is_number};
use http::StatusCode;
use leptos::prelude::*;

use crate::call::{Answer, Call, Fault, Page};
use crate::ui::*;

/// 证书查询: by number.
pub async fn ask(call: Call) -> Result<Answer, Fault> {
    let number = domain::text::normalise(call.asked("number")).to_uppercase();
    if is_number(&number) {
        return Ok(Answer::See(format!("/verify/{number}")));
    }
    let fault = (!number.is_empty()).then(|| "证书编号格式不正确，如 2026-N0QMS-4000001".to_owned());
    let status = if fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(page(number, fault, None).status(status).into())
}

/// Public page of one certificate: only what the certificate itself says.
pub async fn verify(call: Call) -> Result<Answer, Fault> {
    let number = call.param("number").to_owned();
    let found = if is_number(&number) { call.house.verify(&number).await? } else { None };
    let today = call.house.today();
    match found {
        Some(certificate) => Ok(page(number, None, Some((certificate, today))).into()),
        None => {
            let fault = "没有查到这个编号的证书，请核对编号".to_owned();
            Ok(page(number, Some(fault), None).status(StatusCode::NOT_FOUND).into())
        }
    }
}

fn page(number: String, fault: Option<String>, found: Option<(Certificate, NaiveDate)>) -> Page {
    let body = move || {
        view! {
            <PageHead title="证书查询" lead="输入证书编号，查询证书内容和状态"/>
            {found.map(|(c, today)| paper(&c, today, false))}
            <Section>
                <form method="get" action="/verify" class="fields">
                    <TextField ask=Ask::new("number", "证书编号").hint("如 2026-N0QMS-4000001").fault(fault) value=number/>
                    <div class="actions"><Submit label="查询"/></div>
                </form>
            </Section>
        }
        .into_any()
    };
    Page::new("证书查询", body).under("/verify")
}

/// A certificate.
pub fn paper(certificate: &Certificate, today: NaiveDate, link: bool) -> AnyView {
    let row = &certificate.row;
    let category = Category::from_code(&row.category);
    let grade = match (Grade::from_code(&row.grade), category) {
        (Some(grade), Some(category)) => grade.title(category),
        _ => String::new(),
    };
    let status = Status::from_code(&row.status).map(|s| s.on(today, row.valid_until));
    let tone = if status == Some(Status::Valid) { Tone::Good } else { Tone::Bad };
    let facts = vec![
        ("姓名".into(), certificate.holder.clone()),
        ("证书编号".into(), row.number.clone()),
        ("人员类别".into(), category.map_or("", Category::label).to_owned()),
        ("认证领域".into(), catalogue::domain(&row.domain).map_or("", |d| d.label).to_owned()),
        ("注册级别".into(), grade),
        ("执业机构".into(), certificate.institution.clone().unwrap_or_default()),
        ("首次注册日期".into(), row.first_registered_on.to_string()),
        ("批准日期".into(), row.issued_on.to_string()),
        ("有效期至".into(), row.valid_until.to_string()),
    ];
    let href = format!("/verify/{}", row.number);
    view! {
        <article class="paper">
            <h2>"注册证书"</h2>
            <p>{status.map(|s| view! { <Badge tone=tone text=s.label()/> })}</p>
            <Facts items=facts/>
            {link.then(|| view! { <p class="saved"><a href=href>"公开查询页"</a></p> })}
        </article>
    }
    .into_any()
}
