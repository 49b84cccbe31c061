//! 我的证书: what each is worth, what comes next, and the paper itself.

use backend::record::certificate::Certificate;
use backend::record::certificate::renewal::UnderWay;
use backend::service::certificate::print::PrintError;
use chrono::NaiveDate;
use domain::base::catalogue::Grade;
use domain::kind::KINDS;
use domain::record::certificate::{Held, Standing, Status, Upkeep, dues};
use leptos::prelude::*;

use super::{domain_label, grade_title, status_on, successor, tone};
use crate::call::{Answer, Call, Fault, Page};
use crate::ui::*;

/// Shows the caller's certificates; those that gave way to others stand apart.
pub async fn show(call: Call) -> Result<Answer, Fault> {
    let who = call.allowed()?;
    let all = backend::record::certificate::own_certificates(&call.app, &who).await?;
    let kept = backend::record::certificate::renewal::kept_certificates(&call.app, &who).await?;
    let under_way = backend::record::certificate::renewal::certificates_under_way(&call.app, &who).await?;
    let (today, tables) = (call.app.today(), call.app.tables());
    let card = |certificate: Certificate| {
        let standing = |held: &Held, upkeep: Upkeep| upkeep.standing(held, today, tables.rules.on(today));
        let held = certificate.row.held();
        let ahead = held.iter().flat_map(|held| dues(held).into_iter().map(move |(u, due)| (u, due, standing(held, u)))).collect();
        let kept = kept.iter().filter(|(number, ..)| *number == certificate.row.number).map(|(_, upkeep, day)| (*upkeep, *day)).collect();
        let under_way = under_way.iter().find(|asked| asked.number == certificate.row.number).cloned();
        Card { code: backend::record::certificate::code_of(&call.app, &certificate), certificate, today, ahead, under_way, kept }
    };
    let cards: Vec<Card> = all.into_iter().map(card).collect();
    let (past, present): (Vec<Card>, Vec<Card>) = cards.into_iter().partition(|c| c.status() == Some(Status::Superseded));
    let page = Page::new("我的证书", move || {
        let none = present.is_empty() && past.is_empty();
        let history = (!past.is_empty()).then(|| {
            let count = past.len();
            let rows = past.iter().map(Card::line).collect_view();
            view! { <Section title=format!("历史证书（{count}）")>{rows}</Section> }
        });
        view! {
            <PageHead title="我的证书" lead="证书以电子证书为准，可下载打印，扫描二维码即可核验。" crumbs=vec![("个人中心".into(), "/me".into())]/>
            {none.then(|| view! { <Section><Empty text="您还没有注册证书"><ButtonLink href="/apply/registration" label="申请人员注册"/></Empty></Section> })}
            {present.iter().map(Card::view).collect_view()}
            {history}
        }
        .into_any()
    });
    Ok(page.under("/me").into())
}

/// A certificate as a file; also for the association.
pub async fn file(call: Call) -> Result<Answer, Fault> {
    match backend::service::certificate::print::certificate_file(&call.app, &call.allowed()?, call.param("number"), &call.site).await {
        Ok(file) => Ok(Answer::File { name: file.name, mime: file.mime, bytes: file.bytes.into() }),
        Err(PrintError::NotFound) => Err(Fault::NotFound),
        Err(PrintError::Db(error)) => Err(Fault::Db(error)),
        Err(error @ PrintError::Over) => Err(Fault::Conflict(error.text().to_owned())),
        Err(error) => {
            tracing::error!(%error, "a certificate was not printed");
            Err(Fault::Later(error.text().to_owned()))
        }
    }
}

/// By which day, and what that means now.
fn told(due: NaiveDate, standing: Standing) -> String {
    match standing {
        Standing::Early(from) => format!("应于 {due} 前办理，{from} 起可以办理"),
        Standing::Open(until) if until > due => format!("应于 {due} 前办理，最迟 {until}"),
        Standing::Open(_) => format!("应于 {due} 前办理"),
        Standing::Late(_) => format!("应于 {due} 前办理，已逾期，请尽快补办"),
        Standing::Closed(_) => format!("应于 {due} 前办理"),
    }
}

/// One certificate of one's own.
struct Card {
    certificate: Certificate,
    code: Option<String>,
    today: NaiveDate,
    /// What keeps it alive next, by which day, and whether it can be asked for.
    ahead: Vec<(Upkeep, NaiveDate, Standing)>,
    /// What is under way for it.
    under_way: Option<UnderWay>,
    /// How it was kept alive, newest first.
    kept: Vec<(Upkeep, NaiveDate)>,
}

impl Card {
    fn status(&self) -> Option<Status> {
        status_on(&self.certificate, self.today)
    }

    fn title(&self) -> String {
        let row = &self.certificate.row;
        format!("{} · {}", domain_label(&row.domain), grade_title(&row.domain, Grade::from_code(&row.grade)))
    }

    fn view(&self) -> AnyView {
        let row = &self.certificate.row;
        let facts = vec![
            ("证书编号".into(), row.number.clone()),
            ("执业机构".into(), self.certificate.institution.clone().unwrap_or_default()),
            ("首次注册日期".into(), row.first_registered_on.to_string()),
            ("批准日期".into(), row.issued_on.to_string()),
        ];
        let badge = self.status().map(|s| view! { <Badge tone=tone(s) text=s.label()/> });
        let valid = self.status() == Some(Status::Valid);
        let (term, dues, ways) = (valid.then(|| self.term()), self.dues(), self.ways());
        view! {
            <Paper title=self.title()>
                <p>{badge}</p>
                <Facts items=facts/>
                {term}
                {dues}
                {ways}
            </Paper>
        }
        .into_any()
    }

    /// A certificate of the past, in short.
    fn line(&self) -> AnyView {
        let row = &self.certificate.row;
        view! {
            <div class="record">
                <div class="record-head">
                    <div>
                        <p class="record-title">{self.title()}</p>
                        <p class="row-sub">{format!("{} · {} 至 {}", row.number, row.issued_on, row.valid_until)}</p>
                    </div>
                    {self.status().map(|s| view! { <Badge tone=tone(s) text=s.label()/> })}
                </div>
                {successor(&self.certificate)}
            </div>
        }
        .into_any()
    }

    fn term(&self) -> AnyView {
        let row = &self.certificate.row;
        view! { <Term from=row.issued_on.to_string() until=row.valid_until.to_string() gone=self.gone() left=self.left()/> }.into_any()
    }

    /// Hundredths of its term that are behind.
    fn gone(&self) -> i64 {
        let row = &self.certificate.row;
        let (all, gone) = ((row.valid_until - row.issued_on).num_days(), (self.today - row.issued_on).num_days());
        (gone * 100 / all.max(1)).clamp(0, 100)
    }

    fn left(&self) -> String {
        match (self.certificate.row.valid_until - self.today).num_days() {
            0 => "今天到期".to_owned(),
            days => format!("还有 {days} 天"),
        }
    }

    /// What can be asked for now.
    fn open(&self) -> Option<Upkeep> {
        if self.under_way.is_some() {
            return None;
        }
        self.ahead.iter().find(|(.., standing)| standing.is_open()).map(|(upkeep, ..)| *upkeep)
    }

    /// What comes next, and what was done before.
    fn dues(&self) -> Option<AnyView> {
        let under_way = self.under_way.iter().map(|asked| {
            let by = if asked.own.is_some() { "提交" } else { "由执业机构代为提交" };
            (format!("正在办理{}", asked.upkeep.label()), format!("{}，{} {by}", asked.stage, asked.since))
        });
        let alive = self.status() == Some(Status::Valid) || self.open().is_some() || self.under_way.is_some();
        let ahead = self.ahead.iter().filter(|_| alive).map(|(upkeep, due, standing)| (upkeep.label().to_owned(), told(*due, *standing)));
        let kept = self.kept.iter().map(|(upkeep, day)| (format!("已办{}", upkeep.label()), day.to_string()));
        let items: Vec<(String, String)> = under_way.chain(ahead).chain(kept).collect();
        (!items.is_empty()).then(|| view! { <h3 class="group-title">"年度确认和再注册"</h3><Facts items=items/> }.into_any())
    }

    fn ways(&self) -> AnyView {
        let number = &self.certificate.row.number;
        let proof = self.code.as_ref().map(|code| format!("/verify?c={code}"));
        let (now, own) = (self.open(), self.under_way.as_ref().and_then(|asked| asked.own));
        let kind = |upkeep| KINDS.iter().find(|k| k.upkeep == Some(upkeep)).map_or("", |k| k.code);
        view! {
            <div class="choices">
                {now.map(|upkeep| view! { <ButtonLink href=format!("/apply/{}", kind(upkeep)) label=format!("办理{}", upkeep.label())/> })}
                {own.map(|matter| view! { <ButtonLink href=format!("/matters/{matter}") label="查看办理进度"/> })}
                <ButtonLink href=format!("/me/certificates/{number}/pdf") label="下载证书" quiet=now.is_some() || own.is_some()/>
                {proof.map(|href| view! { <ButtonLink href=href label="核验链接" quiet=true/> })}
                <ButtonLink href=format!("/verify/{number}") label="公开查询页" quiet=true/>
            </div>
        }
        .into_any()
    }
}
