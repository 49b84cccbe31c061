//! Pages of accounts: log-in, registration, recovery of the password.

mod islands;

pub use islands::*;

#[cfg(feature = "ssr")]
mod entry;
#[cfg(feature = "ssr")]
pub mod forgotten_name;
#[cfg(feature = "ssr")]
mod interrupted;
#[cfg(feature = "ssr")]
pub mod login;
#[cfg(feature = "ssr")]
mod proof;
#[cfg(feature = "ssr")]
pub mod recover;
#[cfg(feature = "ssr")]
pub mod register;
#[cfg(feature = "ssr")]
pub mod register_field;
#[cfg(feature = "ssr")]
pub mod second_factor;
#[cfg(feature = "ssr")]
pub mod terms;
