//! 个人中心 and 基本信息.

use axum::extract::State;
use backend::AppState;
use domain::base::permission::Role;
use leptos::prelude::*;

use crate::error::PageError;
use crate::home::own_figures;
use crate::page::Page;
use crate::request::Authorized;
use crate::ui::*;

/// The entries of the centre, below what waits for the caller.
pub async fn centre(State(app): State<AppState>, Authorized(who): Authorized) -> Result<Page, PageError> {
    let caller = who.caller();
    let (name, expert) = (caller.person.name.clone(), caller.roles.contains(&Role::Expert));
    let lead = [name, format!("登录账号 {}", caller.login)].into_iter().chain(caller.institutions.iter().map(|(_, name)| name.clone()));
    let lead = lead.collect::<Vec<_>>().join(" · ");
    let home = backend::service::pages::home_page(&app, &who).await?;
    let page = Page::new("个人中心", move || {
        let mut tiles = vec![
            Tile::new(IconName::List, "我的事项", "草稿、办理动态和结果", "/matters"),
            Tile::new(IconName::User, "基本信息", "姓名、证件和联系方式", "/me/profile"),
            Tile::new(IconName::Library, "基本信息库", "教育、工作、审核、培训经历和继续教育", "/me/library"),
            Tile::new(IconName::Draft, "未提交的内容", "评价、退回、整改、缴费等页面填写后没有提交的内容", "/me/form-drafts"),
            Tile::new(IconName::Exam, "我的考试", "科目、成绩和有效期", "/me/exams"),
            Tile::new(IconName::Library, "培训课程管理", "绑定的课程类别", "/teaching/categories"),
            Tile::new(IconName::Certificate, "我的证书", "证书编号和有效期", "/me/certificates"),
            Tile::new(IconName::Bell, "消息中心", "待办提醒、办理进展和通知设置", "/me/messages"),
            Tile::new(IconName::Shield, "账号与安全", "密码、手机、邮箱和登录设备", "/me/security"),
        ];
        if expert {
            tiles.insert(1, Tile::new(IconName::Review, "专家评价", "待评价和已评价的业务", "/expert"));
        }
        view! {
            <PageHead title="个人中心" lead=lead />
            <Figures items=own_figures(&home) />
            <Tiles items=tiles />
        }
        .into_any()
    });
    Ok(page.under("/me"))
}

/// 基本信息, masked.
pub async fn profile(State(app): State<AppState>, Authorized(who): Authorized) -> Result<Page, PageError> {
    let caller = who.caller().clone();
    let practice = backend::service::practice::practice_history(&app, &who).await?;
    let page = Page::new("基本信息", move || {
        let p = &caller.person;
        let items = vec![
            ("登录账号".into(), caller.login.clone()),
            ("姓名".into(), p.name.clone()),
            ("性别".into(), p.sex.label().to_owned()),
            ("出生日期".into(), p.birth_date.to_string()),
            (p.document_label().into(), p.masked_document()),
            ("手机号码".into(), p.masked_mobile()),
            ("电子邮箱".into(), p.masked_email()),
            ("执业机构".into(), practice.institutions.join("、")),
        ];
        let transfers: Vec<(String, String)> =
            practice.transfers.iter().map(|t| (t.effective_on.to_string(), format!("由{}转入{}", t.from, t.to))).collect();
        let transfers = (!transfers.is_empty()).then(|| {
            view! {
                <Section title="执业机构变更记录">
                    <DescriptionList items=transfers />
                </Section>
            }
        });
        let change = crate::links::identity_change().map(|(label, href)| {
            view! {
                <Actions>
                    <ButtonLink href=href label=label quiet=true />
                </Actions>
            }
        });
        view! {
            <PageHead title="基本信息" crumbs=vec![("个人中心".into(), "/me".into())] />
            <Section>
                <DescriptionList items=items />
            </Section>
            {transfers}
            {change}
            <p class="saved">"为保护个人信息，证件号码和联系方式只显示首尾部分。"</p>
        }
        .into_any()
    });
    Ok(page.under("/me"))
}
