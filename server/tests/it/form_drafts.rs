//! What is typed into a form and not sent is kept for its author alone: saved by 暂存 and by the page's script, refused when another page
//! was newer or the case moved on, gone when the form is sent.

use backend::demo_test;
use chrono::TimeDelta;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::browser::wizard::{decide, decide_ok, pay_online, return_for_correction};
use crate::browser::{Browser, Response, TestApp};

/// A first save of an opinion or note, as the script of a page sends it.
pub fn save(form: &str, subject: Uuid, state: &str, account: Uuid) -> Value {
    json!({
        "form": form, "part": "", "subject": subject, "state": state, "base": 0, "page": Uuid::now_v7(), "seq": 1, "account": account,
        "pairs": [["note", "另一个意见"]],
    })
}

/// A save with other members.
fn with(save: &Value, members: &Value) -> Value {
    let mut save = save.clone();
    for (name, value) in members.as_object().unwrap() {
        save[name] = value.clone();
    }
    save
}

/// The form of a page that is kept as this draft.
fn form_of(page: &Response, form: &str, part: &str) -> String {
    let marks = [format!("data-form-draft=\"{form}\""), format!("data-command=\"{part}\"")];
    let mut forms = page.text.split("<form").skip(1).map(|form| form.split("</form>").next().unwrap());
    forms.find(|form| marks.iter().all(|mark| form.contains(mark))).unwrap_or_else(|| panic!("{form} {part}: {}", page.text)).to_owned()
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.split(&format!(" {name}=\"")).nth(1).and_then(|rest| rest.split('"').next())
}

/// The hidden fields of a form.
fn hidden(form: &str) -> Vec<(&'static str, String)> {
    let inputs = form.split('<').filter(|tag| tag.starts_with("input") && attribute(tag, "type") == Some("hidden"));
    inputs
        .map(|tag| (&*String::leak(attribute(tag, "name").unwrap().to_owned()), attribute(tag, "value").unwrap_or("").to_owned()))
        .collect()
}

/// Posts a form of a page with these values and this button.
async fn post(b: &mut Browser, path: &str, form: &str, pairs: &[(&'static str, &str)], button: &str) -> Response {
    let mut body = hidden(form);
    body.retain(|(name, _)| pairs.iter().all(|(typed, _)| typed != name));
    body.extend(pairs.iter().map(|(name, value)| (*name, (*value).to_owned())));
    body.push(("_action", button.to_owned()));
    let action = attribute(form, "action").unwrap_or(path).to_owned();
    b.post(&action, &body).await
}

/// An application that the institution has passed: an officer may return it.
async fn passed(app: &TestApp) -> Uuid {
    let id = app.matter_of("applicant", "质量管理体系").await;
    pay_if_due(app, id).await;
    decide_ok(&mut app.sign_in("inst-a").await, id, "pass", "").await;
    pay_if_due(app, id).await;
    id
}

async fn pay_if_due(app: &TestApp, id: Uuid) {
    let mut b = app.sign_in("applicant").await;
    if b.get(&format!("/matters/{id}/pay")).await.text.contains("name=\"method\"") {
        pay_online(&mut b, id).await;
    }
}

demo_test!(a_note_of_a_return_is_kept_for_its_author_until_it_is_sent, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = passed(&app).await;
    let path = format!("/matters/{id}/return");
    let mut b = app.sign_in("officer").await;
    let form = form_of(&b.get(&path).await, "return", "return");
    let typed = [("note", "请补充 2019 年的材料"), ("v:postcode", "bad"), ("t:postcode", "邮编有误")];
    let saved = post(&mut b, &path, &form, &typed, "save").await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    let page = b.get(&saved.location).await;
    let kept = form_of(&page, "return", "return");
    assert!(kept.contains("请补充 2019 年的材料") && kept.contains("邮编有误") && kept.contains("已暂存到服务器"), "{kept}");
    assert!(page.text.contains("尚未退回"));
    let list = b.get("/me/form-drafts").await;
    assert!(list.text.contains("请补充 2019 年的材料") && list.text.contains(&format!("/matters/{id}")), "{}", list.text);
    assert!(list.text.contains("继续填写"), "its form may be sent yet");
    let mut other = app.sign_in("officer2").await;
    assert!(!other.get(&path).await.text.contains("请补充 2019 年的材料"), "it is its author's alone");
    assert!(!other.get("/me/form-drafts").await.text.contains("请补充 2019 年的材料"));
    let sent = post(&mut b, &path, &kept, &typed, "").await;
    assert_eq!((sent.status, sent.location), (303, format!("/matters/{id}")), "{}", sent.text);
    assert!(!b.get("/me/form-drafts").await.text.contains("请补充 2019 年的材料"), "what was sent is no draft");
    let account = b.account().await;
    let late = with(&save("return", id, &value(&form, "_draft_state"), account), &json!({ "part": "return" }));
    assert_eq!(b.call("/api/form-draft", &late).await.status, 410, "a save under way when it was sent");
});

fn value(form: &str, name: &str) -> String {
    hidden(form).into_iter().find(|(known, _)| *known == name).map(|(_, value)| value).unwrap_or_default()
}

demo_test!(of_two_pages_the_older_one_does_not_replace_the_newer_and_shows_both, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = passed(&app).await;
    let path = format!("/matters/{id}/return");
    let mut b = app.sign_in("officer").await;
    let (one, two) = (form_of(&b.get(&path).await, "return", "return"), form_of(&b.get(&path).await, "return", "return"));
    assert_eq!(post(&mut b, &path, &one, &[("note", "第一页的意见")], "save").await.status, 303);
    let refused = post(&mut b, &path, &two, &[("note", "第二页的意见")], "save").await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    assert!(refused.text.contains("第一页的意见") && refused.text.contains("第二页的意见"));
    assert!(b.get(&path).await.text.contains("第一页的意见"), "nothing was replaced");
    let again = form_of(&refused, "return", "return");
    assert_eq!(post(&mut b, &path, &again, &[("note", "第二页的意见")], "save").await.status, 303, "now its author has seen both");
    assert!(b.get(&path).await.text.contains("第二页的意见"));
    // The script of a page gets both texts too.
    let account = b.account().await;
    let first = with(&save("return", id, &value(&one, "_draft_state"), account), &json!({ "part": "return" }));
    let answer = b.call("/api/form-draft", &first).await;
    let told: Value = serde_json::from_str(&answer.text).unwrap();
    assert_eq!((answer.status, told["code"].as_str()), (409, Some("older")), "{told}");
    assert_eq!(told["pairs"], json!([["note", "第二页的意见"]]));
    let chosen = with(&first, &json!({ "base": told["revision"] }));
    assert_eq!(b.call("/api/form-draft", &chosen).await.status, 200);
});

demo_test!(a_late_save_of_the_same_page_changes_nothing_and_raises_no_question, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = passed(&app).await;
    let path = format!("/matters/{id}/return");
    let mut b = app.sign_in("officer").await;
    let state = value(&form_of(&b.get(&path).await, "return", "return"), "_draft_state");
    let account = b.account().await;
    let first = with(&save("return", id, &state, account), &json!({ "part": "return", "pairs": [["note", "写到一半"]] }));
    let second = with(&first, &json!({ "seq": 2, "pairs": [["note", "写完了"]] }));
    assert_eq!(b.call("/api/form-draft", &second).await.status, 200);
    let late = b.call("/api/form-draft", &first).await;
    assert_eq!(late.status, 200, "{}", late.text);
    assert!(b.get(&path).await.text.contains("写完了"), "the newest text stands");
    let third = with(&first, &json!({ "seq": 3, "pairs": [["note", "又改了"]] }));
    assert_eq!(b.call("/api/form-draft", &third).await.status, 200, "though it names the first revision");
    assert!(b.get(&path).await.text.contains("又改了"));
});

demo_test!(a_save_is_refused_for_another_account_for_others_matters_and_in_wrong_forms, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = passed(&app).await;
    let mut b = app.sign_in("officer").await;
    let form = form_of(&b.get(&format!("/matters/{id}/return")).await, "return", "return");
    let account = b.account().await;
    let right = with(&save("return", id, &value(&form, "_draft_state"), account), &json!({ "part": "return" }));
    let mut other = app.sign_in("officer2").await;
    let answer = other.call("/api/form-draft", &right).await;
    assert_eq!(answer.status, 401, "typed under another account: {}", answer.text);
    let mut stranger = app.sign_in("certified").await;
    let own = with(&right, &json!({ "account": stranger.account().await }));
    assert_eq!(stranger.call("/api/form-draft", &own).await.status, 404);
    assert_eq!(app.browser().call("/api/form-draft", &right).await.status, 401, "not signed in");
    for (members, status) in [
        (json!({ "form": "nothing" }), 400),
        (json!({ "form": "registration" }), 400),
        (json!({ "pairs": "x" }), 400),
        (json!({ "pairs": [["note", "a\u{0}b"]] }), 400),
        (json!({ "subject": Uuid::now_v7() }), 404),
        (json!({ "part": "approve" }), 410),
        (json!({ "state": "99" }), 410),
        (json!({ "form": "evaluation", "part": "" }), 410),
        (json!({ "form": "payment", "part": "" }), 404),
        (json!({ "form": "voucher", "part": "" }), 404),
        (json!({ "form": "bills", "part": "" }), 404),
        (json!({ "pairs": [["note", "字".repeat(20_000)]] }), 413),
    ] {
        let answer = b.call("/api/form-draft", &with(&right, &members)).await;
        assert_eq!(answer.status, status, "{members}: {}", answer.text);
    }
    let text = b.raw("POST", "/api/form-draft", &[("content-type", "text/plain")], &right.to_string()).await;
    assert_eq!(text.status, 415);
    assert!(b.get("/me/form-drafts").await.text.contains("没有未提交的内容"), "nothing was stored");
});

demo_test!(text_of_a_case_that_moved_on_is_shown_beside_its_new_state_until_it_is_removed, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = passed(&app).await;
    let path = format!("/matters/{id}/return");
    let mut b = app.sign_in("officer").await;
    let form = form_of(&b.get(&path).await, "return", "return");
    assert_eq!(post(&mut b, &path, &form, &[("note", "写了很久的意见")], "save").await.status, 303);
    assert_eq!(app.decide("officer2", id, "accept", &[]).await, "assignment");
    let list = app.sign_in("officer").await.get("/me").await;
    assert!(list.text.contains("/me/form-drafts"));
    let account = b.account().await;
    let late = with(&save("return", id, &value(&form, "_draft_state"), account), &json!({ "part": "return", "base": 1 }));
    assert_eq!(b.call("/api/form-draft", &late).await.status, 410);
    // Not shown yet, so that no age removes it.
    app.clock.advance(TimeDelta::days(90));
    backend::service::cleanup::delete_expired(app.state()).await.unwrap();
    let mut b = app.sign_in("officer").await;
    let page = b.get(&format!("/matters/{id}")).await;
    assert!(page.text.contains("您填写但没有使用的内容") && page.text.contains("写了很久的意见"), "{}", page.text);
    app.clock.advance(TimeDelta::days(29));
    backend::service::cleanup::delete_expired(app.state()).await.unwrap();
    let mut b = app.sign_in("officer").await;
    assert!(b.get(&format!("/matters/{id}")).await.text.contains("写了很久的意见"));
    app.clock.advance(TimeDelta::days(2));
    backend::service::cleanup::delete_expired(app.state()).await.unwrap();
    let mut b = app.sign_in("officer").await;
    assert!(!b.get(&format!("/matters/{id}")).await.text.contains("写了很久的意见"), "30 days after it was shown");
});

demo_test!(unused_text_is_removed_by_its_author_alone, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = passed(&app).await;
    let path = format!("/matters/{id}/return");
    let mut b = app.sign_in("officer").await;
    let form = form_of(&b.get(&path).await, "return", "return");
    assert_eq!(post(&mut b, &path, &form, &[("note", "写了很久的意见")], "save").await.status, 303);
    let list = b.get("/me/form-drafts").await;
    let discard = list.text.split("<form").find(|form| form.contains("action=\"/me/form-drafts\"")).unwrap().to_owned();
    let id = value(&discard, "id");
    let body = [("id", id.clone()), ("next", "/me/form-drafts".to_owned())];
    app.sign_in("officer2").await.post("/me/form-drafts", &body).await;
    assert!(b.get("/me/form-drafts").await.text.contains("写了很久的意见"), "another account cannot");
    assert_eq!(b.post("/me/form-drafts", &body).await.location, "/me/form-drafts");
    assert!(b.get("/me/form-drafts").await.text.contains("没有未提交的内容"));
    assert_eq!(b.post("/me/form-drafts", &[("id", id), ("next", "//evil.example".into())]).await.location, "/", "twice is no error");
});

demo_test!(an_opinion_of_an_expert_is_a_form_draft_with_its_verdicts, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("certified", "食品安全管理体系").await;
    let path = format!("/expert/registrations/{id}");
    let mut b = app.sign_in("expert1").await;
    let (one, two) = (form_of(&b.get(&path).await, "evaluation", ""), form_of(&b.get(&path).await, "evaluation", ""));
    let verdict = one.split("name=\"v:education/").nth(1).map(|rest| format!("v:education/{}", rest.split('"').next().unwrap()));
    let verdict: &'static str = String::leak(verdict.unwrap());
    assert_eq!(post(&mut b, &path, &one, &[("note", "长篇的评价意见"), (verdict, "ok")], "save").await.status, 303);
    let kept = form_of(&b.get(&path).await, "evaluation", "");
    assert!(kept.contains("长篇的评价意见"));
    let ticked = kept.split('<').any(|tag| tag.contains(&format!("name=\"{verdict}\"")) && tag.contains("checked"));
    assert!(ticked, "the verdict is kept too");
    // A tick on a page that was loaded before does not replace the opinion.
    let refused = post(&mut b, &path, &two, &[("note", ""), (verdict, "bad")], "save").await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    assert!(b.get(&path).await.text.contains("长篇的评价意见"));
    // An incomplete opinion is kept as well.
    let incomplete = post(&mut b, &path, &kept, &[("note", "更长的评价意见"), (verdict, "ok")], "submit").await;
    assert_eq!(incomplete.status, 422, "{}", incomplete.text);
    assert!(b.get(&path).await.text.contains("更长的评价意见"));
    assert_eq!(app.decide("expert1", id, "conform", &[]).await, "evaluation");
    assert!(b.get("/me/form-drafts").await.text.contains("没有未提交的内容"));
});

demo_test!(an_opinion_on_an_appeal_is_given_on_the_evaluation_page_without_verdicts, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = crate::disputes::awaiting_opinions(&app, &["expert2", "expert3", "expert4"]).await;
    let path = format!("/expert/appeals/{id}");
    let mut b = app.sign_in("expert2").await;
    let page = b.get(&path).await;
    let form = form_of(&page, "evaluation", "");
    assert!(page.text.contains("原决定") && form.contains("建议撤销原决定") && !form.contains("name=\"v:"), "{form}");
    assert!(!b.get(&format!("/matters/{id}")).await.text.contains("name=\"note\" id=\"note-sustain\""), "the opinion has one page");
    let empty = post(&mut b, &path, &form, &[("note", "")], "submit").await;
    assert!(empty.status == 422 && empty.text.contains("请选择评价结果") && empty.text.contains("请填写评价意见"), "{}", empty.text);
    let form = form_of(&b.get(&path).await, "evaluation", "");
    let typed = [("note", "决定的依据不足"), ("conclusion", "sustain")];
    assert_eq!(post(&mut b, &path, &form, &typed, "save").await.status, 303, "kept without being sent");
    let kept = form_of(&b.get(&path).await, "evaluation", "");
    assert!(kept.contains("决定的依据不足"));
    let sent = post(&mut b, &path, &kept, &typed, "submit").await;
    assert_eq!((sent.status, sent.location), (303, format!("/expert/appeals?state=done&sent={}", value(&kept, "_key"))), "{}", sent.text);
    let given = b.get(&path).await;
    assert!(given.text.contains("我的评价意见") && given.text.contains("决定的依据不足"), "{}", given.text);
    assert!(b.get("/me/form-drafts").await.text.contains("没有未提交的内容"));
    let mut officer = app.sign_in("officer2").await;
    assert!(officer.get(&format!("/matters/{id}")).await.text.contains("决定的依据不足"));
});

demo_test!(what_two_devices_typed_into_an_opinion_is_merged_and_asked_about_only_where_both_differ, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("certified", "食品安全管理体系").await;
    let path = format!("/expert/registrations/{id}");
    let mut b = app.sign_in("expert1").await;
    let form = form_of(&b.get(&path).await, "evaluation", "");
    let account = b.account().await;
    let first = save("evaluation", id, &value(&form, "_draft_state"), account);
    let typed = |pairs: Value, changed: Value| {
        with(&first, &json!({ "page": Uuid::now_v7(), "pairs": pairs, "since": { "changed": changed, "before": [] } }))
    };
    let one = typed(json!([["t:education", "第一台设备"], ["note", "甲的意见"]]), json!(["t:education", "note"]));
    assert_eq!(b.call("/api/form-draft", &one).await.status, 200);
    let two = typed(json!([["t:work", "第二台设备"]]), json!(["t:work"]));
    let answer: Value = serde_json::from_str(&b.call("/api/form-draft", &two).await.text).unwrap();
    assert_eq!((answer["code"].as_str(), answer["revision"].as_i64()), (Some("merged"), Some(2)), "{answer}");
    assert_eq!(answer["pairs"], json!([["note", "甲的意见"], ["t:education", "第一台设备"], ["t:work", "第二台设备"]]));
    // Both wrote an opinion: nothing is stored before the author has chosen.
    let differing = typed(json!([["note", "乙的意见"], ["t:audits", "第三处"]]), json!(["note", "t:audits"]));
    let refused = b.call("/api/form-draft", &differing).await;
    let answer: Value = serde_json::from_str(&refused.text).unwrap();
    assert_eq!((refused.status, &answer["merged"]["questions"]), (409, &json!(["note"])), "{answer}");
    assert!(!refused.text.contains("account") && b.get(&path).await.text.contains("甲的意见"));
    let chosen =
        with(&differing, &json!({ "seq": 2, "base": 2, "since": { "changed": ["note", "t:audits"], "before": [["note", "甲的意见"]] } }));
    assert_eq!(b.call("/api/form-draft", &chosen).await.status, 200);
    // A page that does not say what it changed replaces nothing.
    let older = with(&first, &json!({ "page": Uuid::now_v7(), "pairs": [["note", "丙的意见"]] }));
    let answer: Value = serde_json::from_str(&b.call("/api/form-draft", &older).await.text).unwrap();
    assert_eq!((answer["code"].as_str(), &answer["merged"]), (Some("older"), &Value::Null), "{answer}");
});

demo_test!(the_verdicts_of_an_opinion_are_read_in_its_history_by_the_association_alone, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("certified", "食品安全管理体系").await;
    let path = format!("/expert/registrations/{id}");
    let mut b = app.sign_in("expert1").await;
    let form = form_of(&b.get(&path).await, "evaluation", "");
    let names = form.split("name=\"v:").skip(1).map(|rest| format!("v:{}", rest.split('"').next().unwrap()));
    let names: std::collections::BTreeSet<String> = names.filter(|name| name.contains('/')).collect();
    let mut verdicts: Vec<(&'static str, &str)> = names.into_iter().map(|name| (&*String::leak(name), "ok")).collect();
    assert!(!verdicts.is_empty());
    verdicts.extend([("note", "材料真实完整"), ("conclusion", "conform")]);
    let sent = post(&mut b, &path, &form, &verdicts, "submit").await;
    assert_eq!(sent.status, 303, "{}", sent.text);
    let officer = app.sign_in("officer").await.get(&format!("/matters/{id}")).await;
    let history = officer.text.split("class=\"timeline\"").nth(1).unwrap();
    assert!(history.contains("材料真实完整") && history.contains(">符合</dd>"), "{history}");
    for who in ["certified", "inst-a", "expert2"] {
        let page = app.sign_in(who).await.get(&format!("/matters/{id}")).await;
        assert!(!page.text.contains("材料真实完整") && !page.text.contains(">符合</dd>"), "{who}");
    }
});

demo_test!(responses_of_a_rectification_are_a_form_draft_until_they_are_saved, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = passed(&app).await;
    return_for_correction(&mut app.sign_in("officer").await, id, "postcode", "请核对邮编").await;
    let path = format!("/matters/{id}/rectify");
    let mut b = app.sign_in("applicant").await;
    let page = b.get(&path).await;
    let form = form_of(&page, "rectification", "");
    let name = format!("r:{}", page.text.split("name=\"r:").nth(1).unwrap().split('"').next().unwrap());
    let account = b.account().await;
    let typed = json!({ "pairs": [[name, "已经更正，见附件"]] });
    let sent = with(&save("rectification", id, &value(&form, "_draft_state"), account), &typed);
    assert_eq!(b.call("/api/form-draft", &sent).await.status, 200);
    assert!(b.get(&path).await.text.contains("已经更正，见附件"), "another page shows it");
    let name: &'static str = String::leak(name);
    let form = form_of(&b.get(&path).await, "rectification", "");
    assert_eq!(post(&mut b, &path, &form, &[(name, "已经更正，见附件。")], "save").await.status, 303);
    assert!(b.get("/me/form-drafts").await.text.contains("没有未提交的内容"), "it is part of the application now");
    let late = with(&sent, &json!({ "seq": 2, "pairs": [[name, "旧的说明"]] }));
    assert_eq!(b.call("/api/form-draft", &late).await.status, 410);
    assert!(b.get(&path).await.text.contains("已经更正，见附件。"));
});

demo_test!(details_of_a_payment_are_kept_until_they_are_sent, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("applicant", "质量管理体系").await;
    decide_ok(&mut app.sign_in("inst-a").await, id, "pass", "").await;
    let path = format!("/matters/{id}/pay");
    let mut b = app.sign_in("applicant").await;
    let form = form_of(&b.get(&path).await, "payment", "");
    let typed = [("method", "offline"), ("remitter", "林晓月"), ("remitted_amount", "200"), ("invoice", "yes"), ("buyer_name", "林晓月")];
    let saved = post(&mut b, &path, &form, &typed, "save").await;
    assert_eq!(saved.status, 303, "nothing is validated: {}", saved.text);
    let kept = form_of(&b.get(&path).await, "payment", "");
    let shows =
        |name: &str, value: &str| kept.split('<').any(|tag| attribute(tag, "name") == Some(name) && attribute(tag, "value") == Some(value));
    assert!(shows("remitter", "林晓月") && shows("buyer_name", "林晓月"), "{kept}");
    let offline = kept.split('<').any(|tag| attribute(tag, "value") == Some("offline") && tag.contains("checked"));
    assert!(offline, "even the way of paying");
    pay_online(&mut b, id).await;
    assert!(b.get("/me/form-drafts").await.text.contains("没有未提交的内容"));
});

demo_test!(reasons_of_decisions_and_of_finance_are_kept, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("applicant", "质量管理体系").await;
    let path = format!("/matters/{id}");
    let mut b = app.sign_in("inst-a").await;
    let form = form_of(&b.get(&path).await, "decision", "reject");
    assert_eq!(post(&mut b, &path, &form, &[("note", "材料前后不一致")], "save:reject").await.status, 303);
    let page = b.get(&path).await;
    assert!(form_of(&page, "decision", "reject").contains("材料前后不一致"));
    assert!(!form_of(&page, "decision", "pass").contains("材料前后不一致"), "each command has its own");
    let late = decide(&mut b, id, "reject", "材料前后不一致。").await;
    assert_eq!(late.status, 303, "{}", late.text);
    assert!(b.get("/me/form-drafts").await.text.contains("没有未提交的内容"));
    let mut finance = app.sign_in("finance").await;
    let page = finance.get("/association/payments").await;
    let form = form_of(&page, "voucher", "");
    let button = form.split("value=\"save:").nth(1).map(|rest| format!("save:{}", rest.split('"').next().unwrap())).unwrap();
    let path = "/association/payments";
    assert_eq!(post(&mut finance, path, &form, &[("note", "金额与凭证不符")], &button).await.status, 303);
    assert!(form_of(&finance.get(path).await, "voucher", "").contains("金额与凭证不符"));
    let reject = button.replace("save:", "reject:");
    let form = form_of(&finance.get(path).await, "voucher", "");
    assert_eq!(post(&mut finance, path, &form, &[("note", "金额与凭证不符")], &reject).await.status, 303);
    assert!(finance.get("/me/form-drafts").await.text.contains("没有未提交的内容"));
});

demo_test!(the_reason_of_a_disposition_is_kept_for_its_author_until_it_is_sent, |demo| async move {
    let app = TestApp::new(demo).await;
    let own = app.sign_in("certified").await.get("/me/certificates").await.text;
    let pdf = own.split("/me/certificates/").find(|rest| rest.contains("/pdf")).unwrap();
    let number = pdf.split('/').next().unwrap().to_owned();
    let path = format!("/association/certificates/{number}");
    let mut b = app.sign_in("officer").await;
    let form = form_of(&b.get(&path).await, "disposition", &number);
    let typed = [("measure", "suspend"), ("effective_on", "2026-11-25"), ("reason", "超出能力范围审核，经核查属实")];
    let saved = post(&mut b, &path, &form, &typed, "save").await;
    assert_eq!((saved.status, saved.location.as_str()), (303, path.as_str()), "{}", saved.text);
    let page = b.get(&path).await;
    assert!(page.text.contains("src=\"/form_draft.js\""));
    let kept = form_of(&page, "disposition", &number);
    assert!(kept.contains("超出能力范围审核") && kept.contains("2026-11-25") && kept.contains("已暂存到服务器"), "{kept}");
    let list = b.get("/me/form-drafts").await.text;
    assert!(list.contains("超出能力范围审核") && list.contains(&format!("href=\"{path}\"")) && list.contains("继续填写"), "{list}");
    let mut other = app.sign_in("officer2").await;
    assert!(!other.get(&path).await.text.contains("超出能力范围审核"), "it is its author's alone");
    let older = post(&mut b, &path, &form, &[("reason", "另一页写的理由")], "save").await;
    assert_eq!(older.status, 409, "{}", older.text);
    assert!(older.text.contains("超出能力范围审核") && older.text.contains("另一页写的理由"), "both texts are shown");
    let subject = attribute(&form, "data-subject").unwrap().parse().unwrap();
    let account = b.account().await;
    let script = with(&save("disposition", subject, "", account), &json!({ "part": number, "pairs": [["reason", "x"]] }));
    for (members, status) in [(json!({ "part": "" }), 404), (json!({ "subject": Uuid::now_v7() }), 404), (json!({ "state": "1" }), 410)] {
        assert_eq!(b.call("/api/form-draft", &with(&script, &members)).await.status, status, "{members}");
    }
    let mut holder = app.sign_in("certified").await;
    let of_holder = with(&script, &json!({ "account": holder.account().await }));
    assert_eq!(holder.call("/api/form-draft", &of_holder).await.status, 404, "the holder is no officer");
    let sent = post(&mut b, &path, &kept, &typed, "").await;
    assert!(sent.status == 303 && sent.location.starts_with("/matters/"), "{} {}", sent.status, sent.text);
    assert!(b.get("/me/form-drafts").await.text.contains("没有未提交的内容"), "what was sent is no draft");
    assert_eq!(b.call("/api/form-draft", &script).await.status, 410, "a save under way when it was sent");
});

demo_test!(the_registration_form_is_kept_by_its_tab_alone, |demo| async move {
    let app = TestApp::new(demo).await;
    let page = app.browser().get("/register/individual").await;
    assert!(page.text.contains("src=\"/form_draft.js\"") && page.text.contains("data-tab-draft=\"registration\""), "{}", page.text);
    let controls = page.text.split("data-controls=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    assert!(controls.split(' ').all(|name| !name.contains("password") && name != "document_number"), "{controls}");
});

demo_test!(a_device_learns_of_a_sheet_that_it_stores_whether_it_is_open_and_whether_its_post_was_carried_out, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = crate::disputes::awaiting_opinions(&app, &["expert2", "expert3", "expert4"]).await;
    let path = format!("/expert/appeals/{id}");
    let mut b = app.sign_in("expert2").await;
    let form = form_of(&b.get(&path).await, "evaluation", "");
    let (account, key) = (b.account().await, value(&form, "_key"));
    let asked = json!({
        "form": "evaluation", "part": "", "subject": id, "state": value(&form, "_draft_state"), "account": account, "posted": key,
    });
    let state = "/api/form-draft/state";
    let before = b.call(state, &asked).await;
    assert_eq!((before.status, before.text.as_str()), (200, r#"{"is_open":true,"is_sent":false}"#));
    let typed = [("note", "决定的依据不足"), ("conclusion", "sustain")];
    assert_eq!(post(&mut b, &path, &form, &typed, "submit").await.status, 303);
    assert_eq!(b.call(state, &asked).await.text, r#"{"is_open":false,"is_sent":true}"#);
    let other_post = with(&asked, &json!({ "posted": Uuid::now_v7() }));
    assert_eq!(b.call(state, &other_post).await.text, r#"{"is_open":false,"is_sent":false}"#, "text of a post that never arrived");
    // Whoever has no part in it learns nothing, not even of a key of others.
    let mut stranger = app.sign_in("certified").await;
    let own = with(&asked, &json!({ "account": stranger.account().await }));
    assert_eq!(stranger.call(state, &own).await.text, r#"{"is_open":false,"is_sent":false}"#);
    assert_eq!(stranger.call(state, &asked).await.status, 401, "typed under another account");
    assert_eq!(app.browser().call(state, &asked).await.status, 401, "not signed in");
    assert_eq!(b.call(state, &with(&asked, &json!({ "form": "nothing" }))).await.status, 400);
});
