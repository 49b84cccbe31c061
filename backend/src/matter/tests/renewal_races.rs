//! Several matters about one certificate or one person, submitted at the same moment.

use crate::service::own_matters::{OwnView, list_own};
use domain::engine::form::{Record, Value};
use domain::kind::{annual_confirmation, reregistration, transfer};
use domain::matter::{CERTIFICATES_FIELD, Kind};

use crate::demo::actions::fill_step;
use crate::demo::testing::stages::{Cast, place};
use crate::matter::tests::races::at_once;
use crate::matter::tests::*;
use crate::state::AppState;
use crate::workflow::draft::edit_draft;
use crate::workflow::execute::{CommandRequest, execute};

/// Fills a draft that renews a certificate at an institution; returns its revision.
pub(crate) async fn fill_renewal(app: &AppState, who: &Allowed, kind: &Kind, id: Uuid, number: &str, institution: &str) -> i64 {
    let base = crate::matter::load(app, who, id).await.unwrap().revision;
    let texts = [("practice_institution", institution), ("practised", "yes"), ("disciplined", "no")];
    let mut fields: domain::engine::form::Fields = texts.map(|(n, v)| (n.to_owned(), v.into())).into();
    fields.insert(CERTIFICATES_FIELD.into(), Value::Many(vec![number.to_owned()]));
    let step = kind.form.steps[0].code.to_owned();
    edit_draft(app, who, id, DraftEdit::Fields { step, base, fields }).await.unwrap();
    let pairs = [("start", "2026-06-01"), ("end", "2026-06-02"), ("course", "标准换版"), ("provider", "协会"), ("hours", "48")];
    let record = Record { id: Uuid::now_v7(), fields: pairs.map(|(n, v)| (n.to_owned(), Value::from(v))).into(), removed: false };
    let base = crate::matter::load(app, who, id).await.unwrap().revision;
    edit_draft(app, who, id, DraftEdit::Record { list: "cpd".into(), base, record }).await.unwrap();
    fill_step(app, who, id, "papers", &[("declared", "2026-11")]).await.unwrap();
    crate::matter::load(app, who, id).await.unwrap().revision
}

struct Fixture {
    s: TestApp,
    holder: Allowed,
    cast: Cast,
    number: String,
}

impl Fixture {
    async fn new(s: TestApp) -> Self {
        let holder = s.sign_in("certified").await;
        let institution = |who: Allowed| who.caller().institutions[0].0;
        let (a, b) = (institution(s.sign_in("inst-a").await), institution(s.sign_in("inst-b").await));
        let cast = Cast { owner: holder.account(), institution: a, joining: b, experts: Vec::new() };
        let certificates = crate::record::certificate::own_certificates(&s.app, &holder).await.unwrap();
        let due = certificates.into_iter().find(|c| c.row.domain == "ENMS").unwrap();
        Self { number: due.row.number, s, holder, cast }
    }

    /// A complete draft; one of a kind that is not open now, too.
    async fn draft(&self, kind: &'static Kind) -> (Uuid, i64) {
        let (s, who) = (&self.s, &self.holder);
        let id = place(&s.app, kind, kind.flow.draft().unwrap(), &self.cast).await.unwrap();
        let (a, b) = (self.cast.institution.to_string(), self.cast.joining.to_string());
        if kind.code == transfer::KIND.code {
            let choices = [("from_institution", a.as_str()), ("to_institution", b.as_str()), ("ground", "agreed")];
            fill_step(&s.app, who, id, "transfer", &choices).await.unwrap();
        } else {
            return (id, fill_renewal(&s.app, who, kind, id, &self.number, &a).await);
        }
        fill_step(&s.app, who, id, "papers", &[("declared", "2026-11")]).await.unwrap();
        (id, crate::matter::load(&s.app, who, id).await.unwrap().revision)
    }

    /// Submits these drafts twenty times at once, in turn; gives the drafts that were submitted.
    async fn submit_at_once(&self, drafts: &[(Uuid, i64)]) -> Vec<Uuid> {
        let jobs = (0..20).map(|i| {
            let (id, revision) = drafts[i % drafts.len()];
            let (app, who) = (self.s.app.clone(), self.holder.clone());
            let command = Command { name: "submit".into(), revision: Some(revision), ..Command::default() };
            async move { (id, execute(&app, &who, CommandRequest { key: Uuid::now_v7(), matter: id, seen: None, command }).await) }
        });
        let mut won = Vec::new();
        for (id, result) in at_once(jobs).await {
            match result {
                Ok(_) => won.push(id),
                Err(error) => assert!(matches!(error.class(), ErrorClass::Conflict | ErrorClass::Invalid), "{error:?}"),
            }
        }
        won
    }
}

demo_test!(of_two_confirmations_of_one_certificate_submitted_at_once_one_is_open, |demo| async move {
    let f = Fixture::new(TestApp::new(demo).await).await;
    let kind = &annual_confirmation::KIND;
    let drafts = [f.draft(kind).await, f.draft(kind).await];
    assert_eq!(f.submit_at_once(&drafts).await.len(), 1);
    assert!(f.submit_at_once(&[f.draft(kind).await]).await.is_empty(), "nor one after it");
});

demo_test!(of_a_confirmation_and_a_reregistration_of_one_certificate_at_once_one_is_open, |demo| async move {
    let f = Fixture::new(TestApp::new(demo).await).await;
    let drafts = [f.draft(&annual_confirmation::KIND).await, f.draft(&reregistration::KIND).await];
    assert_eq!(f.submit_at_once(&drafts).await.len(), 1);
});

demo_test!(a_confirmation_and_a_transfer_of_one_person_at_once_are_each_submitted_once_at_most, |demo| async move {
    let f = Fixture::new(TestApp::new(demo).await).await;
    // What else is open of this person stands in the way of a transfer.
    let open = list_own(&f.s.app, &f.holder, OwnView::Open.into(), None).await.unwrap();
    for matter in &open.matters {
        let (id, now) = (matter.id, f.s.app.now());
        f.s.app.db.write(move |tx| Box::pin(async move { db::matter::close_for_test(tx, id, now).await })).await.unwrap();
    }
    let kinds: [&'static Kind; 2] = [&annual_confirmation::KIND, &transfer::KIND];
    let drafts = [f.draft(kinds[0]).await, f.draft(kinds[0]).await, f.draft(kinds[1]).await, f.draft(kinds[1]).await];
    let won = f.submit_at_once(&drafts).await;
    assert!(!won.is_empty());
    for pair in drafts.chunks(2) {
        assert!(won.iter().filter(|id| pair.iter().any(|(draft, _)| draft == *id)).count() <= 1, "{won:?}");
    }
    for id in &won {
        let row = db::matter::by_id(&mut f.s.app.db.read().await.unwrap(), *id).await.unwrap().unwrap();
        assert!(row.submitted_at.is_some());
    }
});
