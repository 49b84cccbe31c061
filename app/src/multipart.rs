//! Reads forms with files as they arrive: text into memory within a limit, files onto disk.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, BodyDataStream};
use axum::extract::multipart::Field;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header::CONTENT_TYPE;
use backend::DbError;
use bytes::Bytes;
use domain::base::text::CleanText;
use futures::Stream;

use crate::capacity::Reservation;
use crate::error::PageError;
use crate::part_headers::PartHeaders;
use crate::post::{FormType, Post, PostedFile, ReceivedForm};
use crate::spool::{SpoolError, SpoolWriter};

/// Maximum size of the text of a form, in bytes, all names and values together.
pub const TEXT_MAX: usize = 256 * 1024;
/// Maximum number of controls of a form.
const PARTS_MAX: usize = 2_000;
/// Bytes that the parser may take without giving back a part of a control: headers and boundaries are far smaller.
const UNPARSED_MAX: usize = 256 * 1024;

/// Where the content of a form goes.
pub struct ReceiveTarget {
    /// Maximum size of one file, in bytes. A larger one is read to its end and dropped, so that what was typed is not lost.
    pub file_limit: usize,
    /// Writer of the files; without one they are dropped.
    pub files: Option<SpoolWriter>,
    /// The memory that the text occupies.
    pub memory: Option<Reservation>,
}

/// Why a form could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// It is not a whole form.
    #[error("the form is incomplete")]
    Incomplete,
    /// It is larger than allowed.
    #[error("the form is too large")]
    TooLarge,
    /// There is no room for it now.
    #[error(transparent)]
    NoRoom(NoRoom),
}

/// A form that is whole, but for which there is no room.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct NoRoom {
    error: SpoolError,
    /// Its text, for the page of the error.
    pub pairs: Vec<(String, String)>,
}

impl From<ReceiveError> for PageError {
    fn from(error: ReceiveError) -> Self {
        match error {
            ReceiveError::Incomplete => PageError::BadRequest("上传内容不完整，请重新提交"),
            ReceiveError::TooLarge => PageError::TooLarge,
            ReceiveError::NoRoom(NoRoom { error, .. }) if error.is_disk_full() => PageError::Db(DbError::Full),
            ReceiveError::NoRoom(_) => PageError::Db(DbError::Unavailable),
        }
    }
}

/// Reads the text of a form from a body that is in memory. Files are noted, without their content.
///
/// # Errors
/// The body is too large, incomplete, or not a form.
pub async fn read_text(request: Request) -> Result<Post, PageError> {
    match FormType::of(&request) {
        FormType::UrlEncoded => {
            let body = axum::body::to_bytes(request.into_body(), TEXT_MAX).await.map_err(|_| PageError::TooLarge)?;
            Ok(Post { pairs: ReceivedForm::UrlEncoded(body).pairs(), files: Vec::new() })
        }
        FormType::Multipart => {
            let target = ReceiveTarget { file_limit: 0, files: None, memory: None };
            Ok(receive(request, target).await?.0)
        }
        FormType::Other => Err(PageError::NOT_A_FORM),
    }
}

/// A file whose content is collected, before the whole form is.
struct CollectedFile {
    field: String,
    name: String,
    start: u64,
    /// None if the file was larger than its limit.
    length: Option<usize>,
}

/// Reads a multipart form.
///
/// # Errors
/// See [`ReceiveError`]. What was read so far is dropped.
pub async fn receive(request: Request, mut target: ReceiveTarget) -> Result<(Post, Option<Reservation>), ReceiveError> {
    let (mut parts, fed) = parser(request).await?;
    let (mut pairs, mut files) = (Vec::new(), Vec::new());
    let (mut text, mut failed) = (0, None);
    loop {
        fed.store(0, Ordering::Relaxed);
        let Some(part) = parts.next_field().await.map_err(|_| ReceiveError::Incomplete)? else { break };
        if pairs.len() + files.len() == PARTS_MAX {
            return Err(ReceiveError::TooLarge);
        }
        let field = part.name().unwrap_or("").to_owned();
        text += field.len();
        match part.file_name().map(typeable) {
            Some(name) => {
                text += name.len();
                files.extend(read_file(part, field, name, &mut target, &mut failed, &fed).await?);
            }
            None => {
                let value = read_value(part, &mut text, &fed).await?;
                pairs.push((field, value));
            }
        }
        if text > TEXT_MAX {
            return Err(ReceiveError::TooLarge);
        }
    }
    let memory = target.memory.as_mut().map_or(Ok(()), |memory| memory.grow(text));
    if let Some(error) = failed.or(memory.err().map(SpoolError::from)) {
        return Err(ReceiveError::NoRoom(NoRoom { error, pairs }));
    }
    let files = match target.files {
        Some(writer) => {
            let spooled = match writer.finish().await {
                Ok(spooled) => spooled,
                Err(error) => return Err(ReceiveError::NoRoom(NoRoom { error, pairs })),
            };
            let posted = |file: CollectedFile| PostedFile {
                field: file.field,
                name: file.name,
                content: file.length.map(|length| spooled.file(file.start, length)),
            };
            files.into_iter().map(posted).collect()
        }
        None => files.into_iter().map(|file| PostedFile { field: file.field, name: file.name, content: None }).collect(),
    };
    Ok((Post { pairs, files }, target.memory))
}

/// A name without the characters for which text is refused: it is the sender's device that chose it.
fn typeable(name: &str) -> String {
    name.chars().filter(|c| CleanText::parse(c.encode_utf8(&mut [0; 4])).is_ok()).collect()
}

async fn parser(request: Request) -> Result<(Multipart, Arc<AtomicUsize>), ReceiveError> {
    let fed = Arc::<AtomicUsize>::default();
    let (head, body) = request.into_parts();
    // Without a boundary the parser refuses the form.
    let media_type = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let boundary = media_type.split("boundary=").nth(1).and_then(|rest| rest.trim_start_matches('"').split(['"', ';', ' ']).next());
    let headers = Some(PartHeaders::new(boundary.unwrap_or_default()));
    let body = Body::from_stream(Feed { body: body.into_data_stream(), fed: fed.clone(), pausing: false, headers });
    let parts = Multipart::from_request(Request::from_parts(head, body), &()).await.map_err(|_| ReceiveError::Incomplete)?;
    Ok((parts, fed))
}

async fn read_value(mut part: Field<'_>, text: &mut usize, fed: &AtomicUsize) -> Result<String, ReceiveError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(|_| ReceiveError::Incomplete)? {
        fed.store(0, Ordering::Relaxed);
        *text += chunk.len();
        if *text > TEXT_MAX {
            return Err(ReceiveError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|_| ReceiveError::Incomplete)
}

/// Reads a file; none for a control without a file, for which a browser sends an empty part. After a failure of the disk, which `failed`
/// holds, files are read and dropped, so that the text of the form is known.
async fn read_file(
    mut part: Field<'_>,
    field: String,
    name: String,
    target: &mut ReceiveTarget,
    failed: &mut Option<SpoolError>,
    fed: &AtomicUsize,
) -> Result<Option<CollectedFile>, ReceiveError> {
    let start = target.files.as_ref().map_or(0, SpoolWriter::length);
    let mut length = 0;
    while let Some(chunk) = part.chunk().await.map_err(|_| ReceiveError::Incomplete)? {
        fed.store(0, Ordering::Relaxed);
        length += chunk.len();
        let kept = failed.is_none() && length <= target.file_limit;
        if let Some(writer) = target.files.as_mut().filter(|_| kept)
            && let Err(error) = writer.write(&chunk).await
        {
            *failed = Some(error);
        }
    }
    let chosen = !name.is_empty() || length > 0;
    Ok(chosen.then_some(CollectedFile { field, name, start, length: (length <= target.file_limit).then_some(length) }))
}

/// Hands a body to the multipart parser one frame at a time. The parser takes all it can get into its memory before it looks at it, so a
/// fast sender would have the whole body there.
struct Feed {
    body: BodyDataStream,
    /// Bytes since the parser last gave something back.
    fed: Arc<AtomicUsize>,
    /// Whether the parser must look at the last frame before it gets another.
    pausing: bool,
    /// Makes the headers of parts readable; none after the end of the body.
    headers: Option<PartHeaders>,
}

impl Stream for Feed {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.pausing {
            self.pausing = false;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let next = Pin::new(&mut self.body).poll_next(cx);
        if let Poll::Ready(Some(Ok(frame))) = &next {
            self.pausing = true;
            let unparsed = self.fed.fetch_add(frame.len(), Ordering::Relaxed) + frame.len();
            if unparsed > UNPARSED_MAX.max(2 * frame.len()) {
                return Poll::Ready(Some(Err(axum::Error::new(ReceiveError::TooLarge))));
            }
        }
        match next {
            Poll::Ready(Some(Ok(frame))) => Poll::Ready(Some(Ok(self.headers.as_mut().map_or(frame.clone(), |h| h.push(&frame).into())))),
            Poll::Ready(None) => Poll::Ready(self.headers.take().map(|mut headers| Ok(headers.finish().into()))),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::Capacity;
    use crate::limits::ShareKey;
    use crate::spool::Spool;
    use axum::extract::DefaultBodyLimit;
    use uuid::Uuid;

    const KEY: ShareKey = ShareKey::Account(Uuid::nil());

    fn request(body: Vec<u8>) -> Request {
        let frames: Vec<_> = body.chunks(1000).map(|frame| Ok::<_, std::io::Error>(Bytes::from(frame.to_vec()))).collect();
        let builder = Request::builder().header("content-type", "multipart/form-data; boundary=X");
        builder.body(Body::from_stream(futures::stream::iter(frames))).unwrap()
    }

    fn text(name: &str, value: &[u8]) -> Vec<u8> {
        [format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n").as_bytes(), value, b"\r\n"].concat()
    }

    fn file(name: &str, content: &[u8]) -> Vec<u8> {
        text(&format!("f\"; filename=\"{name}"), content)
    }

    async fn read(folder: &std::path::Path, disk: usize, parts: &[Vec<u8>]) -> Result<Post, ReceiveError> {
        let spool = Spool::new(folder.to_owned(), Capacity::new(disk, disk));
        let memory = Capacity::new(1 << 20, 1 << 20).reservation(KEY);
        let target = ReceiveTarget { file_limit: 5_000, files: Some(spool.writer(KEY)), memory: Some(memory) };
        let mut request = request([parts.concat(), b"--X--\r\n".to_vec()].concat());
        // The server does this for all routes.
        let layer = DefaultBodyLimit::disable();
        layer.apply(&mut request);
        receive(request, target).await.map(|(post, _)| post)
    }

    #[tokio::test]
    async fn text_and_files_come_as_they_were_sent() {
        let folder = tempfile::tempdir().unwrap();
        let (small, large) = (vec![7; 5_000], vec![8; 5_001]);
        let parts =
            [text("a", "一".as_bytes()), file("1.pdf", &small), file("", b""), file("2.pdf", &large), text("b", b""), file("3.pdf", b"x")];
        let post = read(folder.path(), 1 << 20, &parts).await.unwrap();
        assert_eq!(post.pairs, [("a".to_owned(), "一".to_owned()), ("b".to_owned(), String::new())]);
        let names: Vec<&str> = post.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["1.pdf", "2.pdf", "3.pdf"]);
        assert_eq!(post.files[0].content.as_ref().unwrap().read().await.unwrap(), small);
        assert!(post.files[1].content.is_none());
        assert_eq!(post.files[2].content.as_ref().unwrap().read().await.unwrap(), b"x");
    }

    #[tokio::test]
    async fn a_file_with_any_bytes_in_its_name_does_not_make_the_form_unreadable() {
        let folder = tempfile::tempdir().unwrap();
        for (sent, name) in [(&b"a\nb.pdf"[..], "a b.pdf"), (b"a\0b.pdf", "a b.pdf"), (b"\xD6\xA4\xCA\xE9.pdf", "证书.pdf")] {
            let head = [b"--X\r\nContent-Disposition: form-data; name=\"f\"; filename=\"".as_slice(), sent, b"\"\r\n\r\n"].concat();
            let parts = [text("a", "一".as_bytes()), [head, b"content\r\n".to_vec()].concat(), text("b", b"2")];
            let post = read(folder.path(), 1 << 20, &parts).await.unwrap();
            assert_eq!(post.pairs.len(), 2);
            assert_eq!(
                (post.files[0].name.as_str(), post.files[0].content.as_ref().unwrap().read().await.unwrap()),
                (name, b"content".to_vec())
            );
        }
    }

    #[tokio::test]
    async fn a_form_with_more_text_than_a_form_has_is_too_large() {
        let folder = tempfile::tempdir().unwrap();
        let piece = vec![1; 100_000];
        let many: Vec<_> = (0..=PARTS_MAX).map(|_| text("a", b"")).collect();
        let headers = [b"--X\r\nContent-Disposition: form-data; name=\"".to_vec(), vec![b'a'; 2 << 20]].concat();
        for parts in [vec![text("a", &piece), text("b", &piece), text("c", &piece)], vec![text(&"n".repeat(TEXT_MAX + 1), b"")], many] {
            assert!(matches!(read(folder.path(), 1 << 20, &parts).await, Err(ReceiveError::TooLarge | ReceiveError::Incomplete)));
        }
        assert!(matches!(read(folder.path(), 1 << 20, &[headers]).await, Err(ReceiveError::Incomplete)));
    }

    #[tokio::test]
    async fn a_form_whose_files_have_no_room_keeps_its_text() {
        let folder = tempfile::tempdir().unwrap();
        let parts = [text("a", b"1"), file("1.pdf", &[7; 3_000]), text("b", b"2")];
        match read(folder.path(), 2_000, &parts).await {
            Err(ReceiveError::NoRoom(NoRoom { pairs, .. })) => {
                assert_eq!(pairs, [("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())]);
            }
            other => panic!("{other:?}"),
        }
    }
}
