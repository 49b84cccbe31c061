//! Renewal and expiry of certificates on both databases.

use domain::engine::flow::Command;
use domain::engine::form::{Path, Record, Value};
use domain::matter::{Availability, CERTIFICATES_FIELD, Kind};
use domain::record::certificate::Renewal;
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::demo::actions::{decide, fill_step};
use crate::infra::db;
use crate::matter::MatterError;
use crate::record::certificate::renewal::{PastRenewal, past_renewals};
use crate::record::certificate::tests::*;
use crate::workflow::draft::DraftEdit;
use crate::workflow::execute::CommandRequest;

const CONFIRMATION: &Kind = &domain::kind::annual_confirmation::KIND;
const RENEWAL: &Kind = &domain::kind::reregistration::KIND;

impl TestApp {
    /// The certificate of `certified` that is to be confirmed by 2026-12-12.
    pub(super) async fn due(&self) -> Certificate {
        self.certificates("certified").await.into_iter().find(|c| c.row.domain == "ENMS" && c.row.grade == Grade::Full).unwrap()
    }

    async fn row(&self, number: &str) -> db::certificate::CertificateRow {
        let mut tx = self.app.db.read().await.unwrap();
        db::certificate::by_number(&mut tx, number).await.unwrap().unwrap()
    }

    async fn institution(&self, name: &str) -> Uuid {
        self.sign_in(name).await.caller().institutions.first().unwrap().0
    }

    /// A matter that asks for a certificate, filled in and not yet submitted.
    async fn renewal_draft(
        &self,
        kind: &'static Kind,
        who: &Allowed,
        institution: Option<Uuid>,
        number: &str,
    ) -> Result<Uuid, MatterError> {
        let id = crate::workflow::draft::begin_draft_for(
            &self.app,
            who,
            kind,
            Uuid::now_v7(),
            institution,
            std::collections::BTreeMap::default(),
        )
        .await?;
        let practice = self.institution("inst-a").await.to_string();
        let first = kind.form.steps[0].code;
        let base = crate::matter::load(&self.app, who, id).await?.revision;
        let mut fields: domain::engine::form::Fields =
            [("practice_institution", practice.as_str()), ("practised", "yes"), ("disciplined", "no")]
                .map(|(n, v)| (n.to_owned(), v.into()))
                .into();
        fields.insert(CERTIFICATES_FIELD.into(), Value::Many(vec![number.to_owned()]));
        crate::workflow::draft::edit_draft(&self.app, who, id, DraftEdit::Fields { step: first.into(), base, fields }).await?;
        let pairs = [("start", "2026-06-01"), ("end", "2026-06-02"), ("course", "标准换版"), ("provider", "协会"), ("hours", "16")];
        let fields = pairs.map(|(n, v)| (n.to_owned(), Value::from(v))).into();
        let base = crate::matter::load(&self.app, who, id).await?.revision;
        let record = Record { id: Uuid::now_v7(), fields, removed: false };
        crate::workflow::draft::edit_draft(&self.app, who, id, DraftEdit::Record { list: "cpd".into(), base, record }).await?;
        fill_step(&self.app, who, id, "papers", &[("declared", "2026-11")]).await?;
        Ok(id)
    }

    async fn decide(&self, name: &str, matter: Uuid, command: &str) -> Result<String, MatterError> {
        let command = Command { name: command.into(), note: "意见".into(), ..Command::default() };
        let act = CommandRequest { key: Uuid::now_v7(), matter, seen: None, command };
        Ok(crate::workflow::execute::execute(&self.app, &self.sign_in(name).await, act).await?.stage)
    }

    /// Titles of an account's messages, newest first.
    async fn message_count(&self, name: &str, title: &str) -> usize {
        let all = crate::service::message::list_messages(&self.app, &self.sign_in(name).await).await.unwrap();
        all.iter().filter(|m| m.title == title).count()
    }

    pub(super) fn on(&self, day: &str) {
        let at = day.parse::<chrono::NaiveDate>().unwrap().and_hms_opt(2, 0, 0).unwrap().and_utc();
        self.app.clock.advance(at - self.app.now());
    }
}

fn faults(error: MatterError) -> Vec<&'static str> {
    match error {
        MatterError::InvalidAnswers(problems) => problems.iter().map(|p| p.issue.code).collect(),
        other => panic!("{other:?}"),
    }
}

demo_test!(a_confirmation_goes_through_institution_and_association_and_moves_the_day_on, |demo| async move {
    let s = TestApp::new(demo).await;
    let (mine, certified) = (s.due().await, s.sign_in("certified").await);
    let id = s.renewal_draft(CONFIRMATION, &certified, None, &mine.row.number).await.unwrap();
    decide(&s.app, &certified, id, "submit", "").await.unwrap();
    // While a renewal is open, the certificate cannot be renewed again, and its expiry checks are suspended.
    assert!(
        matches!(crate::matter::context::availability(&s.app, certified.caller(), CONFIRMATION).await.unwrap(), Availability::Closed { reason, .. } if reason.contains("正在办理"))
    );
    assert!(matches!(s.decide("officer", id, "propose").await, Err(MatterError::Refused(_))), "the institution comes first");
    s.on("2027-04-01");
    crate::service::certificate::expiry::run_expiry(&s.app).await.unwrap();
    assert_eq!(s.row(&mine.row.number).await.status.code(), "valid", "who asked in time is not suspended while it is decided");
    assert_eq!(s.decide("inst-a", id, "pass").await.unwrap(), "review");
    assert_eq!(s.decide("officer", id, "propose").await.unwrap(), "approval");
    assert_eq!(s.decide("admin", id, "approve").await.unwrap(), "granted");
    let now = s.row(&mine.row.number).await;
    assert_eq!((now.confirm_due_on.to_string().as_str(), now.valid_until), ("2027-12-12", mine.row.valid_until));
    assert_eq!(now.next_check_on.unwrap().to_string(), "2027-09-13", "the next reminder, ninety days before");
    let past = past_renewals(&s.app, &certified).await.unwrap();
    let confirmed =
        PastRenewal { number: mine.row.number, renewal: Renewal::AnnualConfirmation, effective_on: "2027-04-01".parse().unwrap() };
    assert_eq!(past, [confirmed]);
});

demo_test!(what_is_refused_leaves_the_certificate_alone_and_the_way_open, |demo| async move {
    let s = TestApp::new(demo).await;
    let (mine, certified) = (s.due().await, s.sign_in("certified").await);
    let id = s.renewal_draft(CONFIRMATION, &certified, None, &mine.row.number).await.unwrap();
    decide(&s.app, &certified, id, "submit", "").await.unwrap();
    assert_eq!(s.decide("inst-a", id, "pass").await.unwrap(), "review");
    assert_eq!(s.decide("officer", id, "refuse").await.unwrap(), "refused");
    assert_eq!(s.row(&mine.row.number).await.confirm_due_on, mine.row.confirm_due_on);
    assert_eq!(crate::matter::context::availability(&s.app, certified.caller(), CONFIRMATION).await.unwrap(), Availability::Open);
});

demo_test!(a_certificate_that_ended_meanwhile_stops_the_approval, |demo| async move {
    let s = TestApp::new(demo).await;
    let (mine, certified) = (s.due().await, s.sign_in("certified").await);
    let id = s.renewal_draft(CONFIRMATION, &certified, None, &mine.row.number).await.unwrap();
    decide(&s.app, &certified, id, "submit", "").await.unwrap();
    s.decide("inst-a", id, "pass").await.unwrap();
    s.decide("officer", id, "propose").await.unwrap();
    let (row, revoked) = (s.row(&mine.row.number).await, CertificateStatus::Revoked);
    let look = s.app.db.write(move |tx| Box::pin(async move { db::renewal::set_checked(tx, &row, revoked, None, None).await }));
    assert!(look.await.unwrap());
    assert!(matches!(s.decide("admin", id, "approve").await, Err(MatterError::Blocked(why)) if why.contains(&mine.row.number)));
    assert_eq!(s.row(&mine.row.number).await.confirm_due_on, mine.row.confirm_due_on);
    assert_eq!(s.decide("admin", id, "refuse").await.unwrap(), "refused");
});

demo_test!(nobody_asks_for_the_certificate_of_another, |demo| async move {
    let s = TestApp::new(demo).await;
    let mine = s.due().await;
    let applicant = s.sign_in("applicant").await;
    assert!(matches!(s.renewal_draft(CONFIRMATION, &applicant, None, &mine.row.number).await, Err(MatterError::Blocked(_))));
    // Nor does an institution for people of others.
    let (other, institution) = (s.sign_in("inst-b").await, s.institution("inst-b").await);
    assert!(matches!(s.renewal_draft(CONFIRMATION, &other, Some(institution), &mine.row.number).await, Err(MatterError::Blocked(_))));
});

demo_test!(an_institution_files_for_its_people_with_their_statement_and_they_learn_of_it, |demo| async move {
    let s = TestApp::new(demo).await;
    let (mine, inst, institution) = (s.due().await, s.sign_in("inst-a").await, s.institution("inst-a").await);
    let id = s.renewal_draft(CONFIRMATION, &inst, Some(institution), &mine.row.number).await.unwrap();
    let refused = decide(&s.app, &inst, id, "submit", "").await.unwrap_err();
    assert_eq!(faults(refused), ["no_statement"]);
    let jpeg = include_bytes!("../../../../../server/src/site/icon-192.png").to_vec();
    crate::workflow::files::attach(&s.app, &inst, id, Path::field("statement"), "声明.png", jpeg).await.unwrap();
    decide(&s.app, &inst, id, "submit", "").await.unwrap();
    assert_eq!(s.message_count("certified", "年度确认：机构代办").await, 1);
    // The holder sees that it is filed, and how far it is; the matter is their institution's.
    let under_way = crate::record::certificate::renewal::open_renewals(&s.app, &s.sign_in("certified").await).await.unwrap();
    let seen: Vec<_> = under_way.iter().map(|u| (u.number.as_str(), u.renewal, u.stage, u.own_matter)).collect();
    assert_eq!(seen, [(mine.row.number.as_str(), Renewal::AnnualConfirmation, "协会审批中", None)]);
    assert!(
        crate::record::certificate::renewal::open_renewals(&s.app, &inst).await.unwrap().is_empty(),
        "it is not the certificate of who filed"
    );
    // An institution does not review its own filing.
    assert_eq!(crate::matter::load(&s.app, &inst, id).await.unwrap().state.stage, "review");
    assert!(matches!(crate::matter::load(&s.app, &s.sign_in("certified").await, id).await, Err(MatterError::NotFound)));
    s.decide("officer", id, "propose").await.unwrap();
    s.decide("admin", id, "approve").await.unwrap();
    assert_eq!(s.row(&mine.row.number).await.confirm_due_on.to_string(), "2027-12-12");
    assert_eq!(s.message_count("certified", "年度确认：机构代办").await, 2);
    assert!(
        crate::record::certificate::renewal::open_renewals(&s.app, &s.sign_in("certified").await).await.unwrap().is_empty(),
        "it is done"
    );
});

demo_test!(a_certificate_is_reminded_of_suspended_made_up_for_and_ends, |demo| async move {
    let s = TestApp::new(demo).await;
    let (mine, certified) = (s.due().await, s.sign_in("certified").await);
    let number = mine.row.number.clone();
    s.app.db.execute_raw("update certificate set status = 'cancelled' where domain = 'QMS'").await;
    let reminders = || s.message_count("certified", "年度确认：证书提醒");
    // The demo begins twenty days before the day: one reminder, the nearest, however often it is looked.
    for _ in 0..3 {
        crate::service::certificate::expiry::run_expiry(&s.app).await.unwrap();
    }
    assert_eq!(reminders().await, 1);
    for (day, count, status) in [
        ("2026-12-04", 1, "valid"),
        ("2026-12-05", 2, "valid"),
        ("2026-12-13", 3, "valid"),
        ("2027-02-10", 4, "valid"),
        ("2027-03-12", 4, "valid"),
        ("2027-03-13", 4, "suspended"),
        ("2027-06-01", 4, "suspended"),
    ] {
        s.on(day);
        crate::service::certificate::expiry::run_expiry(&s.app).await.unwrap();
        assert_eq!((reminders().await, s.row(&number).await.status.code()), (count, status), "{day}");
    }
    assert_eq!(s.message_count("certified", "年度确认：证书状态变更").await, 1);
    // Late is late, but not too late.
    let id = s.renewal_draft(CONFIRMATION, &certified, None, &number).await.unwrap();
    decide(&s.app, &certified, id, "submit", "").await.unwrap();
    s.decide("inst-a", id, "pass").await.unwrap();
    s.decide("officer", id, "propose").await.unwrap();
    s.decide("admin", id, "approve").await.unwrap();
    let row = s.row(&number).await;
    assert_eq!((row.status.code(), row.overdue_from, row.confirm_due_on.to_string().as_str()), ("valid", None, "2027-12-12"));
    // The year after, nothing is filed.
    s.on("2028-03-13");
    crate::service::certificate::expiry::run_expiry(&s.app).await.unwrap();
    assert_eq!(s.row(&number).await.status.code(), "suspended");
    s.on("2028-12-13");
    crate::service::certificate::expiry::run_expiry(&s.app).await.unwrap();
    assert_eq!(s.row(&number).await.status.code(), "expired", "its term is over");
});

demo_test!(in_its_last_year_a_certificate_is_renewed_for_another_term, |demo| async move {
    let s = TestApp::new(demo).await;
    let (mine, certified) = (s.due().await, s.sign_in("certified").await);
    let number = mine.row.number.clone();
    for day in ["2026-11-24", "2027-11-24"] {
        s.on(day);
        let id = s.renewal_draft(CONFIRMATION, &certified, None, &number).await.unwrap();
        // Each year has its own hours.
        let hours = [("start", day), ("end", day), ("course", "年度培训"), ("provider", "协会"), ("hours", "16")];
        let record = Record { id: Uuid::now_v7(), fields: hours.map(|(n, v)| (n.to_owned(), Value::from(v))).into(), removed: false };
        let base = crate::matter::load(&s.app, &certified, id).await.unwrap().revision;
        crate::workflow::draft::edit_draft(&s.app, &certified, id, DraftEdit::Record { list: "cpd".into(), base, record }).await.unwrap();
        decide(&s.app, &certified, id, "submit", "").await.unwrap();
        s.decide("inst-a", id, "pass").await.unwrap();
        s.decide("officer", id, "propose").await.unwrap();
        s.decide("admin", id, "approve").await.unwrap();
    }
    assert_eq!(s.row(&number).await.confirm_due_on, mine.row.valid_until);
    s.on("2028-11-24");
    let id = s.renewal_draft(RENEWAL, &certified, None, &number).await.unwrap();
    let refused = decide(&s.app, &certified, id, "submit", "").await.unwrap_err();
    assert!(faults(refused).iter().all(|code| *code == "requirement_missing"), "the work of the term, and this year's hours");
    let kept: Vec<Uuid> =
        crate::workflow::library::library_records(&s.app, &certified, "audit").await.unwrap().iter().map(|r| r.id).collect();
    assert!(!kept.is_empty());
    let audits = ["2026-03-02", "2026-06-01", "2027-06-01", "2028-06-01"].map(|day| {
        let pairs = [
            ("start", day),
            ("end", day),
            ("client", "苏州恒信精密制造有限公司"),
            ("client_code", "91310115MA1K000016"),
            ("body", "华信质量认证中心有限公司"),
            ("audit_type", "initial"),
            ("role", "member"),
            ("domain", "ENMS"),
            ("standard", "GB/T 23331"),
            ("onsite_days", "4"),
            ("onsite_mode", "onsite"),
            ("team_leader", "梁志诚"),
        ];
        let mut fields: domain::engine::form::Fields = pairs.map(|(n, v)| (n.to_owned(), Value::from(v))).into();
        fields.insert("clauses_covered".into(), Value::Many(vec!["all".into()]));
        ("audit", fields)
    });
    let hours = [("start", "2028-06-01"), ("end", "2028-06-02"), ("course", "年度培训"), ("provider", "协会"), ("hours", "16")];
    let hours: domain::engine::form::Fields = hours.map(|(n, v)| (n.to_owned(), Value::from(v))).into();
    for (list, fields) in audits.into_iter().chain([("cpd", hours)]) {
        let base = crate::matter::load(&s.app, &certified, id).await.unwrap().revision;
        let record = Record { id: Uuid::now_v7(), fields, removed: false };
        let row = record.id;
        crate::workflow::draft::edit_draft(&s.app, &certified, id, DraftEdit::Record { list: list.into(), base, record }).await.unwrap();
        if list == "audit" {
            let png = include_bytes!("../../../../../server/src/site/icon-192.png").to_vec();
            crate::workflow::files::attach(&s.app, &certified, id, Path::Cell("audit".into(), row, "proof".into()), "审核计划.png", png)
                .await
                .unwrap();
        }
    }
    decide(&s.app, &certified, id, "submit", "").await.unwrap();
    s.decide("inst-a", id, "pass").await.unwrap();
    s.decide("officer", id, "propose").await.unwrap();
    s.decide("admin", id, "approve").await.unwrap();
    let row = s.row(&number).await;
    assert_eq!((row.valid_until.to_string(), row.confirm_due_on.to_string()), ("2031-12-12".into(), "2029-12-12".into()));
});

demo_test!(of_several_renewals_of_one_certificate_submitted_at_once_one_is_open, |demo| async move {
    let s = TestApp::new(demo).await;
    let (mine, certified, inst) = (s.due().await, s.sign_in("certified").await, s.sign_in("inst-a").await);
    let institution = s.institution("inst-a").await;
    let mut drafts = Vec::new();
    for filing in [None, None, Some(institution), Some(institution)] {
        let who = if filing.is_some() { &inst } else { &certified };
        let id = s.renewal_draft(CONFIRMATION, who, filing, &mine.row.number).await.unwrap();
        if filing.is_some() {
            let scan = crate::demo::actions::picture();
            crate::workflow::files::attach(&s.app, who, id, Path::field("statement"), "声明.jpg", scan).await.unwrap();
        }
        drafts.push((id, who.clone()));
    }
    let sent = crate::matter::tests::races::at_once((0..20).map(|i| {
        let ((id, who), app) = (drafts[i % 4].clone(), s.app.clone());
        async move { decide(&app, &who, id, "submit", "").await }
    }))
    .await;
    for error in sent.iter().filter_map(|r| r.as_ref().err()) {
        let refused = matches!(error.class(), crate::matter::ErrorClass::Conflict | crate::matter::ErrorClass::Invalid);
        assert!(refused, "{error:?}");
    }
    assert_eq!(sent.iter().filter(|r| r.is_ok()).count(), 1, "{sent:?}");
});
