//! Certificate numbers.

use chrono::{Datelike, NaiveDate};

use super::held::CertificateGrant;
use crate::base::identity::read_certificate_number;
use crate::base::rule::{Rules, key};

/// The number of a certificate issued on a day, with the next serial of its series.
///
/// The template is a rule: `{year}`, `{grade}`, `{domain}` and `{serial:07}` are replaced.
pub fn format_number(rules: &Rules, day: NaiveDate, grant: &CertificateGrant, serial: i64) -> String {
    rules
        .on(day)
        .text(key::CERT_NUMBER_TEMPLATE)
        .replace("{year}", &day.year().to_string())
        .replace("{grade}", &grant.grade.digit().to_string())
        .replace("{domain}", grant.domain)
        .replace("{serial:07}", &format!("{serial:07}"))
}

/// Whether a text is a certificate number in its stored form.
pub fn is_number(text: &str) -> bool {
    read_certificate_number(text).is_ok_and(|number| number == text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::catalogue::{Category, Grade};

    #[test]
    fn a_number_follows_the_template() {
        let rules = Rules::default();
        let grant =
            CertificateGrant { category: Category::Auditor, domain: "QMS", grade: Grade::Trainee, specialties: vec![], is_upgrade: false };
        let number = format_number(&rules, "2026-11-23".parse().unwrap(), &grant, 4_000_001);
        assert_eq!(number, "2026-N0QMS-4000001");
        assert!(is_number(&number));
    }

    #[test]
    fn a_text_of_another_format_is_no_number() {
        for text in
            ["", "2026-N0QMS-1", "2026-X0QMS-4000001", "26-N0QMS-4000001", "2026-N9QMS-4000001", "2026-N0-4000001", "2026-N0QMS-4000001-1"]
        {
            assert!(!is_number(text), "{text}");
        }
    }
}
