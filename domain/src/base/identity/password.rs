//! Password rules: length, kinds of characters, and no common password.

use crate::base::error_texts::error_texts;

/// Why a password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordError {
    /// Shorter than eight characters.
    Short,
    /// Longer than 128 characters.
    Long,
    /// Fewer than three of: capital letters, small letters, digits, other signs.
    Kinds,
    /// Among the most common passwords, or built from the user's own data or words of this site.
    Common,
}

error_texts!(PasswordError {
    Short "password_short" "密码至少 8 位";
    Long "password_long" "密码最多 128 位";
    Kinds "password_kinds" "密码须包含大写字母、小写字母、数字、符号中的至少三种";
    Common "password_common" "密码过于常见或含有账号、手机号码，请换一个";
});

/// Stems of the most common passwords, without their usual endings.
const STEMS: &[&str] = &[
    "password",
    "passw0rd",
    "p@ssword",
    "p@ssw0rd",
    "qwerty",
    "qwer1234",
    "1qaz2wsx",
    "zaq12wsx",
    "asdf1234",
    "abc123",
    "abcd1234",
    "a123456",
    "aa123456",
    "123456",
    "12345678",
    "87654321",
    "11111111",
    "88888888",
    "66668888",
    "iloveyou",
    "woaini",
    "woaini1314",
    "5201314",
    "admin123",
    "administrator",
    "welcome",
    "letmein",
    "test1234",
    "changeme",
    "ccaa",
    "registrar",
    "zhangwei",
    "beijing2008",
];

/// Checks a password. `context` holds the user's own data, which the password must not consist of (account name, mobile number).
///
/// # Errors
/// The first rule that the password breaks: length, kinds of characters, common or personal words.
pub fn check_password(password: &str, context: &[&str]) -> Result<(), PasswordError> {
    let length = password.chars().count();
    if length < 8 {
        return Err(PasswordError::Short);
    }
    if length > 128 {
        return Err(PasswordError::Long);
    }
    let kinds = [
        password.chars().any(char::is_uppercase),
        password.chars().any(char::is_lowercase),
        password.chars().any(|c| c.is_ascii_digit()),
        password.chars().any(|c| !c.is_ascii_alphanumeric()),
    ];
    if kinds.iter().filter(|k| **k).count() < 3 {
        return Err(PasswordError::Kinds);
    }
    let lower = password.to_lowercase();
    let own = context.iter().any(|own| own.len() >= 4 && lower.contains(&own.to_lowercase()));
    let platform = ["ccaa", "registrar", "认证"].iter().any(|name| lower.contains(name));
    // A common stem counts if fewer than six characters are added to it.
    let common = STEMS.iter().any(|stem| lower.contains(stem) && length < stem.chars().count() + 6);
    if own || platform || common {
        return Err(PasswordError::Common);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_good_password_is_taken() {
        for password in ["Demo-2026-pass", "春天Abc-很好看呢", "Tr0ub4dor&3x"] {
            assert_eq!(check_password(password, &["applicant"]), Ok(()), "{password}");
        }
    }

    #[test]
    fn each_fault_has_its_own_answer() {
        let long = "Aa1".repeat(43);
        for (password, fault) in [
            ("Ab1-xyz", PasswordError::Short),
            (long.as_str(), PasswordError::Long),
            ("alllowercase1", PasswordError::Kinds),
            ("Password1!", PasswordError::Common),
            ("Xzhangsan9!", PasswordError::Common),
            ("Registrar-2026-leaf", PasswordError::Common),
        ] {
            assert_eq!(check_password(password, &["zhangsan"]), Err(fault), "{password}");
        }
    }
}
