//! What is asked of whoever pays: how, with which voucher, and whether an invoice is wanted (manual 3.1.4; domain facts §5).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::invoice::{self, INVOICE_KINDS};
use crate::base::calendar::parse_day;
use crate::base::money::Fen;
use crate::engine::form::{
    Answers, Choice, DaySpan, FIELD, Field, FileRef, Form, FormContext, Issue, Options, Part, Shape, Step, Value, When, Widget, check_step,
};

const OFFLINE: When = When::Is("method", &["offline"]);
const WANTED: When = When::Is("invoice", &["yes"]);
const ENTERPRISE: When = When::All(&[WANTED, When::Is("title_type", &["enterprise"])]);

/// Three groups of questions: how it is paid, the voucher of what was paid elsewhere, the invoice.
pub static FORM: Form = Form {
    version: 1,
    upgrade: |_| (),
    steps: &[Step {
        code: "pay",
        title: "缴费",
        intro: "",
        shown: When::Always,
        parts: &[
            Part::Fields(
                "",
                &[Field {
                    name: "method",
                    label: "支付方式",
                    widget: Widget::One(Options::Fixed(&[
                        Choice::new("online", "在线支付"),
                        Choice::new("offline", "线下汇款，上传缴费凭证"),
                    ])),
                    ..FIELD
                }],
            ),
            Part::Fields(
                "缴费凭证",
                &[
                    Field {
                        name: "remitter", label: "付款人名称", hint: "与汇款凭证上的户名一致", shown: OFFLINE, ..FIELD
                    },
                    Field { name: "remitted_on", label: "付款日期", widget: Widget::Day(DaySpan::Past), shown: OFFLINE, ..FIELD },
                    Field {
                        name: "remitted_amount",
                        label: "付款金额（元）",
                        widget: Widget::Line(12, Shape::Any),
                        shown: OFFLINE,
                        ..FIELD
                    },
                    Field {
                        name: "remittance_no",
                        label: "银行流水号",
                        widget: Widget::Line(40, Shape::Any),
                        required: When::Never,
                        shown: OFFLINE,
                        ..FIELD
                    },
                    Field {
                        name: "voucher",
                        label: "缴费凭证",
                        hint: "汇款回单的照片或 PDF",
                        widget: Widget::Files(3),
                        shown: OFFLINE,
                        ..FIELD
                    },
                ],
            ),
            Part::Fields(
                "发票",
                &[
                    Field {
                        name: "invoice",
                        label: "是否开具发票",
                        widget: Widget::One(Options::Fixed(&[Choice::new("no", "不开具"), Choice::new("yes", "开具")])),
                        ..FIELD
                    },
                    Field {
                        name: "invoice_kind",
                        label: "发票种类",
                        widget: Widget::One(Options::Fixed(INVOICE_KINDS)),
                        shown: WANTED,
                        ..FIELD
                    },
                    Field {
                        name: "title_type",
                        label: "抬头类型",
                        widget: Widget::One(Options::Fixed(&[Choice::new("personal", "个人"), Choice::new("enterprise", "单位")])),
                        shown: WANTED,
                        ..FIELD
                    },
                    Field { name: "buyer_name", label: "发票抬头", shown: WANTED, ..FIELD },
                    Field {
                        name: "tax_id",
                        label: "税号",
                        hint: "抬头为单位的必填",
                        widget: Widget::Line(20, Shape::Any),
                        required: ENTERPRISE,
                        shown: WANTED,
                        ..FIELD
                    },
                    Field { name: "buyer_address", label: "单位地址", required: When::Never, shown: WANTED, ..FIELD },
                    Field {
                        name: "buyer_tel",
                        label: "单位电话",
                        widget: Widget::Line(30, Shape::Phone),
                        required: When::Never,
                        shown: WANTED,
                        ..FIELD
                    },
                    Field { name: "bank_name", label: "开户银行", required: When::Never, shown: WANTED, ..FIELD },
                    Field {
                        name: "bank_account",
                        label: "银行账号",
                        widget: Widget::Line(40, Shape::Any),
                        required: When::Never,
                        shown: WANTED,
                        ..FIELD
                    },
                    Field {
                        name: "receiver_email",
                        label: "接收发票的邮箱",
                        widget: Widget::Line(100, Shape::Email),
                        shown: WANTED,
                        ..FIELD
                    },
                    Field {
                        name: "receiver_mobile",
                        label: "接收发票的手机号码",
                        widget: Widget::Line(20, Shape::Mobile),
                        required: When::Never,
                        shown: WANTED,
                        ..FIELD
                    },
                ],
            ),
        ],
    }],
};

/// How it is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// 在线支付.
    Online,
    /// 线下汇款.
    Offline,
}

/// What whoever pays wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// How.
    pub method: Method,
    /// What was paid elsewhere.
    pub voucher: Option<Voucher>,
    /// The invoice, if one is wanted.
    pub invoice: Option<Invoice>,
}

/// What was paid elsewhere, as the payer says. Sealed at rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voucher {
    /// Who paid.
    pub remitter: String,
    /// When.
    pub remitted_on: NaiveDate,
    /// How much.
    pub amount: Fen,
    /// Number of the transfer at the bank; may be empty.
    pub remittance_no: String,
    /// The slips.
    pub files: Vec<VoucherFile>,
}

/// A slip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoucherFile {
    /// The file.
    pub file: uuid::Uuid,
    /// Name it came with.
    pub name: String,
}

/// An invoice as it is wanted. Sealed at rest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    /// 81 or 82.
    pub kind: String,
    /// Whether the buyer is an enterprise.
    pub enterprise: bool,
    /// 抬头.
    pub buyer: String,
    /// 税号.
    pub tax_id: String,
    /// Address.
    pub address: String,
    /// Telephone.
    pub telephone: String,
    /// Bank.
    pub bank: String,
    /// Account at the bank.
    pub account: String,
    /// Where it is sent.
    pub email: String,
    /// Whom to tell.
    pub mobile: String,
}

/// A fault of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The field.
    pub field: &'static str,
    /// What is wrong.
    pub issue: Issue,
}

/// What is wrong with what was typed. What the chosen way does not ask is not judged.
pub fn faults(answers: &Answers, context: &FormContext<'_>) -> Vec<Found> {
    let Some(step) = FORM.step("pay") else {
        return Vec::new();
    };
    let mut found: Vec<Found> = check_step(step, answers, context)
        .into_iter()
        .filter_map(|p| {
            let field = step.fields().find(|f| p.path == crate::engine::form::Path::field(f.name))?;
            Some(Found { field: field.name, issue: p.issue })
        })
        .collect();
    let mut further = Vec::new();
    if answers.text("method") == "offline" && !answers.text("remitted_amount").is_empty() && yuan(answers.text("remitted_amount")).is_none()
    {
        further.push(Found { field: "remitted_amount", issue: Issue::new("not_an_amount", "请填写金额，单位为元，如 200.00") });
    }
    if answers.text("invoice") == "yes" {
        further.extend(invoice::faults(answers));
    }
    further.retain(|f| found.iter().all(|known| known.field != f.field));
    found.extend(further);
    found
}

/// What is wanted, from answers without faults.
pub fn read(answers: &Answers) -> Option<Wish> {
    let text = |name: &str| answers.text(name).to_owned();
    let method = if answers.text("method") == "offline" { Method::Offline } else { Method::Online };
    let voucher = match method {
        Method::Online => None,
        Method::Offline => Some(Voucher {
            remitter: text("remitter"),
            remitted_on: parse_day(answers.text("remitted_on")).ok()?,
            amount: yuan(answers.text("remitted_amount"))?,
            remittance_no: text("remittance_no"),
            files: answers.fields.get("voucher").map_or(&[][..], Value::files).iter().map(slip).collect(),
        }),
    };
    let invoice = (answers.text("invoice") == "yes").then(|| Invoice {
        kind: text("invoice_kind"),
        enterprise: answers.text("title_type") == "enterprise",
        buyer: text("buyer_name"),
        tax_id: text("tax_id"),
        address: text("buyer_address"),
        telephone: text("buyer_tel"),
        bank: text("bank_name"),
        account: text("bank_account"),
        email: text("receiver_email"),
        mobile: text("receiver_mobile"),
    });
    Some(Wish { method, voucher, invoice })
}

fn slip(file: &FileRef) -> VoucherFile {
    VoucherFile { file: file.file, name: file.name.clone() }
}

/// An amount in yuan with at most two decimals, above zero.
fn yuan(text: &str) -> Option<Fen> {
    Fen::from_yuan(text).filter(|f| f.0 > 0)
}
