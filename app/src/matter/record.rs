//! One record of a list, on a page of its own: new, or edited.

use std::collections::BTreeMap;

use backend::workflow::draft::Change;
use domain::engine::draft::Question;
use domain::engine::form::{Fields, Path, Record, Records, Value, Widget, check_record, read_fields};
use http::StatusCode;
use leptos::prelude::*;

use super::{Desk, Faults, attach, question, refused};
use crate::call::{Answer, Call, Fault, Page};
use crate::control::{Sheet, control, read_detach};
use crate::draft::Editor;
use crate::ui::*;

struct Place {
    desk: Desk,
    list: &'static Records,
    record: Record,
    new: bool,
}

async fn place(call: &Call) -> Result<Option<Place>, Fault> {
    let Some(desk) = Desk::open(call).await? else {
        return Ok(None);
    };
    let list = desk.step.records().find(|l| l.name == call.param("list")).ok_or(Fault::NotFound)?;
    let id = call.id("record")?;
    let known = desk.opened.answers.record(list.name, id).cloned();
    let path = Path::Row(list.name.to_owned(), id);
    let at_cell = list.fields.iter().any(|f| desk.opened.open_at(&Path::Cell(list.name.to_owned(), id, f.name.to_owned())));
    if !desk.opened.open_at(&path) && !at_cell {
        return Ok(None);
    }
    let new = known.is_none();
    let record = known.unwrap_or(Record { id, fields: BTreeMap::new(), gone: false });
    Ok(Some(Place { desk, list, record, new }))
}

/// Shows a record. An id that is not in the list is a new record.
pub async fn show(call: Call) -> Result<Answer, Fault> {
    let Some(place) = place(&call).await? else {
        return Ok(Answer::See(format!("/matters/{}", call.id("id")?)));
    };
    let faults = if call.asked("check") == "1" { faults_of(&place) } else { Faults::new() };
    Ok(page(place, faults, None).into())
}

fn faults_of(place: &Place) -> Faults {
    check_record(place.list, &place.record, &place.desk.opened.answers, &place.desk.world.context())
        .into_iter()
        .map(|(field, issue)| (field.name.to_owned(), issue.text))
        .collect()
}

/// 保存: keeps what was typed in any case, and says what is still missing.
pub async fn save(call: Call) -> Result<Answer, Fault> {
    let Some(mut place) = place(&call).await? else {
        return Err(Fault::Conflict("该业务当前不能修改，请到“我的事项”查看".into()));
    };
    let who = call.allowed()?;
    let id = place.desk.id();
    let back = place.desk.step_path(place.desk.step.code);
    let mut fields = place.record.fields.clone();
    read_fields(place.list.fields.iter(), &call.post.pairs, &mut fields)?;
    question::settle(&mut fields, &place.record.fields, &call.post.pairs);
    let record = Record { id: place.record.id, fields: fields.clone(), gone: false };
    let change = Change::Record { list: place.list.name.into(), base: call.post.number("_rev")?, record };
    if let Err(error) = backend::workflow::draft::edit_matter(&call.app, &who, id, change).await {
        let refused = refused(error)?;
        let typed = refused.typed.or(Some(fields));
        return Ok(page_asking(place, refused.faults, refused.asked, typed).status(refused.status).into());
    }
    let (list, row) = (place.list.name, place.record.id);
    let mut faults = attach(&call, id, &call.post.files, |field| Path::Cell(list.into(), row, field.into())).await?;
    if let Some((path, file)) = read_detach(call.post.text("_action")) {
        backend::workflow::draft::edit_matter(&call.app, &who, id, Change::Detach { path, file }).await?;
        return Ok(Answer::See(format!("{back}/{list}/{row}")));
    }
    place.desk.opened = backend::matter::open_matter(&call.app, &who, id).await?;
    place.record = place.desk.opened.answers.record(list, row).cloned().ok_or(Fault::NotFound)?;
    place.new = false;
    let wrong: Vec<String> = faults.iter().map(|(n, _)| n.clone()).collect();
    faults.extend(faults_of(&place).into_iter().filter(|(n, _)| !wrong.contains(n)));
    if !faults.is_empty() {
        return Ok(page(place, faults, None).status(StatusCode::UNPROCESSABLE_ENTITY).into());
    }
    if call.post.text("_keep") == "yes" {
        backend::workflow::library::keep_offered(&call.app, &who, id, vec![row]).await?;
    }
    Ok(Answer::See(format!("{back}#r-{row}")))
}

fn page(place: Place, faults: Faults, typed: Option<Fields>) -> Page {
    page_asking(place, faults, Vec::new(), typed)
}

fn page_asking(place: Place, faults: Faults, asked: Vec<Question>, typed: Option<Fields>) -> Page {
    let title = format!("{}{}", if place.new { "添加" } else { "编辑" }, place.list.label);
    let heading = title.clone();
    let body = move || {
        let Place { desk, list, mut record, .. } = place;
        if let Some(typed) = typed {
            // What was emptied stays empty.
            record.fields.retain(|_, value| matches!(value, Value::Files(_)));
            record.fields.extend(typed);
        }
        let back = desk.step_path(desk.step.code);
        let action = format!("{back}/{}/{}", list.name, record.id);
        let files = list.fields.iter().any(|f| matches!(f.widget, Widget::Files(_)));
        let enctype = if files { "multipart/form-data" } else { "application/x-www-form-urlencoded" };
        let row = record.id;
        let sheet = Sheet { id: desk.id(), answers: desk.opened.answers.clone(), record: Some((list.name.to_owned(), record)), faults };
        let summary = sheet.summary();
        let controls = list.fields.iter().filter_map(|f| control(f, &sheet, &desk.world.context())).collect_view();
        let keep = list.library.then(|| {
            view! { <TickField ask=Ask::new("_keep", "").optional() statement="同时存入基本信息库，以后的申请可直接选用" ticked=false/> }
        });
        view! {
            <PageHead title=heading crumbs=vec![(desk.opened.kind.label.into(), back.clone()), (desk.step.title.into(), back.clone())]/>
            <ErrorSummary items=summary/>
            <section class="panel">
                <form id="edit" method="post" action=action enctype=enctype class="fields" novalidate=true>
                    <button class="sr-only" type="submit" name="_action" value="save" tabindex="-1" aria-hidden="true">"保存"</button>
                    <Hidden name="_rev" value=desk.opened.row.revision.to_string()/>
                    {question::questions(&asked, list.fields.iter(), &desk.world.context())}
                    {controls}
                    {keep}
                    <Actions>
                        <Submit label="保存" action="save"/>
                        <ButtonLink href=back label="返回" quiet=true/>
                    </Actions>
                    <Editor matter=desk.id() kind=desk.opened.kind.code.to_owned() step=desk.step.code.to_owned() list=list.name.to_owned() record=Some(row) account=desk.account own=desk.own/>
                </form>
            </section>
        }
        .into_any()
    };
    Page::new(title, body).under("/matters").with_islands()
}
