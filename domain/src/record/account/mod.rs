//! 账号: what is asked of someone who registers, and the rules for it (manual 2).

mod code;
mod signup;

pub use code::{CodeRefusal, Purpose, SendRefusal};
pub use signup::{Fault, Signup, Typed, judge};
