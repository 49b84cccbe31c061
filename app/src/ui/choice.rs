//! Controls to choose from options: a select, radio buttons and checkboxes.

use leptos::prelude::*;

use super::form::{FieldFrame, FieldProps, Hint, Mark};

/// An option of a select, radio or checkbox group.
#[derive(Clone)]
pub struct ChoiceItem {
    /// Submitted value.
    pub code: String,
    /// Visible label.
    pub label: String,
    /// Group heading; may be empty.
    pub group: String,
}

/// Options that depend on the answer to another field of the page. A browser with scripts replaces them when that answer changes; without
/// scripts they are there after the page was saved.
#[derive(Clone)]
pub struct OptionsWithin {
    /// `name` of the control of the other field.
    pub other: &'static str,
    /// Its label.
    pub label: &'static str,
    /// What stands behind a chosen option that does not belong to that answer.
    pub mark: String,
    /// The options of each answer: answer, code and label, each on a line.
    pub options: String,
}

impl OptionsWithin {
    /// A sentence for browsers without scripts, in place of the options.
    fn note(&self) -> AnyView {
        let text = format!("请先选择{}，点“下一步”或“暂存草稿箱”后在此选择", self.label);
        view! {
            <noscript>
                <p class="field-hint">{text}</p>
            </noscript>
        }
        .into_any()
    }
}

/// A select or radio group.
#[component]
pub fn SelectField(
    ask: FieldProps,
    picks: Vec<ChoiceItem>,
    #[prop(into)] value: String,
    #[prop(default = None)] within: Option<OptionsWithin>,
) -> AnyView {
    let is_empty = within.is_some() && picks.is_empty();
    let note = within.as_ref().filter(|_| is_empty).map(OptionsWithin::note);
    let (other, mark, offered) = within.map_or((None, None, None), |w| (Some(w.other), Some(w.mark), Some(w.options)));
    let name = other.map(|_| ask.name.clone());
    let mut groups: Vec<(String, Vec<ChoiceItem>)> = Vec::new();
    for pick in picks {
        match groups.last_mut() {
            Some((group, picks)) if *group == pick.group => picks.push(pick),
            _ => groups.push((pick.group.clone(), vec![pick])),
        }
    }
    let options = groups
        .into_iter()
        .map(|(group, picks)| {
            let options = picks
                .into_iter()
                .map(|p| {
                    view! {
                        <option value=p.code.clone() selected=p.code == value>
                            {p.label}
                        </option>
                    }
                })
                .collect_view();
            match group.is_empty() {
                true => options.into_any(),
                false => view! { <optgroup label=group>{options}</optgroup> }.into_any(),
            }
        })
        .collect_view();
    view! {
        <FieldFrame ask=ask
            .clone()>
            {note}
            <select
                class="input"
                id=ask.id()
                name=ask.name.clone()
                aria-describedby=ask.described_by()
                aria-invalid=ask.invalid()
                disabled=is_empty
                data-within=other
                data-name=name
                data-mark=mark
                data-options=offered
            >
                <option value="">"请选择"</option>
                {options}
            </select>
        </FieldFrame>
    }
    .into_any()
}

/// A checkbox group.
#[component]
pub fn ChoiceField(
    ask: FieldProps,
    picks: Vec<ChoiceItem>,
    values: Vec<String>,
    #[prop(optional)] many: bool,
    #[prop(default = None)] within: Option<OptionsWithin>,
) -> AnyView {
    let note = within.as_ref().filter(|_| picks.is_empty()).map(OptionsWithin::note);
    let (other, mark, offered) = within.map_or((None, None, None), |w| (Some(w.other), Some(w.mark), Some(w.options)));
    let name = other.map(|_| ask.name.clone());
    let kind = if many { "checkbox" } else { "radio" };
    let class = if ask.fault.is_some() { "field field-bad" } else { "field" };
    let id = ask.id();
    let choices = picks
        .into_iter()
        .enumerate()
        .map(|(i, p)| {
            let id = if i == 0 { id.clone() } else { format!("{id}-{i}") };
            let checked = values.contains(&p.code);
            view! {
                <label class="choice">
                    <input type=kind id=id name=ask.name.clone() value=p.code checked=checked />
                    <span>{p.label}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class=class aria-describedby=ask.described_by()>
            <legend class="field-label">{ask.label.clone()}<Mark required=ask.required /></legend>
            <Hint ask=ask.clone() />
            {note}
            <div class="choices" data-within=other data-name=name data-mark=mark data-options=offered>
                {choices}
            </div>
        </fieldset>
    }
    .into_any()
}
