//! View components shared by all pages. CSS classes occur only here and in `style/`.

mod case;
mod certificate;
mod choice;
mod command_rows;
mod form;
mod frame;
mod icon;
mod list;
mod message;
mod navigation;
mod overview;
mod page;
mod print;
mod table;

pub use case::*;
pub use certificate::*;
pub use choice::*;
pub use command_rows::*;
pub use form::*;
pub use frame::*;
pub use icon::*;
pub use list::*;
pub use message::*;
pub use navigation::*;
pub use overview::*;
pub use page::*;
pub use print::*;
pub use table::*;
