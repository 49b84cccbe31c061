//! 账号与安全: password, contact data, second factor, sessions, own data, closing of the account.

pub mod closing;
mod confirm;
pub mod document;
pub mod email;
pub mod export;
pub mod mobile;
pub mod overview;
pub mod password;
pub mod totp;

use backend::infra::secret::SealContext;
use leptos::prelude::*;
use uuid::Uuid;

use crate::page::Page;
use crate::ui::*;

/// Sealing context of what a change keeps in the session, which is known only to its browser.
const PLACE: SealContext = SealContext { column: "session.contact", row: Uuid::nil() };

/// A page of 账号与安全 below its overview.
fn subpage(title: &'static str, lead: &'static str, body: impl FnOnce() -> AnyView + Send + 'static) -> Page {
    let page = Page::new(title, move || {
        let crumbs = vec![("个人中心".into(), "/me".into()), ("账号与安全".into(), "/me/security".into())];
        view! {
            <PageHead title=title lead=lead crumbs=crumbs />
            {body()}
        }
        .into_any()
    });
    page.under("/me")
}

/// Field and text of an error.
type Fault = (&'static str, String);

/// Properties of a field with its error.
fn field(name: &str, label: &str, faults: &[Fault]) -> FieldProps {
    let fault = faults.iter().find(|(field, _)| *field == name).map(|(_, text)| text.clone());
    FieldProps::new(name, label).fault(fault)
}

/// The error summary of a form.
fn summary(faults: &[Fault]) -> AnyView {
    let items = faults.iter().map(|(name, text)| (format!("#f-{name}"), text.clone())).collect::<Vec<_>>();
    view! { <ErrorSummary items=items /> }.into_any()
}
