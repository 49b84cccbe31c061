//! The table of actions.

use super::role::{Role, UserRole};

/// An action that needs a permission. Each route and each server function names exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Home page, help, public verification of a certificate.
    Public,
    /// Signing in, registering, recovering a password.
    SignIn,
    /// Ending the session.
    SignOut,
    /// 个人中心: own matters, messages, library.
    PersonalCentre,
    /// 账号与安全: password, contact data and sessions of the own account.
    OwnAccount,
    /// Beginning and editing an own matter.
    OwnMatter,
    /// Reading a matter, and the commands that its flow opens to the caller's parties.
    Matter,
    /// 显示完整证件号 of the applicant of a matter, with a reason.
    FullIdentity,
    /// The workbench of an institution.
    InstitutionWorkbench,
    /// Beginning a matter on behalf of an institution.
    InstitutionMatter,
    /// 机构缴费.
    InstitutionBills,
    /// 用户 of an institution: invitations and roles.
    InstitutionUsers,
    /// The workbench of the association.
    AssociationWorkbench,
    /// 证书处置: certificates as officers handle them, and proposals of measures.
    Dispositions,
    /// 培训: course categories.
    Training,
    /// Vouchers, refunds and invoices.
    Payments,
    /// 专家评价.
    ExpertWorkbench,
    /// Accounts and roles.
    Accounts,
    /// 机构管理: institutions and their state.
    Institutions,
    /// Pages of the demo mode.
    Demo,
}

impl Action {
    /// Every action.
    pub const ALL: &'static [Action] = &[
        Action::Public,
        Action::SignIn,
        Action::SignOut,
        Action::PersonalCentre,
        Action::OwnAccount,
        Action::OwnMatter,
        Action::Matter,
        Action::FullIdentity,
        Action::InstitutionWorkbench,
        Action::InstitutionMatter,
        Action::InstitutionBills,
        Action::InstitutionUsers,
        Action::AssociationWorkbench,
        Action::Dispositions,
        Action::Training,
        Action::Payments,
        Action::ExpertWorkbench,
        Action::Accounts,
        Action::Institutions,
        Action::Demo,
    ];
}

/// Who may perform an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grantee {
    /// Everyone, signed in or not.
    Anyone,
    /// Any signed-in user.
    SignedIn,
    /// Users of an institution, whatever their roles.
    InstitutionUser,
    /// Users who have this role in an institution.
    HasUserRole(UserRole),
    /// Holders of this role.
    HasRole(Role),
    /// Anyone, on a demo server.
    Demo,
}

/// One line of the table.
#[derive(Debug)]
pub struct PermissionRule {
    /// The action that the row permits.
    pub action: Action,
    /// Who may perform it; any of these suffices.
    pub grantees: &'static [Grantee],
}

const fn row(action: Action, grantees: &'static [Grantee]) -> PermissionRule {
    PermissionRule { action, grantees }
}

/// The permission table: one row for each action.
pub const PERMISSIONS: &[PermissionRule] = &[
    row(Action::Public, &[Grantee::Anyone]),
    row(Action::SignIn, &[Grantee::Anyone]),
    row(Action::SignOut, &[Grantee::Anyone]),
    row(Action::PersonalCentre, &[Grantee::SignedIn]),
    row(Action::OwnAccount, &[Grantee::SignedIn]),
    row(Action::OwnMatter, &[Grantee::SignedIn]),
    row(Action::Matter, &[Grantee::SignedIn]),
    row(
        Action::FullIdentity,
        &[Grantee::HasUserRole(UserRole::Reviewer), Grantee::HasRole(Role::Officer), Grantee::HasRole(Role::Approver)],
    ),
    row(Action::InstitutionWorkbench, &[Grantee::InstitutionUser]),
    row(Action::InstitutionMatter, &[Grantee::HasUserRole(UserRole::Handler)]),
    row(Action::InstitutionBills, &[Grantee::HasUserRole(UserRole::Finance)]),
    row(Action::InstitutionUsers, &[Grantee::HasUserRole(UserRole::Administrator)]),
    row(
        Action::AssociationWorkbench,
        &[
            Grantee::HasRole(Role::Officer),
            Grantee::HasRole(Role::Approver),
            Grantee::HasRole(Role::Finance),
            Grantee::HasRole(Role::Examiner),
            Grantee::HasRole(Role::Admin),
        ],
    ),
    row(Action::Dispositions, &[Grantee::HasRole(Role::Officer)]),
    row(Action::Training, &[Grantee::HasRole(Role::Officer), Grantee::HasRole(Role::Admin)]),
    row(Action::Payments, &[Grantee::HasRole(Role::Finance)]),
    row(Action::ExpertWorkbench, &[Grantee::HasRole(Role::Expert)]),
    row(Action::Accounts, &[Grantee::HasRole(Role::Admin)]),
    row(Action::Institutions, &[Grantee::HasRole(Role::Admin)]),
    row(Action::Demo, &[Grantee::Demo]),
];
