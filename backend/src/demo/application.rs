//! Complete applications for registration, with records and files.

use domain::engine::form::{Path, Record, Value};
use domain::kind::registration;
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::demo::actions::{FieldPairs, fields, fill_step, picture};
use crate::matter::{MatterError, load};
use crate::state::AppState;
use crate::workflow::draft::{DraftEdit, begin_draft, edit_draft};
use crate::workflow::files::attach;

pub(super) const EDUCATION: FieldPairs<'_> = &[
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

pub(super) const WORK: FieldPairs<'_> = &[
    ("start", "2012-07-16"),
    ("employer", "上海精工机械有限公司"),
    ("department", "质量部"),
    ("position", "质量工程师"),
    ("is_full_time", "yes"),
    ("duties", "负责质量管理体系运行、内部审核和供应商质量管理。"),
    ("referee", "陈思远"),
    ("referee_phone", "021-65430000"),
];

const PROFESSIONAL: FieldPairs<'_> = &[
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

const AUDIT: FieldPairs<'_> = &[
    ("body", "华信质量认证中心有限公司"),
    ("role", "trainee"),
    ("offsite_days", "1"),
    ("onsite_mode", "onsite"),
    ("team_leader", "梁志诚"),
];

const WITNESS: FieldPairs<'_> = &[("witness_name", "梁志诚"), ("witness_date", "2026-09-17"), ("witness_conclusion", "competent")];

pub(super) const TRAINING: FieldPairs<'_> = &[
    ("start", "2026-03-02"),
    ("end", "2026-03-06"),
    ("content", "质量管理体系实习审核员课程"),
    ("organiser", "华信质量认证中心有限公司"),
    ("hours", "40"),
];

const PERSON: FieldPairs<'_> = &[
    ("highest_education", "bachelor"),
    ("title_level", "intermediate"),
    ("professional_title", "工程师"),
    ("employment_type", "full_time"),
    ("is_retired", "no"),
    ("entry_date", "2026-01-05"),
    ("address", "上海市浦东新区示例路 100 号"),
    ("postcode", "200120"),
];

pub(super) fn record(pairs: FieldPairs<'_>) -> Record {
    Record { id: Uuid::now_v7(), fields: fields(pairs), removed: false }
}

/// Parameters of an application.
#[derive(Clone, Copy)]
pub(crate) struct Application {
    /// 申请类型.
    pub kind: &'static str,
    /// Code of the domain.
    pub domain: &'static str,
    /// 注册级别.
    pub grade: &'static str,
    /// Code of 缴费方式.
    pub payer: &'static str,
}

impl Application {
    /// A first registration as trainee.
    pub const fn trainee(domain: &'static str) -> Self {
        Self { kind: "initial", domain, grade: "trainee", payer: "individual" }
    }
}

/// Names of a domain in records.
pub(super) struct Discipline {
    code: &'static str,
    label: &'static str,
    standard: &'static str,
}

pub(super) const QMS: Discipline = Discipline { code: "QMS", label: "质量管理体系", standard: "GB/T 19001" };
const ENMS: Discipline = Discipline { code: "ENMS", label: "能源管理体系", standard: "GB/T 23331" };

/// A record of professional work in a domain.
pub(super) fn professional(field: &Discipline) -> Record {
    let mut work = record(PROFESSIONAL);
    let relevance = format!("负责{0}的策划、运行和改进，与{0}审核直接相关。", field.label);
    work.fields.extend(fields(&[("domain", field.code), ("relevance", &relevance)]));
    work
}

/// The audits of the full grade.
pub(super) fn audits(field: &Discipline) -> Vec<Record> {
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

/// Begins an application.
pub(super) async fn draft(app: &AppState, who: &Allowed, application: Application, institution: &str) -> Result<Uuid, MatterError> {
    let id = begin_draft(app, who, &registration::KIND, Uuid::now_v7()).await?;
    let business = [
        ("application_kind", application.kind),
        ("domain", application.domain),
        ("grade", application.grade),
        ("recommending_institution", institution),
        ("payer_type", application.payer),
    ];
    fill_step(app, who, id, "business", &business).await?;
    Ok(id)
}

/// Completes a draft without submitting it.
pub(crate) async fn complete(app: &AppState, who: &Allowed, application: Application, institution: &str) -> Result<Uuid, MatterError> {
    let id = draft(app, who, application, institution).await?;
    let full = application.grade == "full";
    let name = who.caller().person.name.clone();
    let pinyin = [("name_pinyin", "Shi Li")];
    let person: Vec<(&str, &str)> = PERSON.iter().chain(&pinyin).copied().collect();
    fill_step(app, who, id, "person", &person).await?;
    let mut records = vec![("education", record(EDUCATION)), ("work", record(WORK)), ("training", record(TRAINING))];
    let mut files = vec![("photo", "证件照.jpg"), ("id_card_front", "身份证人像面.jpg"), ("id_card_back", "身份证国徽面.jpg")];
    if full {
        let field = if application.domain == ENMS.code { &ENMS } else { &QMS };
        records.push(("professional", professional(field)));
        records.extend(audits(field).into_iter().map(|a| ("audit", a)));
        files.extend([("experience_summary", "认证经历汇总表.jpg"), ("witness_report", "见证评价报告.jpg")]);
        let number = format!("2024-N1{}-4990001", field.code);
        let witness: Vec<(&str, &str)> = WITNESS.iter().copied().chain([("witness_cert_no", number.as_str())]).collect();
        fill_step(app, who, id, "witness", &witness).await?;
    }
    for (list, record) in records {
        add(app, who, id, list, record, full).await?;
    }
    for (field, file) in files {
        attach(app, who, id, Path::field(field), file, picture()).await?;
    }
    fill_step(app, who, id, "declaration", &[("declared", registration::DECLARATION.version), ("signed_name", &name)]).await?;
    Ok(id)
}

/// Adds a record with the proof required for the grade.
async fn add(app: &AppState, who: &Allowed, id: Uuid, list: &str, record: Record, full: bool) -> Result<(), MatterError> {
    let base = load(app, who, id).await?.revision;
    let row = record.id;
    edit_draft(app, who, id, DraftEdit::Record { list: list.into(), base, record }).await?;
    let proof = match list {
        "education" => Some(("diploma", "学历证书.jpg")),
        "work" | "professional" | "audit" if full => Some(("proof", "证明材料.jpg")),
        _ => None,
    };
    if let Some((field, name)) = proof {
        attach(app, who, id, Path::Cell(list.into(), row, field.into()), name, picture()).await?;
    }
    Ok(())
}
