//! 信息变更申请 from the first page to the last, without scripts, by everyone who takes part and by those who do not.

use backend::demo_test;
use backend::infra::file::testing::pdf_of_size;
use uuid::Uuid;

use crate::browser::wizard::{begin, correct_and_resubmit, decide, decide_ok, fill, form_values, return_for_correction, submit, submit_ok};
use crate::browser::{Browser, Response, TestApp};

/// A synthetic ID number that no demo account has.
const NUMBER: &str = "110101199103040151";

/// Uploads the files of the last page, signs the declaration, and opens the check page.
async fn papers(b: &mut Browser, id: Uuid, fields: &[&str], signed: &str) {
    let path = format!("/matters/{id}/edit/papers");
    for field in fields {
        let revision = b.get(&path).await.value("_rev");
        let sent = b.upload(&path, &[("_rev", &revision), ("_action", "save")], field, "扫描件.pdf", pdf_of_size(2000)).await;
        assert_eq!(sent.status, 303, "{field}: {}", sent.text);
    }
    fill(b, id, "papers", &[("declared", "2026-11"), ("signed_name", signed)]).await;
}

/// Posts one page of the wizard as 下一步.
async fn next(b: &mut Browser, id: Uuid, step: &str, pairs: &[(&str, &str)]) -> Response {
    let path = format!("/matters/{id}/edit/{step}");
    let revision = b.get(&path).await.value("_rev");
    b.post(&path, &form_values(pairs, &revision, "next")).await
}

/// A submitted change of the name.
async fn renaming(b: &mut Browser, from: &str, to: &str) -> Uuid {
    let id = begin(b, "/apply/identity_change").await;
    fill(b, id, "matter", &[("changes", "name"), ("reason", "renamed")]).await;
    fill(b, id, "identity", &[("new_name", to)]).await;
    papers(b, id, &["document_front", "document_back", "name_proof"], from).await;
    submit_ok(b, id).await;
    id
}

demo_test!(a_change_of_name_and_document_is_returned_mended_and_approved_by_a_second_person, |demo| async move {
    let app = TestApp::new(demo).await;
    let (mut b, mut elsewhere) = (app.sign_in("applicant").await, app.sign_in("applicant").await);
    for entry in ["/me/security", "/me/profile", "/apply"] {
        let page = b.get(entry).await.text;
        assert!(page.contains("信息变更申请") && page.contains("/apply/identity_change"), "{entry}: {page}");
    }
    let id = begin(&mut b, "/apply/identity_change").await;
    let first = b.get(&format!("/matters/{id}/edit/matter")).await.text;
    assert!(first.contains("林晓月") && first.contains("1****************X") && !first.contains("11010119900307002X"), "{first}");
    fill(&mut b, id, "matter", &[("changes", "name"), ("changes", "document"), ("reason", "renamed")]).await;
    let typed = |number| [("new_name", "林小月"), ("document_type", "resident_id"), ("document_number", number)];
    let wrong = next(&mut b, id, "identity", &typed("110101199103040152")).await;
    assert!(wrong.status == 422 && wrong.text.contains("校验位不符") && wrong.text.contains("110101199103040152"), "{}", wrong.text);
    let early = submit(&mut b, id).await;
    assert!(early.status == 422 && early.text.contains("校验位不符"), "{}", early.status);
    fill(&mut b, id, "identity", &typed(NUMBER)).await;
    papers(&mut b, id, &["document_front", "document_back", "name_proof"], "林晓月").await;
    submit_ok(&mut b, id).await;
    let guide = b.get("/apply/identity_change").await;
    assert!(guide.text.contains("已有一件信息变更申请正在办理") && !guide.text.contains("在线办理</button>"), "{}", guide.text);

    let (mut officer, mut approver) = (app.sign_in("officer").await, app.sign_in("approver2").await);
    assert!(officer.get("/association").await.text.contains(&id.to_string()));
    let path = format!("/matters/{id}");
    assert!(officer.get(&path).await.text.contains(NUMBER), "who checks the document sees its number");
    assert!(!approver.get(&path).await.text.contains(NUMBER), "it is not the approver's turn");
    let scan = officer.get(&path).await.text.split(&format!("{path}/files/")).nth(1).unwrap()[..36].to_owned();
    let scan = format!("{path}/files/{scan}");
    assert_eq!((officer.get(&scan).await.status, approver.get(&scan).await.status, b.get(&scan).await.status), (200, 404, 200));
    assert!(!approver.get(&path).await.text.contains("/files/"), "nor are the scans there for the approver");
    for who in ["certified", "inst-a", "expert1", "finance", "examiner"] {
        assert_eq!(app.sign_in(who).await.get(&path).await.status, 404, "{who}");
    }
    return_for_correction(&mut officer, id, "reason", "请核对变更原因。").await;
    let returned = b.get(&path).await.text;
    assert!(returned.contains("已退回，待补正") && returned.contains("请核对变更原因。"), "{returned}");
    correct_and_resubmit(&mut b, id, "matter", "reason", "misrecorded").await;
    decide_ok(&mut officer, id, "propose", "证件清晰。").await;
    assert_eq!(decide(&mut officer, id, "approve", "").await.status, 409, "who reviewed does not approve");
    assert!(!officer.get(&path).await.text.contains(NUMBER), "the officer's part is over");
    assert_eq!((officer.get(&scan).await.status, approver.get(&scan).await.status), (404, 200));
    assert!(approver.get(&path).await.text.contains(NUMBER));
    decide_ok(&mut approver, id, "approve", "").await;

    for session in [&mut b, &mut elsewhere] {
        let page = session.get("/me").await;
        assert!(page.status == 303 && page.location.starts_with("/login"), "another document ends every session: {}", page.status);
    }
    let mut b = app.sign_in("applicant").await;
    let profile = b.get("/me/profile").await.text;
    assert!(profile.contains("林小月") && !profile.contains("林晓月") && profile.contains("1****************1"), "{profile}");
    let shown = b.post("/me/security/document", &[("password", "Demo-2026-pass".into())]).await;
    assert!(shown.text.contains(NUMBER), "the whole number only after the password");
    let closed = b.get(&path).await.text;
    assert!(closed.contains("变更前登记的信息") && closed.contains("林晓月"), "{closed}");
    for own in [path.clone(), format!("{path}/print"), "/matters?view=closed".to_owned()] {
        assert!(!b.get(&own).await.text.contains(NUMBER), "{own} shows the own number without the password");
    }
    for own in [path.clone(), format!("{path}/print")] {
        assert!(b.get(&own).await.text.contains("1****************1"), "{own} masks it as everywhere");
    }
    let export = b.post("/me/security/export", &[("password", "Demo-2026-pass".into())]).await.text;
    assert!(export.contains("identity_changes") && export.contains("11010119900307002X"), "the export holds what was replaced");
});

demo_test!(a_document_of_somebody_else_is_refused_at_its_field_without_saying_whose_it_is, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let id = begin(&mut b, "/apply/identity_change").await;
    fill(&mut b, id, "matter", &[("changes", "document"), ("reason", "misrecorded")]).await;
    fill(&mut b, id, "identity", &[("document_type", "resident_id"), ("document_number", "110101199003070011")]).await;
    papers(&mut b, id, &["document_front", "document_back"], "林晓月").await;
    let review = b.get(&format!("/matters/{id}/review")).await;
    assert!(!review.text.contains("已登记在其他账号下"), "the check page looks nothing up");
    for _ in 0..5 {
        let refused = submit(&mut b, id).await;
        assert!(refused.status == 422 && refused.text.contains("已登记在其他账号下"), "{}: {}", refused.status, refused.text);
        assert!(refused.text.contains(&format!("/matters/{id}/edit/identity#f-document_number")), "{}", refused.text);
        assert!(!refused.text.contains("周建国"));
    }
    let limited = submit(&mut b, id).await;
    assert!(limited.status == 429 && limited.text.contains("证件号码校验次数过多"), "{}: {}", limited.status, limited.text);
});

demo_test!(a_new_name_is_on_the_certificate_its_search_and_the_lists_and_sessions_stay, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("certified").await;
    let own = b.get("/me/certificates").await.text;
    let code = own.split("href=\"").find(|part| part.starts_with("/verify?c=")).and_then(|part| part.split('"').next()).unwrap();
    let old_code = code.replace("&amp;", "&");
    let published = b.get("/published").await.text;
    let number = published.split("/verify/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let id = renaming(&mut b, "周建国", "周健国").await;
    decide_ok(&mut app.sign_in("officer").await, id, "propose", "").await;
    decide_ok(&mut app.sign_in("approver2").await, id, "approve", "").await;

    let own = b.get("/me/certificates").await;
    assert_eq!(own.status, 200, "a new name ends no session");
    assert!(own.text.contains("变更前姓名") && own.text.contains("周建国"), "{}", own.text);
    let mut visitor = app.browser();
    let current = app.authorize("certified").await;
    let certificates = backend::record::certificate::own_certificates(app.state(), &current).await.unwrap();
    let usable = certificates.iter().find(|c| c.superseded_by.is_none() && c.published_on <= Some(app.state().today())).unwrap();
    let search = |name: &str| [("number", usable.held.number.clone()), ("name", name.to_owned())];
    let found = visitor.post("/verify", &search("周健国")).await;
    assert!(found.status == 200 && found.text.contains("周健国"), "{}", found.text);
    let former = visitor.post("/verify", &search("周建国")).await;
    assert!(former.status == 200 && former.text.contains("变更前的姓名"), "{}", former.text);
    assert!(!former.text.contains("周健国"), "the former name alone does not disclose the present one");
    assert_eq!(visitor.post("/verify", &search("周国建")).await.status, 422);
    let paper = visitor.get(&old_code).await;
    assert!(paper.status == 200 && paper.text.contains("签名有效"), "{}", paper.text);
    assert!(paper.text.contains("周建国") && paper.text.contains("现登记的姓名：周健国"), "{}", paper.text);
    assert_eq!(visitor.get(&format!("/verify/{number}")).await.status, 200);
    let list = app.sign_in("officer").await.get("/association?state=all").await.text;
    assert!(list.contains("周健国") && !list.contains("周建国"), "{list}");
});
