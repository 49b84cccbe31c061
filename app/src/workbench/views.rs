//! 常用查询: the saved views of a queue, above it.

use backend::AppState;
use backend::DbError;
use backend::access::guard::Allowed;
use backend::service::queue::views::{
    COUNTED_IN_VIEW, MAX_VIEWS, SaveViewError, SavedView, count_parts, delete_view, list_views, save_view,
};
use backend::service::queue::{QueueOf, QueueStage};
use leptos::prelude::*;
use uuid::Uuid;

use super::request::ListRequest;
use crate::error::PageError;
use crate::outcome::ActOutcome;
use crate::page::{PageResponse, done};
use crate::post::Post;
use crate::ui::*;

/// Name of the field with the name of a view.
const NAME: &str = "view_name";

/// A saved view as the queue shows it.
pub(super) struct ViewLink {
    id: Uuid,
    name: String,
    /// Address of the queue with its conditions.
    href: String,
    /// Number of its tasks.
    count: i64,
    /// Whether its conditions are those of the page.
    is_present: bool,
}

/// A name that was refused, and why.
pub(super) struct RefusedName {
    name: String,
    text: String,
}

/// A response, or the list again with a refused name.
pub(super) type Changed = Result<PageResponse, (ListRequest, RefusedName)>;

/// Saves or deletes a view.
pub(super) async fn change(app: &AppState, who: &Allowed, of: QueueOf, base: &'static str, post: &Post) -> Result<Changed, PageError> {
    let request = ListRequest::read(&post.pairs, true);
    let back = request.own_address(app, who.account(), base);
    match post.text("_action") {
        "save" if request.faults.is_empty() => {
            let (name, conditions) = (post.text(NAME).to_owned(), request.conditions());
            match save_view(app, who, of, &name, conditions).await {
                Ok(()) => Ok(Ok(done(back, ActOutcome::ViewSaved))),
                Err(SaveViewError::Db(error)) => Err(error.into()),
                Err(error) => Ok(Err((request, RefusedName { name, text: error.text() }))),
            }
        }
        "delete" => {
            delete_view(app, who, post.id("view")?).await?;
            Ok(Ok(done(back, ActOutcome::ViewDeleted)))
        }
        _ => Err(PageError::OUTDATED_FORM),
    }
}

/// The views of the caller, with the numbers of their tasks.
pub(super) async fn read_views(
    app: &AppState,
    who: &Allowed,
    of: QueueOf,
    base: &'static str,
    stages: &[QueueStage],
    request: &ListRequest,
) -> Result<Vec<ViewLink>, DbError> {
    let views = list_views(app, who, of).await?;
    if views.is_empty() {
        return Ok(Vec::new());
    }
    let requests: Vec<ListRequest> = views.iter().map(|view| ListRequest::read(&view.conditions, true)).collect();
    let parts: Vec<_> = requests.iter().map(|saved| (saved.search(app).unwrap_or_default(), saved.queue)).collect();
    let counts = count_parts(app, who, of, stages, &parts).await?;
    let own = request.conditions();
    let link = |((SavedView { id, name, .. }, saved), count): ((SavedView, ListRequest), i64)| ViewLink {
        id,
        name,
        href: saved.own_address(app, who.account(), base),
        count,
        is_present: saved.conditions() == own,
    };
    Ok(views.into_iter().zip(requests).zip(counts).map(link).collect())
}

/// The views, and the form that saves the conditions of the page as one.
pub(super) fn views_view(address: &'static str, views: Vec<ViewLink>, request: &ListRequest, refused: Option<RefusedName>) -> AnyView {
    let is_full = i64::try_from(views.len()).unwrap_or(i64::MAX) >= MAX_VIEWS;
    let is_known = views.iter().any(|view| view.is_present);
    let can_save = request.restricts_queue() && request.faults.is_empty() && !is_full && !is_known;
    let form = (can_save || refused.is_some()).then(|| save_form(address, request, refused));
    if views.is_empty() && form.is_none() {
        return ().into_any();
    }
    let links = (!views.is_empty()).then(|| {
        let links = views.iter().map(link_view).collect_view();
        view! {
            <nav class="filter" aria-label="常用查询">
                <p class="filter-label">"常用查询"</p>
                <ul class="filter-choices">{links}</ul>
            </nav>
        }
    });
    let manage = (!views.is_empty()).then(|| manage_view(address, views, request));
    view! { <div class="views">{links}<div class="views-forms">{form}{manage}</div></div> }.into_any()
}

fn link_view(view: &ViewLink) -> AnyView {
    let here = view.is_present.then_some("true");
    let count = if view.count > COUNTED_IN_VIEW { format!("{COUNTED_IN_VIEW}+") } else { view.count.to_string() };
    let (href, name) = (view.href.clone(), view.name.clone());
    view! {
        <li>
            <a class="filter-choice" href=href aria-current=here>
                {name}
                " "
                <span class="filter-count">{count}</span>
            </a>
        </li>
    }
    .into_any()
}

fn save_form(address: &'static str, request: &ListRequest, refused: Option<RefusedName>) -> AnyView {
    let is_refused = refused.is_some();
    let (name, fault) = refused.map_or((String::new(), None), |refused| (refused.name, Some(refused.text)));
    let ask = FieldProps::new(NAME, "名称").hint("不超过 20 个字，只有您本人可见").fault(fault);
    let hidden = request.hidden(&[]);
    view! {
        <Fold label="保存为常用查询" open=is_refused>
            <form method="post" action=format!("{address}/views") class="fields" novalidate=true>
                {hidden}
                <TextField ask=ask value=name short=true autocomplete="off" />
                <div class="choices">
                    <Submit label="保存" weight=Weight::Quiet action="save" />
                </div>
            </form>
        </Fold>
    }
    .into_any()
}

fn manage_view(address: &'static str, views: Vec<ViewLink>, request: &ListRequest) -> AnyView {
    let lines = views
        .into_iter()
        .map(|view| {
            let about = format!("：{}", view.name);
            view! {
                <li>
                    <form method="post" action=format!("{address}/views") class="view-line">
                        {request.hidden(&[])}
                        <Hidden name="view" value=view.id.to_string() />
                        <span>{view.name}</span>
                        <button class="btn btn-sm btn-outline" type="submit" name="_action" value="delete">
                            "删除"
                            <span class="sr-only">{about}</span>
                        </button>
                    </form>
                </li>
            }
        })
        .collect_view();
    view! {
        <Fold label="管理常用查询">
            <ul class="plain">{lines}</ul>
        </Fold>
    }
    .into_any()
}

/// The link to the field of a refused name, for the summary of errors.
pub(super) fn summary_of(refused: Option<&RefusedName>) -> Option<(String, String)> {
    refused.map(|refused| (format!("#f-{NAME}"), refused.text.clone()))
}
