//! The settings: defaults, overridden by `Leptos.toml` (location of the built files), by one settings file, and by the environment.
//! A wrong setting is refused with one sentence, which never repeats a secret.

mod alipay;
mod bank;
mod environment;
mod leptos;
mod log;
mod operator;
mod settings;
mod url;
mod values;

pub use alipay::{Alipay, ORIGIN as ALIPAY_ORIGIN};
pub use environment::{Environment, StartupError};
pub use leptos::Leptos;
pub use log::LogSettings;
pub use settings::Config;
pub use url::{DatabaseUrl, PublicUrl, SmtpUrl};

#[cfg(test)]
mod tests;
