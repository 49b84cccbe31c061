//! The small set of view components pages are made of. Classes stand here and in `style/`, so that a page reads as content.

mod certificate;
mod form;
mod frame;
mod list;
mod page;

pub use certificate::*;
pub use form::*;
pub use frame::*;
pub use list::*;
pub use page::*;
