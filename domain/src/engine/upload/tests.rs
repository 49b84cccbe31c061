//! The effect of chunks on an upload, one by one and in any order.

use proptest::prelude::*;

use super::*;

fn upload(size: u64, received: u64) -> Upload {
    Upload { id: Uuid::from_u128(1), matter: Uuid::from_u128(2), path: Path::field("other"), name: "a.pdf".into(), size, received }
}

#[test]
fn a_chunk_is_accepted_only_where_the_last_one_ended() {
    const SIZE: u64 = 3 * CHUNK_SIZE + 5;
    for (received, offset, len, heard) in [
        (0, 0, CHUNK_SIZE, ChunkOutcome::Next),
        (0, 0, 1, ChunkOutcome::Partial),
        (0, 0, 0, ChunkOutcome::Next),
        (CHUNK_SIZE, CHUNK_SIZE, CHUNK_SIZE, ChunkOutcome::Next),
        (3 * CHUNK_SIZE, 3 * CHUNK_SIZE, 5, ChunkOutcome::Next),
        (SIZE, SIZE, 0, ChunkOutcome::Next),
        (CHUNK_SIZE, 0, CHUNK_SIZE, ChunkOutcome::Duplicate),
        (CHUNK_SIZE, 0, 0, ChunkOutcome::Duplicate),
        (SIZE, 3 * CHUNK_SIZE, 5, ChunkOutcome::Duplicate),
        (CHUNK_SIZE, 2 * CHUNK_SIZE, CHUNK_SIZE, ChunkOutcome::Gap(CHUNK_SIZE)),
        (0, 1, 1, ChunkOutcome::Gap(0)),
        (5, 0, 6, ChunkOutcome::Gap(5)),
        (5, 0, 5, ChunkOutcome::Duplicate),
        (0, 0, CHUNK_SIZE + 1, ChunkOutcome::TooLarge),
        (3 * CHUNK_SIZE, 3 * CHUNK_SIZE, 6, ChunkOutcome::TooLarge),
        (SIZE, SIZE, 1, ChunkOutcome::TooLarge),
        (0, SIZE + 1, 0, ChunkOutcome::TooLarge),
        (0, u64::MAX, 1, ChunkOutcome::TooLarge),
    ] {
        assert_eq!(upload(SIZE, received).accept_chunk(offset, len), heard, "{received} {offset} {len}");
    }
}

#[test]
fn chunks_cover_the_file_without_gaps() {
    for size in [1, CHUNK_SIZE - 1, CHUNK_SIZE, CHUNK_SIZE + 1, 5 * CHUNK_SIZE, 5 * CHUNK_SIZE + 7] {
        let (mut at, mut count) = (0, 0);
        while at < size {
            let (begin, end) = chunk_range(at, size);
            assert!(begin == at && end > at && end - begin <= CHUNK_SIZE, "{size} {at}");
            assert_eq!(upload(size, at).accept_chunk(begin, end - begin), ChunkOutcome::Next);
            (at, count) = (end, count + 1);
        }
        assert_eq!((at, count), (size, chunk_count(size)));
        assert_eq!(chunk_range(size, size), (size, size));
    }
    assert_eq!(
        chunk_range(CHUNK_SIZE + 3, 4 * CHUNK_SIZE),
        (CHUNK_SIZE + 3, 2 * CHUNK_SIZE),
        "a range that begins within a chunk ends with the chunk"
    );
    assert_eq!(chunk_range(9, 3), (3, 3));
}

#[test]
fn a_hundred_percent_means_all_of_it() {
    assert_eq!((percent(0, 10), percent(42, 100), percent(999, 1000), percent(1000, 1000), percent(0, 0)), (0, 42, 99, 100, 100));
}

#[test]
fn the_status_names_the_progress_and_the_reason_of_a_pause() {
    for (state, text, percent, under_way) in [
        (UploadStatus::Uploading(42), "正在上传 42%", Some(42), true),
        (UploadStatus::Paused { percent: 42, stored: false }, "网络中断，已暂停，恢复后继续，请不要关闭本页", Some(42), true),
        (UploadStatus::Paused { percent: 42, stored: true }, "网络中断，已保存在本机，恢复后继续上传", Some(42), true),
        (UploadStatus::Done, "已上传", None, false),
        (UploadStatus::Rejected(too_large_message(5)), "文件超过 5 MB，请压缩后再上传", None, false),
    ] {
        assert_eq!((state.text().as_str(), state.percent(), state.is_pending()), (text, percent, under_way));
    }
    assert!(UploadStatus::SignedOut.is_pending() && UploadStatus::Stored.is_pending() && UploadStatus::InMemory.is_pending());
}

/// One transfer of a chunk: of any length, and it may be lost, sent again, or arrive after a later one.
#[derive(Debug, Clone)]
struct Sent {
    offset: u64,
    len: u64,
    dropped: bool,
}

fn sent(size: u64) -> impl Strategy<Value = Vec<Sent>> {
    let one = (0..=size, 0..=size, any::<bool>()).prop_map(|(offset, len, dropped)| Sent { offset, len, dropped });
    proptest::collection::vec(one, 0..60)
}

proptest! {
    #[test]
    fn chunks_in_any_order_leave_a_prefix_of_the_file(
        file in proptest::collection::vec(any::<u8>(), 1..600),
        noise in sent(600),
    ) {
        let size = file.len() as u64;
        let mut upload = upload(size, 0);
        let mut there: Vec<u8> = Vec::new();
        let take = |upload: &mut Upload, there: &mut Vec<u8>, offset: u64, len: u64| {
            let heard = upload.accept_chunk(offset, len);
            if heard == ChunkOutcome::Next {
                there.extend_from_slice(&file[offset as usize..(offset + len) as usize]);
                upload.received += len;
            }
            heard
        };
        for sent in noise.iter().filter(|s| !s.dropped) {
            let before = upload.received;
            match take(&mut upload, &mut there, sent.offset, sent.len) {
                ChunkOutcome::Next => prop_assert_eq!(upload.received, before + sent.len),
                ChunkOutcome::Gap(at) => prop_assert_eq!(at, before),
                ChunkOutcome::Duplicate => prop_assert!(sent.offset + sent.len <= before),
                ChunkOutcome::TooLarge => prop_assert!(sent.offset + sent.len > size),
                ChunkOutcome::Partial => prop_assert_eq!(upload.received, before),
            }
            prop_assert_eq!(there.len() as u64, upload.received);
            prop_assert!(file.starts_with(&there));
        }
        // A client that queries the offset and continues there completes the upload.
        while !upload.is_complete() {
            let (begin, end) = chunk_range(upload.received, size);
            prop_assert_eq!(take(&mut upload, &mut there, begin, end - begin), ChunkOutcome::Next);
        }
        prop_assert_eq!(there, file);
    }
}

#[test]
fn an_upload_that_needs_its_user_says_so_and_one_that_goes_on_by_itself_is_not_announced() {
    let blocked = UploadStatus::Blocked("有内容过长，请缩短后继续".to_owned());
    assert!(blocked.is_pending() && !blocked.is_under_way() && blocked.text().contains("请缩短"));
    for status in [UploadStatus::Stored, UploadStatus::InMemory, UploadStatus::Uploading(25)] {
        assert!(status.is_pending() && status.is_under_way(), "{status:?}");
    }
    for status in [UploadStatus::Paused { percent: 25, stored: true }, UploadStatus::SignedOut, UploadStatus::Done] {
        assert!(!status.is_under_way(), "{status:?}");
    }
}

#[test]
fn files_that_are_not_taken_for_one_reason_are_named_in_one_sentence() {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    let why = full_message(5);
    assert_eq!(not_taken_message(&names(&["a.pdf"]), &why), "“a.pdf”没有上传：最多上传 5 个文件，请先移除不再需要的");
    assert_eq!(
        not_taken_message(&names(&["a.pdf", "b.pdf"]), &why),
        "“a.pdf”、“b.pdf”这 2 个文件没有上传：最多上传 5 个文件，请先移除不再需要的"
    );
    let long = not_taken_message(&names(&[&"字".repeat(500)]), &why);
    assert!(long.chars().count() < 130, "names are short: {long}");
}
