//! 首页: what waits for the reader, what is under way, services, notices.

use axum::extract::State;
use backend::AppState;
use backend::matter::MatterSummary;
use backend::service::notice::Notice;
use backend::service::pages::{DueRenewal, HomePage};
use domain::base::rule::RulesOn;
use domain::engine::flow::{Course, Party};
use domain::kind::KINDS;
use domain::matter::Kind;
use leptos::prelude::*;

use crate::error::PageError;
use crate::format;
use crate::matter::summary::own_row;
use crate::page::Page;
use crate::request::{Authorized, SiteOperator};
use crate::ui::*;

/// The home page of signed-in users, and the entry page for others.
pub async fn show(
    State(app): State<AppState>,
    State(SiteOperator(operator)): State<SiteOperator>,
    user: Option<Authorized>,
) -> Result<Page, PageError> {
    let Some(Authorized(who)) = user else {
        let notices = backend::service::notice::list_notices(&app).await?;
        let tables = app.tables();
        let services = services(&tables.rules.on(app.today()));
        return Ok(entry(services, notices, operator.contacts()));
    };
    let home = backend::service::pages::home_page(&app, &who).await?;
    let page = Page::new("首页", move || {
        let figures = figures(&home);
        let duties = duties(&home).filter(|duty| duty.number > 0).map(|duty| duty_row(&duty));
        let waiting = duties.chain(home.tasks.iter().map(own_row)).chain(home.renewals.iter().map(renewal_row)).collect();
        let HomePage { notices, under_way, .. } = home;
        let under_way = (!under_way.is_empty()).then(|| {
            let rows = under_way.iter().map(progress_row).collect();
            view! {
                <Section title="办理中" aside=("全部事项", "/matters".to_owned())>
                    <ProgressRows rows=rows />
                </Section>
            }
        });
        let own = [
            Tile::new(IconName::List, "我的事项", "草稿、办理动态和结果", "/matters"),
            Tile::new(IconName::Certificate, "我的证书", "证书编号和有效期", "/me/certificates"),
        ];
        let services = own_kinds().map(|kind| Tile::new(icon(kind), kind.apply_label, kind.guide.brief, guide(kind))).chain(own).collect();
        view! {
            <h1 class="sr-only">"首页"</h1>
            <Figures items=figures />
            <div class="split">
                <div>
                    <Section title="待办" aside=("全部事项", "/matters".to_owned())>
                        <RowsOrEmpty rows=waiting empty="暂无待办事项" />
                    </Section>
                    {under_way}
                </div>
                <Section title="通知公告" aside=("证书公告", "/published".to_owned())>
                    {notices_view(notices)}
                </Section>
            </div>
            <h2 class="section-name">"个人服务"</h2>
            <Section title="常用服务" aside=("在线申请", "/apply".to_owned())>
                <Tiles items=services />
            </Section>
        }
        .into_any()
    });
    Ok(page.under("/"))
}

/// What waits for the reader in the name of others, and where it is done.
struct Duty {
    title: &'static str,
    label: &'static str,
    href: &'static str,
    number: i64,
}

/// The duties of the reader, those without anything that waits included.
fn duties(home: &HomePage) -> impl Iterator<Item = Duty> + use<> {
    let duty = |title, label, href, number: Option<i64>| number.map(|number| Duty { title, label, href, number });
    [
        duty("协会工作台", "协会待办", "/association", home.association_tasks),
        duty("机构工作台", "机构待办", "/institution", home.institution_tasks),
        duty("专家评价", "待评价", "/expert", home.evaluations),
    ]
    .into_iter()
    .flatten()
}

/// What waits, duties for others first, and what is under way.
fn figures(home: &HomePage) -> Vec<Figure> {
    let figure = |duty: Duty| Figure { label: duty.label, number: duty.number, href: duty.href, waits: true };
    duties(home).map(figure).chain(own_figures(home)).collect()
}

/// A duty with something that waits.
fn duty_row(duty: &Duty) -> Row {
    Row {
        href: duty.href.to_owned(),
        title: duty.title.to_owned(),
        sub: format!("{} 件待办理", duty.number),
        badge: Some((Tone::Warn, duty.label.to_owned())),
        end: String::new(),
        actions: vec![RowAction::Open("去办理", duty.href.to_owned())],
    }
}

/// What waits in the reader's own name, and what is under way.
pub fn own_figures(home: &HomePage) -> Vec<Figure> {
    let figure = |label, href, number: usize, waits| Figure { label, number: i64::try_from(number).unwrap_or(i64::MAX), href, waits };
    vec![
        figure("本人待办", "/matters", home.tasks.len() + home.renewals.len(), true),
        figure("办理中", "/matters?view=open", home.under_way.len(), false),
    ]
}

/// A renewal that can be filed now.
fn renewal_row(due: &DueRenewal) -> Row {
    let held = &due.certificate;
    let action = KINDS.iter().find(|kind| kind.renewal == Some(due.renewal)).map(|kind| RowAction::Open("去办理", guide(kind)));
    Row {
        href: "/me/certificates".to_owned(),
        title: format!("{}证书{}", held.domain_label(), due.renewal.label()),
        sub: format!("{} · 期限 {}", held.number, due.due_on),
        badge: Some((Tone::Warn, "可办理".to_owned())),
        end: String::new(),
        actions: action.into_iter().collect(),
    }
}

/// An own matter that waits for others, with the stages it passes.
fn progress_row(matter: &MatterSummary) -> ProgressRow {
    let Course { stages, present } = format::course_of(matter).unwrap_or_else(|| Course { stages: Vec::new(), present: 0 });
    let next = stages.get(present + 1).map(|stage| format!("下一步：{}", format::short(stage.label)));
    let turn = matter.kind.zip(matter.stage).map(|(kind, stage)| format!("当前办理人：{}", kind.turn_label(stage)));
    let due = matter.due_on.map(|day| format!("期限 {day}"));
    let sub: Vec<String> = [Some(format::kind_and_number(matter)), turn, due, next].into_iter().flatten().collect();
    ProgressRow {
        href: crate::links::matter(matter.id),
        title: matter.title.clone(),
        sub: sub.join(" · "),
        badge: format::stage(matter),
        stages: stages.iter().map(|stage| format::short(stage.label)).collect(),
        present,
    }
}

/// The kinds that applicants can begin themselves.
fn own_kinds() -> impl Iterator<Item = &'static Kind> {
    KINDS.iter().copied().filter(|kind| kind.begun_by.contains(&Party::Applicant))
}

fn guide(kind: &Kind) -> String {
    format!("/apply/{}", kind.code)
}

/// The icon of a kind, by what it does.
fn icon(kind: &Kind) -> IconName {
    if kind.renewal.is_some() {
        IconName::Renew
    } else if kind.identity.is_some() {
        IconName::User
    } else if kind.excludes_people() {
        IconName::Scale
    } else if kind.related_institutions.is_some() {
        IconName::Transfer
    } else {
        IconName::Apply
    }
}

/// The services with fee and time, for visitors.
fn services(rules: &RulesOn<'_>) -> Vec<Tile> {
    let hint = |kind: &Kind| match kind.working_days(rules) {
        None => kind.fee_text(rules),
        Some(days) => format!("{} · 各环节时限合计 {days} 个工作日", kind.fee_text(rules)),
    };
    own_kinds().map(|kind| Tile::new(icon(kind), kind.apply_label, hint(kind), guide(kind))).collect()
}

fn entry(services: Vec<Tile>, notices: Vec<Notice>, contacts: Vec<(String, String)>) -> Page {
    let body = move || {
        let actions = view! {
            <ButtonLink href="/login" label="登录" />
            <ButtonLink href="/register" label="立即注册" quiet=true />
        }
        .into_any();
        let contact = (!contacts.is_empty()).then(|| {
            view! {
                <Section title="联系我们" aside=("帮助", "/help".to_owned())>
                    <DescriptionList items=contacts />
                </Section>
            }
        });
        view! {
            <Hero
                title="认证人员综合服务平台"
                lead="认证人员注册、考试、培训和证书业务的网上办理入口"
                actions=actions
            >
                <SearchLine action="/verify" name="number" label="证书编号" hint="如 2026-N0QMS-4000001" button="查询证书" />
                <p class="saved">"凭证书编号可查询证书是否有效，无需登录。"<a href="/published">"证书公告"</a></p>
            </Hero>
            <div class="split">
                <Section title="可办理的业务" aside=("在线申请", "/apply".to_owned())>
                    <p class="lead lines">
                        "申请人、注册人员、教师和专家使用个人账号登录，认证机构和协会工作人员使用各自账号登录。"
                    </p>
                    <Tiles items=services />
                </Section>
                <div>
                    <Section title="通知公告">{notices_view(notices)}</Section>
                    {contact}
                </div>
            </div>
        }
        .into_any()
    };
    Page::new("首页", body).under("/")
}

fn notices_view(notices: Vec<Notice>) -> AnyView {
    if notices.is_empty() {
        return view! { <Empty text="暂无通知" /> }.into_any();
    }
    let items = notices.into_iter().map(|notice| (notice.title, notice.published_on.to_string(), notice.body)).collect();
    view! { <News items=items /> }.into_any()
}
