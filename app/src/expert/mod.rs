//! 专家评价: the cases put before an expert, and the evaluation of one (manual 3.1.5).

#[cfg(feature = "ssr")]
mod cases;
#[cfg(feature = "ssr")]
mod evaluation;
pub mod opinion;

#[cfg(feature = "ssr")]
pub use cases::{appeals, centre, registrations};
#[cfg(feature = "ssr")]
pub use evaluation::{save, show};
