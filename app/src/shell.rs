//! The frame every page stands in: document head, navigation, and what wakes the islands.

use std::sync::Arc;

use hydration_context::SsrSharedContext;
use leptos::config::LeptosOptions;
use leptos::hydration::HydrationScripts;
use leptos::nonce::Nonce;
use leptos::prelude::*;
use uuid::Uuid;

use crate::call::Page;

/// Stands for the nonce in what is rendered once for all pages.
const NONCE: &str = "NONCE-OF-THIS-ANSWER";

/// Names of the built assets, found out once at start.
#[derive(Debug, Clone, Default)]
pub struct Assets {
    /// Address of the style sheet.
    pub style: String,
    /// What wakes the islands, with a mark where each answer's nonce goes.
    pub boot: String,
}

impl Assets {
    /// For a built site. `style` is the address of the style sheet.
    pub fn new(options: &LeptosOptions, style: &str) -> Self {
        let options_for_boot = options.clone();
        let boot = in_islands_context(move || {
            provide_context(Nonce::from_value(NONCE));
            view! { <HydrationScripts options=options_for_boot islands=true/> }.into_any()
        });
        // A preload without the nonce is refused by the page's own policy.
        let preload = format!("rel=\"modulepreload\" nonce=\"{NONCE}\"");
        Self { style: style.to_owned(), boot: boot.replace("rel=\"modulepreload\"", &preload) }
    }
}

/// Renders a view as the islands runtime expects it.
fn in_islands_context(body: impl FnOnce() -> AnyView) -> String {
    let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new_islands())));
    let html = owner.with(|| body().to_html());
    owner.cleanup();
    html
}

/// What the frame shows besides the page.
pub struct Around {
    /// Nonce of this answer's scripts.
    pub nonce: String,
    /// Names of the built assets.
    pub assets: Arc<Assets>,
    /// Who is signed in, and whether they called the device their own; none for nobody.
    pub device: Option<(Uuid, bool)>,
    /// Puts the page's body into its frame.
    pub frame: Box<dyn FnOnce(AnyView) -> AnyView + Send>,
}

/// Renders a page as a whole document.
pub fn render(page: Page, around: Around) -> String {
    let Page { title, body, islands, .. } = page;
    let frame = around.frame;
    let body = in_islands_context(move || frame(body()));
    let boot = if islands { around.assets.boot.replace(NONCE, &around.nonce) } else { String::new() };
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
