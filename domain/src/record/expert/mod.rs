//! 专家: who can be asked to evaluate a case (manual 3.1.5; impartiality as in domain facts §8).

use uuid::Uuid;

/// What is known of an expert.
#[derive(Debug, Clone, Default)]
pub struct Expert {
    /// Their account.
    pub account: Uuid,
    /// Codes of the domains they are competent in.
    pub domains: Vec<String>,
    /// Institutions they belong to.
    pub institutions: Vec<Uuid>,
    /// Institutions they belonged to.
    pub former: Vec<Uuid>,
    /// Cases they have to evaluate now.
    pub load: i64,
}

/// What is known of a case.
#[derive(Debug, Clone, Default)]
pub struct Case {
    /// Who asks.
    pub applicant: Uuid,
    /// Institutions tied to the case, or to whoever asks.
    pub institutions: Vec<Uuid>,
    /// Institutions whoever asks belonged to.
    pub former: Vec<Uuid>,
    /// Code of the domain it is about, if it is about one.
    pub domain: String,
    /// Who stays clear of it: those who decided or evaluated what it disputes, and whom it is about.
    pub apart: Vec<Uuid>,
}

/// Why an expert may not evaluate a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conflict {
    /// It is their own.
    Own,
    /// They decided or evaluated what it disputes, or it is about them.
    Involved,
    /// They belong to an institution of the case.
    Institution,
    /// They belonged to it, or whoever asks belonged to theirs.
    FormerInstitution,
}

impl Conflict {
    /// In words.
    pub fn text(self) -> &'static str {
        match self {
            Conflict::Own => "专家为申请人本人，须回避",
            Conflict::Involved => "曾办理或评价原业务，或与本业务有利害关系，须回避",
            Conflict::Institution => "与申请人同属一家机构，须回避",
            Conflict::FormerInstitution => "与申请人曾属同一机构，须回避",
        }
    }
}

impl Expert {
    /// Why they may not evaluate the case; none if they may.
    pub fn conflict(&self, case: &Case) -> Option<Conflict> {
        let shared = |a: &[Uuid], b: &[Uuid]| a.iter().any(|id| b.contains(id));
        if self.account == case.applicant {
            Some(Conflict::Own)
        } else if case.apart.contains(&self.account) {
            Some(Conflict::Involved)
        } else if shared(&self.institutions, &case.institutions) {
            Some(Conflict::Institution)
        } else if shared(&self.former, &case.institutions) || shared(&self.institutions, &case.former) || shared(&self.former, &case.former)
        {
            Some(Conflict::FormerInstitution)
        } else {
            None
        }
    }

    /// Whether they are competent in the case's domain.
    pub fn competent(&self, case: &Case) -> bool {
        case.domain.is_empty() || self.domains.contains(&case.domain)
    }
}

/// Puts whom to suggest first: those who may, then the competent, then those with the least to do.
pub fn suggest(experts: &mut [Expert], case: &Case) {
    experts.sort_by_key(|e| (e.conflict(case).is_some(), !e.competent(case), e.load, e.account));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    fn case() -> Case {
        Case { applicant: id(1), institutions: vec![id(100)], former: vec![id(200)], domain: "QMS".into(), apart: vec![id(8)] }
    }

    #[test]
    fn who_shares_an_institution_now_or_before_stays_away() {
        for (institutions, former, expected) in [
            (vec![id(300)], vec![id(400)], None),
            (vec![id(100)], vec![], Some(Conflict::Institution)),
            (vec![id(300)], vec![id(100)], Some(Conflict::FormerInstitution)),
            (vec![id(200)], vec![], Some(Conflict::FormerInstitution)),
            (vec![], vec![id(200)], Some(Conflict::FormerInstitution)),
        ] {
            let expert = Expert { account: id(9), institutions, former, ..Expert::default() };
            assert_eq!(expert.conflict(&case()), expected, "{expert:?}");
        }
        let own = Expert { account: id(1), ..Expert::default() };
        assert_eq!(own.conflict(&case()), Some(Conflict::Own));
        let evaluated = Expert { account: id(8), ..Expert::default() };
        assert_eq!(evaluated.conflict(&case()), Some(Conflict::Involved), "whoever evaluated what is disputed");
    }

    #[test]
    fn the_competent_with_the_least_to_do_come_first() {
        let of = |n: u128, domains: &[&str], load: i64| Expert {
            account: id(n),
            domains: domains.iter().map(|d| (*d).to_owned()).collect(),
            load,
            ..Expert::default()
        };
        let mut all = vec![of(1, &["QMS"], 0), of(2, &["EMS"], 0), of(3, &["QMS"], 5), of(4, &["QMS"], 2)];
        suggest(&mut all, &case());
        let order: Vec<u128> = all.iter().map(|e| e.account.as_u128()).collect();
        assert_eq!(order, [4, 3, 2, 1], "the applicant comes last");
    }
}
