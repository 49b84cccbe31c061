//! Identities that an account was registered with before approved changes.

use chrono::{DateTime, NaiveDate, Utc};
use domain::base::identity::{DocumentType, Sex, mask_ends};
use domain::record::account::RegisteredIdentity;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::access::account::Person;
use crate::infra::db::identity::IdentityChangeRow;
use crate::infra::db::{self, DbError, Tx};
use crate::infra::secret::{Keys, SealContext};

/// The column that sealed former identities are bound to.
const COLUMN: &str = "identity_change.before_sealed";

/// Name and document of an account, before a change or at present.
#[derive(Clone, Serialize, Deserialize)]
pub struct FormerIdentity {
    /// 姓名.
    pub name: String,
    /// 证件类型, by code.
    pub document_type: String,
    /// 证件号码.
    pub document_number: String,
    /// 性别.
    pub sex: Sex,
    /// 出生日期.
    pub birth_date: NaiveDate,
}

/// An approved change, with what it replaced.
#[derive(Clone)]
pub struct PastChange {
    /// The matter.
    pub matter: Uuid,
    /// Time of the approval.
    pub changed_at: DateTime<Utc>,
    /// The identity before.
    pub before: FormerIdentity,
}

impl From<&Person> for FormerIdentity {
    fn from(person: &Person) -> Self {
        Self {
            name: person.name.clone(),
            document_type: person.document_type.clone(),
            document_number: person.document_number.clone(),
            sex: person.sex,
            birth_date: person.birth_date,
        }
    }
}

impl FormerIdentity {
    /// Labels and values, with the number masked.
    pub fn lines(&self) -> Vec<(String, String)> {
        let document = DocumentType::from_code(&self.document_type).map_or("证件", DocumentType::label);
        vec![
            ("姓名".to_owned(), self.name.clone()),
            ("证件类型".to_owned(), document.to_owned()),
            ("证件号码".to_owned(), mask_ends(&self.document_number)),
            ("性别".to_owned(), self.sex.label().to_owned()),
            ("出生日期".to_owned(), mask_day(self.birth_date)),
        ]
    }

    /// As the rules see it.
    pub(crate) fn registered(&self) -> RegisteredIdentity {
        RegisteredIdentity {
            document_type: self.document_type.clone(),
            document_number: self.document_number.clone(),
            sex: Some(self.sex),
            birth_date: Some(self.birth_date),
        }
    }

    /// Seals it for the row of a matter.
    pub(crate) fn seal(&self, keys: &Keys, matter: Uuid) -> Vec<u8> {
        keys.seal_json(SealContext::new(COLUMN, matter), self)
    }
}

/// The year of a birth date only: with the ends of the number, the whole day would lead to the number.
fn mask_day(day: NaiveDate) -> String {
    day.format("%Y-**-**").to_string()
}

fn unseal(keys: &Keys, row: &IdentityChangeRow) -> Result<PastChange, DbError> {
    let context = SealContext::new(COLUMN, row.matter_id);
    let before = keys.unseal_json(context, &row.before_sealed).map_err(|_| DbError::Unreadable(COLUMN.into()))?;
    Ok(PastChange { matter: row.matter_id, changed_at: row.changed_at, before })
}

/// The approved changes of an account, oldest first.
///
/// # Errors
/// [`DbError::Unreadable`] if one cannot be unsealed.
pub(crate) async fn list_past_changes(tx: &mut Tx, keys: &Keys, account: Uuid) -> Result<Vec<PastChange>, DbError> {
    db::identity::list_of_account(tx, account).await?.iter().map(|row| unseal(keys, row)).collect()
}

/// The names that an account had before its present one, oldest first.
///
/// # Errors
/// [`DbError::Unreadable`] if one cannot be unsealed.
pub(crate) async fn former_names(tx: &mut Tx, keys: &Keys, account: Uuid) -> Result<Vec<String>, DbError> {
    Ok(list_past_changes(tx, keys, account).await?.into_iter().map(|change| change.before.name).collect())
}
