//! Keeping certificates alive, and what time does to those nobody keeps, on both databases.

use domain::engine::flow::Command;
use domain::engine::form::{Path, Record, Value};
use domain::matter::{CERTIFICATES, Entry, Kind};
use domain::record::certificate::Upkeep;
use uuid::Uuid;

use crate::demo::cases::{act, page};
use crate::matter::MatterError;
use crate::record::certificate::tests::*;
use crate::workflow::draft::Change;
use crate::workflow::execute::Act;

const CONFIRMATION: &Kind = &domain::kind::annual_confirmation::KIND;
const RENEWAL: &Kind = &domain::kind::reregistration::KIND;

impl Stage {
    /// The certificate of `certified` that is to be confirmed by 2026-12-12.
    async fn due(&self) -> Certificate {
        self.certificates("certified").await.into_iter().find(|c| c.row.domain == "ENMS" && c.row.grade == "full").unwrap()
    }

    async fn row(&self, number: &str) -> db::certificate::Row {
        let mut tx = self.app.db.read().await.unwrap();
        db::certificate::by_number(&mut tx, number).await.unwrap().unwrap()
    }

    async fn desk(&self, name: &str) -> Uuid {
        self.enter(name).await.caller().desks.first().unwrap().0
    }

    /// A matter that asks for a certificate, filled in and not yet submitted.
    async fn asks(&self, kind: &'static Kind, who: &Allowed, desk: Option<Uuid>, number: &str) -> Result<Uuid, MatterError> {
        let id = crate::workflow::draft::begin_at(&self.app, who, kind, Uuid::now_v7(), desk, Default::default()).await?;
        let practice = self.desk("inst-a").await.to_string();
        let first = kind.form.steps[0].code;
        let base = crate::matter::open_matter(&self.app, who, id).await?.row.revision;
        let mut fields: domain::engine::form::Fields =
            [("practice_institution", practice.as_str()), ("practised", "yes"), ("disciplined", "no")]
                .map(|(n, v)| (n.to_owned(), v.into()))
                .into();
        fields.insert(CERTIFICATES.into(), Value::Many(vec![number.to_owned()]));
        crate::workflow::draft::edit_matter(&self.app, who, id, Change::Fields { step: first.into(), base, fields }).await?;
        let pairs = [("start", "2026-06-01"), ("end", "2026-06-02"), ("course", "标准换版"), ("provider", "协会"), ("hours", "16")];
        let fields = pairs.map(|(n, v)| (n.to_owned(), Value::from(v))).into();
        let base = crate::matter::open_matter(&self.app, who, id).await?.row.revision;
        let record = Record { id: Uuid::now_v7(), fields, gone: false };
        crate::workflow::draft::edit_matter(&self.app, who, id, Change::Record { list: "cpd".into(), base, record }).await?;
        page(&self.app, who, id, "papers", &[("declared", "2026-11")]).await?;
        Ok(id)
    }

    async fn decide(&self, name: &str, matter: Uuid, command: &str) -> Result<String, MatterError> {
        let command = Command { name: command.into(), note: "意见".into(), ..Command::default() };
        let act = Act { key: Uuid::now_v7(), matter, command };
        Ok(crate::workflow::execute::act(&self.app, &self.enter(name).await, act).await?.stage)
    }

    /// What was told to someone, newest first, by title.
    async fn told(&self, name: &str, title: &str) -> usize {
        let all = crate::service::message::messages(&self.app, &self.enter(name).await).await.unwrap();
        all.iter().filter(|m| m.title == title).count()
    }

    fn on(&self, day: &str) {
        let at = day.parse::<chrono::NaiveDate>().unwrap().and_hms_opt(2, 0, 0).unwrap().and_utc();
        self.app.clock.advance(at - self.app.now());
    }
}

fn faults(error: MatterError) -> Vec<&'static str> {
    match error {
        MatterError::Unsound(problems) => problems.iter().map(|p| p.issue.code).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_confirmation_goes_through_institution_and_association_and_moves_the_day_on() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let (mine, certified) = (s.due().await, s.enter("certified").await);
        let id = s.asks(CONFIRMATION, &certified, None, &mine.row.number).await.unwrap();
        act(&s.app, &certified, id, "submit", "").await.unwrap();
        // While it is under way, the same certificate is not asked for again, and its watch waits.
        assert!(
            matches!(crate::matter::context::entry(&s.app, certified.caller(), CONFIRMATION).await.unwrap(), Entry::Closed(why) if why.contains("正在办理"))
        );
        assert!(matches!(s.decide("officer", id, "propose").await, Err(MatterError::Refused(_))), "the institution comes first");
        s.on("2027-04-01");
        crate::service::certificate::expiry::watch_certificates(&s.app).await.unwrap();
        assert_eq!(s.row(&mine.row.number).await.status, "valid", "who asked in time is not suspended while it is decided");
        assert_eq!(s.decide("inst-a", id, "pass").await.unwrap(), "review");
        assert_eq!(s.decide("officer", id, "propose").await.unwrap(), "approval");
        assert_eq!(s.decide("admin", id, "approve").await.unwrap(), "granted");
        let now = s.row(&mine.row.number).await;
        assert_eq!((now.confirm_due_on.to_string().as_str(), now.valid_until), ("2027-12-12", mine.row.valid_until));
        assert_eq!(now.look_on.unwrap().to_string(), "2027-09-13", "the next reminder, ninety days before");
        let kept = crate::record::certificate::renewal::kept_certificates(&s.app, &certified).await.unwrap();
        assert_eq!(kept, [(mine.row.number, Upkeep::Confirmation, "2027-04-01".parse().unwrap())]);
    });
}

#[test]
fn what_is_refused_leaves_the_certificate_alone_and_the_way_open() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let (mine, certified) = (s.due().await, s.enter("certified").await);
        let id = s.asks(CONFIRMATION, &certified, None, &mine.row.number).await.unwrap();
        act(&s.app, &certified, id, "submit", "").await.unwrap();
        assert_eq!(s.decide("inst-a", id, "pass").await.unwrap(), "review");
        assert_eq!(s.decide("officer", id, "refuse").await.unwrap(), "refused");
        assert_eq!(s.row(&mine.row.number).await.confirm_due_on, mine.row.confirm_due_on);
        assert_eq!(crate::matter::context::entry(&s.app, certified.caller(), CONFIRMATION).await.unwrap(), Entry::Open);
    });
}

#[test]
fn a_certificate_that_ended_meanwhile_stops_the_approval() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let (mine, certified) = (s.due().await, s.enter("certified").await);
        let id = s.asks(CONFIRMATION, &certified, None, &mine.row.number).await.unwrap();
        act(&s.app, &certified, id, "submit", "").await.unwrap();
        s.decide("inst-a", id, "pass").await.unwrap();
        s.decide("officer", id, "propose").await.unwrap();
        let (row, revoked) = (s.row(&mine.row.number).await, Status::Revoked.code());
        let look = s.app.db.write(move |tx| Box::pin(async move { db::upkeep::looked(tx, &row, revoked, None, None).await }));
        assert!(look.await.unwrap());
        assert!(matches!(s.decide("admin", id, "approve").await, Err(MatterError::Hindered(why)) if why.contains(&mine.row.number)));
        assert_eq!(s.row(&mine.row.number).await.confirm_due_on, mine.row.confirm_due_on);
        assert_eq!(s.decide("admin", id, "refuse").await.unwrap(), "refused");
    });
}

#[test]
fn nobody_asks_for_the_certificate_of_another() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let mine = s.due().await;
        let applicant = s.enter("applicant").await;
        assert!(matches!(s.asks(CONFIRMATION, &applicant, None, &mine.row.number).await, Err(MatterError::Hindered(_))));
        // Nor does an institution for people of others.
        let (other, desk) = (s.enter("inst-b").await, s.desk("inst-b").await);
        assert!(matches!(s.asks(CONFIRMATION, &other, Some(desk), &mine.row.number).await, Err(MatterError::Hindered(_))));
    });
}

#[test]
fn an_institution_files_for_its_people_with_their_statement_and_they_learn_of_it() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let (mine, inst, desk) = (s.due().await, s.enter("inst-a").await, s.desk("inst-a").await);
        let id = s.asks(CONFIRMATION, &inst, Some(desk), &mine.row.number).await.unwrap();
        let refused = act(&s.app, &inst, id, "submit", "").await.unwrap_err();
        assert_eq!(faults(refused), ["no_statement"]);
        let jpeg = include_bytes!("../../../../../server/src/site/icon-192.png").to_vec();
        crate::workflow::files::attach(&s.app, &inst, id, Path::field("statement"), "声明.png", jpeg).await.unwrap();
        act(&s.app, &inst, id, "submit", "").await.unwrap();
        assert_eq!(s.told("certified", "年度确认：机构代办").await, 1);
        // The holder sees that it is filed, and how far it is; the matter is their institution's.
        let under_way = crate::record::certificate::renewal::certificates_under_way(&s.app, &s.enter("certified").await).await.unwrap();
        let seen: Vec<_> = under_way.iter().map(|u| (u.number.as_str(), u.upkeep, u.stage, u.own)).collect();
        assert_eq!(seen, [(mine.row.number.as_str(), Upkeep::Confirmation, "协会审批中", None)]);
        assert!(
            crate::record::certificate::renewal::certificates_under_way(&s.app, &inst).await.unwrap().is_empty(),
            "it is not the certificate of who filed"
        );
        // What it filed itself, it does not examine.
        assert_eq!(crate::matter::open_matter(&s.app, &inst, id).await.unwrap().row.stage, "review");
        assert!(matches!(crate::matter::open_matter(&s.app, &s.enter("certified").await, id).await, Err(MatterError::NotFound)));
        s.decide("officer", id, "propose").await.unwrap();
        s.decide("admin", id, "approve").await.unwrap();
        assert_eq!(s.row(&mine.row.number).await.confirm_due_on.to_string(), "2027-12-12");
        assert_eq!(s.told("certified", "年度确认：机构代办").await, 2);
        assert!(
            crate::record::certificate::renewal::certificates_under_way(&s.app, &s.enter("certified").await).await.unwrap().is_empty(),
            "it is done"
        );
    });
}

#[test]
fn a_certificate_is_reminded_of_suspended_made_up_for_and_ends() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let (mine, certified) = (s.due().await, s.enter("certified").await);
        let number = mine.row.number.clone();
        let reminders = || s.told("certified", "年度确认：证书提醒");
        // The demo begins twenty days before the day: one reminder, the nearest, however often it is looked.
        for _ in 0..3 {
            crate::service::certificate::expiry::watch_certificates(&s.app).await.unwrap();
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
            crate::service::certificate::expiry::watch_certificates(&s.app).await.unwrap();
            assert_eq!((reminders().await, s.row(&number).await.status.as_str()), (count, status), "{day}");
        }
        assert_eq!(s.told("certified", "年度确认：证书状态变更").await, 1);
        // Late is late, but not too late.
        let id = s.asks(CONFIRMATION, &certified, None, &number).await.unwrap();
        act(&s.app, &certified, id, "submit", "").await.unwrap();
        s.decide("inst-a", id, "pass").await.unwrap();
        s.decide("officer", id, "propose").await.unwrap();
        s.decide("admin", id, "approve").await.unwrap();
        let row = s.row(&number).await;
        assert_eq!((row.status.as_str(), row.overdue_from, row.confirm_due_on.to_string().as_str()), ("valid", None, "2027-12-12"));
        // The year after, nobody does anything at all.
        s.on("2028-03-13");
        crate::service::certificate::expiry::watch_certificates(&s.app).await.unwrap();
        assert_eq!(s.row(&number).await.status, "suspended");
        s.on("2028-12-13");
        crate::service::certificate::expiry::watch_certificates(&s.app).await.unwrap();
        assert_eq!(s.row(&number).await.status, "expired", "its term is over");
    });
}

#[test]
fn in_its_last_year_a_certificate_is_renewed_for_another_term() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let (mine, certified) = (s.due().await, s.enter("certified").await);
        let number = mine.row.number.clone();
        for day in ["2026-11-24", "2027-11-24"] {
            s.on(day);
            let id = s.asks(CONFIRMATION, &certified, None, &number).await.unwrap();
            // Each year has its own hours.
            let hours = [("start", day), ("end", day), ("course", "年度培训"), ("provider", "协会"), ("hours", "16")];
            let record = Record { id: Uuid::now_v7(), fields: hours.map(|(n, v)| (n.to_owned(), Value::from(v))).into(), gone: false };
            let base = crate::matter::open_matter(&s.app, &certified, id).await.unwrap().row.revision;
            crate::workflow::draft::edit_matter(&s.app, &certified, id, Change::Record { list: "cpd".into(), base, record }).await.unwrap();
            act(&s.app, &certified, id, "submit", "").await.unwrap();
            s.decide("inst-a", id, "pass").await.unwrap();
            s.decide("officer", id, "propose").await.unwrap();
            s.decide("admin", id, "approve").await.unwrap();
        }
        assert_eq!(s.row(&number).await.confirm_due_on, mine.row.valid_until);
        s.on("2028-11-24");
        let id = s.asks(RENEWAL, &certified, None, &number).await.unwrap();
        let refused = act(&s.app, &certified, id, "submit", "").await.unwrap_err();
        assert!(faults(refused).iter().all(|code| *code == "requirement_missing"), "the work of the term, and this year's hours");
        let kept: Vec<Uuid> = crate::workflow::library::library(&s.app, &certified, "audit").await.unwrap().iter().map(|r| r.id).collect();
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
            let base = crate::matter::open_matter(&s.app, &certified, id).await.unwrap().row.revision;
            let record = Record { id: Uuid::now_v7(), fields, gone: false };
            let row = record.id;
            crate::workflow::draft::edit_matter(&s.app, &certified, id, Change::Record { list: list.into(), base, record }).await.unwrap();
            if list == "audit" {
                let png = include_bytes!("../../../../../server/src/site/icon-192.png").to_vec();
                crate::workflow::files::attach(
                    &s.app,
                    &certified,
                    id,
                    Path::Cell("audit".into(), row, "proof".into()),
                    "审核计划.png",
                    png,
                )
                .await
                .unwrap();
            }
        }
        act(&s.app, &certified, id, "submit", "").await.unwrap();
        s.decide("inst-a", id, "pass").await.unwrap();
        s.decide("officer", id, "propose").await.unwrap();
        s.decide("admin", id, "approve").await.unwrap();
        let row = s.row(&number).await;
        assert_eq!((row.valid_until.to_string(), row.confirm_due_on.to_string()), ("2031-12-12".into(), "2029-12-12".into()));
    });
}
