//! The payment form: method, voucher, invoice (docs/manual.md 3.1.4; docs/domain.md §5).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::field_issue::FieldIssue;
use super::invoice::{self, INVOICE_KINDS};
use crate::base::calendar::parse_day;
use crate::base::money::Fen;
use crate::engine::form::{
    Answers, Choice, DayRange, FIELD, Field, FileRef, Form, FormContext, Issue, Options, Part, Step, TextFormat, Value, When, Widget,
    check_step,
};

const OFFLINE: When = When::Is("method", &["offline"]);
const WANTED: When = When::Is("invoice", &["yes"]);
const ENTERPRISE: When = When::All(&[WANTED, When::Is("title_type", &["enterprise"])]);

/// Three groups of fields: method, voucher of a bank transfer, invoice.
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
                    label: "缴费方式",
                    widget: Widget::One(Options::Fixed(&[
                        Choice::new("online", "线上缴费"),
                        Choice::new("offline", "线下缴费（银行汇款，上传缴费凭证）"),
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
                    Field { name: "remitted_on", label: "付款日期", widget: Widget::Day(DayRange::Past), shown: OFFLINE, ..FIELD },
                    Field {
                        name: "remitted_amount",
                        label: "付款金额（元）",
                        widget: Widget::Line(20, TextFormat::Amount),
                        shown: OFFLINE,
                        ..FIELD
                    },
                    Field {
                        name: "remittance_no",
                        label: "银行流水号",
                        widget: Widget::Line(40, TextFormat::Any),
                        required: When::Never,
                        shown: OFFLINE,
                        ..FIELD
                    },
                    Field {
                        name: "voucher",
                        label: "缴费凭证",
                        hint: "汇款回单的照片或 PDF",
                        widget: Widget::files(3),
                        shown: OFFLINE,
                        ..FIELD
                    },
                ],
            ),
            Part::Fields(
                "发票",
                &[
                    Field {
                        name: "invoice", label: "是否开具发票", widget: Widget::Tick("需要开具发票"), required: When::Never, ..FIELD
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
                        widget: Widget::Line(20, TextFormat::TaxNumber),
                        required: ENTERPRISE,
                        shown: WANTED,
                        ..FIELD
                    },
                    Field { name: "buyer_address", label: "单位地址", required: When::Never, shown: WANTED, ..FIELD },
                    Field {
                        name: "buyer_tel",
                        label: "单位电话",
                        widget: Widget::Line(30, TextFormat::Phone),
                        required: When::Never,
                        shown: WANTED,
                        ..FIELD
                    },
                    Field { name: "bank_name", label: "开户银行", required: When::Never, shown: WANTED, ..FIELD },
                    Field {
                        name: "bank_account",
                        label: "银行账号",
                        widget: Widget::Line(40, TextFormat::Any),
                        required: When::Never,
                        shown: WANTED,
                        ..FIELD
                    },
                    Field {
                        name: "receiver_email",
                        label: "接收发票的邮箱",
                        widget: Widget::Line(100, TextFormat::Email),
                        shown: WANTED,
                        ..FIELD
                    },
                    Field {
                        name: "receiver_mobile",
                        label: "接收发票的手机号码",
                        widget: Widget::Line(20, TextFormat::Mobile),
                        required: When::Never,
                        shown: WANTED,
                        ..FIELD
                    },
                ],
            ),
        ],
    }],
};

/// Payment method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentMethod {
    /// 在线支付.
    Online,
    /// 线下缴费.
    Offline,
}

/// The payer's choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentChoice {
    /// Payment method.
    pub method: PaymentMethod,
    /// Voucher of a bank transfer.
    pub voucher: Option<Voucher>,
    /// Requested invoice.
    pub invoice: Option<Invoice>,
}

/// A bank transfer as stated by the payer. Sealed at rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voucher {
    /// Name of the account holder who paid.
    pub remitter: String,
    /// Day of the transfer.
    pub remitted_on: NaiveDate,
    /// Amount paid.
    pub amount: Fen,
    /// Transfer number of the bank; may be empty.
    pub remittance_no: String,
    /// Photos or PDFs of the bank slip.
    pub files: Vec<VoucherFile>,
}

/// A file of a voucher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoucherFile {
    /// File id.
    pub file: uuid::Uuid,
    /// Original name.
    pub name: String,
}

/// A requested invoice. Sealed at rest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    /// Kind: `81` or `82`.
    pub kind: String,
    /// Whether the buyer is an enterprise.
    pub enterprise: bool,
    /// 抬头.
    pub buyer: String,
    /// 税号.
    pub tax_id: String,
    /// Address of the buyer.
    pub address: String,
    /// Telephone of the buyer.
    pub telephone: String,
    /// Bank of the buyer.
    pub bank: String,
    /// Bank account of the buyer.
    pub account: String,
    /// E-mail address for delivery.
    pub email: String,
    /// Mobile number for delivery.
    pub mobile: String,
}

/// Validates the form. Fields that do not apply to the chosen method are ignored.
pub fn validate(answers: &Answers, context: &FormContext<'_>) -> Vec<FieldIssue> {
    let Some(step) = FORM.step("pay") else {
        return Vec::new();
    };
    let mut found: Vec<FieldIssue> = check_step(step, answers, context)
        .into_iter()
        .filter_map(|p| {
            let field = step.fields().find(|f| p.path == crate::engine::form::Path::field(f.name))?;
            Some(FieldIssue { field: field.name, issue: p.issue })
        })
        .collect();
    let mut further = Vec::new();
    if answers.text("method") == "offline" && !answers.text("remitted_amount").is_empty() && yuan(answers.text("remitted_amount")).is_none()
    {
        further.push(FieldIssue {
            field: "remitted_amount", issue: Issue::new("not_an_amount", "请填写金额，单位为元，如 200.00")
        });
    }
    if answers.text("invoice") == "yes" {
        further.extend(invoice::validate(answers));
    }
    further.retain(|f| found.iter().all(|known| known.field != f.field));
    found.extend(further);
    found
}

/// The payer's choice from valid answers.
pub fn read_choice(answers: &Answers) -> Option<PaymentChoice> {
    let text = |name: &str| answers.text(name).to_owned();
    let method = if answers.text("method") == "offline" { PaymentMethod::Offline } else { PaymentMethod::Online };
    let voucher = match method {
        PaymentMethod::Online => None,
        PaymentMethod::Offline => Some(Voucher {
            remitter: text("remitter"),
            remitted_on: parse_day(answers.text("remitted_on")).ok()?,
            amount: yuan(answers.text("remitted_amount"))?,
            remittance_no: text("remittance_no"),
            files: answers.fields.get("voucher").map_or(&[][..], Value::files).iter().map(voucher_file).collect(),
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
    Some(PaymentChoice { method, voucher, invoice })
}

fn voucher_file(file: &FileRef) -> VoucherFile {
    VoucherFile { file: file.file, name: file.name.clone() }
}

/// Parses a positive amount in yuan.
fn yuan(text: &str) -> Option<Fen> {
    Fen::parse(text).ok().filter(|f| f.0 > 0)
}
