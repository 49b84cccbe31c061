//! The HTML document around every page: head, layout, and the scripts that hydrate islands.

use std::sync::Arc;

use http::StatusCode;
use hydration_context::SsrSharedContext;
use leptos::config::LeptosOptions;
use leptos::hydration::HydrationScripts;
use leptos::nonce::Nonce;
use leptos::prelude::*;
use leptos::tachys::html::InertElement;
use uuid::Uuid;

use crate::page::Page;
use crate::ui::FaultsShown;

/// Placeholder of the nonce in tags that are rendered once for all pages.
const NONCE: &str = "NONCE-OF-THIS-ANSWER";

/// Addresses of the built assets, determined once at start.
#[derive(Debug, Clone, Default)]
pub struct Assets {
    /// Address of the style sheet.
    pub style: String,
    /// The tags that hydrate islands, with a placeholder for the nonce.
    pub boot: String,
}

impl Assets {
    /// Determines the assets of a built site. `style` is the address of the style sheet.
    pub fn new(options: &LeptosOptions, style: &str) -> Self {
        let options_for_boot = options.clone();
        let boot = in_islands_context(move || {
            provide_context(Nonce::from_value(NONCE));
            view! { <HydrationScripts options=options_for_boot islands=true /> }.into_any()
        });
        // The page's policy refuses a preload without the nonce.
        let preload = format!("rel=\"modulepreload\" nonce=\"{NONCE}\"");
        let boot = boot.replace("rel=\"modulepreload\"", &preload);
        // The framework indents the script.
        let boot = boot.lines().map(str::trim_start).collect::<Vec<_>>().join("\n");
        Self { style: style.to_owned(), boot }
    }
}

/// Renders a view in the context that the islands runtime expects.
fn in_islands_context(body: impl FnOnce() -> AnyView) -> String {
    let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new_islands())));
    let html = owner.with(|| body().to_html());
    owner.cleanup();
    html
}

/// The parts of the document around a page.
pub struct Layout {
    /// Nonce of the response's scripts.
    pub nonce: String,
    /// Addresses of the built assets.
    pub assets: Arc<Assets>,
    /// The signed-in account, and whether the device was declared as its own.
    pub device: Option<(Uuid, bool)>,
    /// Wraps the body in the layout.
    pub frame: Box<dyn FnOnce(AnyView) -> AnyView + Send>,
}

/// Renders a page as a complete document.
pub fn render(page: Page, layout: Layout) -> String {
    let Page { title, status, body, has_islands, scripts, .. } = page;
    let Layout { nonce, assets, device, frame } = layout;
    let hydration = if has_islands { assets.boot.replace(NONCE, &nonce) } else { String::new() };
    let frame_script = format!("<script src=\"/frame.js\" defer nonce=\"{nonce}\"></script>");
    let own_scripts: String = scripts.iter().map(|script| format!("<script src=\"{script}\" defer nonce=\"{nonce}\"></script>")).collect();
    let scripts =
        hydration + &frame_script + &own_scripts + &device.map_or_else(String::new, |(account, own)| device_script(account, own, &nonce));
    let style = assets.style.clone();
    let html = in_islands_context(move || {
        let faults = FaultsShown::default();
        provide_context(faults.clone());
        let content = frame(body());
        // The first thing that is read out after a refused form.
        let title = if status == StatusCode::UNPROCESSABLE_ENTITY || faults.get() { format!("错误：{title}") } else { title };
        view! {
            <Document title=title style=style scripts=scripts>
                {content}
            </Document>
        }
        .into_any()
    });
    format!("<!DOCTYPE html>{html}")
}

/// The `html` element around a page.
#[component]
fn Document(
    title: String,
    /// Address of the style sheet.
    style: String,
    /// Tags at the end of the head, already rendered to HTML and inserted unchanged.
    scripts: String,
    children: Children,
) -> AnyView {
    view! {
        <html lang="zh-CN">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <meta name="format-detection" content="telephone=no" />
                <title>{format!("{title} · 认证人员综合服务平台")}</title>
                <link rel="stylesheet" href=style />
                <link rel="icon" href="/favicon.ico" />
                <link rel="manifest" href="/manifest.webmanifest" />
                <link rel="apple-touch-icon" href="/icon-192.png" />
                <meta name="theme-color" content="#0f5a52" />
                {InertElement::new(scripts)}
            </head>
            {children()}
        </html>
    }
    .into_any()
}

/// The script that manages drafts on this device. Its attributes name the account and whether the device is that account's own.
fn device_script(account: Uuid, own: bool, nonce: &str) -> String {
    let own = if own { " data-own=\"yes\"" } else { "" };
    format!("<script src=\"/device.js\" defer nonce=\"{nonce}\" data-account=\"{account}\"{own}></script>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::ErrorSummary;

    fn layout(device: Option<(Uuid, bool)>) -> Layout {
        let assets = Assets { style: "/pkg/a.css".into(), boot: format!("<script nonce=\"{NONCE}\">1</script>") };
        Layout {
            nonce: "n+/=".into(),
            assets: Arc::new(assets),
            device,
            frame: Box::new(|body| view! { <body class="site">{body}</body> }.into_any()),
        }
    }

    fn page(title: &str) -> Page {
        Page::new(title, || view! { <p>"内容"</p> }.into_any())
    }

    #[test]
    fn a_document_is_written_out_in_full() {
        let html = render(page("首页").with_islands(), layout(Some((Uuid::nil(), true))));
        let expected = "<!DOCTYPE html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\">\
            <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\
            <meta name=\"format-detection\" content=\"telephone=no\"><title>首页 · 认证人员综合服务平台</title>\
            <link rel=\"stylesheet\" href=\"/pkg/a.css\"><link rel=\"icon\" href=\"/favicon.ico\">\
            <link rel=\"manifest\" href=\"/manifest.webmanifest\"><link rel=\"apple-touch-icon\" href=\"/icon-192.png\">\
            <meta name=\"theme-color\" content=\"#0f5a52\"><script nonce=\"n+/=\">1</script>\
            <script src=\"/frame.js\" defer nonce=\"n+/=\"></script>\
            <script src=\"/device.js\" defer nonce=\"n+/=\" data-account=\"00000000-0000-0000-0000-000000000000\" data-own=\"yes\"></script>\
            </head><body class=\"site\"><p>内容</p></body></html>";
        assert_eq!(html, expected);
    }

    #[test]
    fn a_page_without_islands_loads_the_script_of_the_frame_alone() {
        let html = render(page("首页"), layout(None));
        assert!(html.matches("<script").count() == 1 && html.contains("<script src=\"/frame.js\" defer"), "{html}");
    }

    #[test]
    fn the_title_of_a_page_with_faults_begins_with_the_error() {
        let titled = |page: Page| render(page, layout(None)).split("<title>").nth(1).unwrap().split(" · ").next().unwrap().to_owned();
        let faulty = |items: Vec<(String, String)>| Page::new("登录", move || view! { <ErrorSummary items=items /> }.into_any());
        assert_eq!(titled(page("登录")), "登录");
        assert_eq!(titled(page("登录").status(StatusCode::UNPROCESSABLE_ENTITY)), "错误：登录");
        assert_eq!(titled(faulty(Vec::new())), "登录");
        assert_eq!(titled(faulty(vec![("#f-a".into(), "请填写".into())])), "错误：登录");
    }

    #[test]
    fn a_title_cannot_end_the_title() {
        let html = render(page("</title><script>"), layout(None));
        assert!(html.contains("<title>&lt;/title&gt;&lt;script&gt; · "), "{html}");
    }
}
