//! PDFs of all kinds.

use lopdf::{Document, EncryptionState, EncryptionVersion, Object, Permissions, SaveOptions, dictionary};

use crate::infra::file::testing::{jpeg, pdf, pdf_of_objects, pdf_with};
use crate::infra::file::{FileError, ForeignKind};

const PAGES: &[u8] = b"<</Type/Pages/Kids[3 0 R]/Count 1>>";
const PAGE: &[u8] = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R>>";

/// Bytes without a pattern, the same for each seed.
pub fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        u8::try_from(state >> 32 & 0xFF).unwrap_or(0)
    };
    (0..length).map(|_| next()).collect()
}

/// A scan of one page whose picture has so many bytes of noise.
pub fn noise_scan(seed: u64, length: usize) -> Vec<u8> {
    pdf(&noise(seed, length))
}

/// A document of one page with more entries of its catalog and more objects, numbered from 5.
fn with(catalog: &str, objects: &[&str]) -> Vec<u8> {
    let catalog = format!("<</Type/Catalog/Pages 2 0 R{catalog}>>");
    let mut all: Vec<(&[u8], Option<&[u8]>)> =
        vec![(catalog.as_bytes(), None), (PAGES, None), (PAGE, None), (b"<<", Some(b"0 0 9 9 re S"))];
    all.extend(objects.iter().map(|object| (object.as_bytes(), None)));
    pdf_of_objects(&all, "")
}

/// A document whose page has these entries.
fn with_page(page: &str, objects: &[&str]) -> Vec<u8> {
    let page = format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R{page}>>");
    let mut all: Vec<(&[u8], Option<&[u8]>)> =
        vec![(b"<</Type/Catalog/Pages 2 0 R>>", None), (PAGES, None), (page.as_bytes(), None), (b"<<", Some(b"BT (/JavaScript) Tj ET"))];
    all.extend(objects.iter().map(|object| (object.as_bytes(), None)));
    pdf_of_objects(&all, "")
}

/// The document with its objects in streams.
fn in_streams(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    if let Ok(mut document) = Document::load_mem(bytes) {
        let options = SaveOptions::builder().use_object_streams(true).use_xref_streams(true).build();
        let _ = document.save_with_options(&mut out, options);
    }
    out
}

/// The document encrypted with these passwords.
fn encrypted(user: &str, owner: &str, key_length: usize) -> Vec<u8> {
    let mut out = Vec::new();
    if let Ok(mut document) = Document::load_mem(&pdf(b"picture")) {
        document.trailer.set("ID", vec![Object::string_literal("0123456789abcdef"), Object::string_literal("0123456789abcdef")]);
        let version = EncryptionVersion::V2 {
            document: &document,
            owner_password: owner,
            user_password: user,
            key_length,
            permissions: Permissions::empty(),
        };
        if let Ok(state) = EncryptionState::try_from(version) {
            let _ = document.encrypt(&state);
        }
        let _ = document.save_to(&mut out);
    }
    out
}

/// A document as word processors write it: a table for old readers, and a stream with the objects that only newer ones see.
fn hybrid(hidden: &str) -> Vec<u8> {
    let base = pdf(b"picture");
    let first = base.windows(5).position(|at| at == b"xref\n").unwrap_or(0);
    let mut out = base;
    let stream = out.len();
    let container = format!("5 0 {hidden}");
    out.extend(format!("6 0 obj<</Type/ObjStm/N 1/First 4/Length {}>>stream\n{container}\nendstream endobj\n", container.len()).bytes());
    let table = out.len();
    let entry = |kind: u8, place: usize, last: u8| [&[kind][..], &u32::try_from(place).unwrap_or(0).to_be_bytes(), &[last]].concat();
    let rows = [entry(2, 6, 0), entry(1, stream, 0), entry(1, table, 0)].concat();
    out.extend(format!("7 0 obj<</Type/XRef/Size 8/Index[5 3]/W[1 4 1]/Length {}>>stream\n", rows.len()).bytes());
    out.extend(rows);
    out.extend(b"\nendstream endobj\n");
    let last = out.len();
    out.extend(
        format!("xref\n0 1\n0000000000 65535 f \ntrailer<</Size 8/Root 1 0 R/Prev {first}/XRefStm {table}>>\nstartxref\n{last}\n%%EOF\n")
            .bytes(),
    );
    out
}

/// Documents that must be taken.
pub fn harmless() -> Vec<(String, Vec<u8>)> {
    let whole = pdf(b"picture");
    let before = |front: &[u8]| [front, &whole].concat();
    let streams = in_streams(&whole);
    let text = String::from_utf8_lossy(&whole).into_owned();
    let until = |word: &str| text.split(word).next().unwrap_or_default().as_bytes().to_vec();
    let all: Vec<(&str, Vec<u8>)> = vec![
        ("common", whole.clone()),
        ("an end of line before the header", before(b"\r\n")),
        ("a byte order mark before the header", before(b"\xEF\xBB\xBF")),
        ("200 blanks before the header", before(&[b' '; 200])),
        ("100 bytes before the header", before(&[b'x'; 100])),
        ("headers of a download before the header", before(b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n")),
        ("something after the end", [whole.as_slice(), &[0; 3000], b"PK\x03\x04"].concat()),
        ("no end mark", until("%%EOF")),
        ("no last line", until("startxref")),
        ("no table", until("xref\n")),
        ("a wrong place of the table", text.replace("startxref\n", "startxref\n9").into_bytes()),
        ("ends of lines changed on the way", text.replace('\n', "\r\n").into_bytes()),
        ("object streams", streams.clone()),
        ("object streams without an end", streams.get(..streams.len() - 12).unwrap_or_default().to_vec()),
        ("a table and a stream", hybrid("<</Type/Font>>")),
        ("a password against printing", encrypted("", "owner", 128)),
        ("a short password against printing", encrypted("", "owner", 40)),
        ("names of actions in the bytes of a picture", pdf(b"/JS /JavaScript /Launch /EmbeddedFile /RichMedia endobj")),
        ("names of actions in a text", with_page("", &[])),
        (
            "a font called as an action is",
            with_page("/Resources<</Font<</JS 5 0 R/JavaScript 5 0 R/EF 5 0 R>>>>", &["<</Type/Font/BaseFont/JSFont>>"]),
        ),
        ("a picture called as a form is", with_page("/Resources<</XObject<</XFA 5 0 R/Launch 5 0 R>>>>", &["<</Type/XObject>>"])),
        (
            "words in a title",
            pdf_of_objects(
                &[
                    (b"<</Type/Catalog/Pages 2 0 R>>", None),
                    (PAGES, None),
                    (PAGE, None),
                    (b"<<", Some(b"")),
                    (b"<</Title(No. reg/JS-2026-01 /JavaScript)/Keywords(A/JSB 2026)>>", None),
                ],
                "/Info 5 0 R",
            ),
        ),
        ("a link to a page", with_page("/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(https://example.org/)>>>>]", &[])),
        ("a link to a message", with_page("/Annots[<</Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(mailto:a@example.org)>>>>]", &[])),
        ("a link within the document", with_page("/Annots[<</Subtype/Link/Rect[0 0 9 9]/A<</S/GoTo/D[3 0 R/Fit]>>>>]", &[])),
        ("a comment", with_page("/Annots[<</Subtype/Text/Rect[0 0 9 9]/Contents(/JavaScript)>>]", &[])),
        ("a stamp with an appearance", with_page("/Annots[<</Subtype/Stamp/Rect[0 0 9 9]/AP<</N<</JS 4 0 R/Off 4 0 R>>>>>>]", &[])),
        ("a page to begin with", with("/OpenAction[3 0 R/Fit]", &[])),
        ("a place to begin with", with("/OpenAction<</S/GoTo/D[3 0 R/Fit]>>", &[])),
        ("a question whether to print", with("/OpenAction<</S/Named/N/Print>>", &[])),
        ("a form", with("/AcroForm<</Fields[5 0 R]/DA(/Helv 0 Tf)>>", &["<</FT/Tx/T(name)/V(/JS)/Subtype/Widget/Rect[0 0 9 9]>>"])),
        (
            "a signature",
            with("/AcroForm<</Fields[5 0 R]/SigFlags 3>>", &["<</FT/Sig/T(s)/V<</Type/Sig/Filter/Adobe.PPKLite/Contents<00>>>>>"]),
        ),
        ("an outline", with("/Outlines<</First 5 0 R/Last 5 0 R/Count 1>>", &["<</Title(JavaScript)/Dest[3 0 R/Fit]>>"])),
        ("a list of attached files without a file", with("/Names<</EmbeddedFiles<</Names[]>>>>", &[])),
        ("data of the program that wrote it", with("/PieceInfo<</App<</Private<</EF 5 0 R>>>>>>", &["<</Type/EmbeddedFile>>"])),
        ("an action that nothing leads to", with("", &["<</S/JavaScript/JS(x)>>"])),
        ("a key twice with harmless values", with("/Lang(zh)/Lang(en)/OpenAction[3 0 R/Fit]/OpenAction[3 0 R/FitH 0]", &[])),
        ("a reference to nothing", with("/Metadata 99 0 R", &[])),
    ];
    let scans = (0..6).map(|seed| (format!("noise {seed}"), noise_scan(seed, 300_000)));
    all.into_iter().map(|(about, bytes)| (about.to_owned(), bytes)).chain(scans).collect()
}

/// Documents that must be refused.
pub fn unusable() -> Vec<(String, FileError, Vec<u8>)> {
    let whole = pdf(&noise(1, 10_000));
    let half = whole.get(..whole.len() / 2).unwrap_or_default().to_vec();
    let before = |front: &[u8]| [front, &whole].concat();
    let mut all: Vec<(String, FileError, Vec<u8>)> = Vec::new();
    let mut add = |about: &str, error: FileError, bytes: Vec<u8>| all.push((about.to_owned(), error, bytes));
    for action in ["JavaScript", "Launch", "SubmitForm", "ImportData", "GoToR", "GoToE", "Movie", "Sound", "Rendition"] {
        let bytes = with(&format!("/OpenAction<</S/{action}>>"), &[]);
        add(&format!("{action} in object streams"), FileError::ActiveContent, in_streams(&bytes));
        add(action, FileError::ActiveContent, bytes);
    }
    for (about, catalog, objects) in [
        ("an escaped script", "/OpenAction<</S/J#61vaScript/J#53(app.alert)>>", &[][..]),
        ("a script in objects of their own", "/OpenAction 5 0 R", &["<</S 6 0 R/JS(x)>>", "/JavaScript"]),
        ("a script after another action", "/OpenAction<</S/GoTo/D[3 0 R/Fit]/Next[<</S/JavaScript>>]>>", &[]),
        ("a script by name", "/Names<</JavaScript<</Names[(a)5 0 R]>>>>", &["<</S/JavaScript/JS(x)>>"]),
        ("a script at an event", "/AA<</WC<</S/JavaScript>>>>", &[]),
        ("a script of a field", "/AcroForm<</Fields[<</FT/Tx/AA<</K<</S/JavaScript>>>>>>]>>", &[]),
        ("a script of an outline", "/Outlines<</First<</Title(a)/A<</S/JavaScript>>>>>>", &[]),
        ("a form with a program", "/AcroForm<</XF#41[(template)5 0 R]>>", &["<<>>"]),
        ("a key twice, the first a script", "/OpenAction<</S/JavaScript/S/GoTo>>", &[]),
        ("a key twice, the last a script", "/OpenAction<</S/GoTo/S/JavaScript>>", &[]),
        ("an entry twice, one a script", "/OpenAction<</S/JavaScript>>/OpenAction[3 0 R/Fit]", &[]),
        ("an address that opens by itself", "/OpenAction<</S/URI/URI(https://example.org/)>>", &[]),
        ("an address that opens at an event", "/AA<</WC<</S/URI/URI(https://example.org/)>>>>", &[]),
    ] {
        add(about, FileError::ActiveContent, with(catalog, objects));
    }
    for (about, annotation, error) in [
        ("a script behind a click", "/Subtype/Link/A<</S/JavaScript>>", FileError::ActiveContent),
        ("a script in an address", "/Subtype/Link/A<</S/URI/URI(javascript:alert)>>", FileError::ActiveContent),
        ("a file in an address", "/Subtype/Link/A<</S/URI/URI(file:///c:/x.exe)>>", FileError::ActiveContent),
        ("a film", "/Subtype/RichMedia", FileError::ActiveContent),
        ("a screen", "/Subtype/Screen", FileError::ActiveContent),
        ("a model", "/Subtype/3D", FileError::ActiveContent),
        ("a file pinned to the page", "/Subtype/FileAttachment/FS<</EF<</F 4 0 R>>>>", FileError::Attachment),
    ] {
        add(about, error, with_page(&format!("/Annots[<</Rect[0 0 9 9]{annotation}>>]"), &[]));
    }
    let invoice = with("/Names<</EmbeddedFiles<</Names[(invoice.xml)5 0 R]>>>>", &["<</Type/Filespec/F(invoice.xml)/EF<</F 4 0 R>>>>"]);
    add("an electronic invoice in object streams", FileError::Attachment, in_streams(&invoice));
    add("an electronic invoice", FileError::Attachment, invoice);
    add("an associated file", FileError::Attachment, with("/AF[<</Type/Filespec/E#46<</F 4 0 R>>>>]", &[]));
    add("a password", FileError::Encrypted, encrypted("secret", "owner", 128));
    add("a short password", FileError::Encrypted, encrypted("secret", "owner", 40));
    add("half", FileError::Torn, half.clone());
    add("half with an end mark", FileError::Torn, [half.as_slice(), b"\n%%EOF\n"].concat());
    add("zeros after 400 bytes", FileError::Torn, [whole.get(..400).unwrap_or_default(), &[0; 4000]].concat());
    add(
        "no page",
        FileError::NoPage,
        pdf_of_objects(&[(b"<</Type/Catalog/Pages 2 0 R>>", None), (b"<</Type/Pages/Kids[]/Count 0>>", None)], ""),
    );
    add("15 bytes", FileError::NotADocument, b"%PDF-1.4\n%%EOF\n".to_vec());
    add(
        "a page in the marks of a document",
        FileError::NotADocument,
        b"%PDF-1.7\n<html><script>alert(1)</script></html>\n%%EOF\n".to_vec(),
    );
    add("a picture in the marks of a document", FileError::WrappedPicture, [b"%PDF-1.4\n", jpeg(20, 20).as_slice(), b"\n%%EOF\n"].concat());
    add("a program before the header", FileError::Foreign(ForeignKind::Program), before(b"MZ\x90\0"));
    add("an archive before the header", FileError::Foreign(ForeignKind::Archive), before(b"PK\x03\x04"));
    add("a script before the header", FileError::Foreign(ForeignKind::WebPage), before(b"x <script>alert(1)</script>"));
    let link = dictionary! { "S" => "JavaScript" };
    let old = pdf_with(b"", "/OpenAction<</S/JavaScript>>", "");
    if let Ok(mut document) = Document::load_mem(&old) {
        let _ = document.catalog_mut().map(|catalog| catalog.set("OpenAction", link));
        let mut bytes = Vec::new();
        let _ = document.save_to(&mut bytes);
        add("a script written by another program", FileError::ActiveContent, bytes);
    }
    all
}
