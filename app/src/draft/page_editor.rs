//! The editor island beside a page of the wizard.

use leptos::prelude::*;

/// The editor of a page of the wizard, with its parameters beside it as [`super::EditorData::write`] writes them.
#[component]
pub fn PageEditor(data: String) -> AnyView {
    view! {
        <div hidden=true data-editor=data></div>
        <Editor />
    }
    .into_any()
}

/// Shows dependent questions at once, changes pages, and saves the page's form while it is filled in. It has no parameters, since every
/// page would load the code that reads them.
#[island(lazy)]
fn Editor() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    super::browser::editor();
    view! { <div></div> }
}
