//! A form context for tests.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::answers::Fields;
use super::context::FormContext;
use crate::base::rule::{RuleRow, Rules};

/// Owner of the data of a [`FormContext`]: no lists, the default rules, no name, and one day as today and as the day of application.
pub(crate) struct TestContext {
    pub(crate) lists: BTreeMap<String, Vec<(String, String)>>,
    pub(crate) rules: Rules,
    pub(crate) applicant: &'static str,
    pub(crate) former_names: Vec<String>,
    pub(crate) facts: Fields,
    pub(crate) today: NaiveDate,
    pub(crate) applied_on: NaiveDate,
}

impl TestContext {
    /// A context on this day, `YYYY-MM-DD`.
    pub(crate) fn on(day: &str) -> Self {
        let day = day.parse().unwrap();
        Self {
            lists: BTreeMap::new(),
            rules: Rules::default(),
            applicant: "",
            former_names: Vec::new(),
            facts: Fields::new(),
            today: day,
            applied_on: day,
        }
    }

    /// The same with other rules.
    pub(crate) fn with_rules(self, rules: Rules) -> Self {
        Self { rules, ..self }
    }

    /// The same with these values of rules, by key, in force since 2020.
    pub(crate) fn with_rule_values(self, values: &[(&str, &str)]) -> Self {
        let effective_from = "2020-01-01".parse().unwrap();
        let row = |(key, value): &(&str, &str)| RuleRow { key: (*key).to_owned(), value: (*value).to_owned(), effective_from };
        self.with_rules(Rules::new(values.iter().map(row)).unwrap())
    }

    /// The same with one more list of options, each a code and its label.
    pub(crate) fn with_list(mut self, name: &str, options: &[(&str, &str)]) -> Self {
        self.lists.insert(name.to_owned(), options.iter().map(|(code, label)| ((*code).to_owned(), (*label).to_owned())).collect());
        self
    }

    /// The context of a form.
    pub(crate) fn form(&self) -> FormContext<'_> {
        FormContext {
            today: self.today,
            lists: &self.lists,
            rules: &self.rules,
            applicant: self.applicant,
            former_names: &self.former_names,
            facts: &self.facts,
            applied_on: self.applied_on,
        }
    }
}
