//! Content of PDF pages without texts that no page shows: comments, and the properties of marked content, such as `/ActualText`.

use memchr::memmem;

use crate::infra::file::pdf::{is_blank, is_regular};

/// A content stream without comments and without the properties of marked content; those that name a layer stay, as they decide what is
/// shown. `None` if the stream cannot be read to its end.
pub fn without_hidden_texts(content: &[u8]) -> Option<Vec<u8>> {
    let mut scanner = Scanner { content, at: 0 };
    let mut out = Vec::with_capacity(content.len());
    let mut operands: Vec<Vec<u8>> = Vec::new();
    while let Some(token) = scanner.next()? {
        match token {
            Token::Operand(operand) => operands.push(operand),
            Token::Operator(operator) => {
                let shown: &[u8] = match operator {
                    b"BDC" | b"BMC" if !names_layer(&operands) => b"/P BMC",
                    b"DP" | b"MP" => b"/P MP",
                    _ => {
                        operands.iter().for_each(|operand| out.extend([operand.as_slice(), b" "].concat()));
                        operator
                    }
                };
                out.extend([shown, b"\n"].concat());
                operands.clear();
                if operator == b"BI" {
                    out.extend_from_slice(scanner.inline_image()?);
                    out.extend_from_slice(b"EI\n");
                }
            }
        }
    }
    Some(out)
}

/// Whether marked content belongs to a layer that the resources of the page define.
fn names_layer(operands: &[Vec<u8>]) -> bool {
    matches!(operands, [tag, layer] if tag == b"/OC" && layer.starts_with(b"/"))
}

enum Token<'a> {
    /// A number, name, string, array or dictionary, as it is written, without comments.
    Operand(Vec<u8>),
    Operator(&'a [u8]),
}

struct Scanner<'a> {
    content: &'a [u8],
    at: usize,
}

impl<'a> Scanner<'a> {
    /// The next token; `Some(None)` at the end, `None` where one is broken off.
    fn next(&mut self) -> Option<Option<Token<'a>>> {
        self.skip_blanks();
        let Some(first) = self.content.get(self.at).copied() else { return Some(None) };
        if matches!(first, b'/' | b'(' | b'<' | b'[') {
            return self.operand().map(|operand| Some(Token::Operand(operand)));
        }
        let word = self.regular();
        if word.is_empty() {
            return None;
        }
        let is_value = first.is_ascii_digit() || matches!(first, b'+' | b'-' | b'.') || matches!(word, b"true" | b"false" | b"null");
        Some(Some(if is_value { Token::Operand(word.to_vec()) } else { Token::Operator(word) }))
    }

    fn skip_blanks(&mut self) {
        while let Some(byte) = self.content.get(self.at) {
            match byte {
                b'%' => self.at += self.length_until(|byte| matches!(byte, b'\r' | b'\n')),
                byte if is_blank(*byte) => self.at += 1,
                _ => return,
            }
        }
    }

    fn length_until(&self, end: impl Fn(u8) -> bool) -> usize {
        let rest = self.content.get(self.at..).unwrap_or_default();
        rest.iter().position(|byte| end(*byte)).unwrap_or(rest.len())
    }

    fn regular(&mut self) -> &'a [u8] {
        let start = self.at;
        self.at += self.length_until(|byte| !is_regular(byte));
        self.content.get(start..self.at).unwrap_or_default()
    }

    /// A name, string, array or dictionary.
    fn operand(&mut self) -> Option<Vec<u8>> {
        let (mut written, mut open) = (Vec::new(), 0_usize);
        loop {
            let start = self.at;
            match (self.content.get(self.at)?, self.content.get(self.at + 1)) {
                (b'/', _) => {
                    self.at += 1;
                    self.regular();
                }
                (b'(', _) => self.skip_literal()?,
                (b'[', _) => (open, self.at) = (open + 1, self.at + 1),
                (b'<', Some(b'<')) => (open, self.at) = (open + 1, self.at + 2),
                (b'<', _) => {
                    self.at += self.length_until(|byte| byte == b'>') + 1;
                    self.content.get(self.at - 1)?;
                }
                (b']', _) => (open, self.at) = (open.checked_sub(1)?, self.at + 1),
                (b'>', Some(b'>')) => (open, self.at) = (open.checked_sub(1)?, self.at + 2),
                (byte, _) if *byte == b'%' || is_blank(*byte) => {
                    self.skip_blanks();
                    written.push(b' ');
                    continue;
                }
                _ if self.regular().is_empty() => return None,
                _ => {}
            }
            written.extend_from_slice(self.content.get(start..self.at)?);
            if open == 0 {
                return Some(written);
            }
        }
    }

    fn skip_literal(&mut self) -> Option<()> {
        let mut open = 0_usize;
        loop {
            let byte = self.content.get(self.at)?;
            self.at += if *byte == b'\\' { 2 } else { 1 };
            match byte {
                b'(' => open += 1,
                b')' => open -= 1,
                _ => {}
            }
            if open == 0 {
                return Some(());
            }
        }
    }

    /// The entries and data of an inline image after `BI`, up to its `EI`.
    fn inline_image(&mut self) -> Option<&'a [u8]> {
        let start = self.at;
        loop {
            self.skip_blanks();
            match self.next()?? {
                Token::Operator(b"ID") => break,
                Token::Operand(_) => {}
                Token::Operator(_) => return None,
            }
        }
        let data = self.at;
        for found in memmem::find_iter(self.content.get(data..)?, b"EI") {
            let at = data + found;
            let before = self.content.get(at.checked_sub(1)?)?.is_ascii_whitespace();
            let rest = self.content.get(at + 2..).unwrap_or_default();
            // The two letters occur in data as well; what follows them there is seldom text.
            let is_text = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
            if before && rest.first().is_none_or(u8::is_ascii_whitespace) && rest.iter().take(12).all(is_text) {
                self.at = at + 2;
                return self.content.get(start..at);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(content: &str) -> Option<String> {
        without_hidden_texts(content.as_bytes()).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn properties_of_marked_content_and_comments_are_left_out_and_what_is_shown_stays() {
        let content = "q % OUYANG\n/Span<</ActualText(OUYANG)/E (a\\)b) /L[1 (x)]>>BDC BT/F1 9 Tf(a\\(%b)Tj[(A)-12.5<41>]TJ ET EMC\n/OUYANG MP/OUYANG<</A 1>>DP /OUYANG BMC EMC Q";
        let expected = "q\n/P BMC\nBT\n/F1 9 Tf\n(a\\(%b) Tj\n[(A)-12.5<41>] TJ\nET\nEMC\n/P MP\n/P MP\n/P BMC\nEMC\nQ\n";
        assert_eq!(cleaned(content).as_deref(), Some(expected));
    }

    #[test]
    fn a_layer_stays_named_so_that_what_it_hides_stays_hidden() {
        assert_eq!(cleaned("/OC /MC0 BDC f EMC").as_deref(), Some("/OC /MC0 BDC\nf\nEMC\n"));
        assert_eq!(cleaned("/OC <</Title(OUYANG)>> BDC f EMC").as_deref(), Some("/P BMC\nf\nEMC\n"));
    }

    #[test]
    fn an_inline_image_keeps_its_data_whatever_they_look_like() {
        let content = b"q BI /W 2 /H 1 /CS/RGB ID \x00EI\x01\xFF EI\x80%( EI Q".as_slice();
        let written = without_hidden_texts(content).unwrap();
        assert_eq!(written, b"q\nBI\n /W 2 /H 1 /CS/RGB ID \x00EI\x01\xFF EI\x80%( EI\nQ\n");
    }

    #[test]
    fn content_that_is_broken_off_is_not_shown() {
        for content in ["(OUYANG", "<</A 1", "[1 2", "BI /W 1 ID abc", "BI /W 1 Q", ")", "[1 % a"] {
            assert_eq!(cleaned(content), None, "{content}");
        }
        assert_eq!(cleaned("").as_deref(), Some(""));
        assert_eq!(cleaned("[1 % OUYANG\n2] 0 d 7").as_deref(), Some("[1 2] 0 d\n"));
    }
}
