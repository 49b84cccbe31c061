//! Matters: drafts, decisions, and what each person may see of them.

pub mod context;
pub mod pace;
pub mod relations;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::base::rule::key;
use domain::engine::draft::Question;
use domain::engine::flow::{Actor, Event, Facts, Hat, Item, Link, Move, Refusal, Stage, items_open, open_moves, unlocked};
use domain::engine::form::{Answers, Fields, Form, Path, Problem};
use domain::matter::Kind;
use uuid::Uuid;

use crate::access::guard::{Allowed, Caller, Stake};
use crate::infra::db;
use crate::infra::db::{DbError, Tx};
use crate::infra::file::FileError;
use crate::infra::secret::{Keys, Place};
use crate::state::AppState;

pub(crate) const ANSWERS: &str = "matter_answers.answers_sealed";

/// The choices of listed fields, by list name.
pub type Lists = BTreeMap<String, Vec<(String, String)>>;

/// Why something was not done with a matter.
#[derive(Debug, Clone, thiserror::Error)]
pub enum MatterError {
    /// There is no such matter for this person; that there is one for another looks the same.
    #[error("no such matter")]
    NotFound,
    /// The flow says no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The answers have faults.
    #[error("faults in the answers")]
    Unsound(Vec<Problem>),
    /// The same answers were changed elsewhere meanwhile. With the fields of the page as they would be if what was typed here counted: what
    /// only others changed is theirs.
    #[error("changed elsewhere")]
    Questions(Vec<Question>, Fields),
    /// It cannot be begun, or not be done now, for a reason of the field; in words for the person.
    #[error("hindered")]
    Hindered(String),
    /// The answers cannot be edited now.
    #[error("not to be edited now")]
    Closed,
    /// The return did not point at what was edited.
    #[error("not among what was returned")]
    Locked,
    /// Someone else was faster.
    #[error("changed by someone else")]
    Conflict,
    /// The same key came with another request.
    #[error("a key was used twice")]
    Reused,
    /// A patch that no page of ours could have made.
    #[error("an unreadable patch")]
    Unreadable,
    /// A list is full.
    #[error("too many records")]
    TooMany,
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl MatterError {
    /// What the person is told.
    pub fn text(&self) -> String {
        match self {
            MatterError::NotFound => "没有找到这件业务".into(),
            MatterError::Refused(refusal) => refusal.text().into(),
            MatterError::Unsound(_) => Refusal::Unsound.text().into(),
            MatterError::Questions(..) => "有内容在别处被修改过，请核对下面标出的项目后再次保存".into(),
            MatterError::Hindered(why) => why.clone(),
            MatterError::Closed => "该业务当前不能修改".into(),
            MatterError::Locked => "只能修改退回时指出的内容，其他内容已锁定".into(),
            MatterError::Conflict => "该业务刚刚被他人处理，请查看最新情况".into(),
            MatterError::Reused => "页面已过期，请刷新后重试".into(),
            MatterError::Unreadable => domain::engine::draft::sync::Failure::Validation.text().into(),
            MatterError::TooMany => "记录数量已达上限".into(),
            MatterError::File(error) => error.text(),
            MatterError::Db(error) => error.text().into(),
        }
    }
}

/// A matter, opened for one person.
pub struct Opened {
    /// Index row.
    pub row: db::matter::Row,
    /// Its kind.
    pub kind: &'static Kind,
    /// What is true of it.
    pub facts: Facts,
    /// Its history.
    pub events: Vec<Event>,
    /// The answers this person sees: the applicant the last saved ones, others the last submitted ones.
    pub answers: Answers,
    /// When they were saved.
    pub saved_at: DateTime<Utc>,
    /// What this person is to it.
    pub actor: Actor,
    /// Rounds of rectification it may have.
    pub rounds: u32,
    /// Institutions tied to it.
    pub institutions: Vec<(Link, Uuid)>,
    /// Who stays clear of it.
    pub(crate) apart: Vec<Uuid>,
}

impl Opened {
    /// The stage it is at.
    pub fn stage(&self) -> Option<&'static Stage> {
        self.kind.stage(&self.facts.stage)
    }

    /// Whether this person may edit the answers now.
    pub fn editable(&self) -> bool {
        self.actor.hats.contains(&Hat::Applicant) && self.stage().is_some_and(|s| s.edit != domain::engine::flow::Edit::Nothing)
    }

    /// Whether this person must not learn who asks.
    pub fn blind(&self) -> bool {
        let blind = |hat: &Hat| self.kind.blind.iter().any(|party| party.wears(*hat));
        self.actor.hats.iter().all(blind)
    }

    /// The institution at whose desk it was begun.
    pub fn desk(&self) -> Option<Uuid> {
        self.institutions.iter().find(|(link, _)| *link == Link::Filing).map(|(_, id)| *id)
    }

    /// Whether it was never submitted.
    pub fn draft(&self) -> bool {
        self.row.submitted_revision.is_none()
    }

    /// The items outside which the applicant may change nothing now; none where everything may be changed.
    pub fn items(&self) -> Option<&[Item]> {
        items_open(self.stage()?, &self.facts)
    }

    /// Whether an answer is open to the applicant now, as far as a return says.
    pub fn open_at(&self, path: &Path) -> bool {
        self.items().is_none_or(|items| unlocked(self.kind.form, items, path))
    }

    /// What this person can do with it now.
    pub fn moves(&self) -> Vec<&'static Move> {
        open_moves(self.kind.flow, &self.facts, &self.actor, self.rounds)
    }
}

/// Name of an account's person.
pub(crate) async fn name_of(app: &AppState, tx: &mut Tx, account: Uuid) -> Result<String, DbError> {
    Ok(person_of(app, tx, account).await?.map_or_else(String::new, |p| p.name))
}

/// An account's person.
pub(crate) async fn person_of(app: &AppState, tx: &mut Tx, account: Uuid) -> Result<Option<crate::access::account::Person>, DbError> {
    let Some(row) = db::account::by_id(tx, account).await? else {
        return Ok(None);
    };
    Ok(unseal_person(app, account, &row.person_sealed))
}

/// A person as they were sealed for their account.
pub(crate) fn unseal_person(app: &AppState, account: Uuid, sealed: &[u8]) -> Option<crate::access::account::Person> {
    app.keys.open_json(Place::new(crate::access::account::Person::COLUMN, account), sealed).ok()
}

/// A matter, if the caller has anything to do with it.
pub async fn open_matter(app: &AppState, who: &Allowed, id: Uuid) -> Result<Opened, MatterError> {
    let mut tx = app.db.read().await?;
    open(&mut tx, app, who.caller(), id).await
}

/// The answers as they were submitted the time before, for whoever must see what changed since.
pub async fn submitted_before(app: &AppState, opened: &Opened) -> Result<Option<Answers>, DbError> {
    let Some(revision) = opened.facts.submitted_before else {
        return Ok(None);
    };
    let mut tx = app.db.read().await?;
    Ok(Some(answers_at(&mut tx, &app.keys, opened.kind.form, opened.row.id, revision).await?.0))
}

/// Rounds of rectification a matter may have, as of today.
fn rounds(app: &AppState) -> u32 {
    u32::try_from(app.tables().rules.on(app.today()).int(key::RECTIFICATION_ROUNDS)).unwrap_or(0)
}

/// Opens a matter in a transaction, for someone who has anything to do with it.
pub(crate) async fn open(tx: &mut Tx, app: &AppState, caller: &Caller, id: Uuid) -> Result<Opened, MatterError> {
    open_as(tx, app, caller.account, |stake| caller.hats(stake), id).await
}

/// Opens a matter for the app itself: the cash desk, or the daily job.
pub(crate) async fn open_for_house(tx: &mut Tx, app: &AppState, hat: Hat, id: Uuid) -> Result<Opened, MatterError> {
    open_as(tx, app, Uuid::nil(), |_| vec![hat], id).await
}

async fn open_as(
    tx: &mut Tx,
    app: &AppState,
    account: Uuid,
    hats: impl FnOnce(&Stake<'_>) -> Vec<Hat>,
    id: Uuid,
) -> Result<Opened, MatterError> {
    let row = db::matter::by_id(tx, id).await?.ok_or(MatterError::NotFound)?;
    let kind = domain::kind::by_code(&row.kind).ok_or(MatterError::NotFound)?;
    let events = db::matter::events(tx, id).await?;
    let facts = Facts::read(kind.flow, &events);
    let institutions = relations::of(tx, kind, &row).await?;
    let apart = if kind.apart.is_some() { db::tie::apart(tx, id).await? } else { Vec::new() };
    let hats = hats(&Stake {
        owner: row.owner_id,
        institutions: &institutions,
        submitted: row.submitted_revision.is_some(),
        assigned: &facts.assigned,
        seen_by: kind.seen_by,
        apart: &apart,
    });
    if hats.is_empty() {
        return Err(MatterError::NotFound);
    }
    let own = hats.contains(&Hat::Applicant);
    let revision = if own { row.revision } else { row.submitted_revision.unwrap_or(row.revision) };
    let (answers, saved_at) = answers_at(tx, &app.keys, kind.form, id, revision).await?;
    let actor = Actor { account, hats };
    Ok(Opened { row, kind, facts, events, answers, saved_at, actor, rounds: rounds(app), institutions, apart })
}

/// The answers of one revision, brought after the present text of the form. Revision 0 is the empty form.
pub(crate) async fn answers_at(
    tx: &mut Tx,
    keys: &Keys,
    form: &Form,
    id: Uuid,
    revision: i64,
) -> Result<(Answers, DateTime<Utc>), DbError> {
    match db::matter::answers(tx, id, revision).await? {
        Some((sealed, at)) => {
            let mut answers = keys.open_json(Place::new(ANSWERS, id), &sealed).map_err(|_| DbError::Unreadable(ANSWERS.into()))?;
            (form.upgrade)(&mut answers);
            Ok((answers, at))
        }
        None => Ok((Answers::default(), DateTime::default())),
    }
}

#[cfg(test)]
mod tests;
