//! What pieces do to an upload, one by one and in any order.

use proptest::prelude::*;

use super::*;

fn upload(size: u64, received: u64) -> Upload {
    Upload { id: Uuid::from_u128(1), matter: Uuid::from_u128(2), path: Path::field("other"), name: "a.pdf".into(), size, received }
}

#[test]
fn a_piece_counts_only_where_the_last_one_ended() {
    const SIZE: u64 = 3 * PIECE + 5;
    for (received, offset, len, heard) in [
        (0, 0, PIECE, Heard::Accept),
        (0, 0, 1, Heard::Accept),
        (0, 0, 0, Heard::Accept),
        (PIECE, PIECE, PIECE, Heard::Accept),
        (3 * PIECE, 3 * PIECE, 5, Heard::Accept),
        (SIZE, SIZE, 0, Heard::Accept),
        (PIECE, 0, PIECE, Heard::Again),
        (PIECE, 0, 0, Heard::Again),
        (SIZE, 3 * PIECE, 5, Heard::Again),
        (PIECE, 2 * PIECE, PIECE, Heard::Gap(PIECE)),
        (0, 1, 1, Heard::Gap(0)),
        (5, 0, 6, Heard::Gap(5)),
        (5, 0, 5, Heard::Again),
        (0, 0, PIECE + 1, Heard::TooLarge),
        (3 * PIECE, 3 * PIECE, 6, Heard::TooLarge),
        (SIZE, SIZE, 1, Heard::TooLarge),
        (0, SIZE + 1, 0, Heard::TooLarge),
        (0, u64::MAX, 1, Heard::TooLarge),
    ] {
        assert_eq!(upload(SIZE, received).hear(offset, len), heard, "{received} {offset} {len}");
    }
}

#[test]
fn pieces_follow_each_other_without_gap_to_the_end() {
    for size in [1, PIECE - 1, PIECE, PIECE + 1, 5 * PIECE, 5 * PIECE + 7] {
        let (mut at, mut count) = (0, 0);
        while at < size {
            let (begin, end) = piece(at, size);
            assert!(begin == at && end > at && end - begin <= PIECE, "{size} {at}");
            assert_eq!(upload(size, at).hear(begin, end - begin), Heard::Accept);
            (at, count) = (end, count + 1);
        }
        assert_eq!((at, count), (size, pieces(size)));
        assert_eq!(piece(size, size), (size, size));
    }
    assert_eq!(piece(PIECE + 3, 4 * PIECE), (PIECE + 3, 2 * PIECE), "who begins within a piece goes to its end");
    assert_eq!(piece(9, 3), (3, 3));
}

#[test]
fn a_hundred_percent_means_all_of_it() {
    assert_eq!((percent(0, 10), percent(42, 100), percent(999, 1000), percent(1000, 1000), percent(0, 0)), (0, 42, 99, 100, 100));
}

#[test]
fn the_person_is_told_how_far_it_is_and_why_it_stands_still() {
    for (state, text, percent, under_way) in [
        (State::Sending(42), "正在上传 42%", Some(42), true),
        (State::Paused(42), "网络中断，已暂停，恢复后继续", Some(42), true),
        (State::Done, "已上传", None, false),
        (State::Refused(too_large(5)), "文件超过 5 MB，请压缩后再上传", None, false),
    ] {
        assert_eq!((state.text().as_str(), state.percent(), state.under_way()), (text, percent, under_way));
    }
    assert!(State::SignIn.under_way() && State::Kept.under_way() && State::Held.under_way());
}

/// One thing that happens to a piece on its way: it is cut as the sender likes, dropped, sent again, or overtaken by a later one.
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
    fn whatever_order_pieces_come_in_what_is_there_is_the_beginning_of_the_file(
        file in proptest::collection::vec(any::<u8>(), 1..600),
        noise in sent(600),
    ) {
        let size = file.len() as u64;
        let mut upload = upload(size, 0);
        let mut there: Vec<u8> = Vec::new();
        let take = |upload: &mut Upload, there: &mut Vec<u8>, offset: u64, len: u64| {
            let heard = upload.hear(offset, len);
            if heard == Heard::Accept {
                there.extend_from_slice(&file[offset as usize..(offset + len) as usize]);
                upload.received += len;
            }
            heard
        };
        for sent in noise.iter().filter(|s| !s.dropped) {
            let before = upload.received;
            match take(&mut upload, &mut there, sent.offset, sent.len) {
                Heard::Accept => prop_assert_eq!(upload.received, before + sent.len),
                Heard::Gap(at) => prop_assert_eq!(at, before),
                Heard::Again => prop_assert!(sent.offset + sent.len <= before),
                Heard::TooLarge => prop_assert!(sent.offset + sent.len > size),
            }
            prop_assert_eq!(there.len() as u64, upload.received);
            prop_assert!(file.starts_with(&there));
        }
        // Who asks how far it is and goes on from there brings it to its end.
        while !upload.whole() {
            let (begin, end) = piece(upload.received, size);
            prop_assert_eq!(take(&mut upload, &mut there, begin, end - begin), Heard::Accept);
        }
        prop_assert_eq!(there, file);
    }
}
