//! PDF documents, drawn with krilla and written as PDF/A-2u. The callers decide the layout of a page.

mod coverage;
pub mod document;
pub mod error;
pub mod font;
pub mod renderer;

pub use document::{Colour, PageSize, Photo, SinglePage, TextStyle, draw_document};
pub use error::PdfError;
pub use renderer::{FONT_FILES, FontData, PdfRenderer};
