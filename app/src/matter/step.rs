//! One page of the wizard: shown, saved at every post, judged only by 下一步.

use backend::workflow::draft::Change;
use domain::engine::draft::Question;
use domain::engine::form::{Answers, Field, Fields, Part, Path, Problem, Records, Step, Value, check_step};
use http::StatusCode;
use leptos::prelude::*;
use uuid::Uuid;

use super::read::display_view;
use super::{Desk, Faults, attach, question, refused, step_path, typed_fields};
use crate::call::{Answer, Call, Fault, Page};
use crate::control::{Sheet, control, read_detach};
use crate::draft::Editor;
use crate::ui::*;
use crate::words;

/// Shows a page of the wizard. A matter that cannot be edited is shown instead.
pub async fn show(call: Call) -> Result<Answer, Fault> {
    let Some(desk) = Desk::open(&call).await? else {
        return Ok(Answer::See(format!("/matters/{}", call.id("id")?)));
    };
    let saved = call.asked("saved") == "1";
    let faults = match call.asked("check") {
        "1" => check_step(desk.step, &desk.opened.answers, &desk.world.context()).iter().map(at_control).collect(),
        _ => Faults::new(),
    };
    Ok(page(desk, faults, None, saved).into())
}

/// What the button of a post asks for.
enum Wish {
    Next,
    Save,
    Goto(String),
    Add(String),
    Library(String),
    Remove(String, Uuid),
    Detach(Path, Uuid),
}

fn wish(action: &str) -> Wish {
    let (word, rest) = action.split_once(':').unwrap_or((action, ""));
    match word {
        "save" => Wish::Save,
        "goto" => Wish::Goto(rest.to_owned()),
        "add" => Wish::Add(rest.to_owned()),
        "library" => Wish::Library(rest.to_owned()),
        "remove" => match rest.split_once(':').map(|(list, id)| (list, Uuid::parse_str(id))) {
            Some((list, Ok(id))) => Wish::Remove(list.to_owned(), id),
            _ => Wish::Save,
        },
        "detach" => read_detach(action).map_or(Wish::Save, |(path, file)| Wish::Detach(path, file)),
        _ => Wish::Next,
    }
}

/// Takes a page: saves what was typed in any case, then does what the button asks.
pub async fn save(call: Call) -> Result<Answer, Fault> {
    let Some(mut desk) = Desk::open(&call).await? else {
        return Err(Fault::Conflict("该业务当前不能修改，请到“我的事项”查看".into()));
    };
    let who = call.allowed()?;
    let (id, step) = (desk.id(), desk.step);
    let mut fields = typed_fields(&desk.opened, step, &call.post.pairs)?;
    question::settle(&mut fields, &desk.opened.answers.fields, &call.post.pairs);
    let change = Change::Fields { step: step.code.into(), base: call.post.number("_rev")?, fields: fields.clone() };
    if let Err(error) = backend::workflow::draft::edit_matter(&call.app, &who, id, change).await {
        let refused = refused(error)?;
        let typed = refused.typed.or(Some(fields));
        let status = refused.status;
        return Ok(page_asking(desk, refused.faults, refused.asked, typed, false).status(status).into());
    }
    let faults = attach(&call, id, &call.post.files, Path::field).await?;
    match wish(call.post.text("_action")) {
        Wish::Remove(list, record) => {
            backend::workflow::draft::edit_matter(&call.app, &who, id, Change::Remove { list, record }).await?;
        }
        Wish::Detach(path, file) => {
            backend::workflow::draft::edit_matter(&call.app, &who, id, Change::Detach { path, file }).await?;
        }
        wish if faults.is_empty() => {
            desk.opened = backend::matter::open_matter(&call.app, &who, id).await?;
            return go(desk, wish);
        }
        _ => {
            desk.opened = backend::matter::open_matter(&call.app, &who, id).await?;
            return Ok(page(desk, faults, None, false).status(StatusCode::UNPROCESSABLE_ENTITY).into());
        }
    }
    Ok(Answer::See(format!("{}?saved=1", desk.step_path(step.code))))
}

fn go(desk: Desk, wish: Wish) -> Result<Answer, Fault> {
    let (id, step) = (desk.id(), desk.step);
    let answers = &desk.opened.answers;
    Ok(Answer::See(match wish {
        Wish::Goto(to) if to == "review" => format!("/matters/{id}/review"),
        Wish::Goto(to) => desk.step_path(desk.opened.kind.form.step(&to).ok_or(Fault::NotFound)?.code),
        Wish::Add(list) => format!("{}/{list}/{}", desk.step_path(step.code), Uuid::now_v7()),
        Wish::Library(list) => format!("{}/{list}/library", desk.step_path(step.code)),
        Wish::Next => {
            let problems = check_step(step, answers, &desk.world.context());
            if !problems.is_empty() {
                let faults = problems.iter().map(at_control).collect();
                return Ok(page(desk, faults, None, true).status(StatusCode::UNPROCESSABLE_ENTITY).into());
            }
            after(&desk).map_or_else(|| format!("/matters/{id}/review"), |s| desk.step_path(s.code))
        }
        _ => format!("{}?saved=1", desk.step_path(step.code)),
    }))
}

/// A fault of a page, at the control it belongs to; one inside a record, at the record.
fn at_control(problem: &Problem) -> (String, String) {
    match &problem.path {
        Path::Field(name) => (name.clone(), problem.issue.text.clone()),
        Path::Row(list, id) | Path::Cell(list, id, _) => (format!("{list}-{id}"), problem.said()),
    }
}

fn steps(desk: &Desk) -> Vec<&'static Step> {
    desk.opened.kind.form.steps_for(&desk.opened.answers).collect()
}

fn after(desk: &Desk) -> Option<&'static Step> {
    let steps = steps(desk);
    let place = steps.iter().position(|s| s.code == desk.step.code)?;
    steps.get(place + 1).copied()
}

fn before(desk: &Desk) -> Option<&'static Step> {
    let steps = steps(desk);
    let place = steps.iter().position(|s| s.code == desk.step.code)?;
    steps.get(place.checked_sub(1)?).copied()
}

/// The wizard's steps, the check page last. Each is a button that saves the page before it goes there.
fn step_items(steps: &[&'static Step], here: &str) -> Vec<StepItem> {
    let place = steps.iter().position(|s| s.code == here).unwrap_or(steps.len());
    let state = |i: usize| match i.cmp(&place) {
        std::cmp::Ordering::Less => StepState::Done,
        std::cmp::Ordering::Equal => StepState::Current,
        std::cmp::Ordering::Greater => StepState::Todo,
    };
    let mut items: Vec<StepItem> = steps
        .iter()
        .enumerate()
        .map(|(i, s)| StepItem { label: s.title.into(), goto: (i != place).then(|| format!("goto:{}", s.code)), state: state(i) })
        .collect();
    items.push(StepItem {
        label: "核对提交".into(),
        goto: (place != steps.len()).then(|| "goto:review".to_owned()),
        state: state(steps.len()),
    });
    items
}

fn page(desk: Desk, faults: Faults, typed: Option<Fields>, saved: bool) -> Page {
    page_asking(desk, faults, Vec::new(), typed, saved)
}

fn page_asking(desk: Desk, faults: Faults, asked: Vec<Question>, typed: Option<Fields>, saved: bool) -> Page {
    let title = format!("{} · {}", desk.opened.kind.label, desk.step.title);
    let mut answers = desk.opened.answers.clone();
    if let Some(typed) = typed {
        // What was emptied stays empty.
        answers.fields.retain(|name, value| matches!(value, Value::Files(_)) || desk.step.fields().all(|f| f.name != name.as_str()));
        answers.fields.extend(typed);
    }
    let body = move || {
        let (opened, step) = (&desk.opened, desk.step);
        let (id, revision) = (opened.row.id, opened.row.revision);
        let files = step.fields().any(|f| matches!(f.widget, domain::engine::form::Widget::Files(_)));
        let enctype = if files { "multipart/form-data" } else { "application/x-www-form-urlencoded" };
        let sheet = Sheet { id, answers, record: None, faults };
        let summary = summary(&sheet, step);
        let back = before(&desk).map(|s| view! { <Submit label="上一步" weight=Weight::Quiet action=format!("goto:{}", s.code)/> });
        let questions = question::questions(&asked, step.fields(), &desk.world.context());
        let asked = opened.facts.asked.clone();
        let said = (saved && opened.row.revision > 0)
            .then(|| format!("已保存到服务器的草稿箱（{}）。可随时在“我的事项”中继续编辑。", words::time(opened.saved_at)));
        let parts = step.parts.iter().map(|part| part_view(part, &sheet, &desk)).collect_view();
        view! {
            <PageHead title=step.title lead=step.intro crumbs=vec![("我的事项".into(), "/matters".into()), (opened.kind.label.into(), format!("/apply/{}", opened.kind.code))]/>
            <Steps items=step_items(&steps(&desk), step.code)/>
            {asked.map(|(note, items)| {
                let back = (!items.is_empty()).then(|| view! { <p><a href=format!("/matters/{id}/rectify")>"查看全部整改项"</a></p> });
                view! { <Notice tone=Tone::Warn title="退回意见"><p class="lines">{note}</p>{back}</Notice> }
            })}
            {said.map(|text| view! { <Notice tone=Tone::Good>{text}</Notice> })}
            <ErrorSummary items=summary/>
            <section class="panel">
                <form id="edit" method="post" action=desk.step_path(step.code) enctype=enctype class="fields" novalidate=true>
                    <Hidden name="_rev" value=revision.to_string()/>
                    {questions}
                    {parts}
                    <Actions>
                        <Submit label="下一步" action="next"/>
                        {back}
                        <Submit label="暂存草稿箱" weight=Weight::Quiet action="save"/>
                    </Actions>
                    <Editor matter=id kind=opened.kind.code.to_owned() step=step.code.to_owned() list=String::new() record=None account=desk.account own=desk.own/>
                </form>
            </section>
        }
        .into_any()
    };
    Page::new(title, body).under("/matters").with_islands()
}

/// A fault inside a record leads to the record's page; the others to their control.
fn summary(sheet: &Sheet, step: &Step) -> Vec<(String, String)> {
    let records: Vec<&Records> = step.records().collect();
    sheet
        .faults
        .iter()
        .map(|(name, text)| {
            let record = records.iter().find_map(|l| Some((l.name, name.strip_prefix(l.name)?.strip_prefix('-')?)));
            let href = match record {
                Some((list, record)) => format!("{}/{list}/{record}?check=1", step_path(sheet.id, step.code)),
                None => format!("#f-{name}"),
            };
            (href, text.clone())
        })
        .collect()
}

fn part_view(part: &'static Part, sheet: &Sheet, desk: &Desk) -> AnyView {
    match part {
        Part::Fields(heading, fields) => {
            let (open, locked): (Vec<&'static Field>, Vec<&'static Field>) =
                fields.iter().partition(|f| desk.opened.open_at(&Path::field(f.name)));
            let controls = open.into_iter().filter_map(|f| control(f, sheet, &desk.world.context())).collect_view();
            let controls = view! { {controls}{locked_view(&locked, sheet, desk)} };
            let heading = (!heading.is_empty()).then(|| view! { <h3 class="group-title">{*heading}</h3> });
            view! { {heading}{controls} }.into_any()
        }
        Part::Records(list) => records_view(list, sheet, desk).into_any(),
        Part::Shown(display) => {
            let lines = desk.world.lists.get(display.name).cloned().unwrap_or_default();
            view! { <div id=format!("f-{}", display.name) tabindex="-1">{display_view(display, lines)}</div> }.into_any()
        }
    }
}

/// Answers a return did not point at: shown, and not to be changed.
fn locked_view(fields: &[&'static Field], sheet: &Sheet, desk: &Desk) -> Option<AnyView> {
    let context = desk.world.context();
    let items: Vec<(String, String)> =
        fields.iter().filter_map(|f| Some((f.label.to_owned(), f.said(sheet.answers.fields.get(f.name)?, &context)))).collect();
    (!items.is_empty()).then(|| view! { <Facts items=items/> }.into_any())
}

fn records_view(list: &'static Records, sheet: &Sheet, desk: &Desk) -> impl IntoView + use<> {
    let base = format!("{}/{}", desk.step_path(desk.step.code), list.name);
    let cards = cards(list, &sheet.answers, sheet, desk, &base);
    let empty = cards.is_empty();
    let fault = sheet.faults.iter().find(|(n, _)| n == list.name).map(|(_, t)| t.clone());
    view! {
        <div id=format!("f-{}", list.name) tabindex="-1">
            {(!list.hint.is_empty()).then(|| view! { <p class="field-hint">{list.hint}</p> })}
            {fault.map(|text| view! { <p class="field-fault" id=format!("e-{}", list.name)>{text}</p> })}
            {cards}
            {empty.then(|| view! { <Empty text=format!("还没有添加{}", list.label)/> })}
            {desk.opened.open_at(&Path::field(list.name)).then(|| view! {
                <div class="choices">
                    <Submit label=format!("添加{}", list.label) weight=Weight::Quiet action=format!("add:{}", list.name)/>
                    {list.library.then(|| view! { <Submit label="从基本信息库添加" weight=Weight::Quiet action=format!("library:{}", list.name)/> })}
                </div>
            })}
        </div>
    }
}

fn cards(list: &'static Records, answers: &Answers, sheet: &Sheet, desk: &Desk, base: &str) -> Vec<AnyView> {
    answers
        .records(list.name)
        .map(|record| {
            let title = list.title_of(&record.fields, &desk.world.context());
            let span = match (record.text("start"), record.text("end")) {
                ("", "") => String::new(),
                (start, "") => format!("{start} 起"),
                (start, end) => format!("{start} 至 {end}"),
            };
            let name = format!("{}-{}", list.name, record.id);
            let open = desk.opened.open_at(&Path::Row(list.name.to_owned(), record.id));
            let faults: Vec<String> = sheet.faults.iter().filter(|(n, _)| *n == name).map(|(_, t)| t.clone()).collect();
            let class = if faults.is_empty() { "record" } else { "record record-bad" };
            view! {
                <div class=class id=format!("r-{}", record.id)>
                    <div class="record-head">
                        <div><p class="record-title">{title}</p><p class="row-sub">{span}</p></div>
                        {open.then(|| view! {
                            <div class="row-end">
                                <a class="btn btn-sm btn-outline" href=format!("{base}/{}", record.id)>"编辑"</a>
                                <button class="btn btn-sm btn-outline" type="submit" name="_action" value=format!("remove:{}:{}", list.name, record.id)>"移除"</button>
                            </div>
                        })}
                    </div>
                    {faults.into_iter().map(|t| view! { <p class="field-fault">{t}</p> }).collect_view()}
                </div>
            }
            .into_any()
        })
        .collect()
}
