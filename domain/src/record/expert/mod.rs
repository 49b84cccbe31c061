//! 专家: suitability and conflicts of interest for an evaluation (docs/manual.md 3.1.5; docs/domain.md §8).

use uuid::Uuid;

/// An expert.
#[derive(Debug, Clone, Default)]
pub struct Expert {
    /// Account id.
    pub account: Uuid,
    /// Codes of the domains of competence.
    pub domains: Vec<String>,
    /// Present institutions.
    pub institutions: Vec<Uuid>,
    /// Former institutions.
    pub former: Vec<Uuid>,
    /// Number of pending evaluations.
    pub open_cases: i64,
}

/// A matter to be evaluated.
#[derive(Debug, Clone, Default)]
pub struct EvaluationCase {
    /// The applicant's account.
    pub applicant: Uuid,
    /// Institutions related to the matter or the applicant.
    pub institutions: Vec<Uuid>,
    /// The applicant's former institutions.
    pub former: Vec<Uuid>,
    /// Code of the domain; may be empty.
    pub domain: String,
    /// Excluded accounts: deciders and evaluators of the disputed matter, and people it is about.
    pub excluded: Vec<Uuid>,
}

/// Why an expert may not evaluate a matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConflictOfInterest {
    /// The expert's own matter.
    Own,
    /// The expert took part in the disputed matter, or the matter is about them.
    Involved,
    /// The expert belongs to an institution of the matter.
    Institution,
    /// The expert belonged to such an institution, or the applicant to the expert's.
    FormerInstitution,
}

impl ConflictOfInterest {
    /// Text for users.
    pub fn text(self) -> &'static str {
        match self {
            ConflictOfInterest::Own => "专家为申请人本人，须回避",
            ConflictOfInterest::Involved => "曾办理或评价原业务，或与本业务有利害关系，须回避",
            ConflictOfInterest::Institution => "与申请人同属一家机构，须回避",
            ConflictOfInterest::FormerInstitution => "与申请人曾属同一机构，须回避",
        }
    }
}

impl Expert {
    /// The conflict of interest, if there is one.
    pub fn conflict(&self, case: &EvaluationCase) -> Option<ConflictOfInterest> {
        let shared = |a: &[Uuid], b: &[Uuid]| a.iter().any(|id| b.contains(id));
        if self.account == case.applicant {
            Some(ConflictOfInterest::Own)
        } else if case.excluded.contains(&self.account) {
            Some(ConflictOfInterest::Involved)
        } else if shared(&self.institutions, &case.institutions) {
            Some(ConflictOfInterest::Institution)
        } else if shared(&self.former, &case.institutions) || shared(&self.institutions, &case.former) || shared(&self.former, &case.former)
        {
            Some(ConflictOfInterest::FormerInstitution)
        } else {
            None
        }
    }

    /// Whether the expert is competent in the matter's domain.
    pub fn is_competent(&self, case: &EvaluationCase) -> bool {
        case.domain.is_empty() || self.domains.contains(&case.domain)
    }
}

/// Sorts experts: without a conflict first, then competent, then by the fewest pending evaluations.
pub fn sort_by_suitability(experts: &mut [Expert], case: &EvaluationCase) {
    experts.sort_by_key(|e| (e.conflict(case).is_some(), !e.is_competent(case), e.open_cases, e.account));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    fn case() -> EvaluationCase {
        EvaluationCase { applicant: id(1), institutions: vec![id(100)], former: vec![id(200)], domain: "QMS".into(), excluded: vec![id(8)] }
    }

    #[test]
    fn a_shared_institution_now_or_before_is_a_conflict() {
        for (institutions, former, expected) in [
            (vec![id(300)], vec![id(400)], None),
            (vec![id(100)], vec![], Some(ConflictOfInterest::Institution)),
            (vec![id(300)], vec![id(100)], Some(ConflictOfInterest::FormerInstitution)),
            (vec![id(200)], vec![], Some(ConflictOfInterest::FormerInstitution)),
            (vec![], vec![id(200)], Some(ConflictOfInterest::FormerInstitution)),
        ] {
            let expert = Expert { account: id(9), institutions, former, ..Expert::default() };
            assert_eq!(expert.conflict(&case()), expected, "{expert:?}");
        }
        let own = Expert { account: id(1), ..Expert::default() };
        assert_eq!(own.conflict(&case()), Some(ConflictOfInterest::Own));
        let evaluated = Expert { account: id(8), ..Expert::default() };
        assert_eq!(evaluated.conflict(&case()), Some(ConflictOfInterest::Involved), "an evaluator of the disputed matter");
    }

    #[test]
    fn competent_experts_with_the_fewest_evaluations_come_first() {
        let of = |n: u128, domains: &[&str], load: i64| Expert {
            account: id(n),
            domains: domains.iter().map(|d| (*d).to_owned()).collect(),
            open_cases: load,
            ..Expert::default()
        };
        let mut all = vec![of(1, &["QMS"], 0), of(2, &["EMS"], 0), of(3, &["QMS"], 5), of(4, &["QMS"], 2)];
        sort_by_suitability(&mut all, &case());
        let order: Vec<u128> = all.iter().map(|e| e.account.as_u128()).collect();
        assert_eq!(order, [4, 3, 2, 1], "the applicant comes last");
    }
}
