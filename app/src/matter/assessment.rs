//! An application beside what a reviewer finds of it: each record with its verdict, each answer with a place to point at it.

use domain::engine::assessment::{Assessment, Nonconformity, Verdict, offered};
use domain::engine::form::{Issue, Path, Shown, ShownRecord, ShownStep, show_form};
use leptos::prelude::*;
use uuid::Uuid;

use super::read::{Reader, display_view, files_view, pairs};
use crate::ui::*;

/// What the sheet is drawn from.
#[derive(Clone)]
pub struct Sheet<'a> {
    /// The matter.
    pub opened: &'a backend::matter::Opened,
    /// The world it is judged in.
    pub world: &'a backend::matter::context::World,
    /// What was found so far.
    pub found: &'a Assessment,
    /// What stands in the way of finishing.
    pub faults: &'a [(Option<Path>, Issue)],
    /// Whether each record needs a verdict; otherwise parts are only pointed at.
    pub verdicts: bool,
}

impl Sheet<'_> {
    fn catalogue(&self) -> &'static [Nonconformity] {
        self.opened.kind.nonconformities
    }

    fn id(&self) -> Uuid {
        self.opened.row.id
    }

    fn reader(&self) -> Reader {
        if self.opened.blind() { Reader::Blind } else { Reader::Other }
    }

    fn verdict(&self, path: &Path) -> Verdict {
        self.found.verdicts.get(path).cloned().unwrap_or_default()
    }

    fn fault(&self, path: &Path) -> Option<String> {
        self.faults.iter().find(|(p, _)| p.as_ref() == Some(path)).map(|(_, issue)| issue.text.clone())
    }
}

/// Every page of the form with its verdicts.
pub fn sheet_view(sheet: &Sheet<'_>) -> AnyView {
    let steps = show_form(sheet.opened.kind.form, &sheet.opened.answers, &sheet.world.context());
    steps.into_iter().map(|step| step_view(step, sheet)).collect_view().into_any()
}

fn step_view(step: ShownStep, sheet: &Sheet<'_>) -> AnyView {
    let reader = sheet.reader();
    let seen: Vec<Shown> = step.answers.into_iter().filter(|a| reader != Reader::Blind || !a.tells_who).collect();
    let points: Vec<AnyView> = seen.iter().map(|a| field_point(a, sheet)).collect();
    let (single, files): (Vec<Shown>, Vec<Shown>) = seen.into_iter().partition(|a| a.files.is_empty());
    let facts = (!single.is_empty()).then(|| view! { <Facts items=pairs(&single, reader)/> });
    let files = files.iter().map(|a| files_view(sheet.id(), a)).collect_view();
    let lists = step
        .lists
        .into_iter()
        .map(|(list, records)| {
            let cards = records.into_iter().enumerate().map(|(i, r)| record_view(i, list.label, r, sheet)).collect_view();
            let missing = pointer(&Path::field(list.name), &format!("需要补充{}", list.label), sheet);
            view! { {cards}<Fold label=format!("缺少{}", list.label) open=sheet.verdict(&Path::field(list.name)).fails()>{missing}</Fold> }
        })
        .collect_view();
    let displays = step.displays.into_iter().map(|(display, lines)| display_view(display, lines)).collect_view();
    let open = step.step.fields().any(|f| sheet.verdict(&Path::field(f.name)).fails());
    let pointers = (!points.is_empty()).then(|| view! { <Fold label="指出本页有问题的内容" open=open>{points}</Fold> });
    view! { <Section title=step.step.title>{displays}{facts}{files}{lists}{pointers}</Section> }.into_any()
}

fn record_view(place: usize, label: &'static str, record: ShownRecord, sheet: &Sheet<'_>) -> AnyView {
    let (path, reader) = (record.path.clone(), sheet.reader());
    let (single, files): (Vec<Shown>, Vec<Shown>) = record.answers.into_iter().partition(|a| a.files.is_empty());
    let verdict = sheet.verdict(&path);
    let fault = sheet.fault(&path);
    let class = if fault.is_some() { "record record-bad" } else { "record" };
    let title = format!("{label}第 {} 条（{}）", place + 1, record.title);
    let name = format!("v:{path}");
    let judge = if sheet.verdicts {
        let (yes, no) = (verdict.conforms == Some(true), verdict.fails());
        view! {
            <div class="choices" role="radiogroup" aria-label=format!("{title}是否符合")>
                <label class="choice"><input type="radio" name=name.clone() value="ok" checked=yes/><span>"符合"</span></label>
                <label class="choice"><input type="radio" name=name value="bad" checked=no/><span>"不符合"</span></label>
            </div>
        }
        .into_any()
    } else {
        let no = verdict.fails();
        view! { <label class="choice"><input type="checkbox" name=name value="bad" checked=no/><span>"这条需要修改"</span></label> }
            .into_any()
    };
    let reasons = reasons_view(&path, &title, &verdict, sheet);
    view! {
        <div class=class id=path.anchor() data-part=title>
            <h3>{record.title}</h3>
            <Facts items=pairs(&single, reader)/>
            {files.iter().map(|a| files_view(sheet.id(), a)).collect_view()}
            {fault.map(|text| view! { <p class="field-fault">{text}</p> })}
            {judge}
            <Fold label="选择不符合项" open=verdict.fails()>{reasons}</Fold>
        </div>
    }
    .into_any()
}

/// Nonconformities to pick, and a line for what none of them says.
fn reasons_view(path: &Path, title: &str, verdict: &Verdict, sheet: &Sheet<'_>) -> AnyView {
    let picks = picks_view(path, offered(sheet.catalogue(), path), verdict);
    let label = format!("{title}：其他问题");
    view! {
        <div class="picks">{picks}</div>
        <label class="field"><span class="field-label">"其他问题"</span>
            <input class="input" type="text" name=format!("t:{path}") value=verdict.text.clone() maxlength="300" aria-label=label/>
        </label>
    }
    .into_any()
}

fn picks_view(path: &Path, offered: Vec<&'static Nonconformity>, verdict: &Verdict) -> AnyView {
    let pick = |n: &'static Nonconformity| {
        let checked = verdict.codes.iter().any(|c| c == n.code);
        view! {
            <label class="choice">
                <input type="checkbox" name=format!("n:{path}") value=n.code checked=checked data-text=n.text/>
                <span>{n.text}</span>
            </label>
        }
    };
    offered.into_iter().map(pick).collect_view().into_any()
}

fn field_point(answer: &Shown, sheet: &Sheet<'_>) -> AnyView {
    pointer(&answer.path, answer.label, sheet)
}

/// A place to point at one answer, or at a list as a whole.
fn pointer(path: &Path, label: &str, sheet: &Sheet<'_>) -> AnyView {
    let verdict = sheet.verdict(path);
    // What is wrong with records is picked at the record; of a list as a whole, only that one is missing.
    let list = matches!(path, Path::Field(name) if sheet.opened.kind.form.records(name).is_some());
    let own = offered(sheet.catalogue(), path).into_iter().filter(|n| !list && !n.on.is_empty()).collect();
    let picks = picks_view(path, own, &verdict);
    let aria = format!("{label}：问题说明");
    view! {
        <div class="pointer" data-part=label.to_owned()>
            <label class="choice">
                <input type="checkbox" name=format!("v:{path}") value="bad" checked=verdict.fails()/>
                <span>{label.to_owned()}</span>
            </label>
            {picks}
            <input class="input" type="text" name=format!("t:{path}") value=verdict.text.clone() maxlength="300" aria-label=aria placeholder="问题说明"/>
        </div>
    }
    .into_any()
}
