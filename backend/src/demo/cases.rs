//! Demo cases, made by the same commands that people's clicks make.

use std::collections::BTreeMap;

use domain::flow::Command;
use domain::form::{Path, Record, Value};
use domain::permission::Action;
use uuid::Uuid;

use super::DemoError;
use crate::db;
use crate::guard::Allowed;
use crate::house::House;
use crate::matter::{Act, Change, MatterError};

type Pairs<'a> = &'a [(&'a str, &'a str)];

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
    let Cast { applicant, certified, institution, officer, approver } = cast(house, people).await?;
    let body = institutions.first().map(|i| i.id.to_string()).unwrap_or_default();

    for (list, pairs) in [("education", EDUCATION), ("work", WORK), ("training", TRAINING)] {
        house.keep_record(&applicant, list, &record(pairs)).await?;
    }
    draft(house, &applicant, "EMS", &body).await?;
    let waiting = complete(house, &applicant, "QMS", &body).await?;
    act(house, &applicant, waiting, "submit", "").await?;

    let granted = complete(house, &certified, "QMS", &body).await?;
    act(house, &certified, granted, "submit", "").await?;
    act(house, &institution, granted, "pass", "材料齐全，情况属实。").await?;
    act(house, &officer, granted, "accept", "").await?;
    act(house, &officer, granted, "waive", "材料完整，无需专家评价。").await?;
    act(house, &officer, granted, "propose", "").await?;
    act(house, &approver, granted, "approve", "").await?;

    let accepted = complete(house, &certified, "OHSMS", &body).await?;
    act(house, &certified, accepted, "submit", "").await?;
    act(house, &institution, accepted, "pass", "").await?;

    let returned = complete(house, &certified, "ISMS", &body).await?;
    act(house, &certified, returned, "submit", "").await?;
    act(house, &institution, returned, "return", "学历证书扫描件不清晰，请重新上传原件的彩色扫描件。").await?;
    Ok(())
}

struct Cast {
    applicant: Allowed,
    certified: Allowed,
    institution: Allowed,
    officer: Allowed,
    approver: Allowed,
}

async fn cast(house: &House, people: &[db::account::Row]) -> Result<Cast, DemoError> {
    Ok(Cast {
        applicant: enter(house, people, "applicant").await?,
        certified: enter(house, people, "certified").await?,
        institution: enter(house, people, "inst-a").await?,
        officer: enter(house, people, "officer").await?,
        approver: enter(house, people, "admin").await?,
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

async fn draft(house: &House, who: &Allowed, domain: &str, institution: &str) -> Result<Uuid, MatterError> {
    let id = house.begin_matter(who, &domain::registration::KIND, Uuid::now_v7()).await?;
    let business = [
        ("application_kind", "initial"),
        ("domain", domain),
        ("grade", "trainee"),
        ("recommending_institution", institution),
        ("payer_type", "individual"),
    ];
    page(house, who, id, "business", &business).await?;
    Ok(id)
}

async fn complete(house: &House, who: &Allowed, domain: &str, institution: &str) -> Result<Uuid, MatterError> {
    let id = draft(house, who, domain, institution).await?;
    let name = who.caller().person.name.clone();
    let pinyin = [("name_pinyin", "Shi Li")];
    let person: Vec<(&str, &str)> = PERSON.iter().chain(&pinyin).copied().collect();
    page(house, who, id, "person", &person).await?;
    for (list, pairs) in [("education", EDUCATION), ("work", WORK), ("training", TRAINING)] {
        let base = house.open_matter(who, id).await?.row.revision;
        let record = record(pairs);
        let row = record.id;
        house.edit_matter(who, id, Change::Record { list: list.into(), base, record }).await?;
        if list == "education" {
            let path = Path::Cell(list.into(), row, "diploma".into());
            house.attach(who, id, path, "学历证书.jpg", picture()).await?;
        }
    }
    for (field, file) in [("photo", "证件照.jpg"), ("id_card_front", "身份证人像面.jpg"), ("id_card_back", "身份证国徽面.jpg")]
    {
        house.attach(who, id, Path::field(field), file, picture()).await?;
    }
    page(house, who, id, "declaration", &[("declared", "yes"), ("signed_name", &name)]).await?;
    Ok(id)
}

async fn page(house: &House, who: &Allowed, id: Uuid, step: &str, pairs: Pairs<'_>) -> Result<(), MatterError> {
    let base = house.open_matter(who, id).await?.row.revision;
    let change = Change::Fields { step: step.into(), base, fields: fields(pairs) };
    house.edit_matter(who, id, change).await?;
    Ok(())
}

async fn act(house: &House, who: &Allowed, matter: Uuid, name: &str, note: &str) -> Result<(), MatterError> {
    let revision = house.open_matter(who, matter).await?.row.revision;
    let command =
        Command { name: name.to_owned(), note: note.to_owned(), revision: (name == "submit").then_some(revision), ..Command::default() };
    house.act(who, Act { key: Uuid::now_v7(), matter, command }).await?;
    Ok(())
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
