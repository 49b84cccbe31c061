//! Institutions related to a matter.

use domain::engine::flow::{InstitutionRelation, Party};
use domain::matter::{Kind, RelatedInstitution};
use uuid::Uuid;

use crate::infra::db::matter::MatterRow;
use crate::infra::db::{self, DbError, Tx};

/// What of an index row determines the institutions of a matter.
pub(crate) struct Subject {
    /// The matter.
    pub matter: Uuid,
    /// The institution named in its index row.
    pub institution: Option<Uuid>,
    /// The institution that it belongs to.
    pub owner_institution: Option<Uuid>,
}

impl MatterRow {
    /// What determines the institutions of the matter.
    pub(crate) fn subject(&self) -> Subject {
        Subject { matter: self.id, institution: self.institution_id, owner_institution: self.owner_institution_id }
    }
}

/// Institutions related to a matter: the one named in its index row, the one that it belongs to, and those stored beside it.
pub(crate) async fn related_institutions(tx: &mut Tx, kind: &Kind, subject: &Subject) -> Result<Vec<RelatedInstitution>, DbError> {
    let mut all: Vec<RelatedInstitution> = subject.institution.map(|id| (InstitutionRelation::Recommending, id)).into_iter().collect();
    all.extend(subject.owner_institution.map(|id| (InstitutionRelation::Filing, id)));
    if kind.related_institutions.is_some() {
        let stored = db::relation::list_relations(tx, subject.matter).await?;
        all.extend(stored.into_iter().filter_map(|(relation, id)| Some((InstitutionRelation::from_code(&relation)?, id))));
    }
    Ok(all)
}

/// Users of the institution that a party stands for, with the role for it; empty for other parties.
pub(crate) async fn institution_users(tx: &mut Tx, institutions: &[RelatedInstitution], party: Party) -> Result<Vec<Uuid>, DbError> {
    let Some((_, institution)) = institutions.iter().find(|(relation, _)| Party::Institution(*relation) == party) else {
        return Ok(Vec::new());
    };
    match party.user_role() {
        Some(role) => db::institution::list_users_as(tx, *institution, role).await,
        None => Ok(Vec::new()),
    }
}
