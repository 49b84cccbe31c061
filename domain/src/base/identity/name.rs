//! Names of people and of accounts.

use crate::base::error_texts::error_texts;
use crate::base::text::normalise;

/// Why a text is not a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameError {
    /// Shorter than two or longer than thirty characters.
    PersonLength,
    /// A character that is not allowed in names.
    PersonCharacter,
    /// Shorter than four or longer than thirty characters.
    AccountLength,
    /// Not letters, digits, `_` and `-`, beginning with a letter.
    AccountCharacter,
    /// Reserved for the association.
    AccountReserved,
}

error_texts!(NameError {
    PersonLength "name_length" "姓名应为 2 至 30 个字";
    PersonCharacter "name_character" "姓名只能含汉字、字母、间隔号和空格，请与证件一致";
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

/// Checks a person's name.
///
/// # Errors
/// The [`NameError`], if the length or a character is not allowed.
pub fn check_person_name(text: &str) -> Result<(), NameError> {
    if !(2..=30).contains(&text.chars().count()) {
        return Err(NameError::PersonLength);
    }
    let fits = |c: char| c.is_alphabetic() || matches!(c, '·' | '•' | ' ' | '\'' | '-' | '.');
    if text.chars().all(fits) && text.chars().any(char::is_alphabetic) { Ok(()) } else { Err(NameError::PersonCharacter) }
}

/// A name reduced to its letters and digits: full-width characters, upper case, blanks and marks between its letters make no difference.
pub fn fold_name(text: &str) -> String {
    let separator = |c: &char| c.is_whitespace() || matches!(c, '·' | '•' | '・' | '-' | '－' | '.' | '．' | '\'' | '’');
    normalise(text).chars().filter(|c| !separator(c)).flat_map(char::to_lowercase).collect()
}

/// Whether two texts are the same name, folded.
pub fn same_name(a: &str, b: &str) -> bool {
    fold_name(a) == fold_name(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_people_are_taken_as_documents_print_them() {
        for name in ["张伟", "迪丽热巴·迪力木拉提", "Anne-Marie O'Neil", "欧阳娜娜"] {
            assert_eq!(check_person_name(name), Ok(()), "{name}");
        }
        assert_eq!(check_person_name("张"), Err(NameError::PersonLength));
        for name in ["<b>张</b>", "张伟1", "··"] {
            assert_eq!(check_person_name(name), Err(NameError::PersonCharacter), "{name}");
        }
    }

    #[test]
    fn blanks_marks_and_case_make_no_other_name() {
        for (a, b) in [
            ("孙立新", "孙 立 新"),
            ("孙立新", "孙　立新"),
            ("迪丽热巴·迪力木拉提", "迪丽热巴•迪力木拉提"),
            ("Anne-Marie O'Neil", "anne marie ONEIL"),
        ] {
            assert!(same_name(a, b), "{a} {b}");
        }
        assert!(!same_name("孙立新", "孙立"));
    }

    #[test]
    fn names_of_accounts_are_plain_and_in_lower_case() {
        assert_eq!(AccountName::parse("Zhang_Wei-90").unwrap().into_string(), "zhang_wei-90");
        assert_eq!(AccountName::parse("abc"), Err(NameError::AccountLength));
        assert_eq!(AccountName::parse("9lives"), Err(NameError::AccountCharacter));
        assert_eq!(AccountName::parse("张伟张伟"), Err(NameError::AccountCharacter));
        assert_eq!(AccountName::parse("Admin"), Err(NameError::AccountReserved));
    }
}
