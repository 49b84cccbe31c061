//! Each file of the corpora on every way by which files arrive: with a form, in chunks, and as a reference of a device's patch.

use domain::engine::draft::{Op, Patch};
use domain::engine::form::{FileRef, NAME_BYTES, NAME_CHARS, Value, stored_name};
use domain::kind::registration::KIND;

use super::*;
use crate::infra::file::corpus::{refused, taken};

/// A draft for a few files, since a matter takes only so many saves and files.
async fn corpus_fixture(d: &mut UploadFixture) -> Path {
    d.matter = d.draft("applicant").await;
    d.app.clock.advance(TimeDelta::minutes(2));
    Path::field("other")
}

impl UploadFixture {
    /// Sends a file in chunks under a new id.
    async fn send_whole(&self, who: &Allowed, name: &str, bytes: &[u8]) -> Result<Uuid, UploadError> {
        let upload = self.upload(name, bytes.len());
        crate::service::upload::begin_upload(&self.app, who, upload.clone()).await?;
        self.send(who, &upload, bytes, bytes.len() as u64).await?;
        Ok(upload.id)
    }

    /// A device's patch that puts references to files into the answer.
    async fn refer(&self, who: &Allowed, seq: u64, files: Vec<FileRef>) -> Result<Vec<FileRef>, MatterError> {
        let base_rev = crate::matter::load(&self.app, who, self.matter).await?.revision;
        let ops = vec![Op { path: Path::field("other"), value: Some(Value::Files(files)) }];
        let patch = Patch { matter: self.matter, base_rev, device: Uuid::from_u128(7), seq, ops, replaces: None };
        let reply = crate::workflow::patch::receive_patch(&self.app, who, &KIND, patch).await?;
        Ok(reply.answers.files().cloned().collect())
    }
}

demo_test!(every_usual_file_is_taken_by_form_in_chunks_and_by_patch_under_a_name_of_ours, |demo| async move {
    let mut d = fixture(demo).await;
    let who = d.sign_in("applicant").await;
    for file in taken() {
        let path = corpus_fixture(&mut d).await;
        crate::workflow::files::attach(&d.app, &who, d.matter, path, &file.name, file.bytes.clone())
            .await
            .unwrap_or_else(|error| panic!("{} by form: {error}", file.about));
        let chunked = d.send_whole(&who, &file.name, &file.bytes).await.unwrap_or_else(|error| panic!("{} in chunks: {error}", file.about));
        let there = crate::matter::load(&d.app, &who, d.matter).await.unwrap().answers.files().cloned().collect::<Vec<_>>();
        assert_eq!(there.len(), 2, "{}", file.about);
        for stored in &there {
            assert_eq!(stored.name, stored_name(&file.name, file.media.mime()), "{}", file.about);
            assert!(stored.name.chars().count() <= NAME_CHARS && stored.name.len() <= NAME_BYTES && stored.mime == file.media.mime());
        }
        let claimed = FileRef { file: chunked, name: "x.hta".into(), size: 1, mime: "text/html".into() };
        let referred = d.refer(&who, 1, vec![claimed]).await.unwrap_or_else(|error| panic!("{} by patch: {error}", file.about));
        assert_eq!(referred, [there[1].clone()], "{}", file.about);
        crate::workflow::draft::discard_draft(&d.app, &who, d.matter, None).await.unwrap();
    }
});

demo_test!(a_form_that_is_posted_twice_attaches_each_file_once, |demo| async move {
    let d = fixture(demo).await;
    let who = d.sign_in("applicant").await;
    let attach = |name: &'static str, path: &'static str, bytes: Vec<u8>| {
        crate::workflow::files::attach(&d.app, &who, d.matter, Path::field(path), name, bytes)
    };
    for path in ["other", "id_card_front"] {
        let first = attach("证明.pdf", path, pdf(2_000)).await.unwrap();
        let again = attach("证明.pdf", path, pdf(2_000)).await.unwrap();
        assert_eq!(first.revision, again.revision, "{path}");
    }
    assert_eq!(d.files(&who).await.len(), 1);
    attach("另一份.pdf", "other", pdf(3_000)).await.unwrap();
    assert_eq!(d.files(&who).await.len(), 2);
    let full = attach("另一份.pdf", "id_card_front", pdf(3_000)).await.unwrap_err();
    assert!(matches!(full, MatterError::File(crate::infra::file::FileError::TooMany(1))), "{full}");
});

demo_test!(every_unusable_file_is_refused_by_form_and_in_chunks_and_cannot_be_referred_to, |demo| async move {
    let d = fixture(demo).await;
    let who = d.sign_in("applicant").await;
    for (number, file) in (1..).zip(refused()) {
        d.app.clock.advance(TimeDelta::minutes(1));
        let text = file.error.text_of(&file.name);
        let attached = crate::workflow::files::attach(&d.app, &who, d.matter, Path::field("other"), &file.name, file.bytes.clone()).await;
        match attached {
            Err(MatterError::File(error)) => assert_eq!(error.text_of(&file.name), text, "{}", file.about),
            other => panic!("{} by form: {:?}", file.about, other.map(|_| ())),
        }
        let upload = d.upload(&file.name, file.bytes.len());
        let refused = match crate::service::upload::begin_upload(&d.app, &who, upload.clone()).await {
            Ok(_) => d.send(&who, &upload, &file.bytes, file.bytes.len() as u64).await.map(|_| ()).unwrap_err(),
            // An empty file is refused at once.
            Err(error) => error,
        };
        assert_eq!(refused.text(), text, "{} in chunks", file.about);
        let claimed = FileRef { file: upload.id, name: file.name, size: 1, mime: "application/pdf".into() };
        assert!(matches!(d.refer(&who, number, vec![claimed]).await, Err(MatterError::InvalidPatch)), "{} by patch", file.about);
    }
    assert!(d.files(&who).await.is_empty());
});
