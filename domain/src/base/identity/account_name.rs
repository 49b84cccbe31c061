//! Names of accounts.

use crate::base::error_texts::reader_error_texts;
use crate::base::text::{Notation, WrongSign};

/// Why a text is not the name of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameError {
    /// Shorter than four or longer than thirty characters; their count.
    AccountLength(usize),
    /// A character other than letters, digits, `_` and `-`.
    Sign(WrongSign),
    /// It does not begin with a letter.
    AccountStart,
    /// Reserved for the association.
    AccountReserved,
}

reader_error_texts!(NameError {
    AccountLength(count) "account_length" "登录账号应为 4 至 30 位，现有 {} 位";
    AccountStart "account_start" "登录账号须以字母开头，只含字母、数字、下划线和短横线";
    AccountReserved "account_reserved" "该登录账号不能使用，请换一个";
});

/// 登录账号, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountName(String);

const RESERVED: &[&str] = &["admin", "administrator", "root", "system", "ccaa", "registrar", "support", "null"];

const NAME: Notation = Notation {
    name: "登录账号",
    labels: &["登录账号", "登录名", "用户名", "账号", "账户"],
    endings: &[],
    left_out: "",
    holds: |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'),
};

impl AccountName {
    /// The form in which a typed name is compared with those of accounts: plain characters in lower case, without a label before it.
    pub fn fold(text: &str) -> String {
        NAME.bare(text).to_ascii_lowercase()
    }

    /// Parses a name as typed; upper case counts as lower case.
    ///
    /// # Errors
    /// The [`NameError`], if the length, a character or the name itself is not allowed.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let name = Self::fold(text);
        if let Some(wrong) = name.chars().find(|c| !(NAME.holds)(*c)) {
            return Err(NAME.wrong(text, wrong.to_ascii_uppercase()).into());
        }
        if !(4..=30).contains(&name.len()) {
            return Err(NameError::AccountLength(name.len()));
        }
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Err(NameError::AccountStart);
        }
        if RESERVED.contains(&name.as_str()) {
            return Err(NameError::AccountReserved);
        }
        Ok(Self(name))
    }

    /// The name.
    pub fn into_string(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_usual_spelling_is_the_same_name() {
        for text in [
            "zhang_wei-90",
            "Zhang_Wei-90",
            "ZHANG_WEI-90",
            " zhang_wei-90 ",
            "zhang_wei-90\r\n",
            "ｚｈａｎｇ＿ｗｅｉ－９０",
            "zhang_wei\u{2010}90",
            "zhang_wei\u{2011}90",
            "zhang_wei\u{2013}90",
            "zhang_wei\u{2212}90",
            "\u{200B}zhang_wei-90",
            "zhang_wei-90\u{200E}",
            "zhang_wei-90\u{A0}",
            "账号：zhang_wei-90",
            "登录账号 zhang_wei-90",
            "用户名:zhang_wei-90",
            "zhang_wei-90。",
            "“zhang_wei-90”",
        ] {
            assert_eq!(AccountName::parse(text).map(AccountName::into_string).as_deref(), Ok("zhang_wei-90"), "{text}");
            assert_eq!(AccountName::fold(text), "zhang_wei-90", "{text}");
        }
    }

    #[test]
    fn a_refused_name_says_why() {
        for (text, said) in [
            ("abc", "登录账号应为 4 至 30 位，现有 3 位"),
            ("a234567890123456789012345678901", "登录账号应为 4 至 30 位，现有 31 位"),
            ("", "登录账号应为 4 至 30 位，现有 0 位"),
            ("9lives", "登录账号须以字母开头，只含字母、数字、下划线和短横线"),
            ("_name", "登录账号须以字母开头，只含字母、数字、下划线和短横线"),
            ("-name", "登录账号须以字母开头，只含字母、数字、下划线和短横线"),
            ("张伟张伟", "登录账号中的“张”无法识别，请改正或删去"),
            ("zhang wei", "登录账号中的空格无法识别，请改正或删去"),
            ("zhang@wei", "登录账号中的“@”无法识别，请改正或删去"),
            ("zhang.wei", "登录账号中的“.”无法识别，请改正或删去"),
            ("Admin", "该登录账号不能使用，请换一个"),
            ("ＲＯＯＴ", "该登录账号不能使用，请换一个"),
        ] {
            assert_eq!(AccountName::parse(text).unwrap_err().text(), said, "{text}");
        }
    }

    proptest! {
        #[test]
        fn stored_names_read_back(name in "[a-z][a-z0-9_-]{7,29}") {
            prop_assume!(!RESERVED.contains(&name.as_str()));
            prop_assert_eq!(AccountName::parse(&name).map(AccountName::into_string), Ok(name.clone()));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,40}") {
            let _ = AccountName::parse(&text);
        }
    }
}
