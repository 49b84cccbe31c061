//! Links to other matters: what they offer, whom they keep away, and how they change.

use domain::kind::trial::CONTINUED;

use crate::demo::actions::{decide, fill_step};
use crate::matter::context::matter_context;
use crate::matter::disputed::disputed_matter;
use crate::matter::tests::owner::{colleague, filled, institution};
use crate::matter::tests::*;
use crate::workflow::draft::begin_draft_for;

/// A trial matter of the first institution, which `officer` refuses.
async fn refused(s: &TestApp, author: &Allowed) -> Uuid {
    let id = filled(s, author, &[("certified", "讲授"), ("inst-a", "答疑")]).await;
    decide(&s.app, author, id, "submit", "").await.unwrap();
    for name in ["certified", "inst-a"] {
        s.execute(&s.sign_in(name).await, id, "agree").await.unwrap();
    }
    decide(&s.app, &s.sign_in("officer").await, id, "refuse", "材料不足").await.unwrap();
    id
}

async fn continued(s: &TestApp, who: &Allowed, id: Uuid, earlier: &str) {
    let fields = [("subject", "内审员培训"), ("day", "2026-12-01"), (CONTINUED, earlier)];
    fill_step(&s.app, who, id, "subject", &fields).await.unwrap();
    decide(&s.app, who, id, "submit", "").await.unwrap();
}

async fn reads(s: &TestApp, name: &str, id: Uuid) -> bool {
    !matches!(crate::matter::load(&s.app, &s.sign_in(name).await, id).await, Err(MatterError::NotFound))
}

async fn link(s: &TestApp, id: Uuid, role: &str) -> Option<Uuid> {
    db::link::other_of(&mut s.app.db.read().await.unwrap(), id, role).await.unwrap()
}

demo_test!(whoever_decided_on_a_matter_stays_away_from_the_one_that_continues_it_and_its_parties_do_not, |demo| async move {
    let s = TestApp::new(demo).await;
    let author = s.sign_in("inst-a").await;
    let earlier = refused(&s, &author).await;
    let id = filled(&s, &author, &[("certified", "讲授"), ("inst-a", "答疑")]).await;
    let draft = crate::matter::load(&s.app, &author, id).await.unwrap();
    let context = matter_context(&s.app, &draft, Shown::everything()).await.unwrap();
    let offered: Vec<&str> = context.lists()[domain::matter::SUBMITTED_MATTERS].iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(offered, [earlier.to_string()], "the other matters of the institution");
    assert_eq!(link(&s, id, "continued").await, None, "a draft names nothing yet");
    continued(&s, &author, id, &earlier.to_string()).await;
    assert_eq!(link(&s, id, "continued").await, Some(earlier));
    for name in ["certified", "inst-a"] {
        assert!(s.execute(&s.sign_in(name).await, id, "agree").await.is_ok(), "{name} took part and decided nothing");
    }
    assert!(reads(&s, "officer2", id).await && !reads(&s, "officer", id).await);
    let seen = crate::matter::load(&s.app, &s.sign_in("officer2").await, id).await.unwrap();
    assert_eq!(disputed_matter(&mut s.app.db.read().await.unwrap(), &seen).await.unwrap(), None, "nothing is disputed");
});

demo_test!(a_resubmission_that_names_another_matter_or_none_replaces_the_link, |demo| async move {
    let s = TestApp::new(demo).await;
    let author = s.sign_in("inst-a").await;
    let earlier = refused(&s, &author).await;
    let id = filled(&s, &author, &[("certified", "讲授"), ("inst-a", "答疑")]).await;
    continued(&s, &author, id, &earlier.to_string()).await;
    decide(&s.app, &s.sign_in("certified").await, id, "decline", "时间不合适").await.unwrap();
    assert!(!reads(&s, "officer", id).await);
    continued(&s, &author, id, "").await;
    assert_eq!(link(&s, id, "continued").await, None);
    assert!(reads(&s, "officer", id).await, "nobody is kept away any more");
});

demo_test!(the_colleague_who_submitted_the_disputed_matter_reads_the_appeal_of_the_institution, |demo| async move {
    let s = TestApp::new(demo).await;
    let (author, other) = (s.sign_in("inst-a").await, colleague(&s, "teacher").await);
    let case = refused(&s, &author).await;
    let kind = &domain::kind::appeal::KIND;
    let id = begin_draft_for(&s.app, &other, kind, Uuid::now_v7(), Some(institution(&other)), BTreeMap::new()).await.unwrap();
    let disputed = case.to_string();
    let said = [("disputed", disputed.as_str()), ("claim", "请撤销"), ("grounds", "理由"), ("declared", "yes")];
    fill_step(&s.app, &other, id, "appeal", &said).await.unwrap();
    decide(&s.app, &other, id, "submit", "").await.unwrap();
    assert_eq!(link(&s, id, "disputed").await, Some(case));
    assert!(crate::matter::load(&s.app, &author, id).await.unwrap().is_own());
    assert!(reads(&s, "officer2", id).await && !reads(&s, "officer", id).await, "who refused it stays away");
});
