//! Data of the wizard's pages, and the form around their fields.

use domain::engine::form::{Answers, Field, Form, FormContext, Path, Widget};
use leptos::prelude::*;
use uuid::Uuid;

use super::conflict::Conflict;
use super::field::{FieldErrors, FieldSheet, FieldView};
use crate::ui::*;

/// Data from which every page of a draft is built.
pub struct Wizard<'a> {
    /// The matter.
    pub matter: Uuid,
    /// Its form.
    pub form: &'static Form,
    /// All answers.
    pub answers: Answers,
    /// Lists and rules.
    pub context: &'a FormContext<'a>,
    /// Errors, by name of the control.
    pub faults: FieldErrors,
    /// What the applicant is told at the controls without being kept from going on.
    pub warnings: FieldErrors,
    /// Which warnings those are, so that the next 下一步 does not stop for them; empty for none.
    pub warned: String,
    /// Answers that were changed differently elsewhere.
    pub conflicts: Vec<Conflict>,
    /// Where the page is rendered.
    pub access: Access<'a>,
}

/// Where a page of the wizard is rendered.
pub enum Access<'a> {
    /// By the server.
    Online {
        /// Code and name of the kind.
        kind: (&'static str, &'static str),
        /// Revision of the answers.
        revision: i64,
        /// Whether the answer at a path may be changed.
        editable: &'a dyn Fn(&Path) -> bool,
    },
    /// By a browser without a network; fields that a browser may not store are left out.
    Offline,
}

/// Target of a form.
pub struct FormTarget {
    /// Address.
    pub action: String,
    /// Whether it may carry files.
    pub files: bool,
    /// Revision of its answers.
    pub revision: i64,
}

/// A button of the form.
pub struct ActionButton {
    /// Label.
    pub label: String,
    /// The end of its name that only screen readers need, since the page shows it elsewhere; may be empty.
    pub unseen: &'static str,
    /// Value of `_action`.
    pub action: String,
    /// Weight.
    pub weight: Weight,
}

impl ActionButton {
    pub(super) fn new(label: impl Into<String>, action: impl Into<String>, weight: Weight) -> Self {
        Self { label: label.into(), unseen: "", action: action.into(), weight }
    }

    /// Adds the end of its name that only screen readers need.
    pub(super) fn unseen(self, unseen: &'static str) -> Self {
        Self { unseen, ..self }
    }
}

impl Wizard<'_> {
    /// Address of a step.
    pub fn step_address(&self, step: &str) -> String {
        format!("/matters/{}/edit/{step}", self.matter)
    }

    pub(super) fn is_offline(&self) -> bool {
        matches!(self.access, Access::Offline)
    }

    pub(super) fn editable(&self, path: &Path) -> bool {
        match self.access {
            Access::Online { editable, .. } => editable(path),
            Access::Offline => true,
        }
    }

    pub(super) fn field(&self, field: &'static Field, sheet: &FieldSheet) -> Option<FieldView> {
        match self.is_offline() {
            true if field.sensitive || field.portrait => Some(FieldView::note(field, "不在本机保存，请联网后填写")),
            true if self.context.lacks_options(field) => Some(FieldView::note(field, "本机没有可选项，请联网后选择")),
            _ => FieldView::of(field, sheet, self.context),
        }
    }

    pub(super) fn target(&self, action: String, mut fields: impl Iterator<Item = &'static Field>) -> Option<FormTarget> {
        match self.access {
            Access::Online { revision, .. } => {
                Some(FormTarget { action, files: fields.any(|f| matches!(f.widget, Widget::Files(_))), revision })
            }
            Access::Offline => None,
        }
    }
}

/// The form around the fields of a page.
pub(super) fn form_view(target: Option<FormTarget>, inner: AnyView) -> AnyView {
    match target {
        Some(FormTarget { action, files, revision }) => {
            let enctype = if files { "multipart/form-data" } else { "application/x-www-form-urlencoded" };
            view! {
                <form id="edit" method="post" action=action enctype=enctype class="fields" novalidate=true>
                    <Hidden name="_rev" value=revision.to_string() />
                    {inner}
                </form>
            }
            .into_any()
        }
        None => view! {
            <form id="edit" class="fields" novalidate=true autocomplete="off">
                {inner}
            </form>
        }
        .into_any(),
    }
}

pub(super) fn buttons_view(buttons: Vec<ActionButton>) -> AnyView {
    let buttons =
        buttons.into_iter().map(|b| view! { <Submit label=b.label unseen=b.unseen weight=b.weight action=b.action /> }).collect_view();
    view! { <Actions>{buttons}</Actions> }.into_any()
}
