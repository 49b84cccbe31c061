//! Pages of certificates: public verification, public list, own certificates, dispositions.

pub mod disposition;
pub mod list;
pub mod own;
pub mod verify;

use backend::record::certificate::{Certificate, MeasureRecord};
use chrono::NaiveDate;
use domain::base::catalogue::{self, Grade};
use domain::record::certificate::{CertificateStatus, mask_name};
use leptos::prelude::*;

use crate::links;
use crate::ui::*;

/// Name of a domain.
fn domain_label(code: &str) -> &'static str {
    catalogue::domain(code).map_or("", |d| d.label)
}

/// Name of a grade in a domain.
fn grade_title(domain: &str, grade: Grade) -> String {
    catalogue::domain(domain).map_or_else(String::new, |domain| grade.title(domain.category))
}

/// Severity of a status.
fn tone(status: CertificateStatus) -> Tone {
    match status {
        CertificateStatus::Valid => Tone::Good,
        CertificateStatus::Superseded => Tone::Info,
        CertificateStatus::Suspended | CertificateStatus::Revoked | CertificateStatus::Cancelled | CertificateStatus::Expired => Tone::Bad,
    }
}

/// Status of a certificate on a day.
fn status_on(certificate: &Certificate, day: NaiveDate) -> CertificateStatus {
    certificate.held.status_on(day)
}

/// Public view of a certificate, with the name of its holder in full or masked.
fn paper(certificate: &Certificate, is_named: bool, today: NaiveDate) -> AnyView {
    let row = &certificate.held;
    let facts = vec![
        ("姓名".into(), if is_named { certificate.holder.clone() } else { mask_name(&certificate.holder) }),
        ("证书编号".into(), row.number.clone()),
        ("人员类别".into(), row.category.label().to_owned()),
        ("认证领域".into(), domain_label(&row.domain).to_owned()),
        ("注册级别".into(), grade_title(&row.domain, row.grade)),
        ("执业机构".into(), certificate.institution.clone().unwrap_or_default()),
        ("首次注册日期".into(), certificate.first_registered_on.to_string()),
        ("批准日期".into(), row.issued_on.to_string()),
        ("有效期至".into(), row.valid_until.to_string()),
    ];
    let status = status_on(certificate, today);
    let badge = view! { <StatusTag tone=tone(status) text=status.label() /> };
    let (successor, measure) = (successor(certificate), measure_view(certificate));
    view! {
        <Paper title="注册证书">
            <p>{badge}</p>
            {measure}
            <DescriptionList items=facts />
            {successor}
        </Paper>
    }
    .into_any()
}

/// The measure to which a certificate owes its status.
fn measure_view(certificate: &Certificate) -> Option<AnyView> {
    let (measure, since) = certificate.measure_in_effect?;
    Some(view! { <p class="saved">{format!("协会处置：{}，自 {since} 起", measure.label())}</p> }.into_any())
}

/// Measures of the association, each a link to its matter.
fn measure_lines(measures: &[MeasureRecord], today: NaiveDate) -> AnyView {
    let lines = measures
        .iter()
        .map(|measure| {
            view! {
                <li>
                    <a href=links::matter(measure.matter)>{measure.text(today)}</a>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="plain">{lines}</ul> }.into_any()
}

/// Link to the certificate that superseded this one.
fn successor(certificate: &Certificate) -> Option<AnyView> {
    let number = certificate.superseded_by.clone()?;
    let href = format!("/verify/{number}");
    Some(view! { <p class="saved">"已晋级，现行证书编号："<a href=href>{number}</a></p> }.into_any())
}
