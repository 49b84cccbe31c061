//! Spellings of document numbers, and what is refused.

use super::*;
use DocumentType::*;

fn parse(kind: DocumentType, text: &str) -> Result<Document, DocumentError> {
    Document::parse(kind, text, "2026-11-23".parse().unwrap())
}

#[test]
fn well_formed_numbers_are_taken() {
    for (kind, number, holds) in [
        (ResidentId, "11010119900307002x", true),
        (HkmoPermit, "H12345678", false),
        (HkmoPermit, "M1234567801", false),
        (TwPermit, "12345678", false),
        (TwPermit, "1234567890B", false),
        (HkmotwResidence, "810000198506150514", true),
        (HkmotwResidence, "830000197911010338", true),
        (ForeignerPr, "932682198501010017", true),
        (ForeignerPr, "KAZ110090123105", false),
        (Passport, "E12345678", false),
    ] {
        let document = parse(kind, number).unwrap_or_else(|e| panic!("{number}: {e}"));
        assert_eq!(document.sex().is_some(), holds, "{number}");
        assert_eq!(document.birth_date().is_some(), holds, "{number}");
    }
}

#[test]
fn ill_formed_numbers_are_refused_with_a_text_of_their_own() {
    for (kind, number) in [
        (ResidentId, "110101199003070012"),
        (HkmoPermit, "A12345678"),
        (TwPermit, "1234567"),
        (HkmotwResidence, "840000198506150514"),
        (HkmotwResidence, "810000198506150515"),
        (ForeignerPr, "932682198513010017"),
        (Passport, "E1 2"),
    ] {
        let error = parse(kind, number).unwrap_err();
        assert!(!error.text().is_empty() && !error.code().is_empty());
    }
}

#[test]
fn every_usual_spelling_is_the_same_document() {
    for (kind, stored, spellings) in [
        (
            Passport,
            "E12345678",
            &[
                "E12345678",
                "e12345678",
                "E 1234 5678",
                "E-12345678",
                "Ｅ１２３４５６７８",
                "护照号：E12345678",
                "Passport No. E12345678",
                "E12345678。",
                "E\u{A0}12345678",
                "E\u{2013}12345678",
                "№ E12345678",
                "E.12345678",
                " E12345678 ",
                "\u{200E}E12345678",
                "E1234 5678",
                "护照 E12345678",
            ][..],
        ),
        (
            HkmoPermit,
            "H65432109",
            &[
                "H65432109",
                "h65432109",
                "H6543210901",
                "H 65432109",
                "H6543210900",
                "H65432109 01",
                "H65432109(01)",
                "H65432109（02）",
                "H-6543-2109",
                "Ｈ６５４３２１０９",
                "通行证号码：H65432109",
                "H\u{A0}65432109",
                "H65432109-03",
                "H 6543 2109 01",
                "h6543210999",
            ],
        ),
        (
            TwPermit,
            "12345678",
            &[
                "12345678",
                "1234567801",
                "1234567801B",
                "1234567801(B)",
                "12345678 01 (B)",
                "1234 5678",
                "1234-5678",
                "１２３４５６７８",
                "12345678（01）",
                "1234567800",
                "1234567899T",
                "通行证号 12345678",
                "12345678\u{200B}",
                "12345678。",
                "1234567801b",
            ],
        ),
    ] {
        for text in spellings {
            let document = parse(kind, text).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(document.number(), stored, "{text}");
        }
    }
}

#[test]
fn every_usual_spelling_of_a_residence_permit_is_the_same_document() {
    for (kind, stored) in [
        (HkmotwResidence, "810000198506150514"),
        (HkmotwResidence, "830000197911010338"),
        (ForeignerPr, "932682198501010017"),
        (ForeignerPr, "KAZ110090123105"),
    ] {
        let (head, rest) = stored.split_at(6);
        let (middle, tail) = rest.split_at(rest.len() - 4);
        let wide: String = stored.chars().map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap()).collect();
        let mut spellings = vec![stored.to_owned(), stored.to_lowercase(), wide, format!("{stored}\r\n")];
        for between in [" ", "-", ".", "_", "\u{A0}", "\u{3000}", "\u{2010}", "\u{2011}", "\u{2013}", "\u{2212}", "\u{200B}", "  "] {
            spellings.push([head, middle, tail].join(between));
        }
        for (before, behind) in
            [("证件号码：", ""), ("证件号 ", ""), (" ", " "), ("", "。"), ("“", "”"), ("", ";"), ("\u{200E}", "\u{200E}")]
        {
            spellings.push(format!("{before}{stored}{behind}"));
        }
        for text in spellings {
            let document = parse(kind, &text).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(document.number(), stored, "{text}");
        }
    }
}

#[test]
fn each_kind_of_document_refuses_what_is_none() {
    for (kind, texts) in [
        (Passport, &["", "E1 2", "E12", "E123456789012345678", "E1234#678", "E12345678(2)", "护照", "E1234567八", "\u{415}12345678"][..]),
        (HkmoPermit, &["", "A12345678", "H1234567", "H123456780", "12345678", "HH2345678", "H1234567O", "H1234567#", "C12345678"]),
        (TwPermit, &["", "1234567", "123456780A", "T2345678", "1234567号", "12345678012345", "1234567O", "1234#678"]),
        (
            HkmotwResidence,
            &[
                "",
                "840000198506150514",
                "810000198506150515",
                "81000019850615051",
                "8100001985061505144",
                "810000198513150514",
                "81000019850615051#",
                "居住证",
                "110101199003070011",
            ],
        ),
        (
            ForeignerPr,
            &[
                "",
                "932682198513010017",
                "932682198501010018",
                "93268219850101001",
                "KAZ1100901231",
                "KAZ1100901231055",
                "KA1110090123105",
                "KAZ11009012310#",
                "永久居留",
            ],
        ),
    ] {
        for text in texts {
            let error = parse(kind, text).map(|document| document.number().to_owned()).expect_err(text);
            assert!(error.text().chars().count() > 8 && !error.code().is_empty(), "{kind:?} {text}");
        }
    }
}

#[test]
fn a_refused_document_says_why() {
    for (kind, text, said) in [
        (Passport, "E1 2", "护照号码应为 5 至 17 位字母和数字"),
        (Passport, "\u{415}12345678", "证件号码中的“\u{415}”（U+0415）无法识别，请改正或删去"),
        (Passport, "E1234#678", "证件号码中的“#”无法识别，请改正或删去"),
        (Passport, "E12345678(2)", "证件号码中的“(”无法识别，请改正或删去"),
        (HkmoPermit, "A12345678", "通行证号码应为 H 或 M 加 8 位数字，不含换证次数"),
        (HkmoPermit, "H1234567", "通行证号码应为 H 或 M 加 8 位数字，不含换证次数"),
        (HkmoPermit, "H123456780", "通行证号码应为 H 或 M 加 8 位数字，不含换证次数"),
        (TwPermit, "1234567", "通行证号码应为 8 位数字，不含换证次数"),
        (TwPermit, "123456780A", "通行证号码应为 8 位数字，不含换证次数"),
        (TwPermit, "1234567号", "证件号码中的“号”无法识别，请改正或删去"),
        (HkmotwResidence, "840000198506150514", "居住证号码应为 18 位，以 81、82 或 83 开头"),
        (HkmotwResidence, "810000198506150515", "证件号码的校验位不符，请逐位核对"),
    ] {
        assert_eq!(parse(kind, text).unwrap_err().text(), said, "{text}");
    }
}

#[test]
fn a_stored_number_reads_back_and_a_permit_knows_the_numbers_of_earlier_versions() {
    for (kind, number) in [
        (Passport, "E12345678"),
        (HkmoPermit, "M12345678"),
        (TwPermit, "12345678"),
        (HkmotwResidence, "810000198506150514"),
        (ForeignerPr, "932682198501010017"),
        (ForeignerPr, "KAZ110090123105"),
    ] {
        assert_eq!(parse(kind, number).unwrap().number(), number);
    }
    let former = |kind, text: &str| parse(kind, text).unwrap().former_numbers(text);
    let permit = former(HkmoPermit, "H65432109");
    assert!(permit.contains(&"H6543210901".to_owned()) && permit.len() == 100);
    assert!(former(TwPermit, "1234567801(B)").contains(&"1234567877B".to_owned()));
    assert!(former(Passport, "E12345678").is_empty());
}

#[test]
fn a_mask_shows_only_the_ends() {
    assert_eq!(parse(ResidentId, "110101199003070011").unwrap().masked(), "1****************1");
}
