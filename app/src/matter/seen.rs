//! What a page showed of a matter: carried by every form that gives a command, and the changes since then if the command came too late.

use std::collections::BTreeMap;
use std::sync::Arc;

use backend::AppState;
use backend::access::guard::Allowed;
use backend::matter::context::{OwnedMatterContext, matter_context};
use backend::matter::{LoadedMatter, MatterError, Seen, Shown};
use domain::engine::form::Answers;
use leptos::prelude::*;
use uuid::Uuid;

use super::difference::changes_view;
use super::timeline;
use crate::error::PageError;
use crate::post::Post;
use crate::ui::*;

/// Name of the field.
const FIELD: &str = "_seen";

/// The hidden field of a form that gives a command.
#[component]
pub fn SeenField(seen: Seen) -> AnyView {
    view! { <Hidden name=FIELD value=seen.to_string() /> }.into_any()
}

impl Post {
    /// What the page showed on which the command was given; [`Seen::NOTHING`] if the form does not say it.
    pub fn seen(&self) -> Seen {
        self.text(FIELD).parse().unwrap_or(Seen::NOTHING)
    }

    /// Whether the form says what the page showed.
    pub fn names_seen(&self) -> bool {
        self.values(FIELD).next().is_some()
    }
}

/// A command that came too late: what its page showed, and the answers then, if they are kept.
#[derive(Clone)]
pub struct OutdatedPage {
    seen: Seen,
    answers: Option<Answers>,
    /// In which these answers are shown.
    context: Arc<OwnedMatterContext>,
}

impl OutdatedPage {
    /// The outdated page of a refused command; none if the command was refused for another reason.
    ///
    /// # Errors
    /// The matter cannot be read.
    pub async fn of(app: &AppState, who: &Allowed, id: Uuid, refusal: &MatterError) -> Result<Option<Self>, PageError> {
        let MatterError::Outdated(seen) = refusal else { return Ok(None) };
        let matter = backend::matter::load(app, who, id).await?;
        let answers = backend::matter::answers_seen(app, &matter, *seen).await?;
        let context = matter_context(app, &matter, Shown::answers_and(answers.as_ref())).await?;
        Ok(Some(Self { seen: *seen, answers, context: Arc::new(context) }))
    }

    /// Why the command had no effect, and what changed since the page was loaded.
    pub fn notice(&self, matter: &LoadedMatter) -> AnyView {
        let text = MatterError::Outdated(self.seen).text();
        let changes = self.changes(matter, &BTreeMap::new());
        view! {
            <Notice tone=Tone::Bad>{text}</Notice>
            {changes}
        }
        .into_any()
    }

    /// The events and the changes of answers since the page was loaded.
    pub fn changes(&self, matter: &LoadedMatter, actors: &BTreeMap<Uuid, String>) -> AnyView {
        let context = &self.context;
        if self.seen == Seen::NOTHING {
            return ().into_any();
        }
        let events = matter.events.iter().filter(|event| event.seq > self.seen.events);
        let events: Vec<TimelineItem> = events.map(|event| timeline::entry(event, matter, actors, context)).collect();
        let answers = self.answers.as_ref().map(|before| changes_view(matter, before, context));
        let timeline = (!events.is_empty()).then(|| view! { <Timeline items=events /> });
        view! { <Section title="打开页面之后的变化">{timeline}{answers}</Section> }.into_any()
    }
}
