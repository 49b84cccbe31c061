//! A matter as a row of the applicant's lists.

use backend::matter::MatterSummary;
use domain::engine::flow::{Edit, Party, Stage};
use domain::engine::stage_duration::StageDuration;
use uuid::Uuid;

use crate::ui::{Row, RowAction};
use crate::{format, links};

/// The row of an own matter: next actor, due day, usual duration. Editable matters also link to the editor.
pub(crate) fn own_row(matter: &MatterSummary) -> Row {
    let details = [
        draft_state(matter),
        turn_of(matter).map(|turn| format!("当前办理人：{turn}")),
        matter.due_on.map(|d| format!("期限 {d}")),
        matter.duration.map(StageDuration::short),
    ];
    let sub: Vec<String> = [Some(format::kind_and_number(matter))].into_iter().chain(details).flatten().collect();
    Row {
        href: page_of(matter),
        title: matter.title.clone(),
        sub: sub.join(" · "),
        badge: Some(format::stage(matter)),
        end: format::time(matter.updated_at),
        actions: own_actions_of(matter),
    }
}

/// How far a draft is filled in.
pub(super) fn draft_state(matter: &MatterSummary) -> Option<String> {
    matter.progress.map(|progress| match progress.last {
        Some((number, title)) => format!("填至第 {number} 步（共 {} 步）：{title}", progress.steps),
        None => "尚未填写".to_owned(),
    })
}

/// Whose turn it is, of a matter that is under way.
pub(super) fn turn_of(matter: &MatterSummary) -> Option<&'static str> {
    let stage = matter.stage.filter(|stage| !matter.is_draft && !stage.closed())?;
    let is_own = stage.turn == Some(Party::Applicant) || matter.awaits_caller;
    Some(if is_own { "您" } else { matter.kind.map_or("", |kind| kind.turn_label(stage)) })
}

/// Where it opens: drafts at the first step.
pub(super) fn page_of(matter: &MatterSummary) -> String {
    if matter.is_draft { editor_of(matter) } else { links::matter(matter.id) }
}

/// Where it is edited: drafts from the first step, returned matters at the items.
fn editor_of(matter: &MatterSummary) -> String {
    match (matter.is_draft, matter.kind) {
        (true, Some(kind)) => links::first_step(matter.id, kind),
        (true, None) => links::step(matter.id, ""),
        (false, _) => format!("/matters/{}/rectify", matter.id),
    }
}

/// What can be done with an own matter at once.
pub(super) fn own_actions_of(matter: &MatterSummary) -> Vec<RowAction> {
    let is_editable = matter.stage.is_some_and(|s| s.edit != Edit::Nothing);
    own_actions(matter, is_editable.then(|| editor_of(matter)))
}

/// 编辑 and 缴费; 查看详情 of what was submitted, 删除 of a draft. Whoever must agree to it, does so on its page.
fn own_actions(matter: &MatterSummary, edit: Option<String>) -> Vec<RowAction> {
    if matter.awaits_caller {
        return vec![RowAction::Open("办理", links::matter(matter.id))];
    }
    let payment = payment_of_applicant(matter).map(|href| RowAction::Open("缴费", href));
    let edit = edit.map(|href| RowAction::Open("编辑", href));
    // The page of a draft asks before it deletes it.
    let details = RowAction::Open(if matter.is_draft { "删除" } else { "查看详情" }, links::matter(matter.id));
    payment.into_iter().chain(edit).chain([details]).collect()
}

/// Address of the payment page, if the applicant is to pay.
fn payment_of_applicant(matter: &MatterSummary) -> Option<String> {
    payment_page(matter.id, matter.stage?, &[Party::Applicant]).map(|(_, href)| href)
}

/// Label and address of the payment page for the next actor, at stages that await a payment or the check of one.
pub(crate) fn payment_page(id: Uuid, stage: &Stage, parties: &[Party]) -> Option<(&'static str, String)> {
    match stage.turn.filter(|turn| parties.contains(turn))? {
        Party::Association(_) if stage.transitions.iter().any(|t| t.by == Party::Cashier) => {
            Some(("核验缴费凭证", "/association/payments".to_owned()))
        }
        Party::Institution(_) if stage.awaits_payment => Some(("缴费", "/institution/bills".to_owned())),
        Party::Applicant if stage.awaits_payment => Some(("缴费", format!("/matters/{id}/pay"))),
        _ => None,
    }
}
