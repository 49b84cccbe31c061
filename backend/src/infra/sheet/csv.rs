//! CSV (RFC 4180): every cell is quoted, lines end with CRLF.

use super::cell::one_line;

/// So that Excel reads the file as UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";
/// Digits that a spreadsheet program keeps of a number.
const EXACT_DIGITS: usize = 15;

/// Writes CSV.
pub struct CsvWriter {
    written: String,
}

impl CsvWriter {
    pub(super) fn new(heads: &[&str]) -> Self {
        let mut csv = Self { written: BYTE_ORDER_MARK.to_owned() };
        csv.row(heads);
        csv
    }

    pub(super) fn row<T: AsRef<str>>(&mut self, cells: &[T]) {
        for (i, cell) in cells.iter().enumerate() {
            if i > 0 {
                self.written.push(',');
            }
            self.written.push('"');
            let text = one_line(cell.as_ref());
            if becomes_other(&text) {
                self.written.push('\'');
            }
            self.written.push_str(&text.replace('"', "\"\""));
            self.written.push('"');
        }
        self.written.push_str("\r\n");
    }

    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.written).into_bytes()
    }
}

/// Whether a spreadsheet program would take a text for a formula, or for a number that it writes differently. Then an apostrophe precedes it.
fn becomes_other(text: &str) -> bool {
    let is_formula = text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    let is_number = text.chars().all(|c| c.is_ascii_digit()) && (text.len() > 1 && text.starts_with('0') || text.len() > EXACT_DIGITS);
    is_formula || is_number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_stays_the_text_that_it_was() {
        let mut csv = CsvWriter::new(&["编号", "业务"]);
        csv.row(&["2026-N1QMS-4000004", "质量“体系”, \"A\""]);
        csv.row(&["000123", "=HYPERLINK(\"x\")"]);
        csv.row(&["110101199003070073", " +1"]);
        csv.row(&["123", "a\r\nb\u{0}"]);
        let text = String::from_utf8(csv.take()).unwrap();
        assert_eq!(
            text,
            "\u{feff}\"编号\",\"业务\"\r\n\"2026-N1QMS-4000004\",\"质量“体系”, \"\"A\"\"\"\r\n\"'000123\",\"'=HYPERLINK(\"\"x\"\")\"\r\n\
             \"'110101199003070073\",\"' +1\"\r\n\"123\",\"a  b \"\r\n"
        );
        assert!(csv.take().is_empty(), "what was taken is not written again");
    }
}
