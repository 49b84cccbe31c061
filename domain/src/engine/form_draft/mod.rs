//! Form drafts: what was typed into a form that is not sent yet.
//!
//! A draft belongs to one account, one form and one subject (a matter, an order, …). [`FORMS`] lists the forms with their controls and
//! limits, [`judge`] decides on each save.

mod local;
mod merge;
mod save;

pub use local::{FormState, LocalSheet, SheetAction, SheetSave, TypedText};
pub use merge::{MergedPairs, Pairs, Since, merge_pairs};
pub use save::{Save, SaveOutcome, Stored, judge};

use crate::engine::form::PICKER;

/// What a form is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A matter, in its present stage.
    Matter,
    /// The fee of a matter.
    Fee,
    /// The fees of the account's institutions; the subject is the account itself.
    Bills,
    /// A payment order.
    Order,
    /// A certificate; the part of the draft is its number.
    Certificate,
    /// Nothing on the server: the visitor is not signed in, and the draft stays in the tab of the browser.
    Tab,
}

/// A form that is kept as a draft.
#[derive(Debug, PartialEq, Eq)]
pub struct DraftForm {
    /// Stable code, stored.
    pub code: &'static str,
    /// What its text is called.
    pub label: &'static str,
    /// What it is about.
    pub subject: Subject,
    /// Controls with text that a person writes. A name that ends in `:` stands for every name that begins with it.
    pub texts: &'static [&'static str],
    /// Controls with codes, days and ids.
    pub choices: &'static [&'static str],
    /// Whether its controls are the fields of the form of a transition, which are not listed here.
    pub any_field: bool,
    /// Controls that are never stored, because their values are secret or identify a person.
    pub sensitive: &'static [&'static str],
    /// Most bytes of names and values together.
    pub max_bytes: usize,
}

/// Most bytes of a form with a few texts.
const SMALL: usize = 24 << 10;
/// Most bytes of a form with a verdict for each record.
const LARGE: usize = 56 << 10;

const VERDICTS: &[&str] = &["v:", "n:", "conclusion"];
const PAYMENT_TEXTS: &[&str] = &[
    "remitter",
    "remitted_amount",
    "remittance_no",
    "buyer_name",
    "tax_id",
    "buyer_address",
    "buyer_tel",
    "bank_name",
    "bank_account",
    "receiver_email",
    "receiver_mobile",
];
const PAYMENT_CHOICES: &[&str] = &[
    "method",
    "remitted_on",
    "_pick_remitted_on",
    "_shown_remitted_on",
    "invoice",
    "invoice_kind",
    "title_type",
    "_slip",
    "_files",
    "_charge",
];

const FORM: DraftForm = DraftForm {
    code: "",
    label: "",
    subject: Subject::Matter,
    texts: &["note"],
    choices: &[],
    any_field: false,
    sensitive: &[],
    max_bytes: SMALL,
};

/// 退回: opinion and the marked answers.
pub const RETURN: DraftForm =
    DraftForm { code: "return", label: "退回意见", texts: &["note", "t:"], choices: VERDICTS, max_bytes: LARGE, ..FORM };
/// 专家评价: verdicts, opinion and result.
pub const EVALUATION: DraftForm =
    DraftForm { code: "evaluation", label: "专家评价意见", texts: &["note", "t:"], choices: VERDICTS, max_bytes: LARGE, ..FORM };
/// The opinion of any other command; the part of the draft is its name.
pub const DECISION: DraftForm = DraftForm { code: "decision", label: "办理意见", texts: &["note", "person"], ..FORM };
/// The form of a transition; the part of the draft is the name of its command.
pub const TRANSITION_FORM: DraftForm = DraftForm { code: "transition", label: "办理表单", texts: &[], any_field: true, ..FORM };
/// 整改: the responses to the items of a return.
pub const RECTIFICATION: DraftForm = DraftForm { code: "rectification", label: "整改说明", texts: &["r:"], max_bytes: LARGE, ..FORM };
/// 缴费: way of paying, transfer and invoice.
pub const PAYMENT: DraftForm =
    DraftForm { code: "payment", label: "缴费信息", subject: Subject::Fee, texts: PAYMENT_TEXTS, choices: PAYMENT_CHOICES, ..FORM };
/// 机构缴费: the same for several fees.
pub const BILLS: DraftForm =
    DraftForm {
        code: "bills", label: "机构缴费信息", subject: Subject::Bills, texts: PAYMENT_TEXTS, choices: PAYMENT_CHOICES, ..FORM
    };
/// 凭证有误: why finance returns a voucher.
pub const VOUCHER: DraftForm = DraftForm { code: "voucher", label: "退回凭证理由", subject: Subject::Order, ..FORM };
/// 证书处置: measure, day and reason of a proposal.
pub const DISPOSITION: DraftForm = DraftForm {
    code: "disposition",
    label: "处置理由",
    subject: Subject::Certificate,
    texts: &["reason"],
    choices: &["measure", "effective_on", "_pick_effective_on", "_shown_effective_on"],
    ..FORM
};
/// 个人注册, before the code is confirmed.
pub const REGISTRATION: DraftForm = DraftForm {
    code: "registration",
    label: "注册信息",
    subject: Subject::Tab,
    texts: &["account", "name", "mobile", "email"],
    choices: &["document_type", "sex", "birth_date", "_pick_birth_date", "_shown_birth_date", "agreed"],
    sensitive: &["password", "password_again", "document_number"],
    ..FORM
};

/// Every form that is kept as a draft.
pub const FORMS: &[&DraftForm] =
    &[&RETURN, &EVALUATION, &DECISION, &TRANSITION_FORM, &RECTIFICATION, &PAYMENT, &BILLS, &VOUCHER, &DISPOSITION, &REGISTRATION];

/// The form with this code that is stored on the server.
pub fn stored_form(code: &str) -> Option<&'static DraftForm> {
    FORMS.iter().copied().find(|form| form.code == code && form.subject != Subject::Tab)
}

/// Whether the control is the picker beside a typed day.
fn is_picker(control: &str) -> bool {
    control.starts_with(PICKER) || control.starts_with("_shown_")
}

fn names(list: &[&str], name: &str) -> bool {
    list.iter().any(|known| if known.ends_with(':') { name.starts_with(known) } else { *known == name })
}

impl DraftForm {
    /// Whether the control holds text that a person writes.
    pub fn is_text(&self, control: &str) -> bool {
        names(self.texts, control) || self.any_field && !control.starts_with('_')
    }

    /// Whether the value of the control is stored.
    pub fn stores(&self, control: &str) -> bool {
        (self.is_text(control) || names(self.choices, control) || self.any_field && is_picker(control)) && !names(self.sensitive, control)
    }

    /// What is stored of a posted form. Other controls are left out: keys, buttons, what the page showed.
    pub fn stored_pairs(&self, posted: &[(String, String)]) -> Pairs {
        posted.iter().filter(|(name, _)| self.stores(name)).cloned().collect()
    }

    /// Whether a draft of this form is small enough.
    pub fn fits(&self, pairs: &[(String, String)]) -> bool {
        pairs.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() <= self.max_bytes
    }

    /// The texts of a draft, without codes and empty ones.
    pub fn texts_of<'p>(&self, pairs: &'p [(String, String)]) -> Vec<&'p str> {
        pairs.iter().filter(|(name, value)| self.is_text(name) && !value.trim().is_empty()).map(|(_, value)| value.as_str()).collect()
    }
}

#[cfg(test)]
mod tests;
