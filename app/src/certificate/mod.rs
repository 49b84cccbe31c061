//! 证书: how it looks, the public check, the public list, and one's own.

pub mod list;
pub mod own;
pub mod verify;

use backend::record::certificate::Certificate;
use chrono::NaiveDate;
use domain::base::catalogue::{self, Category, Grade};
use domain::record::certificate::Status;
use leptos::prelude::*;

use crate::ui::*;

/// Name of a domain.
fn domain_label(code: &str) -> &'static str {
    catalogue::domain(code).map_or("", |d| d.label)
}

/// Name of a grade in a domain.
fn grade_title(domain: &str, grade: Option<Grade>) -> String {
    match (grade, catalogue::domain(domain)) {
        (Some(grade), Some(domain)) => grade.title(domain.category),
        _ => String::new(),
    }
}

/// What a status means at a glance.
fn tone(status: Status) -> Tone {
    match status {
        Status::Valid => Tone::Good,
        Status::Superseded => Tone::Info,
        Status::Suspended | Status::Revoked | Status::Cancelled | Status::Expired => Tone::Bad,
    }
}

/// What it is worth on a day.
fn status_on(certificate: &Certificate, day: NaiveDate) -> Option<Status> {
    certificate.row.held().map(|held| held.status_on(day))
}

/// A certificate, as anyone may see it.
fn paper(certificate: &Certificate, today: NaiveDate) -> AnyView {
    let row = &certificate.row;
    let category = Category::from_code(&row.category);
    let facts = vec![
        ("姓名".into(), certificate.holder.clone()),
        ("证书编号".into(), row.number.clone()),
        ("人员类别".into(), category.map_or("", Category::label).to_owned()),
        ("认证领域".into(), domain_label(&row.domain).to_owned()),
        ("注册级别".into(), grade_title(&row.domain, Grade::from_code(&row.grade))),
        ("执业机构".into(), certificate.institution.clone().unwrap_or_default()),
        ("首次注册日期".into(), row.first_registered_on.to_string()),
        ("批准日期".into(), row.issued_on.to_string()),
        ("有效期至".into(), row.valid_until.to_string()),
    ];
    let badge = status_on(certificate, today).map(|s| view! { <Badge tone=tone(s) text=s.label()/> });
    let successor = successor(certificate);
    view! {
        <Paper title="注册证书">
            <p>{badge}</p>
            <Facts items=facts/>
            {successor}
        </Paper>
    }
    .into_any()
}

/// The certificate that took its place.
fn successor(certificate: &Certificate) -> Option<AnyView> {
    let number = certificate.superseded_by.clone()?;
    let href = format!("/verify/{number}");
    Some(view! { <p class="saved">"已晋级，现行证书编号："<a href=href>{number}</a></p> }.into_any())
}
