//! Conditions of questions, pages and ways through a flow.

use super::answers::{Answers, Fields, Value};
use crate::base::rule::{Key, RulesOn};

/// When something is asked, required or taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Always.
    Always,
    /// Never.
    Never,
    /// The named field holds one of these codes.
    Is(&'static str, &'static [&'static str]),
    /// The named field is answered and holds none of these codes.
    Not(&'static str, &'static [&'static str]),
    /// A rule of `yes` and `no` says `yes`.
    Ruled(Key),
    /// Every one of these holds.
    All(&'static [When]),
}

/// Where a condition looks a field up: what is known first, then the record, then the form. Rules are those handed in; without any, no
/// rule says `yes`.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    record: Option<&'a Fields>,
    form: &'a Answers,
    known: Option<&'a Fields>,
    rules: Option<RulesOn<'a>>,
}

impl<'a> Scope<'a> {
    /// Outside records.
    pub fn form(form: &'a Answers) -> Self {
        Self { record: None, form, known: None, rules: None }
    }

    /// Inside one record of the form.
    pub fn record(form: &'a Answers, record: &'a Fields) -> Self {
        Self { record: Some(record), form, known: None, rules: None }
    }

    /// With what is known beside the answers.
    pub fn knowing(self, known: &'a Fields) -> Self {
        Self { known: Some(known), ..self }
    }

    /// Under the rules of a day.
    pub fn under(self, rules: RulesOn<'a>) -> Self {
        Self { rules: Some(rules), ..self }
    }

    /// The answer to a field, if there is one.
    pub fn value(&self, name: &str) -> Option<&'a Value> {
        let known = self.known.and_then(|k| k.get(name));
        known.or_else(|| self.record.and_then(|r| r.get(name))).or_else(|| self.form.fields.get(name))
    }
}

impl When {
    /// Whether the condition holds for these answers.
    pub fn holds(&self, scope: &Scope<'_>) -> bool {
        match self {
            When::Always => true,
            When::Never => false,
            When::Is(name, codes) => scope.value(name).is_some_and(|v| codes.iter().any(|c| v.has(c))),
            When::Not(name, codes) => scope.value(name).is_some_and(|v| !v.is_empty() && !codes.iter().any(|c| v.has(c))),
            When::Ruled(key) => scope.rules.is_some_and(|rules| rules.yes(*key)),
            When::All(all) => all.iter().all(|w| w.holds(scope)),
        }
    }

    /// Whether the condition looks at this field.
    pub fn mentions(&self, field: &str) -> bool {
        match self {
            When::Always | When::Never | When::Ruled(_) => false,
            When::Is(name, _) | When::Not(name, _) => *name == field,
            When::All(all) => all.iter().any(|w| w.mentions(field)),
        }
    }
}
