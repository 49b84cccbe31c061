//! A submission that was requested without a network.

use std::rc::Rc;

use domain::engine::draft::sync::SubmitStep;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::save_status::SaveStatus;
use super::session::DraftSession;
use super::status_line::status_line;
use super::web::{post, window};

/// State of a requested submission, with the ways to carry it out and to take it back. It is carried out without another question only on
/// the page on which it was requested.
pub fn submission_view(session: &Rc<DraftSession>) -> AnyView {
    let status = session.status;
    let acting = session.clone();
    Effect::new(move |_| {
        if status.with(is_ready) && acting.submits.get() {
            let session = acting.clone();
            spawn_local(async move { submit(&session).await });
        }
    });
    let session = StoredValue::new_local(session.clone());
    let message = move || status.with(|t| message(t, session.with_value(|session| session.submits.get())));
    let confirm = move |_| spawn_local(async move { session.get_value().request_submission().await });
    let cancel = move |_| spawn_local(async move { session.get_value().cancel_submission().await });
    let buttons = move || {
        let (requested, asked) = status.with(|t| (is_requested(t), is_ready(t) || t.submission == Some(SubmitStep::Ask)));
        requested.then(|| {
            let confirm = asked.then(|| {
                view! {
                    <button class="btn btn-sm btn-outline" type="button" on:click=confirm>
                        "现在提交"
                    </button>
                }
            });
            view! {
                <div class="actions">
                    {confirm} <button class="btn btn-sm btn-outline" type="button" on:click=cancel>
                        "取消提交"
                    </button>
                </div>
            }
        })
    };
    let line = status_line(move || message().unwrap_or_default().to_owned());
    view! { <div data-testid="wished">{line}{buttons}</div> }.into_any()
}

fn is_requested(status: &SaveStatus) -> bool {
    !matches!(status.submission, None | Some(SubmitStep::Nothing))
}

/// Whether the server has all that is to be submitted.
fn is_ready(status: &SaveStatus) -> bool {
    matches!(status.submission, Some(SubmitStep::Go(..))) && status.files_missing == Some(0)
}

/// `here`: whether it was requested on this page.
fn message(status: &SaveStatus, here: bool) -> Option<&'static str> {
    match status.submission? {
        SubmitStep::Nothing => None,
        SubmitStep::Wait if !status.refused.is_empty() => Some("已记下提交，但有内容没有保存到服务器，请先处理。"),
        SubmitStep::Wait if here => Some("已记下提交。恢复网络、内容全部保存到服务器后自动提交。"),
        SubmitStep::Wait => Some("已记下提交，尚未提交。内容全部保存到服务器后请确认提交。"),
        SubmitStep::Ask => Some("已记下提交，但填写内容此后又有修改，请核对后提交。"),
        SubmitStep::Go(..) if status.files_missing != Some(0) => Some("已记下提交。文件全部上传后自动提交。"),
        SubmitStep::Go(..) if here => Some("已记下提交。恢复网络后自动提交。"),
        SubmitStep::Go(..) => Some("已记下提交，尚未提交。是否现在提交？"),
    }
}

async fn submit(session: &Rc<DraftSession>) {
    let Some(SubmitStep::Go(revision, key)) = session.local().await.map(|l| l.next_submit_step()) else { return };
    let body = format!("_rev={revision}&_key={key}");
    let review = format!("/matters/{}/review", session.matter);
    let Some((status, _)) = post(&review, "application/x-www-form-urlencoded", &body).await else {
        return session.server_unreachable();
    };
    if status == 429 || status >= 500 {
        return session.server_unreachable();
    }
    session.cancel_submission().await;
    if status < 300 {
        let _ = session.store().forget(session.matter).await;
    }
    // The check page lists what is missing.
    let to = if status < 300 { format!("/matters/{}/done", session.matter) } else { review };
    let _ = window().location().assign(&to);
}
