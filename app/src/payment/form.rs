//! What is asked of whoever pays, drawn from the form of the domain.

use backend::infra::file::FileError;
use backend::matter::MatterError;
use backend::matter::context::World;
use domain::base::money::Fen;
use domain::engine::form::{Answers, Field, FileRef, Part, Value, When, Widget, read_fields};
use domain::record::payment::{FORM, faults};
use leptos::prelude::*;
use uuid::Uuid;

use crate::call::{Call, Fault};
use crate::control::{Sheet, control_as};
use crate::ui::*;

/// What was typed, and what is wrong with it.
pub struct Typed {
    /// What was typed.
    pub answers: Answers,
    /// By name of the control.
    pub faults: Vec<(String, String)>,
}

impl Typed {
    /// Nothing yet: the usual way, and no invoice.
    pub fn new() -> Self {
        let fields = [("method", "online"), ("invoice", "no")].map(|(n, v)| (n.to_owned(), Value::from(v)));
        Self { answers: Answers { fields: fields.into(), ..Answers::default() }, faults: Vec::new() }
    }

    /// Reads a post and judges it. Files are kept at once, so that nobody has to choose them again.
    pub async fn read(call: &Call, world: &World) -> Result<Self, Fault> {
        let who = call.allowed()?;
        let mut answers = Answers::default();
        read_fields(fields(), &call.post.pairs, &mut answers.fields)?;
        let mut slips: Vec<FileRef> = Vec::new();
        for (_, id) in call.post.pairs.iter().filter(|(n, _)| n == "_slip") {
            if let Ok(id) = Uuid::parse_str(id) {
                slips.extend(backend::workflow::files::own_file(&call.app, &who, id).await?);
            }
        }
        let mut wrong = Vec::new();
        for file in call.post.files.iter().filter(|f| f.field == "voucher") {
            let kept = match &file.bytes {
                _ if slips.len() >= 3 => Err(MatterError::File(FileError::TooMany)),
                Some(bytes) => backend::workflow::files::keep_file(&call.app, &who, &file.name, bytes.clone()).await,
                None => Err(MatterError::File(FileError::TooLarge(backend::workflow::files::upload_megabytes(&call.app)))),
            };
            match kept {
                Ok(slip) => slips.push(slip),
                Err(MatterError::File(error)) => wrong.push(("voucher".to_owned(), error.text())),
                Err(error) => return Err(error.into()),
            }
        }
        if !slips.is_empty() {
            answers.fields.insert("voucher".into(), Value::Files(slips));
        }
        let mut all: Vec<(String, String)> =
            faults(&answers, &world.context()).into_iter().map(|f| (f.field.to_owned(), f.issue.text)).collect();
        all.retain(|(name, _)| wrong.iter().all(|(n, _)| n != name));
        all.extend(wrong);
        Ok(Self { answers, faults: all })
    }

    /// The summary at the top of the page.
    pub fn summary(&self) -> Vec<(String, String)> {
        self.faults.iter().map(|(n, t)| (format!("#f-{n}"), t.clone())).collect()
    }
}

fn fields() -> impl Iterator<Item = &'static Field> + Clone {
    FORM.steps.iter().flat_map(|s| s.fields())
}

/// The questions, and the buttons for either way. Those that an answer asks for appear with it, by style alone.
pub fn questions(typed: &Typed, world: &World, online: bool, amount: Option<Fen>) -> AnyView {
    let sheet = Sheet { id: Uuid::nil(), answers: typed.answers.clone(), record: None, faults: typed.faults.clone() };
    let parts = FORM.steps.iter().flat_map(|s| s.parts);
    let groups = parts
        .filter_map(|part| match part {
            Part::Fields(heading, fields) => Some(group(heading, fields, &sheet, world, online)),
            Part::Records(_) | Part::Shown(_) => None,
        })
        .collect_view();
    let (pay, send) = (amount.map_or_else(|| "在线支付".to_owned(), |a| format!("在线支付 {a}")), "提交缴费凭证");
    view! {
        {groups}
        <Actions>
            {online.then(|| view! { <span class="reveal" data-when="method=online"><Submit label=pay/></span> })}
            <span class="reveal" data-when="method=offline"><Submit label=send/></span>
        </Actions>
    }
    .into_any()
}

fn group(heading: &'static str, fields: &'static [Field], sheet: &Sheet, world: &World, online: bool) -> AnyView {
    let controls = fields
        .iter()
        .map(|field| {
            let control = match field.widget {
                Widget::Files(_) => slips(field, sheet),
                _ if field.name == "method" && !online => offline_only(),
                _ => control_as(field, sheet, &world.context(), field.required != When::Never),
            };
            match condition(field.shown) {
                Some(when) => view! { <div class="reveal" data-when=when>{control}</div> }.into_any(),
                None => control,
            }
        })
        .collect_view();
    let when = fields.first().and_then(|f| condition(f.shown));
    let class = if when.is_some() { "group-title reveal" } else { "group-title" };
    let head = (!heading.is_empty()).then(|| view! { <h3 class=class data-when=when>{heading}</h3> });
    view! { {head}{controls} }.into_any()
}

/// Without a gateway there is one way only.
fn offline_only() -> AnyView {
    view! { <p>"暂未开通在线支付，请通过银行汇款后上传缴费凭证。"</p><input type="radio" class="sr-only" name="method" value="offline" checked=true aria-label="线下汇款"/> }
        .into_any()
}

/// A condition as the style sheet knows it.
fn condition(shown: When) -> Option<String> {
    match shown {
        When::Is(field, [code]) => Some(format!("{field}={code}")),
        _ => None,
    }
}

fn slips(field: &Field, sheet: &Sheet) -> AnyView {
    let kept = sheet.answers.fields.get(field.name).map_or(&[][..], Value::files).to_vec();
    let fault = sheet.faults.iter().find(|(n, _)| n == field.name).map(|(_, t)| t.clone());
    let hidden = kept.iter().map(|f| view! { <Hidden name="_slip" value=f.file.to_string()/> }).collect_view();
    let names =
        kept.iter().map(|f| view! { <li class="file">{format!("已上传：{}（{}）", f.name, crate::ui::size(f.size))}</li> }).collect_view();
    let full = kept.len() >= 3;
    view! {
        {hidden}
        <ul class="files">{names}</ul>
        <FilesField ask=Ask::new(field.name, field.label).hint(field.hint).fault(fault) attached=Vec::new() full=full many=true/>
    }
    .into_any()
}
