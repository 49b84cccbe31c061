//! Keeping certificates alive: what a matter may ask for, and what its approval brings about, in the transaction of the decision.

use std::collections::BTreeMap;

use chrono::{DateTime, Months, NaiveDate, Utc};
use domain::base::calendar::day_of;
use domain::base::rule::key;
use domain::engine::message::Moment;
use domain::matter::CERTIFICATES;
use domain::record::certificate::{Held, Status, Upkeep, next_look};
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::infra::db;
use crate::infra::db::{DbError, Tx};
use crate::matter::{MatterError, Opened};
use crate::record::notification::News;
use crate::record::notification::tell;
use crate::state::AppState;

/// The most certificates offered at the desk of an institution at once; the nearest ones.
const MOST_AT_DESK: i64 = 500;

/// What can be kept alive at the desk of an institution.
pub(crate) struct AtDesk {
    /// The institution.
    pub practice: (Uuid, String),
    /// Certificates of its people that are due, nearest first.
    pub certificates: Vec<Held>,
    /// Names of their holders.
    pub names: BTreeMap<Uuid, String>,
}

/// The certificates of an institution's people that can be kept alive about a day. None without such an institution.
pub(crate) async fn at_desk(tx: &mut Tx, app: &AppState, institution: Uuid, about: NaiveDate) -> Result<Option<AtDesk>, DbError> {
    let Some(body) = db::institution::by_id(tx, institution).await? else { return Ok(None) };
    let tables = app.tables();
    let rules = tables.rules.on(about);
    let months = rules.int(key::AC_WINDOW_BEFORE).max(rules.int(key::REREG_WINDOW_BEFORE));
    // A month more than the window is long, since months differ.
    let months = Months::new(u32::try_from(months).unwrap_or(0).saturating_add(1));
    let until = about.checked_add_months(months).unwrap_or(NaiveDate::MAX);
    let rows = db::upkeep::due_at(tx, institution, until, MOST_AT_DESK).await?;
    let certificates: Vec<Held> = rows.iter().filter_map(db::certificate::Row::held).collect();
    let names = rows.iter().filter_map(|row| Some((row.account_id, crate::record::certificate::holder_of(app, row)?))).collect();
    Ok(Some(AtDesk { practice: (institution, body.name), certificates, names }))
}

/// Whether a matter may ask for a certificate: one's own, or one of the people of the institution at whose desk it was begun.
fn theirs(opened: &Opened, row: &db::certificate::Row) -> bool {
    match opened.desk() {
        Some(institution) => row.institution_id == Some(institution),
        None => row.account_id == opened.row.owner_id,
    }
}

/// Notes which certificates a matter asks for that is submitted now. Whoever's they are learns of what is filed on their behalf.
pub(crate) async fn ask(tx: &mut Tx, app: &AppState, opened: &Opened, now: DateTime<Utc>) -> Result<(), MatterError> {
    let Some(upkeep) = opened.kind.upkeep else { return Ok(()) };
    db::upkeep::forget(tx, opened.row.id).await?;
    for number in opened.answers.codes(CERTIFICATES) {
        let row = db::certificate::by_number(tx, number).await?.filter(|row| theirs(opened, row)).ok_or(MatterError::Conflict)?;
        db::upkeep::ask(tx, opened.row.id, row.id).await?;
        let body = format!("您的执业机构已代您提交证书 {number} 的{}申请。如有疑问，请与机构联系。", upkeep.label());
        tell_holder(tx, app, opened, &row, "asked", &body, now).await?;
    }
    Ok(())
}

/// Keeps alive what a matter asks for. Judged as of the day it was first submitted; what has ended otherwise meanwhile stops the decision.
pub(crate) async fn extend(tx: &mut Tx, app: &AppState, opened: &Opened, upkeep: Upkeep, today: NaiveDate) -> Result<(), MatterError> {
    let tables = app.tables();
    let applied = opened.row.submitted_at.map_or(today, day_of);
    for number in opened.answers.codes(CERTIFICATES) {
        let row = db::certificate::by_number(tx, number).await?.filter(|row| theirs(opened, row));
        let held = row.as_ref().and_then(db::certificate::Row::held);
        let (Some(row), Some(held)) = (row, held.filter(|h| upkeep.open(h, applied, tables.rules.on(applied)))) else {
            let why = format!("证书 {number} 已不在可以办理{}的状态，请退回修改或不予批准", upkeep.label());
            return Err(MatterError::Hindered(why));
        };
        let rules = tables.rules.on(today);
        let terms = upkeep.extended(&held, today, rules);
        let kept =
            Held { valid_until: terms.valid_until, confirm_due_on: terms.confirm_due_on, status: Status::Valid, overdue: false, ..held };
        let look_on = next_look(&kept, today, rules);
        let extended = db::upkeep::Extended { row: &row, matter: opened.row.id, upkeep: upkeep.code(), terms, on: today, look_on };
        if !db::upkeep::extend(tx, &extended).await? {
            return Err(MatterError::Conflict);
        }
        let body = format!("您的注册证书 {number} 已完成{}，有效期至 {}。", upkeep.label(), terms.valid_until);
        tell_holder(tx, app, opened, &row, "kept", &body, app.now()).await?;
    }
    Ok(())
}

/// Tells the holder of a certificate what is done on their behalf; who asks for their own learns it as the applicant.
async fn tell_holder(
    tx: &mut Tx,
    app: &AppState,
    opened: &Opened,
    row: &db::certificate::Row,
    what: &str,
    body: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    if row.account_id == opened.row.owner_id {
        return Ok(());
    }
    let kind = opened.kind.label;
    let occasion = format!("{what}-{}-{}", opened.facts.seq, row.number);
    let (matter, title, link) = (opened.row.id, format!("{kind}：机构代办"), "/me/certificates".to_owned());
    let news = News { account: row.account_id, matter, kind, moment: Moment::Progress, occasion, title: &title, body, link };
    tell(tx, app, &news, now).await
}

/// A matter under way that asks for a certificate.
#[derive(Clone)]
pub struct UnderWay {
    /// Number of the certificate.
    pub number: String,
    /// What it is to be kept alive by.
    pub upkeep: Upkeep,
    /// The stage the matter is at, as people read it.
    pub stage: &'static str,
    /// The day it was submitted, in Shanghai.
    pub since: NaiveDate,
    /// The matter, where it is the holder's own; none where their institution filed it.
    pub own: Option<Uuid>,
}

/// How a certificate was kept alive: its number, as what, and since when.
pub type Kept = (String, Upkeep, NaiveDate);

/// What is under way for the caller's certificates, whoever filed it.
pub async fn certificates_under_way(app: &AppState, who: &Allowed) -> Result<Vec<UnderWay>, DbError> {
    let mut tx = app.db.read().await?;
    let rows = db::upkeep::asking(&mut tx, who.account()).await?;
    let asked = |(number, matter, kind, stage, owner, since): db::upkeep::Asking| {
        let kind = domain::kind::by_code(&kind)?;
        let (upkeep, stage) = (kind.upkeep?, kind.stage(&stage)?.label);
        Some(UnderWay { number, upkeep, stage, since: day_of(since), own: (owner == who.account()).then_some(matter) })
    };
    Ok(rows.into_iter().filter_map(asked).collect())
}

/// How the caller's certificates were kept alive, newest first.
pub async fn kept_certificates(app: &AppState, who: &Allowed) -> Result<Vec<Kept>, DbError> {
    let mut tx = app.db.read().await?;
    let rows = db::upkeep::history(&mut tx, who.account()).await?;
    let upkeep = |code: &str| Upkeep::ALL.into_iter().find(|u| u.code() == code);
    Ok(rows.into_iter().filter_map(|(number, code, day)| Some((number, upkeep(&code)?, day))).collect())
}

/// Puts a certificate so many days back, so that what comes after a year can be tried now. In a demo only; says whether there is one.
pub async fn age_certificate(app: &AppState, number: &str, days: u32) -> Result<bool, DbError> {
    let (number, back, demo) = (number.to_owned(), chrono::Days::new(u64::from(days)), app.demo);
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let Some(mut row) = db::certificate::by_number(tx, &number).await?.filter(|_| demo) else { return Ok(false) };
                for day in [&mut row.first_registered_on, &mut row.issued_on, &mut row.valid_until, &mut row.confirm_due_on] {
                    *day = day.checked_sub_days(back).unwrap_or(*day);
                }
                row.look_on = Some(row.issued_on);
                Ok(db::upkeep::age(tx, &row).await? == 1)
            })
        })
        .await
}
