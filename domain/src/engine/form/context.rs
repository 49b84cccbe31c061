//! The context in which a form is checked and shown.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::answers::{Answers, Fields};
use super::definition::{Field, Options, Widget};
use super::when::Scope;
use crate::base::identity::same_name;
use crate::base::rule::{Rules, RulesOn, key};

/// The context in which answers are validated.
pub struct FormContext<'a> {
    /// Today's date in Shanghai.
    pub today: NaiveDate,
    /// Options of [`Options::Listed`]: code and label, by list name.
    pub lists: &'a BTreeMap<String, Vec<(String, String)>>,
    /// The dated rule table.
    pub rules: &'a Rules,
    /// The applicant's name, from the account.
    pub applicant: &'a str,
    /// Earlier names that the applicant has borne since the first submission.
    pub former_names: &'a [String],
    /// Facts about the applicant, by name, which conditions of required answers read beside the answers.
    pub facts: &'a Fields,
    /// Day of the first submission, from which years are counted back; today for drafts.
    pub applied_on: NaiveDate,
}

impl FormContext<'_> {
    /// The scope of conditions on a form, or on one of its records, with the rules and the facts of this context.
    pub fn scope<'s>(&'s self, answers: &'s Answers, record: Option<&'s Fields>) -> Scope<'s> {
        let scope = record.map_or_else(|| Scope::form(answers), |record| Scope::record(answers, record));
        scope.with_rules(self.rules_on()).with_facts(self.facts)
    }

    /// The rules of the day of the first submission; later changes do not apply to it.
    pub fn rules_on(&self) -> RulesOn<'_> {
        self.rules.on(self.applied_on)
    }

    /// Whether a signature is the applicant's: by the present name, or by a name borne since the first submission, in any spelling. A change
    /// of name does not invalidate what was signed before.
    pub fn is_signature(&self, name: &str) -> bool {
        same_name(name, self.applicant) || self.former_names.iter().any(|former| same_name(former, name))
    }

    /// Maximum length of a person's name, of whatever document.
    pub(super) fn name_max(&self) -> usize {
        usize::try_from(self.rules_on().int(key::NAME_MAX_PASSPORT)).unwrap_or(0)
    }

    /// The label of an option; the code itself if it is unknown.
    pub fn label<'b>(&'b self, options: &Options, code: &'b str) -> &'b str {
        match options {
            Options::Fixed(choices) => choices.iter().find(|c| c.code == code).map_or(code, |c| c.label),
            Options::Listed(list) => self.lists.get(*list).and_then(|l| l.iter().find(|(c, _)| c == code)).map_or(code, |(_, label)| label),
        }
    }

    /// Whether the field asks for one of the listed options, of which this context has none.
    pub fn lacks_options(&self, field: &Field) -> bool {
        match &field.widget {
            Widget::One(Options::Listed(list)) | Widget::Many(Options::Listed(list)) => self.lists.get(*list).is_none_or(Vec::is_empty),
            _ => false,
        }
    }

    /// Whether the options contain a code.
    pub(super) fn offers(&self, options: &Options, code: &str) -> bool {
        match options {
            Options::Fixed(choices) => choices.iter().any(|c| c.code == code),
            Options::Listed(list) => self.lists.get(*list).is_some_and(|l| l.iter().any(|(c, _)| c == code)),
        }
    }
}
