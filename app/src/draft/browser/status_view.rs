//! View of the save status and of the open questions.

use std::rc::Rc;

use domain::engine::draft::sync::SyncFailure;
use leptos::prelude::*;

use super::conflict_view::conflict_view;
use super::discarded_view::discarded_view;
use super::refused_view::refused_view;
use super::save_status::SaveStatus;
use super::session::DraftSession;
use super::status_line::{announced_status, shown_status};
use super::submission_view::submission_view;
use super::transfer_file::{ExportSource, export_view};
use super::web::window;

/// Where the text is, and the questions.
pub fn status_view(session: &Rc<DraftSession>) -> AnyView {
    let status = session.status;
    let here = window().location().pathname().unwrap_or_default();
    let login = move || {
        let expired = status.with(|t| t.failure == Some(SyncFailure::Identity));
        let href = format!("/login?next={here}");
        expired.then(|| {
            view! {
                <a class="btn btn-sm btn-outline" href=href target="_blank">
                    "重新登录"
                </a>
            }
        })
    };
    let conflicts = conflict_view(session.clone());
    let discarded = discarded_view(session);
    let (refused, submission) = (refused_view(session), submission_view(session));
    let clock = move || {
        status.with(|t| t.clock.clone()).map(|text| {
            view! {
                <p class="saved saved-bad" data-testid="clock">
                    {text}
                </p>
            }
        })
    };
    // What neither the server nor this device holds can at least be exported.
    let lost = Memo::new(move |_| status.with(SaveStatus::may_be_lost));
    let source = StoredValue::new_local(ExportSource::Page(session.clone()));
    let export = move || lost.get().then(|| export_view(source.get_value()));
    let class = move || if status.with(SaveStatus::is_bad) { "saved saved-bad" } else { "saved" };
    let text = move || status.with(SaveStatus::text);
    view! {
        <p class=class data-testid="autosaved">
            {shown_status(text)}
            " "
            {login}
        </p>
        {announced_status(move || status.with(SaveStatus::announcement))}
        {clock}
        {refused}
        {discarded}
        {conflicts}
        {export}
        {submission}
    }
    .into_any()
}
