//! Every command of 人员注册 at every stage, posted by every role without the permission for it.

use crate::browser::{Browser, TestApp};
use backend::demo_test;
use uuid::Uuid;

const EVERYONE: [&str; 11] =
    ["applicant", "certified", "inst-a", "inst-b", "officer", "admin", "finance", "examiner", "expert1", "expert2", "teacher"];

/// The commands of a stage, those of system parties included, and two that an attacker might try anywhere.
fn commands(stage: &str) -> Vec<&'static str> {
    let moves = domain::kind::registration::FLOW.stage(stage).unwrap().transitions;
    let mut all: Vec<&str> = moves.iter().map(|m| m.command).chain(["paid", "approve"]).collect();
    all.sort_unstable();
    all.dedup();
    all
}

struct Walk {
    app: TestApp,
    browsers: Vec<(&'static str, Browser)>,
    matter: Uuid,
}

impl Walk {
    /// At the present stage every account posts every command it has no right to.
    async fn refuse(&mut self, stage: &str, rights: &[(&str, &str)]) {
        let path = format!("/matters/{}", self.matter);
        let label = domain::kind::registration::FLOW.stage(stage).unwrap().label;
        for (name, browser) in &mut self.browsers {
            let seen = self.app.seen(name, self.matter).await;
            for command in commands(stage) {
                if rights.contains(&(*name, command)) {
                    continue;
                }
                let (key, note) = (Uuid::now_v7().to_string(), "冒名的意见".to_owned());
                let form = [("_key", key), ("_seen", seen.clone()), ("_action", command.to_owned()), ("note", note)];
                let status = browser.post(&path, &form).await.status;
                assert!(matches!(status, 403 | 404 | 409 | 422), "{stage}: {name} {command} {status}");
            }
        }
        let seen = self.browsers.iter_mut().find(|(n, _)| *n == "applicant").unwrap().1.get(&path).await;
        assert!(seen.text.contains(label) && !seen.text.contains("冒名的意见"), "{stage} stands");
    }

    async fn decide(&self, account: &str, command: &str, people: &[&str], stage: &str) {
        assert_eq!(self.app.decide(account, self.matter, command, people).await, stage);
    }
}

demo_test!(every_decision_is_refused_to_every_wrong_role, |demo| async move {
    let app = TestApp::new(demo).await;
    let matter = app.matter_of("applicant", "质量管理体系").await;
    let mut browsers = Vec::new();
    for name in EVERYONE {
        browsers.push((name, app.sign_in(name).await));
    }
    let mut walk = Walk { app, browsers, matter };
    let withdraw = ("applicant", "withdraw");
    let institution = [("inst-a", "pass"), ("inst-a", "return"), ("inst-a", "reject"), withdraw];
    walk.refuse("institution_review", &institution).await;
    walk.decide("inst-a", "pass", &[], "payment").await;
    walk.refuse("payment", &[withdraw]).await;
    let (_, applicant) = walk.browsers.iter_mut().find(|(n, _)| *n == "applicant").unwrap();
    crate::browser::wizard::pay_online(applicant, matter).await;
    walk.refuse("acceptance", &[("officer", "accept"), ("officer", "return"), withdraw]).await;
    walk.decide("officer", "accept", &[], "assignment").await;
    walk.refuse("assignment", &[("officer", "waive")]).await;
    walk.decide("officer", "assign", &["expert1", "expert2"], "evaluation").await;
    let experts = ["conform", "nonconform", "recuse"];
    let rights: Vec<(&str, &str)> = experts.iter().flat_map(|c| [("expert1", *c), ("expert2", *c)]).collect();
    walk.refuse("evaluation", &rights).await;
    walk.decide("expert1", "conform", &[], "evaluation").await;
    // An expert who has voted may still recuse.
    let left: Vec<(&str, &str)> = experts.map(|c| ("expert2", c)).into_iter().chain([("expert1", "recuse")]).collect();
    walk.refuse("evaluation", &left).await;
    walk.decide("expert2", "conform", &[], "review").await;
    walk.refuse("review", &[("officer", "propose"), ("officer", "return"), ("officer", "refuse")]).await;
    walk.decide("officer", "propose", &[], "approval").await;
    walk.refuse("approval", &[("admin", "approve"), ("admin", "reconsider"), ("admin", "refuse")]).await;
    walk.decide("admin", "approve", &[], "granted").await;
    walk.refuse("granted", &[]).await;
});
