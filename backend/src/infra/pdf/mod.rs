//! PDF documents: drawn with krilla, archived as PDF/A-2u. What stands where on a page is decided by its users.

pub mod document;
pub mod error;
pub mod font;
pub mod renderer;

pub use document::{Colour, PageSize, Photo, SinglePage, TextStyle, draw_document};
pub use error::PdfError;
pub use renderer::{FONT_FILES, FontData, PdfRenderer};
