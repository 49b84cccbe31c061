//! The headers of the parts of a multipart form, made readable before they are parsed. Names of files come in any encoding and with any byte;
//! a name must not make the whole form unreadable.

use encoding_rs::GB18030;
use memchr::memmem;

/// Maximum size of the headers of one part, in bytes. Longer ones are handed on as they are, and refused by the parser.
const HEADERS_MAX: usize = 64 * 1024;
const END: &[u8] = b"\r\n\r\n";

/// Text in the encoding of its sender: UTF-8, or that of older Chinese systems.
pub fn decode_name(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => GB18030.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// Rewrites the headers of all parts of a body that arrives in pieces.
pub struct PartHeaders {
    delimiter: Vec<u8>,
    waiting: Vec<u8>,
    /// Bytes in front of the body that are not of it.
    lead: usize,
    in_headers: bool,
}

impl PartHeaders {
    /// For a body with this boundary.
    pub fn new(boundary: &str) -> Self {
        // The first boundary has no line before it.
        Self { delimiter: format!("\r\n--{boundary}").into_bytes(), waiting: b"\r\n".to_vec(), lead: 2, in_headers: false }
    }

    /// Takes a piece of the body; returns what can be handed on.
    pub fn push(&mut self, piece: &[u8]) -> Vec<u8> {
        self.waiting.extend_from_slice(piece);
        let mut out = Vec::with_capacity(self.waiting.len());
        while if self.in_headers { self.take_headers(&mut out) } else { self.take_content(&mut out) } {}
        self.without_lead(out)
    }

    /// The rest of the body.
    pub fn finish(&mut self) -> Vec<u8> {
        let rest = std::mem::take(&mut self.waiting);
        self.without_lead(rest)
    }

    fn without_lead(&mut self, mut out: Vec<u8>) -> Vec<u8> {
        let lead = self.lead.min(out.len());
        self.lead -= lead;
        out.drain(..lead);
        out
    }

    /// Hands on content up to the next boundary; returns whether one was found.
    fn take_content(&mut self, out: &mut Vec<u8>) -> bool {
        let found = memmem::find(&self.waiting, &self.delimiter);
        let whole = found.map_or(self.waiting.len().saturating_sub(self.delimiter.len() - 1), |at| at + self.delimiter.len());
        out.extend(self.waiting.drain(..whole));
        self.in_headers = found.is_some();
        self.in_headers
    }

    /// Hands on the headers of a part when they are whole; returns whether they were.
    fn take_headers(&mut self, out: &mut Vec<u8>) -> bool {
        // After the last boundary, and after bytes that only look like one.
        if self.waiting.len() >= 2 && !self.waiting.starts_with(b"\r\n") {
            self.in_headers = false;
            return true;
        }
        match memmem::find(&self.waiting, END) {
            Some(at) => {
                let headers: Vec<u8> = self.waiting.drain(..at).collect();
                out.extend(readable(&headers));
            }
            None if self.waiting.len() > HEADERS_MAX => out.append(&mut self.waiting),
            None => return false,
        }
        self.in_headers = false;
        true
    }
}

/// Headers in UTF-8, with a blank for each control character that does not end a line of headers.
fn readable(headers: &[u8]) -> Vec<u8> {
    let text = decode_name(headers);
    let (mut out, mut quoted, mut last) = (String::with_capacity(text.len()), false, ' ');
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if last != '\\' => {
                quoted = !quoted;
                out.push(c);
            }
            '\r' if !quoted && chars.peek() == Some(&'\n') => {
                chars.next();
                out.push_str("\r\n");
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
        last = c;
    }
    out.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &[u8]) -> Vec<u8> {
        [
            b"--X\r\nContent-Disposition: form-data; name=\"f\"; filename=\"".as_slice(),
            name,
            b"\"\r\nContent-Type: image/jpeg\r\n\r\n\0\x01--X\n\x02\r\n--X",
        ]
        .concat()
    }

    fn rewritten(body: &[u8], piece: usize) -> Vec<u8> {
        let mut headers = PartHeaders::new("X");
        let mut out: Vec<u8> = body.chunks(piece).flat_map(|piece| headers.push(piece)).collect();
        out.extend(headers.finish());
        out
    }

    #[test]
    fn names_become_readable_and_content_stays_as_it_is_however_the_body_is_cut() {
        for (name, plain) in [
            (&b"a\nb.pdf"[..], "a b.pdf"),
            (b"a\0b.pdf", "a b.pdf"),
            (b"a\r\nb.pdf", "a  b.pdf"),
            (b"\xD6\xA4\xCA\xE9.pdf", "证书.pdf"),
            ("证书.pdf".as_bytes(), "证书.pdf"),
            (b"a\x7F\x1B.pdf", "a  .pdf"),
        ] {
            let body = [part(name), b"--".to_vec()].concat();
            let expected = [part(plain.as_bytes()), b"--".to_vec()].concat();
            for piece in [1, 2, 7, 1000] {
                assert_eq!(rewritten(&body, piece), expected, "{plain} in pieces of {piece}");
            }
        }
    }

    #[test]
    fn what_only_looks_like_a_boundary_is_content() {
        let body = b"--X\r\nA: b\r\n\r\n\r\n--Xy \0 \r\n--X--\r\n";
        assert_eq!(rewritten(body, 3), body);
        let endless = [b"--X\r\n".as_slice(), &[b'a'; HEADERS_MAX + 10]].concat();
        assert_eq!(rewritten(&endless, 1000), endless);
    }
}
