//! 待办: counters that are filters, the tasks as a table (cards on narrow screens), and the buttons of a batch.

use backend::service::queue::{Holder, Offer, QueueOrder, QueuePage, QueueStage, QueueTask, TaskCount};
use chrono::NaiveDate;
use domain::engine::flow::Transition;
use leptos::prelude::*;
use uuid::Uuid;

use super::request::{ASSOCIATION, HOLDERS, ListRequest, ORDERS, pager_view, stage_code};
use super::way::{KEYS_HELP, from_queue, list_keys, tick_all};
use crate::pagination::write_queue_cursor;
use crate::search::{OVERDUE, SOON, SearchedList};
use crate::ui::*;
use crate::{format, links};

/// A choice of a filter: label, number of tasks, value, whether it is chosen.
struct Choice {
    label: String,
    count: Option<i64>,
    value: String,
    is_chosen: bool,
}

/// The queue of a workbench. `own_address`: that of the list with its conditions. `views`: the saved ones.
pub(super) fn queue_view(
    address: &'static str,
    own_address: String,
    page: QueuePage,
    views: AnyView,
    request: &ListRequest,
    today: NaiveDate,
) -> AnyView {
    let QueuePage { stages, tasks, found, is_capped, next, colleagues } = page;
    let has_assignees = address == ASSOCIATION;
    let next = next.map(write_queue_cursor);
    let count = if is_capped { format!("超过 {found} 件") } else { format!("{found} 件") };
    let empty = if request.restricts_queue() { "没有符合条件的待办业务" } else { "没有等待办理的业务" };
    let list = match tasks.is_empty() {
        true => view! { <Empty text=empty /> }.into_any(),
        false => {
            let bar = batch_bar(offers(&tasks), &colleagues);
            let has_boxes = tasks.iter().filter(|task| task.offer.is_some()).count() > 1;
            let table = table_view(tasks, has_assignees, &own_address, request.queue.order, today);
            let all = has_boxes.then(tick_all);
            batch_form(
                address,
                own_address,
                view! {
                    {list_keys()}
                    {all}
                    {table}
                    {bar}
                }
                .into_any(),
            )
        }
    };
    view! {
        {views}
        {filters_view(address, &stages, request)}
        {request.form.view_with(address, &request.hidden_of_form(), SearchedList::Workbench, "如 质量管理体系", &request.faults)}
        {found_view(address, request, count)}
        {list}
        {pager_view(address, request, next, request.queue_after.is_some())}
    }
    .into_any()
}

/// What restricts the queue, and how many tasks are left.
fn found_view(address: &'static str, request: &ListRequest, count: String) -> AnyView {
    if !request.restricts_queue() {
        return view! {
            <p class="found" role="status">
                {format!("共 {count}。")}
            </p>
        }
        .into_any();
    }
    let stage = request.queue.stage.map(|(_, stage)| format!("环节 {}", stage.label));
    let holder = HOLDERS.iter().find(|(.., holder)| *holder == request.queue.holder && *holder != Holder::Any);
    let said: Vec<String> =
        [Some(request.form.sentence()).filter(|said| !said.is_empty()), stage, holder.map(|(label, ..)| format!("承办 {label}"))]
            .into_iter()
            .flatten()
            .collect();
    view! {
        <p class="found" role="status">
            {format!("查询条件：{}。共找到 {count}。", said.join("；"))}
            " "
            <a href=address>"清除条件"</a>
        </p>
    }
    .into_any()
}

/// The filters with their numbers. Each number counts within what the other filters leave, the search aside.
fn filters_view(address: &'static str, stages: &[QueueStage], request: &ListRequest) -> AnyView {
    let (kind, stage, holder) = (request.form.kind.as_str(), request.queue.stage, request.queue.holder);
    let is_due = |count: TaskCount| match request.form.due.as_str() {
        OVERDUE => count.overdue,
        SOON => count.soon,
        _ => count.all,
    };
    let is_left = |s: &&QueueStage| (kind.is_empty() || s.kind.code == kind) && stage.is_none_or(|(_, stage)| s.stage.code == stage.code);
    let sum = |holder: Holder| -> TaskCount { stages.iter().filter(is_left).map(|s| s.of(holder)).sum() };
    let by_holder = HOLDERS.iter().map(|(label, code, of)| Choice {
        label: (*label).to_owned(),
        count: Some(is_due(sum(*of))),
        value: (*code).to_owned(),
        is_chosen: *of == holder,
    });
    let due = sum(holder);
    let by_due = [("全部", due.all, ""), ("已逾期", due.overdue, OVERDUE), ("将到期", due.soon, SOON)].map(|(label, count, code)| Choice {
        label: label.to_owned(),
        count: Some(count),
        value: code.to_owned(),
        is_chosen: request.form.due == code,
    });
    let orders = ORDERS.iter().map(|(label, code, order)| Choice {
        label: (*label).to_owned(),
        count: None,
        value: (*code).to_owned(),
        is_chosen: *order == request.queue.order,
    });
    let holders = (address == ASSOCIATION).then(|| filter_view(address, request, "承办", "holder", &[], by_holder.collect()));
    view! {
        <div class="queue-filters">
            {holders} {filter_view(address, request, "期限", "due", &[], by_due.into_iter().collect())}
            {stages_view(address, stages, request, |s| is_due(s.of(holder)))}
            {filter_view(address, request, "排序", "order", &[], orders.collect())}
        </div>
    }
    .into_any()
}

/// Kind × stage: one line for each kind.
fn stages_view(address: &'static str, stages: &[QueueStage], request: &ListRequest, count: impl Fn(&QueueStage) -> i64) -> AnyView {
    let mut lines: Vec<AnyView> = Vec::new();
    let mut rest = stages;
    while let Some(first) = rest.first() {
        let (of_kind, others) = rest.split_at(rest.iter().take_while(|s| s.kind.code == first.kind.code).count());
        rest = others;
        let all = Choice {
            label: "全部".to_owned(),
            count: Some(of_kind.iter().map(&count).sum()),
            value: first.kind.code.to_owned(),
            is_chosen: request.form.kind == first.kind.code && request.queue.stage.is_none(),
        };
        let of_stage = of_kind.iter().map(|s| Choice {
            label: s.stage.label.to_owned(),
            count: Some(count(s)),
            value: stage_code((s.kind, s.stage)),
            is_chosen: request.queue.stage.is_some_and(|(kind, stage)| kind.code == s.kind.code && stage.code == s.stage.code),
        });
        lines.push(stage_line(address, request, first.kind.label, all, of_stage.collect()));
    }
    lines.into_any()
}

/// The filter of one kind: all its tasks, or those of a stage. What is chosen already leads back to the whole queue.
fn stage_line(address: &'static str, request: &ListRequest, label: &'static str, all: Choice, stages: Vec<Choice>) -> AnyView {
    let all_link = choice_view(address, request, "kind", &[("stage", "")], all);
    let stage_links = stages
        .into_iter()
        .map(|choice| {
            let kind = choice.value.split('.').next().unwrap_or_default().to_owned();
            choice_view(address, request, "stage", &[("kind", kind.as_str())], choice)
        })
        .collect_view();
    filter_frame(
        address,
        request,
        label,
        &["kind", "stage"],
        view! {
            {all_link}
            {stage_links}
        }
        .into_any(),
    )
}

/// A filter with one parameter.
fn filter_view(
    address: &'static str,
    request: &ListRequest,
    label: &'static str,
    name: &'static str,
    changes: &[(&'static str, &str)],
    choices: Vec<Choice>,
) -> AnyView {
    let choices = choices.into_iter().map(|choice| choice_view(address, request, name, changes, choice)).collect_view();
    filter_frame(address, request, label, &[name], choices.into_any())
}

/// The line of a filter; a form where its conditions must not stand in an address.
fn filter_frame(address: &'static str, request: &ListRequest, label: &'static str, names: &[&str], choices: AnyView) -> AnyView {
    let list = view! {
        <p class="filter-label">{label}</p>
        <ul class="filter-choices">{choices}</ul>
    };
    match request.is_private() {
        true => view! {
            <form method="post" action=address class="filter">
                {request.hidden(names)}
                {list}
            </form>
        }
        .into_any(),
        false => view! { <div class="filter">{list}</div> }.into_any(),
    }
}

fn choice_view(
    address: &'static str,
    request: &ListRequest,
    name: &'static str,
    changes: &[(&'static str, &str)],
    choice: Choice,
) -> AnyView {
    let Choice { label, count, value, is_chosen } = choice;
    let here = is_chosen.then_some("true");
    let number = count.map(|count| {
        view! {
            " "
            <span class="filter-count">{count}</span>
        }
    });
    if request.is_private() {
        return view! {
            <li>
                <button class="filter-choice" type="submit" name=name value=value aria-current=here>
                    {label}
                    {number}
                </button>
            </li>
        }
        .into_any();
    }
    let changes: Vec<(&'static str, &str)> = changes.iter().copied().chain([(name, value.as_str())]).collect();
    // A chosen kind or stage is left by its own link.
    let clears = is_chosen && matches!(name, "kind" | "stage");
    let href = if clears { request.address(address, &[("kind", ""), ("stage", "")]) } else { request.address(address, &changes) };
    view! {
        <li>
            <a class="filter-choice" href=href aria-current=here>
                {label}
                {number}
            </a>
        </li>
    }
    .into_any()
}

/// The tasks, with a box for each that can be done something with in a batch.
fn table_view(tasks: Vec<QueueTask>, has_assignees: bool, own_address: &str, order: QueueOrder, today: NaiveDate) -> AnyView {
    let sort = |of: QueueOrder, direction: &'static str| (of == order).then_some(direction);
    let assignee = has_assignees.then(|| Column::new("承办人", ""));
    let columns = [Column::boxes("选择"), Column::new("业务编号", "table-number"), Column::title("业务")]
        .into_iter()
        .chain([Column::new("申请人", ""), Column::new("环节", "")])
        .chain(assignee)
        .chain([
            Column::new("期限", "table-due").in_order(sort(QueueOrder::Due, "ascending")),
            Column::new("到达", "table-when").in_order(sort(QueueOrder::Opened, "descending")),
        ])
        .collect();
    let rows = tasks.into_iter().map(|task| cells_of(task, has_assignees, own_address, today)).collect();
    view! { <DataTable caption="待办业务" columns=columns rows=rows class="queue" described_by=KEYS_HELP /> }.into_any()
}

/// The cells of a task.
fn cells_of(task: QueueTask, has_assignees: bool, own_address: &str, today: NaiveDate) -> Vec<AnyView> {
    let QueueTask { matter, offer, opened_at, place } = task;
    // Roles that only handle payments work on their own page.
    let href = if matter.is_readable { from_queue(matter.id, own_address, place) } else { links::FINANCE.to_owned() };
    let (number, title) = (matter.number.clone().unwrap_or_default(), matter.title.clone());
    let held = matter.assignee.as_ref().map(|(account, _)| *account);
    let pick = offer.map(|offer| row_box(matter.id, &offer, held, false, format!("{title} {number}")));
    let (tone, stage) = format::stage(&matter);
    let assignee = has_assignees.then(|| match &matter.assignee {
        Some((_, name)) => name.clone().into_any(),
        None => view! { <span class="table-soft">"未分配"</span> }.into_any(),
    });
    let named = view! {
        <a class="row-title" href=href>
            {title}
        </a>
        <span class="table-soft">{format::kind(&matter)}</span>
    };
    let due = matter.due_on.map_or_else(|| "—".into_any(), |day| format::due_day(day, today));
    [pick.into_any(), number.into_any(), named.into_any(), matter.applicant.clone().into_any()]
        .into_iter()
        .chain([view! { <StatusTag tone=tone text=stage /> }.into_any()])
        .chain(assignee)
        .chain([due, format::time(opened_at).into_any()])
        .collect()
}

/// The box of a task: which matter, what is shown of it, and who has it.
pub(super) fn row_box(matter: Uuid, offer: &Offer, held: Option<Uuid>, is_ticked: bool, title: String) -> AnyView {
    let value = format!("{matter}:{}:{}", offer.seen, held.map(|account| account.to_string()).unwrap_or_default());
    let label = format!("选择：{title}");
    view! {
        <label class="queue-box">
            <input type="checkbox" name="row" value=value checked=is_ticked />
            <span class="sr-only">{label}</span>
        </label>
    }
    .into_any()
}

fn offers(tasks: &[QueueTask]) -> Vec<&Offer> {
    tasks.iter().filter_map(|task| task.offer.as_ref()).collect()
}

/// The form around tasks that can be chosen. `back`: the address that the result leads back to.
pub(super) fn batch_form(address: &'static str, back: String, content: AnyView) -> AnyView {
    view! {
        <form method="post" action=format!("{address}/batch") class="queue-form">
            <Hidden name="_key" value=Uuid::now_v7().to_string() />
            <Hidden name="_back" value=back />
            // Enter in a box does nothing: it would press the first button.
            <button type="submit" disabled=true hidden=true></button>
            {content}
        </form>
    }
    .into_any()
}

/// The transitions that every one of some tasks offers, without those that offer none to this person.
fn common_transitions(offers: &[&Offer]) -> Vec<&'static Transition> {
    let some: Vec<&Offer> = offers.iter().copied().filter(|offer| !offer.transitions.is_empty()).collect();
    let Some((first, others)) = some.split_first() else { return Vec::new() };
    let is_same = |a: &Transition, b: &Transition| a.command == b.command && a.label == b.label;
    let is_common = |t: &&'static Transition| others.iter().all(|offer| offer.transitions.iter().any(|other| is_same(t, other)));
    first.transitions.iter().copied().filter(is_common).collect()
}

/// The buttons for the chosen tasks: what every task shown offers.
pub(super) fn batch_bar(offers: Vec<&Offer>, colleagues: &[(Uuid, String)]) -> Option<AnyView> {
    let has_assignee = offers.iter().any(|offer| offer.has_assignee);
    let transitions = common_transitions(&offers);
    if offers.is_empty() || !has_assignee && transitions.is_empty() && offers.iter().all(|offer| offer.transitions.is_empty()) {
        return None;
    }
    let hint = (transitions.is_empty() && offers.iter().any(|offer| !offer.transitions.is_empty()))
        .then(|| view! { <p class="table-soft">"选定一种业务的一个环节后，可以批量办理该环节的业务。"</p> });
    let moves = transitions
        .into_iter()
        .map(|t| view! { <Submit label=t.label unseen="所选业务" weight=Weight::Quiet action=format!("do:{}", t.command) /> })
        .collect_view();
    let take = has_assignee.then(|| view! { <Submit label="承办" unseen="所选业务" weight=Weight::Quiet action="take" /> });
    let hand_over = (has_assignee && !colleagues.is_empty()).then(|| {
        let options =
            colleagues.iter().map(|(account, name)| view! { <option value=account.to_string()>{name.clone()}</option> }).collect_view();
        view! {
            <span class="batch-to">
                <label for="f-to">"转交给"</label>
                <select class="input" id="f-to" name="to">
                    <option value="">"请选择"</option>
                    {options}
                </select>
                <Submit label="转交" unseen="所选业务" weight=Weight::Quiet action="hand_over" />
            </span>
        }
    });
    Some(
        view! {
            <div class="batch" role="group" aria-label="批量办理">
                <p class="batch-label">"对勾选的业务："</p>
                <div class="choices">{take}{moves}{hand_over}</div>
                {hint}
            </div>
        }
        .into_any(),
    )
}
