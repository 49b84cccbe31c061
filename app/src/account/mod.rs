//! Pages of accounts: log-in, registration, recovery of the password.

mod islands;

pub use islands::*;

#[cfg(feature = "ssr")]
pub mod login;
#[cfg(feature = "ssr")]
pub mod recover;
#[cfg(feature = "ssr")]
pub mod register;
#[cfg(feature = "ssr")]
pub mod terms;
