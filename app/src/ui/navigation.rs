//! Menus of the frame: main menu, bar of narrow screens, side menu, menu of the account.

use std::borrow::Cow;

use leptos::prelude::*;

use super::{Icon, IconName};

/// An entry of a menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Name.
    pub label: &'static str,
    /// Address.
    pub href: Cow<'static, str>,
    /// Its icon.
    pub icon: IconName,
}

impl Entry {
    /// An entry with a fixed address.
    pub const fn new(label: &'static str, href: &'static str, icon: IconName) -> Self {
        Self { label, href: Cow::Borrowed(href), icon }
    }
}

/// The menu beside the pages of one section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SideMenu {
    /// Name of the section.
    pub title: &'static str,
    /// Its entries, in parts with a line between them.
    pub parts: Vec<Vec<Entry>>,
    /// Address of the entry that the page belongs to.
    pub present: Cow<'static, str>,
    /// Whether the page is the one of that entry, and not one below it.
    pub is_exact: bool,
}

/// The main menu of wide screens. `current`: address of the entry the page belongs to.
#[component]
pub fn MainMenu(entries: Vec<Entry>, current: &'static str) -> AnyView {
    let entries = entries
        .into_iter()
        .map(|Entry { label, href, .. }| {
            let here = (href == current).then_some("page");
            view! {
                <li>
                    <a class="nav-link" href=href aria-current=here>
                        {label}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav class="nav" aria-label="主导航">
            <ul>{entries}</ul>
        </nav>
    }
    .into_any()
}

/// The bar at the bottom of narrow screens. `unread`: messages that are not read, shown at the entry that leads to them.
#[component]
pub fn Bar(entries: Vec<Entry>, current: &'static str, unread: i64) -> AnyView {
    let entries = entries
        .into_iter()
        .map(|Entry { label, href, icon }| {
            let here = (href == current).then_some("page");
            let count = (href == MESSAGES).then(|| view! { <Unread count=unread /> });
            view! {
                <li>
                    <a class="bar-link" href=href aria-current=here>
                        <Icon name=icon />
                        <span>{label}</span>
                        {count}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav class="bar" aria-label="快捷导航">
            <ul>{entries}</ul>
        </nav>
    }
    .into_any()
}

/// Address of 消息中心.
pub const MESSAGES: &str = "/me/messages";

/// The number of unread messages; nothing if there is none.
#[component]
pub fn Unread(count: i64) -> AnyView {
    (count > 0)
        .then(|| {
            let shown = if count > 99 { "99+".to_owned() } else { count.to_string() };
            view! {
                <span class="count">
                    <span class="sr-only">"未读消息 "</span>
                    {shown}
                </span>
            }
        })
        .into_any()
}

/// The side menu; on narrow screens a list that opens.
#[component]
pub fn Side(menu: SideMenu) -> AnyView {
    let title = menu.title;
    let label = format!("{title}菜单");
    let current = menu.parts.iter().flatten().find(|entry| entry.href == menu.present).map_or(title, |entry| entry.label);
    let summary = if current == title { title.to_owned() } else { format!("{title} · {current}") };
    view! {
        <nav class="side" aria-label=label>
            <details class="side-fold">
                <summary>
                    <Icon name=IconName::List />
                    {summary}
                </summary>
                {side_parts(&menu)}
            </details>
            <div class="side-wide">
                <p class="side-title">{title}</p>
                {side_parts(&menu)}
            </div>
        </nav>
    }
    .into_any()
}

fn side_parts(menu: &SideMenu) -> AnyView {
    let word = if menu.is_exact { "page" } else { "true" };
    let entry = |Entry { label, href, icon }: Entry| {
        let here = (href == menu.present).then_some(word);
        view! {
            <li>
                <a class="side-link" href=href aria-current=here>
                    <Icon name=icon />
                    {label}
                </a>
            </li>
        }
    };
    let parts = menu.parts.iter().cloned();
    parts.map(|part| view! { <ul class="side-part">{part.into_iter().map(entry).collect_view()}</ul> }).collect_view().into_any()
}

/// The menu of the account, which opens without scripts. `more`: entries that narrow screens have nowhere else.
#[component]
pub fn AccountMenu(name: String, unread: i64, more: Vec<Entry>) -> AnyView {
    let link = |Entry { label, href, icon }: Entry| {
        view! {
            <li>
                <a href=href>
                    <Icon name=icon />
                    {label}
                </a>
            </li>
        }
    };
    let own = [Entry::new("个人中心", "/me", IconName::User), Entry::new("账号与安全", "/me/security", IconName::Shield)];
    view! {
        <details class="menu" data-menu>
            <summary class="head-link">
                <Icon name=IconName::User />
                <span class="sr-only">"账号菜单："</span>
                <span class="head-text">{name}</span>
            </summary>
            <div class="menu-list">
                <ul>
                    {own.into_iter().map(link).collect_view()} <li>
                        <a href=MESSAGES>
                            <Icon name=IconName::Bell />
                            "消息"
                            <Unread count=unread />
                        </a>
                    </li>
                </ul>
                <ul class="menu-more">{more.into_iter().map(link).collect_view()}</ul>
                <form method="post" action="/logout">
                    <button type="submit">
                        <Icon name=IconName::Leave />
                        "退出登录"
                    </button>
                </form>
            </div>
        </details>
    }
    .into_any()
}
