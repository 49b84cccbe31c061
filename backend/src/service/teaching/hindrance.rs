//! What keeps a teacher from ending a binding: each row asks one register.

use chrono::NaiveDate;
use domain::record::teaching::{Hindrance, hindrances_to_unbinding};
use uuid::Uuid;

use crate::infra::db::{self, BoxFuture, DbError, Tx};

/// Whether something holds of an account, in a category of courses, on a day.
type Holds = for<'a> fn(&'a mut Tx, Uuid, &'a str, NaiveDate) -> BoxFuture<'a, Result<bool, DbError>>;

/// One hindrance, and how it is found.
pub struct HindranceRow {
    /// What a teacher still does.
    pub hindrance: Hindrance,
    /// Whether the teacher does.
    pub holds: Holds,
}

/// Every hindrance. A plan names teachers of a filed course only, so that the course hinders for it.
pub static HINDRANCES: &[HindranceRow] = &[HindranceRow {
    hindrance: Hindrance::FiledCourse,
    holds: |tx, account, category, today| Box::pin(db::course::names_teacher(tx, account, category, today)),
}];

/// Why a teacher cannot end the binding to a category on a day; none if nothing keeps them.
pub(super) async fn hindrance_text(tx: &mut Tx, account: Uuid, category: &str, today: NaiveDate) -> Result<Option<&'static str>, DbError> {
    let mut found = Vec::new();
    for row in HINDRANCES {
        if (row.holds)(tx, account, category, today).await? {
            found.push(row.hindrance);
        }
    }
    Ok(hindrances_to_unbinding(&found))
}
