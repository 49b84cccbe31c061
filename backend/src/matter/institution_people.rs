//! The people of an institution, as options of a form.

use uuid::Uuid;

use crate::access::account::lookup::person_name;
use crate::infra::db::{self, DbError, Tx};
use crate::state::AppState;

/// Option list of the people of the institution that a matter belongs to: account and name.
pub(crate) const INSTITUTION_PEOPLE: &str = "institution_people";

/// The active users and practitioners of an institution.
pub(crate) async fn institution_people(tx: &mut Tx, app: &AppState, institution: Uuid) -> Result<Vec<(String, String)>, DbError> {
    let mut people = Vec::new();
    for account in db::institution::list_people(tx, institution).await? {
        people.push((account.to_string(), person_name(app, tx, account).await?));
    }
    Ok(people)
}
