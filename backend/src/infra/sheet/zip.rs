//! A ZIP archive that is written from the first byte to the last (APPNOTE 6.3): sizes follow each file, and the directory follows all files.
//! Files and archive are smaller than 4 GiB.

use std::io::{self, Write};

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

/// Sizes and checksum follow the file; names are UTF-8.
const FLAGS: u16 = 1 << 3 | 1 << 11;
/// 2.0: the version that reads compressed files.
const VERSION: u16 = 20;
const DEFLATED: u16 = 8;
/// 1980-01-01: the archive does not say when it was made.
const DAY: u16 = 1 << 5 | 1;

/// A file that was written.
struct Entry {
    name: &'static str,
    crc: u32,
    packed: u32,
    length: u32,
    offset: u32,
}

/// Writes an archive.
pub(super) struct ZipWriter {
    written: Vec<u8>,
    /// Bytes taken before.
    taken: usize,
    entries: Vec<Entry>,
}

/// The file that is written now.
pub(super) struct ZipFile {
    name: &'static str,
    encoder: DeflateEncoder<Vec<u8>>,
    crc: Crc,
    packed: usize,
    offset: usize,
}

fn size(bytes: usize) -> io::Result<u32> {
    u32::try_from(bytes).map_err(|_| io::ErrorKind::FileTooLarge.into())
}

fn numbers(bytes: &mut Vec<u8>, short: &[u16]) {
    short.iter().for_each(|number| bytes.extend_from_slice(&number.to_le_bytes()));
}

fn name_length(name: &str) -> u16 {
    u16::try_from(name.len()).unwrap_or(u16::MAX)
}

impl ZipWriter {
    pub(super) fn new() -> Self {
        Self { written: Vec::new(), taken: 0, entries: Vec::new() }
    }

    /// Begins a file.
    pub(super) fn begin(&mut self, name: &'static str) -> ZipFile {
        let offset = self.taken + self.written.len();
        self.written.extend_from_slice(b"PK\x03\x04");
        numbers(&mut self.written, &[VERSION, FLAGS, DEFLATED, 0, DAY]);
        self.written.extend_from_slice(&[0; 12]);
        numbers(&mut self.written, &[name_length(name), 0]);
        self.written.extend_from_slice(name.as_bytes());
        ZipFile { name, encoder: DeflateEncoder::new(Vec::new(), Compression::fast()), crc: Crc::new(), packed: 0, offset }
    }

    /// Adds to a file.
    pub(super) fn write(&mut self, file: &mut ZipFile, text: &str) -> io::Result<()> {
        file.crc.update(text.as_bytes());
        file.encoder.write_all(text.as_bytes())?;
        let packed = std::mem::take(file.encoder.get_mut());
        file.packed += packed.len();
        self.written.extend_from_slice(&packed);
        Ok(())
    }

    /// Ends a file.
    pub(super) fn end(&mut self, file: ZipFile) -> io::Result<()> {
        let rest = file.encoder.finish()?;
        self.written.extend_from_slice(&rest);
        let packed = size(file.packed + rest.len())?;
        let entry = Entry { name: file.name, crc: file.crc.sum(), packed, length: file.crc.amount(), offset: size(file.offset)? };
        self.written.extend_from_slice(b"PK\x07\x08");
        for number in [entry.crc, entry.packed, entry.length] {
            self.written.extend_from_slice(&number.to_le_bytes());
        }
        self.entries.push(entry);
        Ok(())
    }

    /// Takes what was written since the last time.
    pub(super) fn take(&mut self) -> Vec<u8> {
        self.taken += self.written.len();
        std::mem::take(&mut self.written)
    }

    /// Ends the archive; returns the rest of it.
    pub(super) fn finish(mut self) -> io::Result<Vec<u8>> {
        let begin = self.taken + self.written.len();
        for Entry { name, crc, packed, length, offset } in &self.entries {
            self.written.extend_from_slice(b"PK\x01\x02");
            numbers(&mut self.written, &[VERSION, VERSION, FLAGS, DEFLATED, 0, DAY]);
            for number in [crc, packed, length] {
                self.written.extend_from_slice(&number.to_le_bytes());
            }
            // Name, extra field, comment, disk, attributes.
            numbers(&mut self.written, &[name_length(name), 0, 0, 0, 0, 0, 0]);
            self.written.extend_from_slice(&offset.to_le_bytes());
            self.written.extend_from_slice(name.as_bytes());
        }
        let length = size(self.taken + self.written.len() - begin)?;
        let count = u16::try_from(self.entries.len()).unwrap_or(u16::MAX);
        self.written.extend_from_slice(b"PK\x05\x06");
        numbers(&mut self.written, &[0, 0, count, count]);
        for number in [length, size(begin)?] {
            self.written.extend_from_slice(&number.to_le_bytes());
        }
        numbers(&mut self.written, &[0]);
        Ok(self.written)
    }
}
