//! 账号: the registration form and its rules (docs/manual.md 2), and the registered identity.

mod code;
mod identity;
mod signup;

pub use code::{CodeRefusal, Purpose, SendRefusal};
pub use identity::{DocumentIdentity, IdentityChange, RegisteredIdentity};
pub use signup::{NewAccount, SignupError, SignupForm, TypedDocument, read_document, validate, validate_field};
