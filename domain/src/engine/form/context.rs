//! The context in which a form is checked and shown.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::answers::{Answers, Fields, Value};
use super::definition::Field;
use super::when::Scope;
use super::widget::{Options, Widget, list_within};
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
        self.known_label(options, code).unwrap_or(code)
    }

    /// The label of an option, of whatever choice in another field; none if it is unknown.
    pub(super) fn known_label<'b>(&'b self, options: &Options, code: &str) -> Option<&'b str> {
        let in_list = |list: &'b [(String, String)]| list.iter().find(|(c, _)| c == code).map(|(_, label)| label.as_str());
        match options {
            Options::Fixed(choices) => choices.iter().find(|c| c.code == code).map(|c| c.label),
            Options::Listed(list) => in_list(self.list(list)),
            Options::Within(list, _) => self.lists_within(list).find_map(|(_, options)| in_list(options)),
        }
    }

    /// The options of a list that depends on a choice: each choice, and its options.
    pub fn lists_within(&self, list: &str) -> impl Iterator<Item = (&str, &[(String, String)])> {
        let beginning = list_within(list, "");
        let lists = self.lists.range(beginning.clone()..);
        lists.map_while(move |(name, options)| Some((name.strip_prefix(&beginning)?, options.as_slice())))
    }

    /// Codes and labels of a list whose options are not written in the form, as they are for the answers of `scope`.
    pub fn listed(&self, options: &Options, scope: &Scope<'_>) -> Vec<(&str, &str)> {
        match options {
            Options::Fixed(choices) => choices.iter().map(|c| (c.code, c.label)).collect(),
            Options::Listed(list) => texts(self.list(list)).collect(),
            Options::Within(list, other) => {
                let mut offered: Vec<(&str, &str)> = Vec::new();
                for choice in scope.value(other.name).map(Value::codes).unwrap_or_default() {
                    for option in texts(self.list(&list_within(list, choice))) {
                        if offered.iter().all(|(known, _)| *known != option.0) {
                            offered.push(option);
                        }
                    }
                }
                offered
            }
        }
    }

    fn list(&self, name: &str) -> &[(String, String)] {
        self.lists.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether the field asks for one of the listed options, of which this context has none.
    pub fn lacks_options(&self, field: &Field) -> bool {
        match &field.widget {
            Widget::One(Options::Listed(list)) | Widget::Many(Options::Listed(list)) => self.list(list).is_empty(),
            Widget::One(Options::Within(list, _)) | Widget::Many(Options::Within(list, _)) => {
                self.lists_within(list).all(|(_, options)| options.is_empty())
            }
            _ => false,
        }
    }

    /// Whether the options contain a code, for the answers of `scope`.
    pub(super) fn offers(&self, options: &Options, code: &str, scope: &Scope<'_>) -> bool {
        match options {
            Options::Fixed(choices) => choices.iter().any(|c| c.code == code),
            Options::Listed(list) => self.list(list).iter().any(|(c, _)| c == code),
            Options::Within(..) => self.listed(options, scope).iter().any(|(c, _)| *c == code),
        }
    }
}

fn texts(list: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    list.iter().map(|(code, label)| (code.as_str(), label.as_str()))
}
