//! The printed certificate, read back by programs that did not write it.

use std::process::Command;

use image::{ImageReader, Rgb, RgbImage};

use std::path::{Path, PathBuf};

use crate::demo::testing::TestApp;
use crate::demo_test;
use crate::infra::pdf::PdfRenderer;
use crate::record::certificate::signed_code;
use crate::service::certificate::print::*;

pub(super) const SITE: &str = "https://registrar.example.cn";

/// A renderer with the fonts that the set-up downloads.
pub(super) fn renderer() -> PdfRenderer {
    let folder = std::env::var_os("FONT_DIR").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/fonts"), PathBuf::from);
    let renderer = PdfRenderer::new(folder);
    assert!(renderer.fonts_available(), "the fonts of certificates are missing: run tools/setup.sh");
    renderer
}

fn photo() -> Vec<u8> {
    let mut bytes = Vec::new();
    RgbImage::from_pixel(295, 413, Rgb([200, 210, 220])).write_with_encoder(image::codecs::jpeg::JpegEncoder::new(&mut bytes)).unwrap();
    bytes
}

fn sheet(holder: &str) -> CertificateSheet {
    CertificateSheet {
        issuer: "认证人员协会".into(),
        number: "2026-N1QMS-4000001".into(),
        entries: vec![
            ("姓名", holder.into()),
            ("认证领域", "质量管理体系".into()),
            ("执业机构", "一个名称特别长以至于必须分成两行才能写完的认证机构有限责任公司".into()),
        ],
        issued_on: "2026-11-23".parse().unwrap(),
        photo: Some(photo()),
        address: format!("{SITE}/verify?c={}", "A".repeat(230)),
    }
}

async fn print(renderer: &PdfRenderer, sheet: CertificateSheet) -> Result<Vec<u8>, PrintError> {
    renderer.render(move |fonts| sheet.draw(fonts)).await
}

/// Runs a poppler program on a PDF; returns its output file.
fn poppler(program: &str, arguments: &[&str], pdf: &[u8], ending: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("certificate.pdf"), folder.path().join("out"));
    std::fs::write(&from, pdf).unwrap();
    let target = if ending.is_empty() { to.clone() } else { to.with_extension(ending) };
    let named = if ending == "png" { &to } else { &target };
    let done = Command::new(program).args(arguments).arg(&from).arg(named).output();
    let done = done.unwrap_or_else(|e| panic!("{program}: {e}; it comes with poppler-utils: run tools/setup.sh test"));
    assert!(done.status.success() && done.stderr.is_empty(), "{program}: {}", String::from_utf8_lossy(&done.stderr));
    std::fs::read(target).unwrap()
}

pub(super) fn text_of(pdf: &[u8]) -> String {
    String::from_utf8(poppler("pdftotext", &["-layout"], pdf, "txt")).unwrap()
}

/// Content of the QR code on the rendered page.
pub(super) fn code_on(pdf: &[u8]) -> String {
    let png = poppler("pdftoppm", &["-png", "-r", "300", "-singlefile"], pdf, "png");
    let page = ImageReader::new(std::io::Cursor::new(png)).with_guessed_format().unwrap().decode().unwrap().to_luma8();
    let (width, height) = page.dimensions();
    let dot = |x: usize, y: usize| page.get_pixel(u32::try_from(x).unwrap(), u32::try_from(y).unwrap()).0[0];
    let mut drawn = rqrr::PreparedImage::prepare_from_greyscale(usize::try_from(width).unwrap(), usize::try_from(height).unwrap(), dot);
    let grids = drawn.detect_grids();
    assert_eq!(grids.len(), 1);
    grids[0].decode().unwrap().1
}

#[tokio::test]
async fn what_the_sheet_says_can_be_read_and_its_qr_code_decoded() {
    let sheet = sheet("周建国");
    let address = sheet.address.clone();
    let pdf = print(&renderer(), sheet).await.unwrap();
    let text = text_of(&pdf);
    for said in ["注册证书", "2026-N1QMS-4000001", "周建国", "质量管理体系", "认证人员协会", "2026 年 11 月 23 日"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(text.contains("限责任公司"), "a long name goes on in a second line: {text}");
    assert_eq!(code_on(&pdf), address);
    assert!(pdf.len() < 400_000, "{} bytes: the fonts are embedded in part", pdf.len());
}

#[tokio::test]
async fn a_photo_of_another_kind_is_drawn_and_none_leaves_a_place() {
    let png = {
        let mut bytes = std::io::Cursor::new(Vec::new());
        RgbImage::new(30, 42).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        bytes.into_inner()
    };
    for photo in [Some(png), None] {
        let pdf = print(&renderer(), CertificateSheet { photo, ..sheet("李明") }).await.unwrap();
        assert!(text_of(&pdf).contains("李明"));
    }
    let broken = print(&renderer(), CertificateSheet { photo: Some(b"x".to_vec()), ..sheet("李明") }).await;
    assert!(matches!(broken, Err(PrintError::Photo)));
}

#[tokio::test]
async fn a_letter_the_fonts_lack_and_fonts_that_are_missing_are_told() {
    assert!(matches!(print(&renderer(), sheet("李\u{e000}")).await, Err(PrintError::MissingGlyph('\u{e000}'))));
    assert!(matches!(print(&PdfRenderer::default(), sheet("李明")).await, Err(PrintError::Font)));
    assert!(!PdfRenderer::default().fonts_available());
}

demo_test!(a_certificate_is_printed_for_its_holder_and_the_association_and_leads_to_its_record, |demo| async move {
    let mut server = TestApp::new(demo).await;
    server.app.pdf_renderer = renderer();
    let app = server.app.clone();
    let holder = server.sign_in("certified").await;
    let all = crate::record::certificate::own_certificates(&app, &holder).await.unwrap();
    let (old, new) = (all.iter().find(|c| c.superseded_by.is_some()).unwrap(), all.iter().find(|c| c.row.domain == "QMS").unwrap());
    let file = certificate_file(&app, &holder, &new.row.number, SITE).await.unwrap();
    assert_eq!((file.mime.as_str(), file.name.as_str()), ("application/pdf", format!("注册证书-{}.pdf", new.row.number).as_str()));
    assert!(text_of(&file.bytes).contains("周建国"));
    let address = code_on(&file.bytes);
    let proof = signed_code::decode(&app.keys, address.strip_prefix(&format!("{SITE}/verify?c=")).unwrap()).unwrap();
    assert_eq!((proof.record.number, proof.holder.as_deref()), (new.row.number.clone(), Some("周建国")));
    assert!(certificate_file(&app, &server.sign_in("officer").await, &new.row.number, SITE).await.is_ok());
    for other in ["applicant", "inst-a", "expert1"] {
        let refused = certificate_file(&app, &server.sign_in(other).await, &new.row.number, SITE).await;
        assert!(matches!(refused, Err(PrintError::NotFound)), "{other}");
    }
    assert!(matches!(certificate_file(&app, &holder, &old.row.number, SITE).await, Err(PrintError::NotValid)));
    assert!(matches!(certificate_file(&app, &holder, "2026-N0QMS-9999999", SITE).await, Err(PrintError::NotFound)));
});

demo_test!(after_a_change_of_name_the_certificate_is_printed_anew_under_its_number_and_an_older_print_stays_genuine, |demo| async move {
    let mut server = TestApp::new(demo).await;
    server.app.pdf_renderer = renderer();
    let app = server.app.clone();
    let holder = server.sign_in("certified").await;
    let all = crate::record::certificate::own_certificates(&app, &holder).await.unwrap();
    let number = all.iter().find(|c| c.row.domain == "QMS").unwrap().row.number.clone();
    let record = |pdf: &[u8]| {
        let address = code_on(pdf);
        signed_code::decode(&app.keys, address.strip_prefix(&format!("{SITE}/verify?c=")).unwrap()).unwrap()
    };
    let before = certificate_file(&app, &holder, &number, SITE).await.unwrap();
    crate::matter::tests::identity::changed(&server, "certified", crate::matter::tests::identity::name("周健国")).await;
    let after = certificate_file(&app, &holder, &number, SITE).await.unwrap();
    let text = text_of(&after.bytes);
    assert!(text.contains("周健国") && !text.contains("周建国") && text.contains(&number), "{text}");
    let (old, new) = (record(&before.bytes), record(&after.bytes));
    assert_eq!((old.holder.as_deref(), new.holder.as_deref()), (Some("周建国"), Some("周健国")));
    assert_eq!((&old.record.number, &new.record.number), (&number, &number));
});

demo_test!(letters_that_a_certificate_cannot_show_are_told_before_the_approval_and_printed_in_latin_letters, |demo| async move {
    use crate::access::account::lookup::unseal_person;
    use crate::infra::db::account::{by_id, set_person};

    let mut server = TestApp::new(demo).await;
    server.app.pdf_renderer = renderer();
    let app = server.app.clone();
    for (name, missing) in
        [("\u{20BB7}田光", "“\u{20BB7}”"), ("สมชาย", "“ส”（U+0E2A）"), ("周\u{F9D2}", ""), ("Shaun O\u{2BC}Neil", ""), ("李𬭎", "")]
    {
        assert!(missing_letters(&app, &[name]).await.starts_with(missing), "{name}");
        assert_eq!(missing_letters(&app, &[name]).await.is_empty(), missing.is_empty(), "{name}");
    }
    let applicant = server.sign_in("certified").await;
    let matter = server.matter(&applicant, "职业健康安全").await;
    let officer = server.sign_in("officer").await;
    assert_eq!(crate::service::pages::matter_page(&app, &applicant, matter).await.unwrap().missing_letters, "");

    let account = applicant.account();
    let row = { by_id(&mut app.db.read().await.unwrap(), account).await.unwrap().unwrap() };
    let person =
        crate::access::account::Person { name: "\u{20BB7}田光".into(), ..unseal_person(&app, account, &row.person_sealed).unwrap() };
    let update = crate::infra::db::account::PersonUpdate {
        person_sealed: app.keys.seal_json(crate::infra::secret::SealContext::new(crate::access::account::Person::COLUMN, account), &person),
        document_fingerprint: row.document_fingerprint.clone(),
        mobile_fingerprint: row.mobile_fingerprint.clone(),
        email_fingerprint: row.email_fingerprint.clone(),
        email_verified_at: row.email_verified_at,
    };
    assert!(app.db.write(move |tx| Box::pin(async move { set_person(tx, &row, &update).await })).await.unwrap());
    let own = crate::service::pages::matter_page(&app, &server.sign_in("certified").await, matter).await.unwrap();
    assert_eq!(own.missing_letters, "“\u{20BB7}”");
    let seen = crate::service::pages::matter_page(&app, &officer, matter).await.unwrap();
    assert_eq!(seen.missing_letters, "“\u{20BB7}”");

    for (holder, latin, shown) in
        [("\u{20BB7}田光", "Yoshida Hikari", "Yoshida Hikari"), ("周建国", "Zhou Jianguo", "周建国"), ("\u{20BB7}", "", "\u{20BB7}")]
    {
        assert_eq!(file::shown_holder(&app, holder, latin.to_owned()).await, shown, "{holder}");
    }
    let refused = print(&app.pdf_renderer, sheet("\u{20BB7}田光")).await.unwrap_err();
    assert!(refused.text().contains("“\u{20BB7}”"), "{}", refused.text());
});
