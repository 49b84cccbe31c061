//! Who may do what: roles, actions, and the table that joins them.
//!
//! The guard asks this table before anything is read or written; what is not in it is refused. What a person may do with *one*
//! matter follows from the hats they wear for it ([`crate::engine::flow::Hat`]).

mod table;

pub use table::{Action, RULES, Rule, Who};

use serde::{Deserialize, Serialize};

/// A role an account can be granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 协会经办人: accepts and decides matters.
    Officer,
    /// 协会批准人: makes the final decision.
    Approver,
    /// 协会财务: checks payments.
    Finance,
    /// 协会考务: runs examinations.
    Examiner,
    /// 协会管理员: accounts, roles, rules.
    Admin,
    /// 专家: gives opinions on what is assigned.
    Expert,
    /// 教师: confirms course filings and plans.
    Teacher,
}

/// A role at an institution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstitutionRole {
    /// 机构用户: acts at the institution's desk.
    User,
    /// 执业人员: practises in it, no access to its desk.
    Practitioner,
}

/// Whether a grant or a membership counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Counts.
    Active,
    /// Not confirmed yet.
    Pending,
    /// Suspended.
    Suspended,
    /// Over.
    Ended,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 7] = [Role::Officer, Role::Approver, Role::Finance, Role::Examiner, Role::Admin, Role::Expert, Role::Teacher];

    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Role::Officer => "officer",
            Role::Approver => "approver",
            Role::Finance => "finance",
            Role::Examiner => "examiner",
            Role::Admin => "admin",
            Role::Expert => "expert",
            Role::Teacher => "teacher",
        }
    }

    /// The role with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.code() == code)
    }

    /// Name.
    pub fn label(self) -> &'static str {
        match self {
            Role::Officer => "协会经办人",
            Role::Approver => "协会批准人",
            Role::Finance => "协会财务",
            Role::Examiner => "协会考务",
            Role::Admin => "协会管理员",
            Role::Expert => "专家",
            Role::Teacher => "教师",
        }
    }

    /// Whether the role belongs to the association's own staff.
    pub fn staff(self) -> bool {
        !matches!(self, Role::Expert | Role::Teacher)
    }
}

impl InstitutionRole {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            InstitutionRole::User => "user",
            InstitutionRole::Practitioner => "practitioner",
        }
    }
}

impl Standing {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Standing::Active => "active",
            Standing::Pending => "pending",
            Standing::Suspended => "suspended",
            Standing::Ended => "ended",
        }
    }
}

/// What is known of whoever asks, once and for all of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asker {
    /// Whether someone is signed in, with an account in good standing.
    pub signed_in: bool,
    /// Roles that count today.
    pub roles: Vec<Role>,
    /// Whether they act at the desk of an institution in good standing.
    pub institution_user: bool,
    /// Whether the server is a demo.
    pub demo: bool,
}

/// Whether the table lets this asker do this. Deny by default.
pub fn allowed(action: Action, asker: &Asker) -> bool {
    RULES.iter().filter(|rule| rule.action == action).any(|rule| rule.who.iter().any(|who| fits(*who, asker)))
}

fn fits(who: Who, asker: &Asker) -> bool {
    match who {
        Who::Anyone => true,
        Who::SignedIn => asker.signed_in,
        Who::InstitutionUser => asker.signed_in && asker.institution_user,
        Who::Holds(role) => asker.signed_in && asker.roles.contains(&role),
        Who::Demo => asker.demo,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn everyone() -> Vec<Asker> {
        let mut askers = vec![Asker::default()];
        askers.push(Asker { signed_in: true, ..Asker::default() });
        askers.push(Asker { signed_in: true, institution_user: true, ..Asker::default() });
        for role in Role::ALL {
            askers.push(Asker { signed_in: true, roles: vec![role], ..Asker::default() });
        }
        askers
    }

    #[test]
    fn each_action_has_exactly_one_rule() {
        for action in Action::ALL {
            assert_eq!(RULES.iter().filter(|r| r.action == *action).count(), 1, "{action:?}");
        }
    }

    #[test]
    fn who_is_not_signed_in_gets_only_what_anyone_gets() {
        let stranger = Asker::default();
        let with_roles = Asker { roles: Role::ALL.to_vec(), institution_user: true, ..Asker::default() };
        for action in Action::ALL {
            assert_eq!(allowed(*action, &stranger), allowed(*action, &with_roles), "{action:?}");
        }
    }

    #[test]
    fn a_desk_opens_only_to_its_own_people() {
        for asker in everyone() {
            assert_eq!(allowed(Action::InstitutionDesk, &asker), asker.institution_user,);
            assert_eq!(allowed(Action::InstitutionMatter, &asker), asker.institution_user,);
            assert_eq!(allowed(Action::AssociationDesk, &asker), asker.roles.iter().any(|r| r.staff()),);
        }
    }

    #[test]
    fn an_action_without_a_rule_would_be_refused() {
        let asker = Asker { demo: false, ..Asker::default() };
        assert!(!allowed(Action::Demo, &asker));
    }
}
