//! Harmless documents pass and active ones do not, however their names are written.

use lopdf::{Document, Object, SaveOptions, dictionary};

use super::accept_pdf;
use crate::infra::file::error::FileError;
use crate::infra::file::testing::{jpeg, pdf, pdf_of_objects, pdf_that_inflates, pdf_with};

/// A document with an entry of its catalog.
fn with_entry(key: &str, value: impl Into<Object>) -> Document {
    let mut document = Document::load_mem(&pdf(b"")).unwrap();
    let value = value.into();
    document.catalog_mut().unwrap().set(key, value);
    document
}

fn plain(document: &mut Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

fn in_object_streams(document: &mut Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    let options = SaveOptions::builder().use_object_streams(true).use_xref_streams(true).build();
    document.save_with_options(&mut bytes, options).unwrap();
    bytes
}

fn check_pdf(bytes: &[u8]) -> Result<(), FileError> {
    accept_pdf(bytes).map(|_| ())
}

/// Bytes without a pattern, the same for each seed.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..length).map(|_| next()).collect()
}

#[test]
fn scans_pass_whatever_bytes_their_pictures_have() {
    for seed in 0..20 {
        assert_eq!(check_pdf(&pdf(&noise(seed, 1 << 20))), Ok(()), "{seed}");
    }
    assert_eq!(check_pdf(&pdf(b"/JS /JavaScript /Launch /EmbeddedFile /RichMedia")), Ok(()));
    let words = pdf_with(b"", "/Info 5 0 R", "5 0 obj<</Title(No. reg/JS-2026-01 /JavaScript)/Producer(/Launch)>>endobj\n");
    assert_eq!(check_pdf(&words), Ok(()));
}

#[test]
fn an_object_stream_does_no_harm() {
    assert_eq!(check_pdf(&in_object_streams(&mut with_entry("Lang", Object::string_literal("zh")))), Ok(()));
}

#[test]
fn a_link_to_click_passes_and_one_that_opens_by_itself_does_not() {
    let link = |key: &str| with_entry(key, dictionary! { "S" => "URI", "URI" => Object::string_literal("https://example.org/") });
    assert_eq!(check_pdf(&plain(&mut link("A"))), Ok(()));
    assert_eq!(check_pdf(&plain(&mut link("OpenAction"))), Err(FileError::ActiveContent));
    let apart = pdf_with(b"", "/OpenAction 5 0 R", "5 0 obj<</S/URI/URI(https://example.org/)>>endobj\n");
    assert_eq!(check_pdf(&apart), Err(FileError::ActiveContent));
    let event = pdf_with(b"", "/AA<</WC<</S/URI/URI(https://example.org/)>>>>", "");
    assert_eq!(check_pdf(&event), Err(FileError::ActiveContent));
}

#[test]
fn actions_are_found_in_plain_objects_in_object_streams_and_under_escaped_names() {
    for action in ["JavaScript", "Launch", "SubmitForm", "ImportData", "GoToR", "GoToE", "Movie", "Rendition"] {
        let mut document = with_entry("OpenAction", dictionary! { "S" => action });
        assert_eq!(check_pdf(&plain(&mut document)), Err(FileError::ActiveContent), "{action}");
        assert_eq!(check_pdf(&in_object_streams(&mut document)), Err(FileError::ActiveContent), "{action}");
    }
    for kind in ["/Launch", "/GoToE", "/SubmitForm"] {
        let apart = pdf_with(b"", "/OpenAction<</S 5 0 R>>", &format!("5 0 obj{kind} endobj\n"));
        assert_eq!(check_pdf(&apart), Err(FileError::ActiveContent), "{kind} in an object of its own");
    }
    for escaped in ["/OpenAction<</S/J#61vaScript/J#53(app.alert)>>", "/OpenAction<</S/L#61unch>>", "/AcroForm<</XF#41[]>>"] {
        assert_eq!(check_pdf(&pdf_with(b"", escaped, "")), Err(FileError::ActiveContent), "{escaped}");
    }
}

#[test]
fn attached_files_are_told_apart_from_scripts() {
    let mut names = with_entry("Names", dictionary! { "EmbeddedFiles" => dictionary! { "Names" => Vec::<Object>::new() } });
    assert_eq!(check_pdf(&plain(&mut names)), Ok(()), "a list without a file");
    let file = dictionary! { "Type" => "Filespec", "EF" => dictionary! { "F" => Object::Reference((4, 0)) } };
    let list = vec![Object::string_literal("invoice.xml"), file.into()];
    let mut invoice = with_entry("Names", dictionary! { "EmbeddedFiles" => dictionary! { "Names" => list } });
    for bytes in [plain(&mut invoice), in_object_streams(&mut invoice)] {
        assert_eq!(check_pdf(&bytes), Err(FileError::Attachment));
    }
    assert_eq!(check_pdf(&pdf_with(b"", "/AF[<</Type/Filespec/E#46<<>>>>]", "")), Err(FileError::Attachment));
}

#[test]
fn each_kind_of_unusable_document_has_its_own_reason() {
    let whole = pdf(&noise(1, 10_000));
    for (bytes, error) in [
        (b"%PDF-1.4\n%%EOF\n".to_vec(), FileError::NotADocument),
        (b"%PDF-1.7\n<html><script>alert(1)</script></html>\n%%EOF\n".to_vec(), FileError::NotADocument),
        ([b"%PDF-1.4\n", jpeg(20, 20).as_slice(), b"\n%%EOF\n"].concat(), FileError::WrappedPicture),
        ([&whole[..whole.len() / 2], b"\n%%EOF\n"].concat(), FileError::Torn),
        (whole[..whole.len() / 2].to_vec(), FileError::Torn),
        ([&whole[..400], &[0; 4000][..]].concat(), FileError::Torn),
        (pdf_of_objects(&[(b"<</Type/Catalog/Pages 2 0 R>>", None), (b"<</Type/Pages/Kids[]/Count 0>>", None)], ""), FileError::NoPage),
        (b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n".to_vec(), FileError::NoPage),
    ] {
        assert_eq!(check_pdf(&bytes), Err(error), "{}", String::from_utf8_lossy(&bytes[..40.min(bytes.len())]));
    }
}

/// Encrypts a document, which has an identity, with these passwords.
fn encrypt(document: &mut Document, user: &str, owner: &str) {
    let version = lopdf::EncryptionVersion::V2 {
        document,
        owner_password: owner,
        user_password: user,
        key_length: 128,
        permissions: lopdf::Permissions::empty(),
    };
    let state = lopdf::EncryptionState::try_from(version).unwrap();
    document.encrypt(&state).unwrap();
}

fn encrypted(user: &str, owner: &str) -> Vec<u8> {
    let mut document = with_entry("Lang", Object::string_literal("zh"));
    document.trailer.set("ID", vec![Object::string_literal("0123456789abcdef"), Object::string_literal("0123456789abcdef")]);
    encrypt(&mut document, user, owner);
    plain(&mut document)
}

#[test]
fn a_password_to_open_is_refused_and_one_against_printing_is_not() {
    assert_eq!(check_pdf(&encrypted("secret", "owner")), Err(FileError::Encrypted));
    let bytes = encrypted("", "owner");
    assert_eq!(accept_pdf(&bytes), Ok(bytes));
}

#[test]
fn of_a_key_that_occurs_twice_both_values_are_judged() {
    for twice in [
        "/OpenAction<</S/JavaScript/JS(x)/S/GoTo>>",
        "/OpenAction<</S/GoTo/S/JavaScript/JS(x)>>",
        "/OpenAction<</S/JavaScript>>/OpenAction[3 0 R/Fit]",
        "/OpenAction[3 0 R/Fit]/OpenAction<</S/Launch>>",
    ] {
        assert_eq!(check_pdf(&pdf_with(b"", twice, "")), Err(FileError::ActiveContent), "{twice}");
    }
    assert_eq!(check_pdf(&pdf_with(b"", "/OpenAction[3 0 R/Fit]/OpenAction[3 0 R/FitH 0]/Lang(zh)/Lang(en)", "")), Ok(()));
    // Two trailers, of which a table names one.
    let hidden = pdf_with(b"", "", "5 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript>>>>endobj\n");
    assert_eq!(check_pdf(&hidden), Ok(()), "nothing leads to it");
    let text = String::from_utf8(hidden).unwrap();
    let twice = text.replace("/Root 1 0 R", "/Root 5 0 R/Root 1 0 R");
    assert_eq!(check_pdf(twice.as_bytes()), Err(FileError::ActiveContent));
}

#[test]
fn every_version_of_an_object_is_judged() {
    let active = String::from_utf8(pdf_with(b"", "/OpenAction<</S/JavaScript>>", "")).unwrap();
    let start = active.find("xref\n").unwrap();
    let at = active.len();
    let plain = "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n";
    let table = at + plain.len();
    let updated =
        format!("{active}{plain}xref\n1 1\n{at:010} 00000 n \ntrailer<</Size 5/Root 1 0 R/Prev {start}>>\nstartxref\n{table}\n%%EOF\n");
    assert_eq!(check_pdf(updated.as_bytes()), Err(FileError::ActiveContent));
}

#[test]
fn names_of_resources_and_properties_say_nothing() {
    let fonts = pdf_of_objects(
        &[
            (b"<</Type/Catalog/Pages 2 0 R>>", None),
            (b"<</Type/Pages/Kids[3 0 R]/Count 1>>", None),
            (
                b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</Font<</JS 5 0 R/EF 5 0 R/XFA 5 0 R/S/Launch/JavaScript 5 0 R>>>>>>",
                None,
            ),
            (b"<<", Some(b"BT /JavaScript 9 Tf (reg/JS-2026 /Launch) Tj ET")),
            (b"<</Type/Font/Subtype/Type1/BaseFont/JavaScript>>", None),
            (b"<</Title(/JavaScript)/JS(x)/EF(reg/JS-2026)/Keywords(A/JSB 2026)>>", None),
        ],
        "/Info 6 0 R",
    );
    assert_eq!(check_pdf(&fonts), Ok(()));
}

#[test]
fn addresses_that_open_files_or_run_code_are_refused_also_behind_a_click() {
    let link = |address: &str| {
        let link = dictionary! { "Subtype" => "Link", "A" => dictionary! { "S" => "URI", "URI" => Object::string_literal(address) } };
        check_pdf(&plain(&mut with_entry("X", link)))
    };
    for address in
        ["https://example.org/a:b", "HTTP://example.org", "mailto:a@example.org", "tel:010-1", "www.example.org:80/x", "a/b.html"]
    {
        assert_eq!(link(address), Ok(()), "{address}");
    }
    for address in ["javascript:alert(1)", " JavaScript:alert(1)", "file:///c:/x.exe", "data:text/html,x", "C:/x.exe", "\\\\host\\share"] {
        assert_eq!(link(address), Err(FileError::ActiveContent), "{address}");
    }
}

#[test]
fn a_document_whose_end_or_table_is_lost_is_taken_and_can_be_read_by_everyone() {
    let whole = String::from_utf8(pdf(b"picture")).unwrap();
    let streams = in_object_streams(&mut with_entry("Lang", Object::string_literal("zh")));
    let streams = &streams[..streams.len() - 20];
    let wrong = whole.replace("startxref\n", "startxref\n9");
    for (name, bytes) in [
        ("no end mark", whole.trim_end_matches("%%EOF\n").as_bytes().to_vec()),
        ("no last line", whole.as_bytes()[..whole.find("startxref").unwrap()].to_vec()),
        ("no table", whole.as_bytes()[..whole.find("xref\n").unwrap()].to_vec()),
        ("wrong place of the table", wrong.into_bytes()),
        ("ends of lines changed", whole.replace('\n', "\r\n").into_bytes()),
        ("object streams", streams.to_vec()),
    ] {
        let stored = accept_pdf(&bytes).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        let document = Document::load_mem(&stored).unwrap();
        assert_eq!(document.page_iter().count(), 1, "{name}");
        assert_eq!(accept_pdf(&stored), Ok(stored), "{name}: stored files are taken as they are");
    }
}

#[test]
fn what_stands_after_the_end_is_not_stored() {
    let whole = pdf(b"");
    let stored = accept_pdf(&[whole.as_slice(), b"PK\x03\x04 archive <script>"].concat()).unwrap();
    assert_eq!(stored, whole);
}

#[test]
fn content_that_stands_in_another_file_is_an_attachment() {
    for object in [
        "5 0 obj<</Length 0/F(a.bin)>>stream\n\nendstream endobj\n",
        "5 0 obj<</Length 0/F<</FS/URL/F(https://example.org/x)>>>>stream\n\nendstream endobj\n",
        "5 0 obj<</Subtype/Form/Length 0/Ref<</F(a.pdf)/Page 0>>>>stream\n\nendstream endobj\n",
        "5 0 obj<</S/Thread/F(a.pdf)/D 0>>endobj\n",
    ] {
        assert_eq!(check_pdf(&pdf_with(b"", "/Extra[5 0 R]", object)), Err(FileError::Attachment), "{object}");
    }
    assert_eq!(check_pdf(&pdf_with(b"", "/Collection<</View/D>>", "")), Err(FileError::Attachment));
    assert_eq!(check_pdf(&pdf_with(b"", "/Extra[5 0 R]", "5 0 obj<</Length 0/F null>>stream\n\nendstream endobj\n")), Ok(()));
}

#[test]
fn of_what_happens_on_opening_only_showing_a_place_passes() {
    for (action, passes) in [
        ("<</S/GoTo/D[3 0 R/Fit]>>", true),
        ("[3 0 R/Fit]", true),
        ("<</S/Named/N/FirstPage>>", true),
        ("<</S/Named/N/Print>>", true),
        ("<</S/Named/N/SaveAs>>", false),
        ("<</S/Hide/T(x)>>", false),
        ("<</S/ResetForm>>", false),
        ("<</S/GoTo/D[3 0 R/Fit]/Next<</S/Named/N/Quit>>>>", false),
        ("<</S/Unknown>>", false),
    ] {
        let expected = if passes { Ok(()) } else { Err(FileError::ActiveContent) };
        assert_eq!(check_pdf(&pdf_with(b"", &format!("/OpenAction{action}"), "")), expected, "{action}");
    }
    assert_eq!(check_pdf(&pdf_with(b"", "/Extra<</S/Named/N/SaveAs>>", "")), Ok(()), "a button to click");
}

#[test]
fn programs_for_printers_are_active_content() {
    for object in ["<</Subtype/PS/Length 0>>", "<</Subtype/Form/Subtype2/PS/Length 0>>"] {
        let file = pdf_with(b"", "/Extra[5 0 R]", &format!("5 0 obj{object}stream\n\nendstream endobj\n"));
        assert_eq!(check_pdf(&file), Err(FileError::ActiveContent), "{object}");
    }
}

/// A PDF whose table is a stream of these bytes, with these entries of its dictionary.
fn pdf_with_table_stream(entries: &str, rows: &[u8]) -> Vec<u8> {
    let mut out = pdf(b"");
    out.truncate(memchr::memmem::find(&out, b"xref\n").unwrap());
    let at = out.len();
    out.extend_from_slice(format!("9 0 obj<</Type/XRef/Root 1 0 R{entries}/Length {}>>stream\n", rows.len()).as_bytes());
    out.extend_from_slice(rows);
    out.extend_from_slice(format!("\nendstream endobj\nstartxref\n{at}\n%%EOF\n").as_bytes());
    out
}

#[test]
fn a_small_file_that_would_need_much_memory_is_refused_and_says_so() {
    let values = |count: usize| [b"[", "0 ".repeat(count).as_bytes(), b"]"].concat();
    let page: [(&[u8], Option<&[u8]>); 3] = [
        (b"<</Type/Catalog/Pages 2 0 R>>", None),
        (b"<</Type/Pages/Kids[3 0 R]/Count 1>>", None),
        (b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>", None),
    ];
    let with = |head: &str, data: Option<&[u8]>| pdf_of_objects(&[&page[..], &[(head.as_bytes(), data)]].concat(), "");
    // One array, to which the head of an object stream leads a thousand times.
    let members = [(10..1010).map(|number| format!("{number} 0 ")).collect::<String>().into_bytes(), values(50_000)].concat();
    let first = members.len() - values(50_000).len();
    // A stream that a table names under ten thousand numbers.
    let scan = pdf(&vec![b'x'; 1 << 20]);
    let text = String::from_utf8(scan.clone()).unwrap();
    let entry = format!("{:010} 00000 n \n", text.find("4 0 obj").unwrap());
    let start = text.find("trailer").unwrap();
    let often = [&text[..start], "10 10000\n", &entry.repeat(10_000), &text[start..]].concat();
    for (about, bytes) in [
        ("150 object streams", pdf_that_inflates(150, 1 << 20)),
        ("one object stream", pdf_that_inflates(1, 40 << 20)),
        ("members at one place", with(&format!("<</Type/ObjStm/N 1000/First {first}"), Some(&members))),
        ("values", with(std::str::from_utf8(&values(2_000_000)).unwrap(), None)),
        ("a table that names one object often", often.into_bytes()),
        ("a table of many rows", pdf_with_table_stream("/Size 9000000/W[0 1 0]", &vec![1; 2_000_000])),
    ] {
        assert!(bytes.len() < 5 << 20, "{about}: {} bytes", bytes.len());
        assert_eq!(check_pdf(&bytes), Err(FileError::Inflated), "{about}");
    }
    assert!(FileError::Inflated.text().contains("展开后过大"));
    for harmless in [pdf_that_inflates(150, 10_000), scan] {
        assert_eq!(check_pdf(&harmless), Ok(()));
    }
}

#[test]
fn a_table_whose_rows_are_empty_or_wider_than_any_number_is_not_read() {
    for widths in ["0 0 0", "9000000000000000000 1 1", "1 2000000000 1", "-1 2 1", "1 2"] {
        let bytes = pdf_with_table_stream(&format!("/Size 5/Index[0 9000000000000000000]/W[{widths}]"), &[1; 40]);
        // The objects themselves are whole, so that they get a table of the program's.
        let stored = accept_pdf(&bytes).unwrap();
        assert!(stored.len() > bytes.len(), "{widths}");
        assert_eq!(accept_pdf(&stored), Ok(stored), "{widths}");
    }
}

#[test]
fn what_an_encrypted_file_holds_is_measured_as_well() {
    let file = |size: usize| {
        let mut document = Document::load_mem(&pdf(b"")).unwrap();
        let content = [b"90 0 ".as_slice(), b"(", vec![b' '; size].as_slice(), b")"].concat();
        for _ in 0..40 {
            // The library does not write streams of this type.
            let entries = dictionary! { "Type" => "ObjStX", "N" => 1, "First" => 5 };
            let mut stream = lopdf::Stream::new(entries, content.clone());
            stream.compress().unwrap();
            document.add_object(stream);
        }
        document.trailer.set("ID", vec![Object::string_literal("0123456789abcdef"), Object::string_literal("0123456789abcdef")]);
        encrypt(&mut document, "", "owner");
        let mut bytes = plain(&mut document);
        let places: Vec<usize> = memchr::memmem::find_iter(&bytes, b"/ObjStX").collect();
        assert_eq!(places.len(), 40);
        places.iter().for_each(|at| bytes[at + 6] = b'm');
        bytes
    };
    assert_eq!(check_pdf(&file(2 << 20)), Err(FileError::Inflated));
    assert_eq!(check_pdf(&file(1000)), Ok(()));
}
