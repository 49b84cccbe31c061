//! Tables as files for spreadsheet programs, written row by row: CSV and XLSX. What is written is taken away in pieces, so that a long table
//! needs no memory. Every cell is a text and stays one.

mod cell;
mod csv;
mod xlsx;
mod zip;

use std::io;

use self::csv::CsvWriter;
use self::xlsx::XlsxWriter;

/// Format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SheetFormat {
    /// Values separated by commas, in UTF-8 with a mark of the byte order, as Excel reads it.
    Csv,
    /// A workbook of Office Open XML (ECMA-376).
    Xlsx,
}

impl SheetFormat {
    /// Code, which is also the extension of the file name.
    pub fn code(self) -> &'static str {
        match self {
            SheetFormat::Csv => "csv",
            SheetFormat::Xlsx => "xlsx",
        }
    }

    /// The format of a code.
    pub fn by_code(code: &str) -> Option<Self> {
        [SheetFormat::Csv, SheetFormat::Xlsx].into_iter().find(|format| format.code() == code)
    }

    /// Media type.
    pub fn mime(self) -> &'static str {
        match self {
            SheetFormat::Csv => "text/csv; charset=utf-8",
            SheetFormat::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

/// Writes a table.
pub enum SheetWriter {
    /// As CSV.
    Csv(CsvWriter),
    /// As XLSX.
    Xlsx(Box<XlsxWriter>),
}

impl SheetWriter {
    /// Begins a table with its heads.
    ///
    /// # Errors
    /// The compression.
    pub fn new(format: SheetFormat, heads: &[&str]) -> io::Result<Self> {
        Ok(match format {
            SheetFormat::Csv => SheetWriter::Csv(CsvWriter::new(heads)),
            SheetFormat::Xlsx => SheetWriter::Xlsx(Box::new(XlsxWriter::new(heads)?)),
        })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// The compression.
    pub fn row<T: AsRef<str>>(&mut self, cells: &[T]) -> io::Result<()> {
        match self {
            SheetWriter::Csv(csv) => {
                csv.row(cells);
                Ok(())
            }
            SheetWriter::Xlsx(xlsx) => xlsx.row(cells),
        }
    }

    /// Takes what was written since the last time.
    pub fn take(&mut self) -> Vec<u8> {
        match self {
            SheetWriter::Csv(csv) => csv.take(),
            SheetWriter::Xlsx(xlsx) => xlsx.take(),
        }
    }

    /// Ends the table; returns the rest of the file.
    ///
    /// # Errors
    /// The compression.
    pub fn finish(self) -> io::Result<Vec<u8>> {
        match self {
            SheetWriter::Csv(mut csv) => Ok(csv.take()),
            SheetWriter::Xlsx(xlsx) => xlsx.finish(),
        }
    }
}
