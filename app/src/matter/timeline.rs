//! 办理进度: the history of a matter.

use std::collections::BTreeMap;

use backend::matter::LoadedMatter;
use domain::engine::flow::{Event, EventKind, InstitutionRelation, Party};
use uuid::Uuid;

use crate::format;
use crate::ui::TimelineItem;

/// An event of the history, in the texts of the flow; `None` for events this reader does not see. Applicants and filing institutions see
/// the party that acted, not its members' names.
pub(super) fn entry(event: &Event, matter: &LoadedMatter, actors: &BTreeMap<Uuid, String>) -> Option<TimelineItem> {
    let own = matter.actor.parties.iter().all(|p| matches!(p, Party::Applicant | Party::Institution(InstitutionRelation::Filing)));
    let (what, note) = match &event.kind {
        EventKind::Transitioned { from, command, note, .. } => {
            let transition = matter.kind.flow.stage(from).and_then(|s| s.transitions.iter().find(|t| t.command == *command));
            let staff = matter.actor.parties.iter().any(|p| matches!(p, Party::Association(_)));
            let note = if staff || transition.is_none_or(|t| !t.internal) { note.clone() } else { String::new() };
            (transition.map_or("", |t| t.history).to_owned(), note)
        }
        EventKind::Voted { note, .. } if !own => ("提交了评价意见".to_owned(), note.clone()),
        EventKind::Voted { .. } => return None,
        EventKind::Assigned { .. } => ("指派了评价专家".to_owned(), String::new()),
        EventKind::Recused { note } if !own => ("申请回避".to_owned(), note.clone()),
        EventKind::Recused { .. } => return None,
    };
    let party = party_label(&event.party);
    let who = if own || matter.is_anonymous() {
        party.to_owned()
    } else {
        format!("{party} {}", event.by.and_then(|account| actors.get(&account)).map_or("", String::as_str))
    };
    Some(TimelineItem { when: format::time(event.at), who, what, note })
}

/// Name of the party with this code, as histories call it.
fn party_label(code: &str) -> &'static str {
    match code {
        "applicant" => "申请人",
        "institution" => InstitutionRelation::Recommending.label(),
        "institution_leaving" => InstitutionRelation::Leaving.label(),
        "institution_joining" => InstitutionRelation::Joining.label(),
        "institution_filing" => InstitutionRelation::Filing.label(),
        "expert" => "评价专家",
        "cashier" => "缴费",
        "appeal" => "申诉处理",
        "clock" => "系统",
        staff if staff.starts_with("association") => "协会",
        _ => "",
    }
}
