//! Uploads on both databases: acknowledged chunks are durable, and a file is attached once.

use crate::service::own_matters::{OwnFilter, list_own};
use chrono::TimeDelta;
use domain::engine::form::Path;
use domain::engine::upload::{CHUNK_SIZE, Upload, chunk_range};
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::demo::testing::{DemoServer, TestApp};
use crate::demo_test;
use crate::infra::file::testing::pdf_of_size as pdf;
use crate::matter::MatterError;
use crate::service::upload::UploadError;
use crate::state::AppState;
use crate::workflow::draft::DraftEdit;

mod corpora;

struct UploadFixture {
    test: TestApp,
    app: AppState,
    matter: Uuid,
}

async fn fixture(demo: DemoServer) -> UploadFixture {
    let test = TestApp::new(demo).await;
    let mut fixture = UploadFixture { app: test.app.clone(), test, matter: Uuid::now_v7() };
    fixture.matter = fixture.draft("applicant").await;
    fixture
}

impl UploadFixture {
    async fn sign_in(&self, name: &str) -> Allowed {
        self.test.sign_in(name).await
    }

    async fn draft(&self, name: &str) -> Uuid {
        crate::workflow::draft::begin_draft(&self.app, &self.sign_in(name).await, &domain::kind::registration::KIND, Uuid::now_v7())
            .await
            .unwrap()
    }

    fn upload(&self, name: &str, size: usize) -> Upload {
        let (id, path) = (Uuid::now_v7(), Path::field("other"));
        Upload { id, matter: self.matter, path, name: name.into(), size: size as u64, received: 0 }
    }

    /// Sends whole chunks from where the upload is, up to `until`.
    async fn send(&self, who: &Allowed, upload: &Upload, bytes: &[u8], until: u64) -> Result<Upload, UploadError> {
        let mut now = crate::service::upload::upload_status(&self.app, who, upload.id).await?;
        while now.received < until {
            let (begin, end) = chunk_range(now.received, now.size);
            now = crate::service::upload::receive_chunk(&self.app, who, upload.id, begin, bytes[begin as usize..end as usize].to_vec())
                .await?;
        }
        Ok(now)
    }

    /// The files of the answer that uploads go to, with their bytes.
    async fn files(&self, who: &Allowed) -> Vec<(Uuid, String, Vec<u8>)> {
        let opened = crate::matter::load(&self.app, who, self.matter).await.unwrap();
        let mut all = Vec::new();
        for file in opened.answers.fields.get("other").map(|v| v.files().to_vec()).unwrap_or_default() {
            let bytes = crate::workflow::files::download(&self.app, who, self.matter, file.file).await.unwrap().bytes;
            all.push((file.file, file.name, bytes));
        }
        all
    }

    fn chunks_on_disk(&self) -> usize {
        let folders = std::fs::read_dir(self.test.demo.folder.path().join("uploads")).unwrap();
        folders.map(|f| std::fs::read_dir(f.unwrap().path()).unwrap().count()).sum()
    }
}

const SIZE: usize = 2 * (1 << 20) + 77;

demo_test!(a_file_in_chunks_is_attached_as_one_of_a_form_is, |demo| async move {
    let d = fixture(demo).await;
    let (who, bytes) = (d.sign_in("applicant").await, pdf(SIZE));
    let upload = d.upload("证明.pdf", SIZE);
    assert_eq!(crate::service::upload::begin_upload(&d.app, &who, upload.clone()).await.unwrap(), upload);
    let half = d.send(&who, &upload, &bytes, 2 * CHUNK_SIZE).await.unwrap();
    assert_eq!((half.received, d.chunks_on_disk()), (2 * CHUNK_SIZE, 2));
    assert!(d.files(&who).await.is_empty());
    assert_eq!(
        crate::service::upload::begin_upload(&d.app, &who, upload.clone()).await.unwrap().received,
        2 * CHUNK_SIZE,
        "begun twice is begun once"
    );
    assert!(d.send(&who, &upload, &bytes, SIZE as u64).await.unwrap().is_complete());
    assert_eq!(d.files(&who).await, [(upload.id, "证明.pdf".to_owned(), bytes)]);
    assert_eq!(d.chunks_on_disk(), 0);
});

demo_test!(chunks_outlive_the_process_and_what_it_left_half_done_counts_for_nothing, |demo| async move {
    let db = demo.db.clone();
    let d = fixture(demo).await;
    let (who, bytes) = (d.sign_in("applicant").await, pdf(SIZE));
    let upload = d.upload("a.pdf", SIZE);
    crate::service::upload::begin_upload(&d.app, &who, upload.clone()).await.unwrap();
    d.send(&who, &upload, &bytes, CHUNK_SIZE).await.unwrap();
    // A process died between disk and database: the bytes are stored but were not acknowledged.
    d.app.chunks.put(upload.id, vec![0; 5]).await.unwrap();
    let app = AppState::open(db, d.test.demo.folder.path(), d.app.clock.clone(), true).await.unwrap();
    let d = UploadFixture { app, ..d };
    assert_eq!(crate::service::upload::upload_status(&d.app, &who, upload.id).await.unwrap().received, CHUNK_SIZE);
    d.send(&who, &upload, &bytes, SIZE as u64).await.unwrap();
    assert_eq!(d.files(&who).await[0].2, bytes);
});

demo_test!(a_process_that_dies_before_the_end_leaves_an_upload_that_is_ended_by_asking, |demo| async move {
    let d = fixture(demo).await;
    let (who, bytes) = (d.sign_in("applicant").await, pdf(SIZE));
    let upload = d.upload("a.pdf", SIZE);
    crate::service::upload::begin_upload(&d.app, &who, upload.clone()).await.unwrap();
    d.send(&who, &upload, &bytes, 2 * CHUNK_SIZE).await.unwrap();
    // The last chunk is counted, and then nothing more happens.
    let last = d.app.chunks.put(upload.id, bytes[2 * CHUNK_SIZE as usize..].to_vec()).await.unwrap();
    let row = crate::service::upload::receive::upload_row(&d.app, &who, upload.id).await.unwrap();
    let chunks: Vec<Uuid> = row.pieces.split(' ').map(|p| p.parse().unwrap()).chain([last]).collect();
    crate::service::upload::receive::record_chunk(
        &d.app,
        row.account_id,
        &Upload { received: SIZE as u64, ..upload.clone() },
        row.received,
        &chunks,
    )
    .await
    .unwrap();
    for _ in 0..3 {
        assert!(crate::service::upload::receive_chunk(&d.app, &who, upload.id, SIZE as u64, Vec::new()).await.unwrap().is_complete());
        assert_eq!(d.files(&who).await.len(), 1);
    }
    // Taken off again, it stays off.
    let off = DraftEdit::Detach { path: upload.path.clone(), file: upload.id };
    crate::workflow::draft::edit_draft(&d.app, &who, d.matter, off).await.unwrap();
    crate::service::upload::receive_chunk(&d.app, &who, upload.id, SIZE as u64, Vec::new()).await.unwrap();
    crate::service::upload::begin_upload(&d.app, &who, upload).await.unwrap();
    assert!(d.files(&who).await.is_empty());
});

demo_test!(a_chunk_elsewhere_or_of_another_size_changes_nothing_and_is_told_where_to_go_on, |demo| async move {
    let d = fixture(demo).await;
    let (who, bytes) = (d.sign_in("applicant").await, pdf(SIZE));
    let upload = d.upload("a.pdf", SIZE);
    crate::service::upload::begin_upload(&d.app, &who, upload.clone()).await.unwrap();
    d.send(&who, &upload, &bytes, CHUNK_SIZE).await.unwrap();
    for (offset, len) in [(0, CHUNK_SIZE), (CHUNK_SIZE + 1, CHUNK_SIZE), (CHUNK_SIZE - 1, 2), (2 * CHUNK_SIZE, 77)] {
        let error = crate::service::upload::receive_chunk(&d.app, &who, upload.id, offset, vec![9; len as usize]).await.unwrap_err();
        assert!(matches!(error, UploadError::Offset(CHUNK_SIZE)), "{offset} {error:?}");
    }
    for (offset, len) in [(CHUNK_SIZE, CHUNK_SIZE + 1), (CHUNK_SIZE, 1), (2 * CHUNK_SIZE, 78), (u64::MAX, 1)] {
        let error = crate::service::upload::receive_chunk(&d.app, &who, upload.id, offset, vec![9; len as usize]).await.unwrap_err();
        assert!(matches!(error, UploadError::ChunkTooLarge), "{offset} {error:?}");
    }
    assert_eq!(d.chunks_on_disk(), 1);
    d.send(&who, &upload, &bytes, SIZE as u64).await.unwrap();
    assert_eq!(d.files(&who).await[0].2, bytes);
});

demo_test!(two_that_send_the_same_chunk_at_once_make_one_file, |demo| async move {
    let d = fixture(demo).await;
    let (who, bytes) = (d.sign_in("applicant").await, pdf(SIZE));
    let upload = d.upload("a.pdf", SIZE);
    crate::service::upload::begin_upload(&d.app, &who, upload.clone()).await.unwrap();
    let mut at = 0;
    while at < SIZE as u64 {
        let (begin, end) = chunk_range(at, SIZE as u64);
        let part = bytes[begin as usize..end as usize].to_vec();
        // The one that comes second is shorter, and must not stand in for the other.
        let (a, b) = tokio::join!(
            crate::service::upload::receive_chunk(&d.app, &who, upload.id, begin, part.clone()),
            crate::service::upload::receive_chunk(&d.app, &who, upload.id, begin, part[..part.len().saturating_sub(7)].to_vec()),
        );
        assert!(a.is_ok() || b.is_ok());
        at = crate::service::upload::upload_status(&d.app, &who, upload.id).await.unwrap().received;
    }
    let _ = crate::service::upload::receive_chunk(&d.app, &who, upload.id, SIZE as u64, Vec::new()).await;
    let files = d.files(&who).await;
    assert_eq!(files.len(), 1);
    assert!(files[0].2 == bytes, "the file is whole");
});

demo_test!(nobody_else_has_anything_to_do_with_an_upload, |demo| async move {
    let d = fixture(demo).await;
    let (who, other) = (d.sign_in("applicant").await, d.sign_in("certified").await);
    let upload = d.upload("a.pdf", SIZE);
    crate::service::upload::begin_upload(&d.app, &who, upload.clone()).await.unwrap();
    assert!(matches!(crate::service::upload::upload_status(&d.app, &other, upload.id).await, Err(UploadError::NotFound)));
    assert!(matches!(crate::service::upload::receive_chunk(&d.app, &other, upload.id, 0, vec![1]).await, Err(UploadError::NotFound)));
    assert!(matches!(crate::service::upload::delete_upload(&d.app, &other, upload.id).await, Err(UploadError::NotFound)));
    assert!(matches!(crate::service::upload::begin_upload(&d.app, &other, upload.clone()).await, Err(UploadError::NotFound)));
    let theirs = Upload { id: Uuid::now_v7(), ..upload };
    assert!(matches!(crate::service::upload::begin_upload(&d.app, &other, theirs).await, Err(UploadError::Matter(MatterError::NotFound))));
});

demo_test!(a_matter_that_may_not_be_edited_any_more_takes_no_further_chunk, |demo| async move {
    let d = fixture(demo).await;
    let (who, bytes) = (d.sign_in("applicant").await, pdf(SIZE));
    let upload = d.upload("a.pdf", SIZE);
    crate::service::upload::begin_upload(&d.app, &who, upload.clone()).await.unwrap();
    d.send(&who, &upload, &bytes, CHUNK_SIZE).await.unwrap();
    // A submitted matter of the same person.
    let page = list_own(&d.app, &who, OwnFilter::default(), None).await.unwrap();
    let submitted = page.matters.iter().find(|l| l.stage.is_some_and(|s| s.code == "institution_review")).unwrap().id;
    let at = Upload { id: Uuid::now_v7(), matter: submitted, ..upload.clone() };
    assert!(matches!(crate::service::upload::begin_upload(&d.app, &who, at).await, Err(UploadError::Matter(MatterError::NotEditable))));
    for path in ["name_pinyin", "education", "nothing", "education/018f3d2c-0000-7000-8000-000000000001/diploma"] {
        let at = Upload { id: Uuid::now_v7(), path: path.parse().unwrap(), ..upload.clone() };
        assert!(
            matches!(crate::service::upload::begin_upload(&d.app, &who, at).await, Err(UploadError::Matter(MatterError::NotFound))),
            "{path}"
        );
    }
    crate::workflow::draft::discard_draft(&d.app, &who, d.matter, None).await.unwrap();
    assert!(matches!(d.send(&who, &upload, &bytes, 2 * CHUNK_SIZE).await, Err(UploadError::NotFound)));
    crate::service::upload::sweep_uploads(&d.app).await.unwrap();
    assert_eq!(d.chunks_on_disk(), 0);
});

demo_test!(a_file_that_is_not_taken_is_refused_in_words_and_stays_refused, |demo| async move {
    let d = fixture(demo).await;
    let who = d.sign_in("applicant").await;
    for (name, bytes, text) in [
        ("a.pdf", vec![b'x'; 3 << 20], "“a.pdf”：这是文本文件，只能上传 JPG、PNG、PDF 文件。请打开后“打印为 PDF”，再上传"),
        (
            "a.jpg",
            [b"GIF89a".as_slice(), &[0; 3 << 20]].concat(),
            "“a.jpg”：这是 GIF 图片，只能上传 JPG、PNG、PDF 文件。请用看图软件另存为 JPG 或 PNG 后上传",
        ),
    ] {
        let upload = d.upload(name, bytes.len());
        crate::service::upload::begin_upload(&d.app, &who, upload.clone()).await.unwrap();
        let error = d.send(&who, &upload, &bytes, bytes.len() as u64).await.unwrap_err();
        assert_eq!((error.code(), error.text().as_str()), ("file_refused", text));
        let again = crate::service::upload::receive_chunk(&d.app, &who, upload.id, bytes.len() as u64, Vec::new()).await.unwrap_err();
        assert_eq!(again.text(), text);
    }
    assert!(d.files(&who).await.is_empty());
    assert_eq!(d.chunks_on_disk(), 0);
    for (size, code) in [(0, "file_refused"), (5 * (1 << 20) + 1, "file_too_large")] {
        assert_eq!(crate::service::upload::begin_upload(&d.app, &who, d.upload("a.pdf", size)).await.unwrap_err().code(), code);
    }
    let portrait = Upload { path: Path::field("photo"), ..d.upload("a.pdf", SIZE) };
    crate::service::upload::begin_upload(&d.app, &who, portrait.clone()).await.unwrap();
    let error = d.send(&who, &portrait, &pdf(SIZE), SIZE as u64).await.unwrap_err();
    assert!(matches!(error, UploadError::Refused(_)), "{error:?}");
});

demo_test!(a_person_has_only_so_many_uploads_under_way_and_a_full_answer_takes_no_more, |demo| async move {
    let d = fixture(demo).await;
    let who = d.sign_in("applicant").await;
    for _ in 0..10 {
        crate::service::upload::begin_upload(&d.app, &who, d.upload("a.pdf", SIZE)).await.unwrap();
    }
    let one_more = d.upload("a.pdf", SIZE);
    assert!(matches!(crate::service::upload::begin_upload(&d.app, &who, one_more.clone()).await, Err(UploadError::TooMany)));
    d.app.clock.advance(TimeDelta::hours(25));
    crate::service::upload::sweep_uploads(&d.app).await.unwrap();
    let front = |name: &str| Upload { path: Path::field("id_card_front"), ..d.upload(name, SIZE) };
    let (one, two) = (front("a.pdf"), front("b.pdf"));
    for upload in [&one, &two] {
        crate::service::upload::begin_upload(&d.app, &who, upload.clone()).await.unwrap();
    }
    d.send(&who, &one, &pdf(SIZE), SIZE as u64).await.unwrap();
    let error = d.send(&who, &two, &pdf(SIZE), SIZE as u64).await.unwrap_err();
    assert_eq!(error.text(), "最多上传 1 个文件，请先移除不再需要的");
    let elsewhere = Upload { path: Path::field("other"), ..one.clone() };
    assert!(matches!(crate::service::upload::begin_upload(&d.app, &who, elsewhere).await, Err(UploadError::IdReused)));
});

demo_test!(what_nobody_goes_on_with_for_a_day_is_swept_and_what_was_attached_is_known_for_good, |demo| async move {
    let d = fixture(demo).await;
    let (who, bytes) = (d.sign_in("applicant").await, pdf(SIZE));
    let (left, done) = (d.upload("left.pdf", SIZE), d.upload("done.pdf", SIZE));
    for upload in [&left, &done] {
        crate::service::upload::begin_upload(&d.app, &who, upload.clone()).await.unwrap();
    }
    d.send(&who, &left, &bytes, CHUNK_SIZE).await.unwrap();
    d.send(&who, &done, &bytes, SIZE as u64).await.unwrap();
    d.app.clock.advance(TimeDelta::hours(23));
    crate::service::upload::sweep_uploads(&d.app).await.unwrap();
    assert_eq!(crate::service::upload::upload_status(&d.app, &who, left.id).await.unwrap().received, CHUNK_SIZE);
    d.app.clock.advance(TimeDelta::hours(2));
    crate::service::upload::sweep_uploads(&d.app).await.unwrap();
    assert_eq!(d.chunks_on_disk(), 0);
    for upload in [&left, &done] {
        assert!(matches!(crate::service::upload::upload_status(&d.app, &who, upload.id).await, Err(UploadError::NotFound)));
    }
    // A client without the last response asks again.
    assert!(crate::service::upload::begin_upload(&d.app, &who, done.clone()).await.unwrap().is_complete());
    crate::service::upload::receive_chunk(&d.app, &who, done.id, SIZE as u64, Vec::new()).await.unwrap();
    assert_eq!(d.files(&who).await.len(), 1);
    assert_eq!(crate::service::upload::begin_upload(&d.app, &who, left.clone()).await.unwrap().received, 0);
    crate::service::upload::delete_upload(&d.app, &who, left.id).await.unwrap();
    assert!(matches!(crate::service::upload::upload_status(&d.app, &who, left.id).await, Err(UploadError::NotFound)));
});
