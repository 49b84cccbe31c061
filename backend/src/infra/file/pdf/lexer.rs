//! The objects of a PDF as they are written. Unlike a parser for display it keeps every entry of a dictionary, also those whose key occurs
//! twice, of which readers use the first or the last.

use memchr::memmem::find;

use super::budget::PdfBudget;
use crate::infra::file::error::FileError;

/// Maximum depth of arrays and dictionaries.
const DEPTH: usize = 120;

/// A part of an object.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// A dictionary, or that of a stream, with all its entries in order.
    Dictionary(Vec<(Vec<u8>, Node)>),
    /// An array.
    Array(Vec<Node>),
    /// A name, decoded.
    Name(Vec<u8>),
    /// A string, decoded.
    Text(Vec<u8>),
    /// An integer.
    Integer(i64),
    /// A reference to the object with this number.
    Reference(u32),
    /// Anything else.
    Other,
}

impl Node {
    /// All values of a key of a dictionary.
    pub fn values<'a>(&'a self, key: &'a [u8]) -> impl Iterator<Item = &'a Node> {
        self.entries().iter().filter(move |(own, _)| own == key).map(|(_, value)| value)
    }

    /// The entries of a dictionary; none of other nodes.
    pub fn entries(&self) -> &[(Vec<u8>, Node)] {
        match self {
            Node::Dictionary(entries) => entries,
            _ => &[],
        }
    }

    /// Whether a key has this name as one of its direct values.
    pub fn is_named(&self, key: &[u8], name: &[u8]) -> bool {
        self.values(key).any(|value| matches!(value, Node::Name(own) if own == name))
    }

    /// The first direct integer of a key.
    pub fn integer(&self, key: &[u8]) -> Option<i64> {
        self.values(key).find_map(|value| if let Node::Integer(number) = value { Some(*number) } else { None })
    }
}

/// An object with a number.
pub struct Found {
    /// Number of the object.
    pub number: u32,
    /// Where its number stands.
    pub start: usize,
    /// Its content; `None` if it cannot be read.
    pub node: Option<Node>,
    /// Where the data of a stream stands.
    pub stream: Option<std::ops::Range<usize>>,
    /// Whether it ends as objects end.
    pub whole: bool,
    /// The first byte after it.
    pub end: usize,
}

/// All objects and trailers of a file outside streams, whether a table names them or not.
pub struct Scan {
    /// Objects, in their order in the file.
    pub objects: Vec<Found>,
    /// Trailers, and dictionaries of cross-reference streams.
    pub trailers: Vec<Node>,
}

/// Finds all objects. `parts`: how many values may still be read; what comes after them is not found.
pub fn scan(bytes: &[u8], parts: &mut usize) -> Scan {
    let (mut objects, mut trailers, mut at) = (Vec::new(), Vec::new(), 0);
    while *parts > 0
        && let Some(found) = next_object(bytes, at, parts)
    {
        trailers.extend(trailers_in(bytes, at, found.start, parts));
        if let Some(node) = found.node.as_ref().filter(|node| node.is_named(b"Type", b"XRef")) {
            trailers.push(node.clone());
        }
        at = found.end;
        objects.push(found);
    }
    trailers.extend(trailers_in(bytes, at, bytes.len(), parts));
    Scan { objects, trailers }
}

/// The object whose number stands at an offset, after blanks.
pub fn object_at(bytes: &[u8], offset: usize, parts: &mut usize) -> Option<Found> {
    let mut lexer = Lexer { bytes, at: offset, parts };
    lexer.skip_blanks();
    let start = lexer.at;
    let number = u32::try_from(lexer.integer()?).ok()?;
    lexer.skip_blanks();
    lexer.integer()?;
    lexer.skip_blanks();
    let at = lexer.at + b"obj".len();
    lexer.word(b"obj").then(|| read_object(bytes, number, start, at, parts))
}

/// The integers that follow each other from an offset on, two at most, each with the first byte after it.
pub fn integers_at(bytes: &[u8], offset: usize) -> Vec<(i64, usize)> {
    let mut lexer = Lexer { bytes, at: offset, parts: &mut 0 };
    let numbers = std::iter::from_fn(|| {
        lexer.skip_blanks();
        lexer.integer().map(|number| (number, lexer.at))
    });
    numbers.take(2).collect()
}

/// The trailer whose word stands at an offset, after blanks, and the first byte after it.
pub fn trailer_after(bytes: &[u8], offset: usize, parts: &mut usize) -> Option<(Node, usize)> {
    let mut lexer = Lexer { bytes, at: offset, parts };
    lexer.skip_blanks();
    let node = if lexer.word(b"trailer") { lexer.object(DEPTH)? } else { return None };
    Some((node, lexer.at))
}

/// The objects of an object stream: numbers and contents. Its head may lead to the same place often, and each is read again.
///
/// # Errors
/// [`FileError::Torn`] if it is not one; [`FileError::Inflated`] if reading them costs more than is left.
pub fn objects_in_stream(content: &[u8], first: usize, budget: &mut PdfBudget) -> Result<Vec<(u32, Option<Node>)>, FileError> {
    let mut head = Lexer { bytes: content.get(..first).ok_or(FileError::Torn)?, at: 0, parts: &mut 0 };
    let mut objects = Vec::new();
    loop {
        head.skip_blanks();
        let Some(number) = head.integer() else { return Ok(objects) };
        head.skip_blanks();
        let offset = head.integer().and_then(|offset| usize::try_from(offset).ok());
        let at = offset.and_then(|offset| first.checked_add(offset)).ok_or(FileError::Torn)?;
        let mut lexer = Lexer { bytes: content, at, parts: budget.parts() };
        let node = lexer.object(DEPTH);
        let length = lexer.at.saturating_sub(at);
        budget.take(length)?;
        objects.push((u32::try_from(number).map_err(|_| FileError::Torn)?, node));
    }
}

/// Where the objects of an object stream begin.
pub fn first_of(node: &Node) -> Option<usize> {
    node.integer(b"First").and_then(|first| usize::try_from(first).ok())
}

fn next_object(bytes: &[u8], from: usize, parts: &mut usize) -> Option<Found> {
    let mut at = from;
    loop {
        let word = at + find(bytes.get(at..)?, b"obj")?;
        if let Some((number, start)) = number_before(bytes, word).filter(|(_, start)| *start >= from) {
            return Some(read_object(bytes, number, start, word + 3, parts));
        }
        at = word + 3;
    }
}

/// The number of an object and where it stands, read backwards from the word `obj`.
fn number_before(bytes: &[u8], word: usize) -> Option<(u32, usize)> {
    let before = |end: usize, test: fn(u8) -> bool| {
        let part = bytes.get(..end).unwrap_or_default();
        part.iter().rposition(|byte| !test(*byte)).map_or(0, |at| at + 1)
    };
    let digit: fn(u8) -> bool = |byte| byte.is_ascii_digit();
    let generation_end = before(word, is_blank);
    let generation = before(generation_end, digit);
    let number_end = before(generation, is_blank);
    let number = before(number_end, digit);
    let apart = generation < generation_end && number_end < generation && number < number_end;
    let text = std::str::from_utf8(bytes.get(number..number_end)?).ok()?;
    apart.then(|| text.parse().ok().map(|value| (value, number)))?
}

/// Reads an object whose content begins at `at`.
fn read_object(bytes: &[u8], number: u32, start: usize, at: usize, parts: &mut usize) -> Found {
    let mut lexer = Lexer { bytes, at, parts };
    let node = lexer.object(DEPTH);
    lexer.skip_blanks();
    let mut found = Found { number, start, node, stream: None, whole: false, end: lexer.at.max(at) };
    if lexer.word(b"stream") {
        let (data, ended) = stream_data(bytes, lexer.at, found.node.as_ref().and_then(|node| node.integer(b"Length")));
        found.end = data.end;
        found.stream = Some(data);
        lexer.at = found.end;
        lexer.skip_blanks();
        found.whole = ended && lexer.word(b"endstream");
        found.end = lexer.at.max(found.end);
    } else {
        found.whole = lexer.word(b"endobj");
        found.end = lexer.at.max(found.end);
    }
    found
}

/// The data of a stream after its word, and whether its end was found. A length that does not lead to the end counts for nothing.
fn stream_data(bytes: &[u8], word_end: usize, length: Option<i64>) -> (std::ops::Range<usize>, bool) {
    let start = match bytes.get(word_end..) {
        Some([b'\r', b'\n', ..]) => word_end + 2,
        Some([b'\n' | b'\r', ..]) => word_end + 1,
        _ => word_end,
    };
    let by_length = length.and_then(|length| start.checked_add(usize::try_from(length).ok()?)).filter(|end| {
        let rest = bytes.get(*end..).unwrap_or_default();
        rest.trim_ascii_start().starts_with(b"endstream")
    });
    let by_word = || find(bytes.get(start..).unwrap_or_default(), b"endstream").map(|at| start + at);
    match by_length.or_else(by_word) {
        Some(end) => (start..end, true),
        None => (start..bytes.len(), false),
    }
}

fn trailers_in(bytes: &[u8], from: usize, to: usize, parts: &mut usize) -> Vec<Node> {
    let (mut trailers, mut at) = (Vec::new(), from);
    while let Some(found) = bytes.get(at..to).and_then(|gap| find(gap, b"trailer")) {
        at += found + b"trailer".len();
        trailers.extend(Lexer { bytes, at, parts }.object(DEPTH).filter(|node| matches!(node, Node::Dictionary(_))));
    }
    trailers
}

struct Lexer<'a, 'p> {
    bytes: &'a [u8],
    at: usize,
    /// How many values may still be read.
    parts: &'p mut usize,
}

impl Lexer<'_, '_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Skips white space and comments.
    fn skip_blanks(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b'%' => self.at += self.rest().iter().position(|b| matches!(b, b'\r' | b'\n')).unwrap_or(self.rest().len()),
                byte if is_blank(byte) => self.at += 1,
                _ => return,
            }
        }
    }

    /// Skips a word if it stands here.
    fn word(&mut self, word: &[u8]) -> bool {
        let here = self.rest().starts_with(word);
        self.at += if here { word.len() } else { 0 };
        here
    }

    fn regular(&mut self) -> &[u8] {
        let length = self.rest().iter().position(|byte| !is_regular(*byte)).unwrap_or(self.rest().len());
        let start = self.at;
        self.at += length;
        self.bytes.get(start..self.at).unwrap_or_default()
    }

    fn integer(&mut self) -> Option<i64> {
        let before = self.at;
        let number = std::str::from_utf8(self.regular()).ok().and_then(|text| text.parse().ok());
        if number.is_none() {
            self.at = before;
        }
        number
    }

    fn object(&mut self, depth: usize) -> Option<Node> {
        *self.parts = self.parts.checked_sub(1)?;
        self.skip_blanks();
        match (self.peek()?, self.bytes.get(self.at + 1)) {
            (b'<', Some(b'<')) => self.dictionary(depth.checked_sub(1)?),
            (b'<', _) => Some(Node::Text(self.hexadecimal())),
            (b'(', _) => Some(Node::Text(self.literal()?)),
            (b'[', _) => self.array(depth.checked_sub(1)?),
            (b'/', _) => Some(Node::Name(self.name())),
            (byte, _) if is_regular(byte) => Some(self.number_or_word()),
            _ => None,
        }
    }

    fn dictionary(&mut self, depth: usize) -> Option<Node> {
        self.at += 2;
        let mut entries = Vec::new();
        loop {
            self.skip_blanks();
            if self.word(b">>") {
                return Some(Node::Dictionary(entries));
            }
            let Node::Name(key) = self.object(depth)? else { continue };
            self.skip_blanks();
            // A key without a value before the end.
            let value = if self.rest().starts_with(b">>") { Node::Other } else { self.object(depth)? };
            entries.push((key, value));
        }
    }

    fn array(&mut self, depth: usize) -> Option<Node> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.skip_blanks();
            if self.word(b"]") {
                return Some(Node::Array(items));
            }
            items.push(self.object(depth)?);
        }
    }

    fn name(&mut self) -> Vec<u8> {
        self.at += 1;
        let written = self.regular().to_vec();
        let digit = |at: usize| written.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        let (mut name, mut at) = (Vec::with_capacity(written.len()), 0);
        while let Some(byte) = written.get(at) {
            let escaped = (*byte == b'#').then(|| digit(at + 1).zip(digit(at + 2))).flatten();
            name.push(escaped.and_then(|(high, low)| u8::try_from(high * 16 + low).ok()).unwrap_or(*byte));
            at += if escaped.is_some() { 3 } else { 1 };
        }
        name
    }

    fn hexadecimal(&mut self) -> Vec<u8> {
        self.at += 1;
        let length = self.rest().iter().position(|byte| *byte == b'>').unwrap_or(self.rest().len());
        let mut digits: Vec<u32> = self.rest().iter().take(length).filter_map(|byte| char::from(*byte).to_digit(16)).collect();
        self.at += length + 1;
        if digits.len() % 2 == 1 {
            digits.push(0);
        }
        digits.chunks(2).map(|pair| u8::try_from(pair.iter().fold(0, |sum, digit| sum * 16 + digit)).unwrap_or(0)).collect()
    }

    fn literal(&mut self) -> Option<Vec<u8>> {
        self.at += 1;
        let (mut text, mut open) = (Vec::new(), 1);
        loop {
            let byte = self.peek()?;
            self.at += 1;
            match byte {
                b'\\' => text.extend(self.escaped()),
                b'(' => open += 1,
                b')' => open -= 1,
                _ => {}
            }
            match (byte, open) {
                (b')', 0) => return Some(text),
                (b'\\', _) => {}
                _ => text.push(byte),
            }
        }
    }

    /// What stands after a backslash.
    fn escaped(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        if let b'0'..=b'7' = byte {
            let digits: Vec<u8> = self.rest().iter().copied().take(3).take_while(|b| (b'0'..=b'7').contains(b)).collect();
            self.at += digits.len();
            let code = digits.iter().fold(0_u32, |sum, digit| sum * 8 + u32::from(digit - b'0'));
            return u8::try_from(code & 0xFF).ok();
        }
        self.at += 1;
        match byte {
            b'\r' | b'\n' => None,
            b'n' => Some(b'\n'),
            b'r' => Some(b'\r'),
            b't' => Some(b'\t'),
            other => Some(other),
        }
    }

    /// A number, a reference, or a word such as `true`.
    fn number_or_word(&mut self) -> Node {
        let Some(number) = self.integer() else {
            self.regular();
            return Node::Other;
        };
        let after = self.at;
        self.skip_blanks();
        if self.integer().is_some() {
            self.skip_blanks();
            if self.regular() == b"R"
                && let Ok(number) = u32::try_from(number)
            {
                return Node::Reference(number);
            }
        }
        self.at = after;
        Node::Integer(number)
    }
}

/// Whether a byte is white space between tokens.
pub fn is_blank(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0C | b'\r' | b' ')
}

/// Whether a byte belongs to a number or a word: neither white space nor a delimiter.
pub fn is_regular(byte: u8) -> bool {
    !is_blank(byte) && !matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

#[cfg(test)]
mod tests;
