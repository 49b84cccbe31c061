//! 办理进度: the history of a matter.

use std::collections::BTreeMap;

use backend::matter::LoadedMatter;
use backend::matter::context::OwnedMatterContext;
use domain::engine::flow::{Event, EventKind, InstitutionRelation, Party};
use domain::matter::Kind;
use uuid::Uuid;

use super::read::Reader;
use super::transition_form::shown;
use crate::format;
use crate::ui::TimelineItem;

/// An event of the history, in the texts of the flow. What the reader may not see is left out when the matter is loaded.
pub(super) fn entry(event: &Event, matter: &LoadedMatter, actors: &BTreeMap<Uuid, String>, context: &OwnedMatterContext) -> TimelineItem {
    let excluded: String;
    let (what, note) = match &event.kind {
        EventKind::Transitioned { from, command, note, .. } => {
            let transition = matter.kind.flow.stage(from).and_then(|s| s.transitions.iter().find(|t| t.command == *command));
            (transition.map_or("", |t| t.history), note.as_str())
        }
        EventKind::Voted { stage, command, note, .. } if event.party == Party::Participant.code() => {
            let answer = matter.kind.flow.stage(stage).and_then(|s| s.votes().find(|t| t.command == *command));
            (answer.map_or("", |t| t.label), note.as_str())
        }
        EventKind::Voted { note, .. } => ("提交了评价意见", note.as_str()),
        EventKind::Absent { .. } => ("逾期未提交意见的专家不再参与", ""),
        EventKind::Named { .. } => ("填报了须确认的人员", ""),
        EventKind::Assigned { .. } => ("指派了评价专家", ""),
        EventKind::Recused { note } => ("申请回避", note.as_str()),
        EventKind::Excluded { name, note, .. } => {
            excluded = format!("登记了回避人员：{name}");
            (excluded.as_str(), note.as_str())
        }
    };
    let name = event.by.and_then(|account| actors.get(&account)).map_or("", String::as_str);
    let who = format!("{} {name}", party_label(matter.kind, &event.party)).trim_end().to_owned();
    TimelineItem { when: format::time(event.at), who, what: what.to_owned(), note: note.to_owned(), facts: facts(event, matter, context) }
}

/// What the form says that came with an event.
fn facts(event: &Event, matter: &LoadedMatter, context: &OwnedMatterContext) -> Vec<(String, String)> {
    let (EventKind::Transitioned { from: stage, command, answers, .. } | EventKind::Voted { stage, command, answers, .. }) = &event.kind
    else {
        return Vec::new();
    };
    let form = matter.kind.flow.stage(stage).and_then(|stage| stage.form_of(command)).filter(|_| !answers.is_empty());
    form.map(|form| shown(form, answers, context, Reader::of(matter))).unwrap_or_default()
}

/// Name of the party with this code, as histories call it.
fn party_label(kind: &Kind, code: &str) -> &'static str {
    match code {
        "applicant" => kind.applicant_label,
        "institution" => InstitutionRelation::Recommending.label(),
        "institution_leaving" => InstitutionRelation::Leaving.label(),
        "institution_joining" => InstitutionRelation::Joining.label(),
        "institution_filing" => InstitutionRelation::Filing.label(),
        "expert" => "评价专家",
        "participant" => kind.participant_label,
        "cashier" => "缴费",
        "appeal" => "申诉处理",
        "clock" => "系统",
        "closing" => "机构关闭处理",
        staff if staff.starts_with("association") => "协会",
        _ => "",
    }
}
