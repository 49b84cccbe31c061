//! A matter as a line of a list.

use chrono::{DateTime, NaiveDate, Utc};
use domain::engine::flow::Stage;
use domain::engine::form::FormProgress;
use domain::engine::stage_duration::StageDuration;
use domain::matter::Kind;
use uuid::Uuid;

use crate::infra::db::matter::MatterRow;

/// Data of a matter shown in lists.
#[derive(Clone)]
pub struct MatterSummary {
    /// Matter id.
    pub id: Uuid,
    /// Its kind; `None` for a code that is no longer in the list of kinds.
    pub kind: Option<&'static Kind>,
    /// Its present stage.
    pub stage: Option<&'static Stage>,
    /// 业务编号; none before the first submission.
    pub number: Option<String>,
    /// Its title.
    pub title: String,
    /// Name of the applicant; empty where it is not shown.
    pub applicant: String,
    /// Whether the caller may open it.
    pub is_readable: bool,
    /// Whether it was never submitted.
    pub is_draft: bool,
    /// Whether it was submitted and is not closed.
    pub is_under_way: bool,
    /// Last day of the present stage, in Shanghai.
    pub due_on: Option<NaiveDate>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// Whether the caller is one of the people who are asked about it.
    pub awaits_caller: bool,
    /// Account and name of the person of the association who has taken it, where the list shows it.
    pub assignee: Option<(Uuid, String)>,
    /// Usual duration of the present stage, where the list shows it.
    pub duration: Option<StageDuration>,
    /// How far a draft is filled in, where the list shows it.
    pub progress: Option<FormProgress>,
}

impl MatterSummary {
    /// A line without the usual duration.
    pub(crate) fn new(row: MatterRow, applicant: String) -> Self {
        let kind = domain::kind::by_code(&row.kind);
        Self {
            id: row.id,
            kind,
            stage: kind.and_then(|k| k.stage(&row.stage)),
            number: row.number,
            title: row.title,
            applicant,
            is_readable: true,
            is_draft: row.submitted_revision.is_none(),
            is_under_way: row.submitted_at.is_some() && row.closed_at.is_none(),
            due_on: row.due_on,
            updated_at: row.updated_at,
            awaits_caller: false,
            assignee: None,
            duration: None,
            progress: None,
        }
    }
}
