//! The fields of a form that is kept as a draft, and its 暂存 without scripts.

use backend::AppState;
use backend::access::guard::Allowed;
use backend::record::form_draft::{DraftKey, FormDraft, FormDraftError, OpenDrafts, SaveRequest};
use domain::engine::form_draft::{DraftForm, Pairs};
use leptos::prelude::*;
use uuid::Uuid;

use crate::error::PageError;
use crate::format;
use crate::page::Page;
use crate::post::Post;
use crate::ui::*;

/// The script that saves the forms of a page while they are typed.
const SCRIPT: &str = "/form_draft.js";
/// Field with what a page knows of the draft: revision, and with scripts the page's id and the number of its last save.
const VERSION: &str = "_draft";
/// Field with the state of the subject that the page shows.
const STATE: &str = "_draft_state";

/// The draft of one form, as a page shows it.
#[derive(Debug, Clone)]
pub struct DraftOnPage {
    account: Uuid,
    key: DraftKey,
    state: String,
    revision: i64,
    saved: Option<String>,
    /// What was typed; empty without a draft.
    pub pairs: Pairs,
}

impl DraftOnPage {
    /// The draft of a form, or an empty one.
    pub fn of(drafts: &OpenDrafts, form: &'static DraftForm, part: &str) -> Self {
        let draft = drafts.draft(form, part);
        Self {
            account: drafts.account,
            key: DraftKey { form, part: part.to_owned(), subject: drafts.subject },
            state: drafts.state.clone(),
            revision: drafts.revision(form, part),
            saved: draft.map(|draft| format::time(draft.saved_at)),
            pairs: draft.map(|draft| draft.pairs.clone()).unwrap_or_default(),
        }
    }

    /// Whether something was typed before.
    pub fn is_saved(&self) -> bool {
        self.saved.is_some()
    }

    /// The first value of a control; empty without a draft.
    pub fn text(&self, name: &str) -> String {
        self.pairs.iter().find(|(known, _)| known == name).map_or_else(String::new, |(_, value)| value.clone())
    }

    /// The draft as a posted form, from which the page is filled as after an error.
    pub fn as_post(&self) -> Post {
        Post { pairs: self.pairs.clone(), files: Vec::new() }
    }

    /// Saves a posted form, as 暂存 without scripts does, with these pairs.
    ///
    /// # Errors
    /// The errors of a save but that of an older page, which is given with the text of the other page.
    pub async fn save(&self, app: &AppState, who: &Allowed, post: &Post, pairs: Pairs) -> Result<SaveDraft, PageError> {
        let mut version = post.text(VERSION).split(' ');
        let number = |text: Option<&str>| text.and_then(|text| text.parse().ok()).unwrap_or(0_i64);
        let base = number(version.next());
        let page = version.next().and_then(|id| Uuid::parse_str(id).ok()).unwrap_or_default();
        let seq = number(version.next());
        let state = post.text(STATE).to_owned();
        let request = SaveRequest { key: self.key.clone(), state, base, page, seq, account: None, pairs, since: None };
        match backend::record::form_draft::save(app, who, request).await {
            Ok(_) => Ok(SaveDraft::Saved),
            Err(FormDraftError::Older(other, _)) => Ok(SaveDraft::Older(Older(other))),
            Err(error) => Err(error.into()),
        }
    }
}

/// Result of 暂存.
pub enum SaveDraft {
    /// It is saved.
    Saved,
    /// Another page has saved other text since; nothing was changed.
    Older(Older),
}

/// Text that another page of the same author has saved.
#[derive(Clone)]
pub struct Older(Box<FormDraft>);

impl Older {
    /// Why the save was refused.
    pub fn text(&self) -> String {
        FormDraftError::Older(self.0.clone(), None).text()
    }

    /// The notice beside the form, which shows what this page sent.
    pub fn notice(&self) -> AnyView {
        let (texts, at) = (texts_view(&self.0), format::time(self.0.saved_at));
        view! {
            <Notice tone=Tone::Bad title="您在其他页面保存了不同的内容">
                <p>
                    {format!(
                        "下面是其他页面在 {at} 保存的内容；表单中是本页填写的内容，尚未保存。核对后再次暂存，将以本页填写的为准。",
                    )}
                </p>
                {texts}
            </Notice>
        }
        .into_any()
    }
}

/// The texts of a draft.
pub(super) fn texts_view(draft: &FormDraft) -> AnyView {
    let texts = draft.key.form.texts_of(&draft.pairs).into_iter().map(str::to_owned);
    texts.map(|text| view! { <p class="lines">{text}</p> }).collect_view().into_any()
}

/// The hidden fields and the status line of a form that is kept as a draft; the script finds the form by them.
#[component]
pub fn FormDraftFields(draft: DraftOnPage) -> AnyView {
    let DraftOnPage { account, key, state, revision, saved, pairs } = draft;
    let before = (!pairs.is_empty()).then(|| serde_json::to_string(&pairs).unwrap_or_default());
    let status = saved.map(|at| format!("已暂存到服务器（{at}）")).unwrap_or_default();
    view! {
        <input type="hidden" name=VERSION value=revision.to_string() />
        <input type="hidden" name=STATE value=state />
        <p
            class="saved"
            role="status"
            translate="no"
            data-form-draft=key.form.code
            data-command=key.part
            data-subject=key.subject.to_string()
            data-account=account.to_string()
            data-before=before
            data-testid="form-draft"
        >
            {status}
        </p>
    }
    .into_any()
}

/// The status line of a form whose draft stays in the tab of the browser, since nobody is signed in.
#[component]
pub fn TabDraftFields(form: &'static DraftForm) -> AnyView {
    let stored = [form.texts, form.choices].concat().join(" ");
    view! { <p class="saved" role="status" translate="no" data-tab-draft=form.code data-controls=stored data-testid="form-draft"></p> }
        .into_any()
}

/// Marks the page on which the draft of the tab is not needed any more.
#[component]
pub fn TabDraftEnd(form: &'static DraftForm) -> AnyView {
    view! { <span hidden=true data-tab-draft-done=form.code></span> }.into_any()
}

impl Page {
    /// Loads the script that saves forms while they are typed.
    pub fn with_form_drafts(self) -> Self {
        self.with_script(SCRIPT)
    }
}
