//! 在线申请: the catalogue of kinds, 办事指南, 在线办理.

use domain::matter::{KINDS, Kind, kind};
use leptos::prelude::*;
use uuid::Uuid;

use crate::call::{Answer, Call, Fault, Page};
use crate::ui::*;

/// The catalogue, by group.
pub async fn catalogue(_call: Call) -> Result<Answer, Fault> {
    let page = Page::new("在线申请", || {
        let mut groups: Vec<&'static str> = KINDS.iter().map(|k| k.group).collect();
        groups.dedup();
        let sections = groups
            .into_iter()
            .map(|group| {
                let rows = KINDS.iter().filter(|k| k.group == group).map(|k| row(k)).collect();
                view! { <Section title=group><Rows rows=rows/></Section> }
            })
            .collect_view();
        view! { <PageHead title="在线申请" lead="选择要办理的业务"/>{sections} }.into_any()
    });
    Ok(page.under("/apply").into())
}

fn row(kind: &Kind) -> Row {
    let href = format!("/apply/{}", kind.code);
    Row {
        href: href.clone(),
        title: kind.label.into(),
        sub: kind.guide.summary.into(),
        badge: None,
        end: String::new(),
        action: Some(("在线办理", href)),
    }
}

/// 办事指南 of a kind.
pub async fn guide(call: Call) -> Result<Answer, Fault> {
    let kind = kind(call.param("kind")).ok_or(Fault::NotFound)?;
    let page = Page::new(kind.label, move || {
        let prepare = kind.guide.prepare.iter().map(|p| view! { <li>{*p}</li> }).collect_view();
        let steps = kind.guide.steps.iter().map(|p| view! { <li>{*p}</li> }).collect_view();
        view! {
            <PageHead title=kind.label lead=kind.guide.summary crumbs=vec![("在线申请".into(), "/apply".into())]/>
            <Section title="谁可以申请"><p>{kind.guide.who}</p></Section>
            <Section title="需要准备"><ul class="bullets">{prepare}</ul></Section>
            <Section title="办理流程"><ol class="numbers">{steps}</ol></Section>
            <section class="panel">
                <p>"填写过程中可随时暂存草稿箱，以后在“我的事项”中继续。"</p>
                <form method="post" action=format!("/apply/{}", kind.code)>
                    <Hidden name="_id" value=Uuid::now_v7().to_string()/>
                    <Actions><Submit label="在线办理"/></Actions>
                </form>
            </section>
        }
        .into_any()
    });
    Ok(page.under("/apply").into())
}

/// 在线办理: begins a draft. The page made its id, so that two clicks begin one.
pub async fn begin(call: Call) -> Result<Answer, Fault> {
    let kind = kind(call.param("kind")).ok_or(Fault::NotFound)?;
    let id = call.house.begin_matter(&call.allowed()?, kind, call.post.id("_id")?).await?;
    let first = kind.form.steps.first().map_or("", |s| s.code);
    Ok(Answer::See(format!("/matters/{id}/edit/{first}")))
}
