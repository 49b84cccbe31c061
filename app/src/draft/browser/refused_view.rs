//! Changes that the server refused while it saved the others.

use std::rc::Rc;

use domain::engine::draft::sync::RefusedOp;
use domain::engine::form::Path;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::session::DraftSession;
use super::web::window;

/// The refused changes with their reasons, each with a button that takes it back, and records with one that opens their page.
pub fn refused_view(session: &Rc<DraftSession>) -> AnyView {
    let refused = Memo::new({
        let status = session.status;
        move |_| status.with(|t| t.refused.clone())
    });
    let session = StoredValue::new_local(session.clone());
    let rows = move || {
        let all = refused.get();
        (!all.is_empty()).then(|| {
            let rows = all.into_iter().map(|one| session.with_value(|session| row(session, one))).collect_view();
            view! {
                <div data-testid="refused" translate="no">
                    {rows}
                </div>
            }
        })
    };
    view! { {rows} }.into_any()
}

fn row(session: &Rc<DraftSession>, RefusedOp { path, text }: RefusedOp) -> AnyView {
    let label = label(session, &path);
    let is_removal = session.last.borrow().as_ref().is_some_and(|local| local.is_refused_removal(&path));
    let take_back = match &path {
        Path::Row(..) if is_removal => "恢复这一条",
        Path::Row(..) => "删除这一条",
        _ => "放弃这处修改",
    };
    let session = StoredValue::new_local(session.clone());
    let drop = move |_| {
        let (session, path) = (session.get_value(), path.clone());
        spawn_local(async move {
            let Some(local) = session.local().await else { return };
            let (ops, restores) = (local.drop_refused(&path), local.is_refused_removal(&path));
            session.edit(ops).await;
            // A page of a removed record has nothing to show.
            if let Path::Row(_, id) = &path
                && !restores
                && window().location().pathname().is_ok_and(|here| here.contains(&id.to_string()))
            {
                let _ = window().history().and_then(|history| history.back());
            }
        });
    };
    view! {
        <div class="actions">
            <p class="saved saved-bad" role="status">
                {format!("{label}：{text}")}
            </p>
            <button class="btn btn-sm btn-outline" type="button" on:click=drop>
                {take_back}
            </button>
        </div>
    }
    .into_any()
}

/// What the user calls the refused answer: its label, and for a record also the first text in it.
fn label(session: &DraftSession, path: &Path) -> String {
    let label = session.form.label_at(path);
    let Path::Row(list, id) = path else { return label };
    let last = session.last.borrow();
    let record = last.as_ref().and_then(|local| local.mine.record(list, *id));
    let first = record.and_then(|record| record.fields.values().map(|value| value.text()).find(|text| !text.is_empty()));
    first.map_or(label.clone(), |first| format!("{label}“{first}”"))
}
