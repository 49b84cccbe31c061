//! 基本信息库: one record, written in the library itself. Files belong to applications and are not asked here.

use backend::matter::MatterError;
use backend::matter::context::World;
use domain::engine::form::{Answers, Field, Record, Records, Scope, Widget, check_field, read_fields};
use domain::kind::KINDS;
use http::StatusCode;
use leptos::prelude::*;
use uuid::Uuid;

use crate::call::{Answer, Call, Fault, Page};
use crate::control::{Sheet, control};
use crate::ui::*;

/// Address of a record of a list.
pub fn path(list: &str, record: Uuid) -> String {
    format!("/me/library/{list}/{record}")
}

struct Place {
    list: &'static Records,
    record: Record,
    new: bool,
    world: World,
}

async fn place(call: &Call) -> Result<Place, Fault> {
    let who = call.allowed()?;
    let lists = KINDS.iter().flat_map(|k| k.form.steps).flat_map(|s| s.records());
    let list = lists.into_iter().find(|l| l.library && l.name == call.param("list")).ok_or(Fault::NotFound)?;
    let id = call.id("record")?;
    let known = backend::workflow::library::library(&call.app, &who, list.name).await?.into_iter().find(|r| r.id == id);
    let new = known.is_none();
    let record = known.unwrap_or(Record { id, fields: Default::default(), gone: false });
    let world = backend::matter::context::world_for(&call.app, who.account(), who.caller()).await?;
    Ok(Place { list, record, new, world })
}

/// The fields that are asked here.
fn asked(list: &'static Records) -> impl Iterator<Item = &'static Field> + Clone {
    list.fields.iter().filter(|f| !matches!(f.widget, Widget::Files(_)))
}

/// Shows a record. An id that is not in the list is a new record.
pub async fn show(call: Call) -> Result<Answer, Fault> {
    Ok(page(place(&call).await?, Vec::new()).into())
}

/// 保存: a record with faults is not kept, and comes back as it was typed.
pub async fn save(call: Call) -> Result<Answer, Fault> {
    let mut place = place(&call).await?;
    read_fields(asked(place.list), &call.post.pairs, &mut place.record.fields)?;
    let faults = faults(&place);
    if !faults.is_empty() {
        return Ok(page(place, faults).status(StatusCode::UNPROCESSABLE_ENTITY).into());
    }
    match backend::workflow::library::write_record(&call.app, &call.allowed()?, place.list.name, &place.record).await {
        Ok(()) => Ok(Answer::See("/me/library".into())),
        Err(MatterError::TooMany) => Err(Fault::Conflict(MatterError::TooMany.text())),
        Err(error) => Err(error.into()),
    }
}

fn faults(place: &Place) -> Vec<(String, String)> {
    let (none, context) = (Answers::default(), place.world.context());
    let scope = Scope::record(&none, &place.record.fields).under(context.rules_on());
    let fault =
        |f: &'static Field| check_field(f, place.record.fields.get(f.name), &scope, &context).map(|issue| (f.name.to_owned(), issue.text));
    asked(place.list).filter_map(fault).collect()
}

fn page(place: Place, faults: Vec<(String, String)>) -> Page {
    let title = format!("{}{}", if place.new { "添加" } else { "编辑" }, place.list.label);
    let heading = title.clone();
    let body = move || {
        let Place { list, record, world, .. } = place;
        let action = path(list.name, record.id);
        let sheet = Sheet { id: Uuid::nil(), answers: Answers::default(), record: Some((list.name.to_owned(), record)), faults };
        let controls = asked(list).filter_map(|f| control(f, &sheet, &world.context())).collect_view();
        view! {
            <PageHead title=heading lead="保存在基本信息库中，申请时可直接选用；证明材料在申请中上传。"
                crumbs=vec![("个人中心".into(), "/me".into()), ("基本信息库".into(), "/me/library".into())]/>
            <ErrorSummary items=sheet.summary()/>
            <section class="panel">
                <form method="post" action=action class="fields" novalidate=true>
                    {controls}
                    <Actions><Submit label="保存"/><ButtonLink href="/me/library" label="返回" quiet=true/></Actions>
                </form>
            </section>
        }
        .into_any()
    };
    Page::new(title, body).under("/me")
}
