//! What the state of an institution does to everything that depends on it: one table.

use super::state::InstitutionState;
use crate::base::rule::{RuleKey, RulesOn, key};

/// What depends on an institution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Affected {
    /// A matter that would be begun in its name, or would name it as 推荐机构 or 转入机构.
    NewMatter,
    /// A draft in its name.
    Draft,
    /// A submitted matter in its name that waits for others.
    Running,
    /// A matter that waits for its answer or its payment.
    Turn,
    /// 培训权限.
    Training,
    /// One of its users.
    User,
    /// A person who practises there and holds a certificate in force.
    Certified,
    /// A person who practises there without one.
    Uncertified,
    /// A certificate of its people.
    Certificate,
}

/// What becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consequence {
    /// Nothing.
    Continues,
    /// It is told.
    Informed,
    /// It is refused.
    Refused,
    /// It is kept, and cannot be submitted.
    Retained,
    /// The flow of its kind says it, by its transition of [`Party::Closing`](crate::engine::flow::Party::Closing): the matter returns to its
    /// applicant, or goes on without the institution.
    ByFlow,
    /// It ends, and the person is told.
    Ends,
}

/// One line of the table.
#[derive(Debug)]
pub struct ConsequenceRow {
    /// What is affected.
    pub affected: Affected,
    /// What becomes of it while the institution is suspended.
    pub suspended: Consequence,
    /// What becomes of it in a suspension in place of that, if this rule says no.
    pub unless: Option<(RuleKey, Consequence)>,
    /// What becomes of it when the institution is closed.
    pub closed: Consequence,
    /// The line in words, for the page on which the state is set; empty for none of its own.
    pub text: &'static str,
}

const fn row(affected: Affected, suspended: Consequence, closed: Consequence, text: &'static str) -> ConsequenceRow {
    ConsequenceRow { affected, suspended, unless: None, closed, text }
}

/// The table (our proposal). Whoever is certified stays registered with the institution after it is closed, since a transfer on the ground that
/// it cannot operate any more begins from there (docs/domain.md §7.1).
pub const CONSEQUENCES: &[ConsequenceRow] = &[
    row(
        Affected::NewMatter,
        Consequence::Refused,
        Consequence::Refused,
        "暂停或关闭后，不能以机构名义办理新业务，也不能被选为推荐机构、转入机构",
    ),
    row(Affected::Draft, Consequence::Retained, Consequence::Retained, "机构草稿保留，不能提交"),
    row(Affected::Running, Consequence::Continues, Consequence::Continues, "以机构名义提交的在办业务继续办理"),
    ConsequenceRow {
        unless: Some((key::SUSPENDED_ANSWERS, Consequence::ByFlow)),
        ..row(
            Affected::Turn,
            Consequence::Continues,
            Consequence::ByFlow,
            "关闭时待机构审核、答复、缴费的业务，按流程转入下一环节或退回申请人；未缴的机构账单取消",
        )
    },
    row(Affected::Training, Consequence::Refused, Consequence::Refused, "培训机构不能备案课程、上报培训计划"),
    row(Affected::User, Consequence::Informed, Consequence::Ends, "通知机构用户；关闭后用户不能再以机构身份办理"),
    row(Affected::Certified, Consequence::Continues, Consequence::Informed, "关闭后通知持证的执业人员办理转换执业机构"),
    row(Affected::Uncertified, Consequence::Continues, Consequence::Ends, "关闭后未持证人员的执业关系终止"),
    row(Affected::Certificate, Consequence::Continues, Consequence::Continues, "人员证书的状态和有效期不变"),
];

/// What becomes of something in a state, by the rules of a day.
pub fn consequence(affected: Affected, state: InstitutionState, rules: RulesOn<'_>) -> Consequence {
    let row = CONSEQUENCES.iter().find(|row| row.affected == affected);
    match (row, state) {
        (None, _) | (_, InstitutionState::Active) => Consequence::Continues,
        (Some(row), InstitutionState::Closed) => row.closed,
        (Some(row), InstitutionState::Suspended) => match row.unless {
            Some((rule, otherwise)) if !rules.yes(rule) => otherwise,
            _ => row.suspended,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rule::{RuleRow, Rules};
    use crate::record::institution::{InstitutionKind, may_train};

    const ALL: [Affected; 9] = [
        Affected::NewMatter,
        Affected::Draft,
        Affected::Running,
        Affected::Turn,
        Affected::Training,
        Affected::User,
        Affected::Certified,
        Affected::Uncertified,
        Affected::Certificate,
    ];

    #[test]
    fn everything_that_depends_on_an_institution_has_one_row() {
        assert_eq!(CONSEQUENCES.iter().map(|row| row.affected).collect::<Vec<_>>(), ALL);
    }

    #[test]
    fn an_active_institution_has_no_consequence_and_the_others_those_of_their_column() {
        let rules = Rules::default();
        let on = rules.on("2026-11-28".parse().unwrap());
        for row in CONSEQUENCES {
            assert_eq!(consequence(row.affected, InstitutionState::Active, on), Consequence::Continues);
            assert_eq!(consequence(row.affected, InstitutionState::Suspended, on), row.suspended);
            assert_eq!(consequence(row.affected, InstitutionState::Closed, on), row.closed);
        }
    }

    #[test]
    fn the_association_decides_whether_a_suspended_institution_still_answers() {
        let of = |value: &str| {
            let row =
                RuleRow { key: "institution.suspended_answers".into(), value: value.into(), effective_from: "2027-01-01".parse().unwrap() };
            let rules = Rules::new([row]).unwrap();
            ["2026-12-31", "2027-01-01"].map(|day| consequence(Affected::Turn, InstitutionState::Suspended, rules.on(day.parse().unwrap())))
        };
        assert_eq!(of("no"), [Consequence::Continues, Consequence::ByFlow]);
        assert_eq!(of("yes"), [Consequence::Continues; 2]);
    }

    #[test]
    fn what_a_state_permits_is_what_the_table_says() {
        let rules = Rules::default();
        let on = rules.on("2026-11-28".parse().unwrap());
        for state in InstitutionState::ALL {
            let of = |affected| consequence(affected, state, on);
            assert_eq!(state.permits_new(), of(Affected::NewMatter) == Consequence::Continues, "{state:?}");
            assert_eq!(state.permits_users(), of(Affected::User) != Consequence::Ends, "{state:?}");
            let trains = may_train([InstitutionKind::TrainingProvider].into_iter().collect(), state);
            assert_eq!(trains, of(Affected::Training) == Consequence::Continues, "{state:?}");
        }
    }
}
