//! Settings of the bank account to which fees are transferred: all of them, or none.

use domain::record::payment::{BankAccount, read_bank_name, read_bank_number};

use super::environment::StartupError;
use super::values::Values;

/// Reads the three settings: none is set, or all are.
pub(super) fn read(values: &Values) -> Result<Option<BankAccount>, StartupError> {
    let name = |setting: &str| values.get(setting, "a name of 2 to 60 characters, with a letter among them", read_bank_name);
    let number = values.get("bank_account_number", "a number of 6 to 32 digits", read_bank_number)?;
    match (name("bank_account_holder")?, name("bank_name")?, number) {
        (None, None, None) => Ok(None),
        (Some(holder), Some(bank), Some(number)) => Ok(Some(BankAccount { holder, bank, number })),
        _ => Err(StartupError("BANK_ACCOUNT_HOLDER, BANK_NAME and BANK_ACCOUNT_NUMBER belong together: set all of them, or none.".into())),
    }
}
