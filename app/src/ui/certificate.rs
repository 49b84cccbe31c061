//! Views of a certificate and of its remaining term.

use leptos::prelude::*;

/// A panel styled as a certificate.
#[component]
pub fn Paper(#[prop(into)] title: String, children: Children) -> AnyView {
    view! {
        <article class="paper">
            <h2>{title}</h2>
            {children()}
        </article>
    }
    .into_any()
}

/// A progress bar of a term: first and last day, percentage elapsed, and the remaining time as text.
#[component]
pub fn Term(from: String, until: String, elapsed: i64, left: String) -> AnyView {
    let text = format!("有效期 {from} 至 {until}，{left}");
    view! {
        <div class="term">
            <progress class="term-bar" max="100" value=elapsed aria-label="有效期已过的部分"></progress>
            <p class="row-sub">{text}</p>
        </div>
    }
    .into_any()
}
