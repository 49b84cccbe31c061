//! Conditions of fields, steps and transitions.

use super::answers::{Answers, Fields, Value};
use crate::base::rule::{RuleKey, RulesOn};

/// A condition on answers and rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The condition always holds.
    Always,
    /// The condition never holds.
    Never,
    /// The named field has one of these codes.
    Is(&'static str, &'static [&'static str]),
    /// The named field is answered and has none of these codes.
    Not(&'static str, &'static [&'static str]),
    /// The named field has none of these codes; it may be unanswered.
    Unless(&'static str, &'static [&'static str]),
    /// A yes/no rule is `yes`.
    Rule(RuleKey),
    /// All of these hold.
    All(&'static [When]),
}

/// Lookup of fields for a condition: known facts first, then the record, then the form. Without rules, no rule is `yes`.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    record: Option<&'a Fields>,
    form: &'a Answers,
    known: Option<&'a Fields>,
    rules: Option<RulesOn<'a>>,
}

impl<'a> Scope<'a> {
    /// A scope outside records.
    pub fn form(form: &'a Answers) -> Self {
        Self { record: None, form, known: None, rules: None }
    }

    /// A scope inside a record.
    pub fn record(form: &'a Answers, record: &'a Fields) -> Self {
        Self { record: Some(record), form, known: None, rules: None }
    }

    /// Adds facts known beside the answers.
    pub fn with_facts(self, known: &'a Fields) -> Self {
        Self { known: Some(known), ..self }
    }

    /// Adds the rules of a day.
    pub fn with_rules(self, rules: RulesOn<'a>) -> Self {
        Self { rules: Some(rules), ..self }
    }

    /// The answer to a field, if there is one.
    pub fn value(&self, name: &str) -> Option<&'a Value> {
        let known = self.known.and_then(|k| k.get(name));
        known.or_else(|| self.record.and_then(|r| r.get(name))).or_else(|| self.form.fields.get(name))
    }
}

/// Answers and rules that a condition depends on.
pub trait Lookup {
    /// Whether a code is (among) the answer to a field.
    fn has(&self, field: &str, code: &str) -> bool;
    /// Whether a field is answered.
    fn is_answered(&self, field: &str) -> bool;
    /// Whether a rule is `yes`.
    fn rule(&self, key: RuleKey) -> bool;
}

impl Lookup for Scope<'_> {
    fn has(&self, field: &str, code: &str) -> bool {
        self.value(field).is_some_and(|v| v.contains(code))
    }

    fn is_answered(&self, field: &str) -> bool {
        self.value(field).is_some_and(|v| !v.is_empty())
    }

    fn rule(&self, key: RuleKey) -> bool {
        self.rules.is_some_and(|rules| rules.yes(key))
    }
}

impl When {
    /// Whether the condition holds for these answers.
    pub fn holds(&self, scope: &Scope<'_>) -> bool {
        self.holds_for(scope)
    }

    /// Whether the condition holds, wherever the answers come from.
    pub fn holds_for(&self, answers: &dyn Lookup) -> bool {
        let has_any = |field: &str, codes: &[&str]| codes.iter().any(|code| answers.has(field, code));
        match self {
            When::Always => true,
            When::Never => false,
            When::Is(field, codes) => has_any(field, codes),
            When::Not(field, codes) => answers.is_answered(field) && !has_any(field, codes),
            When::Unless(field, codes) => !has_any(field, codes),
            When::Rule(key) => answers.rule(*key),
            When::All(all) => all.iter().all(|w| w.holds_for(answers)),
        }
    }

    /// Whether the condition depends on this field.
    pub fn mentions(&self, field: &str) -> bool {
        match self {
            When::Always | When::Never | When::Rule(_) => false,
            When::Is(name, _) | When::Not(name, _) | When::Unless(name, _) => *name == field,
            When::All(all) => all.iter().any(|w| w.mentions(field)),
        }
    }
}
