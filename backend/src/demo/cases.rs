//! Demo cases, made by the same commands that people's clicks make.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use domain::base::money::Fen;
use domain::base::permission::Action;
use domain::engine::flow::Command;
use domain::engine::form::{Path, Record, Value};
use domain::record::payment::{Method, Voucher, VoucherFile, Wish};
use uuid::Uuid;

use super::DemoError;
use crate::clock::Clock;
use crate::db;
use crate::guard::Allowed;
use crate::house::House;
use crate::matter::{Act, Change, MatterError};
use crate::payment::{PayError, Verdict};

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
pub(super) async fn fill(house: &House, people: &[db::account::Row], institutions: &[db::institution::Row]) -> Result<(), DemoError> {
    let Cast { applicant, certified, institution, officer, finance, .. } = cast(house, people).await?;
    let body = institutions.first().map(|i| i.id.to_string()).unwrap_or_default();
    history(house, people, &body).await?;

    for (list, pairs) in [("education", EDUCATION), ("work", WORK), ("training", TRAINING)] {
        house.keep_record(&applicant, list, &record(pairs)).await?;
    }
    for (list, pairs) in [("education", EDUCATION), ("work", WORK)] {
        house.keep_record(&certified, list, &record(pairs)).await?;
    }
    house.keep_record(&certified, "professional", &professional(&QMS)).await?;
    for audit in audits(&QMS) {
        house.keep_record(&certified, "audit", &audit).await?;
    }
    draft(house, &applicant, Aim::trainee("EMS"), &body).await?;
    let waiting = complete(house, &applicant, Aim::trainee("QMS"), &body).await?;
    act(house, &applicant, waiting, "submit", "").await?;

    grant(house, people, Aim::trainee("QMS"), &body).await?;

    let accepted = complete(house, &certified, Aim::trainee("OHSMS"), &body).await?;
    act(house, &certified, accepted, "submit", "").await?;
    act(house, &institution, accepted, "pass", "").await?;
    pay(house, &certified, accepted).await?;
    check(house, &finance, accepted).await?;

    let billed = complete(house, &certified, Aim { payer: "institution", ..Aim::trainee("EMS") }, &body).await?;
    act(house, &certified, billed, "submit", "").await?;
    act(house, &institution, billed, "pass", "").await?;

    let unchecked = complete(house, &certified, Aim::trainee("IPMS"), &body).await?;
    act(house, &certified, unchecked, "submit", "").await?;
    act(house, &institution, unchecked, "pass", "").await?;
    pay(house, &certified, unchecked).await?;

    let returned = complete(house, &certified, Aim::trainee("ISMS"), &body).await?;
    act(house, &certified, returned, "submit", "").await?;
    act(house, &institution, returned, "return", "学历证书扫描件不清晰，请重新上传原件的彩色扫描件。").await?;

    let evaluated = complete(house, &certified, Aim::trainee("FSMS"), &body).await?;
    act(house, &certified, evaluated, "submit", "").await?;
    act(house, &institution, evaluated, "pass", "").await?;
    pay(house, &certified, evaluated).await?;
    check(house, &finance, evaluated).await?;
    act(house, &officer, evaluated, "accept", "").await?;
    let experts = ["expert1", "expert2"].iter().filter_map(|name| people.iter().find(|p| p.name == *name)).map(|p| p.id).collect();
    let assign = Command { name: "assign".into(), people: experts, ..Command::default() };
    house.act(&officer, Act { key: Uuid::now_v7(), matter: evaluated, command: assign }).await?;

    let full = complete(house, &certified, Aim { kind: "upgrade", grade: "full", ..Aim::trainee("QMS") }, &body).await?;
    act(house, &certified, full, "submit", "").await?;
    Ok(())
}

/// What lies behind: a certificate, and the one of a higher grade that took its place. Both are public by now.
async fn history(house: &House, people: &[db::account::Row], institution: &str) -> Result<(), DemoError> {
    for (days, aim) in [(21, Aim::trainee("ENMS")), (14, Aim { kind: "upgrade", grade: "full", ..Aim::trainee("ENMS") })] {
        let mut then = house.clone();
        then.clock = Clock::fixed(house.now() - TimeDelta::days(days));
        grant(&then, people, aim, institution).await?;
    }
    // As if all that had been a year ago, so that the certificate is to be confirmed by now.
    for certificate in house.own_certificates(&enter(house, people, "certified").await?).await? {
        house.age_certificate(&certificate.row.number, 331).await?;
    }
    Ok(())
}

/// A case of `certified` from its beginning to the certificate.
async fn grant(house: &House, people: &[db::account::Row], aim: Aim, institution: &str) -> Result<(), DemoError> {
    let cast = cast(house, people).await?;
    let id = complete(house, &cast.certified, aim, institution).await?;
    act(house, &cast.certified, id, "submit", "").await?;
    act(house, &cast.institution, id, "pass", "材料齐全，情况属实。").await?;
    pay(house, &cast.certified, id).await?;
    check(house, &cast.finance, id).await?;
    act(house, &cast.officer, id, "accept", "").await?;
    act(house, &cast.officer, id, "waive", "材料完整，无需专家评价。").await?;
    act(house, &cast.officer, id, "propose", "").await?;
    act(house, &cast.approver, id, "approve", "").await?;
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

async fn cast(house: &House, people: &[db::account::Row]) -> Result<Cast, DemoError> {
    Ok(Cast {
        applicant: enter(house, people, "applicant").await?,
        certified: enter(house, people, "certified").await?,
        institution: enter(house, people, "inst-a").await?,
        officer: enter(house, people, "officer").await?,
        approver: enter(house, people, "admin").await?,
        finance: enter(house, people, "finance").await?,
    })
}

async fn enter(house: &House, people: &[db::account::Row], name: &str) -> Result<Allowed, DemoError> {
    let id = people.iter().find(|p| p.name == name).map_or(Uuid::nil(), |p| p.id);
    let caller = house.caller(id).await?;
    house.guard(caller.as_ref(), Action::Matter).map_err(|_| DemoError::Matter(MatterError::NotFound))
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

async fn draft(house: &House, who: &Allowed, aim: Aim, institution: &str) -> Result<Uuid, MatterError> {
    let id = house.begin_matter(who, &domain::kind::registration::KIND, Uuid::now_v7()).await?;
    let business = [
        ("application_kind", aim.kind),
        ("domain", aim.domain),
        ("grade", aim.grade),
        ("recommending_institution", institution),
        ("payer_type", aim.payer),
    ];
    page(house, who, id, "business", &business).await?;
    Ok(id)
}

/// An application with everything it needs, not yet submitted.
pub(crate) async fn complete(house: &House, who: &Allowed, aim: Aim, institution: &str) -> Result<Uuid, MatterError> {
    let id = draft(house, who, aim, institution).await?;
    let full = aim.grade == "full";
    let name = who.caller().person.name.clone();
    let pinyin = [("name_pinyin", "Shi Li")];
    let person: Vec<(&str, &str)> = PERSON.iter().chain(&pinyin).copied().collect();
    page(house, who, id, "person", &person).await?;
    let mut records = vec![("education", record(EDUCATION)), ("work", record(WORK)), ("training", record(TRAINING))];
    let mut files = vec![("photo", "证件照.jpg"), ("id_card_front", "身份证人像面.jpg"), ("id_card_back", "身份证国徽面.jpg")];
    if full {
        let field = if aim.domain == ENMS.code { &ENMS } else { &QMS };
        records.push(("professional", professional(field)));
        records.extend(audits(field).into_iter().map(|a| ("audit", a)));
        files.extend([("experience_summary", "审核经历汇总表.jpg"), ("witness_report", "见证评价报告.jpg")]);
        let number = format!("2024-N1{}-4990001", field.code);
        let witness: Vec<(&str, &str)> = WITNESS.iter().copied().chain([("witness_cert_no", number.as_str())]).collect();
        page(house, who, id, "witness", &witness).await?;
    }
    for (list, record) in records {
        add(house, who, id, list, record, full).await?;
    }
    for (field, file) in files {
        house.attach(who, id, Path::field(field), file, picture()).await?;
    }
    page(house, who, id, "declaration", &[("declared", domain::kind::registration::DECLARATION.version), ("signed_name", &name)]).await?;
    Ok(id)
}

/// Adds a record with the proof its grade asks for.
async fn add(house: &House, who: &Allowed, id: Uuid, list: &str, record: Record, full: bool) -> Result<(), MatterError> {
    let base = house.open_matter(who, id).await?.row.revision;
    let row = record.id;
    house.edit_matter(who, id, Change::Record { list: list.into(), base, record }).await?;
    let proof = match list {
        "education" => Some(("diploma", "学历证书.jpg")),
        "work" | "professional" | "audit" if full => Some(("proof", "证明材料.jpg")),
        _ => None,
    };
    if let Some((field, name)) = proof {
        house.attach(who, id, Path::Cell(list.into(), row, field.into()), name, picture()).await?;
    }
    Ok(())
}

/// Writes one page of a draft.
pub(crate) async fn page(house: &House, who: &Allowed, id: Uuid, step: &str, pairs: Pairs<'_>) -> Result<(), MatterError> {
    let base = house.open_matter(who, id).await?.row.revision;
    let change = Change::Fields { step: step.into(), base, fields: fields(pairs) };
    house.edit_matter(who, id, change).await?;
    Ok(())
}

/// Makes one move.
pub(crate) async fn act(house: &House, who: &Allowed, matter: Uuid, name: &str, note: &str) -> Result<(), MatterError> {
    let revision = house.open_matter(who, matter).await?.row.revision;
    let command =
        Command { name: name.to_owned(), note: note.to_owned(), revision: (name == "submit").then_some(revision), ..Command::default() };
    house.act(who, Act { key: Uuid::now_v7(), matter, command }).await?;
    Ok(())
}

/// Pays the fee of a matter by the bank, with a slip.
pub(crate) async fn pay(house: &House, who: &Allowed, matter: Uuid) -> Result<(), MatterError> {
    let opened = house.open_matter(who, matter).await?;
    let Some(charge) = house.charged(&opened).await?.map(|c| c.charge) else {
        return Ok(());
    };
    let slip = house.keep_file(who, "汇款回单.jpg", picture()).await?;
    let voucher = Voucher {
        remitter: who.caller().person.name.clone(),
        remitted_on: house.today(),
        amount: Fen(charge.amount),
        remittance_no: String::new(),
        files: vec![VoucherFile { file: slip.file, name: slip.name }],
    };
    let wish = Wish { method: Method::Offline, voucher: Some(voucher), invoice: None };
    house.pay(who, &[charge.id], wish, "").await.map(|_| ()).map_err(of_payment)
}

/// Finance finds the slips of a matter right.
pub(crate) async fn check(house: &House, finance: &Allowed, matter: Uuid) -> Result<(), MatterError> {
    for order in house.vouchers(finance).await.map_err(of_payment)? {
        if order.charges.iter().any(|c| c.matter_id == matter) {
            house.judge_voucher(finance, order.row.id, Verdict::Accept).await.map_err(of_payment)?;
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
