//! 我的证书: status, next renewals, PDF.

use axum::extract::State;
use backend::AppState;
use backend::service::pages::{OwnCertificate, own_certificates_page};
use chrono::NaiveDate;
use domain::kind::KINDS;
use domain::record::certificate::{CertificateStatus, Eligibility, Renewal};
use leptos::prelude::*;

use super::{domain_label, grade_title, measure_lines, successor, tone};
use crate::error::PageError;
use crate::extract::Path;
use crate::links;
use crate::page::{Download, Page};
use crate::request::{Authorized, SiteOrigin};
use crate::ui::*;

/// Shows the caller's certificates, superseded ones separately.
pub async fn show(State(app): State<AppState>, Authorized(who): Authorized) -> Result<Page, PageError> {
    let today = app.today();
    let cards = own_certificates_page(&app, &who).await?.into_iter().map(|own| Card { own, today });
    let (past, present): (Vec<Card>, Vec<Card>) = cards.partition(|c| c.status() == CertificateStatus::Superseded);
    let page = Page::new("我的证书", move || {
        let none = present.is_empty() && past.is_empty();
        let history = (!past.is_empty()).then(|| {
            let count = past.len();
            let rows = past.iter().map(Card::row).collect_view();
            view! { <Section title=format!("历史证书（{count}）")>{rows}</Section> }
        });
        view! {
            <PageHead
                title="我的证书"
                lead="注册证书为电子证书，可下载、打印，扫描二维码即可核验。"
                crumbs=vec![("个人中心".into(), "/me".into())]
            />
            {none
                .then(|| {
                    view! {
                        <Section>
                            <Empty text="您尚无注册证书">
                                <ButtonLink href="/apply/registration" label="申请人员注册" />
                            </Empty>
                        </Section>
                    }
                })}
            {present.iter().map(Card::view).collect_view()}
            {history}
        }
        .into_any()
    });
    Ok(page.under("/me"))
}

/// Downloads a certificate as PDF; also for the association.
pub async fn file(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    SiteOrigin(site): SiteOrigin,
    Path(number): Path<String>,
) -> Result<Download, PageError> {
    let file = backend::service::certificate::print::certificate_file(&app, &who, &number, &site).await?;
    Ok(Download { name: file.name, mime: file.mime, bytes: file.bytes.into() })
}

/// Due day and eligibility as text.
fn due_text(due: NaiveDate, eligibility: Eligibility) -> String {
    match eligibility {
        Eligibility::NotYet(from) => format!("办理截止日期：{due}，{from} 起可办理"),
        Eligibility::Open(until) if until > due => format!("办理截止日期：{due}，最迟 {until}（含当日）"),
        Eligibility::Open(_) => format!("办理截止日期：{due}"),
        Eligibility::Late(_) => format!("办理截止日期：{due}，已逾期，请尽快补办"),
        Eligibility::Closed(_) => format!("办理截止日期：{due}"),
    }
}

/// One of the caller's certificates, as of today.
struct Card {
    own: OwnCertificate,
    today: NaiveDate,
}

impl Card {
    fn status(&self) -> CertificateStatus {
        self.own.certificate.held.status_on(self.today)
    }

    fn title(&self) -> String {
        let held = &self.own.certificate.held;
        format!("{} · {}", domain_label(&held.domain), grade_title(&held.domain, held.grade))
    }

    fn view(&self) -> AnyView {
        let certificate = &self.own.certificate;
        let mut facts = vec![
            ("证书编号".into(), certificate.held.number.clone()),
            ("执业机构".into(), certificate.institution.clone().unwrap_or_default()),
            ("首次注册日期".into(), certificate.first_registered_on.to_string()),
            ("批准日期".into(), certificate.held.issued_on.to_string()),
        ];
        let former = self.own.former_holders.iter();
        facts.extend(former.map(|former| ("变更前姓名".into(), format!("{}（至 {}）", former.name, former.replaced_on))));
        let status = self.status();
        let badge = view! { <StatusTag tone=tone(status) text=status.label() /> };
        let term = (status == CertificateStatus::Valid).then(|| self.term());
        let (measures, renewals, actions) = (self.measures(), self.renewals(), self.actions());
        view! {
            <Paper title=self.title()>
                <p>{badge}</p>
                <DescriptionList items=facts />
                {term}
                {measures}
                {renewals}
                {actions}
            </Paper>
        }
        .into_any()
    }

    /// Measures of the association, with their matters.
    fn measures(&self) -> Option<AnyView> {
        (!self.own.measures.is_empty()).then(|| {
            let lines = measure_lines(&self.own.measures, self.today);
            view! {
                <h3 class="group-title">"证书处置"</h3>
                {lines}
            }
            .into_any()
        })
    }

    /// A row for a certificate that was superseded.
    fn row(&self) -> AnyView {
        let held = &self.own.certificate.held;
        view! {
            <div class="record">
                <div class="record-head">
                    <div>
                        <p class="record-title">{self.title()}</p>
                        <p class="row-sub">{format!("{} · {} 至 {}", held.number, held.issued_on, held.valid_until)}</p>
                    </div>
                    <StatusTag tone=tone(self.status()) text=self.status().label() />
                </div>
                {successor(&self.own.certificate)}
            </div>
        }
        .into_any()
    }

    fn term(&self) -> AnyView {
        let held = &self.own.certificate.held;
        let (total, elapsed) = ((held.valid_until - held.issued_on).num_days(), (self.today - held.issued_on).num_days());
        let percent = (elapsed * 100 / total.max(1)).clamp(0, 100);
        let left = match (held.valid_until - self.today).num_days() {
            0 => "今天到期".to_owned(),
            days => format!("剩余 {days} 天"),
        };
        view! { <Term from=held.issued_on.to_string() until=held.valid_until.to_string() elapsed=percent left=left /> }.into_any()
    }

    /// The renewal that can be filed now.
    fn open_renewal(&self) -> Option<Renewal> {
        if self.own.open_renewal.is_some() {
            return None;
        }
        self.own.upcoming.iter().find(|(.., eligibility)| eligibility.is_open()).map(|(renewal, ..)| *renewal)
    }

    /// The renewal in progress, upcoming and past renewals.
    fn renewals(&self) -> Option<AnyView> {
        let in_progress = self.own.open_renewal.iter().map(|open| {
            let by = if open.own_matter.is_some() { "提交" } else { "由执业机构代为提交" };
            (format!("正在办理{}", open.renewal.label()), format!("{}，{} {by}", open.stage, open.submitted_on))
        });
        let is_active = self.status() == CertificateStatus::Valid || self.open_renewal().is_some() || self.own.open_renewal.is_some();
        let upcoming = self.own.upcoming.iter().filter(|_| is_active);
        let upcoming = upcoming.map(|(renewal, due, eligibility)| (renewal.label().to_owned(), due_text(*due, *eligibility)));
        let past = self.own.past_renewals.iter();
        let past = past.map(|past| (format!("已办{}", past.renewal.label()), past.effective_on.to_string()));
        let items: Vec<(String, String)> = in_progress.chain(upcoming).chain(past).collect();
        (!items.is_empty()).then(|| {
            view! {
                <h3 class="group-title">"年度确认和再注册"</h3>
                <DescriptionList items=items />
            }
            .into_any()
        })
    }

    fn actions(&self) -> AnyView {
        let number = &self.own.certificate.held.number;
        let proof = format!("/verify?c={}", self.own.signed_code);
        let (renewal, own_matter) = (self.open_renewal(), self.own.open_renewal.as_ref().and_then(|open| open.own_matter));
        let kind = |renewal: Renewal| KINDS.iter().find(|k| k.renewal == Some(renewal)).map_or("", |k| k.code);
        view! {
            <div class="choices">
                {renewal
                    .map(|renewal| {
                        view! { <ButtonLink href=format!("/apply/{}", kind(renewal)) label=format!("办理{}", renewal.label()) /> }
                    })} {own_matter.map(|matter| view! { <ButtonLink href=links::matter(matter) label="查看办理进度" /> })}
                <ButtonLink
                    href=format!("/me/certificates/{number}/pdf")
                    label="下载证书"
                    quiet=renewal.is_some() || own_matter.is_some()
                /> <ButtonLink href=proof label="核验链接" quiet=true />
                <ButtonLink href=format!("/verify/{number}") label="公开查询" quiet=true />
            </div>
        }
        .into_any()
    }
}
