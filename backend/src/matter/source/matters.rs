//! Matters that the owner submitted earlier.

use domain::base::calendar::day_of;
use domain::matter::{DECISIONS, DISPUTED, PastMatter, SUBMITTED_MATTERS};

use crate::infra::db::link::SubmittedMatterRow;
use crate::infra::db::{self, DbError, Tx};
use crate::matter::disputed::disputed_matter;
use crate::matter::source::contents::{Contents, Request};

/// Reads the matters, newest first, and lists those decisions that an appeal of the day applied can name.
pub(super) async fn read(tx: &mut Tx, request: &Request<'_>, contents: &mut Contents) -> Result<(), DbError> {
    let (person, institution) = request.owner.person_and_institution();
    let submitted = db::link::list_submitted_by(tx, person, institution, request.checked(), DISPUTED.code).await?;
    let matters: Vec<PastMatter> = submitted.into_iter().filter_map(past_matter).collect();
    // An appeal still needs the name of its decision after the window, and when it was reopened.
    let disputed = match request.matter {
        Some(matter) => disputed_matter(tx, matter).await?,
        None => None,
    };
    let (applied, rules) = (request.applied, request.tables.rules.on(request.applied));
    let decisions = matters.iter().filter(|m| m.appeal_obstacle(applied, rules).is_none() || Some(m.id) == disputed);
    let option = |past: &PastMatter| (past.id.to_string(), label(past));
    contents.list(DECISIONS, decisions.map(option).collect());
    contents.list(SUBMITTED_MATTERS, matters.iter().map(option).collect());
    contents.record.matters = matters;
    Ok(())
}

/// Label of a submitted matter: 人员注册 · 质量管理体系 · 未批准（2026-11-23） · ZC2026111500001.
fn label(past: &PastMatter) -> String {
    let (kind, stage) = (past.kind_label, past.stage_label());
    let day = past.closed_on.map(|d| format!("（{d}）")).unwrap_or_default();
    let label = if past.title == kind { format!("{kind} · {stage}{day}") } else { format!("{kind} · {} · {stage}{day}", past.title) };
    past.number.as_ref().map_or_else(|| label.clone(), |number| format!("{label} · {number}"))
}

/// Converts a row; `None` for a kind that is no longer in the list.
fn past_matter(submitted: SubmittedMatterRow) -> Option<PastMatter> {
    let row = submitted.matter;
    let appealed = matches!((row.closed_at, submitted.named_at), (Some(closed), Some(named)) if named >= closed);
    let kind = domain::kind::by_code(&row.kind)?;
    Some(PastMatter {
        number: row.number,
        institution: row.institution_id,
        closed_on: row.closed_at.map(day_of),
        appealed,
        ..kind.past_matter(row.id, row.title, &row.stage)
    })
}
