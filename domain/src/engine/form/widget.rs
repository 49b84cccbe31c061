//! The widgets of a form: what kind of answer a field takes, and within which limits.

use super::accepted_files::{AcceptedFiles, FileKind};
use crate::base::catalogue::Choice;

/// The kind of answer a field takes.
pub enum Widget {
    /// One line of text with a maximum length.
    Line(usize, TextFormat),
    /// Several lines of text with a maximum length.
    Lines(usize),
    /// A day, `YYYY-MM-DD`.
    Day(DayRange),
    /// A time of day, `HH:MM`.
    Time(TimeRange),
    /// One of the options.
    One(Options),
    /// Any number of options.
    Many(Options),
    /// A number of days in steps of half a day, up to this many.
    HalfDays(u16),
    /// 学时 in steps of half an hour, from half an hour to this many.
    Hours(u16),
    /// A whole number with minimum, maximum and unit.
    Whole(i64, i64, &'static str),
    /// A statement to confirm.
    Tick(&'static str),
    /// A statement to agree to; the answer is the version of its text.
    Agree(&'static Statement),
    /// Files.
    Files(AcceptedFiles),
}

/// Format of a line of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextFormat {
    /// No format.
    Any,
    /// A person's name.
    PersonName,
    /// A name in Latin letters.
    LatinName,
    /// A mainland mobile number.
    Mobile,
    /// An e-mail address.
    Email,
    /// A postcode of six digits.
    Postcode,
    /// A unified social credit code.
    CreditCode,
    /// A mobile or a landline number.
    Phone,
    /// The number of an identity document of the type in the named field of the same record or form.
    DocumentOf(&'static str),
    /// 证书编号.
    CertificateNumber,
    /// An amount of money, in yuan.
    Amount,
    /// 税号.
    TaxNumber,
    /// Digits, at least and at most so many: a number whose leading zeros count, such as 准考证号.
    Digits(usize, usize),
}

/// Accepted days of a day field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayRange {
    /// Any day from 1900 on.
    Any,
    /// Up to today.
    Past,
    /// Up to today, and not before the day in the named field of the same record or form.
    PastFrom(&'static str),
    /// From the day of the first submission on, which is today for a draft: a day that was ahead when it was submitted stays accepted.
    Future,
    /// Not before the day in another field.
    From(OtherField),
    /// From the day in one field to the day in another, both included.
    Between(OtherField, OtherField),
}

/// Accepted times of a field with a time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeRange {
    /// Any time of the day.
    Any,
    /// Later than the time in another field.
    After(OtherField),
}

/// Another field on which an answer depends: of the same record, of the form, or among the facts of the context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OtherField {
    /// Its name.
    pub name: &'static str,
    /// Its label, for sentences that name it.
    pub label: &'static str,
}

/// Options of a field.
pub enum Options {
    /// Options written in the form.
    Fixed(&'static [Choice]),
    /// A named list from the context (institutions, open exams …).
    Listed(&'static str),
    /// The options of what is chosen in another field (sites of an exam …): the lists named by [`list_within`] in the context. A code means
    /// the same in each of them.
    Within(&'static str, OtherField),
}

/// Name of the list in the context with the options of [`Options::Within`] for one choice in the other field.
pub fn list_within(list: &str, choice: &str) -> String {
    format!("{list}/{choice}")
}

impl Widget {
    /// Files of every kind that is stored, up to the size that is a rule, and up to this many.
    pub const fn files(most: usize) -> Self {
        Widget::Files(AcceptedFiles { most, kinds: FileKind::ALL, megabytes: None })
    }

    /// Other fields whose answers decide which answers this one takes.
    pub fn others(&self) -> impl Iterator<Item = OtherField> {
        let others = match self {
            Widget::Day(DayRange::Between(first, last)) => [Some(*first), Some(*last)],
            Widget::Day(DayRange::From(other)) | Widget::Time(TimeRange::After(other)) => [Some(*other), None],
            _ => [self.chosen_in(), None],
        };
        others.into_iter().flatten()
    }

    /// The field whose choice decides which options this one has.
    pub fn chosen_in(&self) -> Option<OtherField> {
        match self {
            Widget::One(Options::Within(_, other)) | Widget::Many(Options::Within(_, other)) => Some(*other),
            _ => None,
        }
    }
}

/// A statement to agree to, with its version.
#[derive(Debug)]
pub struct Statement {
    /// Version of the text, stored as the answer.
    pub version: &'static str,
    /// Text of the statement.
    pub text: &'static str,
}
