//! 回避人员 by hand: the form on the page of a case, and what becomes of the person.

use backend::demo_test;
use uuid::Uuid;

use crate::browser::wizard::complaint;
use crate::browser::{Browser, TestApp};

async fn exclude(b: &mut Browser, id: Uuid, seen: &str, person: &str, note: &str) -> crate::browser::Response {
    let form = [
        ("_key", Uuid::now_v7().to_string()),
        ("_seen", seen.to_owned()),
        ("_action", "exclude".to_owned()),
        ("person", person.to_owned()),
        ("note", note.to_owned()),
    ];
    b.post(&format!("/matters/{id}"), &form).await
}

demo_test!(an_officer_excludes_a_colleague_from_a_complaint_on_its_page, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = complaint(&mut app.sign_in("applicant").await, "/apply/complaint", ("registrant", "某人")).await;
    let path = format!("/matters/{id}");
    let colleague = app.authorize("officer2").await.caller().person.name.clone();
    let (mut officer, mut second) = (app.sign_in("officer").await, app.sign_in("officer2").await);
    assert_eq!(second.get(&path).await.status, 200);
    let page = officer.get(&path).await;
    assert!(page.text.contains("登记回避人员") && page.text.contains("name=\"person\""), "{}", page.text);
    let seen = page.value("_seen");
    for (person, note, said) in [("", "亲属", "请填写须回避人员的姓名"), (colleague.as_str(), "", "请填写意见")] {
        let refused = exclude(&mut officer, id, &seen, person, note).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text.contains(said) && refused.text.contains(person) && refused.text.contains(note), "{}", refused.text);
    }
    let late = exclude(&mut officer, id, "0.0", &format!("{colleague}处长"), "与当事人有亲属关系").await;
    assert_eq!(late.status, 409);
    assert!(late.text.contains(&format!("{colleague}处长")) && late.text.contains("与当事人有亲属关系"), "what was typed is kept");
    assert_eq!(second.get(&path).await.status, 200, "nothing was changed");
    let done = exclude(&mut officer, id, &seen, &format!("{colleague}处长"), "与当事人有亲属关系").await;
    assert_eq!(done.status, 303, "{}", done.text);
    for path in [path.clone(), format!("{path}/print"), format!("{path}/return")] {
        assert_eq!(second.get(&path).await.status, 404, "{path}");
    }
    assert!(!second.get("/association").await.text.contains(&id.to_string()));
    assert_eq!(exclude(&mut second, id, &seen, "某某人", "理由").await.status, 404);
    let page = officer.get(&path).await;
    assert!(page.text.contains("回避人员") && page.text.contains("与当事人有亲属关系"), "{}", page.text);
    let own = app.sign_in("applicant").await.get(&path).await;
    assert!(own.status == 200 && !own.text.contains("亲属关系") && !own.text.contains("登记回避人员"), "{}", own.text);
});

demo_test!(an_officer_who_excludes_themselves_leaves_the_case, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = complaint(&mut app.sign_in("applicant").await, "/apply/complaint", ("registrant", "某人")).await;
    let own = app.authorize("officer").await.caller().person.name.clone();
    let mut officer = app.sign_in("officer").await;
    let seen = officer.get(&format!("/matters/{id}")).await.value("_seen");
    let done = exclude(&mut officer, id, &seen, &own, "当事人是本人的亲属").await;
    assert_eq!((done.status, done.location.as_str()), (303, "/"));
    assert_eq!(officer.get(&format!("/matters/{id}")).await.status, 404);
    assert_eq!(app.sign_in("officer2").await.get(&format!("/matters/{id}")).await.status, 200);
});

demo_test!(a_name_is_excluded_once_and_the_last_one_who_may_decide_stays, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = complaint(&mut app.sign_in("applicant").await, "/apply/complaint", ("registrant", "某人")).await;
    let mut officer = app.sign_in("officer").await;
    let path = format!("/matters/{id}");
    let mut seen = officer.get(&path).await.value("_seen");
    let done = exclude(&mut officer, id, &seen, "某某人", "与当事人有亲属关系").await;
    assert_eq!(done.status, 303, "{}", done.text);
    seen = officer.get(&path).await.value("_seen");
    let again = exclude(&mut officer, id, &seen, "某 某　人", "与当事人有亲属关系").await;
    assert!(again.status == 422 && again.text.contains("此姓名已登记回避"), "{}: {}", again.status, again.text);
    let (mut excluded, mut last) = (0, None);
    for account in ["officer2", "officer"] {
        let name = app.authorize(account).await.caller().person.name.clone();
        let answer = exclude(&mut officer, id, &seen, &name, "与当事人有亲属关系").await;
        match answer.status {
            303 => excluded += 1,
            _ => last = Some(answer),
        }
        seen = officer.get(&path).await.value("_seen");
    }
    let last = last.expect("the last officer stays");
    assert!(excluded == 1 && last.status == 422 && last.text.contains("没有人员可以办理"), "{}: {}", last.status, last.text);
    assert!(last.text.contains("与当事人有亲属关系"), "what was typed is kept");
});
