//! 导出个人数据: what the platform stores about a person, as JSON.

use serde_json::{Value, json};

use crate::access::account::former_identity::list_past_changes;
use crate::access::account::sessions::list_sign_ins;
use crate::access::guard::{Allowed, Caller};
use crate::infra::db::channel_choice::ChannelChoiceRow;
use crate::infra::db::matter::MatterRow;
use crate::infra::db::teaching::BindingRow;
use crate::infra::db::{self, DbError, Tx};
use crate::infra::secret::SealContext;
use crate::matter::answers::unseal_answers;
use crate::matter::library::RECORD_COLUMN;
use crate::record::exam::{Correction, list_corrections};
use crate::record::form_draft::{FormDraft, own_drafts_in_tx};
use crate::record::notification::message_text;
use crate::service::queue::views::views_of_account;
use crate::state::AppState;

/// Matters and messages of an export: all of them.
const MOST: i64 = i64::MAX;
/// Bytes of sealed answers that an export reads; the answers of further matters are left out and marked.
const ANSWER_BYTES: usize = 32 << 20;

/// The stored data of the caller: account, its former identities, matters with the present answers, library, scores, certificates, bindings, messages, sign-ins. Opinions
/// of others about the person's matters are not part of it.
///
/// # Errors
/// The database cannot be read, or a value cannot be unsealed.
pub async fn export_own_data(app: &AppState, who: &Allowed) -> Result<Vec<u8>, DbError> {
    let sign_ins = list_sign_ins(app, who.account()).await?;
    let mut tx = app.db.read().await?;
    let data = json!({
        "exported_at": app.now(),
        "account": account(who.caller()),
        "identity_changes": identity_changes(app, &mut tx, who).await?,
        "matters": matters(app, &mut tx, who).await?,
        "library": library(app, &mut tx, who).await?,
        "form_drafts": form_drafts(app, &mut tx, who).await?,
        "saved_views": saved_views(app, &mut tx, who).await?,
        "scores": scores(&mut tx, app, who).await?,
        "certificates": certificates(&mut tx, who).await?,
        "course_categories": course_categories(&mut tx, who).await?,
        "messages": messages(&mut tx, app, who).await?,
        "notification_choices": notification_choices(&mut tx, who).await?,
        "sign_ins": sign_ins.iter().map(|a| json!({ "at": a.at, "outcome": a.outcome.code(), "browser": a.browser })).collect::<Vec<_>>(),
    });
    serde_json::to_vec_pretty(&data).map_err(|_| DbError::Unreadable("account".into()))
}

fn account(caller: &Caller) -> Value {
    let institutions: Vec<&str> = caller.institutions.iter().map(|(_, name)| name.as_str()).collect();
    let roles: Vec<&str> = caller.roles.iter().map(|role| role.code()).collect();
    json!({ "name": caller.login, "person": caller.person, "roles": roles, "institutions": institutions })
}

/// What approved changes of identity replaced.
async fn identity_changes(app: &AppState, tx: &mut Tx, who: &Allowed) -> Result<Vec<Value>, DbError> {
    let changes = list_past_changes(tx, &app.keys, who.account()).await?;
    Ok(changes.iter().map(|change| json!({ "at": change.changed_at, "matter": change.matter, "before": change.before })).collect())
}

async fn matters(app: &AppState, tx: &mut Tx, who: &Allowed) -> Result<Vec<Value>, DbError> {
    let rows = db::matter::list_of_owner(tx, who.account(), ("all", ""), None, MOST).await?;
    let mut budget = ANSWER_BYTES;
    let mut matters = Vec::with_capacity(rows.len());
    for row in rows {
        let answers = answers(app, tx, &row, &mut budget).await?;
        matters.push(json!({
            "id": row.id,
            "kind": row.kind,
            "number": row.number,
            "title": row.title,
            "stage": row.stage,
            "created_at": row.created_at,
            "submitted_at": row.submitted_at,
            "closed_at": row.closed_at,
            "answers_left_out": answers.is_none(),
            "answers": answers,
        }));
    }
    Ok(matters)
}

/// The present answers of a matter; none if the export has become too large.
async fn answers(app: &AppState, tx: &mut Tx, row: &MatterRow, budget: &mut usize) -> Result<Option<Value>, DbError> {
    if *budget == 0 {
        return Ok(None);
    }
    let Some((sealed, _)) = db::matter::answers_at(tx, row.id, row.revision).await? else {
        return Ok(Some(json!({})));
    };
    *budget = budget.saturating_sub(sealed.len());
    unseal_answers(&app.keys, row.id, row.revision, &sealed).map(Some)
}

async fn library(app: &AppState, tx: &mut Tx, who: &Allowed) -> Result<Vec<Value>, DbError> {
    let rows = db::library::list_all_of_owner(tx, who.account()).await?;
    rows.into_iter()
        .map(|row| {
            let record: Value = app
                .keys
                .unseal_json(SealContext::new(RECORD_COLUMN, row.id), &row.record_sealed)
                .map_err(|_| DbError::Unreadable(RECORD_COLUMN.into()))?;
            Ok(json!({ "list": row.list, "updated_at": row.updated_at, "record": record }))
        })
        .collect()
}

/// What was typed into forms that are not sent.
async fn form_drafts(app: &AppState, tx: &mut Tx, who: &Allowed) -> Result<Vec<Value>, DbError> {
    let drafts = own_drafts_in_tx(tx, app, who.account()).await?;
    let draft = |d: &FormDraft| json!({ "form": d.key.form.code, "subject": d.key.subject, "saved_at": d.saved_at, "values": d.pairs });
    Ok(drafts.iter().map(draft).collect())
}

/// Saved views of workbenches.
async fn saved_views(app: &AppState, tx: &mut Tx, who: &Allowed) -> Result<Vec<Value>, DbError> {
    let views = views_of_account(tx, &app.keys, who.account()).await?;
    Ok(views.iter().map(|view| json!({ "name": view.name, "conditions": view.conditions })).collect())
}

async fn scores(tx: &mut Tx, app: &AppState, who: &Allowed) -> Result<Vec<Value>, DbError> {
    let scores = db::exam::list_scores(tx, who.account()).await?;
    let score =
        |s: &domain::record::exam::Score| json!({ "subject": s.subject, "session": s.session, "marks": s.marks, "sat_on": s.sat_on });
    let corrections = list_corrections(tx, &app.keys, who.account()).await?;
    let correction = |c: &Correction| {
        json!({
            "subject": c.subject,
            "sat_on": c.sat_on,
            "marks_before": c.before,
            "marks_after": c.after,
            "published_on": c.published_on,
            "reason": c.reason,
        })
    };
    Ok(scores.iter().map(score).chain(corrections.iter().map(correction)).collect())
}

async fn certificates(tx: &mut Tx, who: &Allowed) -> Result<Vec<Value>, DbError> {
    let rows = db::certificate::list_of_account(tx, who.account()).await?;
    let certificate = |row: &db::certificate::CertificateRow| {
        json!({
            "number": row.number,
            "domain": row.domain,
            "grade": row.grade.code(),
            "specialties": row.specialties.0,
            "issued_on": row.issued_on,
            "valid_until": row.valid_until,
            "status": row.status.code(),
        })
    };
    Ok(rows.iter().map(certificate).collect())
}

/// Bindings to course categories, and 教师编号.
async fn course_categories(tx: &mut Tx, who: &Allowed) -> Result<Value, DbError> {
    let bindings = db::teaching::list_bindings(tx, who.account()).await?;
    let binding = |row: &BindingRow| json!({ "category": row.category_code, "bound_at": row.bound_at, "ended_at": row.ended_at });
    let number = db::teaching::teacher_number_of(tx, who.account()).await?;
    Ok(json!({ "number": number, "bindings": bindings.iter().map(binding).collect::<Vec<_>>() }))
}

/// What was chosen in 通知设置.
async fn notification_choices(tx: &mut Tx, who: &Allowed) -> Result<Vec<Value>, DbError> {
    let rows = db::channel_choice::list(tx, who.account()).await?;
    let choice = |row: &ChannelChoiceRow| json!({ "category": row.category.code(), "channel": row.channel.code(), "enabled": row.enabled });
    Ok(rows.iter().map(choice).collect())
}

async fn messages(tx: &mut Tx, app: &AppState, who: &Allowed) -> Result<Vec<Value>, DbError> {
    let rows = db::message::list_of_account(tx, who.account(), MOST).await?;
    let message = |m: &db::message::MessageRow| {
        Ok(json!({ "at": m.created_at, "about": m.topic_id, "title": m.title, "text": message_text(&app.keys, m)? }))
    };
    rows.iter().map(message).collect()
}
