//! 消息中心 and 通知设置.

pub mod setting;

use axum::extract::State;
use backend::AppState;
use backend::service::message::inbox::{InboxFilter, InboxPage, Message, MessageGroup, MessageTopic};
use backend::service::message::{inbox_page, mark_all_read, mark_read};
use domain::engine::notification::MessageCategory;
use leptos::prelude::*;
use serde::Deserialize;
use uuid::Uuid;

use crate::error::PageError;
use crate::extract::{Path, Query};
use crate::format;
use crate::outcome::ActOutcome;
use crate::page::{Page, PageResponse, done, redirect};
use crate::pagination::{read_cursor, write_cursor};
use crate::request::Authorized;
use crate::ui::*;

/// Address of 通知设置.
pub const SETTINGS: &str = "/me/messages/settings";

/// Query of 消息中心.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct MessagesQuery {
    /// Code of the category; empty for every one.
    category: String,
    /// `unread`, or empty.
    state: String,
    /// Id of the topic; empty for every one.
    topic: String,
    /// Cursor of the page; empty for the first.
    after: String,
}

impl MessagesQuery {
    fn filter(&self) -> InboxFilter {
        InboxFilter {
            category: MessageCategory::from_code(&self.category),
            unread: self.state == "unread",
            topic: Uuid::parse_str(&self.topic).ok(),
        }
    }
}

/// A page of the caller's messages.
pub async fn show(State(app): State<AppState>, Authorized(who): Authorized, Query(query): Query<MessagesQuery>) -> Result<Page, PageError> {
    let (filter, after) = (query.filter(), read_cursor(&query.after));
    let inbox = inbox_page(&app, &who, filter, after).await?;
    let page = Page::new("消息中心", move || {
        let unread: i64 = inbox.counts.iter().map(|count| count.unread).sum();
        let lead = if unread == 0 { "没有未读消息".to_owned() } else { format!("未读 {unread} 条") };
        let read_all = (unread > 0).then(|| {
            view! {
                <form method="post" action=MESSAGES>
                    <Submit label="全部标为已读" weight=Weight::Quiet />
                </form>
            }
        });
        view! {
            <PageHead title="消息中心" lead=lead crumbs=vec![("个人中心".into(), "/me".into())] />
            <section class="panel">
                <Actions>{read_all}<ButtonLink href=SETTINGS label="通知设置" quiet=true /></Actions>
                {list_view(inbox, filter, after.is_some())}
            </section>
        }
        .into_any()
    });
    Ok(page.under("/me"))
}

/// Marks a message as read, with the others of its topic, and redirects to the page it is about.
pub async fn open(State(app): State<AppState>, Authorized(who): Authorized, Path(id): Path<Uuid>) -> Result<PageResponse, PageError> {
    let link = mark_read(&app, &who, id).await?;
    Ok(redirect(link.ok_or(PageError::NotFound)?))
}

/// Marks every message as read.
pub async fn read_all(State(app): State<AppState>, Authorized(who): Authorized) -> Result<PageResponse, PageError> {
    mark_all_read(&app, &who).await?;
    Ok(done(MESSAGES, ActOutcome::MessagesRead))
}

fn list_view(inbox: InboxPage, filter: InboxFilter, is_later_page: bool) -> AnyView {
    let InboxPage { groups, next, counts } = inbox;
    let number = |category: Option<MessageCategory>, unread: bool| {
        let counted = counts.iter().filter(|count| category.is_none_or(|category| count.category == category));
        counted.map(|count| if unread { count.unread } else { count.all }).sum::<i64>()
    };
    let categories = [None].into_iter().chain(MessageCategory::ALL.map(Some));
    let tabs: Vec<(String, String, bool)> = categories
        .map(|category| {
            let label = category.map_or("全部", MessageCategory::label);
            let href = address(InboxFilter { category, topic: None, ..filter });
            (format!("{label} {}", number(category, filter.unread)), href, category == filter.category && filter.topic.is_none())
        })
        .collect();
    let states = [("全部", false), ("未读", true)].map(|(label, unread)| ChoiceLink {
        label,
        number: filter.topic.is_none().then(|| number(filter.category, unread)),
        href: address(InboxFilter { unread, ..filter }),
        is_chosen: unread == filter.unread,
    });
    let next = next.map(|cursor| format!("{}&after={}", address(filter), write_cursor(cursor)));
    let empty = if filter.unread { "没有未读消息" } else { "暂无消息" };
    let list = match groups.is_empty() {
        true => view! { <Empty text=empty /> }.into_any(),
        false => {
            let groups = groups.into_iter().map(|group| group_view(group, filter)).collect();
            view! { <MessageGroups groups=groups is_unfolded=filter.topic.is_some() /> }.into_any()
        }
    };
    view! {
        <Tabs items=tabs />
        <ChoiceLinks label="状态" items=states.into() />
        {list}
        <Pager next=next first=is_later_page.then(|| address(filter)) />
    }
    .into_any()
}

/// Address of 消息中心 with a filter.
fn address(filter: InboxFilter) -> String {
    let category = filter.category.map_or("", MessageCategory::code);
    let state = if filter.unread { "unread" } else { "" };
    let topic = filter.topic.map(|topic| format!("&topic={topic}")).unwrap_or_default();
    format!("{MESSAGES}?category={category}&state={state}{topic}")
}

fn group_view(group: MessageGroup, filter: InboxFilter) -> MessageGroupView {
    let MessageGroup { id, topic, messages, count, unread } = group;
    let shown = i64::try_from(messages.len()).unwrap_or(i64::MAX);
    let rest = (count > shown).then(|| match filter.topic {
        None => (format!("全部 {count} 条"), address(InboxFilter { topic: Some(id), ..filter })),
        Some(_) => (format!("只显示最近的 {shown} 条"), address(filter)),
    });
    let href = match topic {
        MessageTopic::Other => String::new(),
        MessageTopic::Matter { .. } | MessageTopic::Certificate { .. } => messages.first().map(|m| opening(m.id)).unwrap_or_default(),
    };
    let (title, sub) = heading(topic);
    MessageGroupView { title, sub, href, unread, lines: messages.into_iter().map(line).collect(), rest }
}

/// Title of a group, and what stands beside it.
fn heading(topic: MessageTopic) -> (String, String) {
    match topic {
        MessageTopic::Matter { kind, title, number, applicant } => {
            let kind = kind.map_or("业务", |kind| kind.label).to_owned();
            let applicant = applicant.map(|name| format!("申请人：{name}"));
            (title, [Some(kind), number, applicant].into_iter().flatten().collect::<Vec<_>>().join(" · "))
        }
        MessageTopic::Certificate { domain, number } => (format!("{domain}证书"), number),
        MessageTopic::Other => ("其他消息".to_owned(), String::new()),
    }
}

fn line(message: Message) -> MessageLine {
    let is_task = message.category == MessageCategory::Task;
    let state = match message.done_at {
        Some(_) => (Tone::Info, "已办理"),
        None => (Tone::Warn, "待办"),
    };
    MessageLine {
        href: opening(message.id),
        title: message.title,
        text: message.body,
        when: format::time(message.created_at),
        is_unread: message.read_at.is_none(),
        state: is_task.then_some(state),
    }
}

/// Address that opens what a message is about.
fn opening(message: Uuid) -> String {
    format!("{MESSAGES}/{message}")
}
