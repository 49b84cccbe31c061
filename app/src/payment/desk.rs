//! The desk of finance: vouchers to check, money that goes back, invoices to make out.

use backend::service::payment::PayError;
use backend::service::payment::finance::Verdict;
use backend::service::payment::view::{OrderView, RefundView};
use domain::base::calendar::parse_day;
use domain::base::money::Fen;
use domain::base::text::{normalise, normalise_lines};
use domain::record::payment::{INVOICE_KINDS, Invoice, Reason};
use http::StatusCode;
use leptos::prelude::*;
use uuid::Uuid;

use super::{facts, slips, status};
use crate::call::{Answer, Call, Fault, Page};
use crate::ui::*;
use crate::words;

const PATH: &str = "/association/payments";

/// Shows what waits.
pub async fn show(call: Call) -> Result<Answer, Fault> {
    Ok(page(&call, None).await?.into())
}

/// What was typed at one thing, and why it was refused.
struct Refused {
    id: Uuid,
    note: String,
    number: String,
    day: String,
    text: String,
}

/// Does what a button asks: `accept:ID`, `reject:ID`, `refund:ID`, `invoice:ID`.
pub async fn act(call: Call) -> Result<Answer, Fault> {
    let who = call.allowed()?;
    let (word, id) = call.post.text("_action").split_once(':').unwrap_or_default();
    let id = Uuid::parse_str(id).map_err(|_| Fault::Bad("页面已过期，请刷新后重试"))?;
    let (note, number, day) =
        (normalise_lines(call.post.text("note")), normalise(call.post.text("number")), normalise(call.post.text("day")));
    let done = match word {
        "accept" => backend::service::payment::finance::judge_voucher(&call.app, &who, id, Verdict::Accept).await,
        "reject" => backend::service::payment::finance::judge_voucher(&call.app, &who, id, Verdict::Reject(note.clone())).await,
        "refund" => backend::service::payment::finance::send_back(&call.app, &who, id).await,
        "invoice" => match invoice(&number, &day) {
            Ok(on) => backend::service::payment::finance::made_out(&call.app, &who, id, &number, on).await,
            Err(text) => {
                let refused = Refused { id, note, number, day, text: text.to_owned() };
                return Ok(page(&call, Some(refused)).await?.status(StatusCode::UNPROCESSABLE_ENTITY).into());
            }
        },
        _ => return Err(Fault::Bad("页面已过期，请刷新后重试")),
    };
    match done {
        Ok(()) => Ok(Answer::See(PATH.into())),
        Err(PayError::NotFound) => Err(Fault::NotFound),
        Err(PayError::Db(error)) => Err(error.into()),
        Err(error) => {
            let refused = Refused { id, note, number, day, text: error.text() };
            Ok(page(&call, Some(refused)).await?.status(status(&error)).into())
        }
    }
}

/// The day of an invoice whose number has 20 digits.
fn invoice(number: &str, day: &str) -> Result<chrono::NaiveDate, &'static str> {
    if number.len() != 20 || !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err("发票号码应为 20 位数字");
    }
    parse_day(day).map_err(|_| "请填写开票日期，格式：年-月-日")
}

async fn page(call: &Call, refused: Option<Refused>) -> Result<Page, Fault> {
    let who = call.allowed()?;
    let (vouchers, refunds, invoices) = (
        backend::service::payment::view::vouchers(&call.app, &who).await?,
        backend::service::payment::view::refunds(&call.app, &who).await?,
        backend::service::payment::view::invoices(&call.app, &who).await?,
    );
    let today = call.app.today().to_string();
    let body = move || {
        let lists = [
            ("待核验的缴费凭证", vouchers.iter().map(|o| voucher_view(o, refused.as_ref())).collect::<Vec<_>>(), "没有待核验的缴费凭证"),
            ("待退款", refunds.iter().map(|r| refund_view(r, refused.as_ref())).collect(), "没有待退的款项"),
            ("待开发票", invoices.iter().map(|o| invoice_view(o, refused.as_ref(), &today)).collect(), "没有待开的发票"),
        ];
        let sections = lists
            .into_iter()
            .map(|(title, items, none)| {
                let (count, empty) = (items.len(), items.is_empty());
                view! { <Section title=format!("{title}（{count}）")>{items}{empty.then(|| view! { <Empty text=none/> })}</Section> }
            })
            .collect_view();
        view! {
            <PageHead title="财务" lead="核验缴费凭证，办理退款，登记发票" crumbs=vec![("协会工作台".into(), "/association".into())]/>
            {sections}
        }
        .into_any()
    };
    Ok(Page::new("财务", body).under("/association"))
}

fn refused_at(refused: Option<&Refused>, id: Uuid) -> Option<&Refused> {
    refused.filter(|r| r.id == id)
}

fn head(order: &OrderView) -> AnyView {
    let lines = order
        .charges
        .iter()
        .map(|c| view! { <li><a href=format!("/matters/{}", c.matter_id)>{format!("{} · {}", c.label, c.title)}</a>" "{Fen(c.amount).to_string()}</li> })
        .collect_view();
    let files = slips(order).into_iter().map(|(href, name)| view! { <li class="file"><a href=href>{name}</a></li> }).collect_view();
    view! { <ul class="plain">{lines}</ul><Facts items=facts(order)/><ul class="files">{files}</ul> }.into_any()
}

fn voucher_view(order: &OrderView, refused: Option<&Refused>) -> AnyView {
    let id = order.row.id;
    let refused = refused_at(refused, id);
    let (fault, note) = (refused.map(|r| r.text.clone()), refused.map(|r| r.note.clone()).unwrap_or_default());
    let open = fault.is_some();
    view! {
        <div class="record" data-order=order.row.number.clone()>
            {head(order)}
            <div class="choices">
                <form method="post" action=PATH><Submit label="凭证属实，确认到账" action=format!("accept:{id}")/></form>
                <Fold label="凭证有误" open=open>
                    <form method="post" action=PATH class="fields">
                        <NoteField ask=Ask::new("note", "理由").fault(fault) id=format!("note-{id}") value=note/>
                        <Submit label="退回凭证" weight=Weight::Grave action=format!("reject:{id}")/>
                    </form>
                </Fold>
            </div>
        </div>
    }
    .into_any()
}

fn refund_view(refund: &RefundView, refused: Option<&Refused>) -> AnyView {
    let id = refund.row.id;
    let reason = Reason::from_code(&refund.row.reason).map_or_else(String::new, |r| r.to_string());
    let by_bank = refund.order.voucher.is_some();
    let items = vec![
        ("退款金额".to_owned(), Fen(refund.row.amount).to_string()),
        ("原因".to_owned(), reason),
        ("订单编号".to_owned(), refund.order.row.number.clone()),
        ("支付流水号".to_owned(), refund.row.trade.clone()),
        ("发生时间".to_owned(), words::time(refund.row.created_at)),
    ];
    let said = refused_at(refused, id).map(|r| r.text.clone());
    let label = if by_bank { "登记为已汇款退回" } else { "原路退回" };
    view! {
        <div class="record" data-refund=id.to_string()>
            {said.map(|text| view! { <Notice tone=Tone::Bad>{text}</Notice> })}
            <Facts items=items/>
            <form method="post" action=PATH><Submit label=label action=format!("refund:{id}")/></form>
        </div>
    }
    .into_any()
}

fn invoice_view(order: &OrderView, refused: Option<&Refused>, today: &str) -> AnyView {
    let id = order.row.id;
    let refused = refused_at(refused, id);
    let fault = refused.map(|r| r.text.clone());
    let (number, day) = refused.map_or_else(|| (String::new(), today.to_owned()), |r| (r.number.clone(), r.day.clone()));
    let (of_number, of_day) = if fault.as_deref().is_some_and(|t| t.contains("日期")) { (None, fault) } else { (fault, None) };
    view! {
        <div class="record" data-order=order.row.number.clone()>
            {order.invoice.as_ref().map(|i| view! { <Facts items=invoice_facts(i, order.row.amount)/> })}
            <form method="post" action=PATH class="fields">
                <TextField ask=Ask::new("number", "发票号码").fault(of_number) value=number inputmode="numeric"/>
                <TextField ask=Ask::new("day", "开票日期").fault(of_day) value=day short=true/>
                <div><Submit label="登记发票" action=format!("invoice:{id}")/></div>
            </form>
        </div>
    }
    .into_any()
}

fn invoice_facts(invoice: &Invoice, amount: i64) -> Vec<(String, String)> {
    let kind = INVOICE_KINDS.iter().find(|k| k.code == invoice.kind).map_or("", |k| k.label);
    let pairs = [
        ("发票种类", kind.to_owned()),
        ("金额", Fen(amount).to_string()),
        ("抬头", invoice.buyer.clone()),
        ("税号", invoice.tax_id.clone()),
        ("地址、电话", [&invoice.address, &invoice.telephone].map(String::as_str).join(" ").trim().to_owned()),
        ("开户银行、账号", [&invoice.bank, &invoice.account].map(String::as_str).join(" ").trim().to_owned()),
        ("接收邮箱", invoice.email.clone()),
        ("接收手机", invoice.mobile.clone()),
    ];
    pairs.into_iter().filter(|(_, v)| !v.is_empty()).map(|(n, v)| (n.to_owned(), v)).collect()
}
