//! Form controls: label, hint, error message, and the value as typed.

use domain::base::calendar::parse_day;
use domain::engine::form::{picker_name, picker_shown_name};
use leptos::prelude::*;

/// Common properties of form controls.
#[derive(Clone, Default)]
pub struct FieldProps {
    /// `name` of the control.
    pub name: String,
    /// Label.
    pub label: String,
    /// Hint; may be empty.
    pub hint: String,
    /// Error message.
    pub fault: Option<String>,
    /// What the applicant is told about the answer without being kept from submitting.
    pub warning: Option<String>,
    /// Whether the field is required.
    pub required: bool,
}

impl FieldProps {
    /// Properties with a name and a label.
    pub fn new(name: &str, label: &str) -> Self {
        Self { name: name.into(), label: label.into(), required: true, ..Self::default() }
    }

    /// Adds a hint.
    pub fn hint(mut self, hint: &str) -> Self {
        self.hint = hint.into();
        self
    }

    /// Adds an error message.
    pub fn fault(mut self, fault: Option<String>) -> Self {
        self.fault = fault;
        self
    }

    /// Adds a warning.
    pub fn warning(mut self, warning: Option<String>) -> Self {
        self.warning = warning;
        self
    }

    /// Marks the field as optional.
    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// `id` of the control.
    pub fn id(&self) -> String {
        format!("f-{}", self.name)
    }

    pub(super) fn described_by(&self) -> Option<String> {
        let mut ids = Vec::new();
        if !self.hint.is_empty() {
            ids.push(format!("h-{}", self.name));
        }
        if self.fault.is_some() {
            ids.push(format!("e-{}", self.name));
        }
        if self.warning.is_some() {
            ids.push(format!("w-{}", self.name));
        }
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    pub(super) fn invalid(&self) -> Option<&'static str> {
        self.fault.is_some().then_some("true")
    }
}

/// Label, hint and error message around a control.
#[component]
pub fn FieldFrame(ask: FieldProps, children: Children) -> AnyView {
    let class = if ask.fault.is_some() { "field field-bad" } else { "field" };
    view! {
        <div class=class>
            <label class="field-label" for=ask.id()>
                {ask.label.clone()}
                <Mark required=ask.required />
            </label>
            <Hint ask=ask.clone() />
            {children()}
        </div>
    }
    .into_any()
}

#[component]
pub(super) fn Mark(required: bool) -> AnyView {
    (!required).then(|| view! { <span class="field-mark">"选填"</span> }).into_any()
}

#[component]
pub(super) fn Hint(ask: FieldProps) -> AnyView {
    let (hint, error, warning) = (format!("h-{}", ask.name), format!("e-{}", ask.name), format!("w-{}", ask.name));
    view! {
        {(!ask.hint.is_empty())
            .then(|| {
                view! {
                    <p class="field-hint" id=hint>
                        {ask.hint}
                    </p>
                }
            })}
        {ask
            .fault
            .map(|fault| {
                view! {
                    <p class="field-fault" id=error>
                        {fault}
                    </p>
                }
            })}
        {ask
            .warning
            .map(|text| {
                view! {
                    <p class="field-warning" id=warning>
                        {format!("提醒：{text}")}
                    </p>
                }
            })}
    }
    .into_any()
}

/// A text input.
#[component]
pub fn TextField(
    ask: FieldProps,
    #[prop(into)] value: String,
    #[prop(default = "text")] kind: &'static str,
    #[prop(optional)] inputmode: &'static str,
    #[prop(optional)] autocomplete: &'static str,
    #[prop(optional, into)] placeholder: String,
    #[prop(optional)] short: bool,
) -> AnyView {
    let some = |s: &'static str| (!s.is_empty()).then_some(s);
    let class = if short { "input input-short" } else { "input" };
    view! {
        <FieldFrame ask=ask.clone()>
            <input
                class=class
                id=ask.id()
                name=ask.name.clone()
                type=kind
                value=value
                inputmode=some(inputmode)
                autocomplete=some(autocomplete)
                placeholder=(!placeholder.is_empty()).then_some(placeholder)
                aria-describedby=ask.described_by()
                aria-invalid=ask.invalid()
            />
        </FieldFrame>
    }
    .into_any()
}

/// A day: typed in any usual spelling, or picked. Both controls are sent, with the day that the picker showed, so that the page works without
/// scripts and a change of either one counts (`typed_day`).
#[component]
pub fn DayField(ask: FieldProps, #[prop(into)] value: String) -> AnyView {
    let shown = parse_day(&value).map(|day| day.to_string()).unwrap_or_default();
    let (id, label, name) = (ask.id(), format!("l-{}", ask.name), ask.name.clone());
    let (picker, picker_shown) = (picker_name(&name), picker_shown_name(&name));
    let class = if ask.fault.is_some() { "field field-bad" } else { "field" };
    view! {
        <div class=class>
            <label class="field-label" for=id.clone() id=label.clone()>
                {ask.label.clone()}
                <Mark required=ask.required />
            </label>
            <Hint ask=ask.clone() />
            <div class="day">
                <input
                    class="input input-short"
                    id=id
                    name=name
                    type="text"
                    value=value
                    inputmode="numeric"
                    placeholder="年-月-日"
                    aria-describedby=ask.described_by()
                    aria-invalid=ask.invalid()
                />
                <input
                    class="input day-picker"
                    name=picker
                    type="date"
                    value=shown.clone()
                    min="1900-01-01"
                    aria-label="从日历选择"
                    aria-describedby=label
                />
                <input type="hidden" name=picker_shown value=shown />
            </div>
        </div>
    }
    .into_any()
}

/// A text area.
#[component]
pub fn TextareaField(ask: FieldProps, #[prop(into)] value: String, #[prop(default = 4)] rows: u32) -> AnyView {
    view! {
        <FieldFrame ask=ask.clone()>
            <textarea
                class="input"
                id=ask.id()
                name=ask.name.clone()
                rows=rows
                aria-describedby=ask.described_by()
                aria-invalid=ask.invalid()
            >
                {value}
            </textarea>
        </FieldFrame>
    }
    .into_any()
}

/// A text area for an opinion, with its own id, since a page may have several.
#[component]
pub fn NoteField(ask: FieldProps, #[prop(into)] id: String, #[prop(into)] value: String) -> AnyView {
    let class = if ask.fault.is_some() { "field field-bad" } else { "field" };
    let fault_id = format!("e-{id}");
    let described = ask.fault.is_some().then(|| fault_id.clone());
    view! {
        <div class=class>
            <label class="field-label" for=id.clone()>
                {ask.label.clone()}
                <Mark required=ask.required />
            </label>
            {ask
                .fault
                .clone()
                .map(|fault| {
                    view! {
                        <p class="field-fault" id=fault_id.clone()>
                            {fault}
                        </p>
                    }
                })}
            <textarea class="input" id=id name=ask.name.clone() rows="2" aria-describedby=described aria-invalid=ask.invalid()>
                {value}
            </textarea>
        </div>
    }
    .into_any()
}

/// A checkbox with a statement.
#[component]
pub fn CheckboxField(
    ask: FieldProps,
    #[prop(into)] statement: String,
    ticked: bool,
    #[prop(default = "yes")] value: &'static str,
) -> AnyView {
    let class = if ask.fault.is_some() { "field field-bad" } else { "field" };
    view! {
        <div class=class>
            <Hint ask=ask.clone() />
            <label class="choice choice-statement">
                <input
                    type="checkbox"
                    id=ask.id()
                    name=ask.name.clone()
                    value=value
                    checked=ticked
                    aria-describedby=ask.described_by()
                    aria-invalid=ask.invalid()
                />
                <span>{statement}</span>
            </label>
        </div>
    }
    .into_any()
}

/// An attached file.
#[derive(Clone)]
pub struct Attached {
    /// Download address.
    pub href: String,
    /// Name and size.
    pub label: String,
    /// Value of the remove button.
    pub remove: String,
}

/// A file input with the files attached so far.
#[component]
pub fn FilesField(
    ask: FieldProps,
    attached: Vec<Attached>,
    full: bool,
    /// Most files.
    most: usize,
    /// What a browser offers to choose.
    accept: String,
) -> AnyView {
    let files = attached
        .into_iter()
        .map(|file| {
            view! {
                <li class="file">
                    <a href=file.href>{file.label}</a>
                    <button class="btn btn-sm btn-outline" type="submit" name="_action" value=file.remove>
                        "移除"
                    </button>
                </li>
            }
        })
        .collect_view();
    let several = most > 1;
    view! {
        <FieldFrame ask=ask.clone()>
            <ul class="files">{files}</ul>
            {(!full)
                .then(|| {
                    view! {
                        <input
                            class="input input-file"
                            id=ask.id()
                            name=ask.name.clone()
                            type="file"
                            accept=accept
                            multiple=several
                            data-most=most
                            aria-describedby=ask.described_by()
                            aria-invalid=ask.invalid()
                        />
                    }
                })}
        </FieldFrame>
    }
    .into_any()
}

/// A hidden input.
#[component]
pub fn Hidden(name: &'static str, #[prop(into)] value: String) -> AnyView {
    view! { <input type="hidden" name=name value=value /> }.into_any()
}

/// Style of a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Weight {
    /// Primary action.
    #[default]
    Main,
    /// Secondary action.
    Quiet,
    /// Destructive action.
    Grave,
}

/// A submit button.
#[component]
pub fn Submit(
    #[prop(into)] label: String,
    /// The end of the label that only screen readers need, since sighted users see it beside the button.
    #[prop(optional)]
    unseen: &'static str,
    #[prop(optional)] weight: Weight,
    #[prop(optional, into)] action: String,
) -> AnyView {
    let class = match weight {
        Weight::Main => "btn btn-primary",
        Weight::Quiet => "btn btn-outline",
        Weight::Grave => "btn btn-outline btn-error",
    };
    let name = (!action.is_empty()).then_some("_action");
    let value = (!action.is_empty()).then_some(action);
    view! {
        <button class=class type="submit" name=name value=value>
            {with_unseen(label, unseen)}
        </button>
    }
    .into_any()
}

/// A label, with an end that only screen readers read.
pub(super) fn with_unseen(label: String, end: &'static str) -> AnyView {
    match end {
        "" => label.into_any(),
        end => view! {
            {label}
            <span class="sr-only">{end}</span>
        }
        .into_any(),
    }
}

/// The row of buttons at the end of a form.
#[component]
pub fn Actions(children: Children) -> AnyView {
    view! { <div class="actions">{children()}</div> }.into_any()
}

/// Formats a size: 1.4 MB, 32 KB.
pub fn size(bytes: u64) -> String {
    if bytes >= 1024 * 1024 {
        format!("{}.{} MB", bytes / 1_048_576, bytes % 1_048_576 * 10 / 1_048_576)
    } else {
        format!("{} KB", bytes.div_ceil(1024))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_round() {
        assert_eq!((size(1), size(2048), size(1_572_864)), ("1 KB".into(), "2 KB".into(), "1.5 MB".into()));
    }
}
