//! A context with what a kind names as its needs judges as one with everything on record.

use domain::engine::form::Answers;
use domain::kind::KINDS;
use domain::matter::{Kind, Need};

use crate::demo::testing::stages::{Cast, place_with};
use crate::matter::context::{OwnedMatterContext, applicant_context, availability};
use crate::matter::tests::samples::sample_of;
use crate::matter::tests::*;

/// What a kind finds in answers: problems, requirements, and whether it can be begun.
fn findings(kind: &Kind, answers: &Answers, context: &OwnedMatterContext) -> String {
    let context = context.as_context();
    let steps: Vec<_> = kind.form.steps.iter().flat_map(|step| kind.check_step(step, answers, &context)).collect();
    let (all, requirements) = (kind.check(answers, &context), kind.requirements_of(answers, &context));
    format!("{steps:?} {all:?} {requirements:?} {:?}", kind.availability_for(&context))
}

/// Compares the two contexts of a matter as its applicant has it, on its answers and on none.
async fn compare(s: &TestApp, who: &Allowed, id: Uuid) {
    let matter = crate::matter::load(&s.app, who, id).await.unwrap();
    let mut tx = s.app.db.read().await.unwrap();
    let needed = OwnedMatterContext::for_matter(&mut tx, &s.app, &matter, Shown::answers()).await.unwrap();
    let everything = OwnedMatterContext::with_needs(&mut tx, &s.app, &matter, Shown::everything(), &Need::ALL).await.unwrap();
    for answers in [&matter.answers, &Answers::default()] {
        assert_eq!(findings(matter.kind, answers, &needed), findings(matter.kind, answers, &everything), "{}", matter.kind.code);
    }
    for (name, options) in needed.lists() {
        let all = &everything.lists()[name];
        assert!(options.iter().all(|option| all.contains(option)), "{} {name}", matter.kind.code);
    }
}

/// Compares the contexts of the samples of kinds, as drafts and at every open stage.
async fn compare_samples(s: &TestApp, kinds: impl Iterator<Item = &'static Kind>) {
    let institution = |who: &Allowed| who.caller().institutions[0].0;
    let (first, second) = (institution(&s.sign_in("inst-a").await), institution(&s.sign_in("inst-b").await));
    let mut renewed = Answers::default();
    for kind in kinds {
        // Both renewals ask for the same, of certificates that come up on different days.
        let (owner, answers, draft) = match kind.code {
            "reregistration" => ("certified".to_owned(), renewed.clone(), None),
            _ => {
                let sample = sample_of(s, kind).await;
                (sample.owner, sample.answers, sample.draft)
            }
        };
        if kind.code == "annual_confirmation" {
            renewed = answers.clone();
        }
        let who = s.sign_in(&owner).await;
        if let Some(draft) = draft {
            compare(s, &who, draft).await;
        }
        let cast = Cast { owner: who.account(), institution: first, joining: second, experts: Vec::new() };
        for stage in kind.flow.stages.iter().filter(|stage| !stage.closed()) {
            compare(s, &who, place_with(&s.app, kind, stage, &cast, answers.clone()).await.unwrap()).await;
        }
    }
}

// The samples of both end the same application of the demo, so each has a demo of its own.
demo_test!(every_kind_but_a_transfer_judges_its_sample_by_its_needs_as_by_everything_on_record, |demo| async move {
    compare_samples(&TestApp::new(demo).await, KINDS.iter().copied().filter(|kind| kind.code != "transfer")).await;
});

demo_test!(a_transfer_judges_its_sample_by_its_needs_as_by_everything_on_record, |demo| async move {
    compare_samples(&TestApp::new(demo).await, KINDS.iter().copied().filter(|kind| kind.code == "transfer")).await;
});

demo_test!(the_kind_of_the_tests_judges_by_its_needs_as_by_everything_on_record, |demo| async move {
    let s = TestApp::new(demo).await;
    let author = s.sign_in("inst-a").await;
    let id = crate::matter::tests::owner::filled(&s, &author, &[("certified", "讲授"), ("inst-a", "答疑")]).await;
    compare(&s, &author, id).await;
    crate::demo::actions::decide(&s.app, &author, id, "submit", "").await.unwrap();
    compare(&s, &author, id).await;
});

demo_test!(whether_a_kind_can_be_begun_depends_on_its_needs_alone, |demo| async move {
    let s = TestApp::new(demo).await;
    for name in ["applicant", "certified", "teacher"] {
        let who = s.sign_in(name).await;
        let everything = applicant_context(&s.app, who.caller()).await.unwrap();
        for kind in KINDS {
            let found = availability(&s.app, who.caller(), kind).await.unwrap();
            assert_eq!(found, kind.availability_for(&everything.as_context()), "{name} {}", kind.code);
        }
    }
});

demo_test!(a_form_that_offers_institutions_has_all_of_them_and_any_other_page_those_named, |demo| async move {
    let s = TestApp::new(demo).await;
    let sample = sample_of(&s, &domain::kind::registration::KIND).await;
    let who = s.sign_in(&sample.owner).await;
    let matter = crate::matter::load(&s.app, &who, sample.draft.unwrap()).await.unwrap();
    let offered = async |shown| {
        let context = crate::matter::context::matter_context(&s.app, &matter, shown).await.unwrap();
        let names = |list: &str| context.lists()[list].iter().map(|(_, label)| label.clone()).collect::<Vec<_>>();
        (names(domain::matter::RECOMMENDING_INSTITUTIONS), names(domain::matter::audit_experience::BODY_NAMES))
    };
    let step = |code: &str| matter.kind.form.step(code).unwrap();
    let (recommending, bodies) = offered(Shown::step(step("business"))).await;
    assert!(recommending.len() > 1 && bodies.len() == recommending.len() + 1);
    let (named, bodies) = offered(Shown::step(step("person"))).await;
    assert!(named.len() == 1 && bodies.contains(&"其他".to_owned()), "{named:?} {bodies:?}");
    let chosen = matter.answers.text("recommending_institution").to_owned();
    let context = crate::matter::context::matter_context(&s.app, &matter, Shown::answers()).await.unwrap();
    assert_eq!(context.lists()[domain::matter::RECOMMENDING_INSTITUTIONS][0].0, chosen);
});

demo_test!(the_lists_that_a_device_stores_do_not_have_the_registered_identity, |demo| async move {
    let s = TestApp::new(demo).await;
    let context = applicant_context(&s.app, s.sign_in("certified").await.caller()).await.unwrap();
    assert!(!context.lists().contains_key(domain::matter::IDENTITY));
    assert!(context.lists()[domain::matter::CERTIFICATION_BODIES].len() > 1, "options are there without a network");
});
