//! The one renderer: from a field of a form, as data, to its control.

use domain::engine::form::{
    Answers, Choice, Field, FileRef, FormContext, Options, Path, Portrait, Record, Scope, Shape, Value, When, Widget,
};
use leptos::prelude::*;
use uuid::Uuid;

use crate::portrait::{PhotoCrop, shape};
use crate::ui::*;

/// Faults at fields, by name of the control.
pub type Faults = Vec<(String, String)>;

/// What the controls of a page are drawn from.
#[derive(Clone)]
pub struct Sheet {
    /// The matter.
    pub id: Uuid,
    /// All answers, for conditions.
    pub answers: Answers,
    /// The record on the page, if it is one.
    pub record: Option<(String, Record)>,
    /// What is wrong, by name of the control.
    pub faults: Faults,
}

impl Sheet {
    fn scope(&self) -> Scope<'_> {
        match &self.record {
            Some((_, record)) => Scope::record(&self.answers, &record.fields),
            None => Scope::form(&self.answers),
        }
    }

    fn holds(&self, when: When, context: &FormContext<'_>) -> bool {
        when.holds(&self.scope().under(context.rules_on()))
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

    fn fault(&self, name: &str) -> Option<String> {
        self.faults.iter().find(|(n, _)| n == name).map(|(_, t)| t.clone())
    }

    /// Faults as the summary at the top of the page lists them.
    pub fn summary(&self) -> Vec<(String, String)> {
        self.faults.iter().map(|(n, t)| (format!("#f-{n}"), t.clone())).collect()
    }
}

/// Draws a field, unless the answers say that it is not asked. One that an answer on the same page asks for comes with the next post.
pub fn control(field: &'static Field, sheet: &Sheet, context: &FormContext<'_>) -> Option<AnyView> {
    let required = sheet.holds(field.required, context);
    sheet.holds(field.shown, context).then(|| control_as(field, sheet, context, required))
}

/// Draws a field where its own conditions do not count.
pub fn control_as(field: &'static Field, sheet: &Sheet, context: &FormContext<'_>, required: bool) -> AnyView {
    let mut ask = Ask::new(field.name, field.label).hint(field.hint).fault(sheet.fault(field.name));
    if !required {
        ask = ask.optional();
    }
    let value = sheet.value(field.name);
    let text = value.map_or_else(String::new, |v| v.text().to_owned());
    match &field.widget {
        Widget::Line(_, shape) => {
            let (kind, inputmode) = match shape {
                Shape::Mobile | Shape::Phone => ("tel", "tel"),
                Shape::Email => ("email", "email"),
                Shape::Postcode => ("text", "numeric"),
                _ => ("text", ""),
            };
            let short = matches!(shape, Shape::Postcode);
            // What is sensitive stays out of the browser's own store of what was typed.
            let autocomplete = if field.sensitive { "off" } else { "" };
            view! { <TextField ask=ask value=text kind=kind inputmode=inputmode autocomplete=autocomplete short=short/> }.into_any()
        }
        Widget::Lines(_) => view! { <LinesField ask=ask value=text/> }.into_any(),
        Widget::Day(_) => {
            let ask = if field.hint.is_empty() { ask.hint("格式：年-月-日，如 2020-09-01") } else { ask };
            view! { <TextField ask=ask value=text inputmode="numeric" placeholder="年-月-日" short=true/> }.into_any()
        }
        Widget::HalfDays(_) => view! { <TextField ask=ask value=text inputmode="decimal" short=true/> }.into_any(),
        Widget::Whole(..) => view! { <TextField ask=ask value=text inputmode="numeric" short=true/> }.into_any(),
        Widget::Tick(statement) => view! { <TickField ask=ask statement=*statement ticked=text == "yes"/> }.into_any(),
        Widget::Agree(statement) => {
            let ticked = text == statement.version;
            view! { <TickField ask=ask statement=statement.text ticked=ticked value=statement.version/> }.into_any()
        }
        Widget::One(options) => {
            let picks = picks(options, context);
            // A list that grows would change from buttons to a list one day.
            if matches!(options, Options::Fixed(_)) && picks.len() <= 4 {
                view! { <ChoiceField ask=ask picks=picks values=vec![text]/> }.into_any()
            } else {
                view! { <SelectField ask=ask picks=picks value=text/> }.into_any()
            }
        }
        Widget::Many(options) => {
            let values = match value {
                Some(Value::Many(codes)) => codes.clone(),
                _ => Vec::new(),
            };
            view! { <ChoiceField ask=ask picks=picks(options, context) values=values many=true/> }.into_any()
        }
        Widget::Files(most) => {
            let files = value.map_or(&[][..], Value::files);
            let path = sheet.path(field.name);
            let attached = files.iter().map(|f| attached(sheet.id, &path, f)).collect();
            let full = files.len() >= *most;
            let many = *most > 1;
            let crop = (field.portrait && !full).then(|| crop(ask.id(), context));
            view! { <FilesField ask=ask attached=attached full=full many=many/>{crop} }.into_any()
        }
    }
}

/// What cuts a 证件照 before it is sent.
fn crop(input: String, context: &FormContext<'_>) -> AnyView {
    let asked = Portrait::of(&context.rules_on());
    let least = u32::try_from(asked.width).unwrap_or(u32::MAX);
    view! { <PhotoCrop input=input shape=shape(asked.narrow, asked.wide) least=least/> }.into_any()
}

fn attached(id: Uuid, path: &Path, file: &FileRef) -> Attached {
    Attached {
        href: format!("/matters/{id}/files/{}", file.file),
        label: format!("{}({})", file.name, size(file.size)),
        remove: format!("detach:{path}:{}", file.file),
    }
}

fn picks(options: &Options, context: &FormContext<'_>) -> Vec<Pick> {
    match options {
        Options::Fixed(choices) => choices.iter().map(pick).collect(),
        Options::Listed(list) => context
            .lists
            .get(*list)
            .into_iter()
            .flatten()
            .map(|(code, label)| Pick { code: code.clone(), label: label.clone(), group: String::new() })
            .collect(),
    }
}

fn pick(choice: &Choice) -> Pick {
    Pick { code: choice.code.into(), label: choice.label.into(), group: choice.group.into() }
}

/// Reads `detach:{path}:{file}` as the buttons of files send it.
pub fn read_detach(action: &str) -> Option<(Path, Uuid)> {
    let (path, file) = action.strip_prefix("detach:")?.rsplit_once(':')?;
    Some((path.parse().ok()?, Uuid::parse_str(file).ok()?))
}
