//! The form that comes with a transition, on the page of the matter: the officer's review of the trial kind.

use backend::demo::testing::stages::place;
use backend::demo_test;
use domain::kind::trial::KIND;
use uuid::Uuid;

use crate::browser::{Browser, Response, TestApp};
use crate::seen::cast;

async fn under_review(app: &TestApp) -> Uuid {
    let cast = cast(app).await;
    place(app.state(), &KIND, KIND.flow.stage("review").unwrap(), &cast).await.unwrap()
}

/// Posts the review from the page of the matter.
async fn post(b: &mut Browser, id: Uuid, action: &'static str, typed: &[(&'static str, &str)]) -> Response {
    let path = format!("/matters/{id}");
    let page = b.get(&path).await;
    let form = page.text.split("data-move=\"propose\"").nth(1).unwrap().split("</form>").next().unwrap().to_owned();
    let value = |name: &str| {
        let control = form.split("<input").find(|control| control.contains(&format!("name=\"{name}\"")));
        control.and_then(|control| control.split("value=\"").nth(1)).and_then(|rest| rest.split('"').next()).unwrap_or("").to_owned()
    };
    let hidden = ["_key", "_seen", "_form", "_draft", "_draft_state"].map(|name| (name, value(name)));
    let mut body: Vec<(&'static str, String)> = hidden.into_iter().collect();
    body.push(("_action", action.to_owned()));
    body.extend(typed.iter().map(|(name, value)| (*name, (*value).to_owned())));
    b.post(&path, &body).await
}

demo_test!(the_form_of_a_transition_is_drawn_checked_at_its_fields_and_keeps_what_was_typed, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = under_review(&app).await;
    let mut b = app.sign_in("officer").await;
    let page = b.get(&format!("/matters/{id}")).await;
    for control in ["name=\"mark\"", "name=\"remark\"", "name=\"result\""] {
        assert!(page.text.contains(control), "{control}: {}", page.text);
    }
    assert!(!page.text.contains("name=\"conditions\""), "not asked yet");
    let wrong = post(&mut b, id, "propose", &[("mark", "101"), ("remark", "材料完整真实"), ("result", "conditional")]).await;
    assert_eq!(wrong.status, 422, "{}", wrong.text);
    for text in ["请填写 0 至 100 之间的整数", "href=\"#f-mark\"", "材料完整真实", "value=\"101\"", "name=\"conditions\"", "请填写附加条件"]
    {
        assert!(wrong.text.contains(text), "{text}: {}", wrong.text);
    }
    let empty = post(&mut b, id, "propose", &[]).await;
    assert!(empty.status == 422 && empty.text.contains("请填写评分") && empty.text.contains("请选择审核结论"), "{}", empty.text);
    let done =
        post(&mut b, id, "propose", &[("mark", "86"), ("remark", "材料完整真实"), ("result", "pass"), ("contact", "13912345678")]).await;
    assert_eq!((done.status, done.location), (303, format!("/matters/{id}")), "{}", done.text);
    for who in ["officer", "inst-a"] {
        let page = app.sign_in(who).await.get(&format!("/matters/{id}")).await;
        let history = page.text.split("class=\"timeline\"").nth(1).unwrap().to_owned();
        for text in ["86 分", "材料完整真实", "通过"] {
            assert!(history.contains(text), "{who} {text}: {history}");
        }
        let shown = history.contains("13912345678");
        assert_eq!(shown, who == "inst-a", "a sensitive answer is masked for {who}");
    }
    let print = b.get(&format!("/matters/{id}/print")).await;
    assert!(print.text.contains("86 分") && !print.text.contains("13912345678"));
});

demo_test!(the_form_of_a_transition_is_kept_for_its_author_until_it_is_sent, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = under_review(&app).await;
    let mut b = app.sign_in("officer").await;
    let saved = post(&mut b, id, "save:propose", &[("mark", "7"), ("remark", "写到一半"), ("result", "conditional")]).await;
    assert_eq!(saved.status, 303, "nothing is checked: {}", saved.text);
    let page = b.get(&format!("/matters/{id}")).await;
    assert!(
        page.text.contains("写到一半") && page.text.contains("value=\"7\"") && page.text.contains("name=\"conditions\""),
        "{}",
        page.text
    );
    assert!(b.get("/me/form-drafts").await.text.contains("写到一半"));
    let other = app.sign_in("officer2").await.get(&format!("/matters/{id}")).await;
    assert!(other.status == 200 && !other.text.contains("写到一半"), "{}", other.text);
    let done = post(&mut b, id, "propose", &[("mark", "86"), ("remark", "写完了"), ("result", "pass")]).await;
    assert_eq!(done.status, 303, "{}", done.text);
    assert!(b.get("/me/form-drafts").await.text.contains("没有未提交的内容"));
});
