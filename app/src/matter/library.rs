//! 从基本信息库添加: selection of library records.

use domain::engine::form::{Record, RecordList};
use leptos::prelude::*;
use serde::Deserialize;

use super::edit::{EditPage, EditRequest};
use crate::error::PageError;
use crate::library::span;
use crate::page::{Page, PageResponse, redirect};
use crate::post::Post;
use crate::ui::*;
use crate::{extract, links};

/// Path of the page, besides its step.
#[derive(Deserialize)]
pub struct LibraryPath {
    list: String,
}

/// Shows the library records of the list.
pub async fn show(request: EditRequest, extract::Path(path): extract::Path<LibraryPath>) -> Result<PageResponse, PageError> {
    let Some(edit) = EditPage::load(&request).await? else {
        return Ok(redirect(links::matter(request.id)));
    };
    let list = edit.step.records().find(|l| l.name == path.list && l.library).ok_or(PageError::NotFound)?;
    let records = backend::workflow::library::library_records(&request.app, &request.who, list.name).await?;
    let title = format!("从基本信息库添加{}", list.label);
    let heading = title.clone();
    let body = move || {
        let back = edit.address();
        let picks: Vec<ChoiceItem> = records.iter().map(|r| pick(list, list.title_of(&r.fields, &edit.context.as_context()), r)).collect();
        let action = format!("{back}/{}/library", list.name);
        let form = if picks.is_empty() {
            view! {
                <Empty text=format!("基本信息库中暂无{}", list.label)>
                    <p>"添加时勾选“同时存入基本信息库”，以后即可直接选用。"</p>
                </Empty>
                <ButtonLink href=back label="返回" quiet=true />
                <ButtonLink href="/matters?view=drafts" label="暂存草稿箱" quiet=true />
            }
            .into_any()
        } else {
            view! {
                <form method="post" action=action class="fields">
                    <ChoiceField ask=FieldProps::new("record", "请勾选要添加的记录") picks=picks values=Vec::new() many=true />
                    <Actions>
                        <Submit label="添加所选" />
                        <ButtonLink href=back label="返回" quiet=true />
                        <ButtonLink href="/matters?view=drafts" label="暂存草稿箱" quiet=true />
                    </Actions>
                </form>
            }
            .into_any()
        };
        view! {
            <PageHead title=heading lead="添加后可在申请中继续修改，不影响基本信息库。" />
            <section class="panel">{form}</section>
        }
        .into_any()
    };
    Ok(Page::new(title, body).under("/matters").into())
}

fn pick(list: &RecordList, title: String, record: &Record) -> ChoiceItem {
    let label = match span(list, record) {
        Some(span) => format!("{title}（{span}）"),
        None => title,
    };
    ChoiceItem { code: record.id.to_string(), label, group: String::new() }
}

/// 添加所选.
pub async fn add(request: EditRequest, extract::Path(path): extract::Path<LibraryPath>, post: Post) -> Result<PageResponse, PageError> {
    let Some(edit) = EditPage::load(&request).await? else {
        return Err(PageError::conflict("该业务当前不能修改，请到“我的事项”查看"));
    };
    let list = edit.step.records().find(|l| l.name == path.list && l.library).ok_or(PageError::NotFound)?;
    let chosen = post.ids("record");
    backend::workflow::library::add_records_to_draft(&request.app, &request.who, edit.id(), list.name, &chosen).await?;
    Ok(redirect(format!("{}?saved=1", edit.address())))
}
