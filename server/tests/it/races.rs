//! Forms that come too late, over HTTP.

use backend::demo::testing::stages::{Cast, account_in, place};
use backend::demo_test;
use uuid::Uuid;

use crate::browser::TestApp;
use crate::browser::wizard::{decide, decide_ok, fill, return_for_correction, submit};

/// Names and values of the hidden fields of the form whose button has this action.
fn hidden_fields(page: &str, action: &str) -> Vec<(&'static str, String)> {
    let form =
        page.split("<form").find(|form| form.contains(&format!("value=\"{action}\""))).unwrap_or_else(|| panic!("no {action}: {page}"));
    let form = form.split("</form>").next().unwrap();
    let inputs = form.split("<input").skip(1).filter(|input| input.contains("type=\"hidden\""));
    let attribute = |input: &str, name: &str| input.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned();
    inputs.map(|input| (&*String::leak(attribute(input, "name")), attribute(input, "value"))).collect()
}

demo_test!(a_decision_on_a_page_of_before_a_return_is_refused_with_what_changed, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("applicant", "质量管理体系").await;
    let (mut inst, mut second, mut applicant) = (app.sign_in("inst-a").await, app.sign_in("inst-a").await, app.sign_in("applicant").await);
    let page = inst.get(&format!("/matters/{id}")).await;
    let mut form = hidden_fields(&page.text, "pass");
    assert!(form.iter().any(|(name, _)| *name == "_seen"));
    form.extend([("_action", "pass".to_owned()), ("note", "同意推荐".to_owned())]);
    return_for_correction(&mut second, id, "postcode", "请核对邮编").await;
    fill(&mut applicant, id, "person", &[("postcode", "200199")]).await;
    let rectify = applicant.get(&format!("/matters/{id}/rectify")).await;
    let mut responses = vec![("_rev", rectify.value("_rev")), ("_action", "review".to_owned())];
    for name in rectify.text.split("name=\"r:").skip(1) {
        responses.push((&*String::leak(format!("r:{}", name.split('"').next().unwrap())), "已改".to_owned()));
    }
    applicant.post(&format!("/matters/{id}/rectify"), &responses).await;
    let sent = submit(&mut applicant, id).await;
    let late = inst.post(&format!("/matters/{id}"), &form).await;
    if sent.status == 303 {
        assert_eq!(late.status, 409, "{}", late.text);
        for text in ["打开页面之后的变化", "200199", "请核对邮编", "同意推荐"] {
            assert!(late.text.contains(text), "{text}: {}", late.text);
        }
        assert!(inst.get(&format!("/matters/{id}")).await.text.contains("机构初核中"), "nothing was decided");
    } else {
        assert_eq!(late.status, 409, "{}", late.text);
    }
    let page = inst.get(&format!("/matters/{id}")).await;
    if sent.status == 303 {
        let mut form = hidden_fields(&page.text, "pass");
        form.extend([("_action", "pass".to_owned()), ("note", String::new())]);
        assert_eq!(inst.post(&format!("/matters/{id}"), &form).await.status, 303);
    }
});

demo_test!(an_opinion_whose_command_is_not_open_any_more_is_shown_again, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("applicant", "质量管理体系").await;
    let (mut one, mut other) = (app.sign_in("inst-a").await, app.sign_in("inst-a").await);
    decide_ok(&mut one, id, "pass", "").await;
    let late = decide(&mut other, id, "reject", "材料前后不一致").await;
    assert_eq!(late.status, 409);
    assert!(late.text.contains("材料前后不一致"), "{}", late.text);
    let late = other.post(&format!("/matters/{id}/return"), &[("_key", Uuid::now_v7().to_string()), ("note", "请补充材料".into())]).await;
    assert_eq!(late.status, 409);
    assert!(late.text.contains("请补充材料"), "{}", late.text);
});

demo_test!(every_form_that_gives_a_command_carries_what_was_seen, |demo| async move {
    let app = TestApp::new(demo).await;
    let institution = async |name: &str| app.authorize(name).await.caller().institutions[0].0;
    let cast = Cast {
        owner: app.authorize("applicant").await.account(),
        institution: institution("inst-a").await,
        joining: institution("inst-b").await,
        experts: vec![app.authorize("expert1").await.account()],
    };
    let mut browsers = std::collections::BTreeMap::new();
    for name in ["applicant", "inst-a", "inst-b", "expert1", "officer", "approver2", "finance", "admin"] {
        browsers.insert(name, app.sign_in(name).await);
    }
    let mut forms = 0;
    for kind in domain::kind::KINDS {
        for stage in kind.flow.stages {
            let id = place(app.state(), kind, stage, &cast).await.unwrap();
            let mut names: Vec<&str> = stage.transitions.iter().filter_map(|t| account_in(kind, t.by)).collect();
            names.sort_unstable();
            names.dedup();
            for name in names {
                let b = browsers.get_mut(name).unwrap();
                let mut paths = vec![String::new(), "/review".into(), "/return".into(), "/assign".into()];
                paths = paths.iter().map(|path| format!("/matters/{id}{path}")).collect();
                paths.extend(kind.expert_list.filter(|_| name == "expert1").map(|list| format!("/expert/{}/{id}", list.slug)));
                for path in paths {
                    let page = b.get(&path).await;
                    for form in page.text.split("<form").skip(1).filter(|form| form.contains("name=\"_key\"")) {
                        let form = form.split("</form>").next().unwrap();
                        assert!(form.contains("name=\"_seen\""), "{} {} {name} {path}: {form}", kind.code, stage.code);
                        forms += 1;
                    }
                }
            }
        }
    }
    assert!(forms > 100, "{forms} forms");
});

demo_test!(a_character_that_a_database_cannot_store_is_no_fault_of_the_server, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.browser();
    let login = b.post("/login", &[("account", "abc\0".into()), ("password", "x".into()), ("next", "/".into())]).await;
    assert!((400..500).contains(&login.status), "{}", login.status);
    let mut b = app.sign_in("certified").await;
    for path in ["/me/certificates/%00/pdf", "/verify/%00", "/published?q=%00"] {
        let status = b.get(path).await.status;
        assert!(status < 500, "{path}: {status}");
    }
});
