//! Print view of a matter, as its reader may see it: one form that runs over its pages.

use axum::extract::State;
use backend::AppState;
use backend::matter::LoadedMatter;
use backend::matter::context::OwnedMatterContext;
use backend::service::pages::{PrintPage, print_page};
use domain::engine::form::{ShownAnswer, ShownStep, show_form};
use leptos::prelude::*;
use uuid::Uuid;

use super::files::photo_of;
use super::read::{Reader, pair};
use super::timeline;
use crate::error::PageError;
use crate::extract::Path;
use crate::page::Page;
use crate::request::Authorized;
use crate::ui::*;
use crate::{format, links};

/// Shows the print view, masked as on the matter's page.
pub async fn show(State(app): State<AppState>, Authorized(who): Authorized, Path(id): Path<Uuid>) -> Result<Page, PageError> {
    let PrintPage { matter, context, parties, actors } = print_page(&app, &who, id).await?;
    let now = app.now();
    let page = Page::new("打印", move || {
        let mut facts = vec![("业务编号".to_owned(), matter.number.clone().unwrap_or_default())];
        facts.push((matter.kind.applicant_label.to_owned(), parties.applicant.map(|p| p.name).unwrap_or_default()));
        facts.extend(parties.institutions.into_iter().map(|(label, name)| (label.to_owned(), name)));
        facts.push(("当前状态".to_owned(), matter.stage().map_or("", |s| s.label).to_owned()));
        facts.push(("提交时间".to_owned(), matter.submitted_at.map(format::time).unwrap_or_default()));
        facts.push(("打印时间".to_owned(), format::time(now)));
        facts.retain(|(_, value)| !value.is_empty());
        let running = [Some(matter.kind.label), matter.number.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" · ");
        let history = matter.events.iter().map(|e| timeline::entry(e, &matter, &actors, &context)).collect();
        view! {
            <div class="print-tools no-print">
                <a class="btn btn-outline" href=links::matter(id)>
                    "返回业务详情"
                </a>
                <button class="btn btn-primary" type="button" hidden=true data-print="">
                    "打印"
                </button>
                <p class="soft">"用浏览器的打印功能打印本页，或另存为 PDF。"</p>
            </div>
            <PrintedForm running=running>
                <PrintHead title=matter.kind.label lead=matter.kind.title_for(&matter.answers) facts=facts photo=photo_of(&matter) />
                {steps(&matter, &context)}
                <PrintedHistory items=history />
            </PrintedForm>
        }
        .into_any()
    });
    Ok(page.for_print())
}

/// The steps of the form that have answers, each as a table.
fn steps(matter: &LoadedMatter, context: &OwnedMatterContext) -> Vec<AnyView> {
    let reader = Reader::of(matter);
    let steps = show_form(matter.kind.form, &matter.answers, &context.as_context()).into_iter();
    steps.filter_map(|step| step_table(step, reader)).collect()
}

/// A step as a table; none if nothing was filled in.
fn step_table(step: ShownStep, reader: Reader) -> Option<AnyView> {
    let mut groups = vec![(String::new(), filled(&step.answers, reader))];
    groups.extend(step.displays.into_iter().map(|(display, lines)| (display.label.to_owned(), lines)));
    for (_, records) in step.lists {
        groups.extend(records.into_iter().map(|record| (record.title, filled(&record.answers, reader))));
    }
    groups.retain(|(_, lines)| !lines.is_empty());
    (!groups.is_empty()).then(|| view! { <PrintTable title=step.step.title groups=groups /> }.into_any())
}

/// Labels and texts of the answers that were given; of files their names.
fn filled(answers: &[ShownAnswer], reader: Reader) -> Vec<(String, String)> {
    let line = |answer: &ShownAnswer| match answer.files.is_empty() {
        true => pair(answer, reader),
        false => {
            let names: Vec<&str> = answer.files.iter().map(|file| file.name.as_str()).collect();
            (answer.label.to_owned(), names.join("、"))
        }
    };
    answers.iter().map(line).filter(|(_, text)| !text.is_empty()).collect()
}
