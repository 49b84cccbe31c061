//! Page layouts: header, navigation, footer.

use leptos::prelude::*;

/// The signed-in user, for the header.
#[derive(Clone, Default)]
pub struct Viewer {
    /// Name.
    pub name: String,
    /// Workbenches of the user: name and address.
    pub workbenches: Vec<(&'static str, &'static str)>,
    /// Unread messages.
    pub unread: i64,
}

/// The whole page: header with navigation, main part, footer.
#[component]
pub fn Frame(viewer: Option<Viewer>, current: &'static str, children: Children) -> AnyView {
    let mut links: Vec<(&'static str, &'static str)> = vec![("首页", "/"), ("在线申请", "/apply")];
    match &viewer {
        Some(viewer) => {
            links.push(("我的事项", "/matters"));
            links.push(("个人中心", "/me"));
            links.extend(viewer.workbenches.iter().copied());
        }
        None => links.push(("证书查询", "/verify")),
    }
    let entries = links
        .into_iter()
        .map(|(label, href)| {
            view! { <li><a class="nav-link" href=href aria-current=(href == current).then_some("page")>{label}</a></li> }
        })
        .collect_view();
    view! {
        <body class="site">
            <a class="skip" href="#main">"跳到正文"</a>
            <header class="masthead">
                <div class="masthead-in">
                    <a class="brand" href="/">
                        <Seal/>
                        <span class="brand-name">"认证人员综合服务平台"</span>
                    </a>
                    <div class="masthead-end">{viewer.map(account)}</div>
                </div>
                <nav class="nav" aria-label="主导航"><ul>{entries}</ul></nav>
            </header>
            <main id="main" class="main" tabindex="-1">{children()}</main>
            <Foot/>
        </body>
    }
    .into_any()
}

fn account(viewer: Viewer) -> AnyView {
    let unread = (viewer.unread > 0).then(|| {
        let count = if viewer.unread > 99 { "99+".to_owned() } else { viewer.unread.to_string() };
        view! { <span class="count"><span class="sr-only">"未读消息 "</span>{count}</span> }
    });
    view! {
        <a class="head-link" href="/me/messages">"消息提醒"{unread}</a>
        <a class="head-link head-name" href="/me"><span class="sr-only">"个人中心："</span>{viewer.name}</a>
        <form method="post" action="/logout"><button class="head-link" type="submit">"退出"</button></form>
    }
    .into_any()
}

/// Layout without navigation, for log-in and registration.
#[component]
pub fn StandaloneFrame(children: Children) -> AnyView {
    view! {
        <body class="site">
            <a class="skip" href="#main">"跳到正文"</a>
            <header class="masthead">
                <div class="masthead-in">
                    <a class="brand" href="/"><Seal/><span class="brand-name">"认证人员综合服务平台"</span></a>
                    <div class="masthead-end"><a class="head-link" href="/verify">"证书查询"</a></div>
                </div>
            </header>
            <main id="main" class="main main-alone" tabindex="-1">{children()}</main>
            <Foot/>
        </body>
    }
    .into_any()
}

/// Layout for printing, without header and footer.
#[component]
pub fn PrintFrame(children: Children) -> AnyView {
    view! { <body class="sheet"><main id="main">{children()}</main></body> }.into_any()
}

/// The logo.
#[component]
fn Seal() -> AnyView {
    view! {
        <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <rect x="3" y="3" width="26" height="26" rx="6" fill="none" stroke="currentColor" stroke-width="2.5"></rect>
            <path d="M9.5 16.5l4.5 4.5 9-10" fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"></path>
        </svg>
    }.into_any()
}

#[component]
fn Foot() -> AnyView {
    view! {
        <footer class="foot">
            <p>"认证人员综合服务平台"</p>
            <p>"个人信息加密保存，仅用于注册与管理。"</p>
        </footer>
    }
    .into_any()
}
