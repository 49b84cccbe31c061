//! 复制为新申请.

use backend::matter::Opened;
use leptos::prelude::*;
use uuid::Uuid;

use super::step_path;
use crate::call::{Answer, Call, Fault, Page};
use crate::ui::*;

/// The button, where the matter can be copied. The page makes the new draft's id, so that two clicks begin one.
pub(super) fn button(opened: &Opened, weight: Weight) -> Option<AnyView> {
    opened.copyable().then(|| {
        view! {
            <form method="post" action=format!("/matters/{}/copy", opened.row.id)>
                <Hidden name="_id" value=Uuid::now_v7().to_string()/>
                <Submit label="复制为新申请" weight=weight/>
            </form>
        }
        .into_any()
    })
}

/// Asks once more: for who comes to the address by signing in again.
pub async fn ask(call: Call) -> Result<Answer, Fault> {
    let opened = backend::matter::open_matter(&call.app, &call.allowed()?, call.id("id")?).await?;
    if !opened.copyable() {
        return Err(Fault::NotFound);
    }
    let page = Page::new("复制为新申请", move || {
        let id = opened.row.id;
        let title = opened.kind.title_for(&opened.answers);
        view! {
            <PageHead title="复制为新申请" lead=title crumbs=vec![("我的事项".into(), "/matters".into())]/>
            <Section>
                <p>"将以这件业务最后填写的内容和附件新建一份草稿，可继续修改；声明和签名需重新填写。"</p>
                <Actions>{button(&opened, Weight::Main)}<ButtonLink href=format!("/matters/{id}") label="返回" quiet=true/></Actions>
            </Section>
        }
        .into_any()
    });
    Ok(page.under("/matters").into())
}

/// Begins the new draft and leads to its first page.
pub async fn copy(call: Call) -> Result<Answer, Fault> {
    let who = call.allowed()?;
    let id = backend::workflow::copy::copy_matter(&call.app, &who, call.id("id")?, call.post.id("_id")?).await?;
    let kind = backend::matter::open_matter(&call.app, &who, id).await?.kind;
    Ok(Answer::See(step_path(id, kind.form.steps.first().map_or("", |s| s.code))))
}
