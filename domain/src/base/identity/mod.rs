//! Who and what someone says they are: documents, codes, numbers, names, and the rules of their form.
//!
//! Each parser is total and says in plain Chinese what is wrong. Sources: GB 11643 (ID numbers), GB 32100 (credit codes), domain
//! facts §11 for the rest.

mod contact;
mod credit_code;
mod document;
mod name;
mod password;
mod resident_id;

pub use contact::{ContactError, Email, Mobile, check_phone, check_postcode};
pub use credit_code::{CreditCode, CreditCodeError};
pub use document::{Document, DocumentError, DocumentType};
pub use name::{AccountName, NameError, check_person_name};
pub use password::{PasswordFault, check_password};
pub use resident_id::{ResidentId, ResidentIdError};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// 性别 (GB/T 2261.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// 男.
    Male,
    /// 女.
    Female,
}

impl Sex {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Sex::Male => "male",
            Sex::Female => "female",
        }
    }

    /// The sex with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Sex::Male, Sex::Female].into_iter().find(|s| s.code() == code)
    }

    /// Name.
    pub fn label(self) -> &'static str {
        match self {
            Sex::Male => "男",
            Sex::Female => "女",
        }
    }
}

/// Whether someone born on a day is old enough, and not impossibly old, to have an account.
pub fn of_age(birth: NaiveDate, today: NaiveDate) -> bool {
    resident_id::AGES.contains(&crate::base::calendar::age(birth, today))
}

/// A number with only its first and last character shown: region, birth date and check character would leave one candidate.
pub fn mask_ends(text: &str) -> String {
    let count = text.chars().count();
    text.chars().enumerate().map(|(i, c)| if i == 0 || i + 1 == count { c } else { '*' }).collect()
}

/// Gives an error enum its public text and stable name from one table.
macro_rules! told {
    ($name:ident { $($variant:ident $code:literal $text:literal;)* }) => {
        impl $name {
            /// What the person is told.
            pub fn text(self) -> &'static str {
                match self { $($name::$variant => $text),* }
            }

            /// Stable name.
            pub fn code(self) -> &'static str {
                match self { $($name::$variant => $code),* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }

        impl std::error::Error for $name {}
    };
}
pub(crate) use told;
