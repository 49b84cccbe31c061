//! Contact data: mobile and telephone numbers, e-mail addresses, postcodes.

use std::fmt;

use crate::base::error_texts::error_texts;

/// Why a text is no mobile number, e-mail address, postcode or telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContactError {
    /// Not a mainland mobile number.
    Mobile,
    /// Not an e-mail address.
    Email,
    /// Not a postcode.
    Postcode,
    /// Neither a mobile nor a landline number.
    Phone,
}

error_texts!(ContactError {
    Mobile "mobile_shape" "请填写 11 位手机号码";
    Email "email_shape" "请填写有效的电子邮箱，如 name@example.com";
    Postcode "postcode_shape" "邮政编码应为 6 位数字";
    Phone "phone_shape" "请填写手机号码，或带区号的固定电话，如 010-12345678";
});

/// A mainland mobile number.
#[derive(Clone, PartialEq, Eq)]
pub struct Mobile(String);

/// An e-mail address, its domain in lower case.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

impl Mobile {
    /// Parses a number as typed, with or without +86, blanks or dashes.
    ///
    /// # Errors
    /// [`ContactError::Mobile`], if the text is not a mainland mobile number.
    pub fn parse(text: &str) -> Result<Self, ContactError> {
        let plain: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let number = plain.strip_prefix("+86").unwrap_or(&plain);
        let second = number.as_bytes().get(1).copied().unwrap_or(0);
        if number.len() == 11 && digits(number) && number.starts_with('1') && (b'3'..=b'9').contains(&second) {
            Ok(Self(number.to_owned()))
        } else {
            Err(ContactError::Mobile)
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
    /// Parses an address as typed: a local part, `@`, and a domain with a dot. Whether the mailbox exists is not checked.
    ///
    /// # Errors
    /// [`ContactError::Email`], if the text is not an address.
    pub fn parse(text: &str) -> Result<Self, ContactError> {
        let (local, domain) = text.rsplit_once('@').ok_or(ContactError::Email)?;
        let local_fits = (1..=64).contains(&local.len())
            && local
                .bytes()
                .all(|b| b.is_ascii_graphic() && !matches!(b, b'@' | b'<' | b'>' | b'"' | b',' | b';' | b'(' | b')' | b'[' | b']' | b'\\'))
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..");
        let label = |l: &str| {
            (1..=63).contains(&l.len())
                && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !l.starts_with('-')
                && !l.ends_with('-')
        };
        let top = domain.rsplit('.').next().unwrap_or("");
        let domain_fits =
            domain.contains('.') && domain.split('.').all(label) && top.len() >= 2 && !top.bytes().all(|b| b.is_ascii_digit());
        if local_fits && domain_fits && text.len() <= 254 {
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

/// Checks a postcode: six digits.
///
/// # Errors
/// [`ContactError::Postcode`], if the text is not six digits.
pub fn check_postcode(text: &str) -> Result<(), ContactError> {
    if text.len() == 6 && digits(text) { Ok(()) } else { Err(ContactError::Postcode) }
}

/// Checks a mobile number, or a landline number with area code and optional extension.
///
/// # Errors
/// [`ContactError::Phone`], if the text is neither a mobile nor a landline number.
pub fn check_phone(text: &str) -> Result<(), ContactError> {
    if Mobile::parse(text).is_ok() {
        return Ok(());
    }
    let parts: Vec<&str> = text.split('-').collect();
    let number = |n: &str| digits(n) && matches!(n.len(), 7 | 8);
    let area = |a: &str| digits(a) && a.starts_with('0') && matches!(a.len(), 3 | 4);
    let extension = |e: &str| digits(e) && e.len() <= 5;
    let fits = match parts.as_slice() {
        [whole] => digits(whole) && whole.starts_with('0') && (10..=12).contains(&whole.len()),
        [a, n] if area(a) => number(n),
        [whole, e] => digits(whole) && whole.starts_with('0') && (10..=12).contains(&whole.len()) && extension(e),
        [a, n, e] => area(a) && number(n) && extension(e),
        _ => false,
    };
    if fits { Ok(()) } else { Err(ContactError::Phone) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_mobile_number_is_read_however_it_is_written() {
        for text in ["13812345678", "+8613812345678", "138 1234 5678", "138-1234-5678"] {
            let mobile = Mobile::parse(text).unwrap();
            assert_eq!(mobile.as_str(), "13812345678");
            assert_eq!(mobile.e164(), "+8613812345678");
            assert_eq!(mobile.masked(), "138******78");
        }
        for text in ["", "12812345678", "1381234567", "138123456789", "2381234567x"] {
            assert_eq!(Mobile::parse(text), Err(ContactError::Mobile), "{text}");
        }
    }

    #[test]
    fn an_address_keeps_its_local_part_and_lowers_its_domain() {
        assert_eq!(Email::parse("Li.Lei@Example.COM").unwrap().as_str(), "Li.Lei@example.com");
        assert_eq!(Email::parse("li@a.cn").unwrap().masked(), "l***@a.cn");
        for text in ["", "a", "a@b", "@b.cn", "a@.cn", "a@b..cn", "a b@c.cn", ".a@b.cn", "a@-b.cn", "a@1.2.3.4", "<a>@b.cn"] {
            assert_eq!(Email::parse(text), Err(ContactError::Email), "{text}");
        }
    }

    #[test]
    fn telephone_numbers_and_postcodes_are_distinguished_from_other_digits() {
        for text in ["010-12345678", "0571-87654321-801", "01012345678", "01012345678-801", "13912345678"] {
            assert_eq!(check_phone(text), Ok(()), "{text}");
        }
        for text in ["12345678", "010-123", "x"] {
            assert_eq!(check_phone(text), Err(ContactError::Phone), "{text}");
        }
        assert_eq!(check_postcode("100000"), Ok(()));
        assert_eq!(check_postcode("10000"), Err(ContactError::Postcode));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parsers_panic(text in ".{0,40}") {
            let _ = (Mobile::parse(&text), Email::parse(&text), check_phone(&text), check_postcode(&text));
        }
    }
}
