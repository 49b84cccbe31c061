//! Names of accounts.

use crate::base::error_texts::error_texts;

/// Why a text is not the name of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameError {
    /// Shorter than four or longer than thirty characters.
    AccountLength,
    /// Not letters, digits, `_` and `-`, beginning with a letter.
    AccountCharacter,
    /// Reserved for the association.
    AccountReserved,
}

error_texts!(NameError {
    AccountLength "account_length" "登录账号应为 4 至 30 位";
    AccountCharacter "account_character" "登录账号须以字母开头，只含字母、数字、下划线和短横线";
    AccountReserved "account_reserved" "该登录账号不能使用，请换一个";
});

/// 登录账号, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountName(String);

const RESERVED: &[&str] = &["admin", "administrator", "root", "system", "ccaa", "registrar", "support", "null"];

impl AccountName {
    /// Parses a name as typed; upper case counts as lower case.
    ///
    /// # Errors
    /// The [`NameError`], if the length, a character or the name itself is not allowed.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let name = text.to_ascii_lowercase();
        if !(4..=30).contains(&name.chars().count()) {
            return Err(NameError::AccountLength);
        }
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
        if !plain || !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Err(NameError::AccountCharacter);
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

    #[test]
    fn names_of_accounts_are_plain_and_in_lower_case() {
        assert_eq!(AccountName::parse("Zhang_Wei-90").unwrap().into_string(), "zhang_wei-90");
        assert_eq!(AccountName::parse("abc"), Err(NameError::AccountLength));
        assert_eq!(AccountName::parse("9lives"), Err(NameError::AccountCharacter));
        assert_eq!(AccountName::parse("张伟张伟"), Err(NameError::AccountCharacter));
        assert_eq!(AccountName::parse("Admin"), Err(NameError::AccountReserved));
    }
}
