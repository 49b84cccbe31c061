//! 投诉, 申诉 and 转换执业机构 from the first page to the last, by everyone who has a part in them, and by those who have none.

#[allow(dead_code, reason = "each file of tests uses its part of the browser")]
mod browser;

use backend::db::testing::both;
use browser::{Browser, Town};
use uuid::Uuid;

type Pairs<'a> = &'a [(&'a str, &'a str)];

/// What is posted, with what every page of the wizard sends.
fn typed(pairs: Pairs<'_>, revision: &str, action: &str) -> Vec<(&'static str, String)> {
    let mut all: Vec<(&'static str, String)> = vec![("_rev", revision.to_owned()), ("_action", action.to_owned())];
    // Tests live as long as their names.
    all.extend(pairs.iter().map(|(n, v)| (&*String::leak((*n).to_owned()), (*v).to_owned())));
    all
}

/// Begins a matter at an address; gives its id.
async fn begin(b: &mut Browser, path: &str) -> Uuid {
    let guide = b.get(path).await;
    assert_eq!(guide.status, 200, "{}", guide.text);
    let mut form = vec![("_id", guide.value("_id"))];
    if path.starts_with("/institution") {
        form.push(("_desk", guide.value("_desk")));
    }
    let begun = b.post(path, &form).await;
    assert_eq!(begun.status, 303, "{}", begun.text);
    begun.location.split('/').nth(2).unwrap().parse().unwrap()
}

/// Fills one page of the wizard; it must be taken.
async fn fill(b: &mut Browser, matter: Uuid, step: &str, pairs: Pairs<'_>) {
    let path = format!("/matters/{matter}/edit/{step}");
    let revision = b.get(&path).await.value("_rev");
    let saved = b.post(&path, &typed(pairs, &revision, "next")).await;
    assert_eq!(saved.status, 303, "{step}: {}", saved.text);
}

/// 核对并提交; gives the answer.
async fn submit(b: &mut Browser, matter: Uuid) -> browser::Answer {
    let path = format!("/matters/{matter}/review");
    let review = b.get(&path).await;
    b.post(&path, &[("_rev", review.value("_rev")), ("_key", review.value("_key"))]).await
}

async fn submitted(b: &mut Browser, matter: Uuid) {
    let sent = submit(b, matter).await;
    assert_eq!((sent.status, sent.location), (303, format!("/matters/{matter}/done")), "{}", sent.text);
}

/// Makes a move from the page of a matter.
async fn decide(b: &mut Browser, matter: Uuid, command: &str, note: &str) -> browser::Answer {
    let path = format!("/matters/{matter}");
    b.post(&path, &[("_key", Uuid::now_v7().to_string()), ("_action", command.into()), ("note", note.into())]).await
}

async fn decided(b: &mut Browser, matter: Uuid, command: &str, note: &str) {
    let answer = decide(b, matter, command, note).await;
    assert_eq!(answer.status, 303, "{command}: {}", answer.text);
}

/// Sends it back, pointing at one answer.
async fn sent_back(b: &mut Browser, matter: Uuid, field: &str, note: &str) {
    let path = format!("/matters/{matter}/return");
    let page = b.get(&path).await;
    let form = [("_key", page.value("_key")), (&*String::leak(format!("v:{field}")), "bad".into()), ("note", note.to_owned())];
    let sent = b.post(&path, &form).await;
    assert_eq!(sent.status, 303, "{}", sent.text);
}

/// Answers what was asked, field by field, and submits again.
async fn mended(b: &mut Browser, matter: Uuid, step: &str, field: &str, value: &str) {
    let list = b.get("/matters").await;
    assert!(list.text.contains(&format!("/matters/{matter}/rectify")), "returned → 编辑: {}", list.text);
    let rectify = b.get(&format!("/matters/{matter}/rectify")).await;
    assert_eq!(rectify.status, 200);
    fill(b, matter, step, &[(field, value)]).await;
    let page = b.get(&format!("/matters/{matter}/rectify")).await;
    let mut form = vec![("_rev", page.value("_rev")), ("_action", "review".to_owned())];
    for name in page.text.split("name=\"r:").skip(1) {
        form.push((&*String::leak(format!("r:{}", name.split('"').next().unwrap())), "已补充".to_owned()));
    }
    assert_eq!(b.post(&format!("/matters/{matter}/rectify"), &form).await.status, 303);
    submitted(b, matter).await;
}

/// Everything by which someone might try to read a matter.
async fn learns_nothing(b: &mut Browser, who: &str, matter: Uuid, secrets: &[&str]) {
    for path in [
        format!("/matters/{matter}"),
        format!("/matters/{matter}/print"),
        format!("/matters/{matter}/review"),
        format!("/matters/{matter}/return"),
        format!("/matters/{matter}/rectify"),
        format!("/matters/{matter}/done"),
        format!("/matters/{matter}/copy"),
        format!("/matters/{matter}/edit/complaint"),
        format!("/matters/{matter}/assign"),
    ] {
        let page = b.get(&path).await;
        assert!(matches!(page.status, 403 | 404), "{who} {path}: {}", page.status);
    }
    for path in ["/matters", "/institution", "/association", "/expert", "/expert/registrations", "/expert/appeals", "/me/messages", "/"] {
        let page = b.get(path).await;
        assert!(!page.text.contains(&matter.to_string()), "{who} {path}");
        assert!(secrets.iter().all(|s| !page.text.contains(s)), "{who} {path}");
    }
    let state = b.call("/api/draft/state", &serde_json::json!({ "matter": matter })).await;
    let page = serde_json::json!({ "matter": matter, "step": "complaint", "base": 0, "pairs": [["place", "x"]] });
    let save = b.call("/api/draft/save", &page).await;
    for answer in [state, save] {
        assert!(answer.status >= 400, "{who}: {}", answer.text);
        assert!(secrets.iter().all(|s| !answer.text.contains(s)), "{who}");
    }
    let move_ = decide(b, matter, "accept", "冒名").await;
    assert_eq!(move_.status, 404, "{who}");
}

const COMPLAINT: Pairs<'_> = &[
    ("target_type", "registrant"),
    ("target_name", "周建国"),
    ("happened_on", "2026-11-02"),
    ("place", "上海"),
    ("facts", "审核中未到现场，仍出具了审核记录。"),
];

const REPLY: Pairs<'_> = &[("wants_reply", "yes"), ("declared", "yes")];

async fn complaint(b: &mut Browser, path: &str) -> Uuid {
    let id = begin(b, path).await;
    fill(b, id, "complaint", COMPLAINT).await;
    fill(b, id, "reply", REPLY).await;
    submitted(b, id).await;
    id
}

#[test]
fn a_complaint_is_returned_mended_handled_by_two_and_answered() {
    both(|db| async move {
        let town = Town::new(db).await;
        let mut b = town.enter("applicant").await;
        let id = complaint(&mut b, "/apply/complaint").await;
        let list = b.get("/matters").await;
        assert!(list.text.contains("投诉（注册人员）") && list.text.contains("投诉受理中"), "{}", list.text);

        let mut officer = town.enter("officer").await;
        let desk = officer.get("/association").await;
        assert!(desk.text.contains(&id.to_string()), "it waits at the desk");
        assert!(officer.get("/me/messages").await.text.contains("待办：投诉"));
        sent_back(&mut officer, id, "place", "请补充具体地点。").await;
        let seen = b.get(&format!("/matters/{id}")).await;
        assert!(seen.text.contains("请补充具体地点。") && seen.text.contains("已退回，待补充"));
        let unchanged = submit(&mut b, id).await;
        assert!(matches!(unchanged.status, 409 | 422), "{}", unchanged.status);
        mended(&mut b, id, "complaint", "place", "上海市浦东新区示例路 1 号").await;

        decided(&mut officer, id, "accept", "").await;
        let short = decide(&mut officer, id, "propose", " ").await;
        assert!(short.status == 422 && short.text.contains("请填写意见"));
        decided(&mut officer, id, "propose", "查证属实，建议警告。").await;
        assert!(matches!(decide(&mut officer, id, "answer", "x").await.status, 409), "who proposes does not answer");
        let mut approver = town.enter("admin").await;
        decided(&mut approver, id, "reconsider", "请补充证据。").await;
        decided(&mut officer, id, "propose", "已补充证据，建议警告。").await;
        decided(&mut approver, id, "answer", "经调查，反映的情况属实，已作出处理。").await;

        let answered = b.get(&format!("/matters/{id}")).await;
        assert!(answered.text.contains("已答复") && answered.text.contains("经调查，反映的情况属实，已作出处理。"));
        assert!(b.get("/matters?view=closed").await.text.contains("已答复"));
    });
}

#[test]
fn whom_a_complaint_is_about_and_everyone_without_a_part_in_it_learn_nothing() {
    both(|db| async move {
        let town = Town::new(db).await;
        let mut b = town.enter("applicant").await;
        let id = complaint(&mut b, "/apply/complaint").await;
        // The respondent, an expert, other roles of the association, both institutions, a third person.
        for who in ["certified", "expert1", "finance", "examiner", "inst-a", "inst-b", "teacher"] {
            let mut other = town.enter(who).await;
            learns_nothing(&mut other, who, id, &["未到现场", "投诉（注册人员）"]).await;
        }
    });
}

#[test]
fn someone_of_the_association_never_sees_the_complaint_that_is_about_them() {
    both(|db| async move {
        let town = Town::new(db).await;
        let mut b = town.enter("applicant").await;
        let id = begin(&mut b, "/apply/complaint").await;
        let about: Vec<(&str, &str)> = COMPLAINT
            .iter()
            .copied()
            .filter(|(n, _)| !n.starts_with("target"))
            .chain([("target_type", "staff"), ("target_name", "孙立新")])
            .collect();
        fill(&mut b, id, "complaint", &about).await;
        fill(&mut b, id, "reply", REPLY).await;
        submitted(&mut b, id).await;
        let mut officer = town.enter("officer").await;
        learns_nothing(&mut officer, "officer", id, &["未到现场", "投诉（协会工作人员）"]).await;
        let mut approver = town.enter("admin").await;
        assert!(approver.get(&format!("/matters/{id}")).await.text.contains("未到现场"), "someone else of the association does");
    });
}

#[test]
fn users_of_an_institution_complain_at_their_desk_and_their_colleagues_alone_see_it() {
    both(|db| async move {
        let town = Town::new(db).await;
        let mut b = town.enter("inst-a").await;
        let catalogue = b.get("/institution/apply").await;
        assert!(catalogue.text.contains("/institution/apply/complaint") && !catalogue.text.contains("/institution/apply/registration"));
        let id = complaint(&mut b, "/institution/apply/complaint").await;
        assert!(b.get("/institution").await.text.contains(&id.to_string()), "it stands at the desk");
        let mut officer = town.enter("officer").await;
        let seen = officer.get(&format!("/matters/{id}")).await;
        assert!(seen.text.contains("申请机构") && seen.text.contains("华信质量认证中心有限公司"), "{}", seen.text);
        let mut other = town.enter("inst-b").await;
        learns_nothing(&mut other, "inst-b", id, &["未到现场"]).await;
        for (who, kind) in [("applicant", "complaint"), ("officer", "complaint")] {
            let mut stranger = town.enter(who).await;
            assert_eq!(stranger.get(&format!("/institution/apply/{kind}")).await.status, 403, "{who}");
        }
        let desk = other.get("/institution/apply/complaint").await.value("_desk");
        let form = [("_id", Uuid::now_v7().to_string()), ("_desk", desk)];
        assert_eq!(b.post("/institution/apply/complaint", &form).await.status, 404, "at another institution's desk");
    });
}
