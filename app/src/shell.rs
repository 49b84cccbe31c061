//! The HTML document around every page: head, layout, and the scripts that hydrate islands.

use std::sync::Arc;

use hydration_context::SsrSharedContext;
use leptos::config::LeptosOptions;
use leptos::hydration::HydrationScripts;
use leptos::nonce::Nonce;
use leptos::prelude::*;
use uuid::Uuid;

use crate::page::Page;

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
            view! { <HydrationScripts options=options_for_boot islands=true/> }.into_any()
        });
        // The page's policy refuses a preload without the nonce.
        let preload = format!("rel=\"modulepreload\" nonce=\"{NONCE}\"");
        Self { style: style.to_owned(), boot: boot.replace("rel=\"modulepreload\"", &preload) }
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
pub fn render(page: Page, around: Layout) -> String {
    let Page { title, body, has_islands, .. } = page;
    let frame = around.frame;
    let body = in_islands_context(move || frame(body()));
    let boot = if has_islands { around.assets.boot.replace(NONCE, &around.nonce) } else { String::new() };
    let device = around.device.map_or_else(String::new, |(account, own)| {
        let own = if own { " data-own=\"yes\"" } else { "" };
        format!("<script src=\"/device.js\" defer nonce=\"{}\" data-account=\"{account}\"{own}></script>", escape(&around.nonce))
    });
    let title = escape(&title);
    let style = escape(&around.assets.style);
    format!(
        "<!DOCTYPE html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><meta name=\"format-detection\" content=\"telephone=no\">\
         <title>{title} · 认证人员综合服务平台</title><link rel=\"stylesheet\" href=\"{style}\"><link rel=\"icon\" href=\"/favicon.ico\">\
         <link rel=\"manifest\" href=\"/manifest.webmanifest\"><link rel=\"apple-touch-icon\" href=\"/icon-192.png\">\
         <meta name=\"theme-color\" content=\"#0f5a52\">{boot}{device}</head>{body}</html>"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_cannot_end_the_title() {
        assert_eq!(escape("</title><script>"), "&lt;/title&gt;&lt;script&gt;");
    }
}
