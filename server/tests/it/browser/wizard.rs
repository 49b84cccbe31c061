//! The forms of the wizard and of the workbenches, as a browser without scripts posts them.

use uuid::Uuid;

use super::{Browser, Response};

/// Names and values of form controls.
pub type Pairs<'a> = &'a [(&'a str, &'a str)];

/// A form post of the wizard: `pairs` with the revision and the button.
pub fn form_values(pairs: Pairs<'_>, revision: &str, action: &str) -> Vec<(&'static str, String)> {
    let mut all: Vec<(&'static str, String)> = vec![("_rev", revision.to_owned()), ("_action", action.to_owned())];
    // Tests live as long as their names.
    all.extend(pairs.iter().map(|(n, v)| (&*String::leak((*n).to_owned()), (*v).to_owned())));
    all
}

/// Begins a matter from the guide at `path`; returns its id.
pub async fn begin(b: &mut Browser, path: &str) -> Uuid {
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

/// Fills one page of the wizard, which must be accepted.
pub async fn fill(b: &mut Browser, matter: Uuid, step: &str, pairs: Pairs<'_>) {
    let path = format!("/matters/{matter}/edit/{step}");
    let revision = b.get(&path).await.value("_rev");
    let saved = b.post(&path, &form_values(pairs, &revision, "next")).await;
    assert_eq!(saved.status, 303, "{step}: {}", saved.text);
}

/// 核对并提交; returns the response.
pub async fn submit(b: &mut Browser, matter: Uuid) -> Response {
    let path = format!("/matters/{matter}/review");
    let review = b.get(&path).await;
    b.post(&path, &[("_rev", review.value("_rev")), ("_key", review.value("_key"))]).await
}

/// 核对并提交, which must be accepted.
pub async fn submit_ok(b: &mut Browser, matter: Uuid) {
    let sent = submit(b, matter).await;
    assert_eq!((sent.status, sent.location), (303, format!("/matters/{matter}/done")), "{}", sent.text);
}

/// Begins an online payment of a matter's fee, and pays it at the sandbox gateway.
pub async fn pay_online(b: &mut Browser, matter: Uuid) {
    let path = format!("/matters/{matter}/pay");
    let form = [("_seen", b.get(&path).await.value("_seen")), ("method", "online".into()), ("invoice", "no".into())];
    let sent = b.post(&path, &form).await;
    assert_eq!(b.post(&sent.location, &[("_action", "pay".into())]).await.status, 303, "{}", sent.text);
}

/// Posts a command from the page of a matter.
pub async fn decide(b: &mut Browser, matter: Uuid, command: &str, note: &str) -> Response {
    let path = format!("/matters/{matter}");
    let page = b.get(&path).await;
    // What experts do has a page of its own, which that of the matter leads to.
    let links = page.text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let sheet = links.filter(|href| href.starts_with("/expert/")).find(|href| href.ends_with(&matter.to_string())).map(str::to_owned);
    let seen = match sheet {
        Some(sheet) => b.get(&sheet).await.value("_seen"),
        None => page.value("_seen"),
    };
    b.post(&path, &[("_key", Uuid::now_v7().to_string()), ("_seen", seen), ("_action", command.into()), ("note", note.into())]).await
}

/// Posts a command, which must be accepted.
pub async fn decide_ok(b: &mut Browser, matter: Uuid, command: &str, note: &str) {
    let answer = decide(b, matter, command, note).await;
    assert_eq!(answer.status, 303, "{command}: {}", answer.text);
}

/// Returns the matter to the applicant with one answer marked.
pub async fn return_for_correction(b: &mut Browser, matter: Uuid, field: &str, note: &str) {
    let path = format!("/matters/{matter}/return");
    let page = b.get(&path).await;
    let form = [
        ("_key", page.value("_key")),
        ("_seen", page.value("_seen")),
        (&*String::leak(format!("v:{field}")), "bad".into()),
        ("note", note.to_owned()),
    ];
    let sent = b.post(&path, &form).await;
    assert_eq!(sent.status, 303, "{}", sent.text);
}

/// Corrects the marked answer and submits again.
pub async fn correct_and_resubmit(b: &mut Browser, matter: Uuid, step: &str, field: &str, value: &str) {
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
    submit_ok(b, matter).await;
}

/// Submits a complaint, begun from the guide at `path`. It is about a person of this type and name.
pub async fn complaint(b: &mut Browser, path: &str, (target_type, target_name): (&str, &str)) -> Uuid {
    let id = begin(b, path).await;
    let facts = [
        ("target_type", target_type),
        ("target_name", target_name),
        ("happened_on", "2026-11-02"),
        ("place", "上海"),
        ("facts", "审核中未到现场，仍出具了审核记录。"),
    ];
    fill(b, id, "complaint", &facts).await;
    fill(b, id, "reply", &[("wants_reply", "yes"), ("declared", "yes")]).await;
    submit_ok(b, id).await;
    id
}
