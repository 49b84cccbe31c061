//! Conflicts between devices or windows, as text.

use domain::engine::draft::Question;
use domain::engine::form::{Form, FormContext, Path, Value};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::ui::*;

/// A conflict of one answer, as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// The answer.
    pub path: Path,
    /// Label.
    pub label: String,
    /// This side's answer; empty if unanswered.
    pub mine: String,
    /// The other side's answer; empty if unanswered.
    pub theirs: String,
    /// Whether the two answers can be joined, one after the other.
    pub joinable: bool,
}

impl Conflict {
    fn new(form: &Form, question: &Question, context: &FormContext<'_>) -> Self {
        let Question { path, mine, theirs } = question;
        let display = |value: &Option<Value>| form.display_at(path, value.as_ref(), context);
        let text = |value: &Option<Value>| matches!(value, Some(Value::Text(_)));
        let joinable = form.field_at(path).is_some_and(|f| f.joinable()) && text(mine) && text(theirs);
        Self { path: path.clone(), label: form.label_at(path), mine: display(mine), theirs: display(theirs), joinable }
    }
}

/// Formats questions.
pub fn conflicts(form: &Form, questions: &[Question], context: &FormContext<'_>) -> Vec<Conflict> {
    questions.iter().map(|question| Conflict::new(form, question, context)).collect()
}

/// Questions without labels, for pages that have neither the form nor a server.
pub fn conflicts_without_texts(questions: &[Question]) -> Vec<Conflict> {
    let text = |value: &Option<Value>| value.as_ref().map_or_else(String::new, |v| v.raw_text());
    let conflict = |q: &Question| Conflict {
        path: q.path.clone(),
        label: String::new(),
        mine: text(&q.mine),
        theirs: text(&q.theirs),
        joinable: false,
    };
    questions.iter().map(conflict).collect()
}

/// Prefix of the controls that resolve a question with the next save of the page.
pub const CHOICE_PREFIX: &str = "_choice:";

/// Name of the control of a question.
pub fn control_name(path: &Path) -> &str {
    match path {
        Path::Field(name) | Path::Cell(_, _, name) => name,
        Path::Row(list, _) => list,
    }
}

/// View of the questions, resolved with the next save. The value typed here is preselected.
pub fn conflict_form(conflicts: Vec<Conflict>) -> Option<AnyView> {
    let or_empty = |text: String| if text.is_empty() { "（空）".to_owned() } else { text };
    let cards: Vec<AnyView> = conflicts
        .into_iter()
        .map(|conflict| {
            let mut picks = vec![
                pick("mine", format!("这里填写的：{}", or_empty(conflict.mine))),
                pick("theirs", format!("别处已保存的：{}", or_empty(conflict.theirs))),
            ];
            picks.extend(conflict.joinable.then(|| pick("both", "两者都保留".to_owned())));
            let props = FieldProps::new(&format!("{CHOICE_PREFIX}{}", control_name(&conflict.path)), &conflict.label);
            view! { <ChoiceField ask=props picks=picks values=vec!["mine".to_owned()] /> }.into_any()
        })
        .collect();
    (!cards.is_empty()).then(|| {
        view! {
            <Notice tone=Tone::Warn title="下列内容在别处（另一窗口或设备）有不同的修改">
                <p>"请选择保留哪一个，然后再次保存。两处的内容都没有丢失。"</p>
                {cards}
            </Notice>
        }
        .into_any()
    })
}

fn pick(code: &str, label: String) -> ChoiceItem {
    ChoiceItem { code: code.into(), label, group: String::new() }
}

/// View of the questions with a button for each resolution. `buttons` renders those of one question.
pub fn conflict_cards(conflicts: Vec<Conflict>, buttons: impl Fn(&Conflict) -> AnyView) -> AnyView {
    let or_empty = |text: &str| if text.is_empty() { "空".to_owned() } else { text.to_owned() };
    let cards = conflicts
        .iter()
        .map(|conflict| {
            view! {
                <div class="record">
                    <p class="record-title">{conflict.label.clone()}</p>
                    <dl class="facts">
                        <div class="fact">
                            <dt>"本机填写"</dt>
                            <dd>{or_empty(&conflict.mine)}</dd>
                        </div>
                        <div class="fact">
                            <dt>"别处填写"</dt>
                            <dd>{or_empty(&conflict.theirs)}</dd>
                        </div>
                    </dl>
                    <div class="row-end">{buttons(conflict)}</div>
                </div>
            }
            .into_any()
        })
        .collect_view();
    view! {
        <div class=format!("notice {}", Tone::Warn.class()) role="alert" data-testid="questions">
            <p class="notice-title">"下列内容在别处也作了修改，请选择以哪个为准。选择之前不能提交。"</p>
            {cards}
        </div>
    }
    .into_any()
}
