//! Forms as data.
//!
//! One description of a form drives the HTML of the wizard, the reading of the plain post, the checks on both sides, the
//! read-only view and the comparison of two revisions. A form is immutable once published; its `version` travels with each draft.

mod answers;
mod carry;
mod check;
mod compare;
mod path;
mod portrait;
mod read;
mod show;
mod when;

pub(crate) use check::tenths_of_days;

pub use answers::{Answers, Fields, FileRef, Record, Value};
pub use carry::carry_over;
pub use check::{FormContext, Issue, Problem, check_field, check_form, check_record, check_step};
pub use compare::{Difference, changes, differences};
pub use path::{Path, PathError};
pub use portrait::{Portrait, PortraitError};
pub use read::{ReadError, read_fields, tidy};
pub use show::{Shown, ShownRecord, ShownStep, show_form};
pub use when::{Scope, When};

/// A published form.
pub struct Form {
    /// Number of this text of the form; counted up with each change.
    pub version: i64,
    /// Brings answers of an earlier text after this one. It may meet answers it has brought before, and leaves them alone.
    pub upgrade: fn(&mut Answers),
    /// Pages of the wizard, in order.
    pub steps: &'static [Step],
}

/// One page of the wizard.
pub struct Step {
    /// Stands in the address: `/matters/{id}/edit/{code}`.
    pub code: &'static str,
    /// What the page is called.
    pub title: &'static str,
    /// One or two sentences above the fields; may be empty.
    pub intro: &'static str,
    /// When the page is part of the form at all.
    pub shown: When,
    /// What is asked on it.
    pub parts: &'static [Part],
}

/// What a page asks: single fields, or a list of records with the same fields.
pub enum Part {
    /// A group of fields under an optional heading.
    Fields(&'static str, &'static [Field]),
    /// A list of records.
    Records(&'static Records),
    /// What the house knows, shown and not asked.
    Shown(&'static Display),
}

/// Something a page shows: titles and texts of a list handed in.
pub struct Display {
    /// Name of the list in [`FormContext::lists`].
    pub name: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// What is said when the list is empty.
    pub empty: &'static str,
}

/// A statement a person agrees to, in one of its texts.
#[derive(Debug)]
pub struct Statement {
    /// Version of the text; kept as the answer.
    pub version: &'static str,
    /// The text.
    pub text: &'static str,
}

/// A list of like records (education, work, audits …), each with a stable id.
pub struct Records {
    /// Key in the answers.
    pub name: &'static str,
    /// What one record is called: 教育经历.
    pub label: &'static str,
    /// What belongs here, in one sentence.
    pub hint: &'static str,
    /// When at least one record is needed.
    pub required: When,
    /// The most records taken.
    pub max: usize,
    /// Fields of one record.
    pub fields: &'static [Field],
    /// Fields that name a record in lists, first one first.
    pub title: &'static [&'static str],
    /// Whether records can be taken from, and kept in, the person's 基本信息库.
    pub library: bool,
}

/// One question.
pub struct Field {
    /// `name` of the form control and key in the answers.
    pub name: &'static str,
    /// The question's label.
    pub label: &'static str,
    /// Help below the label; may be empty.
    pub hint: &'static str,
    /// What kind of answer is taken.
    pub widget: Widget,
    /// When an answer is needed to submit.
    pub required: When,
    /// When the question is asked at all.
    pub shown: When,
    /// Never kept in a browser, masked in views of others.
    pub sensitive: bool,
    /// Shows who asks, without being sensitive: left out, as what is sensitive, for who must not learn it.
    pub names_person: bool,
    /// Given for one application only, like a signature: not carried over when it is copied.
    pub fresh: bool,
    /// Whether its file is a 证件照, judged as [`Portrait`] has it.
    pub portrait: bool,
}

/// The kind of answer a field takes.
pub enum Widget {
    /// One line of text, at most so many characters.
    Line(usize, Shape),
    /// Several lines, at most so many characters.
    Lines(usize),
    /// A day, `YYYY-MM-DD`.
    Day(DaySpan),
    /// One of a list.
    One(Options),
    /// Any number of a list.
    Many(Options),
    /// A number of days in steps of half a day, up to this many.
    HalfDays(u16),
    /// A whole number between the two, with its unit.
    Whole(i64, i64, &'static str),
    /// A statement to be ticked.
    Tick(&'static str),
    /// A statement to be agreed to; the answer says which text of it.
    Agree(&'static Statement),
    /// Files, at most so many.
    Files(usize),
}

/// The shape a line of text must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Anything.
    Any,
    /// A person's name.
    PersonName,
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
}

/// Which days a day field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DaySpan {
    /// Any day from 1900 on.
    Any,
    /// Not after today.
    Past,
    /// Not after today, and not before the day in the named field of the same record or form.
    PastFrom(&'static str),
}

/// Where the choices of a list come from.
pub enum Options {
    /// Written here.
    Fixed(&'static [Choice]),
    /// Named here, handed in by whoever reads the form (institutions, open exams …).
    Listed(&'static str),
}

/// One choice of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// Kept in the answers.
    pub code: &'static str,
    /// Shown.
    pub label: &'static str,
    /// Heading under which it is shown; may be empty.
    pub group: &'static str,
}

impl Choice {
    /// A choice without a heading.
    pub const fn new(code: &'static str, label: &'static str) -> Self {
        Self { code, label, group: "" }
    }
}

/// The common field: a required, always shown, ordinary question. Others are written as `Field { …, ..FIELD }`.
pub const FIELD: Field = Field {
    name: "",
    label: "",
    hint: "",
    widget: Widget::Line(100, Shape::Any),
    required: When::Always,
    shown: When::Always,
    sensitive: false,
    names_person: false,
    fresh: false,
    portrait: false,
};

impl Form {
    /// The step with this code.
    pub fn step(&self, code: &str) -> Option<&'static Step> {
        self.steps.iter().find(|s| s.code == code)
    }

    /// The steps that are part of the form for these answers, in order.
    pub fn steps_for<'a>(&self, answers: &'a Answers) -> impl Iterator<Item = &'static Step> + use<'a> {
        let steps: &'static [Step] = self.steps;
        steps.iter().filter(move |s| s.shown.holds(&Scope::form(answers)))
    }

    /// The list of records with this name, with the step it stands on.
    pub fn records(&self, name: &str) -> Option<(&'static Step, &'static Records)> {
        self.steps.iter().find_map(|step| step.records().find(|r| r.name == name).map(|records| (step, records)))
    }

    /// Every field outside records, with the step it stands on.
    pub fn fields(&self) -> impl Iterator<Item = (&'static Step, &'static Field)> + use<> {
        let steps: &'static [Step] = self.steps;
        steps.iter().flat_map(|step| step.fields().map(move |field| (step, field)))
    }
}

impl Step {
    /// The fields of this page outside records.
    pub fn fields(&self) -> impl Iterator<Item = &'static Field> + Clone + use<> {
        let parts: &'static [Part] = self.parts;
        parts.iter().flat_map(|p| match p {
            Part::Fields(_, fields) => fields.iter(),
            Part::Records(_) | Part::Shown(_) => [].iter(),
        })
    }

    /// The lists of records of this page.
    pub fn records(&self) -> impl Iterator<Item = &'static Records> + use<> {
        let parts: &'static [Part] = self.parts;
        parts.iter().filter_map(|p| match p {
            Part::Records(records) => Some(*records),
            Part::Fields(..) | Part::Shown(_) => None,
        })
    }

    /// What this page shows without asking.
    pub fn displays(&self) -> impl Iterator<Item = &'static Display> + use<> {
        let parts: &'static [Part] = self.parts;
        parts.iter().filter_map(|p| match p {
            Part::Shown(display) => Some(*display),
            Part::Fields(..) | Part::Records(_) => None,
        })
    }
}
