//! What reading one PDF may cost in all. A limit for each stream would not do: a small file may have thousands of them.

use crate::infra::file::error::FileError;

/// Decompressed bytes of all object streams and tables of one file, each counted as often as it is read.
const STRUCTURE: usize = 32 << 20;
/// Decompressed bytes of all that draws the pages of one file.
const CONTENT: usize = 64 << 20;
/// Values of all objects of one file; the library needs more than a hundred bytes for each.
const PARTS: usize = 1 << 20;

/// What is left for one file.
pub struct PdfBudget {
    bytes: usize,
    parts: usize,
}

impl PdfBudget {
    /// For the objects of a file.
    pub fn for_structure() -> Self {
        Self { bytes: STRUCTURE, parts: PARTS }
    }

    /// For the content of its pages.
    pub fn for_content() -> Self {
        Self { bytes: CONTENT, parts: 0 }
    }

    /// Bytes that may still be decompressed.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Values that may still be read; the lexer counts them down.
    pub fn parts(&mut self) -> &mut usize {
        &mut self.parts
    }

    /// Takes decompressed bytes.
    ///
    /// # Errors
    /// [`FileError::Inflated`] when they are more than is left.
    pub fn take_bytes(&mut self, bytes: usize) -> Result<(), FileError> {
        self.bytes = self.bytes.checked_sub(bytes).ok_or(FileError::Inflated)?;
        Ok(())
    }

    /// Takes bytes of objects that were read.
    ///
    /// # Errors
    /// [`FileError::Inflated`] when they, or their values, are more than is left.
    pub fn take(&mut self, bytes: usize) -> Result<(), FileError> {
        self.take_bytes(bytes)?;
        self.check()
    }

    /// Whether values may still be read.
    ///
    /// # Errors
    /// [`FileError::Inflated`] when none may.
    pub fn check(&self) -> Result<(), FileError> {
        if self.parts == 0 { Err(FileError::Inflated) } else { Ok(()) }
    }
}
