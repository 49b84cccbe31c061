//! Parties to a matter: the capacities in which people and the platform act on it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::base::permission::{Role, UserRole};

/// A party to a matter: the capacity in which an account, or the platform itself, acts on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Party {
    /// The person or institution that began the matter.
    Applicant,
    /// Users of an institution related to the matter.
    Institution(InstitutionRelation),
    /// Staff of the association with this role.
    Association(Role),
    /// The experts assigned.
    Expert,
    /// The people whom the submitted answers name, and who must agree. The kind names them: 教师.
    Participant,
    /// The payment service: notices of payment gateways, and results of checked vouchers.
    Cashier,
    /// An appeal that was granted. It reopens the disputed matter within the transaction of its own decision.
    Appeal,
    /// The daily job that applies time limits.
    Clock,
    /// The closing of an institution. It acts where the institution would have its turn.
    Closing,
}

/// The relation of an institution to a matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstitutionRelation {
    /// The institution that recommends the applicant, or that the matter is about.
    Recommending,
    /// 转出机构.
    Leaving,
    /// 转入机构.
    Joining,
    /// The institution that filed the matter for its staff.
    Filing,
}

/// An account acting on a matter.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Id of the account; nil for the payment service and the daily job.
    pub account: Uuid,
    /// The parties the account belongs to in this matter.
    pub parties: Vec<Party>,
}

impl InstitutionRelation {
    /// Every relation.
    pub const ALL: [InstitutionRelation; 4] =
        [InstitutionRelation::Recommending, InstitutionRelation::Leaving, InstitutionRelation::Joining, InstitutionRelation::Filing];

    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            InstitutionRelation::Recommending => "recommending",
            InstitutionRelation::Leaving => "leaving",
            InstitutionRelation::Joining => "joining",
            InstitutionRelation::Filing => "filing",
        }
    }

    /// The relation with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|relation| relation.code() == code)
    }

    /// Chinese name.
    pub fn label(self) -> &'static str {
        match self {
            InstitutionRelation::Recommending => "推荐机构",
            InstitutionRelation::Leaving => "转出机构",
            InstitutionRelation::Joining => "转入机构",
            InstitutionRelation::Filing => "申请机构",
        }
    }
}

impl Party {
    /// Chinese name, shown as the party whose turn it is.
    pub fn label(self) -> &'static str {
        match self {
            Party::Applicant => "申请人",
            Party::Institution(relation) => relation.label(),
            Party::Association(_) => "协会",
            Party::Expert => "评价专家",
            Party::Participant => "参与人",
            Party::Cashier => "缴费系统",
            Party::Appeal => "申诉处理",
            Party::Clock => "系统",
            Party::Closing => "机构关闭处理",
        }
    }

    /// The role that a user of an institution needs to act as this party for it; none for a party that acts for no institution.
    pub const fn user_role(self) -> Option<UserRole> {
        match self {
            Party::Applicant | Party::Institution(InstitutionRelation::Filing) => Some(UserRole::Handler),
            Party::Institution(_) => Some(UserRole::Reviewer),
            _ => None,
        }
    }

    /// Stable code; the matter's row stores it as an index of the party whose turn it is.
    pub fn code(self) -> String {
        match self {
            Party::Applicant => "applicant".into(),
            Party::Institution(InstitutionRelation::Recommending) => "institution".into(),
            Party::Institution(relation) => format!("institution_{}", relation.code()),
            Party::Association(role) => format!("association_{}", role.code()),
            Party::Expert => "expert".into(),
            Party::Participant => "participant".into(),
            Party::Cashier => "cashier".into(),
            Party::Appeal => "appeal".into(),
            Party::Clock => "clock".into(),
            Party::Closing => "closing".into(),
        }
    }
}
