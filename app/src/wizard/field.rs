//! Fields of a form as controls.

use domain::engine::form::{
    Answers, Choice, Field, FileRef, FormContext, LineWriter, Options, Path, PortraitRequirements, Record, Scope, TextFormat, Value, When,
    Widget,
};
use leptos::prelude::*;
use uuid::Uuid;

use crate::portrait::{CropFrame, PhotoCrop};
use crate::ui::*;

/// Errors by name of the control.
pub type FieldErrors = Vec<(String, String)>;

/// The answers from which the controls of a page are rendered.
#[derive(Clone)]
pub struct FieldSheet {
    /// The matter.
    pub id: Uuid,
    /// All answers, for conditions.
    pub answers: Answers,
    /// The record, on the page of a record.
    pub record: Option<(String, Record)>,
    /// Errors, by name of the control.
    pub faults: FieldErrors,
    /// Warnings, by name of the control.
    pub warnings: FieldErrors,
}

impl FieldSheet {
    fn holds(&self, when: When, context: &FormContext<'_>) -> bool {
        when.holds(&self.scope(context))
    }

    fn scope<'s>(&'s self, context: &'s FormContext<'_>) -> Scope<'s> {
        context.scope(&self.answers, self.record.as_ref().map(|(_, record)| &record.fields))
    }

    fn value(&self, name: &str) -> Option<&Value> {
        match &self.record {
            Some((_, record)) => record.fields.get(name),
            None => self.answers.fields.get(name),
        }
    }

    fn path(&self, name: &str) -> Path {
        match &self.record {
            Some((list, record)) => Path::Cell(list.clone(), record.id, name.to_owned()),
            None => Path::field(name),
        }
    }

    /// The error at a control.
    pub fn fault(&self, name: &str) -> Option<String> {
        self.faults.iter().find(|(n, _)| n == name).map(|(_, t)| t.clone())
    }

    fn warning(&self, name: &str) -> Option<String> {
        self.warnings.iter().find(|(n, _)| n == name).map(|(_, t)| t.clone())
    }

    /// Entries of the error summary.
    pub fn summary(&self) -> Vec<(String, String)> {
        let address = |name: &str| if name.is_empty() { "#main".to_owned() } else { format!("#f-{name}") };
        self.faults.iter().map(|(n, t)| (address(n), t.clone())).collect()
    }
}

/// A field, as data.
pub struct FieldView {
    /// Label, hint and error.
    pub props: FieldProps,
    /// The control.
    pub input: Input,
    /// For a dependent field: whether it is shown.
    pub dependent: Option<bool>,
}

/// A control with its value.
pub enum Input {
    /// One line of text.
    Line {
        /// The answer.
        value: String,
        /// Type of the control.
        kind: &'static str,
        /// Keyboard of a phone; may be empty.
        inputmode: &'static str,
        /// `off` for answers that the browser must not store; may be empty.
        autocomplete: &'static str,
        /// Placeholder; may be empty.
        placeholder: &'static str,
        /// Whether the control is narrow.
        short: bool,
    },
    /// A day.
    Day(String),
    /// Several lines of text.
    Lines(String),
    /// A checkbox: text, submitted value, and whether it is checked.
    Tick(&'static str, &'static str, bool),
    /// Radio buttons or checkboxes: options, chosen codes, and whether several can be chosen.
    Choice(Vec<ChoiceItem>, Vec<String>, bool, Option<OptionsWithin>),
    /// A select: options and the chosen code.
    Select(Vec<ChoiceItem>, String, Option<OptionsWithin>),
    /// Files.
    Files {
        /// Attached files.
        attached: Vec<Attached>,
        /// Whether the maximum is reached.
        full: bool,
        /// Most files.
        most: usize,
        /// What a browser offers to choose.
        accept: String,
        /// Crop frame of a 证件照.
        crop: Option<CropFrame>,
    },
    /// A sentence instead of a control.
    Note(String),
}

impl FieldView {
    /// A field without its own conditions.
    fn new(field: &'static Field, sheet: &FieldSheet, context: &FormContext<'_>, required: bool) -> Self {
        let mut props = FieldProps::new(field.name, field.label).hint(&field.hint_on(&context.rules_on())).fault(sheet.fault(field.name));
        props = props.warning(sheet.warning(field.name));
        if !required {
            props = props.optional();
        }
        if matches!(field.widget, Widget::Day(_)) && field.hint.is_empty() {
            props = props.hint("如 2020-09-01 或 20200901，也可从日历选择");
        }
        if matches!(field.widget, Widget::Time(_)) && field.hint.is_empty() {
            props = props.hint("24 小时制，如 09:30 或 0930");
        }
        if let Widget::Files(accepted) = &field.widget {
            props = props.hint(&field.file_limits(accepted, &context.rules_on()));
        }
        Self { props, input: input(field, sheet, context), dependent: None }
    }

    /// A field of the wizard; `None` if no answer can make it visible.
    pub fn of(field: &'static Field, sheet: &FieldSheet, context: &FormContext<'_>) -> Option<Self> {
        let shown = sheet.holds(field.shown, context);
        let depends = field.shown.depends(context.rules_on());
        let view = || Self::new(field, sheet, context, sheet.holds(field.required, context));
        (shown || depends).then(|| Self { dependent: depends.then_some(shown), ..view() })
    }

    /// A field that is not editable here, with the reason.
    pub fn note(field: &'static Field, why: &str) -> Self {
        let props = FieldProps::new(field.name, field.label);
        Self { props, input: Input::Note(format!("{}：{why}", field.label)), dependent: None }
    }
}

/// A field. A question that other answers ask for is on the page but hidden and disabled while they do not, so that it is not sent and a
/// browser with scripts can show it at once.
#[component]
pub fn FieldControl(field: FieldView) -> AnyView {
    let FieldView { props, input, dependent } = field;
    let name = props.name.clone();
    let control = input_view(props, input);
    match dependent {
        Some(shown) => view! {
            <fieldset class="dependent" data-dependent=name data-shown=if shown { "yes" } else { "no" } hidden=!shown disabled=!shown>
                {control}
            </fieldset>
        }
        .into_any(),
        None => control,
    }
}

/// A field of a page without scripts; `None` if it is not shown.
pub fn control(field: &'static Field, sheet: &FieldSheet, context: &FormContext<'_>) -> Option<AnyView> {
    let required = sheet.holds(field.required, context);
    sheet.holds(field.shown, context).then(|| control_as(field, sheet, context, required))
}

/// A field without its own conditions.
pub fn control_as(field: &'static Field, sheet: &FieldSheet, context: &FormContext<'_>, required: bool) -> AnyView {
    let FieldView { props, input, .. } = FieldView::new(field, sheet, context, required);
    input_view(props, input)
}

fn input_view(ask: FieldProps, input: Input) -> AnyView {
    match input {
        Input::Line { value, kind, inputmode, autocomplete, placeholder, short } => {
            view! { <TextField ask=ask value=value kind=kind inputmode=inputmode autocomplete=autocomplete placeholder=placeholder short=short /> }
                .into_any()
        }
        Input::Day(value) => view! { <DayField ask=ask value=value /> }.into_any(),
        Input::Lines(value) => view! { <TextareaField ask=ask value=value /> }.into_any(),
        Input::Tick(statement, value, ticked) => view! { <CheckboxField ask=ask statement=statement ticked=ticked value=value /> }.into_any(),
        Input::Choice(picks, values, many, within) => {
            view! { <ChoiceField ask=ask picks=picks values=values many=many within=within /> }.into_any()
        }
        Input::Select(picks, value, within) => view! { <SelectField ask=ask picks=picks value=value within=within /> }.into_any(),
        Input::Files { attached, full, most, accept, crop } => {
            let crop = crop.map(|frame| view! { <PhotoCrop input=ask.id() frame=frame /> });
            view! {
                <FilesField ask=ask attached=attached full=full most=most accept=accept />
                {crop}
            }.into_any()
        }
        Input::Note(text) => view! { <p class="field-hint">{text}</p> }.into_any(),
    }
}

fn numeric(value: String, mode: &'static str) -> Input {
    Input::Line { value, kind: "text", inputmode: mode, autocomplete: "", placeholder: "", short: true }
}

fn input(field: &'static Field, sheet: &FieldSheet, context: &FormContext<'_>) -> Input {
    let value = sheet.value(field.name);
    let text = value.map_or_else(String::new, |v| v.text().to_owned());
    match &field.widget {
        Widget::Line(_, shape) => {
            let (kind, inputmode) = match shape {
                TextFormat::Mobile | TextFormat::Phone => ("tel", "tel"),
                TextFormat::Email => ("email", "email"),
                TextFormat::Postcode | TextFormat::Digits(..) => ("text", "numeric"),
                TextFormat::Amount => ("text", "decimal"),
                // Letters or hyphens are needed, so the keyboard is the whole one.
                TextFormat::Any
                | TextFormat::PersonName
                | TextFormat::LatinName
                | TextFormat::CreditCode
                | TextFormat::CertificateNumber
                | TextFormat::DocumentOf(_)
                | TextFormat::TaxNumber => ("text", ""),
            };
            // Keep sensitive answers out of the browser's autofill data.
            let autocomplete = if field.sensitive { "off" } else { "" };
            Input::Line { value: text, kind, inputmode, autocomplete, placeholder: "", short: matches!(shape, TextFormat::Postcode) }
        }
        Widget::Lines(_) => Input::Lines(text),
        Widget::Day(_) => Input::Day(text),
        Widget::Time(_) => {
            Input::Line { value: text, kind: "text", inputmode: "numeric", autocomplete: "", placeholder: "时:分", short: true }
        }
        Widget::HalfDays(_) | Widget::Hours(_) => numeric(text, "decimal"),
        Widget::Whole(..) => numeric(text, "numeric"),
        Widget::Tick(statement) => Input::Tick(statement, "yes", text == "yes"),
        Widget::Agree(statement) => Input::Tick(statement.text, statement.version, text == statement.version),
        Widget::One(options) => {
            let (picks, within) = offered(options, &[&text], sheet, context);
            // Lists of variable length are always selects.
            match matches!(options, Options::Fixed(_)) && picks.len() <= 4 {
                true => Input::Choice(picks, vec![text], false, within),
                false => Input::Select(picks, text, within),
            }
        }
        Widget::Many(options) => {
            let values: Vec<String> = value.map(Value::codes).unwrap_or_default().into_iter().map(str::to_owned).collect();
            let (picks, within) = offered(options, &values.iter().map(String::as_str).collect::<Vec<_>>(), sheet, context);
            Input::Choice(picks, values, true, within)
        }
        Widget::Files(accepted) => {
            let files = value.map_or(&[][..], Value::files);
            let path = sheet.path(field.name);
            let full = files.len() >= accepted.most;
            let crop = (field.portrait && !full).then(|| CropFrame::new(&PortraitRequirements::from_rules(&context.rules_on())));
            let attached = files.iter().map(|f| attached(sheet.id, &path, f)).collect();
            Input::Files { attached, full, most: accepted.most, accept: accepted.accept(), crop }
        }
    }
}

fn attached(id: Uuid, path: &Path, file: &FileRef) -> Attached {
    Attached {
        href: format!("/matters/{id}/files/{}", file.file),
        label: format!("{}({})", file.name, size(file.size)),
        remove: format!("detach:{path}:{}", file.file),
    }
}

/// The options of a field. Those that depend on another field are followed by the chosen ones that do not belong to its answer: they are
/// told, not dropped.
fn offered(options: &Options, chosen: &[&str], sheet: &FieldSheet, context: &FormContext<'_>) -> (Vec<ChoiceItem>, Option<OptionsWithin>) {
    let item = |code: &str, label: String| ChoiceItem { code: code.into(), label, group: String::new() };
    let (list, other) = match options {
        Options::Fixed(choices) => {
            let pick = |c: &Choice| ChoiceItem { group: c.group.into(), ..item(c.code, c.label.into()) };
            return (choices.iter().map(pick).collect(), None);
        }
        Options::Listed(_) => {
            let listed = context.listed(options, &sheet.scope(context));
            return (listed.into_iter().map(|(code, label)| item(code, label.to_owned())).collect(), None);
        }
        Options::Within(list, other) => (list, other),
    };
    let belonging = context.listed(options, &sheet.scope(context));
    let mark = format!("（不属于所选的{}）", other.label);
    let foreign = chosen.iter().filter(|code| !code.is_empty() && belonging.iter().all(|(known, _)| known != *code));
    let foreign = foreign.map(|code| item(code, format!("{}{mark}", context.label(options, code))));
    let picks = belonging.iter().map(|(code, label)| item(code, (*label).to_owned())).chain(foreign).collect();
    let mut text = LineWriter::default();
    for (choice, options) in context.lists_within(list) {
        options.iter().for_each(|(code, label)| [choice, code, label].into_iter().for_each(|value| text.push(value)));
    }
    (picks, Some(OptionsWithin { other: other.name, label: other.label, mark, options: text.finish() }))
}

/// Parses `detach:{path}:{file}`, the value of a remove button.
pub fn read_detach(action: &str) -> Option<(Path, Uuid)> {
    let (path, file) = action.strip_prefix("detach:")?.rsplit_once(':')?;
    Some((path.parse().ok()?, Uuid::parse_str(file).ok()?))
}
