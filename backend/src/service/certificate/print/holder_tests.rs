//! People whose names or documents are unusual, from the first registration over the next grade and 年度确认 to the printed certificates.

use domain::base::identity::Sex;
use domain::kind::annual_confirmation;
use uuid::Uuid;

use super::tests::{SITE, code_on, renderer, text_of};
use crate::access::account::Person;
use crate::access::guard::Allowed;
use crate::demo::PASSWORD;
use crate::demo::actions::decide;
use crate::demo::application::{Application, complete};
use crate::demo::cases::{Reviewers, grant};
use crate::demo::testing::{TestApp, create_account, first_institution};
use crate::demo_test;
use crate::matter::tests::renewal_races::fill_renewal;
use crate::record::certificate::renewal::backdate_certificate;
use crate::record::certificate::{own_certificates, signed_code};
use crate::service::certificate::print::certificate_file;
use crate::workflow::draft::begin_draft;

/// Name, document, and the name on the certificate.
const HOLDERS: &[(&str, &str, &str, &str)] = &[
    ("Shaun O'Neil", "passport", "PA1234567", "Shaun O'Neil"),
    ("阿依古丽·买买提", "resident_id", "650102199003070021", "阿依古丽·买买提"),
    // The first letter is not in the fonts of certificates, and the Latin name stands for the name.
    ("\u{20BB7}田光", "passport", "TZ0123456", "Shi Li"),
];

fn person(index: usize, (name, document_type, number, _): (&str, &str, &str, &str)) -> Person {
    Person {
        name: name.into(),
        document_type: document_type.into(),
        document_number: number.into(),
        sex: Sex::Female,
        birth_date: "1990-03-07".parse().unwrap(),
        mobile: format!("1397777{index:04}"),
        email: format!("holder-{index}@example.com"),
    }
}

/// Files 年度确认 of a certificate, and takes it to the end.
async fn confirm(s: &TestApp, holder: &Allowed, number: &str, institution: &str, by: &Reviewers) {
    let kind = &annual_confirmation::KIND;
    let id = begin_draft(&s.app, holder, kind, Uuid::now_v7()).await.unwrap();
    fill_renewal(&s.app, holder, kind, id, number, institution).await;
    for (who, command) in [(holder, "submit"), (&by.institution, "pass"), (&by.officer, "propose"), (&by.approver, "approve")] {
        decide(&s.app, who, id, command, "").await.unwrap();
    }
}

/// Number and print of the certificate that stands; the print shows the name.
async fn printed(s: &TestApp, holder: &Allowed, shown: &str) -> (String, Vec<u8>) {
    let certificates = own_certificates(&s.app, holder).await.unwrap();
    let number = certificates.into_iter().find(|c| c.superseded_by.is_none()).unwrap().row.number;
    let pdf = certificate_file(&s.app, holder, &number, SITE).await.unwrap().bytes;
    let text = text_of(&pdf);
    assert!(text.contains(shown) && text.contains(&number), "{shown}: {text}");
    (number, pdf)
}

demo_test!(holders_of_passports_rare_letters_and_middle_dots_get_both_certificates_and_their_confirmation, |demo| async move {
    let mut s = TestApp::new(demo).await;
    s.app.pdf_renderer = renderer();
    let institution = first_institution(&s.app).await.unwrap();
    let by = Reviewers {
        institution: s.sign_in("inst-a").await,
        officer: s.sign_in("officer").await,
        approver: s.sign_in("approver2").await,
        finance: s.sign_in("finance").await,
    };
    let hash = s.app.password_hasher.hash("demo", PASSWORD.to_owned()).await.unwrap();
    for (index, described) in HOLDERS.iter().enumerate() {
        let (name, _, _, shown) = *described;
        let account = format!("holder-{index}");
        let holder = create_account(&s.app, &account, &person(index, *described), &["GEN", "ENMS", "MSB"], hash.clone()).await.unwrap();
        let trainee = complete(&s.app, &holder, Application::trainee("ENMS"), &institution).await.unwrap();
        grant(&s.app, &holder, trainee, &by).await.unwrap();
        let (first, _) = printed(&s, &holder, shown).await;
        // Audits count from the registration as trainee on.
        assert!(backdate_certificate(&s.app, &first, 260).await.unwrap());
        let upgrade = Application { kind: "upgrade", grade: "full", ..Application::trainee("ENMS") };
        let full = complete(&s.app, &holder, upgrade, &institution).await.unwrap();
        grant(&s.app, &holder, full, &by).await.unwrap();
        let (second, _) = printed(&s, &holder, shown).await;
        assert!(first.contains("N0ENMS") && second.contains("N1ENMS"), "{first} {second}");
        assert!(backdate_certificate(&s.app, &second, 331).await.unwrap());
        confirm(&s, &holder, &second, &institution, &by).await;
        let (number, pdf) = printed(&s, &holder, shown).await;
        assert_eq!(number, second, "a confirmation keeps the number");
        let code = code_on(&pdf);
        let proof = signed_code::decode(&s.app.keys, code.strip_prefix(&format!("{SITE}/verify?c=")).unwrap()).unwrap();
        assert_eq!((proof.holder.as_deref(), proof.record.number), (Some(name), number), "the signed code has the name as it is");
    }
});
