//! Audit records of earlier versions of the form.

use super::form::OTHER_BODY_CODE;
use crate::base::catalogue::{Category, domain};
use crate::engine::form::{Record, Value};

/// Whether a record names a certification body instead of 其他.
pub fn names_body(record: &Record) -> bool {
    !matches!(record.text("body"), "" | OTHER_BODY_CODE)
}

/// Moves the name of a body that is not listed to the text field of 其他, so that it is neither lost nor refused. The body used to be text.
pub fn list_body(record: &mut Record, is_listed: impl Fn(&str) -> bool) {
    let name = record.text("body").to_owned();
    if names_body(record) && !is_listed(&name) {
        record.fields.insert("body_other".to_owned(), Value::from(name.as_str()));
        record.fields.insert("body".to_owned(), Value::from(OTHER_BODY_CODE));
    }
}

/// Replaces the type of an audit by the corresponding one of the domain's category. All categories used to share the types of audits; those
/// without a counterpart stay, to be chosen anew.
pub fn upgrade_type(record: &mut Record) {
    let kind = record.text("audit_type");
    let renamed = match (domain(record.text("domain")).map(|domain| domain.category), kind) {
        (Some(Category::Inspector), "initial") => "inspection_initial",
        (Some(Category::Inspector), "recertification") => "inspection_renewal",
        (Some(Category::Inspector), _) if kind.starts_with("surveillance_") => "inspection_surveillance",
        (Some(Category::Examiner), "initial") => "examination_initial",
        (Some(Category::Examiner), "recertification") => "examination_renewal",
        (Some(Category::Examiner), _) if kind.starts_with("surveillance_") => "examination_surveillance",
        _ => return,
    };
    record.fields.insert("audit_type".to_owned(), Value::from(renamed));
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn record(pairs: &[(&str, &str)]) -> Record {
        let fields = pairs.iter().map(|(name, text)| ((*name).to_owned(), Value::from(*text))).collect();
        Record { id: Uuid::nil(), fields, removed: false }
    }

    #[test]
    fn a_typed_name_of_a_body_becomes_the_text_of_another_body_and_a_listed_one_stays() {
        let upgraded = |pairs: &[(&str, &str)]| {
            let mut record = record(pairs);
            for _ in 0..2 {
                list_body(&mut record, |name| name == "甲认证公司");
            }
            (record.text("body").to_owned(), record.text("body_other").to_owned())
        };
        let of = |body: &str, other: &str| (body.to_owned(), other.to_owned());
        assert_eq!(upgraded(&[("body", "乙认证中心")]), of("other", "乙认证中心"));
        assert_eq!(upgraded(&[("body", "甲认证公司")]), of("甲认证公司", ""));
        assert_eq!(upgraded(&[("body", "other"), ("body_other", "丙")]), of("other", "丙"));
        assert_eq!(upgraded(&[]), of("", ""));
    }

    #[test]
    fn types_that_all_categories_shared_become_those_of_the_domain() {
        for (domain, before, after) in [
            ("OP", "initial", "inspection_initial"),
            ("GAP", "surveillance_2", "inspection_surveillance"),
            ("CCC", "recertification", "inspection_renewal"),
            ("SC", "initial", "examination_initial"),
            ("SC", "surveillance_1", "examination_surveillance"),
            ("SC", "recertification", "examination_renewal"),
            ("SC", "examination_renewal", "examination_renewal"),
            ("OP", "special", "special"),
            ("QMS", "initial", "initial"),
            ("", "initial", "initial"),
        ] {
            let mut record = record(&[("domain", domain), ("audit_type", before)]);
            upgrade_type(&mut record);
            assert_eq!(record.text("audit_type"), after, "{domain} {before}");
        }
    }
}
