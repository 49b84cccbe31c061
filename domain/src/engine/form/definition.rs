//! The definition of a form: steps, parts, fields and their widgets.

use super::accepted_files::{AcceptedFiles, FileKind, kinds_label};
use super::answers::{Answers, Fields, Value};
use super::path::Path;
use super::when::{Scope, When};
use super::widget::{Options, TextFormat, Widget};
use crate::base::money::Fen;
use crate::base::rule::{RuleKey, RulesOn};

/// A published form.
pub struct Form {
    /// Version of the form, incremented with each change.
    pub version: i64,
    /// Upgrades answers of earlier versions. Idempotent.
    pub upgrade: fn(&mut Answers),
    /// Pages of the wizard, in order.
    pub steps: &'static [Step],
}

/// A form is equal to itself only: forms are compared where tables name them.
impl PartialEq for Form {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Form {}

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.steps.iter().map(|step| step.code)).finish()
    }
}

/// One page of the wizard.
pub struct Step {
    /// Code, part of the address `/matters/{id}/edit/{code}`.
    pub code: &'static str,
    /// Title of the page.
    pub title: &'static str,
    /// One or two sentences above the fields; may be empty.
    pub intro: &'static str,
    /// Condition under which the step is part of the form.
    pub shown: When,
    /// Parts of the page.
    pub parts: &'static [Part],
}

/// A part of a page: fields, a list of records, or data to display.
pub enum Part {
    /// A group of fields under an optional heading.
    Fields(&'static str, &'static [Field]),
    /// A list of records.
    Records(&'static RecordList),
    /// Data on record, displayed only.
    Display(&'static Display),
}

/// Data to display: titles and texts of a list in the context.
pub struct Display {
    /// Name of the list in [`FormContext::lists`](super::FormContext::lists).
    pub name: &'static str,
    /// Heading above the data.
    pub label: &'static str,
    /// Text for an empty list.
    pub empty: &'static str,
}

/// A list of records with the same fields (education, work, audits …).
pub struct RecordList {
    /// Key in the answers.
    pub name: &'static str,
    /// Label of a record: 教育经历.
    pub label: &'static str,
    /// Hint in one sentence.
    pub hint: &'static str,
    /// Condition under which at least one record is required.
    pub required: When,
    /// Maximum number of records.
    pub max: usize,
    /// Fields of one record.
    pub fields: &'static [Field],
    /// Fields that form the title of a record, in order.
    pub title: &'static [&'static str],
    /// Fields with the first and the last day of a record, for lists of periods. Without a last day the period goes on.
    pub span: Option<(&'static str, &'static str)>,
    /// Whether records can be exchanged with 基本信息库.
    pub library: bool,
}

/// A field of a form.
pub struct Field {
    /// `name` of the form control and key in the answers.
    pub name: &'static str,
    /// Label of the question.
    pub label: &'static str,
    /// Help below the label; may be empty.
    pub hint: &'static str,
    /// Rule key of an amount in fen that is shown with the hint: a fee.
    pub amount: Option<RuleKey>,
    /// Type of the answer.
    pub widget: Widget,
    /// Condition under which an answer is required for submission.
    pub required: When,
    /// What is said of a missing answer; empty for the words of the engine.
    pub missing: &'static str,
    /// Condition under which the field is shown.
    pub shown: When,
    /// Whether the answer is never stored in a browser and masked for others.
    pub sensitive: bool,
    /// Whether a sensitive answer is read in full only in the editor, and by the party whose turn it is, which compares it with the
    /// documents. The applicant reads it masked as well: the number of a document is shown in full after the password only. Files are
    /// there for the applicant and for that party only.
    pub checker_only: bool,
    /// Whether the answer identifies the applicant, by a name or by a number that leads to one; hidden from blind readers.
    pub identifies_person: bool,
    /// Whether the answer identifies an institution of the applicant, or someone there; hidden from blind readers.
    pub identifies_institution: bool,
    /// Whether the answer is valid for one application only, like a signature, and is not copied.
    pub single_use: bool,
    /// Whether a new application begins with the only option of the field's list.
    pub prefilled: bool,
    /// Whether the file is a 证件照, checked by [`PortraitRequirements`](super::PortraitRequirements).
    pub portrait: bool,
}

/// Defaults of a field (required, always shown), used as `Field { …, ..FIELD }`.
pub const FIELD: Field = Field {
    name: "",
    label: "",
    hint: "",
    amount: None,
    widget: Widget::Line(100, TextFormat::Any),
    required: When::Always,
    missing: "",
    shown: When::Always,
    sensitive: false,
    checker_only: false,
    identifies_person: false,
    identifies_institution: false,
    single_use: false,
    prefilled: false,
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

    /// The list of records with this name, with its step.
    pub fn records(&self, name: &str) -> Option<(&'static Step, &'static RecordList)> {
        self.steps.iter().find_map(|step| step.records().find(|r| r.name == name).map(|records| (step, records)))
    }

    /// The field of an answer: a single field, or a field of a record. None for a record as a whole, and for an unknown name.
    pub fn field_at(&self, path: &Path) -> Option<&'static Field> {
        match path {
            Path::Field(name) => self.fields().map(|(_, field)| field).find(|field| field.name == name),
            Path::Cell(list, _, name) => self.records(list)?.1.field(name),
            Path::Row(..) => None,
        }
    }

    /// Every field outside records, with its step.
    pub fn fields(&self) -> impl Iterator<Item = (&'static Step, &'static Field)> + use<> {
        let steps: &'static [Step] = self.steps;
        steps.iter().flat_map(|step| step.fields().map(move |field| (step, field)))
    }
}

impl RecordList {
    /// The field with this name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// First and last day of a record, as they are written, of a list of periods; empty where unanswered.
    pub fn span_of<'a>(&self, fields: &'a Fields) -> Option<(&'a str, &'a str)> {
        let text = |name: &str| fields.get(name).map_or("", Value::text);
        self.span.map(|(first, last)| (text(first), text(last)))
    }

    /// The answers of a record to the fields of this list that a new application may take over.
    pub fn reusable(&self, fields: &Fields) -> Fields {
        reusable(self.fields.iter(), fields)
    }
}

impl Field {
    /// Name of the list of its options, if the platform keeps it.
    pub fn option_list(&self) -> Option<&'static str> {
        match &self.widget {
            Widget::One(Options::Listed(list)) | Widget::Many(Options::Listed(list)) => Some(list),
            _ => None,
        }
    }

    /// Whether the answer counts for one application only, such as a ticked statement or a signature.
    pub fn is_single_use(&self) -> bool {
        self.single_use || matches!(self.widget, Widget::Tick(_) | Widget::Agree(_))
    }

    /// The hint of a control for files: the field's own, and which files it takes, as many and as large.
    pub fn file_limits(&self, files: &AcceptedFiles, rules: &RulesOn<'_>) -> String {
        let kinds = if self.portrait { kinds_label(&[FileKind::Jpeg]) } else { kinds_label(files.kinds) };
        let (megabytes, most) = (files.max_megabytes(rules), files.most);
        let number = if most == 1 { "限 1 个文件".to_owned() } else { format!("最多 {most} 个文件") };
        let own = if self.hint.is_empty() { String::new() } else { format!("{}。", self.hint.trim_end_matches('。')) };
        format!("{own}{kinds}，每个不超过 {megabytes} MB，{number}")
    }

    /// The files that it takes; none if it takes no files.
    pub fn accepted_files(&self) -> Option<&AcceptedFiles> {
        match &self.widget {
            Widget::Files(accepted) => Some(accepted),
            _ => None,
        }
    }

    /// The hint of the control, with the amount of its rule.
    pub fn hint_on(&self, rules: &RulesOn<'_>) -> String {
        let amount = match self.amount.map(|key| rules.int(key)) {
            None => return self.hint.to_owned(),
            Some(0) => "目前不收费".to_owned(),
            Some(fen) => format!("费用 {}", Fen(fen)),
        };
        if self.hint.is_empty() { amount } else { format!("{}。{amount}", self.hint.trim_end_matches('。')) }
    }

    /// Whether two different answers can both be kept, joined to one text. True for free text; false for numbers, days and formats.
    pub fn joinable(&self) -> bool {
        matches!(self.widget, Widget::Lines(_) | Widget::Line(_, TextFormat::Any))
    }
}

/// The answers to these fields that a new application may take over.
pub(super) fn reusable(fields: impl Iterator<Item = &'static Field>, answers: &Fields) -> Fields {
    fields.filter(|f| !f.is_single_use()).filter_map(|f| Some((f.name.to_owned(), answers.get(f.name)?.clone()))).collect()
}

impl Step {
    /// The fields of this page outside records.
    pub fn fields(&self) -> impl Iterator<Item = &'static Field> + Clone + use<> {
        let parts: &'static [Part] = self.parts;
        parts.iter().flat_map(|p| match p {
            Part::Fields(_, fields) => fields.iter(),
            Part::Records(_) | Part::Display(_) => [].iter(),
        })
    }

    /// The lists of records of this page.
    pub fn records(&self) -> impl Iterator<Item = &'static RecordList> + use<> {
        let parts: &'static [Part] = self.parts;
        parts.iter().filter_map(|p| match p {
            Part::Records(records) => Some(*records),
            Part::Fields(..) | Part::Display(_) => None,
        })
    }

    /// Data displayed on this page.
    pub fn displays(&self) -> impl Iterator<Item = &'static Display> + use<> {
        let parts: &'static [Part] = self.parts;
        parts.iter().filter_map(|p| match p {
            Part::Display(display) => Some(*display),
            Part::Fields(..) | Part::Records(_) => None,
        })
    }
}
