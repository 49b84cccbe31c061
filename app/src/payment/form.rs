//! Payment form, rendered from the form of the domain.

use backend::AppState;
use backend::access::guard::Allowed;
use backend::infra::file::FileError;
use backend::matter::MatterError;
use backend::matter::context::OwnedMatterContext;
use backend::service::pages::PaymentMethods;
use domain::base::rule::RulesOn;
use domain::engine::form::{AcceptedFiles, Answers, Field, FileRef, Part, Value, When, Widget, read_fields};
use domain::record::payment::{FORM, validate};
use http::StatusCode;
use leptos::prelude::*;
use uuid::Uuid;

use super::transfer::{Transfer, transfer_view};
use crate::error::PageError;
use crate::form_draft::{DraftOnPage, FormDraftFields, SaveDraft};
use crate::post::{Post, RefusedFiles};
use crate::ui::*;
use crate::wizard::{FieldSheet, control_as};

/// Most vouchers of a payment.
const MAX_SLIPS: usize = 3;

/// Submitted answers and their errors.
pub struct Typed {
    /// Submitted answers.
    pub answers: Answers,
    /// Error messages by control name.
    pub faults: Vec<(String, String)>,
    /// The draft of the form.
    draft: DraftOnPage,
    /// Files that were not accepted.
    refused_files: Vec<(String, String)>,
    /// What became of 暂存.
    saved: Option<SaveDraft>,
}

impl Typed {
    /// Initial answers: default method.
    fn new(draft: DraftOnPage) -> Self {
        let fields = [("method".to_owned(), Value::from("online"))];
        let answers = Answers { fields: fields.into(), ..Answers::default() };
        Self { answers, faults: Vec::new(), draft, refused_files: Vec::new(), saved: None }
    }

    /// What the draft holds; the initial answers without one. `is_saved`: the page follows on 暂存.
    pub async fn of_draft(
        app: &AppState,
        who: &Allowed,
        draft: DraftOnPage,
        context: &OwnedMatterContext,
        is_saved: bool,
    ) -> Result<Self, PageError> {
        if !draft.is_saved() {
            return Ok(Self::new(draft));
        }
        let saved = is_saved.then_some(SaveDraft::Saved);
        match Self::read(app, who, &draft.as_post(), context, draft.clone()).await {
            Ok(typed) => Ok(Self { faults: Vec::new(), saved, ..typed }),
            // A draft of an earlier release may have options that the form does not have any more.
            Err(PageError::BadRequest(_)) => Ok(Self::new(draft)),
            Err(error) => Err(error),
        }
    }

    /// 暂存: saves a posted form. Returns whether the page is to be loaded anew; otherwise it shows why the form is not saved.
    pub async fn save(&mut self, app: &AppState, who: &Allowed, post: &Post) -> Result<bool, PageError> {
        let typed = post.pairs.iter().filter(|(name, _)| name != "_slip").cloned();
        let slips = self.answers.fields.get("voucher").map_or(&[][..], Value::files);
        let pairs = typed.chain(slips.iter().map(|slip| ("_slip".to_owned(), slip.file.to_string()))).collect();
        let saved = self.draft.save(app, who, post, pairs).await?;
        self.faults = std::mem::take(&mut self.refused_files);
        let is_done = matches!(saved, SaveDraft::Saved) && self.faults.is_empty();
        self.saved = Some(saved);
        Ok(is_done)
    }

    /// Status of a page that is shown after [`Self::save`].
    pub fn save_status(&self) -> StatusCode {
        if matches!(self.saved, Some(SaveDraft::Older(_))) { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY }
    }

    /// What became of 暂存.
    pub fn save_notice(&self) -> Option<AnyView> {
        match self.saved.as_ref()? {
            SaveDraft::Saved => Some(view! { <Notice tone=Tone::Good>"填写的内容已暂存到服务器，尚未提交。"</Notice> }.into_any()),
            SaveDraft::Older(older) => Some(older.notice()),
        }
    }

    /// Reads and validates a post. Files are stored at once, so that they survive an invalid form.
    pub async fn read(
        app: &AppState,
        who: &Allowed,
        post: &Post,
        context: &OwnedMatterContext,
        draft: DraftOnPage,
    ) -> Result<Self, PageError> {
        let mut answers = Answers::default();
        read_fields(fields(), &post.pairs, &mut answers.fields)?;
        let mut slips: Vec<FileRef> = Vec::new();
        for id in post.ids("_slip") {
            slips.extend(backend::workflow::files::own_file(app, who, id).await?);
        }
        let mut refused = RefusedFiles::default();
        for file in post.files.iter().filter(|f| f.field == "voucher") {
            let stored = match &file.content {
                _ if slips.len() >= MAX_SLIPS => Err(MatterError::File(FileError::TooMany(MAX_SLIPS))),
                Some(content) => backend::workflow::files::store_file(app, who, &file.name, content.read().await?).await,
                None => Err(MatterError::File(FileError::TooLarge(backend::workflow::files::upload_megabytes(app)))),
            };
            match stored {
                Ok(slip) => slips.push(slip),
                Err(MatterError::File(error)) => refused.add(file, error),
                Err(error) => return Err(error.into()),
            }
        }
        let rejected = refused.faults();
        if !slips.is_empty() {
            answers.fields.insert("voucher".into(), Value::Files(slips));
        }
        let mut all: Vec<(String, String)> =
            validate(&answers, &context.as_context()).into_iter().map(|f| (f.field.to_owned(), f.issue.text)).collect();
        all.retain(|(name, _)| rejected.iter().all(|(n, _)| n != name));
        all.extend(rejected.clone());
        Ok(Self { answers, faults: all, draft, refused_files: rejected, saved: None })
    }

    /// Entries of the error summary.
    pub fn summary(&self) -> Vec<(String, String)> {
        self.faults.iter().map(|(n, t)| (format!("#f-{n}"), t.clone())).collect()
    }
}

fn fields() -> impl Iterator<Item = &'static Field> + Clone {
    FORM.steps.iter().flat_map(|s| s.fields())
}

/// Fields, and buttons for each payment method. Dependent fields are shown by CSS alone. `pay`: label of the button of 线上缴费.
pub fn questions(typed: &Typed, context: &OwnedMatterContext, methods: &PaymentMethods, pay: String, transfer: &Transfer) -> AnyView {
    let sheet =
        FieldSheet { id: Uuid::nil(), answers: typed.answers.clone(), record: None, faults: typed.faults.clone(), warnings: Vec::new() };
    let lost = typed.draft.as_post().values("_files").map(str::to_owned).collect::<Vec<_>>();
    let parts = FORM.steps.iter().flat_map(|s| s.parts);
    let mut groups = parts.filter_map(|part| match part {
        Part::Fields(heading, fields) => Some(group(heading, fields, &sheet, context, methods, &lost)),
        Part::Records(_) | Part::Display(_) => None,
    });
    let method = groups.next();
    let account = methods.bank_account.as_deref();
    let account = account.map(|account| {
        view! {
            <div class="reveal" data-when="method=offline">
                {transfer_view(account, transfer)}
            </div>
        }
    });
    let others = groups.collect_view();
    let (online, offline) = (methods.online, methods.bank_account.is_some());
    view! {
        {method}
        {account}
        {others}
        <Actions>
            {online
                .then(|| {
                    view! {
                        <span class="reveal" data-when="method=online">
                            <Submit label=pay />
                        </span>
                    }
                })}
            {offline
                .then(|| {
                    view! {
                        <span class="reveal" data-when="method=offline">
                            <Submit label="提交缴费凭证" />
                        </span>
                    }
                })} <Submit label="暂存" weight=Weight::Quiet action="save" />
        </Actions>
        <FormDraftFields draft=typed.draft.clone() />
    }
    .into_any()
}

fn group(
    heading: &'static str,
    fields: &'static [Field],
    sheet: &FieldSheet,
    context: &OwnedMatterContext,
    methods: &PaymentMethods,
    lost: &[String],
) -> AnyView {
    let controls = fields
        .iter()
        .map(|field| {
            let control = match &field.widget {
                Widget::Files(accepted) => slips(field, accepted, sheet, &context.as_context().rules_on(), lost),
                _ if field.name == "method" && !methods.online => only("offline", "暂未开通线上缴费，请通过银行汇款后上传缴费凭证。"),
                _ if field.name == "method" && methods.bank_account.is_none() => only("online", "暂未开通线下缴费，请在线支付。"),
                _ => control_as(field, sheet, &context.as_context(), field.required != When::Never),
            };
            match condition(field.shown) {
                Some(when) => view! {
                    <div class="reveal" data-when=when>
                        {control}
                    </div>
                }
                .into_any(),
                None => control,
            }
        })
        .collect_view();
    let when = fields.first().and_then(|f| condition(f.shown));
    let class = if when.is_some() { "group-title reveal" } else { "group-title" };
    let head = (!heading.is_empty()).then(|| {
        view! {
            <h2 class=class data-when=when>
                {heading}
            </h2>
        }
    });
    view! {
        {head}
        {controls}
    }
    .into_any()
}

/// Hint where only one payment method is set up, which is chosen.
fn only(method: &'static str, hint: &'static str) -> AnyView {
    view! {
        <p>{hint}</p>
        <input type="radio" class="sr-only" name="method" value=method checked=true aria-label=hint />
    }
    .into_any()
}

/// The value of a condition for the style sheet.
fn condition(shown: When) -> Option<String> {
    match shown {
        When::Is(field, [code]) => Some(format!("{field}={code}")),
        _ => None,
    }
}

fn slips(field: &Field, accepted: &AcceptedFiles, sheet: &FieldSheet, rules: &RulesOn<'_>, lost: &[String]) -> AnyView {
    let limits = field.file_limits(accepted, rules);
    let stored = sheet.answers.fields.get(field.name).map_or(&[][..], Value::files).to_vec();
    let fault = sheet.faults.iter().find(|(n, _)| n == field.name).map(|(_, t)| t.clone());
    let hidden = stored.iter().map(|f| view! { <Hidden name="_slip" value=f.file.to_string() /> }).collect_view();
    let names = stored
        .iter()
        .map(|f| view! { <li class="file">{format!("已上传：{}（{}）", f.name, crate::ui::size(f.size))}</li> })
        .collect_view();
    let full = stored.len() >= MAX_SLIPS;
    let lost: Vec<&str> = lost.iter().map(String::as_str).filter(|name| stored.iter().all(|file| file.name != **name)).collect();
    let lost = (!lost.is_empty()).then(|| format!("上次选择的文件“{}”没有上传，请重新选择", lost.join("”“")));
    let fault = fault.or(lost);
    view! {
        {hidden}
        <ul class="files">{names}</ul>
        <FilesField
            ask=FieldProps::new(field.name, field.label).hint(&limits).fault(fault)
            attached=Vec::new()
            full=full
            most=MAX_SLIPS
            accept=accepted.accept()
        />
    }
    .into_any()
}
