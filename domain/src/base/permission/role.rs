//! Roles of accounts, and the status of a granted role.

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
    /// 专家: evaluates assigned matters.
    Expert,
    /// 教师: confirms course filings and plans.
    Teacher,
}

/// A role at an institution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstitutionRole {
    /// 机构用户: acts for the institution on its workbench.
    User,
    /// 执业人员: practises in the institution, without access to its workbench.
    Practitioner,
}

/// 角色 of a user of an institution: what the user does there. A user can have several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserRole {
    /// 经办: fills in and submits what the institution applies for.
    Handler,
    /// 复核: answers matters of others for the institution.
    Reviewer,
    /// 财务: pays for the institution.
    Finance,
    /// 管理员: invites users and grants them roles.
    Administrator,
}

/// Status of a granted role or of a membership in an institution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantStatus {
    /// The grant is in force.
    Active,
    /// Not confirmed yet.
    Pending,
    /// The grant is suspended for a time.
    Suspended,
    /// The grant was withdrawn or has run out.
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

    /// Chinese name.
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

    /// Whether the role is one of the association's staff.
    pub fn is_staff(self) -> bool {
        !matches!(self, Role::Expert | Role::Teacher)
    }
}

impl InstitutionRole {
    /// The role with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::User, Self::Practitioner].into_iter().find(|role| role.code() == code)
    }

    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            InstitutionRole::User => "user",
            InstitutionRole::Practitioner => "practitioner",
        }
    }
}

impl UserRole {
    /// Every role, in the order in which they are shown.
    pub const ALL: [UserRole; 4] = [UserRole::Handler, UserRole::Reviewer, UserRole::Finance, UserRole::Administrator];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            UserRole::Handler => "handler",
            UserRole::Reviewer => "reviewer",
            UserRole::Finance => "finance",
            UserRole::Administrator => "administrator",
        }
    }

    /// The role with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }

    /// Chinese name.
    pub const fn label(self) -> &'static str {
        match self {
            UserRole::Handler => "经办",
            UserRole::Reviewer => "复核",
            UserRole::Finance => "财务",
            UserRole::Administrator => "管理员",
        }
    }

    /// What its holder does.
    pub const fn duties(self) -> &'static str {
        match self {
            UserRole::Handler => "填写、提交本机构的申请",
            UserRole::Reviewer => "审核须由本机构答复的业务",
            UserRole::Finance => "缴费、上传凭证、查看账单",
            UserRole::Administrator => "邀请、停用用户，设置角色",
        }
    }
}

impl GrantStatus {
    /// The status with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Active, Self::Pending, Self::Suspended, Self::Ended].into_iter().find(|status| status.code() == code)
    }

    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            GrantStatus::Active => "active",
            GrantStatus::Pending => "pending",
            GrantStatus::Suspended => "suspended",
            GrantStatus::Ended => "ended",
        }
    }
}
