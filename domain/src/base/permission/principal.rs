//! The decision whether a principal may perform an action.

use super::role::{Role, UserRole};
use super::table::{Action, Grantee, PERMISSIONS};

/// The signed-in user of a request, as far as permissions depend on it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Principal {
    /// Whether an active account is signed in.
    pub signed_in: bool,
    /// Roles of the account that are in force today.
    pub roles: Vec<Role>,
    /// Whether the account is a user of an institution that is not closed.
    pub institution_user: bool,
    /// Roles of the account there; of several institutions, in any of them.
    pub user_roles: Vec<UserRole>,
    /// Whether the server runs in demo mode.
    pub demo: bool,
}

/// Whether the table permits this action to the principal. Deny by default.
pub fn allowed(action: Action, principal: &Principal) -> bool {
    PERMISSIONS.iter().filter(|row| row.action == action).any(|row| row.grantees.iter().any(|grantee| includes(*grantee, principal)))
}

/// Whether the principal is among the grantees.
fn includes(grantee: Grantee, principal: &Principal) -> bool {
    match grantee {
        Grantee::Anyone => true,
        Grantee::SignedIn => principal.signed_in,
        Grantee::InstitutionUser => principal.signed_in && principal.institution_user,
        Grantee::HasUserRole(role) => principal.signed_in && principal.institution_user && principal.user_roles.contains(&role),
        Grantee::HasRole(role) => principal.signed_in && principal.roles.contains(&role),
        Grantee::Demo => principal.demo,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn principals() -> Vec<Principal> {
        let mut all = vec![Principal::default()];
        all.push(Principal { signed_in: true, ..Principal::default() });
        all.push(Principal { signed_in: true, institution_user: true, ..Principal::default() });
        for role in UserRole::ALL {
            all.push(Principal { signed_in: true, institution_user: true, user_roles: vec![role], ..Principal::default() });
        }
        for role in Role::ALL {
            all.push(Principal { signed_in: true, roles: vec![role], ..Principal::default() });
        }
        all
    }

    #[test]
    fn each_action_has_exactly_one_rule() {
        for action in Action::ALL {
            assert_eq!(PERMISSIONS.iter().filter(|r| r.action == *action).count(), 1, "{action:?}");
        }
    }

    #[test]
    fn a_principal_who_is_not_signed_in_has_only_public_permissions() {
        let stranger = Principal::default();
        let with_roles =
            Principal { roles: Role::ALL.to_vec(), institution_user: true, user_roles: UserRole::ALL.to_vec(), ..Principal::default() };
        for action in Action::ALL {
            assert_eq!(allowed(*action, &stranger), allowed(*action, &with_roles), "{action:?}");
        }
    }

    #[test]
    fn a_workbench_is_open_only_to_its_own_users() {
        for principal in principals() {
            assert_eq!(allowed(Action::InstitutionWorkbench, &principal), principal.institution_user);
            for (action, role) in [
                (Action::InstitutionMatter, UserRole::Handler),
                (Action::InstitutionBills, UserRole::Finance),
                (Action::InstitutionUsers, UserRole::Administrator),
            ] {
                assert_eq!(allowed(action, &principal), principal.user_roles.contains(&role), "{action:?}");
            }
            assert_eq!(allowed(Action::AssociationWorkbench, &principal), principal.roles.iter().any(|r| r.is_staff()));
        }
    }

    #[test]
    fn a_role_in_an_institution_that_one_has_left_permits_nothing() {
        let former = Principal { signed_in: true, user_roles: UserRole::ALL.to_vec(), ..Principal::default() };
        for action in [Action::InstitutionMatter, Action::InstitutionBills, Action::InstitutionUsers, Action::InstitutionWorkbench] {
            assert!(!allowed(action, &former), "{action:?}");
        }
    }

    #[test]
    fn an_action_without_a_rule_would_be_refused() {
        let principal = Principal { demo: false, ..Principal::default() };
        assert!(!allowed(Action::Demo, &principal));
    }
}
