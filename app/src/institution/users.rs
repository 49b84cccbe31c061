//! 用户 of an institution: the list, invitations, roles.

use axum::extract::State;
use backend::AppState;
use backend::access::guard::Allowed;
use backend::service::institution::InstitutionError;
use backend::service::institution::users::{InstitutionUser, NewUser, UserChange, change_user, invite, users_of_institution};
use domain::base::permission::{GrantStatus, UserRole};
use leptos::prelude::*;
use serde::Deserialize;
use uuid::Uuid;

use super::{chosen, institution_tabs};
use crate::error::{HttpStatus, PageError};
use crate::extract::Query;
use crate::outcome::ActOutcome;
use crate::page::{Page, PageResponse, done};
use crate::post::Post;
use crate::request::Authorized;
use crate::ui::*;

const PATH: &str = "/institution/users";

const COLUMNS: &[Column] = &[
    Column::new("登录账号", ""),
    Column::title("姓名"),
    Column::new("角色", ""),
    Column::new("状态", ""),
    Column::new("起始日期", "table-when"),
    Column::actions("操作"),
];

/// Query of the page.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct UsersQuery {
    /// The institution, for administrators of several.
    institution: Option<Uuid>,
    /// The user whose roles are changed.
    user: Option<Uuid>,
}

/// What was typed, and why it was refused.
#[derive(Default)]
struct TypedUser {
    login: String,
    mobile: String,
    roles: Vec<String>,
    refused: Option<InstitutionError>,
}

/// The users of an institution.
pub async fn show(State(app): State<AppState>, Authorized(who): Authorized, Query(query): Query<UsersQuery>) -> Result<Page, PageError> {
    page(&app, &who, query, TypedUser::default()).await
}

/// Invites somebody, or changes a user.
pub async fn act(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Query(query): Query<UsersQuery>,
    post: Post,
) -> Result<PageResponse, PageError> {
    let (institution, _) = chosen(&administered(&who), query.institution)?;
    let roles: Vec<UserRole> = post.values("role").filter_map(UserRole::from_code).collect();
    let result = match post.text("_action") {
        "invite" => {
            let new = NewUser { institution, login: post.text("login").to_owned(), mobile: post.text("mobile").to_owned(), roles };
            invite(&app, &who, new).await.map(|()| ActOutcome::UserInvited)
        }
        action => {
            let change = match action {
                "roles" => UserChange::Roles(roles),
                "disable" => UserChange::Disable,
                "enable" => UserChange::Enable,
                "uninvite" => UserChange::Uninvite,
                _ => return Err(PageError::OUTDATED_FORM),
            };
            change_user(&app, &who, institution, post.id("_user")?, change).await.map(|()| ActOutcome::UserChanged)
        }
    };
    let error = match result {
        Ok(outcome) => return Ok(done(format!("{PATH}?institution={institution}"), outcome)),
        Err(error @ (InstitutionError::NotFound | InstitutionError::Db(_))) => return Err(error.into()),
        Err(error) => error,
    };
    let status = error.http_status();
    let typed = TypedUser {
        login: post.text("login").to_owned(),
        mobile: post.text("mobile").to_owned(),
        roles: post.values("role").map(str::to_owned).collect(),
        refused: Some(error),
    };
    let user = if post.text("_action") == "roles" { Some(post.id("_user")?) } else { None };
    Ok(page(&app, &who, UsersQuery { institution: Some(institution), user }, typed).await?.status(status).into())
}

/// The institutions whose administrator the caller is.
fn administered(who: &Allowed) -> Vec<(Uuid, String)> {
    who.caller().institutions_as(UserRole::Administrator).cloned().collect()
}

async fn page(app: &AppState, who: &Allowed, query: UsersQuery, typed: TypedUser) -> Result<Page, PageError> {
    let institutions = administered(who);
    let (id, name) = chosen(&institutions, query.institution)?;
    let users = users_of_institution(app, who, id).await?;
    let changed = query.user.and_then(|user| users.iter().find(|row| row.account == user && !row.is_self).cloned());
    let address = format!("{PATH}?institution={id}");
    let page = Page::new("用户", move || {
        let rows = users.iter().map(|user| row(user, &address)).collect();
        let refused = typed.refused.as_ref().map(|error| {
            let text = error.text();
            view! { <Notice tone=Tone::Bad>{text}</Notice> }
        });
        let form = match &changed {
            Some(user) => roles_form(user, &typed, &address),
            None => invitation_form(&typed, &address),
        };
        view! {
            <PageHead title="用户" lead=name crumbs=vec![("机构工作台".into(), "/institution".into())] />
            {institution_tabs(&institutions, PATH, id)}
            {refused}
            <section class="panel">
                <DataTable caption="机构用户" columns=COLUMNS.to_vec() rows=rows />
            </section>
            {form}
            <Section title="角色说明">{duties()}</Section>
        }
        .into_any()
    });
    Ok(page.under("/institution"))
}

/// What each role does.
fn duties() -> AnyView {
    let items = UserRole::ALL.iter().map(|role| (role.label().to_owned(), role.duties().to_owned())).collect();
    view! { <DescriptionList items=items /> }.into_any()
}

fn status(user: &InstitutionUser) -> (Tone, &'static str) {
    match user.status {
        GrantStatus::Active => (Tone::Good, "正常"),
        GrantStatus::Pending if user.is_expired => (Tone::Bad, "邀请已失效"),
        GrantStatus::Pending => (Tone::Warn, "待本人接受"),
        GrantStatus::Suspended | GrantStatus::Ended => (Tone::Bad, "已停用"),
    }
}

/// The cells of a user, in the order of [`COLUMNS`].
fn row(user: &InstitutionUser, address: &str) -> Vec<AnyView> {
    let (tone, text) = status(user);
    let roles = user.roles.iter().map(|role| role.label()).collect::<Vec<_>>().join("、");
    let name = match (user.is_self, user.name.is_empty()) {
        (true, _) => format!("{}（本人）", user.name),
        (false, true) => "（接受后显示）".to_owned(),
        (false, false) => user.name.clone(),
    };
    vec![
        user.login.clone().into_any(),
        name.into_any(),
        roles.into_any(),
        view! { <StatusTag tone=tone text=text /> }.into_any(),
        user.since.to_string().into_any(),
        actions(user, address),
    ]
}

/// What the caller can do with a user; nothing with the own account.
fn actions(user: &InstitutionUser, address: &str) -> AnyView {
    if user.is_self {
        return ().into_any();
    }
    let (label, action) = match user.status {
        GrantStatus::Active => ("停用", "disable"),
        GrantStatus::Suspended | GrantStatus::Ended => ("启用", "enable"),
        GrantStatus::Pending => ("撤回邀请", "uninvite"),
    };
    let (id, to) = (user.account.to_string(), address.to_owned());
    view! {
        <SmallLink href=format!("{address}&user={id}") label="设置角色" />
        <form method="post" action=to>
            <Hidden name="_user" value=id />
            <SmallSubmit label=label action=action />
        </form>
    }
    .into_any()
}

fn role_field(chosen: Vec<String>) -> AnyView {
    let item = |role: &UserRole| ChoiceItem { code: role.code().into(), label: role.label().into(), group: String::new() };
    let picks = UserRole::ALL.iter().map(item).collect();
    view! { <ChoiceField ask=FieldProps::new("role", "角色").hint("可多选") picks=picks values=chosen many=true /> }.into_any()
}

fn roles_form(user: &InstitutionUser, typed: &TypedUser, address: &str) -> AnyView {
    let present = || user.roles.iter().map(|role| role.code().to_owned()).collect();
    let chosen = if typed.refused.is_some() { typed.roles.clone() } else { present() };
    let (title, id) = (format!("设置角色：{}", user.login), user.account.to_string());
    let (to, back) = (address.to_owned(), address.to_owned());
    view! {
        <Section title=title>
            <form method="post" action=to class="fields">
                <Hidden name="_user" value=id />
                {role_field(chosen)}
                <Actions>
                    <Submit label="保存" action="roles" />
                    <ButtonLink href=back label="取消" quiet=true />
                </Actions>
            </form>
        </Section>
    }
    .into_any()
}

fn invitation_form(typed: &TypedUser, address: &str) -> AnyView {
    let (login, mobile, roles, to) = (typed.login.clone(), typed.mobile.clone(), typed.roles.clone(), address.to_owned());
    view! {
        <Section title="邀请用户">
            <form method="post" action=to class="fields" novalidate=true>
                <TextField
                    ask=FieldProps::new("login", "登录账号").hint("对方在平台注册的个人账号")
                    value=login
                    autocomplete="off"
                />
                <TextField
                    ask=FieldProps::new("mobile", "手机号码").hint("对方账号登记的手机号码")
                    value=mobile
                    inputmode="numeric"
                    autocomplete="off"
                />
                {role_field(roles)}
                <Actions>
                    <Submit label="邀请" action="invite" />
                </Actions>
            </form>
        </Section>
    }
    .into_any()
}
