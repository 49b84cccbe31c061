//! 专家评价: assigned matters and their evaluation (docs/manual.md 3.1.5).

#[cfg(feature = "ssr")]
mod cases;
#[cfg(feature = "ssr")]
mod evaluation;
#[cfg(feature = "ssr")]
mod given;
pub mod opinion;

#[cfg(feature = "ssr")]
pub use cases::{cases, centre};
#[cfg(feature = "ssr")]
pub use evaluation::{save, show};
