//! The people of an institution, as options of a form.

use domain::matter::INSTITUTION_PEOPLE;
use uuid::Uuid;

use crate::access::account::lookup::{person_name, unseal_person};
use crate::infra::db::{self, DbError, Tx};
use crate::matter::source::contents::{Contents, Request};
use crate::state::AppState;

/// Reads the active users and practitioners of the institution that the matter belongs to. Those whom a submitted matter names stay after they
/// left.
pub(super) async fn read(tx: &mut Tx, request: &Request<'_>, contents: &mut Contents) -> Result<(), DbError> {
    let app = request.app;
    let (_, Some(institution)) = request.owner.person_and_institution() else { return Ok(()) };
    let rows = db::institution::list_people(tx, institution).await?;
    let mut people: Vec<(String, String)> = rows.into_iter().map(|(account, sealed)| option(app, account, &sealed)).collect();
    for account in request.matter.map_or(&[][..], |matter| matter.state.participants.as_slice()) {
        let code = account.to_string();
        if people.iter().all(|(known, _)| *known != code) {
            people.push((code, person_name(app, tx, *account).await?));
        }
    }
    contents.list(INSTITUTION_PEOPLE, people);
    Ok(())
}

fn option(app: &AppState, account: Uuid, sealed: &[u8]) -> (String, String) {
    (account.to_string(), unseal_person(app, account, sealed).map_or_else(String::new, |person| person.name))
}
