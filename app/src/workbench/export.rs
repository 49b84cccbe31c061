//! 导出: the whole query of a list as a file for spreadsheet programs.

use axum::body::Body;
use axum::extract::State;
use backend::AppState;
use backend::access::guard::Allowed;
use backend::service::queue::QueueOf;
use backend::service::queue::export::{ExportError, ExportRequest, ExportedList, SheetFormat, begin_export};
use futures::stream::unfold;
use http::StatusCode;
use leptos::prelude::*;

use super::request::{ASSOCIATION, INSTITUTION, ListRequest, TASKS};
use crate::error::PageError;
use crate::page::{PageResponse, StreamedDownload};
use crate::post::Post;
use crate::request::Authorized;

/// Name of the format in the form.
const FORMAT: &str = "format";

/// Exports a list of 机构工作台.
pub async fn institution(State(app): State<AppState>, Authorized(who): Authorized, post: Post) -> Result<PageResponse, PageError> {
    export(&app, &who, QueueOf::Institutions, INSTITUTION, &post).await
}

/// Exports a list of 协会工作台.
pub async fn association(State(app): State<AppState>, Authorized(who): Authorized, post: Post) -> Result<PageResponse, PageError> {
    export(&app, &who, QueueOf::Association, ASSOCIATION, &post).await
}

async fn export(app: &AppState, who: &Allowed, of: QueueOf, base: &str, post: &Post) -> Result<PageResponse, PageError> {
    let format = SheetFormat::by_code(post.text(FORMAT)).ok_or(PageError::OUTDATED_FORM)?;
    let asked = ListRequest::read(&post.pairs, true);
    if !asked.faults.is_empty() {
        return Err(PageError::OUTDATED_FORM);
    }
    let mut search = asked.search(app).unwrap_or_default();
    search.filter = asked.filter();
    let list = if asked.state == TASKS { ExportedList::Queue(asked.queue) } else { ExportedList::Matters };
    let request = ExportRequest { of, list, search, format, query: asked.query_without_names(base) };
    let export = begin_export(app, who, request).await?;
    let (name, mime) = (export.name.clone(), export.mime);
    let pieces = unfold(export, async |mut export| export.next().await.map(|piece| (piece, export)));
    Ok(PageResponse::Stream(StreamedDownload { name, mime, body: Body::from_stream(pieces) }))
}

impl From<ExportError> for PageError {
    fn from(error: ExportError) -> Self {
        let text = error.text();
        match error {
            ExportError::Busy => PageError::Refused(StatusCode::TOO_MANY_REQUESTS, text),
            ExportError::TooMany => PageError::Refused(StatusCode::UNPROCESSABLE_ENTITY, text),
            ExportError::Db(error) => PageError::Db(error),
        }
    }
}

/// The buttons below a list.
pub(super) fn export_form(address: &'static str, request: &ListRequest) -> AnyView {
    let button = |label: &'static str, format: SheetFormat| {
        view! {
            <button class="btn btn-sm btn-outline" type="submit" name=FORMAT value=format.code()>
                {label}
            </button>
        }
    };
    view! {
        <form method="post" action=format!("{address}/export") class="export">
            {request.hidden(&[])}
            <p class="export-label">"导出全部查询结果："</p>
            {button("表格（XLSX）", SheetFormat::Xlsx)}
            {button("CSV", SheetFormat::Csv)}
        </form>
    }
    .into_any()
}
