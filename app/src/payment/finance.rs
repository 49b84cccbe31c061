//! Workbench of finance: vouchers, refunds, invoices.

use axum::extract::State;
use backend::AppState;
use backend::access::guard::Allowed;
use backend::record::form_draft::{OpenDrafts, open_drafts};
use backend::service::pages::{FinancePage, VoucherCheck, finance_page};
use backend::service::payment::PaymentError;
use backend::service::payment::finance::{FinancePost, VoucherDecision};
use backend::service::payment::view::{OrderView, RefundView};
use domain::base::calendar::parse_day;
use domain::base::money::Fen;
use domain::base::text::{normalise, normalise_lines};
use domain::engine::form::{picker_name, picker_shown_name, typed_day};
use domain::engine::form_draft::{Subject, VOUCHER};
use domain::record::payment::{INVOICE_KINDS, Invoice, OrderState};
use http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;
use uuid::Uuid;

use super::received::{OrderReader, received_view};
use super::{facts, slips};
use crate::error::{HttpStatus, PageError};
use crate::extract::Form;
use crate::form_draft::{DraftOnPage, FormDraftFields, SaveDraft};
use crate::format;
use crate::page::{Page, PageResponse, redirect};
use crate::post::Post;
use crate::request::Authorized;
use crate::ui::*;

const PATH: &str = "/association/payments";

/// Shows pending tasks.
pub async fn show(State(app): State<AppState>, Authorized(who): Authorized) -> Result<PageResponse, PageError> {
    Ok(page(&app, &who, None).await?.into())
}

/// The form of one row.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct FinanceForm {
    /// What to do, and with which id: `accept:ID`.
    #[serde(rename = "_action")]
    action: String,
    note: String,
    number: String,
    day: String,
    #[serde(rename = "_pick_day")]
    picked_day: String,
    #[serde(rename = "_shown_day")]
    shown_day: String,
    #[serde(rename = "_seen")]
    seen: String,
    #[serde(rename = "_key")]
    key: String,
    #[serde(rename = "_draft")]
    draft: String,
}

impl FinanceForm {
    /// The day of an invoice, typed or picked.
    fn day(&self) -> String {
        let days = [("day".to_owned(), &self.day), (picker_name("day"), &self.picked_day), (picker_shown_name("day"), &self.shown_day)];
        typed_day(&days.map(|(name, day)| (name, day.clone())), "day")
    }

    /// The key of the form, and the version on its page. A form without a key is not repeated.
    fn post(&self) -> FinancePost {
        let key = Uuid::parse_str(&self.key).unwrap_or_else(|_| Uuid::now_v7());
        FinancePost { key, seen: self.seen.parse().unwrap_or(FinancePost::NOTHING) }
    }
}

/// The hidden fields of a form: its key, and the version on the page.
#[component]
fn PostFields(version: i64) -> AnyView {
    view! {
        <Hidden name="_key" value=Uuid::now_v7().to_string() />
        <Hidden name="_seen" value=version.to_string() />
    }
    .into_any()
}

/// Submitted values of one row, and why they were refused.
struct RefusedAction {
    id: Uuid,
    note: String,
    number: String,
    day: String,
    text: String,
}

impl RefusedAction {
    /// What was typed, one text per line.
    fn typed(&self) -> String {
        let invoice = if self.number.is_empty() { "" } else { self.day.as_str() };
        [self.note.as_str(), &self.number, invoice].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
    }
}

/// Performs the action of a button: `save:ID`, `accept:ID`, `reject:ID`, `refund:ID`, `invoice:ID`.
pub async fn act(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Form(form): Form<FinanceForm>,
) -> Result<PageResponse, PageError> {
    let (operation, id) = form.action.split_once(':').unwrap_or_default();
    let id = Uuid::parse_str(id).map_err(|_| PageError::OUTDATED_FORM)?;
    let on = Some(form.post());
    let (note, number, day) = (normalise_lines(&form.note), normalise(&form.number), form.day());
    if operation == "save" {
        let drafts = open_drafts(&app, who.account(), id, Subject::Order, String::new()).await?;
        let draft = DraftOnPage::of(&drafts, &VOUCHER, "");
        let post = Post { pairs: vec![("_draft".to_owned(), form.draft), ("note".to_owned(), note.clone())], files: Vec::new() };
        return match draft.save(&app, &who, &post, post.pairs.clone()).await? {
            SaveDraft::Saved => Ok(redirect(format!("{PATH}#note-{id}"))),
            SaveDraft::Older(older) => {
                let refused = RefusedAction { id, note, number, day, text: older.text() };
                Ok(page(&app, &who, Some(refused)).await?.status(StatusCode::CONFLICT).into())
            }
        };
    }
    let done = match operation {
        "accept" => backend::service::payment::finance::decide_voucher(&app, &who, id, on, VoucherDecision::Accept).await,
        "reject" => backend::service::payment::finance::decide_voucher(&app, &who, id, on, VoucherDecision::Reject(note.clone())).await,
        "refund" => backend::service::payment::finance::send_refund(&app, &who, id, on).await,
        "invoice" => match invoice(&number, &day) {
            Ok((digits, day)) => backend::service::payment::finance::record_invoice(&app, &who, id, on, &digits, day).await,
            Err(text) => {
                let refused = RefusedAction { id, note, number, day, text };
                return Ok(page(&app, &who, Some(refused)).await?.status(StatusCode::UNPROCESSABLE_ENTITY).into());
            }
        },
        _ => return Err(PageError::OUTDATED_FORM),
    };
    match done {
        Ok(()) => Ok(redirect(PATH)),
        Err(PaymentError::NotFound) => Err(PageError::NotFound),
        Err(PaymentError::Db(error)) if !error.is_conflict() => Err(error.into()),
        Err(error) => {
            let refused = RefusedAction { id, note, number, day, text: error.text() };
            Ok(page(&app, &who, Some(refused)).await?.status(error.http_status()).into())
        }
    }
}

/// Reads the invoice number (20 digits) and its day.
fn invoice(number: &str, day: &str) -> Result<(String, chrono::NaiveDate), String> {
    let digits: String = number.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    if digits.len() != 20 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err("发票号码应为 20 位数字".to_owned());
    }
    parse_day(day).map(|day| (digits, day)).map_err(|error| format!("开票日期：{}", error.text()))
}

async fn page(app: &AppState, who: &Allowed, refused: Option<RefusedAction>) -> Result<Page, PageError> {
    let FinancePage { vouchers, checks, refunds, approved, invoices, drafts } = finance_page(app, who).await?;
    let today = app.today().to_string();
    let ids = vouchers.iter().chain(&invoices).map(|order| order.id).chain(refunds.iter().map(|refund| refund.id));
    // A row that is done has no place for the reason.
    let gone = refused.as_ref().filter(|r| ids.clone().all(|id| id != r.id)).map(|r| (r.text.clone(), r.typed()));
    let body = move || {
        let gone = gone.map(|(text, note)| {
            view! {
                <Notice tone=Tone::Bad title=text>
                    <p class="lines">{note}</p>
                </Notice>
            }
        });
        let lists = [
            (
                "待核验的缴费凭证",
                vouchers.iter().map(|o| voucher_view(o, checks.get(&o.id), drafts.get(&o.id), refused.as_ref())).collect::<Vec<_>>(),
                "没有待核验的缴费凭证",
            ),
            ("待退款", refunds.iter().map(|r| refund_view(r, approved.contains(&r.id), refused.as_ref())).collect(), "没有待退的款项"),
            ("待开发票", invoices.iter().map(|o| invoice_view(o, refused.as_ref(), &today)).collect(), "没有待开的发票"),
        ];
        let sections = lists
            .into_iter()
            .map(|(title, items, none)| {
                let (count, empty) = (items.len(), items.is_empty());
                view! { <Section title=format!("{title}（{count}）")>{items}{empty.then(|| view! { <Empty text=none /> })}</Section> }
            })
            .collect_view();
        view! {
            <PageHead
                title="财务"
                lead="核验缴费凭证，办理退款，登记发票"
                crumbs=vec![("协会工作台".into(), "/association".into())]
            />
            {gone}
            {sections}
        }
        .into_any()
    };
    Ok(Page::new("财务", body).under("/association").with_form_drafts())
}

fn refused_at(refused: Option<&RefusedAction>, id: Uuid) -> Option<&RefusedAction> {
    refused.filter(|r| r.id == id)
}

fn head(order: &OrderView) -> AnyView {
    let lines = order.charges.iter().map(|c| view! { <li>{format!("{} · {} {}", c.label, c.title, c.amount)}</li> }).collect_view();
    let files = slips(order)
        .into_iter()
        .map(|(href, name)| {
            view! {
                <li class="file">
                    <a href=href>{name}</a>
                </li>
            }
        })
        .collect_view();
    view! {
        <ul class="plain">{lines}</ul>
        <DescriptionList items=facts(order, OrderReader::Payer) />
        {received_view(order, OrderReader::Payer)}
        <ul class="files">{files}</ul>
    }
    .into_any()
}

/// What finance must know before it accepts a voucher: it was used before, or one of two people has accepted it.
fn check_view(check: &VoucherCheck) -> AnyView {
    let repeated = check.repeated.iter().map(|mark| {
        let what = if mark.kind == "number" { "银行流水号" } else { "凭证文件" };
        let text =
            format!("{what}与订单 {}（{}）的相同，请核实是否重复使用。", mark.order_number, OrderState::from_code(&mark.state).label());
        view! {
            <Notice tone=Tone::Bad title="凭证可能重复使用">
                {text}
            </Notice>
        }
    });
    let repeated = repeated.collect_view();
    let checked = check.is_checked.then(|| view! { <Notice tone=Tone::Warn>"已由一位财务人员核验，须由另一位复核后到账。"</Notice> });
    view! {
        {repeated}
        {checked}
    }
    .into_any()
}

fn voucher_view(order: &OrderView, check: Option<&VoucherCheck>, drafts: Option<&OpenDrafts>, refused: Option<&RefusedAction>) -> AnyView {
    let id = order.id;
    let refused = refused_at(refused, id);
    let draft = drafts.map(|drafts| DraftOnPage::of(drafts, &VOUCHER, ""));
    let saved = draft.as_ref().map(|draft| draft.text("note"));
    let (fault, note) = (refused.map(|r| r.text.clone()), refused.map(|r| r.note.clone()).or(saved).unwrap_or_default());
    let open = fault.is_some() || !note.is_empty();
    let version = order.version;
    view! {
        <div class="record" data-order=order.number.clone()>
            {check.map(check_view)}
            {head(order)}
            <div class="choices">
                <form method="post" action=PATH>
                    <PostFields version=version />
                    <Submit label="核验通过，确认到账" action=format!("accept:{id}") />
                </form>
                <Fold label="凭证有误" open=open>
                    <form method="post" action=PATH class="fields">
                        <PostFields version=version />
                        <NoteField ask=FieldProps::new("note", "理由").fault(fault) id=format!("note-{id}") value=note />
                        <div class="choices">
                            <Submit label="退回凭证" weight=Weight::Grave action=format!("reject:{id}") />
                            <Submit label="暂存" weight=Weight::Quiet action=format!("save:{id}") />
                        </div>
                        {draft.map(|draft| view! { <FormDraftFields draft=draft /> })}
                    </form>
                </Fold>
            </div>
        </div>
    }
    .into_any()
}

fn refund_view(refund: &RefundView, is_approved: bool, refused: Option<&RefusedAction>) -> AnyView {
    let id = refund.id;
    let reason = refund.reason.to_string();
    let by_bank = refund.order.voucher.is_some();
    let red_invoice = refund.order.invoice_number.as_ref().map(|number| format!("该订单已开具发票 {number}，请先开具相应金额的红字发票。"));
    let items = vec![
        ("退款金额".to_owned(), refund.amount.to_string()),
        ("原因".to_owned(), reason),
        ("订单编号".to_owned(), refund.order.number.clone()),
        ("支付流水号".to_owned(), refund.trade.clone()),
        ("发生时间".to_owned(), format::time(refund.created_at)),
    ];
    let refusal = refused_at(refused, id).map(|r| r.text.clone());
    let label = if by_bank { "登记退款（银行汇款）" } else { "原路退回" };
    view! {
        <div class="record" data-refund=id.to_string()>
            {refusal.map(|text| view! { <Notice tone=Tone::Bad>{text}</Notice> })}
            {is_approved
                .then(|| view! { <Notice tone=Tone::Warn>"已由一位财务人员同意，须由另一位复核后退款。"</Notice> })}
            <DescriptionList items=items />
            {received_view(&refund.order, OrderReader::Payer)}
            {red_invoice.map(|text| view! { <Notice tone=Tone::Warn>{text}</Notice> })}
            <form method="post" action=PATH>
                <PostFields version=refund.version />
                <Submit label=label action=format!("refund:{id}") />
            </form>
        </div>
    }
    .into_any()
}

fn invoice_view(order: &OrderView, refused: Option<&RefusedAction>, today: &str) -> AnyView {
    let id = order.id;
    let refused = refused_at(refused, id);
    let fault = refused.map(|r| r.text.clone());
    let (number, day) = refused.map_or_else(|| (String::new(), today.to_owned()), |r| (r.number.clone(), r.day.clone()));
    let (of_number, of_day) = if fault.as_deref().is_some_and(|t| t.contains("日期")) { (None, fault) } else { (fault, None) };
    view! {
        <div class="record" data-order=order.number.clone()>
            {order.invoice.as_ref().map(|i| view! { <DescriptionList items=invoice_facts(i, order.paid_amount()) /> })}
            {received_view(order, OrderReader::Payer)}
            <form method="post" action=PATH class="fields">
                <PostFields version=order.version />
                <TextField ask=FieldProps::new("number", "发票号码").fault(of_number) value=number inputmode="numeric" />
                <DayField ask=FieldProps::new("day", "开票日期").fault(of_day) value=day />
                <div>
                    <Submit label="登记发票" action=format!("invoice:{id}") />
                </div>
            </form>
        </div>
    }
    .into_any()
}

fn invoice_facts(invoice: &Invoice, amount: Fen) -> Vec<(String, String)> {
    let kind = INVOICE_KINDS.iter().find(|k| k.code == invoice.kind).map_or("", |k| k.label);
    let pairs = [
        ("发票种类", kind.to_owned()),
        ("金额", amount.to_string()),
        ("抬头", invoice.buyer.clone()),
        ("税号", invoice.tax_id.clone()),
        ("地址、电话", [&invoice.address, &invoice.telephone].map(String::as_str).join(" ").trim().to_owned()),
        ("开户银行、账号", [&invoice.bank, &invoice.account].map(String::as_str).join(" ").trim().to_owned()),
        ("接收邮箱", invoice.email.clone()),
        ("接收手机", invoice.mobile.clone()),
    ];
    pairs.into_iter().filter(|(_, v)| !v.is_empty()).map(|(n, v)| (n.to_owned(), v)).collect()
}
