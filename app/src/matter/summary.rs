//! A matter as a row of the applicant's lists.

use backend::matter::MatterSummary;
use domain::engine::flow::{Edit, Party, Stage};
use domain::engine::stage_duration::StageDuration;
use uuid::Uuid;

use crate::ui::{Row, RowAction};
use crate::{format, links};

/// The row of an own matter: next actor, due day, usual duration. Editable matters also link to the editor.
pub(crate) fn own_row(matter: &MatterSummary) -> Row {
    let turn = matter.stage.filter(|s| !matter.is_draft && !s.closed());
    let own = |s: &Stage| s.turn == Some(Party::Applicant) || matter.awaits_caller;
    let turn = turn.map(|s| if own(s) { "您" } else { matter.kind.map_or("", |kind| kind.turn_label(s)) });
    let progress = matter.progress.map(|progress| match progress.last {
        Some((number, title)) => format!("填至第 {number} 步（共 {} 步）：{title}", progress.steps),
        None => "尚未填写".to_owned(),
    });
    let details = [
        progress,
        turn.map(|t| format!("当前办理人：{t}")),
        matter.due_on.map(|d| format!("期限 {d}")),
        matter.duration.map(StageDuration::short),
    ];
    let sub: Vec<String> = [Some(format::kind_and_number(matter))].into_iter().chain(details).flatten().collect();
    // Drafts open at the first step, returned matters at the items.
    let edit = match (matter.is_draft, matter.kind) {
        (true, Some(kind)) => links::first_step(matter.id, kind),
        (true, None) => links::step(matter.id, ""),
        (false, _) => format!("/matters/{}/rectify", matter.id),
    };
    let is_editable = matter.stage.is_some_and(|s| s.edit != Edit::Nothing);
    Row {
        href: if matter.is_draft { edit.clone() } else { links::matter(matter.id) },
        title: matter.title.clone(),
        sub: sub.join(" · "),
        badge: Some(format::stage(matter)),
        end: format::time(matter.updated_at),
        actions: own_actions(matter, is_editable.then_some(edit)),
    }
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
