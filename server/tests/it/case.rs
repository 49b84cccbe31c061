//! The page of a matter as reviewers use it: files in place, the full document number, phrases for the opinion, folded answers.

use backend::access::access_log::{AccessSubject, list_accesses};
use backend::demo_test;
use uuid::Uuid;

use crate::browser::wizard::{decide_ok, pay_online};
use crate::browser::{Browser, Response, TestApp};

const NUMBER: &str = "11010119900307002X";

fn header<'a>(response: &'a Response, name: &str) -> Vec<&'a str> {
    response.headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
}

/// Addresses at which the page shows files in place.
fn views(page: &Response) -> Vec<String> {
    let parts = page.text.split("src=\"").skip(1).filter_map(|part| part.split('"').next());
    parts.filter(|src| src.ends_with("/view")).map(str::to_owned).collect()
}

async fn disclose(b: &mut Browser, matter: Uuid, reason: &str) -> Response {
    b.post(&format!("/matters/{matter}/identity"), &[("reason", reason.to_owned())]).await
}

demo_test!(a_file_is_shown_in_place_to_those_who_may_read_it_and_cannot_run_anything, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("applicant", "质量管理体系").await;
    let mut b = app.sign_in("inst-a").await;
    let page = b.get(&format!("/matters/{id}")).await;
    let view = views(&page).into_iter().next().unwrap();
    let file = b.get(&view).await;
    assert_eq!((file.status, header(&file, "content-type")), (200, vec!["image/jpeg"]));
    assert!(header(&file, "content-disposition")[0].starts_with("inline; filename*=UTF-8''"));
    assert_eq!((header(&file, "x-content-type-options"), header(&file, "cache-control")), (vec!["nosniff"], vec!["no-store"]));
    let policies = header(&file, "content-security-policy").join(" | ");
    assert!(policies.contains("sandbox; default-src 'none'") && policies.contains("frame-ancestors 'self'"), "{policies}");
    let saved = b.get(view.trim_end_matches("/view")).await;
    assert!(header(&saved, "content-disposition")[0].starts_with("attachment"));
    assert!(header(&saved, "content-security-policy").join("").contains("frame-ancestors 'none'"));
    for stranger in ["certified", "inst-b", "expert1"] {
        assert_eq!(app.sign_in(stranger).await.get(&view).await.status, 404, "{stranger}");
    }
    let report = list_accesses(app.state(), &AccessSubject::Matter(id)).await.unwrap().unwrap();
    let viewed: Vec<&str> = report.accesses.iter().filter(|row| row.action == "file.viewed").map(|row| row.target.as_str()).collect();
    assert_eq!(viewed, [view.split('/').nth(4).unwrap()]);
});

demo_test!(the_head_shows_the_photo_to_those_who_know_the_applicant_and_to_no_expert, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("applicant", "质量管理体系").await;
    decide_ok(&mut app.sign_in("inst-a").await, id, "pass", "").await;
    pay_online(&mut app.sign_in("applicant").await, id).await;
    decide_ok(&mut app.sign_in("officer").await, id, "accept", "").await;
    let page = app.sign_in("officer").await.get(&format!("/matters/{id}")).await;
    assert!(page.text.contains("class=\"case-photo\""), "{}", page.text);
    let photo = views(&page).remove(0);
    assert_eq!(app.decide("officer", id, "assign", &["expert1", "expert2"]).await, "evaluation");
    let mut expert = app.sign_in("expert1").await;
    for path in [format!("/matters/{id}"), format!("/expert/registrations/{id}")] {
        let page = expert.get(&path).await;
        assert!(page.status == 200 && !page.text.contains("case-photo") && !page.text.contains("显示完整证件号"), "{path}");
        assert!(!views(&page).is_empty(), "{path}: other files are there");
    }
    assert_eq!(expert.get(&photo).await.status, 404);
});

demo_test!(the_full_number_is_shown_once_with_a_reason_and_the_look_is_recorded, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("applicant", "质量管理体系").await;
    let path = format!("/matters/{id}");
    let mut officer = app.sign_in("officer").await;
    let page = officer.get(&path).await;
    assert!(page.text.contains("显示完整证件号") && !page.text.contains(NUMBER));
    for reason in ["", "没有这样的事由"] {
        let refused = disclose(&mut officer, id, reason).await;
        assert!(refused.status == 422 && refused.text.contains("请选择查看事由") && !refused.text.contains(NUMBER), "{reason}");
    }
    let shown = disclose(&mut officer, id, "documents").await;
    assert_eq!((shown.status, header(&shown, "cache-control")), (200, vec!["no-store"]));
    assert!(shown.text.contains(NUMBER) && shown.text.contains("示例路 100 号") && shown.text.contains("13800000001"), "{}", shown.text);
    assert!(!officer.get(&path).await.text.contains(NUMBER), "on that response only");
    let again = officer.get(&format!("{path}/identity")).await;
    assert!(again.status == 303 && again.headers["location"] == path.as_str());
    let report = list_accesses(app.state(), &AccessSubject::Matter(id)).await.unwrap().unwrap();
    let recorded: Vec<&str> = report.accesses.iter().filter(|row| row.action == "identity.shown").map(|row| row.target.as_str()).collect();
    assert_eq!(recorded, ["documents"]);
    let record = app.sign_in("admin").await.get(&path).await.text;
    assert!(record.contains("证件号查看记录") && record.contains("查看了完整证件号（核对证件材料）"), "{record}");
    assert!(!officer.get(&path).await.text.contains("证件号查看记录"));
});

demo_test!(the_full_number_is_shown_to_nobody_without_a_part_in_the_review, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("applicant", "质量管理体系").await;
    for (who, status) in [("certified", 403), ("expert1", 403), ("finance", 403), ("examiner", 403), ("inst-b", 404), ("applicant", 403)] {
        let refused = disclose(&mut app.sign_in(who).await, id, "documents").await;
        assert!(refused.status == status && !refused.text.contains(NUMBER), "{who}: {}", refused.status);
    }
    let report = list_accesses(app.state(), &AccessSubject::Matter(id)).await.unwrap().unwrap();
    assert!(report.accesses.iter().all(|row| row.action != "identity.shown"));
});

demo_test!(a_phrase_that_is_sent_without_scripts_becomes_the_opinion, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("applicant", "质量管理体系").await;
    let (path, phrase) = (format!("/matters/{id}"), "材料齐全，内容属实，同意。");
    let mut b = app.sign_in("inst-a").await;
    let page = b.get(&path).await;
    assert!(page.text.contains(&format!("<option value=\"{phrase}\"")), "{}", page.text);
    let form = |action: &str, seen: String, note: &str| {
        [
            ("_key", Uuid::now_v7().to_string()),
            ("_seen", seen),
            ("_action", action.into()),
            ("note", note.into()),
            ("_phrase", phrase.into()),
        ]
    };
    let seen = app.seen("inst-a", id).await;
    assert_eq!(b.post(&path, &form("pass", seen, "已核对原件。")).await.status, 303);
    let history = b.get(&path).await.text;
    assert!(history.contains(&format!("已核对原件。\n{phrase}")), "{history}");
});

demo_test!(answers_left_empty_are_folded_and_can_still_be_pointed_at, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("applicant", "质量管理体系").await;
    let mut b = app.sign_in("inst-a").await;
    let page = b.get(&format!("/matters/{id}")).await.text;
    let fold = page.split("<summary>未填写 ").nth(1).unwrap().split("</details>").next().unwrap();
    assert!(fold.contains("民族"), "{fold}");
    assert!(!page.replace(fold, "").contains("民族"));
    let sheet = b.get(&format!("/matters/{id}/return")).await.text;
    assert!(sheet.contains("name=\"v:ethnicity\"") && sheet.contains("name=\"t:ethnicity\""));
});
