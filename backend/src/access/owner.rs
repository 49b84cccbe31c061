//! To whom a matter belongs.

use domain::base::permission::UserRole;
use uuid::Uuid;

use crate::infra::db::matter::MatterRow;
use crate::infra::db::{self, DbError, Tx};

/// The owner of a matter: who its applicant is. Whoever asks whether somebody may see, edit or answer a matter as its applicant asks this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The person who began it; of a matter that the association begins, the person it is about.
    Person(Uuid),
    /// The institution in whose name it was begun. Each of its active users is the applicant, and nobody who has left it.
    Institution(Uuid),
}

impl Owner {
    /// The owner of a matter that an account begins for itself or for an institution.
    pub fn new(account: Uuid, institution: Option<Uuid>) -> Self {
        institution.map_or(Owner::Person(account), Owner::Institution)
    }

    /// The owner of a stored matter.
    pub fn of(row: &MatterRow) -> Self {
        Owner::new(row.owner_id, row.owner_institution_id)
    }

    /// The owner of a deleted draft; `None` if no draft of this id was deleted.
    pub(crate) async fn of_discarded(tx: &mut Tx, id: Uuid) -> Result<Option<Self>, DbError> {
        Ok(db::discarded::owner_of(tx, id).await?.map(|(account, institution)| Owner::new(account, institution)))
    }

    /// The person and the institution, of which one is there, as columns are compared with them.
    pub(crate) fn person_and_institution(self) -> (Option<Uuid>, Option<Uuid>) {
        match self {
            Owner::Person(account) => (Some(account), None),
            Owner::Institution(institution) => (None, Some(institution)),
        }
    }

    /// The accounts that act as the owner now, which are told of the matter.
    pub(crate) async fn accounts(self, tx: &mut Tx) -> Result<Vec<Uuid>, DbError> {
        match self {
            Owner::Person(account) => Ok(vec![account]),
            Owner::Institution(institution) => db::institution::list_users_as(tx, institution, UserRole::Handler).await,
        }
    }
}
