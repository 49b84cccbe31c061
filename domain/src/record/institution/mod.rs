//! Institutions on record: their kinds and state, and what each state permits.

mod consequence;
mod kind;
mod registered;
mod state;

pub use consequence::{Affected, CONSEQUENCES, Consequence, ConsequenceRow, consequence};
pub use kind::{InstitutionKind, InstitutionKinds};
pub use registered::{CreditCodeHolder, InstitutionContact, RegisteredInstitution};
pub use state::InstitutionState;

/// 培训权限: whether an institution may file courses and report plans. It is one of 培训机构, and neither suspended nor closed (our proposal).
pub fn may_train(kinds: InstitutionKinds, state: InstitutionState) -> bool {
    kinds.includes(InstitutionKind::TrainingProvider) && state.permits_new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_training_provider_that_is_active_may_train_and_no_other_institution() {
        use InstitutionKind::{CertificationBody, TrainingProvider};
        for (kinds, state, may) in [
            (&[TrainingProvider][..], InstitutionState::Active, true),
            (&[CertificationBody, TrainingProvider], InstitutionState::Active, true),
            (&[CertificationBody], InstitutionState::Active, false),
            (&[], InstitutionState::Active, false),
            (&[TrainingProvider], InstitutionState::Suspended, false),
            (&[TrainingProvider], InstitutionState::Closed, false),
        ] {
            assert_eq!(may_train(kinds.iter().copied().collect(), state), may, "{kinds:?} {state:?}");
        }
    }
}
