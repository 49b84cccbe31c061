//! 账号: the registration form and its rules (docs/manual.md 2).

mod code;
mod signup;

pub use code::{CodeRefusal, Purpose, SendRefusal};
pub use signup::{NewAccount, SignupError, SignupForm, validate};
