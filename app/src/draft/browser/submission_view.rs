//! A submission that was requested without a network.

use std::rc::Rc;

use domain::engine::draft::sync::SubmitStep;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::session::DraftSession;
use super::web::{post, window};

/// State of a requested submission; performs it once everything has reached the server.
pub fn submission_view(session: &Rc<DraftSession>) -> AnyView {
    let (status, session) = (session.status, session.clone());
    Effect::new(move |_| {
        if status.with(|t| matches!(t.submission, Some(SubmitStep::Go(..))) && t.files_missing == Some(0)) {
            let session = session.clone();
            spawn_local(async move { submit(&session).await });
        }
    });
    let message = move || match status.with(|t| t.submission)? {
        SubmitStep::Go(..) if status.with(|t| t.files_missing != Some(0)) => Some("已记下提交。文件全部上传后自动提交。"),
        SubmitStep::Nothing | SubmitStep::Go(..) => None,
        SubmitStep::Wait => Some("已记下提交。恢复网络、内容全部保存到服务器后自动提交。"),
        SubmitStep::Ask => Some("草稿在别处又有修改，请核对后再次提交。"),
    };
    let text = move || message().unwrap_or_default();
    view! { <p class="saved notranslate" translate="no" role="status" data-testid="wished" prop:textContent=text></p> }.into_any()
}

async fn submit(session: &Rc<DraftSession>) {
    let Some(SubmitStep::Go(revision, key)) = session.local().await.map(|l| l.next_submit_step()) else { return };
    let body = format!("_rev={revision}&_key={key}");
    let review = format!("/matters/{}/review", session.matter);
    let done = post(&review, "application/x-www-form-urlencoded", &body).await;
    // The check page lists what is missing.
    let to = if done.is_some_and(|(status, _)| status < 300) { format!("/matters/{}/done", session.matter) } else { review };
    let _ = window().location().assign(&to);
}
