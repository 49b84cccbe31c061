//! 承办人 on the page of a matter: a line with buttons, and what is said after a change.

use backend::workflow::assignee::TaskAssignee;
use leptos::prelude::*;
use uuid::Uuid;

use crate::links;
use crate::ui::*;

/// Command of 承办.
pub(super) const TAKE: &str = "take";
/// Command of 交回.
pub(super) const GIVE_BACK: &str = "give_back";
/// Command of 转交.
pub(super) const HAND_OVER: &str = "hand_over";
/// What stands in place of a name.
pub(super) const NOBODY: &str = "未分配";

/// 承办 of a task that nobody has, or 交回 of an own one.
pub(super) fn own_button(id: Uuid, held: Option<Uuid>, own: Uuid) -> Option<AnyView> {
    let (label, action, weight) = match held {
        None => ("承办", TAKE, Weight::Main),
        Some(account) if account == own => ("交回", GIVE_BACK, Weight::Quiet),
        Some(_) => return None,
    };
    Some(
        view! {
            <form method="post" action=links::assignee(id)>
                <Hidden name="_key" value=Uuid::now_v7().to_string() />
                <Submit label=label weight=weight action=action />
            </form>
        }
        .into_any(),
    )
}

/// 承办人 on the page of the matter, with the buttons of those who can change it.
pub(super) fn assignee_line(id: Uuid, task: &TaskAssignee, own: Uuid) -> AnyView {
    let held = task.assignee.as_ref().map(|(account, _)| *account);
    let name = task.assignee.as_ref().map_or_else(|| NOBODY.to_owned(), |(_, name)| name.clone());
    let buttons = task.is_changeable.then(|| {
        view! {
            {own_button(id, held, own)}
            <ButtonLink href=links::assignee(id) label="转交" quiet=true />
        }
    });
    view! {
        <div class="choices assignee">
            <p>{format!("承办人：{name}")}</p>
            {buttons}
        </div>
    }
    .into_any()
}

/// What to say on the page of the matter after a change; none if the change does not fit what is stored.
pub(super) fn done_text(done: &str, task: Option<&TaskAssignee>, own: Uuid) -> Option<String> {
    let held = task?.assignee.as_ref();
    match (done, held) {
        (TAKE, Some((account, _))) if *account == own => Some("该业务已由您承办。".to_owned()),
        (GIVE_BACK, None) => Some("已交回，该业务目前没有承办人。".to_owned()),
        (HAND_OVER, Some((account, _))) if *account == own => Some("已转交给您本人。".to_owned()),
        (HAND_OVER, Some((_, name))) => Some(format!("已转交给{name}，系统已发送消息提醒。")),
        _ => None,
    }
}
