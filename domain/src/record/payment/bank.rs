//! The bank account to which fees are transferred (线下缴费; docs/manual.md 3.1.4).

use chrono::NaiveDate;
use uuid::Uuid;

use crate::base::text::normalise;

/// Maximum characters of the name of a holder or a bank.
const NAME_MAX: usize = 60;
/// Digits of an account number.
const DIGITS: std::ops::RangeInclusive<usize> = 6..=32;

/// The bank account of the association.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankAccount {
    /// 户名.
    pub holder: String,
    /// 开户行.
    pub bank: String,
    /// 账号: digits only.
    pub number: String,
}

impl BankAccount {
    /// An account that nobody can take for a real one, for demos.
    pub fn fictitious() -> Self {
        Self {
            holder: "演示账户（请勿汇款）".to_owned(),
            bank: "演示银行（并不存在）".to_owned(),
            number: "0000000000000000000".to_owned(),
        }
    }

    /// The account number in groups of four digits, for reading.
    pub fn number_in_groups(&self) -> String {
        let mut text = String::with_capacity(self.number.len() * 2);
        for (i, digit) in self.number.chars().enumerate() {
            if i > 0 && i % 4 == 0 {
                text.push(' ');
            }
            text.push(digit);
        }
        text
    }
}

/// Reads the name of a holder or a bank: 2 to 60 characters, at least one of them a letter.
pub fn read_bank_name(text: &str) -> Option<String> {
    let name = normalise(text);
    let fits = (2..=NAME_MAX).contains(&name.chars().count()) && name.chars().any(char::is_alphabetic) && !name.contains(['<', '>']);
    fits.then_some(name)
}

/// Reads an account number: 6 to 32 digits, with blanks or hyphens between them.
pub fn read_bank_number(text: &str) -> Option<String> {
    let digits: String = normalise(text).chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    (DIGITS.contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
}

/// 缴费编号: what a payer writes as the remark (附言) of a transfer for a charge. `made_on`: the day on which the charge became due.
pub fn charge_number(charge: Uuid, made_on: NaiveDate) -> String {
    format!("JF{}{:08}", made_on.format("%Y%m%d"), charge.as_u128() % 100_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bank_account_is_read_in_every_usual_spelling() {
        for text in
            ["6222020200112233445", "6222 0202 0011 2233 445", " 6222-0202-0011-2233-445 ", "６２２２０２０２００１１２２３３４４５"]
        {
            assert_eq!(read_bank_number(text).as_deref(), Some("6222020200112233445"), "{text}");
        }
        for text in ["", "12345", "6222O20200112233445", "6222020200112233445元", &"1".repeat(33)] {
            assert_eq!(read_bank_number(text), None, "{text}");
        }
        assert_eq!(read_bank_name(" 中国工商银行　北京分行 ").as_deref(), Some("中国工商银行 北京分行"));
        for text in ["", " ", "行", "12345", "银行<b>", &"行".repeat(61)] {
            assert_eq!(read_bank_name(text), None, "{text}");
        }
        let account = BankAccount { holder: String::new(), bank: String::new(), number: "6222020200112233445".into() };
        assert_eq!(account.number_in_groups(), "6222 0202 0011 2233 445");
    }

    #[test]
    fn the_number_of_a_charge_fits_into_the_remark_of_a_bank() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 27).unwrap();
        let number = charge_number(Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_002a), day);
        assert!(number.starts_with("JF20261127") && number.len() == 18 && number.bytes().all(|b| b.is_ascii_alphanumeric()), "{number}");
        assert_ne!(number, charge_number(Uuid::from_u128(7), day));
    }
}
