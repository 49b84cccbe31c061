//! XLSX (ECMA-376): one sheet whose cells are texts in place, with the format of text, so that they remain texts when they are edited.

use std::io;

use super::cell::one_line;
use super::zip::{ZipFile, ZipWriter};

const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const SHEET: &str = "xl/worksheets/sheet1.xml";
/// Most characters of a cell.
const MAX_CELL: usize = 32_767;

/// The parts beside the sheet: name and content.
const PARTS: &[(&str, &str)] = &[
    (
        "[Content_Types].xml",
        "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
         <Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/>\
         <Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>\
         <Override PartName=\"/xl/styles.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml\"/></Types>",
    ),
    (
        "_rels/.rels",
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
         <Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/>\
         </Relationships>",
    ),
    (
        "xl/workbook.xml",
        "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
         xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\">\
         <sheets><sheet name=\"业务\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>",
    ),
    (
        "xl/_rels/workbook.xml.rels",
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
         <Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/>\
         <Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles\" Target=\"styles.xml\"/>\
         </Relationships>",
    ),
    // Style 1 is a text (number format 49), style 2 a head.
    (
        "xl/styles.xml",
        "<styleSheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">\
         <fonts count=\"2\"><font><sz val=\"11\"/></font><font><b/><sz val=\"11\"/></font></fonts>\
         <fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill></fills>\
         <borders count=\"1\"><border/></borders><cellStyleXfs count=\"1\"><xf/></cellStyleXfs>\
         <cellXfs count=\"3\"><xf xfId=\"0\"/><xf numFmtId=\"49\" xfId=\"0\" applyNumberFormat=\"1\"/>\
         <xf numFmtId=\"49\" fontId=\"1\" xfId=\"0\" applyNumberFormat=\"1\" applyFont=\"1\"/></cellXfs></styleSheet>",
    ),
];

/// Writes XLSX.
pub struct XlsxWriter {
    zip: ZipWriter,
    sheet: ZipFile,
    rows: usize,
}

impl XlsxWriter {
    pub(super) fn new(heads: &[&str]) -> io::Result<Self> {
        let mut zip = ZipWriter::new();
        for (name, content) in PARTS {
            let mut part = zip.begin(name);
            zip.write(&mut part, &format!("{XML}{content}"))?;
            zip.end(part)?;
        }
        let mut sheet = zip.begin(SHEET);
        let columns = heads.len();
        zip.write(
            &mut sheet,
            &format!(
                "{XML}<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetViews><sheetView workbookViewId=\"0\">\
                 <pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews>\
                 <cols><col min=\"1\" max=\"{columns}\" width=\"20\" customWidth=\"1\"/></cols><sheetData>"
            ),
        )?;
        let mut xlsx = Self { zip, sheet, rows: 0 };
        xlsx.styled_row(heads, 2)?;
        Ok(xlsx)
    }

    pub(super) fn row<T: AsRef<str>>(&mut self, cells: &[T]) -> io::Result<()> {
        self.styled_row(cells, 1)
    }

    fn styled_row<T: AsRef<str>>(&mut self, cells: &[T], style: u8) -> io::Result<()> {
        self.rows += 1;
        let mut xml = format!("<row r=\"{}\">", self.rows);
        for cell in cells {
            let text: String = one_line(cell.as_ref()).chars().take(MAX_CELL).collect();
            let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            xml.push_str(&format!("<c s=\"{style}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{text}</t></is></c>"));
        }
        xml.push_str("</row>");
        self.zip.write(&mut self.sheet, &xml)
    }

    pub(super) fn take(&mut self) -> Vec<u8> {
        self.zip.take()
    }

    pub(super) fn finish(mut self) -> io::Result<Vec<u8>> {
        self.zip.write(&mut self.sheet, "</sheetData></worksheet>")?;
        self.zip.end(self.sheet)?;
        self.zip.finish()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::Crc;
    use flate2::read::DeflateDecoder;

    use super::*;

    fn number(bytes: &[u8], at: usize) -> usize {
        u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
    }

    /// Name and content of each file, read from the directory as a program that unpacks the archive does.
    fn unpack(archive: &[u8]) -> Vec<(String, String)> {
        let end = archive.len() - 22;
        assert_eq!(&archive[end..end + 4], b"PK\x05\x06");
        let (mut at, mut files) = (number(archive, end + 16), Vec::new());
        assert_eq!(at + number(archive, end + 12), end);
        while at < end {
            let (crc, packed, length) = (number(archive, at + 16), number(archive, at + 20), number(archive, at + 24));
            let (name_length, offset) = (number(archive, at + 28) & 0xffff, number(archive, at + 42));
            let name = String::from_utf8(archive[at + 46..at + 46 + name_length].to_vec()).unwrap();
            let data = offset + 30 + name_length;
            assert_eq!(&archive[offset + 30..data], name.as_bytes());
            let mut content = String::new();
            DeflateDecoder::new(&archive[data..data + packed]).read_to_string(&mut content).unwrap();
            let mut sum = Crc::new();
            sum.update(content.as_bytes());
            assert_eq!((sum.sum() as usize, content.len()), (crc, length), "{name}");
            assert_eq!(number(archive, data + packed + 4), crc, "the descriptor after {name}");
            files.push((name, content));
            at += 46 + name_length;
        }
        files
    }

    #[test]
    fn a_workbook_that_is_taken_in_pieces_holds_every_cell_as_text() {
        let mut xlsx = XlsxWriter::new(&["编号", "业务"]).unwrap();
        let mut archive = xlsx.take();
        for i in 0..5_001 {
            xlsx.row(&[format!("00{i}"), "=1+1 <b>&\u{1}".to_owned()]).unwrap();
            archive.extend(xlsx.take());
        }
        archive.extend(xlsx.finish().unwrap());
        let files = unpack(&archive);
        assert_eq!(files.len(), PARTS.len() + 1);
        let sheet = &files.iter().find(|(name, _)| name == SHEET).unwrap().1;
        assert_eq!(sheet.matches("<row ").count(), 5_002);
        assert!(sheet.contains("<row r=\"5002\"><c s=\"1\" t=\"inlineStr\"><is><t xml:space=\"preserve\">005000</t></is></c>"));
        assert!(sheet.contains(">=1+1 &lt;b&gt;&amp; </t>") && !sheet.contains("<f>"), "no formula");
    }
}
