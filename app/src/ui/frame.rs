//! Page layouts: header, menus, footer.

use leptos::prelude::*;

use super::{AccountMenu, Bar, Entry, Icon, IconName, MESSAGES, MainMenu, Side, SideMenu, Unread};

/// The signed-in user, for the header.
#[derive(Clone, Default)]
pub struct Viewer {
    /// Name.
    pub name: String,
    /// Unread messages.
    pub unread: i64,
    /// Entries that the menu of the account has on narrow screens.
    pub more: Vec<Entry>,
}

/// The menus around a page.
#[derive(Clone, Default)]
pub struct Menus {
    /// 主导航.
    pub main: Vec<Entry>,
    /// The bar of narrow screens.
    pub bar: Vec<Entry>,
    /// The side menu of the page's section.
    pub side: Option<SideMenu>,
}

/// What the footer says of the operator; what is empty is left out.
#[derive(Clone, Default)]
pub struct Footing {
    /// 主办单位.
    pub name: Option<String>,
    /// Ways to reach the operator: labels and values.
    pub contacts: Vec<(String, String)>,
    /// 备案号.
    pub filing_number: Option<String>,
}

/// The whole page: header with menus, main part, footer. `current`: address of the menu entry the page belongs to.
#[component]
pub fn Frame(viewer: Option<Viewer>, menus: Menus, footing: Footing, current: &'static str, children: Children) -> AnyView {
    let unread = viewer.as_ref().map_or(0, |viewer| viewer.unread);
    let Menus { main, bar, side } = menus;
    let end = match viewer {
        Some(viewer) => account(viewer),
        None => view! {
            <a class="head-link" href="/login">
                "登录"
            </a>
            <a class="btn btn-sm btn-primary" href="/register">
                "注册"
            </a>
        }
        .into_any(),
    };
    let content = view! {
        <main id="main" class="main" tabindex="-1">
            {children()}
        </main>
    };
    let content = match side {
        Some(menu) => view! {
            <div class="columns">
                <Side menu=menu />
                {content}
            </div>
        }
        .into_any(),
        None => content.into_any(),
    };
    view! {
        <body class="site">
            <a class="skip" href="#main">
                "跳到正文"
            </a>
            <header class="masthead">
                <div class="masthead-in">
                    <Brand />
                    <div class="masthead-end">{end}</div>
                </div>
                <MainMenu entries=main current=current />
            </header>
            {content}
            <Foot footing=footing />
            <Bar entries=bar current=current unread=unread />
        </body>
    }
    .into_any()
}

fn account(viewer: Viewer) -> AnyView {
    let Viewer { name, unread, more } = viewer;
    view! {
        <a class="head-link head-messages" href=MESSAGES>
            <Icon name=IconName::Bell />
            <span class="head-text">"消息提醒"</span>
            <Unread count=unread />
        </a>
        <AccountMenu name=name unread=unread more=more />
    }
    .into_any()
}

/// Layout without menus, for log-in and registration.
#[component]
pub fn StandaloneFrame(footing: Footing, children: Children) -> AnyView {
    view! {
        <body class="site">
            <a class="skip" href="#main">
                "跳到正文"
            </a>
            <header class="masthead">
                <div class="masthead-in">
                    <Brand />
                    <div class="masthead-end">
                        <a class="head-link" href="/verify">
                            "证书查询"
                        </a>
                        <a class="head-link" href="/help">
                            "帮助"
                        </a>
                    </div>
                </div>
            </header>
            <main id="main" class="main main-alone" tabindex="-1">
                {children()}
            </main>
            <Foot footing=footing />
        </body>
    }
    .into_any()
}

/// Layout for printing, without header and footer.
#[component]
pub fn PrintFrame(children: Children) -> AnyView {
    view! {
        <body class="sheet">
            <main id="main">{children()}</main>
        </body>
    }
    .into_any()
}

/// The logo and the name of the product.
#[component]
fn Brand() -> AnyView {
    view! {
        <a class="brand" href="/">
            <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
                <rect x="3" y="3" width="26" height="26" rx="6" fill="none" stroke="currentColor" stroke-width="2.5"></rect>
                <path
                    d="M9.5 16.5l4.5 4.5 9-10"
                    fill="none"
                    stroke="currentColor"
                    stroke-width="3"
                    stroke-linecap="round"
                    stroke-linejoin="round"
                ></path>
            </svg>
            <span class="brand-name">"认证人员综合服务平台"</span>
        </a>
    }
    .into_any()
}

#[component]
fn Foot(footing: Footing) -> AnyView {
    let Footing { name, contacts, filing_number } = footing;
    let contacts: Vec<String> = contacts.into_iter().map(|(label, value)| format!("{label}：{value}")).collect();
    let contact = (!contacts.is_empty()).then(|| view! { <p id="contact">{contacts.join(" · ")}</p> });
    view! {
        <footer class="foot">
            <div class="foot-in">
                <div>
                    <p>{name.map_or_else(|| "认证人员综合服务平台".to_owned(), |name| format!("主办单位：{name}"))}</p>
                    {contact}
                    {filing_number.map(|number| view! { <p>"备案号："<span class="number">{number}</span></p> })}
                </div>
                <ul class="foot-links">
                    <li>
                        <a href="/help#contact-us">"联系我们"</a>
                    </li>
                    <li>
                        <a href="/help">"帮助"</a>
                    </li>
                    <li>
                        <a href="/privacy">"隐私"</a>
                    </li>
                    <li>
                        <a href="/terms">"服务协议"</a>
                    </li>
                    <li>
                        <a href="/accessibility">"无障碍"</a>
                    </li>
                </ul>
            </div>
        </footer>
    }
    .into_any()
}
