//! 证书公告: approvals by week, public.

use axum::extract::State;
use backend::AppState;
use backend::record::certificate::Certificate;
use backend::service::certificate::publication::{PublicationPage, PublicationQuery};
use chrono::NaiveDate;
use domain::record::certificate::{CertificateStatus, mask_name};
use http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;

use super::{domain_label, grade_title, status_on, tone};
use crate::error::PageError;
use crate::extract::Query;
use crate::page::{Page, PageResponse};
use crate::ui::*;

/// Maximum length of a search text.
const WORDS: usize = 50;

/// Query of 证书公告.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct PublicationsQuery {
    /// Text to search for.
    words: String,
    /// Cursor of the page; empty for the first.
    before: String,
}

/// Shows the list.
pub async fn show(State(app): State<AppState>, Query(query): Query<PublicationsQuery>) -> Result<PageResponse, PageError> {
    let words = domain::base::text::normalise(&query.words);
    if words.chars().count() > WORDS {
        let none = PublicationPage { certificates: Vec::new(), next: None };
        let fault = Some(format!("请输入不超过 {WORDS} 个字"));
        let words = words.chars().take(WORDS).collect();
        return Ok(page(words, fault, none, false, app.today()).status(StatusCode::UNPROCESSABLE_ENTITY).into());
    }
    let before = read_before(&query.before);
    let later = before.is_some();
    let found =
        backend::service::certificate::publication::list_publications(&app, &PublicationQuery { text: words.clone(), cursor: before })
            .await?;
    Ok(page(words, None, found, later, app.today()).into())
}

/// Parses the cursor of the next page from the address: day and number.
fn read_before(text: &str) -> Option<(NaiveDate, String)> {
    let (day, number) = text.split_once('_')?;
    let number = Some(number).filter(|n| domain::record::certificate::is_number(n))?;
    Some((day.parse().ok()?, number.to_owned()))
}

fn page(words: String, fault: Option<String>, found: PublicationPage, later: bool, today: NaiveDate) -> Page {
    let body = move || {
        let address = |query: &[(&str, &str)]| {
            let query: String =
                form_urlencoded::Serializer::new(String::new()).extend_pairs(query.iter().filter(|(_, v)| !v.is_empty())).finish();
            if query.is_empty() { "/published".to_owned() } else { format!("/published?{query}") }
        };
        let next = found.next.as_ref().map(|(day, number)| address(&[("words", &words), ("before", &format!("{day}_{number}"))]));
        let first = later.then(|| address(&[("words", &words)]));
        let empty = match (words.is_empty(), later) {
            _ if fault.is_some() => "",
            (true, false) => "暂无公告",
            (true, true) => "没有更早的公告",
            (false, _) => "没有查到符合条件的证书公告",
        };
        let nothing = found.certificates.is_empty() && !empty.is_empty();
        view! {
            <PageHead
                title="证书公告"
                lead="批准的注册证书每周公告一次。"
                crumbs=vec![("证书查询".into(), "/verify".into())]
            />
            <Section>
                <form method="get" action="/published" class="fields">
                    <TextField
                        ask=FieldProps::new("words", "证书编号或执业机构")
                            .optional()
                            .hint("证书编号须完整，机构名称可只填一部分")
                            .fault(fault)
                        value=words.clone()
                    />
                    <div class="actions">
                        <Submit label="查询" />
                    </div>
                </form>
            </Section>
            {batches(&found.certificates, today)}
            {nothing
                .then(|| {
                    view! {
                        <Section>
                            <Empty text=empty />
                        </Section>
                    }
                })}
            <Pager next=next first=first />
        }
        .into_any()
    };
    Page::new("证书公告", body).under("/verify")
}

/// One section for each day of publication.
fn batches(lines: &[Certificate], today: NaiveDate) -> AnyView {
    lines
        .chunk_by(|a, b| a.published_on == b.published_on)
        .map(|batch| {
            let day = batch.first().and_then(|c| c.published_on).map_or_else(String::new, |d| format!("{d} 公告"));
            let rows = batch.iter().map(|c| row(c, today)).collect();
            view! {
                <Section title=day>
                    <Rows rows=rows />
                </Section>
            }
        })
        .collect_view()
        .into_any()
}

fn row(certificate: &Certificate, today: NaiveDate) -> Row {
    let row = &certificate.held;
    let (name, grade) = (mask_name(&certificate.holder), grade_title(&row.domain, row.grade));
    let institution = certificate.institution.clone().unwrap_or_default();
    Row {
        href: format!("/verify/{}", row.number),
        title: row.number.clone(),
        sub: format!("{name} · {} · {grade} · {institution}", domain_label(&row.domain)),
        // No badge for valid certificates.
        badge: Some(status_on(certificate, today)).filter(|s| *s != CertificateStatus::Valid).map(|s| (tone(s), s.label().to_owned())),
        end: format!("{} 至 {}", row.issued_on, row.valid_until),
        actions: Vec::new(),
    }
}
