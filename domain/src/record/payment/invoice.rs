//! Rules of invoices (数电票; docs/domain.md §5.1).

use super::field_issue::FieldIssue;
use crate::engine::form::{Answers, Choice, Issue};

/// Kinds of invoices, by the tax authority's codes.
pub const INVOICE_KINDS: &[Choice] = &[Choice::new("82", "电子发票（普通发票）"), Choice::new("81", "电子发票（增值税专用发票）")];

/// Maximum bytes of a part of an invoice.
const MOST: usize = 100;

/// Length of a text in GBK bytes, as tax systems count: one for ASCII, two for other characters.
pub fn gbk_bytes(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

/// Errors by the rules of the tax authority.
pub(super) fn validate(answers: &Answers) -> Vec<FieldIssue> {
    let text = |name: &str| answers.text(name);
    let mut issues = Vec::new();
    let mut add = |field, code, text: &str| issues.push(FieldIssue { field, issue: Issue::new(code, text) });
    let buyer = text("buyer_name");
    if gbk_bytes(buyer) > MOST || buyer.contains(['<', '>']) {
        add("buyer_name", "not_a_title", "发票抬头不超过 50 个汉字，且不能含有“<”“>”");
    }
    if text("invoice_kind") == "81" && text("title_type") != "enterprise" {
        add("title_type", "special_for_enterprises", "增值税专用发票只能开给单位，请选择“单位”或改开普通发票");
    }
    for (field, parts, label) in [
        ("buyer_address", ["buyer_address", "buyer_tel"], "单位地址和电话"),
        ("bank_name", ["bank_name", "bank_account"], "开户银行和账号"),
    ] {
        if parts.iter().map(|p| gbk_bytes(text(p))).sum::<usize>() > MOST {
            add(field, "too_long_together", &format!("{label}合计不超过 50 个汉字"));
        }
    }
    issues
}
