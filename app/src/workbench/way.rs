//! The way through a queue: 下一件 on the pages of a matter that was opened from one, and the keys of both.
//!
//! A link of a queue names the list with its conditions and the place of the task. A cookie of the matter's own path keeps both, so that every
//! page of the matter and every act on it finds its way back, and matters of two windows do not disturb each other.

use backend::AppState;
use backend::access::guard::{Allowed, Caller, authorize};
use backend::infra::db::DbError;
use backend::service::queue::{QueueCursor, QueueOf, next_task};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::base::permission::Action;
use leptos::prelude::*;
use tower_cookies::cookie::SameSite;
use tower_cookies::cookie::time::Duration;
use tower_cookies::{Cookie, Cookies};
use uuid::Uuid;

use super::request::{ASSOCIATION, INSTITUTION, ListRequest};
use crate::links;
use crate::outcome::ActOutcome;
use crate::pagination::{read_queue_cursor, write_queue_cursor};

/// Script of the keys.
pub const SCRIPT: &str = "/queue.js";
/// Id of the text that explains the keys of a list.
pub(super) const KEYS_HELP: &str = "queue-help";
/// Name of the cookie.
const COOKIE: &str = "queue";
/// Seconds after which a matter is no longer one of a queue: a working day.
const LIFETIME: i64 = 12 * 60 * 60;

/// Where a matter was opened from.
struct Way {
    matter: Uuid,
    of: QueueOf,
    who: Allowed,
    /// Address of the list with its conditions.
    list: String,
    request: ListRequest,
    /// Place of the task in the queue.
    place: QueueCursor,
}

/// The address of a matter, opened from a queue. `list`: address of the queue with its conditions.
pub(super) fn from_queue(matter: Uuid, list: &str, place: (i64, Uuid)) -> String {
    format!("{}?{}", links::matter(matter), pairs(list, Some(place)))
}

fn pairs(list: &str, place: QueueCursor) -> String {
    let at = place.map(write_queue_cursor).unwrap_or_default();
    form_urlencoded::Serializer::new(String::new()).append_pair("from", list).append_pair("at", &at).finish()
}

/// The value of the cookie. Percent signs would be read as those of the cookie itself.
fn write_cookie(list: &str, place: QueueCursor) -> String {
    URL_SAFE_NO_PAD.encode(pairs(list, place))
}

fn read_cookie(value: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(value).ok()?).ok()
}

/// The matter that a path belongs to.
fn matter_of(path: &str) -> Option<Uuid> {
    path.strip_prefix("/matters/").and_then(|rest| rest.split('/').next()).and_then(|id| Uuid::parse_str(id).ok())
}

/// Reads where a matter was opened from: in its address, and later in its cookie.
fn read_way(app: &AppState, caller: &Caller, cookies: &Cookies, address: &str) -> Option<Way> {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let matter = matter_of(path)?;
    let kept = || cookies.get(COOKIE).and_then(|cookie| read_cookie(cookie.value())).unwrap_or_default();
    let text = if query.starts_with("from=") { query.to_owned() } else { kept() };
    let sent: Vec<(String, String)> = form_urlencoded::parse(text.as_bytes()).into_owned().collect();
    let value = |name: &str| sent.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str());
    let (base, conditions) = value("from").split_once('?').unwrap_or((value("from"), ""));
    let is_staff = caller.roles.iter().any(|role| role.is_staff());
    let (of, base, action) = match base {
        ASSOCIATION if is_staff => (QueueOf::Association, ASSOCIATION, Action::AssociationWorkbench),
        INSTITUTION if !caller.institutions.is_empty() => (QueueOf::Institutions, INSTITUTION, Action::InstitutionWorkbench),
        _ => return None,
    };
    let who = authorize(app, Some(caller), action).ok()?;
    let conditions: Vec<(String, String)> = form_urlencoded::parse(conditions.as_bytes()).into_owned().collect();
    let request = ListRequest::of_query(app, caller.account, &conditions);
    // Written anew: what was sent is no address yet.
    let list = request.own_address(app, caller.account, base);
    let way = Way { matter, of, who, list, request, place: read_queue_cursor(value("at")) };
    if query.starts_with("from=") {
        keep(cookies, &way);
    }
    Some(way)
}

fn keep(cookies: &Cookies, way: &Way) {
    let cookie = Cookie::build((COOKIE, write_cookie(&way.list, way.place)))
        .path(links::matter(way.matter))
        .http_only(true)
        .same_site(SameSite::Strict)
        .max_age(Duration::seconds(LIFETIME));
    cookies.add(cookie.build());
}

/// The way from a matter that was opened from a queue: 下一件 and 返回待办, after what was done. None for other pages.
///
/// # Errors
/// The database.
pub async fn way_view(
    app: &AppState,
    caller: &Caller,
    cookies: &Cookies,
    address: &str,
    done: Option<ActOutcome>,
) -> Result<Option<AnyView>, DbError> {
    let Some(way) = read_way(app, caller, cookies, address) else { return Ok(None) };
    let search = way.request.search(app).unwrap_or_default();
    let next = next_task(app, &way.who, way.of, (&search, &way.request.queue), way.place, way.matter).await?;
    let next = next.map(|next| from_queue(next.matter, &way.list, next.place));
    let Way { list, .. } = way;
    Ok(Some(view! { <Ways next=next list=list done=done /> }.into_any()))
}

#[component]
fn Ways(next: Option<String>, list: String, done: Option<ActOutcome>) -> AnyView {
    let is_done = done.is_some();
    let next = match next {
        Some(href) => {
            let class = if is_done { "btn btn-sm btn-primary" } else { "btn btn-sm btn-outline" };
            view! {
                <a class=class href=href data-key="n">
                    "下一件"
                </a>
            }
            .into_any()
        }
        None => view! { <span class="table-soft">"没有其他待办业务了"</span> }.into_any(),
    };
    let text = done.map(|outcome| view! { <p role="status">{outcome.text()}</p> });
    let class = if is_done { "way is-done" } else { "way" };
    view! {
        <div class=class>
            {text} <nav class="way-links" aria-label="待办">
                <a class="btn btn-sm btn-outline" href=list data-key="u">
                    "返回待办"
                </a>
                {next}
            </nav> <div class="keys" data-keys=true hidden=true>
                <p>
                    <kbd>"n"</kbd>
                    " 下一件 "
                    <kbd>"u"</kbd>
                    " 返回待办 "
                    <kbd>"d"</kbd>
                    " 到办理按钮，再按到下一个"
                </p>
                {switch()}
            </div>
        </div>
    }
    .into_any()
}

/// The keys of a list. The script shows them.
pub(super) fn list_keys() -> AnyView {
    view! {
        <div class="keys" data-keys=true hidden=true>
            <p id=KEYS_HELP>
                "快捷键："<kbd>"j"</kbd>" "<kbd>"k"</kbd>" 下一行、上一行 "<kbd>"x"</kbd>" 勾选 "<kbd>"回车"</kbd>" 打开 "
                <kbd>"b"</kbd>" 到批量办理 " <kbd>"/"</kbd>" 到查询"
            </p>
            {switch()}
        </div>
    }
    .into_any()
}

/// Single keys disturb those who speak to their browser, so they can be turned off (WCAG 2.1.4).
fn switch() -> AnyView {
    view! {
        <label class="keys-switch">
            <input type="checkbox" checked=true />
            " 使用快捷键"
        </label>
    }
    .into_any()
}

/// A box that ticks all boxes of the page. The script shows it.
pub(super) fn tick_all() -> AnyView {
    view! {
        <label class="tick-all" data-all=true hidden=true>
            <input type="checkbox" />
            " 选择本页全部业务"
        </label>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_belongs_to_the_pages_of_one_matter() {
        let id = Uuid::from_u128(7);
        for (path, matter) in [
            (format!("/matters/{id}"), Some(id)),
            (format!("/matters/{id}/return"), Some(id)),
            ("/matters".to_owned(), None),
            ("/matters/x".to_owned(), None),
            (format!("/expert/registrations/{id}"), None),
        ] {
            assert_eq!(matter_of(&path), matter, "{path}");
        }
        let address = from_queue(id, "/association?state=tasks&words=", (9, id));
        let cookie = write_cookie("/association?state=tasks&words=%E6", Some((9, id)));
        assert!(cookie.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)), "{cookie}");
        assert_eq!(read_cookie(&cookie), Some(pairs("/association?state=tasks&words=%E6", Some((9, id)))));
        assert_eq!(address, format!("/matters/{id}?from=%2Fassociation%3Fstate%3Dtasks%26words%3D&at=9_{id}"));
    }
}
