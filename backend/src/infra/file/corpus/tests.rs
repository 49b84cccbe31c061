//! Each file of the corpora by itself. On every way by which files arrive: `service::upload::tests::corpora`.

use super::*;
use crate::infra::file::sanitize;

#[test]
fn the_corpora_are_large() {
    let scans = taken().iter().filter(|file| file.about.starts_with("noise")).count();
    assert!(taken().len() >= 60 && scans >= 6, "{} {scans}", taken().len());
    assert!(refused().len() >= 60, "{}", refused().len());
}

#[test]
fn everything_usual_is_taken() {
    for file in taken() {
        let (media, stored) = sanitize(file.bytes).unwrap_or_else(|error| panic!("{}: {error:?}", file.about));
        assert_eq!(media, file.media, "{}", file.about);
        // What is stored is as good as what was sent.
        assert_eq!(sanitize(stored).map(|(media, _)| media), Ok(file.media), "{} again", file.about);
    }
}

#[test]
fn everything_else_is_refused_with_its_own_reason() {
    for file in refused() {
        assert_eq!(sanitize(file.bytes).map(|(media, _)| media), Err(file.error), "{}", file.about);
    }
}

#[test]
fn every_reason_says_what_the_file_is_and_what_to_do() {
    for file in refused() {
        let text = file.error.text_of("照片.jpg");
        assert!(text.starts_with("“照片.jpg”：") && text.contains('请'), "{text}");
    }
}

/// `NOISE_SCANS` scans of 5 MB, six by default.
#[test]
fn no_scan_is_refused_for_the_bytes_of_its_picture() {
    let count = std::env::var("NOISE_SCANS").ok().and_then(|n| n.parse().ok()).unwrap_or(6);
    for seed in 0..count {
        let scan = noise_scan(seed, 5_000_000);
        assert!(sanitize(scan).is_ok(), "{seed}");
    }
}
