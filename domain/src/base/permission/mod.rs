//! Permissions: roles, actions, and the table that grants actions to roles.
//!
//! The server asks this table before anything is read or written, and refuses an action without an entry. What an account may do with
//! *one* matter follows from its parties in that matter ([`crate::engine::flow::Party`]).

mod principal;
mod role;
mod table;

pub use principal::{Principal, allowed};
pub use role::{GrantStatus, InstitutionRole, Role, UserRole};
pub use table::{Action, Grantee, PERMISSIONS, PermissionRule};
