//! 整改: the items of a return, with links to the answers and the responses.

use std::collections::BTreeMap;

use axum::extract::State;
use backend::AppState;
use backend::matter::{LoadedMatter, MatterError};
use backend::record::form_draft::drafts_of_matter;
use backend::workflow::edit::DraftEdit;
use domain::base::text::normalise_lines;
use domain::engine::draft::Question;
use domain::engine::flow::{ANSWER, RESPONSES, RectificationItem, response};
use domain::engine::form::{Fields, Oversized, Path, Record, Value};
use domain::engine::form_draft::RECTIFICATION;
use leptos::prelude::*;
use serde::Deserialize;
use uuid::Uuid;

use crate::error::{HttpStatus, PageError};
use crate::extract::{self, Query};
use crate::form_draft::{DraftOnPage, FormDraftFields};
use crate::links;
use crate::page::{Page, PageResponse, redirect};
use crate::post::Post;
use crate::request::Authorized;
use crate::ui::*;

/// Query of 整改.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct RectifyQuery {
    saved: String,
    check: String,
}

/// Shows the items; redirects to the wizard if there are none.
pub async fn show(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    extract::Path(id): extract::Path<Uuid>,
    Query(query): Query<RectifyQuery>,
) -> Result<PageResponse, PageError> {
    let matter = backend::matter::load(&app, &who, id).await?;
    if !matter.is_editable() {
        return Ok(redirect(links::matter(id)));
    }
    if matter.open_items().is_none() {
        return Ok(redirect(links::first_step(id, matter.kind)));
    }
    let draft = draft_of(&app, &matter).await?;
    let matter = with_responses(matter, &typed_responses(&draft.pairs));
    Ok(page(matter, draft, query.saved == "1", query.check == "1", None).into())
}

/// 保存: saves the responses, then follows the button.
pub async fn save(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    extract::Path(id): extract::Path<Uuid>,
    post: Post,
) -> Result<PageResponse, PageError> {
    let texts = typed_responses(&post.pairs);
    let edit = DraftEdit::Responses { base: post.base_revision(), texts: texts.clone() };
    match backend::workflow::draft::edit_draft(&app, &who, id, edit).await {
        Ok(_) => {}
        Err(error @ (MatterError::Oversized(_) | MatterError::SavedTooOften | MatterError::EditConflicts(..))) => {
            // The page shows the revision of now, so that saving it again keeps what is typed there.
            let matter = with_responses(backend::matter::load(&app, &who, id).await?, &texts);
            let draft = draft_of(&app, &matter).await?;
            return Ok(page(matter, draft, false, false, Some(&error)).status(error.http_status()).into());
        }
        Err(error) => return Err(error.into()),
    }
    Ok(redirect(match post.text("_action") {
        "review" => format!("/matters/{id}/review"),
        _ => format!("/matters/{id}/rectify?saved=1"),
    }))
}

/// Responses by item, as they were typed.
fn typed_responses(pairs: &[(String, String)]) -> BTreeMap<Uuid, String> {
    let response = |(name, text): &(String, String)| Some((Uuid::parse_str(name.strip_prefix("r:")?).ok()?, normalise_lines(text)));
    pairs.iter().filter_map(response).collect()
}

/// The matter with these responses in place of the saved ones.
fn with_responses(mut matter: LoadedMatter, texts: &BTreeMap<Uuid, String>) -> LoadedMatter {
    for (item, text) in texts {
        let fields = Fields::from([(ANSWER.name.to_owned(), text.as_str().into())]);
        matter.answers.put_record(RESPONSES.name, Record { id: *item, fields, removed: false });
    }
    matter
}

/// The draft of the responses.
async fn draft_of(app: &AppState, matter: &LoadedMatter) -> Result<DraftOnPage, PageError> {
    Ok(DraftOnPage::of(&drafts_of_matter(app, matter).await?, &RECTIFICATION, ""))
}

/// Address where the answer of an item is edited.
fn item_address(matter: &LoadedMatter, item: &RectificationItem) -> String {
    let form = matter.kind.form;
    let id = matter.id;
    match &item.path {
        Path::Row(list, record) | Path::Cell(list, record, _) => {
            let step = form.records(list).map_or("", |(s, _)| s.code);
            format!("{}/{list}/{record}", links::step(id, step))
        }
        Path::Field(name) => {
            let list = form.records(name).map(|(s, _)| s.code);
            let step = list.or_else(|| form.fields().find(|(_, f)| f.name == name).map(|(s, _)| s.code)).unwrap_or("");
            format!("{}#f-{name}", links::step(id, step))
        }
    }
}

/// Name of the answer of an item.
fn item_label(matter: &LoadedMatter, item: &RectificationItem) -> String {
    let form = matter.kind.form;
    match &item.path {
        Path::Field(name) => {
            let field = form.fields().find(|(_, f)| f.name == name).map(|(_, f)| f.label);
            field.or_else(|| form.records(name).map(|(_, l)| l.label)).unwrap_or("").to_owned()
        }
        Path::Row(list, record) | Path::Cell(list, record, _) => {
            let number = matter.answers.records(list).position(|r| r.id == *record).map_or(0, |i| i + 1);
            format!("{}第 {number} 条", form.records(list).map_or("", |(_, l)| l.label))
        }
    }
}

/// Why responses could not be saved: at their items, or for the page as a whole.
fn item_faults(refused: &MatterError) -> Vec<(Option<Uuid>, String)> {
    match refused {
        MatterError::Oversized(Oversized::Answer { path: Path::Cell(_, item, _), .. }) => vec![(Some(*item), refused.text())],
        MatterError::EditConflicts(questions, _) => {
            let others = |question: &Question| match &question.path {
                Path::Cell(_, item, _) => {
                    let theirs = question.theirs.as_ref().map_or("（已清空）", Value::text);
                    Some((Some(*item), format!("其他页面保存的说明是“{theirs}”。请核对后再次保存，将以这里填写的为准")))
                }
                _ => None,
            };
            questions.iter().filter_map(others).collect()
        }
        other => vec![(None, other.text())],
    }
}

/// The page; `refused` is why the responses could not be saved.
fn page(matter: LoadedMatter, draft: DraftOnPage, saved: bool, check: bool, refused: Option<&MatterError>) -> Page {
    let faults = refused.map(item_faults).unwrap_or_default();
    let body = move || {
        let id = matter.id;
        let items = matter.open_items().unwrap_or_default();
        let note = matter.state.return_request.as_ref().map(|(note, _)| note.clone()).unwrap_or_default();
        let due = matter.due_on.map(|d| format!("请在 {d}（含当日）前提交。")).unwrap_or_default();
        let mut summary = Vec::new();
        let at = |item: Option<Uuid>| faults.iter().find(|(at, _)| *at == item).map(|(_, text)| text.clone());
        summary.extend(at(None).map(|text| ("#main".to_owned(), text)));
        let cards: Vec<AnyView> = items
            .iter()
            .enumerate()
            .map(|(i, item)| {
                let text = response(&matter.answers, item);
                let name = format!("r:{}", item.id);
                let missing = (check && text.trim().is_empty()).then(|| "请填写整改说明".to_owned());
                let fault = at(Some(item.id)).or(missing);
                if let Some(fault) = &fault {
                    summary.push((format!("#f-{name}"), format!("第 {} 项：{fault}", i + 1)));
                }
                let ask = FieldProps::new(&name, ANSWER.label).hint(ANSWER.hint).fault(fault);
                view! {
                    <div class="record" data-item=item.path.to_string()>
                        <h3>{format!("{}. {}", i + 1, item_label(&matter, item))}</h3>
                        <p class="event-note">{item.text.clone()}</p>
                        <p>
                            <SmallLink href=item_address(&matter, item) label="去修改" />
                        </p>
                        <TextareaField ask=ask value=text rows=2 />
                    </div>
                }
                .into_any()
            })
            .collect();
        view! {
            <PageHead
                title="整改"
                lead=format!("只有下面指出的内容可以修改，其他内容已锁定。{due}")
                crumbs=vec![(matter.heading(), links::matter(id))]
            />
            {(!note.is_empty())
                .then(|| {
                    view! {
                        <Notice tone=Tone::Warn title="退回意见">
                            <p class="lines">{note}</p>
                        </Notice>
                    }
                })}
            {saved.then(|| view! { <Notice tone=Tone::Good>"整改说明已保存到服务器，可随时继续。"</Notice> })}
            <ErrorSummary items=summary />
            <section class="panel">
                <form method="post" action=format!("/matters/{id}/rectify") class="fields" id="rectify">
                    <Hidden name="_rev" value=matter.revision.to_string() />
                    {cards}
                    <Actions>
                        <Submit label="核对并提交" action="review" />
                        <Submit label="暂存草稿箱" weight=Weight::Quiet action="save" />
                    </Actions>
                    <FormDraftFields draft=draft />
                </form>
            </section>
        }
        .into_any()
    };
    Page::new("整改", body).under("/matters").with_form_drafts()
}

/// Address where the error of a response is corrected.
pub(super) fn response_address(id: Uuid, path: &Path) -> Option<String> {
    match path {
        Path::Cell(list, item, _) if list == RESPONSES.name => Some(format!("/matters/{id}/rectify?check=1#f-r:{item}")),
        _ => None,
    }
}
