//! 人员: the roster of an institution.

use axum::extract::State;
use backend::AppState;
use backend::service::institution::people::{Roster, RosterCertificate, RosterCursor, RosterPerson, roster};
use chrono::NaiveDate;
use domain::record::certificate::Eligibility;
use leptos::prelude::*;
use serde::Deserialize;
use uuid::Uuid;

use super::{chosen, institution_tabs, own_institutions};
use crate::error::PageError;
use crate::extract::Query;
use crate::format;
use crate::page::Page;
use crate::post::Post;
use crate::request::Authorized;
use crate::ui::*;

const PATH: &str = "/institution/people";

const COLUMNS: &[Column] = &[
    Column::title("姓名"),
    Column::new("证件号码", "table-number"),
    Column::new("证书", ""),
    Column::new("有效期至", "table-when"),
    Column::new("待办事项", ""),
    Column::new("期限", "table-due"),
];

/// Query of the roster. A name that is searched for is posted, so that no address holds it.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct RosterQuery {
    /// The institution, for users of several.
    institution: Option<Uuid>,
    /// Cursor of the page; empty for the first.
    after: String,
}

/// The people of an institution, nearest due day first.
pub async fn show(State(app): State<AppState>, Authorized(who): Authorized, Query(query): Query<RosterQuery>) -> Result<Page, PageError> {
    let institutions = own_institutions(&who);
    let (id, name) = chosen(&institutions, query.institution)?;
    let after = read_cursor(&query.after);
    let list = roster(&app, &who, id, "", after).await?;
    let shown = RosterView { institutions, id, name, searched: String::new(), is_later_page: after.is_some() };
    Ok(page(list, shown, app.today()))
}

/// Searches for people by the beginning of their name.
pub async fn search(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Query(query): Query<RosterQuery>,
    post: Post,
) -> Result<Page, PageError> {
    let institutions = own_institutions(&who);
    let (id, name) = chosen(&institutions, query.institution)?;
    let searched = domain::base::text::normalise(post.text("name"));
    let after = read_cursor(post.text("after"));
    let list = roster(&app, &who, id, &searched, after).await?;
    let shown = RosterView { institutions, id, name, searched, is_later_page: after.is_some() };
    Ok(page(list, shown, app.today()))
}

/// What the page shows beside the list.
struct RosterView {
    institutions: Vec<(Uuid, String)>,
    id: Uuid,
    name: String,
    searched: String,
    is_later_page: bool,
}

/// Reads a cursor: a day and an account, joined by `_`.
fn read_cursor(text: &str) -> RosterCursor {
    let (day, account) = text.split_once('_')?;
    Some((day.parse().ok()?, Uuid::parse_str(account).ok()?))
}

fn page(list: Roster, shown: RosterView, today: NaiveDate) -> Page {
    let RosterView { institutions, id, name, searched, is_later_page } = shown;
    let address = format!("{PATH}?institution={id}");
    let Roster { people, next } = list;
    let next = next.map(|(day, account)| format!("{day}_{account}"));
    Page::new("人员", move || {
        let rows: Vec<Vec<AnyView>> = people.iter().map(|person| row(person, today)).collect();
        let table = match rows.is_empty() {
            true => view! { <Empty text="没有符合的人员" /> }.into_any(),
            false => view! { <DataTable caption="执业人员" columns=COLUMNS.to_vec() rows=rows /> }.into_any(),
        };
        let pager = match (searched.is_empty(), next) {
            (true, next) => {
                let next = next.map(|cursor| format!("{address}&after={cursor}"));
                view! { <Pager next=next first=is_later_page.then(|| address.clone()) /> }.into_any()
            }
            (false, Some(cursor)) => next_of_search(&address, &searched, cursor),
            (false, None) => ().into_any(),
        };
        let whole = (!searched.is_empty()).then(|| view! { <ButtonLink href=address.clone() label="全部人员" quiet=true /> });
        view! {
            <PageHead title="人员" lead=name crumbs=vec![("机构工作台".into(), "/institution".into())] />
            {institution_tabs(&institutions, PATH, id)}
            <section class="panel">
                <form method="post" action=address.clone() class="fields">
                    <TextField
                        ask=FieldProps::new("name", "姓名").hint("姓名的开头，至少两个字").optional()
                        value=searched.clone()
                        short=true
                    />
                    <Actions>
                        <Submit label="查询" weight=Weight::Quiet />
                        {whole}
                    </Actions>
                </form>
            </section>
            <section class="panel">{table} {pager}</section>
        }
        .into_any()
    })
    .under("/institution")
}

/// The next page of a search, which is posted as the search is.
fn next_of_search(address: &str, searched: &str, cursor: String) -> AnyView {
    view! {
        <form method="post" action=address.to_owned()>
            <Hidden name="name" value=searched.to_owned() />
            <Hidden name="after" value=cursor />
            <SmallSubmit label="下一页" />
        </form>
    }
    .into_any()
}

/// The cells of a person, in the order of [`COLUMNS`]. Certificates stand below each other, in the same order in each cell.
fn row(person: &RosterPerson, today: NaiveDate) -> Vec<AnyView> {
    let lines = |cell: fn(&RosterCertificate, NaiveDate) -> AnyView| {
        let cells = person.certificates.iter().map(|certificate| view! { <span class="block">{cell(certificate, today)}</span> });
        cells.collect_view().into_any()
    };
    let certificates = match person.certificates.is_empty() {
        true => view! { <span class="table-soft">"没有有效证书"</span> }.into_any(),
        false => lines(title),
    };
    vec![
        person.name.clone().into_any(),
        person.number.clone().into_any(),
        certificates,
        lines(|certificate, _| certificate.held.valid_until.to_string().into_any()),
        lines(what_is_due),
        lines(|certificate, today| format::due_day(certificate.due_on, today)),
    ]
}

fn title(certificate: &RosterCertificate, today: NaiveDate) -> AnyView {
    let held = &certificate.held;
    let status = held.status_on(today);
    let is_valid = held.is_valid_on(today);
    view! {
        {format!("{} · {} ", held.domain_label(), held.grade.title(held.category))}
        <span class="table-soft">{held.number.clone()}</span>
        {(!is_valid).then(|| view! { <StatusTag tone=Tone::Bad text=status.label() /> })}
    }
    .into_any()
}

/// What is due next, and whether it can be done today.
fn what_is_due(certificate: &RosterCertificate, _: NaiveDate) -> AnyView {
    let label = certificate.renewal.label();
    match certificate.eligibility {
        Eligibility::NotYet(from) => format!("{label}（{from} 起可办理）"),
        Eligibility::Open(_) => format!("{label}（可办理）"),
        Eligibility::Late(_) => format!("{label}（已逾期，可补办）"),
        Eligibility::Closed(_) => format!("{label}（不能办理）"),
    }
    .into_any()
}
