//! 证书公告: what was approved, week by week, for anyone.

use backend::record::certificate::Certificate;
use backend::service::certificate::publication::{Asked, Published};
use chrono::NaiveDate;
use domain::base::catalogue::Grade;
use domain::record::certificate::{Status, mask_name};
use http::StatusCode;
use leptos::prelude::*;

use super::{domain_label, grade_title, status_on, tone};
use crate::call::{Answer, Call, Fault, Page};
use crate::ui::*;

/// The most characters of a search.
const WORDS: usize = 50;

/// Shows the list.
pub async fn show(call: Call) -> Result<Answer, Fault> {
    let words = domain::base::text::normalise(call.asked("words"));
    if words.chars().count() > WORDS {
        let none = Published { lines: Vec::new(), next: None };
        let fault = Some(format!("请输入不超过 {WORDS} 个字"));
        let words = words.chars().take(WORDS).collect();
        return Ok(page(words, fault, none, false, call.app.today()).status(StatusCode::UNPROCESSABLE_ENTITY).into());
    }
    let before = read_before(call.asked("before"));
    let later = before.is_some();
    let found = backend::service::certificate::publication::published(&call.app, &Asked { words: words.clone(), before }).await?;
    Ok(page(words, None, found, later, call.app.today()).into())
}

/// Where a page begins, as it stands in an address: day and number.
fn read_before(text: &str) -> Option<(NaiveDate, String)> {
    let (day, number) = text.split_once('_')?;
    let number = Some(number).filter(|n| domain::record::certificate::is_number(n))?;
    Some((day.parse().ok()?, number.to_owned()))
}

fn page(words: String, fault: Option<String>, found: Published, later: bool, today: NaiveDate) -> Page {
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
            (true, false) => "还没有公告",
            (true, true) => "没有更早的公告",
            (false, _) => "没有查到符合条件的证书公告",
        };
        let nothing = found.lines.is_empty() && !empty.is_empty();
        view! {
            <PageHead title="证书公告" lead="批准的注册证书每周公告一次。" crumbs=vec![("证书查询".into(), "/verify".into())]/>
            <Section>
                <form method="get" action="/published" class="fields">
                    <TextField ask=Ask::new("words", "证书编号或执业机构").optional().hint("证书编号须完整，机构名称可只填一部分").fault(fault) value=words.clone()/>
                    <div class="actions"><Submit label="查询"/></div>
                </form>
            </Section>
            {batches(&found.lines, today)}
            {nothing.then(|| view! { <Section><Empty text=empty/></Section> })}
            <Pager next=next first=first/>
        }
        .into_any()
    };
    Page::new("证书公告", body).under("/verify")
}

/// One section for each day of publication.
fn batches(lines: &[Certificate], today: NaiveDate) -> AnyView {
    lines
        .chunk_by(|a, b| a.row.published_on == b.row.published_on)
        .map(|batch| {
            let day = batch.first().and_then(|c| c.row.published_on).map_or_else(String::new, |d| format!("{d} 公告"));
            let rows = batch.iter().map(|c| row(c, today)).collect();
            view! { <Section title=day><Rows rows=rows/></Section> }
        })
        .collect_view()
        .into_any()
}

fn row(certificate: &Certificate, today: NaiveDate) -> Row {
    let row = &certificate.row;
    let (name, grade) = (mask_name(&certificate.holder), grade_title(&row.domain, Grade::from_code(&row.grade)));
    let institution = certificate.institution.clone().unwrap_or_default();
    Row {
        href: format!("/verify/{}", row.number),
        title: row.number.clone(),
        sub: format!("{name} · {} · {grade} · {institution}", domain_label(&row.domain)),
        // That a certificate holds is what a list of approvals says by itself.
        badge: status_on(certificate, today).filter(|s| *s != Status::Valid).map(|s| (tone(s), s.label().to_owned())),
        end: format!("{} 至 {}", row.issued_on, row.valid_until),
        action: None,
    }
}
