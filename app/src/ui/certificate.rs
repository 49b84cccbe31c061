//! A certificate, and how much of its term is left.

use leptos::prelude::*;

/// A sheet that looks like a certificate.
#[component]
pub fn Paper(#[prop(into)] title: String, children: Children) -> AnyView {
    view! { <article class="paper"><h2>{title}</h2>{children()}</article> }.into_any()
}

/// A term, as a bar: first and last day, hundredths gone, and what is left in words.
#[component]
pub fn Term(from: String, until: String, gone: i64, left: String) -> AnyView {
    let said = format!("有效期 {from} 至 {until}，{left}");
    view! {
        <div class="term">
            <progress class="term-bar" max="100" value=gone aria-label="有效期已过的部分"></progress>
            <p class="row-sub">{said}</p>
        </div>
    }
    .into_any()
}
