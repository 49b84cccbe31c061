//! Certificate PDFs on A4 with photo and QR code.

pub mod error;
pub mod file;
pub mod layout;
pub mod printable;

pub use error::PrintError;
pub use file::certificate_file;
pub use layout::CertificateSheet;
pub use printable::missing_letters;

#[cfg(test)]
mod holder_tests;
#[cfg(test)]
mod tests;
