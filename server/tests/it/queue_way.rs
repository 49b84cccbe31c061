//! The way through a queue from matter to matter, as people without scripts go it.

use backend::demo_test;
use uuid::Uuid;

use crate::browser::wizard::decide;
use crate::browser::{Response, TestApp};

/// Addresses of the links of a page that have a text in their tag.
fn links_with(page: &Response, tag: &str) -> Vec<String> {
    let tags = page.text.split("<a ").skip(1).filter_map(|rest| rest.split('>').next()).filter(|rest| rest.contains(tag));
    let hrefs = tags.filter_map(|rest| rest.split("href=\"").nth(1)?.split('"').next());
    hrefs.map(|href| href.replace("&amp;", "&")).collect()
}

fn rows(page: &Response) -> Vec<String> {
    links_with(page, "class=\"row-title\"").into_iter().filter(|href| href.starts_with("/matters/")).collect()
}

fn next(page: &Response) -> Option<String> {
    links_with(page, "data-key=\"n\"").pop()
}

fn matter_of(href: &str) -> Uuid {
    Uuid::parse_str(href.strip_prefix("/matters/").unwrap().split('?').next().unwrap()).unwrap()
}

demo_test!(the_next_matter_is_offered_until_every_matter_of_the_queue_was_seen, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("officer").await;
    let queue = b.get("/association?order=submitted").await;
    assert!(queue.text.contains("src=\"/queue.js\"") && queue.text.contains("id=\"queue-help\""), "{}", queue.text);
    let listed = rows(&queue);
    assert!(listed.len() > 1);
    let (mut seen, mut here) = (Vec::new(), listed[0].clone());
    for _ in &listed {
        seen.push(matter_of(&here));
        let page = b.get(&here).await;
        assert!(page.status == 200 && page.text.contains("src=\"/queue.js\""), "{here}: {}", page.text);
        assert!(page.text.contains("href=\"/association?state=tasks&amp;words=&amp;order=submitted\""), "the way back");
        here = next(&page).unwrap();
    }
    assert_eq!(seen, listed.iter().map(|href| matter_of(href)).collect::<Vec<_>>(), "in the order of the queue");
    assert_eq!(matter_of(&here), seen[0], "after the last one the queue begins anew");
    let direct = app.sign_in("officer").await.get(&format!("/matters/{}", seen[0])).await;
    assert!(next(&direct).is_none() && !direct.text.contains("/queue.js"), "a matter that was not opened from a queue");
});

demo_test!(after_a_decision_the_message_offers_the_next_matter_of_the_same_filter, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("inst-a").await;
    let queue = b.get("/institution?stage=registration.institution_review").await;
    let listed = rows(&queue);
    assert!(listed.len() > 1, "{}", queue.text);
    let (first, second) = (matter_of(&listed[0]), matter_of(&listed[1]));
    b.get(&listed[0]).await;
    let done = decide(&mut b, first, "pass", "").await;
    assert_eq!((done.status, done.location.clone()), (303, format!("/matters/{first}")));
    let page = b.get(&done.location).await;
    assert!(page.text.contains("已办理。") && page.text.contains("way is-done"), "{}", page.text);
    let href = next(&page).unwrap();
    assert!(matter_of(&href) == second && href.contains("institution_review"), "the same filter: {href}");
    assert!(!b.get(&done.location).await.text.contains("已办理。"), "it is said once");
    // Its other pages lead on too, and so does a refusal.
    assert!(next(&b.get(&format!("/matters/{first}/return")).await).is_some() || listed.len() == 2);
    b.get(&href).await;
    let refused = b.post(&format!("/matters/{second}"), &[("_key", Uuid::now_v7().to_string()), ("_action", "pass".into())]).await;
    assert!(refused.status == 409 && refused.text.contains("href=\"/institution?state=tasks"), "{}", refused.text);
});

demo_test!(the_conditions_of_a_search_by_name_go_along_sealed_and_for_one_account, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("officer").await;
    let found = b.post("/association", &[("state", "tasks".into()), ("applicant", "周建国".into())]).await;
    let listed = rows(&found);
    assert_eq!(listed.len(), 1, "{}", found.text);
    assert!(listed[0].contains("from=%2Fassociation%3Fsealed%3D"), "{}", listed[0]);
    assert!(!listed[0].contains("E5%91%A8") && !listed[0].contains("E5%2591%25A8"), "no letter of the name: {}", listed[0]);
    let page = b.get(&listed[0]).await;
    assert!(page.text.contains("没有其他待办业务了") && next(&page).is_none(), "{}", page.text);
    let back = links_with(&page, "data-key=\"u\"").pop().unwrap();
    let again = b.get(&back).await;
    assert!(again.text.contains("申请人姓名 “周建国”") && rows(&again).len() == 1, "{}", again.text);
    let other = app.sign_in("officer2").await.get(&back).await;
    assert!(other.status == 200 && !other.text.contains("申请人姓名 “") && rows(&other).len() > 1, "another account cannot open it");
    // Made up, for another site, or for a workbench that the account does not have.
    for from in ["%2F%2Fevil.example", "%2Finstitution%3Fstate%3Dtasks", "%2Fassociation%2Fbatch", ""] {
        let page = app.sign_in("officer").await.get(&format!("/matters/{}?from={from}&at=x", matter_of(&listed[0]))).await;
        assert!(page.status == 200 && next(&page).is_none() && !page.text.contains("evil"), "{from}");
    }
});
