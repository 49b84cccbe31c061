//! Institutions: their users and people, invitations, and how administrators of the association see them.

pub mod invitation;
pub mod people;
pub mod registry;
pub mod users;

use backend::access::guard::Allowed;
use uuid::Uuid;

use crate::error::PageError;
use crate::ui::Tabs;
use leptos::prelude::*;

/// The institution of a page: the one that its address names, or the first.
///
/// # Errors
/// [`PageError::NotFound`] if the caller has none, or not that one.
fn chosen(institutions: &[(Uuid, String)], named: Option<Uuid>) -> Result<(Uuid, String), PageError> {
    let found = match named {
        Some(id) => institutions.iter().find(|(own, _)| *own == id),
        None => institutions.first(),
    };
    found.cloned().ok_or(PageError::NotFound)
}

/// Links to the same page of the caller's other institutions, where there are several.
fn institution_tabs(institutions: &[(Uuid, String)], path: &str, present: Uuid) -> Option<AnyView> {
    let tab = |(id, name): &(Uuid, String)| (name.clone(), format!("{path}?institution={id}"), *id == present);
    (institutions.len() > 1).then(|| {
        let items: Vec<(String, String, bool)> = institutions.iter().map(tab).collect();
        view! { <Tabs items=items /> }.into_any()
    })
}

/// The institutions whose user the caller is.
fn own_institutions(who: &Allowed) -> Vec<(Uuid, String)> {
    who.caller().institutions.clone()
}
