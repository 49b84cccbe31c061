//! Every form that changes something says what its page showed. One that comes too late, or does not say it, changes nothing: the answer is
//! 409, with the page of now and what was typed.

use std::collections::{BTreeMap, BTreeSet};

use backend::demo::testing::stages::{Cast, account_in, place};
use backend::demo_test;
use domain::base::permission::Role;
use domain::engine::flow::{InstitutionRelation, Party};
use uuid::Uuid;

use crate::browser::wizard::{begin, decide_ok};
use crate::browser::{Browser, Response, TestApp};

/// What is typed into every text of a form.
const TYPED: &str = "标记的填写内容";

/// A form of a page.
#[derive(Debug, Clone)]
struct Form {
    action: String,
    /// Names and values of its controls, without its buttons.
    pairs: Vec<(String, String)>,
    /// Values of `_action` of its buttons; one empty value for a form without.
    buttons: Vec<String>,
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.split(&format!("{name}=\"")).nth(1).and_then(|rest| rest.split('"').next())
}

/// The forms of a page that are posted, filled in.
fn forms(page: &Response) -> Vec<Form> {
    let main = page.text.split("<main").nth(1).unwrap_or("");
    let posted = main.split("<form").skip(1).map(|form| form.split("</form>").next().unwrap());
    posted.filter(|form| attribute(form, "method") == Some("post")).map(form).collect()
}

fn form(html: &str) -> Form {
    let (mut pairs, mut buttons, mut select) = (Vec::<(String, String)>::new(), Vec::new(), "");
    for tag in html.split('<') {
        let value = attribute(tag, "value").unwrap_or("").to_owned();
        if tag.starts_with("option") && tag.contains(" selected") {
            pairs.push((select.to_owned(), value));
            continue;
        }
        let Some(name) = attribute(tag, "name") else { continue };
        let chosen = tag.contains(" checked");
        let first = pairs.iter().all(|(known, _)| known != name);
        match attribute(tag, "type") {
            _ if tag.starts_with("button") => buttons.push(value),
            _ if tag.starts_with("select") => select = name,
            _ if tag.starts_with("textarea") => pairs.push((name.to_owned(), TYPED.to_owned())),
            Some("radio") if chosen || first => {
                pairs.retain(|(known, _)| known != name);
                pairs.push((name.to_owned(), value));
            }
            Some("radio" | "file") => {}
            Some("checkbox") if !chosen => {}
            Some("text") if name == "number" => pairs.push((name.to_owned(), "26312000000000000001".to_owned())),
            Some("text") if value.is_empty() => pairs.push((name.to_owned(), TYPED.to_owned())),
            _ => pairs.push((name.to_owned(), value)),
        }
    }
    if buttons.is_empty() {
        buttons.push(String::new());
    }
    Form { action: attribute(html, "action").unwrap_or("").replace("&amp;", "&"), pairs, buttons }
}

/// A state that the page did not show.
fn outdated(seen: &str) -> String {
    match seen.rsplit_once(':') {
        Some((id, _)) => format!("{id}:due.1.none"),
        None => match seen.split_once('.') {
            Some((events, revision)) => format!("{}.{revision}", events.parse::<i64>().map_or(0, |n| n + 1)),
            None => seen.parse::<i64>().map_or_else(|_| "0".repeat(32), |n| (n + 1).to_string()),
        },
    }
}

impl Form {
    /// Whether it may be posted without what was seen: it begins something under an id of its own, asks for nothing but a question, or only
    /// shows something.
    fn begins(&self) -> bool {
        self.action.starts_with("/apply") || self.action.ends_with("/copy") || self.action.ends_with("/identity")
    }

    fn body(&self, button: &str, seen: impl Fn(&str) -> Option<String>) -> Vec<(&'static str, String)> {
        let leak = |name: &str| &*String::leak(name.to_owned());
        let mut body: Vec<(&'static str, String)> = Vec::new();
        for (name, value) in &self.pairs {
            let value = if name == "_seen" { seen(value) } else { Some(value.clone()) };
            body.extend(value.map(|value| (leak(name), value)));
        }
        body.push(("_action", button.to_owned()));
        body
    }
}

/// Posts every form of a page too late, and without what was seen. Returns the forms that were tried.
async fn refuse_all(b: &mut Browser, path: &str, what: &str) -> Vec<String> {
    let before = b.get(path).await;
    assert_eq!(before.status, 200, "{what} {path}");
    let mut tried = Vec::new();
    for form in forms(&before).into_iter().filter(|form| !form.begins()) {
        for button in form.buttons.iter().filter(|button| *button != "probe" && !button.starts_with("save")) {
            assert!(form.pairs.iter().any(|(name, _)| name == "_seen"), "{what} {path} {button}: says nothing of what it shows");
            for missing in [false, true] {
                let body = form.body(button, |seen| (!missing).then(|| outdated(seen)));
                let late = b.post(&form.action, &body).await;
                assert_eq!(late.status, 409, "{what} {} {button}, missing: {missing}: {}", form.action, late.text);
                let typed = form.pairs.iter().any(|(_, value)| value == TYPED);
                assert!(!typed || late.text.contains(TYPED), "{what} {} {button}: what was typed is lost: {}", form.action, late.text);
            }
            tried.push(format!("{} {button}", form.action));
        }
    }
    let after = b.get(path).await;
    let states = |page: &Response| forms(page).iter().flat_map(|f| f.pairs.clone()).filter(|(n, _)| n == "_seen").collect::<BTreeSet<_>>();
    assert_eq!(states(&before), states(&after), "{what} {path}: something was changed");
    tried
}

pub async fn cast(app: &TestApp) -> Cast {
    let mut experts = Vec::new();
    for name in ["expert1", "expert2", "expert3"] {
        experts.push(app.authorize(name).await.account());
    }
    Cast {
        owner: app.authorize("applicant").await.account(),
        institution: app.authorize("inst-a").await.caller().institutions[0].0,
        joining: app.authorize("inst-b").await.caller().institutions[0].0,
        experts,
    }
}

/// The parties that act at the stages of all flows.
const PARTIES: [Party; 8] = [
    Party::Applicant,
    Party::Institution(InstitutionRelation::Recommending),
    Party::Institution(InstitutionRelation::Leaving),
    Party::Institution(InstitutionRelation::Joining),
    Party::Expert,
    Party::Association(Role::Officer),
    Party::Association(Role::Approver),
    Party::Association(Role::Admin),
];

demo_test!(every_form_of_every_stage_is_refused_when_it_comes_too_late_or_does_not_say_what_was_seen, |demo| async move {
    let app = TestApp::new(demo).await;
    let cast = cast(&app).await;
    let mut browsers = BTreeMap::new();
    for name in ["applicant", "inst-a", "inst-b", "expert1", "officer", "approver2", "admin"] {
        browsers.insert(name, app.sign_in(name).await);
    }
    let mut tried = 0;
    for kind in domain::kind::KINDS {
        // What the association begins is stored with its submission, so nobody has a page of its draft.
        let is_shown = |stage: &&domain::engine::flow::Stage| stage.code != "draft" || kind.can_be_begun_by_users();
        for stage in kind.flow.stages.iter().filter(is_shown) {
            let id = place(app.state(), kind, stage, &cast).await.unwrap();
            for party in PARTIES.into_iter().filter(|party| stage.transitions.iter().any(|t| t.by == *party)) {
                let b = browsers.get_mut(account_in(kind, party).unwrap()).unwrap();
                let what = format!("{} {} {party:?}", kind.code, stage.code);
                let mut pages = vec![format!("/matters/{id}")];
                for page in ["return", "assign"] {
                    let path = format!("/matters/{id}/{page}");
                    pages.extend((b.get(&path).await.status == 200).then_some(path));
                }
                if let Some(list) = kind.expert_list.filter(|_| party == Party::Expert) {
                    let path = format!("/expert/{}/{id}", list.slug);
                    pages.extend((b.get(&path).await.status == 200).then_some(path));
                }
                for path in pages {
                    tried += refuse_all(b, &path, &what).await.len();
                }
            }
        }
    }
    assert!(tried > 100, "{tried} forms");
});

demo_test!(every_form_of_payments_and_finance_is_refused_when_it_comes_too_late, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("applicant", "质量管理体系").await;
    decide_ok(&mut app.sign_in("inst-a").await, id, "pass", "").await;
    let mut tried = refuse_all(&mut app.sign_in("finance").await, "/association/payments", "finance").await;
    tried.retain(|form| form.contains("accept:") || form.contains("reject:"));
    assert!(tried.len() >= 2, "{tried:?}");
    for (account, path) in [("applicant", format!("/matters/{id}/pay")), ("inst-a", "/institution/bills".to_owned())] {
        let mut b = app.sign_in(account).await;
        let page = b.get(&path).await;
        let says = |form: &Form| form.action == path && form.pairs.iter().any(|(name, _)| name == "_seen");
        let form = forms(&page).into_iter().find(says).unwrap();
        for missing in [false, true] {
            let mut body = form.body("", |seen| (!missing).then(|| outdated(seen)));
            body.retain(|(name, _)| name.starts_with('_'));
            body.extend([("method", "online".to_owned()), ("invoice", "no".to_owned())]);
            let late = b.post(&path, &body).await;
            assert_eq!(late.status, 409, "{path}: {}", late.text);
            assert!(late.text.contains("缴费情况有了变化"), "{}", late.text);
        }
    }
});

demo_test!(of_two_tabs_that_edit_one_record_of_the_library_the_later_one_gets_both_texts, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let list = b.get("/me/library").await;
    let path =
        list.text.split("href=\"").filter_map(|l| l.split('"').next()).find(|l| l.starts_with("/me/library/work/")).unwrap().to_owned();
    let shown = forms(&b.get(&path).await).remove(0);
    let with = |seen: Option<&str>, duties: &str| {
        let mut body = shown.body("", |was| seen.map_or_else(|| Some(was.to_owned()), |seen| (!seen.is_empty()).then(|| seen.to_owned())));
        body.retain(|(name, value)| *name != "duties" && value != TYPED);
        body.push(("duties", duties.to_owned()));
        body
    };
    let first = b.post(&path, &with(None, "甲页的职责")).await;
    assert_eq!(first.status, 303, "{}", first.text);
    for seen in [None, Some(""), Some("0000")] {
        let late = b.post(&path, &with(seen, "乙页的职责")).await;
        assert_eq!(late.status, 409, "{}", late.text);
        for text in ["甲页的职责", "乙页的职责", "其他页面保存的内容"] {
            assert!(late.text.contains(text), "{text}: {}", late.text);
        }
    }
    let late = b.post(&path, &with(None, "乙页的职责")).await;
    assert!(b.get(&path).await.text.contains("甲页的职责"), "nothing was overwritten");
    let again = b.post(&path, &with(Some(&late.value("_seen")), "乙页的职责")).await;
    assert_eq!(again.status, 303, "who has seen both decides: {}", again.text);
    let record = path.rsplit('/').next().unwrap().to_owned();
    for seen in [shown.pairs.iter().find(|(n, _)| n == "_seen").unwrap().1.clone(), String::new()] {
        let late = b.post("/me/library", &[("record", record.clone()), ("_seen", seen)]).await;
        assert_eq!(late.status, 409, "{}", late.text);
    }
    assert!(b.get(&path).await.text.contains("乙页的职责"));
});

demo_test!(records_that_are_offered_to_the_library_are_saved_as_they_were_shown, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("certified", "质量管理体系 · 实习").await;
    let mut b = app.sign_in("certified").await;
    b.delete_library_records().await;
    let tried = refuse_all(&mut b, &format!("/matters/{id}/done"), "offers").await;
    assert_eq!(tried.len(), 1);
    assert!(b.get("/me/library").await.value("record").is_empty(), "nothing was saved");
});

demo_test!(an_answer_to_a_return_that_two_tabs_give_is_asked_about_with_both_texts, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("applicant", "质量管理体系").await;
    crate::browser::wizard::return_for_correction(&mut app.sign_in("inst-a").await, id, "postcode", "请核对邮编").await;
    let mut b = app.sign_in("applicant").await;
    let path = format!("/matters/{id}/rectify");
    let page = b.get(&path).await;
    let name = &*String::leak(format!("r:{}", page.text.split("name=\"r:").nth(1).unwrap().split('"').next().unwrap()));
    let post = |rev: Option<String>, text: &str| {
        let mut form = vec![(name, text.to_owned()), ("_action", "save".to_owned())];
        form.extend(rev.map(|rev| ("_rev", rev)));
        form
    };
    assert_eq!(b.post(&path, &post(Some(page.value("_rev")), "甲页的说明")).await.status, 303);
    for rev in [Some(page.value("_rev")), None] {
        let late = b.post(&path, &post(rev, "乙页的说明")).await;
        assert_eq!(late.status, 409, "{}", late.text);
        assert!(late.text.contains("甲页的说明") && late.text.contains("乙页的说明"), "{}", late.text);
        let now = b.get(&path).await;
        assert!(now.text.contains("甲页的说明") && !now.text.contains("乙页的说明"));
    }
    let late = b.post(&path, &post(None, "乙页的说明")).await;
    assert_eq!(b.post(&path, &post(Some(late.value("_rev")), "乙页的说明")).await.status, 303);
    assert!(b.get(&path).await.text.contains("乙页的说明"));
});

demo_test!(what_is_typed_for_a_draft_that_was_deleted_elsewhere_is_shown_and_brings_nothing_back, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let id = begin(&mut b, "/apply/registration").await;
    let step = format!("/matters/{id}/edit/person");
    let page = b.get(&step).await;
    let matter = b.get(&format!("/matters/{id}")).await;
    let delete = [("_action", "discard".to_owned()), ("_seen", matter.value("_seen"))];
    for _ in 0..2 {
        let deleted = b.post(&format!("/matters/{id}"), &delete).await;
        assert_eq!((deleted.status, deleted.location.as_str()), (303, "/matters?view=drafts"), "a second click finds it deleted");
    }
    let late = b.post(&step, &[("_rev", page.value("_rev")), ("_action", "save".into()), ("address", TYPED.into())]).await;
    assert_eq!(late.status, 410);
    assert!(late.text.contains("已在其他页面或设备删除") && late.text.contains(TYPED), "{}", late.text);
    let device = serde_json::json!({ "matter": id, "base_rev": 0, "device": Uuid::now_v7(), "seq": 1, "ops": [] });
    let account = app.authorize("applicant").await.account();
    let call = serde_json::json!({ "kind": "registration", "patch": device, "account": account });
    let late = b.call("/api/draft/patch", &call).await;
    assert!(late.status == 410 && late.text.contains("discarded"), "{} {}", late.status, late.text);
    let state = b.call("/api/draft/state", &serde_json::json!({ "matter": id })).await;
    assert_eq!(state.status, 410, "{}", state.text);
    let begun = b.post("/apply/registration", &[("_id", id.to_string())]).await;
    assert_eq!(begun.status, 410, "the page of the guide is posted once more");
    assert!(!b.get("/matters?view=drafts").await.text.contains(&id.to_string()));
    assert_eq!(app.sign_in("certified").await.get(&step).await.status, 404, "another account learns nothing");
});

demo_test!(a_server_function_answers_what_it_cannot_read_with_an_error_whoever_asks, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("certified", "食品安全管理体系").await;
    let mut b = app.sign_in("expert1").await;
    for (path, method) in leptos::server_fn::axum::server_fn_paths() {
        assert_eq!(method.as_str(), "POST");
        let valid = serde_json::json!({ "matter": id, "kind": "registration", "step": "person", "base": 0, "pairs": [], "questions": [] })
            .to_string();
        for (kind, body) in [
            ("application/json", "{"),
            ("application/json", "{\"matter\": 7"),
            ("application/json", "[]"),
            ("application/json", "null"),
            ("application/json", ""),
            ("application/json", "\u{1}"),
            ("text/plain", valid.as_str()),
            ("application/x-www-form-urlencoded", valid.as_str()),
            ("application/x-www-form-urlencoded", "matter=1"),
            ("multipart/form-data; boundary=X", "--X--"),
            ("", valid.as_str()),
        ] {
            // The call without arguments reads none.
            if path == "/api/draft/scene" && kind == "application/json" {
                continue;
            }
            let headers = [("accept", "text/html"), ("referer", "http://registrar.test/matters"), ("content-type", kind)];
            let answer = b.raw("POST", path, &headers, body).await;
            assert!((400..500).contains(&answer.status), "{path} {kind} {body}: {} {}", answer.status, answer.location);
            assert!(answer.location.is_empty());
            let kind = answer.headers.get("content-type").map_or("", |v| v.to_str().unwrap());
            assert!(kind.starts_with("application/json") || kind.starts_with("text/plain"), "{path}: {kind}");
        }
    }
});

demo_test!(after_the_own_opinion_an_expert_reads_it_and_nothing_else, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("certified", "食品安全管理体系").await;
    let mut b = app.sign_in("expert1").await;
    let evaluation = format!("/expert/registrations/{id}");
    let before = b.get(&evaluation).await;
    assert_eq!(before.status, 200);
    let file = before.text.split(&format!("/matters/{id}/files/")).nth(1).map(|rest| rest[..36].to_owned());
    let seen = before.value("_seen");
    assert_eq!(app.decide("expert1", id, "conform", &[]).await, "evaluation", "another expert is still asked");
    let mut paths = vec![format!("/matters/{id}"), format!("/matters/{id}/print"), format!("/matters/{id}/return")];
    paths.extend(file.map(|file| format!("/matters/{id}/files/{file}")));
    for path in &paths {
        assert_eq!(b.get(path).await.status, 404, "{path}");
    }
    let own = b.get(&evaluation).await;
    assert_eq!(own.status, 200);
    assert!(own.text.contains("我的评价意见") && own.text.contains("评价结果") && !own.text.contains("教育经历"), "{}", own.text);
    assert!(!own.text.contains("/files/") && !own.text.contains("id=\"assess\""));
    let account = b.account().await;
    let call = b.call("/api/form-draft", &crate::form_drafts::save("evaluation", id, &before.value("_draft_state"), account)).await;
    assert_eq!(call.status, 410, "{}", call.text);
    let key = Uuid::now_v7().to_string();
    let again = [
        ("_key", key),
        ("_seen", seen.clone()),
        ("_action", "submit".into()),
        ("note", "另一个意见".into()),
        ("conclusion", "nonconform".into()),
    ];
    let late = b.post(&evaluation, &again).await;
    assert_eq!(late.status, 409);
    assert!(late.text.contains("您已提交过意见") && late.text.contains("另一个意见"), "{}", late.text);
    let list = b.get("/expert/registrations?state=all").await;
    assert!(list.text.contains(&evaluation), "the list leads to the own opinion: {}", list.text);
    // Stepping back stays possible, as the flow allows it.
    let form = forms(&own).into_iter().find(|form| form.buttons.iter().any(|button| button == "recuse")).unwrap();
    assert_eq!(b.post(&form.action, &form.body("recuse", |seen| Some(outdated(seen)))).await.status, 409);
    let left = b.post(&form.action, &form.body("recuse", |seen| Some(seen.to_owned()))).await;
    assert_eq!((left.status, left.location.as_str()), (303, "/expert"), "{}", left.text);
    assert_eq!(b.get(&evaluation).await.status, 404);
});
