//! Contact data: mobile numbers, e-mail addresses, postcodes.

use std::fmt;

use crate::base::error_texts::reader_error_texts;
use crate::base::text::{Notation, WrongSign};

/// Why a text is no mobile number, e-mail address or postcode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContactError {
    /// A character that such texts do not contain.
    Sign(WrongSign),
    /// Not a mainland mobile number.
    Mobile,
    /// A mobile number with another count of digits.
    MobileLength(usize),
    /// Not an e-mail address.
    Email,
    /// An e-mail address without `@`.
    EmailAt,
    /// An e-mail address without a domain such as `example.com`.
    EmailDomain,
    /// Not a postcode.
    Postcode,
}

reader_error_texts!(ContactError {
    Mobile "mobile_shape" "请填写 11 位手机号码，以 13 至 19 开头";
    MobileLength(count) "mobile_length" "请填写 11 位手机号码，现有 {} 位";
    Email "email_shape" "请填写有效的电子邮箱，如 name@example.com";
    EmailAt "email_at_missing" "电子邮箱缺少“@”，如 name@example.com";
    EmailDomain "email_domain" "电子邮箱“@”之后应为域名，如 name@example.com";
    Postcode "postcode_shape" "邮政编码应为 6 位数字";
});

/// A mainland mobile number.
#[derive(Clone, PartialEq, Eq)]
pub struct Mobile(String);

/// An e-mail address, its domain in lower case.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

const MOBILE: Notation = Notation {
    name: "手机号码",
    labels: &["手机号码", "手机号", "联系电话", "移动电话", "电话", "手机", "mobile", "phone", "sms:", "tel"],
    endings: &[],
    left_out: " -.()[]/_",
    holds: |c| c.is_ascii_digit() || c == '+',
};

const EMAIL: Notation = Notation {
    name: "电子邮箱",
    // With their colons: the words alone are usual local parts.
    labels: &["mailto:", "电子邮箱", "电子邮件", "e-mail:", "email:", "邮箱", "mail:"],
    endings: &[],
    left_out: "",
    holds: |c| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"' | ',' | ';' | ':' | '(' | ')' | '[' | ']' | '\\'),
};

const POSTCODE: Notation =
    Notation { name: "邮政编码", labels: &["邮政编码", "邮编"], endings: &[], left_out: " -", holds: |c| c.is_ascii_digit() };

pub(super) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// The digits of a number without the prefix of the mainland, given with signs between them left out.
pub(super) fn without_country(digits: &str, national_length: usize) -> &str {
    let abroad = digits.strip_prefix('+').or_else(|| digits.strip_prefix("00"));
    match abroad.and_then(|rest| rest.strip_prefix("86")) {
        Some(rest) => rest,
        None => digits.strip_prefix("86").filter(|rest| rest.len() == national_length).unwrap_or(digits),
    }
}

impl Mobile {
    /// Parses a number in any usual spelling, such as `138 1234 5678`, `+86-138…`, `0086138…`, `tel:138…`.
    ///
    /// # Errors
    /// The [`ContactError`], if the text is not a mainland mobile number.
    pub fn parse(text: &str) -> Result<Self, ContactError> {
        let digits = MOBILE.read(text)?;
        let number = without_country(&digits, 11);
        // From a landline of another town, mobile numbers are dialled with a zero.
        let number = number.strip_prefix('0').filter(|rest| rest.len() == 11).unwrap_or(number);
        if number.contains('+') {
            return Err(if number.starts_with('+') { ContactError::Mobile } else { MOBILE.wrong(text, '+').into() });
        }
        match number.len() {
            0 => Err(ContactError::Mobile),
            11 if number.starts_with('1') && number.get(1..2).is_some_and(|second| ("3"..="9").contains(&second)) => {
                Ok(Self(number.to_owned()))
            }
            11 => Err(ContactError::Mobile),
            count => Err(ContactError::MobileLength(count)),
        }
    }

    /// Eleven digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// E.164 format: `+86…`.
    pub fn e164(&self) -> String {
        format!("+86{}", self.0)
    }

    /// The number with all but its first three and last two digits masked.
    pub fn masked(&self) -> String {
        let (head, tail) = (self.0.get(..3).unwrap_or(""), self.0.get(9..).unwrap_or(""));
        format!("{head}******{tail}")
    }
}

impl Email {
    /// Parses an address in any usual spelling, such as `mailto:li@example.com`, `Li <li@example.com>`: a local part, `@`, and a domain with a
    /// dot. Whether the mailbox exists is not checked.
    ///
    /// # Errors
    /// The [`ContactError`], if the text is not an address.
    pub fn parse(text: &str) -> Result<Self, ContactError> {
        let bare = EMAIL.bare(text);
        let inner = bare.split_once('<').and_then(|(_, rest)| rest.strip_suffix('>')).unwrap_or(&bare);
        let inner = EMAIL.bare(inner);
        // Subject and body of a link are no part of the address.
        let (local, domain) = match inner.rsplit_once('@') {
            Some((local, domain)) => (local, domain.split('?').next().unwrap_or(domain)),
            None => (inner.as_str(), ""),
        };
        let address = format!("{}@{}", local.trim(), domain.trim());
        if let Some(wrong) = address.chars().find(|c| !(EMAIL.holds)(*c)) {
            return Err(EMAIL.wrong(text, wrong.to_ascii_uppercase()).into());
        }
        if local.is_empty() && domain.is_empty() {
            return Err(ContactError::Email);
        }
        if !inner.contains('@') {
            return Err(ContactError::EmailAt);
        }
        let (local, domain) = address.rsplit_once('@').ok_or(ContactError::EmailAt)?;
        let local_fits = (1..=64).contains(&local.len())
            && !local.contains('@')
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..");
        if !is_domain(domain) {
            return Err(ContactError::EmailDomain);
        }
        if local_fits && address.len() <= 254 {
            Ok(Self(format!("{local}@{}", domain.to_ascii_lowercase())))
        } else {
            Err(ContactError::Email)
        }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address with all but its first character and the domain masked.
    pub fn masked(&self) -> String {
        let (local, domain) = self.0.rsplit_once('@').unwrap_or(("", ""));
        format!("{}***@{domain}", local.chars().next().unwrap_or('*'))
    }
}

fn is_domain(domain: &str) -> bool {
    let label = |l: &str| {
        (1..=63).contains(&l.len()) && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') && !l.starts_with('-') && !l.ends_with('-')
    };
    let top = domain.rsplit('.').next().unwrap_or("");
    domain.contains('.') && domain.split('.').all(label) && top.len() >= 2 && !is_digits(top)
}

impl fmt::Debug for Mobile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

/// Reads a postcode: six digits.
///
/// # Errors
/// The [`ContactError`], if the text is not six digits.
pub fn read_postcode(text: &str) -> Result<String, ContactError> {
    let digits = POSTCODE.read(text)?;
    if digits.len() == 6 { Ok(digits) } else { Err(ContactError::Postcode) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_usual_spelling_is_the_same_mobile_number() {
        let spellings = [
            "13900001234",
            "139 0000 1234",
            "139-0000-1234",
            "+8613900001234",
            "+86 139 0000 1234",
            "8613900001234",
            "0086 139 0000 1234",
            "008613900001234",
            "139\u{2010}0000\u{2010}1234",
            "139\u{2011}0000\u{2011}1234",
            "139\u{2013}0000\u{2013}1234",
            "139\u{2014}0000\u{2014}1234",
            "139\u{2015}0000\u{2015}1234",
            "139\u{2212}0000\u{2212}1234",
            "139\u{FE63}0000\u{FF0D}1234",
            "139.0000.1234",
            "（+86）139 0000 1234",
            "(86)13900001234",
            "tel:13900001234",
            "tel:+86-139-0000-1234",
            "13900001234;",
            "13900001234。",
            "１３９００００１２３４",
            "139\u{A0}0000\u{A0}1234",
            "\u{202A}13900001234\u{202C}",
            "手机：13900001234",
            "手机号码 139 0000 1234",
            "013900001234",
            "+86\u{2013}139\u{B7}0000\u{B7}1234",
            "139/0000/1234",
        ];
        for text in spellings {
            assert_eq!(Mobile::parse(text).map(|m| m.0), Ok("13900001234".to_owned()), "{text}");
        }
        let mobile = Mobile::parse("13812345678").unwrap();
        assert_eq!((mobile.e164().as_str(), mobile.masked().as_str()), ("+8613812345678", "138******78"));
    }

    #[test]
    fn a_refused_mobile_number_says_why() {
        for (text, said) in [
            ("", "请填写 11 位手机号码，以 13 至 19 开头"),
            ("12812345678", "请填写 11 位手机号码，以 13 至 19 开头"),
            ("1381234567", "请填写 11 位手机号码，现有 10 位"),
            ("138123456789", "请填写 11 位手机号码，现有 12 位"),
            ("010-12345678", "请填写 11 位手机号码，以 13 至 19 开头"),
            ("+85261234567", "请填写 11 位手机号码，以 13 至 19 开头"),
            ("1390000l234", "手机号码中的“l”无法识别，请改正或删去"),
            ("139O0001234", "手机号码中的“O”无法识别，请改正或删去"),
            ("13900001234转1", "手机号码中的“转”无法识别，请改正或删去"),
            ("13900001234#", "手机号码中的“#”无法识别，请改正或删去"),
            ("13900001234/13800001234", "请填写 11 位手机号码，现有 22 位"),
        ] {
            assert_eq!(Mobile::parse(text).unwrap_err().text(), said, "{text}");
        }
    }

    #[test]
    fn every_usual_spelling_is_the_same_address() {
        let spellings = [
            "li@example.com",
            "mailto:li@example.com",
            "MAILTO:li@example.com",
            "<li@example.com>",
            "Li Lei <li@example.com>",
            "李雷<li@example.com>",
            "li@example.com;",
            "li@example.com,",
            "li@example.com。",
            "li＠example．com",
            "li@example。com",
            " li@example.com ",
            "li@EXAMPLE.com",
            "邮箱：li@example.com",
            "E-mail: li@example.com",
            "li @ example.com",
            "li@example.com\u{200B}",
            "mailto:li@example.com?subject=x",
            "“li@example.com”",
            "ｌｉ@example.com",
            "电子邮箱 li@example.com",
        ];
        for text in spellings {
            assert_eq!(Email::parse(text).map(|m| m.0), Ok("li@example.com".to_owned()), "{text}");
        }
        assert_eq!(Email::parse("Li.Lei@Example.COM").unwrap().as_str(), "Li.Lei@example.com");
        assert_eq!(Email::parse("li@a.cn").unwrap().masked(), "l***@a.cn");
    }

    #[test]
    fn a_refused_address_says_why() {
        for (text, said) in [
            ("", "请填写有效的电子邮箱，如 name@example.com"),
            ("li.example.com", "电子邮箱缺少“@”，如 name@example.com"),
            ("li@example", "电子邮箱“@”之后应为域名，如 name@example.com"),
            ("li@.cn", "电子邮箱“@”之后应为域名，如 name@example.com"),
            ("li@b..cn", "电子邮箱“@”之后应为域名，如 name@example.com"),
            ("li@1.2.3.4", "电子邮箱“@”之后应为域名，如 name@example.com"),
            ("@b.cn", "请填写有效的电子邮箱，如 name@example.com"),
            (".li@b.cn", "请填写有效的电子邮箱，如 name@example.com"),
            ("李雷@example.com", "电子邮箱中的“李”无法识别，请改正或删去"),
            ("li@example.com;wang@example.com", "电子邮箱中的“;”无法识别，请改正或删去"),
            ("li:lei@example.com", "电子邮箱中的“:”无法识别，请改正或删去"),
        ] {
            assert_eq!(Email::parse(text).unwrap_err().text(), said, "{text}");
        }
    }

    #[test]
    fn every_usual_spelling_is_the_same_postcode() {
        for text in [
            "100080",
            " 100080 ",
            "100 080",
            "1 0 0 0 8 0",
            "100\u{A0}080",
            "100\u{3000}080",
            "100-080",
            "100\u{2010}080",
            "100\u{2013}080",
            "100\u{2212}080",
            "１０００８０",
            "１００ ０８０",
            "邮编：100080",
            "邮政编码 100080",
            "邮编100080",
            "100080。",
            "100080;",
            "“100080”",
            "\u{200B}100080",
            "100080\r\n",
        ] {
            assert_eq!(read_postcode(text).as_deref(), Ok("100080"), "{text}");
        }
    }

    #[test]
    fn a_refused_postcode_says_why() {
        for (text, said) in [
            ("", "邮政编码应为 6 位数字"),
            ("邮编：", "邮政编码应为 6 位数字"),
            ("10008", "邮政编码应为 6 位数字"),
            ("1000800", "邮政编码应为 6 位数字"),
            ("100080100080", "邮政编码应为 6 位数字"),
            ("10008O", "邮政编码中的“O”无法识别，请改正或删去"),
            ("1o0080", "邮政编码中的“o”无法识别，请改正或删去"),
            ("北京100080", "邮政编码中的“北”无法识别，请改正或删去"),
            ("100#080", "邮政编码中的“#”无法识别，请改正或删去"),
            ("10008零", "邮政编码中的“零”无法识别，请改正或删去"),
        ] {
            assert_eq!(read_postcode(text).unwrap_err().text(), said, "{text}");
        }
    }

    proptest! {
        #[test]
        fn stored_forms_read_back(second in "[3-9]", rest in "[0-9]{9}", local in "[a-z0-9]{1,9}", domain in "[a-z]{2,9}\\.(cn|com)", code in "[0-9]{6}") {
            prop_assert_eq!(read_postcode(&code), Ok(code.clone()));
            let (mobile, email) = (format!("1{second}{rest}"), format!("{local}@{domain}"));
            let read = Mobile::parse(&mobile);
            prop_assert_eq!(read.as_ref().map(Mobile::as_str), Ok(mobile.as_str()));
            let read = Email::parse(&email);
            prop_assert_eq!(read.as_ref().map(Email::as_str), Ok(email.as_str()));
        }

        #[test]
        fn no_text_makes_the_parsers_panic(text in ".{0,40}") {
            let _ = (Mobile::parse(&text), Email::parse(&text), read_postcode(&text));
        }
    }
}
