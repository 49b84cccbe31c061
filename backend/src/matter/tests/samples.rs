//! A complete draft of every kind that the demo can submit today.

use domain::engine::form::{Answers, Value};
use domain::matter::{CERTIFICATES_FIELD, Kind};
use domain::record::institution::InstitutionKind;

use crate::demo::actions::fill_step;
use crate::demo::binding::complete_binding;
use crate::demo::course::{NewTeacher, bind, complete_filing};
use crate::demo::identity::{NewIdentity, complete_identity_change};
use crate::demo::institution::{NewInstitution, complete_registration};
use crate::demo::plan::{NewPlan, complete_plan};
use crate::demo::testing::{create_applicants, create_teaching};
use crate::matter::tests::*;
use crate::record::certificate::own_certificates;
use crate::workflow::draft::begin_draft;

/// A complete draft.
pub(crate) struct Sample {
    /// Name of the owner's account.
    pub owner: String,
    /// Its answers.
    pub answers: Answers,
    /// The draft; none for a kind that the association begins, whose matters are stored with their submission.
    pub draft: Option<Uuid>,
}

/// The complete draft of a kind.
pub(crate) async fn sample_of(s: &TestApp, kind: &'static Kind) -> Sample {
    let (owner, draft) = match kind.code {
        "registration" => {
            let ready = create_applicants(&s.app, 1).await.unwrap().remove(0);
            (ready.account, ready.matter)
        }
        "annual_confirmation" => ("certified".to_owned(), renewal(s, kind).await),
        "transfer" => ("applicant".to_owned(), transfer(s).await),
        "appeal" => ("applicant".to_owned(), appeal(s).await),
        "complaint" => ("applicant".to_owned(), complaint(s).await),
        "identity_change" => ("applicant".to_owned(), renaming(s, kind).await),
        "category_binding" => ("teacher".to_owned(), complete_binding(&s.app, &s.sign_in("teacher").await, "FC-AUD-F").await.unwrap()),
        "course_filing" => ("inst-a".to_owned(), filing(s).await),
        "training_plan" => ("inst-a".to_owned(), plan(s).await),
        "institution_registration" => ("applicant".to_owned(), institution(s, kind).await),
        "disposition" => return Sample { owner: "certified".to_owned(), answers: disposition(s).await, draft: None },
        other => panic!("there is no sample of {other}"),
    };
    let answers = crate::matter::load(&s.app, &s.sign_in(&owner).await, draft).await.unwrap().answers;
    Sample { owner, answers, draft: Some(draft) }
}

/// A renewal of the certificate of `certified` that is due first, on a day on which it can be asked for.
async fn renewal(s: &TestApp, kind: &'static Kind) -> Uuid {
    let who = s.sign_in("certified").await;
    let certificates = own_certificates(&s.app, &who).await.unwrap();
    let due = certificates.iter().filter(|c| c.row.domain == "ENMS").max_by_key(|c| c.row.issued_on).unwrap();
    let id = begin_draft(&s.app, &who, kind, Uuid::now_v7()).await.unwrap();
    let practice = due.row.institution_id.unwrap().to_string();
    let revision = crate::matter::load(&s.app, &who, id).await.unwrap().revision;
    let mut fields: BTreeMap<String, Value> = [("practice_institution", practice.as_str()), ("practised", "yes"), ("disciplined", "no")]
        .map(|(n, v)| (n.to_owned(), v.into()))
        .into();
    fields.insert(CERTIFICATES_FIELD.into(), Value::Many(vec![due.row.number.clone()]));
    let step = kind.form.steps[0].code.to_owned();
    crate::workflow::draft::edit_draft(&s.app, &who, id, DraftEdit::Fields { step, base: revision, fields }).await.unwrap();
    let training = [("start", "2026-06-01"), ("end", "2026-06-02"), ("course", "标准换版"), ("provider", "协会"), ("hours", "16")];
    let record = domain::engine::form::Record {
        id: Uuid::now_v7(),
        fields: training.map(|(n, v)| (n.to_owned(), Value::from(v))).into(),
        removed: false,
    };
    let base = revision + 1;
    let edit = DraftEdit::Record { list: "cpd".into(), base, record };
    crate::workflow::draft::edit_draft(&s.app, &who, id, edit).await.unwrap();
    fill_step(&s.app, &who, id, "papers", &[("declared", "2026-11")]).await.unwrap();
    id
}

/// The demo's applicant, certified at the first institution, asks to go to the second.
async fn transfer(s: &TestApp) -> Uuid {
    let applicant = s.sign_in("applicant").await;
    let case = s.matter(&applicant, "质量管理体系").await;
    passed(s, case).await;
    officer_decides(s, case, "propose").await;
    s.execute(&s.sign_in("admin").await, case, "approve").await.unwrap();
    let id = begin_draft(&s.app, &applicant, &domain::kind::transfer::KIND, Uuid::now_v7()).await.unwrap();
    let institution = |who: Allowed| who.caller().institutions[0].0.to_string();
    let (from, to) = (institution(s.sign_in("inst-a").await), institution(s.sign_in("inst-b").await));
    let choices = [("from_institution", from.as_str()), ("to_institution", to.as_str()), ("ground", "agreed")];
    fill_step(&s.app, &applicant, id, "transfer", &choices).await.unwrap();
    fill_step(&s.app, &applicant, id, "papers", &[("declared", "2026-11")]).await.unwrap();
    id
}

/// An appeal of the demo's applicant against a refusal.
async fn appeal(s: &TestApp) -> Uuid {
    let applicant = s.sign_in("applicant").await;
    let case = s.matter(&applicant, "质量管理体系").await;
    passed(s, case).await;
    officer_decides(s, case, "refuse").await;
    let id = begin_draft(&s.app, &applicant, &domain::kind::appeal::KIND, Uuid::now_v7()).await.unwrap();
    let disputed = case.to_string();
    let claim = [("disputed", disputed.as_str()), ("claim", "请撤销"), ("grounds", "理由"), ("declared", "yes")];
    fill_step(&s.app, &applicant, id, "appeal", &claim).await.unwrap();
    id
}

async fn complaint(s: &TestApp) -> Uuid {
    let applicant = s.sign_in("applicant").await;
    let id = begin_draft(&s.app, &applicant, &domain::kind::complaint::KIND, Uuid::now_v7()).await.unwrap();
    let facts =
        [("target_type", "staff"), ("target_name", "某人"), ("happened_on", "2026-11-02"), ("place", "上海"), ("facts", "未到现场。")];
    fill_step(&s.app, &applicant, id, "complaint", &facts).await.unwrap();
    fill_step(&s.app, &applicant, id, "reply", &[("wants_reply", "yes"), ("declared", "yes")]).await.unwrap();
    id
}

async fn renaming(s: &TestApp, kind: &'static Kind) -> Uuid {
    let new = NewIdentity { name: Some("林晓悦"), document: None };
    complete_identity_change(&s.app, &s.sign_in("applicant").await, kind, "renamed", new).await.unwrap()
}

/// A filing of the first institution whose teacher is `certified`.
async fn filing(s: &TestApp) -> Uuid {
    let certified = s.sign_in("certified").await;
    bind(&s.app, certified.account()).await.unwrap();
    complete_filing(&s.app, &s.sign_in("inst-a").await, "内审员培训", &[NewTeacher::of(&certified)]).await.unwrap()
}

/// A plan of a filed course of the first institution whose lessons `certified` gives.
async fn plan(s: &TestApp) -> Uuid {
    let (institution, certified) = (s.sign_in("inst-a").await, s.sign_in("certified").await);
    create_teaching(&s.app).await;
    let course = {
        let mut tx = s.app.db.read().await.unwrap();
        let owner = institution.caller().institutions[0].0;
        let courses = db::course::list_valid_of_institution(&mut tx, owner, s.app.today()).await.unwrap();
        courses.into_iter().find(|course| course.name.starts_with("环境管理")).unwrap().id
    };
    let start = s.app.today() + chrono::Days::new(60);
    let plan = NewPlan { title: "内审员一期".to_owned(), course, start, city: "北京市", time: ("08:30", "17:30") };
    complete_plan(&s.app, &institution, &plan, certified.account()).await.unwrap()
}

/// A registration of an institution.
async fn institution(s: &TestApp, kind: &'static Kind) -> Uuid {
    let kinds = &[InstitutionKind::CertificationBody, InstitutionKind::TrainingProvider];
    let new = NewInstitution { name: "南屏认证培训有限公司", credit_code: "91440300MA5D000103", kinds };
    complete_registration(&s.app, &s.sign_in("applicant").await, kind, new).await.unwrap()
}

/// The answers of a proposal to suspend a certificate of `certified`.
async fn disposition(s: &TestApp) -> Answers {
    let who = s.sign_in("certified").await;
    let certificates = own_certificates(&s.app, &who).await.unwrap();
    let number = certificates.iter().find(|c| c.row.domain == "QMS").unwrap().row.number.clone();
    let today = s.app.today().to_string();
    let pairs =
        [("certificate", number.as_str()), ("measure", "suspend"), ("effective_on", today.as_str()), ("reason", "超出能力范围审核")];
    Answers { fields: pairs.map(|(n, v)| (n.to_owned(), v.into())).into(), ..Answers::default() }
}
