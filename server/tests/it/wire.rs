//! Plain HTTP over a socket, for tests with the real program. A broken connection is an error, not the end of the test.

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A server on this machine.
pub struct Wire(String);

/// A whole response.
pub struct Reply {
    pub status: u16,
    pub location: String,
    pub cookie: String,
    /// How much of an upload has arrived.
    pub offset: Option<usize>,
    pub body: String,
}

impl Wire {
    pub fn new(port: u16) -> Self {
        Self(format!("127.0.0.1:{port}"))
    }

    pub fn get(&self, path: &str, cookie: &str) -> Result<Reply> {
        self.exchange("GET", path, cookie, "text/plain", "")
    }

    pub fn post(&self, path: &str, cookie: &str, form: &[(&str, &str)]) -> Result<Reply> {
        let pairs: Vec<String> = form.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        self.exchange("POST", path, cookie, "application/x-www-form-urlencoded", &pairs.join("&"))
    }

    pub fn call(&self, path: &str, cookie: &str, body: &Value) -> Result<Reply> {
        self.exchange("POST", path, cookie, "application/json", &body.to_string())
    }

    /// A form with texts and one file.
    pub fn upload(&self, path: &str, cookie: &str, form: &[(&str, &str)], (field, name): (&str, &str), bytes: &[u8]) -> Result<Reply> {
        let mut body = Vec::new();
        for (name, value) in form {
            body.extend(format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
        }
        body.extend(format!("--X\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\r\n").bytes());
        body.extend_from_slice(bytes);
        body.extend(b"\r\n--X--\r\n");
        self.send("POST", path, cookie, &[("Content-Type", "multipart/form-data; boundary=X")], &body)
    }

    fn exchange(&self, method: &str, path: &str, cookie: &str, kind: &str, body: &str) -> Result<Reply> {
        self.send(method, path, cookie, &[("Content-Type", kind)], body.as_bytes())
    }

    /// A request with these headers beside the usual ones.
    pub fn send(&self, method: &str, path: &str, cookie: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Reply> {
        let mut stream = TcpStream::connect(&self.0)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        let (address, headers) = (&self.0, headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect::<String>());
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nCookie: {cookie}\r\n{headers}Content-Length: {}",
            body.len()
        );
        write!(stream, "{head}\r\nConnection: close\r\n\r\n")?;
        stream.write_all(body)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Reply::parse(&answer, method == "HEAD").ok_or_else(|| Error::from(ErrorKind::UnexpectedEof))
    }
}

impl Reply {
    /// Reads a response; `None` if it was cut off.
    fn parse(bytes: &[u8], is_head: bool) -> Option<Self> {
        let end = find(bytes, b"\r\n\r\n")?;
        let (head, rest) = (std::str::from_utf8(&bytes[..end]).ok()?, &bytes[end + 4..]);
        let header = |name: &str| {
            head.lines().skip(1).filter_map(|l| l.split_once(": ")).find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v)
        };
        let body = match header("transfer-encoding") {
            _ if is_head => Vec::new(),
            Some(_) => joined(rest)?,
            None => {
                let whole = header("content-length").is_none_or(|n| n.parse() == Ok(rest.len()));
                whole.then(|| rest.to_vec())?
            }
        };
        let cookie = header("set-cookie").and_then(|c| c.split(';').next()).unwrap_or_default();
        Some(Self {
            status: head.split(' ').nth(1)?.parse().ok()?,
            location: header("location").unwrap_or_default().to_owned(),
            cookie: cookie.to_owned(),
            offset: header("upload-offset").and_then(|offset| offset.parse().ok()),
            body: String::from_utf8(body).ok()?,
        })
    }

    /// Names and values of the hidden fields.
    pub fn hidden(&self) -> Vec<(&str, &str)> {
        let attribute = |tag: &'_ str, name: &str| -> Option<(usize, usize)> {
            let begin = tag.find(&format!("{name}=\""))? + name.len() + 2;
            Some((begin, begin + tag[begin..].find('"')?))
        };
        let mut found = Vec::new();
        for tag in self.body.split('<').filter(|tag| tag.starts_with("input") && tag.contains("type=\"hidden\"")) {
            if let (Some(name), Some(value)) = (attribute(tag, "name"), attribute(tag, "value")) {
                found.push((&tag[name.0..name.1], &tag[value.0..value.1]));
            }
        }
        found
    }
}

/// The content of a chunked body; `None` if it was cut off.
fn joined(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = find(rest, b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).ok()?.trim(), 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        let more = &rest[end + 2..];
        body.extend_from_slice(more.get(..size)?);
        rest = more.get(size + 2..)?;
    }
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|w| w == part)
}

fn encoded(text: &str) -> String {
    let one = |byte: u8| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(one).collect()
}
