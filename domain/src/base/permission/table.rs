//! The table of actions.

use super::Role;

/// Something that can be asked of the server as a whole. Each route and each server function names exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Entry, help, public check of a certificate.
    Public,
    /// Signing in, registering, recovering a password.
    Enter,
    /// Ending the session.
    Leave,
    /// One's own centre, matters, messages, library.
    OwnCentre,
    /// Beginning and editing a matter of one's own.
    OwnMatter,
    /// Reading a matter, and doing at it what its flow opens to the hat one wears.
    Matter,
    /// The desk of an institution.
    InstitutionDesk,
    /// Beginning a matter at the desk of an institution.
    InstitutionMatter,
    /// The desk of the association.
    AssociationDesk,
    /// Vouchers, refunds and invoices.
    Payments,
    /// 专家评价.
    ExpertDesk,
    /// Accounts and roles.
    Accounts,
    /// The demo's own pages.
    Demo,
}

impl Action {
    /// Every action.
    pub const ALL: &'static [Action] = &[
        Action::Public,
        Action::Enter,
        Action::Leave,
        Action::OwnCentre,
        Action::OwnMatter,
        Action::Matter,
        Action::InstitutionDesk,
        Action::InstitutionMatter,
        Action::AssociationDesk,
        Action::Payments,
        Action::ExpertDesk,
        Action::Accounts,
        Action::Demo,
    ];
}

/// Who an action is open to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Anyone.
    Anyone,
    /// Whoever is signed in.
    SignedIn,
    /// Users of an institution.
    InstitutionUser,
    /// Holders of a role.
    Holds(Role),
    /// Anyone, on a demo server.
    Demo,
}

/// One line of the table.
#[derive(Debug)]
pub struct Rule {
    /// The action.
    pub action: Action,
    /// Who may.
    pub who: &'static [Who],
}

const fn rule(action: Action, who: &'static [Who]) -> Rule {
    Rule { action, who }
}

/// The table.
pub const RULES: &[Rule] = &[
    rule(Action::Public, &[Who::Anyone]),
    rule(Action::Enter, &[Who::Anyone]),
    rule(Action::Leave, &[Who::Anyone]),
    rule(Action::OwnCentre, &[Who::SignedIn]),
    rule(Action::OwnMatter, &[Who::SignedIn]),
    rule(Action::Matter, &[Who::SignedIn]),
    rule(Action::InstitutionDesk, &[Who::InstitutionUser]),
    rule(Action::InstitutionMatter, &[Who::InstitutionUser]),
    rule(
        Action::AssociationDesk,
        &[
            Who::Holds(Role::Officer),
            Who::Holds(Role::Approver),
            Who::Holds(Role::Finance),
            Who::Holds(Role::Examiner),
            Who::Holds(Role::Admin),
        ],
    ),
    rule(Action::Payments, &[Who::Holds(Role::Finance)]),
    rule(Action::ExpertDesk, &[Who::Holds(Role::Expert)]),
    rule(Action::Accounts, &[Who::Holds(Role::Admin)]),
    rule(Action::Demo, &[Who::Demo]),
];
