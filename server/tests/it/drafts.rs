//! The wire format of drafts, as devices and released bundles send it.

use crate::browser::TestApp;
use backend::demo_test;
use serde_json::{Value, json};
use uuid::Uuid;

fn device(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

// The bodies are literal, as the bundles of two releases sent them, so that no present type takes part.
demo_test!(bundles_of_the_last_two_releases_lose_nothing, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let id = app.begin(&mut b).await;
    // The first: a page at a time, as a server function; it read `revision` and `at`.
    let first = json!({ "matter": id, "step": "person", "base": 0, "pairs": [["name_pinyin", "Zhang San"], ["address", "甲路 1 号"]] });
    let answer = read(&b.call("/api/draft/save", &first).await.text);
    assert_eq!(answer["revision"], 1);
    assert!(answer["at"].as_str().is_some_and(|at| at.contains(':')));
    // It repeated the request when a response was lost, and as a beacon when the page was left.
    let again = read(&b.call("/api/draft/save", &json!({ "matter": id, "step": "person", "base": 1, "pairs": first["pairs"] })).await.text);
    assert_eq!(again["revision"], 1);
    // The first release expects conflicts under these names.
    let old = json!({ "matter": id, "step": "person", "base": 0, "pairs": [["address", "乙路 2 号"]] });
    let refused = b.call("/api/draft/save", &old).await;
    assert_eq!(refused.status, 409);
    assert_eq!(read(&refused.text)["code"], "questions");
    // The second: patches; it read `seq`, `revision`, `answers` and `questions`.
    let ops = json!([{ "path": "name_pinyin", "value": "Zhang Si" }, { "path": "highest_education", "value": "bachelor" }]);
    let patch = json!({ "matter": id, "base_rev": 0, "device": device(7), "seq": 1, "ops": ops });
    let sent = json!({ "kind": "registration", "patch": patch });
    let answer = b.call("/api/draft/patch", &sent).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let answer = read(&answer.text);
    assert_eq!((&answer["seq"], &answer["revision"]), (&json!(1), &json!(2)));
    assert_eq!(answer["answers"]["fields"]["address"], "甲路 1 号");
    assert_eq!(answer["questions"], json!([{ "path": "name_pinyin", "mine": "Zhang Si", "theirs": "Zhang San" }]));
    assert_eq!(read(&b.call("/api/draft/patch", &sent).await.text), answer, "sent again, it is answered as before");
    // The page shows the values of both.
    let page = b.get(&format!("/matters/{id}/edit/person")).await;
    assert!(page.text.contains("甲路 1 号") && page.text.contains("Zhang San"));
});

demo_test!(a_draft_is_taken_up_by_its_owner_and_by_nobody_else, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let id = app.begin(&mut b).await;
    let state = json!({ "matter": id });
    let patch = json!({ "kind": "registration", "patch": { "matter": id, "base_rev": 0, "device": device(1), "seq": 1, "ops": [{ "path": "address", "value": "x" }] } });
    let taken = read(&b.call("/api/draft/state", &state).await.text);
    assert_eq!((&taken["kind"], &taken["answered"]["revision"]), (&json!("registration"), &json!(0)));
    for who in ["certified", "inst-a", "officer", "expert1"] {
        let mut other = app.sign_in(who).await;
        assert_eq!(other.call("/api/draft/state", &state).await.status, 404, "{who}");
        assert_eq!(other.call("/api/draft/patch", &patch).await.status, 404, "{who}");
    }
    let mut nobody = app.browser();
    for (endpoint, body) in [("state", &state), ("patch", &patch), ("scene", &json!({}))] {
        assert_eq!(nobody.call(&format!("/api/draft/{endpoint}"), body).await.status, 401, "{endpoint}");
    }
    let still = read(&b.call("/api/draft/state", &state).await.text);
    assert_eq!(still["answered"]["answers"]["fields"]["address"], Value::Null);
});

demo_test!(the_page_that_browsers_keep_is_the_same_for_everybody, |demo| async move {
    let app = TestApp::new(demo).await;
    // The head contains the names of the files and the nonce of this response.
    let body = |text: &str| text.split_once("<body").unwrap().1.to_owned();
    let public = app.browser().get("/offline").await;
    assert_eq!(public.status, 200);
    let own = app.sign_in("applicant").await.get("/offline").await;
    assert_eq!(body(&public.text), body(&own.text));
});

demo_test!(a_device_of_ones_own_stays_signed_in_when_its_browser_falls_over_and_no_other_does, |demo| async move {
    let app = TestApp::new(demo).await;
    for (own, lasts) in [("yes", true), ("", false)] {
        let pairs =
            [("account", "applicant"), ("password", "Demo-2026-pass"), ("next", "/"), ("own_device", own)].map(|(n, v)| (n, v.to_owned()));
        let entered = app.browser().post("/login", &pairs).await;
        let cookie = entered.headers.get(http::header::SET_COOKIE).unwrap().to_str().unwrap();
        assert_eq!(cookie.contains("Max-Age=43200"), lasts, "{cookie}");
    }
});

demo_test!(an_answer_that_is_far_too_long_is_a_413_at_its_field_stays_on_the_page_and_stops_no_other_of_its_patch, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let id = app.begin(&mut b).await;
    let long = "甲乙丙丁".repeat(2_000);
    let form = [("_rev", "0"), ("_action", "next"), ("address", &long), ("name_pinyin", "Zhang San")]
        .map(|(name, value)| (name, value.to_owned()));
    let refused = b.post(&format!("/matters/{id}/edit/person"), &form).await;
    assert_eq!(refused.status, 413);
    assert!(refused.text.contains("个字，请缩短后再保存") && refused.text.contains(&long) && refused.text.contains("Zhang San"));
    let state = read(&b.call("/api/draft/state", &json!({ "matter": id })).await.text);
    assert_eq!(state["answered"]["revision"], 0);
    let ops = json!([{ "path": "address", "value": long }, { "path": "name_pinyin", "value": "Zhang Si" }]);
    let patch = json!({ "kind": "registration", "patch": { "matter": id, "base_rev": 0, "device": device(1), "seq": 1, "ops": ops } });
    let reply = b.call("/api/draft/patch", &patch).await;
    let taken = read(&reply.text);
    assert_eq!((reply.status, taken["answers"]["fields"]["name_pinyin"].clone()), (200, json!("Zhang Si")), "{}", reply.text);
    assert!(
        taken["refused"][0]["path"] == "address" && taken["refused"][0]["text"].as_str().unwrap().contains("请缩短后再保存"),
        "{taken}"
    );
});

demo_test!(what_was_typed_under_another_account_is_refused_as_by_someone_not_signed_in, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("certified").await;
    let ops = json!([{ "path": "address", "value": "甲路" }]);
    let patch = json!({ "matter": Uuid::now_v7(), "base_rev": 0, "device": device(1), "seq": 1, "ops": ops });
    for account in [json!(Uuid::now_v7()), Value::Null] {
        let refused = b.call("/api/draft/patch", &json!({ "kind": "registration", "patch": patch, "account": account })).await;
        assert_eq!((refused.status, read(&refused.text)["code"].clone()), (401, json!("identity")));
    }
});

demo_test!(a_draft_begins_under_an_id_that_a_device_makes_and_under_no_other, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let account = app.authorize("applicant").await.account();
    let begin = |matter: Uuid| {
        let patch = json!({ "matter": matter, "base_rev": 0, "device": device(1), "seq": 1, "ops": [{ "path": "address", "value": "x" }] });
        json!({ "kind": "registration", "patch": patch, "account": account })
    };
    for id in [Uuid::nil(), Uuid::max(), Uuid::from_u128(7)] {
        let refused = b.call("/api/draft/patch", &begin(id)).await;
        assert_eq!(refused.status, 400, "{id}: {}", refused.text);
        assert_eq!(b.get(&format!("/matters/{id}")).await.status, 404, "{id}");
    }
    for id in [Uuid::now_v7(), uuid::uuid!("f47ac10b-58cc-4372-a567-0e02b2c3d479")] {
        assert_eq!(b.call("/api/draft/patch", &begin(id)).await.status, 200, "{id}");
    }
});

demo_test!(a_deleted_draft_is_gone_also_for_a_device_that_names_no_account, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let id = app.begin(&mut b).await;
    let seen = b.get(&format!("/matters/{id}/review")).await.value("_seen");
    let deleted =
        b.post(&format!("/matters/{id}"), &[("_key", Uuid::now_v7().to_string()), ("_seen", seen), ("_action", "discard".into())]).await;
    assert_eq!(deleted.status, 303, "{}", deleted.text);
    let patch = json!({ "matter": id, "base_rev": 0, "device": device(1), "seq": 1, "ops": [{ "path": "address", "value": "x" }] });
    let sent = json!({ "kind": "registration", "patch": patch });
    assert_eq!(b.call("/api/draft/patch", &sent).await.status, 410);
    assert_eq!(app.sign_in("certified").await.call("/api/draft/patch", &sent).await.status, 401, "nobody else learns of it");
});

demo_test!(a_button_for_a_list_that_the_page_does_not_have_saves_and_opens_nothing, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let id = app.begin(&mut b).await;
    let path = format!("/matters/{id}/edit/person");
    for action in ["library", "library:", "library:work", "add:", "add:../x"] {
        let revision = b.get(&path).await.value("_rev");
        let sent = b.post(&path, &[("_rev", revision), ("_action", action.into()), ("address", format!("甲路 {action}"))]).await;
        assert_eq!((sent.status, sent.location), (303, format!("{path}?saved=1")), "{action}");
        assert!(b.get(&path).await.text.contains(&format!("甲路 {action}")), "{action}");
    }
});

demo_test!(a_draft_says_how_far_it_is_filled_in_and_the_way_to_begin_leads_back_to_it, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let id = app.begin(&mut b).await;
    let first = json!({ "matter": id, "step": "person", "base": 0, "pairs": [["address", "甲路 1 号"]] });
    assert_eq!(b.call("/api/draft/save", &first).await.status, 200);
    let list = b.get("/matters?view=drafts").await;
    assert!(list.text.contains("填至第 2 步（共 8 步）：基本信息"), "{}", list.text);
    for (page, link) in [("/apply/registration", "继续上次的草稿"), ("/apply", "继续填写")] {
        let page = b.get(page).await;
        assert!(page.text.contains(link) && page.text.contains(&format!("/matters/{id}/edit/")), "{}", page.text);
    }
});

demo_test!(a_user_of_an_institution_switches_between_the_own_name_and_that_of_the_institution, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut user = app.sign_in("inst-a").await;
    for (page, here) in [("/apply", "个人办理"), ("/institution/apply", "以机构名义办理")] {
        let page = user.get(page).await;
        assert!(page.text.contains("个人办理") && page.text.contains("以机构名义办理"), "{}", page.text);
        assert!(page.text.contains(&format!("aria-current=\"page\" class=\"tab-link\">{here}<")), "{}", page.text);
    }
    // A draft in the institution's name is taken up in the institution's name.
    let guide = user.get("/institution/apply/complaint").await;
    let begun = user.post("/institution/apply/complaint", &[("_id", guide.value("_id")), ("_desk", guide.value("_desk"))]).await;
    assert_eq!(begun.status, 303, "{}", begun.text);
    assert!(!user.get("/apply").await.text.contains("继续填写") && user.get("/institution/apply").await.text.contains("继续填写"));
    let other = app.sign_in("applicant").await.get("/apply").await;
    assert!(!other.text.contains("以机构名义办理"));
});

demo_test!(the_steps_of_a_form_and_its_check_page_say_how_far_each_is_filled_in, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let id = app.begin(&mut b).await;
    let body = json!({ "matter": id, "step": "person", "base": 0, "pairs": [["name_pinyin", "张三"], ["address", "甲路 1 号"]] });
    assert_eq!(b.call("/api/draft/save", &body).await.status, 200);
    let class = |page: &str, step: &str| {
        let item = page.split("<li ").find(|item| item.contains(&format!("data-step=\"{step}\""))).unwrap().to_owned();
        item.split("class=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    for path in ["edit/education", "review"] {
        let page = b.get(&format!("/matters/{id}/{path}")).await.text;
        assert_eq!((class(&page, "person").as_str(), class(&page, "education").as_str()), ("step step-faulty", "step"), "{path}");
        assert!(page.contains("有误："), "{path}: in words too");
    }
    let body = json!({ "matter": id, "step": "person", "base": 1, "pairs": [["name_pinyin", "Zhang San"], ["address", "甲路 1 号"]] });
    assert_eq!(b.call("/api/draft/save", &body).await.status, 200);
    let page = b.get(&format!("/matters/{id}/review")).await.text;
    assert_eq!(class(&page, "person"), "step step-partial");
    assert!(page.contains(&format!("<a href=\"/matters/{id}/edit/person\" class=\"step-link\"")), "the check page leads to its steps");
});
