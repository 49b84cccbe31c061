//! What the approval of a transfer changes: the institution on profile and certificates, and whatever else is running.

use chrono::NaiveDate;
use domain::engine::flow::{Hat, Link};
use domain::matter::OnTransfer;
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::infra::db;
use crate::infra::db::{DbError, Tx};
use crate::matter::{MatterError, Opened, open_for_house};
use crate::record::audit::audit;
use crate::state::AppState;
use crate::workflow::draft::save;

/// Where someone practises, and where they practised.
pub struct Practice {
    /// Names of the institutions they practise in.
    pub now: Vec<String>,
    /// Their transfers, newest first: from where to where, and since when.
    pub transfers: Vec<(String, String, NaiveDate)>,
}

/// Where the caller practises, and where they practised.
pub async fn practice(app: &AppState, who: &Allowed) -> Result<Practice, DbError> {
    let mut tx = app.db.read().await?;
    let ties = db::institution::ties(&mut tx, who.account()).await?;
    let practises = ties.into_iter().filter(|(_, role, status, ..)| role == "practitioner" && status == "active");
    let now = practises.map(|(.., name)| name).collect();
    Ok(Practice { now, transfers: db::transfer::history(&mut tx, who.account()).await? })
}

/// Makes the institution tied by a link the one the person practises in.
pub(crate) async fn join(tx: &mut Tx, app: &AppState, opened: &Opened, link: Link, today: NaiveDate) -> Result<(), MatterError> {
    let tied = |link: Link| opened.institutions.iter().find(|(l, _)| *l == link).map(|(_, id)| *id).ok_or(MatterError::Conflict);
    let (from, to) = (tied(Link::Leaving)?, tied(link)?);
    let (owner, matter) = (opened.row.owner_id, opened.row.id);
    for row in db::transfer::running(tx, owner, matter).await? {
        go_on(tx, app, &row, from, to).await?;
    }
    db::transfer::practise(tx, owner, from, to, today).await?;
    db::transfer::move_certificates(tx, owner, from, to).await?;
    let row = db::transfer::Transfer {
        matter_id: matter,
        account_id: owner,
        from_institution_id: from,
        to_institution_id: to,
        effective_on: today,
    };
    db::transfer::insert(tx, &row).await?;
    Ok(())
}

/// Does to a running matter what the table says.
async fn go_on(tx: &mut Tx, app: &AppState, row: &db::matter::Row, from: Uuid, to: Uuid) -> Result<(), MatterError> {
    let Some(kind) = domain::kind::by_code(&row.kind) else { return Ok(()) };
    match kind.transfer_policy(&row.stage).then {
        OnTransfer::Unchanged => {}
        OnTransfer::Waits => {
            let stage = kind.flow.stage(&row.stage).map_or("", |s| s.label);
            let why = format!("申请人的业务“{}”当前为“{stage}”，须待其进入下一环节后才能批准转换", row.title);
            return Err(MatterError::Hindered(why));
        }
        OnTransfer::Follows(field) => {
            rename(tx, app, row.id, field, from, to).await?;
            if row.institution_id == Some(from) {
                db::transfer::move_matter(tx, row.id, to).await?;
                audit(tx, None, "transfer.follow", &row.id.to_string(), app.now()).await?;
            }
        }
    }
    Ok(())
}

/// Names the new institution in the applicant's answers, where they named the old one: what is submitted later, or again, goes to the new one.
async fn rename(tx: &mut Tx, app: &AppState, matter: Uuid, field: &str, from: Uuid, to: Uuid) -> Result<(), MatterError> {
    let opened = open_for_house(tx, app, Hat::Applicant, matter).await?;
    if opened.answers.text(field) == from.to_string() {
        let mut answers = opened.answers.clone();
        answers.fields.insert(field.to_owned(), to.to_string().as_str().into());
        save(tx, &app.keys, &opened, answers, app.now()).await?;
    }
    Ok(())
}
