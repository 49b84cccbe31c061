//! What a context is filled with, and for which matter it is read.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::engine::form::{Answers, Field, Fields, Form, Step};
use domain::matter::ApplicantRecord;
use uuid::Uuid;

use crate::access::account::Person;
use crate::access::owner::Owner;
use crate::matter::loaded::LoadedMatter;
use crate::state::{AppState, Tables};

/// The options of listed fields, by list name: code and label.
pub type Lists = BTreeMap<String, Vec<(String, String)>>;

/// What sources read.
#[derive(Default)]
pub(crate) struct Contents {
    /// The options of listed fields, and displayed data.
    pub lists: Lists,
    /// The record of the applicant.
    pub record: ApplicantRecord,
    /// Facts that conditions of the form read.
    pub facts: Fields,
    /// Names that the applicant has borne since the first submission.
    pub former_names: Vec<String>,
    /// Names of the holders of the certificates, by account, where an institution chooses among those of its people.
    pub holders: BTreeMap<Uuid, String>,
}

impl Contents {
    /// Fills an option list.
    pub fn list(&mut self, name: &str, options: Vec<(String, String)>) {
        self.lists.insert(name.to_owned(), options);
    }
}

/// Whose record is read, and for which matter.
pub(crate) struct Request<'a> {
    /// State of the application.
    pub app: &'a AppState,
    /// Rules and holidays.
    pub tables: &'a Tables,
    /// Today, in Shanghai.
    pub today: NaiveDate,
    /// Day of the first submission; today for drafts.
    pub applied: NaiveDate,
    /// The account whose record it is.
    pub account: Uuid,
    /// The person of the account.
    pub person: Option<&'a Person>,
    /// To whom the matter belongs.
    pub owner: Owner,
    /// The institution that renews certificates of its people.
    pub renewing: Option<Uuid>,
    /// The matter that is checked or shown; none before there is one.
    pub matter: Option<&'a LoadedMatter>,
    /// What is shown of it.
    pub shown: &'a Shown<'a>,
}

impl Request<'_> {
    /// The matter that is left out of the record.
    pub fn checked(&self) -> Uuid {
        self.matter.map_or_else(Uuid::nil, |matter| matter.id)
    }
}

/// What a page shows of a matter, or a check reads. Of long option lists only what is shown is read.
#[derive(Default)]
pub struct Shown<'a> {
    /// Fields that are drawn with all their options.
    fields: Vec<&'static Field>,
    /// Whether every option is read, whatever is drawn.
    everything: bool,
    /// Other answers than those of the matter.
    pub(crate) answers: Option<&'a Answers>,
}

impl<'a> Shown<'a> {
    /// The answers of the matter, and no form.
    pub fn answers() -> Self {
        Self::default()
    }

    /// The same, and other answers beside them.
    pub fn answers_and(other: Option<&'a Answers>) -> Self {
        Self::answers().with_answers(other)
    }

    /// Every option of every list.
    pub fn everything() -> Self {
        Self { everything: true, ..Self::default() }
    }

    /// A step of a form, with its records.
    pub fn step(step: &'static Step) -> Self {
        Self::fields(step.fields().chain(step.records().flat_map(|list| list.fields)))
    }

    /// Whole forms.
    pub fn forms(forms: impl IntoIterator<Item = &'static Form>) -> Self {
        Self::fields(forms.into_iter().flat_map(|form| form.steps).flat_map(|step| Self::step(step).fields))
    }

    /// Fields of a form.
    pub fn fields(fields: impl IntoIterator<Item = &'static Field>) -> Self {
        Self { fields: fields.into_iter().collect(), ..Self::default() }
    }

    /// The same, and other answers beside those of the matter.
    pub(crate) fn with_answers(self, answers: Option<&'a Answers>) -> Self {
        Self { answers, ..self }
    }

    /// Whether a field is drawn whose options are one of these lists.
    pub(crate) fn draws(&self, lists: &[&str]) -> bool {
        self.everything || self.fields.iter().any(|field| field.option_list().is_some_and(|list| lists.contains(&list)))
    }
}
