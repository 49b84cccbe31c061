//! What an expert sees of a case whose applicant and institutions are hidden: nothing that names them, on any page, print, sheet, download,
//! message or list, and nothing at all once the evaluation has ended.

use std::collections::BTreeSet;

use backend::demo_test;
use domain::engine::flow::{Command, RectificationItem};
use domain::engine::form::Path;
use uuid::Uuid;

use crate::browser::wizard::{begin, decide_ok, fill, pay_online, submit_ok};
use crate::browser::{Browser, Response, TestApp};

/// Texts that identify the applicant of these tests, the institutions, or files by their names.
const MARKERS: &[&str] = &[
    "周建国",
    "建国",
    "华信",
    "吴海燕",
    "上海精工机械",
    "梁志诚",
    "13800000002",
    "110101199003070011",
    "certified@example.com",
    "QMS-40",
    "102511201205001234",
    "标记",
    "CNCA-R-2026-901",
    "91310115MA1K000016",
];

/// Everything of a response that a reader gets.
fn whole(response: &Response) -> String {
    let headers = response.headers.values().filter_map(|v| v.to_str().ok()).map(unescape).collect::<Vec<_>>().join("\n");
    format!("{headers}\n{}", response.text)
}

/// Percent-encoded text as it is read.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let byte =
            (*first == b'%').then(|| after.get(..2).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok())).flatten();
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Addresses on a page that begin with one of these.
fn links(text: &str, begin: &str) -> BTreeSet<String> {
    let parts = text.split("href=\"").skip(1).filter_map(|part| part.split('"').next());
    parts.filter(|href| href.starts_with(begin)).map(|href| href.replace("&amp;", "&")).collect()
}

/// The page without what the reader sees of their own: the name at the top of each page.
pub fn assert_blind(what: &str, response: &Response) {
    let text = whole(response);
    for marker in MARKERS {
        let at = text.find(marker);
        assert!(at.is_none(), "{what} names {marker}: …{}…", at.map_or("", |at| excerpt(&text, at)));
    }
}

fn excerpt(text: &str, at: usize) -> &str {
    let begin = (0..=at.saturating_sub(120)).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
    let end = (at..text.len().min(at + 120)).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(text.len());
    &text[begin..end]
}

/// Visits every page that an expert can reach from a case.
async fn visit(b: &mut Browser, slug: &str, matter: Uuid) -> usize {
    let mut files = BTreeSet::new();
    for path in [
        format!("/matters/{matter}"),
        format!("/matters/{matter}/print"),
        format!("/expert/{slug}/{matter}"),
        format!("/expert/{slug}"),
        format!("/expert/{slug}?state=all"),
        format!("/expert/{slug}?state=done"),
        "/expert".to_owned(),
        "/me/messages".to_owned(),
        "/".to_owned(),
    ] {
        let page = b.get(&path).await;
        assert!(matches!(page.status, 200 | 303), "{path}: {}", page.status);
        assert_blind(&path, &page);
        assert!(links(&page.text, "/verify/").is_empty(), "{path} leads to a certificate");
        files.extend(links(&page.text, &format!("/matters/{matter}/files/")));
    }
    for file in &files {
        let download = b.get(file).await;
        assert_eq!(download.status, 200, "{file}");
        assert_blind(file, &download);
        assert!(whole(&download).contains("附件"), "{file} has a neutral name");
    }
    let account = b.account().await;
    for state in ["1", "7"] {
        let saved = b.call("/api/form-draft", &crate::form_drafts::save("evaluation", matter, state, account)).await;
        assert_blind("/api/form-draft", &saved);
    }
    files.len()
}

/// The demo's application for the full grade, evaluated by two experts; its texts and file names are full of markers.
async fn full_grade(app: &TestApp) -> Uuid {
    let mut b = app.sign_in("certified").await;
    let id = app.matter_of("certified", "质量管理体系 · 审核员").await;
    decide_ok(&mut app.sign_in("inst-a").await, id, "return", "请在材料中注明。").await;
    for (step, field) in [("attachments", "other"), ("attachments", "experience_summary")] {
        let path = format!("/matters/{id}/edit/{step}");
        let revision = b.get(&path).await.value("_rev");
        let name = "标记-周建国-华信质量.jpg";
        let sent = b.upload(&path, &[("_rev", &revision), ("_action", "save")], field, name, picture(app, id).await).await;
        assert!(matches!(sent.status, 200 | 303), "{}", sent.text);
    }
    submit_ok(&mut b, id).await;
    decide_ok(&mut app.sign_in("inst-a").await, id, "pass", "周建国系我单位（华信质量）专职审核员，标记。").await;
    pay_online(&mut b, id).await;
    decide_ok(&mut app.sign_in("officer").await, id, "accept", "请按周建国所在机构华信的情况办理，标记。").await;
    assert_eq!(app.decide("officer", id, "assign", &["expert1", "expert2"]).await, "evaluation");
    id
}

async fn execute(app: &TestApp, account: &str, matter: Uuid, command: Command) {
    let request = backend::workflow::execute::CommandRequest { key: Uuid::now_v7(), matter, seen: None, command };
    backend::workflow::execute::execute(app.state(), &app.authorize(account).await, request).await.unwrap();
}

async fn set_rule(app: &TestApp, key: &str, value: &str) {
    let row = domain::base::rule::RuleRow { key: key.into(), value: value.into(), effective_from: "2026-01-01".parse().unwrap() };
    app.state().db.write(move |tx| Box::pin(async move { backend::infra::db::rule::insert_rule(tx, &row).await })).await.unwrap();
    app.state().reload_tables().await.unwrap();
}

/// A picture that is accepted: one of the matter.
async fn picture(app: &TestApp, matter: Uuid) -> Vec<u8> {
    let who = app.authorize("certified").await;
    let file = backend::matter::load(app.state(), &who, matter).await.unwrap().answers.files().next().unwrap().file;
    backend::workflow::files::download(app.state(), &who, matter, file).await.unwrap().bytes.clone()
}

demo_test!(an_expert_sees_no_name_on_any_page_print_sheet_or_download, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = full_grade(&app).await;
    let mut b = app.sign_in("expert1").await;
    let files = visit(&mut b, "registrations", id).await;
    assert!(files > 5, "{files} files");
    let page = b.get(&format!("/matters/{id}")).await.text;
    assert!(page.contains("（已隐去）") && page.contains("认证经历"), "the case itself is there: {page}");
    assert!(!page.contains("身份信息") && !page.contains("证件号码"), "nor the registered identity");
    let officer = app.sign_in("officer").await.get(&format!("/matters/{id}")).await.text;
    assert!(officer.contains("身份信息"));
    assert!(officer.contains("周建国") && officer.contains("（华信质量）"), "who knows the applicant sees everything");
});

demo_test!(an_expert_finds_no_fault_with_what_is_hidden, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = full_grade(&app).await;
    let expert = app.authorize("expert1").await;
    let request = |field: &str| {
        let items = vec![RectificationItem { id: Uuid::now_v7(), path: Path::field(field), text: "请修改。".into() }];
        let command = Command { name: "nonconform".into(), note: "意见".into(), items, ..Command::default() };
        backend::workflow::execute::CommandRequest { key: Uuid::now_v7(), matter: id, seen: None, command }
    };
    let hidden: Vec<&str> =
        domain::kind::registration::KIND.form.fields().filter(|(_, field)| field.identifies()).map(|(_, field)| field.name).collect();
    assert!(hidden.len() > 3, "{hidden:?}");
    let sheet = app.sign_in("expert1").await.get(&format!("/expert/registrations/{id}")).await.text;
    assert!(sheet.contains("name=\"v:other\""), "{sheet}");
    for field in hidden {
        assert!(!sheet.contains(&format!("name=\"v:{field}\"")), "the sheet asks for no verdict on {field}");
        let refused = backend::workflow::execute::execute(app.state(), &expert, request(field)).await;
        assert!(refused.is_err(), "{field}");
    }
    // What is shown can be found fault with.
    backend::workflow::execute::execute(app.state(), &expert, request("other")).await.unwrap();
});

demo_test!(a_second_round_and_its_differences_name_nobody_and_access_ends_with_the_evaluation, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = full_grade(&app).await;
    // One expert asks for a change, and names what they were not told; the applicant answers with names.
    let items = vec![RectificationItem { id: Uuid::now_v7(), path: Path::field("other"), text: "请补充说明。".into() }];
    for (expert, name, items) in [("expert1", "nonconform", items), ("expert2", "conform", Vec::new())] {
        let command = Command { name: name.into(), note: "意见".into(), items, ..Command::default() };
        execute(&app, expert, id, command).await;
    }
    let mut b = app.sign_in("certified").await;
    for path in [format!("/matters/{id}"), format!("/matters/{id}/print"), format!("/expert/registrations/{id}")] {
        let page = app.sign_in("expert1").await.get(&path).await;
        assert_eq!(page.status, 404, "{path}: not while others have their turn");
    }
    let path = format!("/matters/{id}/edit/attachments");
    let revision = b.get(&path).await.value("_rev");
    let sent = b.upload(&path, &[("_rev", &revision), ("_action", "save")], "other", "标记-华信.jpg", picture(&app, id).await).await;
    assert!(matches!(sent.status, 200 | 303), "{}", sent.text);
    let rectify = b.get(&format!("/matters/{id}/rectify")).await;
    let mut form = vec![("_rev", rectify.value("_rev")), ("_action", "review".to_owned())];
    for name in rectify.text.split("name=\"r:").skip(1) {
        form.push((
            &*String::leak(format!("r:{}", name.split('"').next().unwrap())),
            "本人周建国已在华信补充，标记人为周先生。".replace("标记人", "某人"),
        ));
    }
    assert_eq!(b.post(&format!("/matters/{id}/rectify"), &form).await.status, 303);
    submit_ok(&mut b, id).await;
    decide_ok(&mut app.sign_in("inst-a").await, id, "pass", "华信复核，标记。").await;
    let mut expert = app.sign_in("expert1").await;
    visit(&mut expert, "registrations", id).await;
    let sheet = expert.get(&format!("/expert/registrations/{id}")).await.text;
    assert!(sheet.contains("本次修改") && sheet.contains("附件"), "{sheet}");

    for expert in ["expert1", "expert2"] {
        app.decide(expert, id, "conform", &[]).await;
    }
    for (who, command) in [("officer", "propose"), ("admin", "approve")] {
        app.decide(who, id, command, &[]).await;
    }
    // Closed: the list keeps a title, and nothing else is left.
    let list = expert.get("/expert/registrations?state=done").await;
    assert!(list.text.contains("质量管理体系"), "{}", list.text);
    assert_blind("list", &list);
    assert!(!list.text.contains(&id.to_string()), "no link to a closed case");
    for path in [format!("/matters/{id}"), format!("/matters/{id}/print"), format!("/expert/registrations/{id}")] {
        let page = expert.get(&path).await;
        assert_eq!(page.status, 404, "{path}");
        assert_blind(&path, &page);
    }
});

demo_test!(the_decision_that_an_appeal_disputes_names_nobody_either, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = full_grade(&app).await;
    for expert in ["expert1", "expert2"] {
        app.decide(expert, id, "conform", &[]).await;
    }
    app.decide("officer", id, "propose", &[]).await;
    decide_ok(&mut app.sign_in("admin").await, id, "refuse", "周建国在华信质量认证中心有限公司的审核经历不足。").await;
    let mut b = app.sign_in("certified").await;
    let appeal = begin(&mut b, "/apply/appeal").await;
    let disputed = id.to_string();
    let grounds = "本人周建国，证件 110101199003070011，在华信质量任职，经历充足。";
    let pairs = [("disputed", disputed.as_str()), ("claim", "请撤销对周建国的决定。"), ("grounds", grounds), ("declared", "yes")];
    fill(&mut b, appeal, "appeal", &pairs).await;
    submit_ok(&mut b, appeal).await;
    decide_ok(&mut app.sign_in("officer2").await, appeal, "accept", "").await;
    let people = [app.authorize("expert3").await.account(), app.authorize("expert4").await.account()];
    // The experts of the disputed case are excluded, so two are left; the demo's rule asks for an odd number.
    let command = Command { name: "assign".into(), assignees: people[..1].to_vec(), ..Command::default() };
    set_rule(&app, "appeal.experts", "1").await;
    execute(&app, "officer2", appeal, command).await;
    let mut expert = app.sign_in("expert3").await;
    visit(&mut expert, "appeals", appeal).await;
    let page = expert.get(&format!("/matters/{appeal}")).await.text;
    assert!(page.contains("原决定") && page.contains("的审核经历不足"), "what is disputed is there: {page}");
});
