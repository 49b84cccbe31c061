//! Demo cases, made by the same commands that people's clicks make.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use domain::base::money::Fen;
use domain::base::permission::Action;
use domain::engine::flow::Command;
use domain::engine::form::{Path, Record, Value};
use domain::record::payment::{Method, Voucher, VoucherFile, Wish};
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::demo::DemoError;
use crate::infra::clock::Clock;
use crate::infra::db;
use crate::matter::MatterError;
use crate::service::payment::PayError;
use crate::service::payment::finance::Verdict;
use crate::state::AppState;
use crate::workflow::draft::Change;
use crate::workflow::execute::Act;

pub(crate) type Pairs<'a> = &'a [(&'a str, &'a str)];

const EDUCATION: Pairs<'_> = &[
    ("start", "2008-09-01"),
    ("end", "2012-06-30"),
    ("school", "华东理工大学"),
    ("major", "工业工程"),
    ("level", "bachelor"),
    ("degree", "bachelor"),
    ("study_mode", "full_time"),
    ("overseas", "no"),
    ("diploma_no", "102511201205001234"),
];

const WORK: Pairs<'_> = &[
    ("start", "2012-07-16"),
    ("employer", "上海精工机械有限公司"),
    ("department", "质量部"),
    ("position", "质量工程师"),
    ("is_full_time", "yes"),
    ("duties", "负责质量管理体系运行、内部审核和供应商质量管理。"),
    ("referee", "陈思远"),
    ("referee_phone", "021-65430000"),
];

const PROFESSIONAL: Pairs<'_> = &[
    ("start", "2012-07-16"),
    ("employer", "上海精工机械有限公司"),
    ("department", "质量部"),
    ("position", "质量工程师"),
    ("is_full_time", "yes"),
    ("duties", "体系策划、过程控制、内部审核和管理评审的组织。"),
    ("referee", "陈思远"),
    ("referee_phone", "021-65430000"),
];

/// Start, end, client, credit code, type, days on site.
const AUDITS: &[(&str, &str, &str, &str, &str, &str)] = &[
    ("2026-03-16", "2026-03-19", "苏州恒信精密制造有限公司", "91310115MA1K000016", "initial", "4"),
    ("2026-05-11", "2026-05-14", "宁波东方包装材料有限公司", "91350100M000100Y43", "initial", "4"),
    ("2026-07-06", "2026-07-09", "无锡中联电气股份有限公司", "91310115MA1K000016", "recertification", "4"),
    ("2026-09-14", "2026-09-17", "上海申江物流有限公司", "91350100M000100Y43", "initial", "3.5"),
];

const AUDIT: Pairs<'_> = &[
    ("body", "华信质量认证中心有限公司"),
    ("role", "trainee"),
    ("offsite_days", "1"),
    ("onsite_mode", "onsite"),
    ("team_leader", "梁志诚"),
];

const WITNESS: Pairs<'_> = &[("witness_name", "梁志诚"), ("witness_date", "2026-09-17"), ("witness_conclusion", "competent")];

const TRAINING: Pairs<'_> = &[
    ("start", "2026-03-02"),
    ("end", "2026-03-06"),
    ("content", "质量管理体系实习审核员课程"),
    ("organiser", "华信质量认证中心有限公司"),
    ("hours", "40"),
];

const PERSON: Pairs<'_> = &[
    ("highest_education", "bachelor"),
    ("title_level", "intermediate"),
    ("professional_title", "工程师"),
    ("employment_type", "full_time"),
    ("is_retired", "no"),
    ("entry_date", "2026-01-05"),
    ("address", "上海市浦东新区示例路 100 号"),
    ("postcode", "200120"),
];

/// Fills the demo with cases at several stages.
pub(crate) async fn fill(app: &AppState, people: &[db::account::Row], institutions: &[db::institution::Row]) -> Result<(), DemoError> {
    let Cast { applicant, certified, institution, officer, finance, .. } = cast(app, people).await?;
    let body = institutions.first().map(|i| i.id.to_string()).unwrap_or_default();
    history(app, people, &body).await?;

    for (list, pairs) in [("education", EDUCATION), ("work", WORK), ("training", TRAINING)] {
        crate::workflow::library::keep_record(app, &applicant, list, &record(pairs)).await?;
    }
    for (list, pairs) in [("education", EDUCATION), ("work", WORK)] {
        crate::workflow::library::keep_record(app, &certified, list, &record(pairs)).await?;
    }
    crate::workflow::library::keep_record(app, &certified, "professional", &professional(&QMS)).await?;
    for audit in audits(&QMS) {
        crate::workflow::library::keep_record(app, &certified, "audit", &audit).await?;
    }
    draft(app, &applicant, Aim::trainee("EMS"), &body).await?;
    let waiting = complete(app, &applicant, Aim::trainee("QMS"), &body).await?;
    act(app, &applicant, waiting, "submit", "").await?;

    grant(app, people, Aim::trainee("QMS"), &body).await?;

    let accepted = complete(app, &certified, Aim::trainee("OHSMS"), &body).await?;
    act(app, &certified, accepted, "submit", "").await?;
    act(app, &institution, accepted, "pass", "").await?;
    pay(app, &certified, accepted).await?;
    check(app, &finance, accepted).await?;

    let billed = complete(app, &certified, Aim { payer: "institution", ..Aim::trainee("EMS") }, &body).await?;
    act(app, &certified, billed, "submit", "").await?;
    act(app, &institution, billed, "pass", "").await?;

    let unchecked = complete(app, &certified, Aim::trainee("IPMS"), &body).await?;
    act(app, &certified, unchecked, "submit", "").await?;
    act(app, &institution, unchecked, "pass", "").await?;
    pay(app, &certified, unchecked).await?;

    let returned = complete(app, &certified, Aim::trainee("ISMS"), &body).await?;
    act(app, &certified, returned, "submit", "").await?;
    act(app, &institution, returned, "return", "学历证书扫描件不清晰，请重新上传原件的彩色扫描件。").await?;

    let evaluated = complete(app, &certified, Aim::trainee("FSMS"), &body).await?;
    act(app, &certified, evaluated, "submit", "").await?;
    act(app, &institution, evaluated, "pass", "").await?;
    pay(app, &certified, evaluated).await?;
    check(app, &finance, evaluated).await?;
    act(app, &officer, evaluated, "accept", "").await?;
    let experts = ["expert1", "expert2"].iter().filter_map(|name| people.iter().find(|p| p.name == *name)).map(|p| p.id).collect();
    let assign = Command { name: "assign".into(), people: experts, ..Command::default() };
    crate::workflow::execute::act(app, &officer, Act { key: Uuid::now_v7(), matter: evaluated, command: assign }).await?;

    let full = complete(app, &certified, Aim { kind: "upgrade", grade: "full", ..Aim::trainee("QMS") }, &body).await?;
    act(app, &certified, full, "submit", "").await?;
    Ok(())
}

/// What lies behind: a certificate, and the one of a higher grade that took its place. Both are public by now.
async fn history(app: &AppState, people: &[db::account::Row], institution: &str) -> Result<(), DemoError> {
    for (days, aim) in [(21, Aim::trainee("ENMS")), (14, Aim { kind: "upgrade", grade: "full", ..Aim::trainee("ENMS") })] {
        let mut then = app.clone();
        then.clock = Clock::fixed(app.now() - TimeDelta::days(days));
        grant(&then, people, aim, institution).await?;
    }
    // As if all that had been a year ago, so that the certificate is to be confirmed by now.
    for certificate in crate::record::certificate::own_certificates(app, &enter(app, people, "certified").await?).await? {
        crate::record::certificate::renewal::age_certificate(app, &certificate.row.number, 331).await?;
    }
    Ok(())
}

/// A case of `certified` from its beginning to the certificate.
async fn grant(app: &AppState, people: &[db::account::Row], aim: Aim, institution: &str) -> Result<(), DemoError> {
    let cast = cast(app, people).await?;
    let id = complete(app, &cast.certified, aim, institution).await?;
    act(app, &cast.certified, id, "submit", "").await?;
    act(app, &cast.institution, id, "pass", "材料齐全，情况属实。").await?;
    pay(app, &cast.certified, id).await?;
    check(app, &cast.finance, id).await?;
    act(app, &cast.officer, id, "accept", "").await?;
    act(app, &cast.officer, id, "waive", "材料完整，无需专家评价。").await?;
    act(app, &cast.officer, id, "propose", "").await?;
    act(app, &cast.approver, id, "approve", "").await?;
    Ok(())
}

struct Cast {
    applicant: Allowed,
    certified: Allowed,
    institution: Allowed,
    officer: Allowed,
    approver: Allowed,
    finance: Allowed,
}

async fn cast(app: &AppState, people: &[db::account::Row]) -> Result<Cast, DemoError> {
    Ok(Cast {
        applicant: enter(app, people, "applicant").await?,
        certified: enter(app, people, "certified").await?,
        institution: enter(app, people, "inst-a").await?,
        officer: enter(app, people, "officer").await?,
        approver: enter(app, people, "admin").await?,
        finance: enter(app, people, "finance").await?,
    })
}

async fn enter(app: &AppState, people: &[db::account::Row], name: &str) -> Result<Allowed, DemoError> {
    let id = people.iter().find(|p| p.name == name).map_or(Uuid::nil(), |p| p.id);
    let caller = crate::access::guard::caller(app, id).await?;
    crate::access::guard::guard(app, caller.as_ref(), Action::Matter).map_err(|_| DemoError::Matter(MatterError::NotFound))
}

fn fields(pairs: Pairs<'_>) -> BTreeMap<String, Value> {
    pairs.iter().map(|(n, v)| ((*n).to_owned(), Value::from(*v))).collect()
}

fn record(pairs: Pairs<'_>) -> Record {
    Record { id: Uuid::now_v7(), fields: fields(pairs), gone: false }
}

/// What a case applies for.
#[derive(Clone, Copy)]
pub(crate) struct Aim {
    /// 申请类型.
    pub kind: &'static str,
    /// Code of the domain.
    pub domain: &'static str,
    /// 注册级别.
    pub grade: &'static str,
    /// Code of who pays.
    pub payer: &'static str,
}

impl Aim {
    /// A first registration as trainee.
    pub const fn trainee(domain: &'static str) -> Self {
        Self { kind: "initial", domain, grade: "trainee", payer: "individual" }
    }
}

/// A domain as the records of its people name it.
struct Field {
    code: &'static str,
    label: &'static str,
    standard: &'static str,
}

const QMS: Field = Field { code: "QMS", label: "质量管理体系", standard: "GB/T 19001" };
const ENMS: Field = Field { code: "ENMS", label: "能源管理体系", standard: "GB/T 23331" };

fn professional(field: &Field) -> Record {
    let mut work = record(PROFESSIONAL);
    let relevance = format!("负责{0}的策划、运行和改进，与{0}审核直接相关。", field.label);
    work.fields.extend(fields(&[("domain", field.code), ("relevance", &relevance)]));
    work
}

/// The audits of the full grade.
fn audits(field: &Field) -> Vec<Record> {
    let one = |(start, end, client, code, kind, days): &(&str, &str, &str, &str, &str, &str)| {
        let mut audit = record(AUDIT);
        let pairs = [
            ("start", *start),
            ("end", *end),
            ("client", *client),
            ("client_code", *code),
            ("audit_type", *kind),
            ("onsite_days", *days),
            ("domain", field.code),
            ("standard", field.standard),
        ];
        audit.fields.extend(fields(&pairs));
        audit.fields.insert("clauses_covered".into(), Value::Many(vec!["all".into()]));
        audit
    };
    AUDITS.iter().map(one).collect()
}

async fn draft(app: &AppState, who: &Allowed, aim: Aim, institution: &str) -> Result<Uuid, MatterError> {
    let id = crate::workflow::draft::begin_matter(app, who, &domain::kind::registration::KIND, Uuid::now_v7()).await?;
    let business = [
        ("application_kind", aim.kind),
        ("domain", aim.domain),
        ("grade", aim.grade),
        ("recommending_institution", institution),
        ("payer_type", aim.payer),
    ];
    page(app, who, id, "business", &business).await?;
    Ok(id)
}

/// An application with everything it needs, not yet submitted.
pub(crate) async fn complete(app: &AppState, who: &Allowed, aim: Aim, institution: &str) -> Result<Uuid, MatterError> {
    let id = draft(app, who, aim, institution).await?;
    let full = aim.grade == "full";
    let name = who.caller().person.name.clone();
    let pinyin = [("name_pinyin", "Shi Li")];
    let person: Vec<(&str, &str)> = PERSON.iter().chain(&pinyin).copied().collect();
    page(app, who, id, "person", &person).await?;
    let mut records = vec![("education", record(EDUCATION)), ("work", record(WORK)), ("training", record(TRAINING))];
    let mut files = vec![("photo", "证件照.jpg"), ("id_card_front", "身份证人像面.jpg"), ("id_card_back", "身份证国徽面.jpg")];
    if full {
        let field = if aim.domain == ENMS.code { &ENMS } else { &QMS };
        records.push(("professional", professional(field)));
        records.extend(audits(field).into_iter().map(|a| ("audit", a)));
        files.extend([("experience_summary", "审核经历汇总表.jpg"), ("witness_report", "见证评价报告.jpg")]);
        let number = format!("2024-N1{}-4990001", field.code);
        let witness: Vec<(&str, &str)> = WITNESS.iter().copied().chain([("witness_cert_no", number.as_str())]).collect();
        page(app, who, id, "witness", &witness).await?;
    }
    for (list, record) in records {
        add(app, who, id, list, record, full).await?;
    }
    for (field, file) in files {
        crate::workflow::files::attach(app, who, id, Path::field(field), file, picture()).await?;
    }
    page(app, who, id, "declaration", &[("declared", domain::kind::registration::DECLARATION.version), ("signed_name", &name)]).await?;
    Ok(id)
}

/// Adds a record with the proof its grade asks for.
async fn add(app: &AppState, who: &Allowed, id: Uuid, list: &str, record: Record, full: bool) -> Result<(), MatterError> {
    let base = crate::matter::open_matter(app, who, id).await?.row.revision;
    let row = record.id;
    crate::workflow::draft::edit_matter(app, who, id, Change::Record { list: list.into(), base, record }).await?;
    let proof = match list {
        "education" => Some(("diploma", "学历证书.jpg")),
        "work" | "professional" | "audit" if full => Some(("proof", "证明材料.jpg")),
        _ => None,
    };
    if let Some((field, name)) = proof {
        crate::workflow::files::attach(app, who, id, Path::Cell(list.into(), row, field.into()), name, picture()).await?;
    }
    Ok(())
}

/// Writes one page of a draft.
pub(crate) async fn page(app: &AppState, who: &Allowed, id: Uuid, step: &str, pairs: Pairs<'_>) -> Result<(), MatterError> {
    let base = crate::matter::open_matter(app, who, id).await?.row.revision;
    let change = Change::Fields { step: step.into(), base, fields: fields(pairs) };
    crate::workflow::draft::edit_matter(app, who, id, change).await?;
    Ok(())
}

/// Makes one move.
pub(crate) async fn act(app: &AppState, who: &Allowed, matter: Uuid, name: &str, note: &str) -> Result<(), MatterError> {
    let revision = crate::matter::open_matter(app, who, matter).await?.row.revision;
    let command =
        Command { name: name.to_owned(), note: note.to_owned(), revision: (name == "submit").then_some(revision), ..Command::default() };
    crate::workflow::execute::act(app, who, Act { key: Uuid::now_v7(), matter, command }).await?;
    Ok(())
}

/// Pays the fee of a matter by the bank, with a slip.
pub(crate) async fn pay(app: &AppState, who: &Allowed, matter: Uuid) -> Result<(), MatterError> {
    let opened = crate::matter::open_matter(app, who, matter).await?;
    let Some(charge) = crate::service::payment::view::charged(app, &opened).await?.map(|c| c.charge) else {
        return Ok(());
    };
    let slip = crate::workflow::files::keep_file(app, who, "汇款回单.jpg", picture()).await?;
    let voucher = Voucher {
        remitter: who.caller().person.name.clone(),
        remitted_on: app.today(),
        amount: Fen(charge.amount),
        remittance_no: String::new(),
        files: vec![VoucherFile { file: slip.file, name: slip.name }],
    };
    let wish = Wish { method: Method::Offline, voucher: Some(voucher), invoice: None };
    crate::service::payment::order::pay(app, who, &[charge.id], wish, "").await.map(|_| ()).map_err(of_payment)
}

/// Finance finds the slips of a matter right.
pub(crate) async fn check(app: &AppState, finance: &Allowed, matter: Uuid) -> Result<(), MatterError> {
    for order in crate::service::payment::view::vouchers(app, finance).await.map_err(of_payment)? {
        if order.charges.iter().any(|c| c.matter_id == matter) {
            crate::service::payment::finance::judge_voucher(app, finance, order.row.id, Verdict::Accept).await.map_err(of_payment)?;
        }
    }
    Ok(())
}

fn of_payment(error: PayError) -> MatterError {
    match error {
        PayError::Matter(error) => error,
        PayError::Db(error) => error.into(),
        _ => MatterError::Conflict,
    }
}

/// A plain picture in the size of an ID photo.
fn picture() -> Vec<u8> {
    let mut bytes = Vec::new();
    let image = image::RgbImage::from_pixel(295, 413, image::Rgb([236, 240, 244]));
    let encoder = image::codecs::jpeg::JpegEncoder::new(&mut bytes);
    // An empty file would be refused with a clear error.
    if image.write_with_encoder(encoder).is_err() {
        bytes.clear();
    }
    bytes
}
