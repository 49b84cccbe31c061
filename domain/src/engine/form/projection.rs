//! What a reader sees of the answers of a matter. Pages, prints, comparisons, downloads, counts and copies all read answers through here.

use super::answers::{Answers, Fields, FileRef, Record, Value};
use super::definition::{Field, Form, RecordList};
use super::file_name::ending;
use super::identities::{HIDDEN, Identities};
use super::when::Scope;
use super::widget::Widget;
use crate::base::rule::RulesOn;

/// Who reads answers.
#[derive(Debug, Clone, Copy)]
pub enum Audience<'a> {
    /// The applicant: every answer, also those that a condition hides at present.
    Applicant,
    /// The party whose turn it is, and which knows the applicant: the answers that apply.
    Checker,
    /// Any other party that knows the applicant: files for the checker only are left out as well.
    Reviewer,
    /// A party from which applicant and institutions are hidden: answers that identify them are replaced by [`HIDDEN`], their names are
    /// replaced in free text, sensitive files are left out, and the names of the others are neutral.
    Blind(&'a Identities),
}

impl Answers {
    /// The answers as this audience sees them.
    pub fn shown_to(&self, form: &Form, audience: Audience<'_>, rules: RulesOn<'_>) -> Answers {
        match audience {
            Audience::Applicant => self.clone(),
            Audience::Checker => self.applicable(form, rules),
            Audience::Reviewer => without_checker_files(form, self.applicable(form, rules)),
            Audience::Blind(identities) => blind(form, self.applicable(form, rules), identities),
        }
    }

    /// The answers without those that a condition of the form hides: what a submission consists of. Lists of the engine itself, whose names
    /// begin with `_`, are kept.
    pub fn applicable(&self, form: &Form, rules: RulesOn<'_>) -> Answers {
        let scope = Scope::form(self).with_rules(rules);
        let mut kept = Answers::default();
        for step in form.steps_for(self) {
            kept.fields.extend(applicable_fields(step.fields(), &self.fields, &scope));
            for list in step.records() {
                let records: Vec<Record> = self.records(list.name).map(|record| applicable_record(list, record, self, rules)).collect();
                if !records.is_empty() {
                    kept.records.insert(list.name.to_owned(), records);
                }
            }
        }
        let of_engine = self.records.iter().filter(|(name, _)| name.starts_with('_'));
        kept.records.extend(of_engine.map(|(name, records)| (name.clone(), records.clone())));
        kept
    }

    /// Number of answers that [`Answers::applicable`] leaves out, each record of a hidden list counting as one.
    pub fn count_hidden(&self, form: &Form, rules: RulesOn<'_>) -> usize {
        let kept = self.applicable(form, rules);
        let answered = |fields: &Fields| fields.values().filter(|v| !v.is_empty()).count();
        let fields =
            form.fields().filter(|(_, f)| self.fields.get(f.name).is_some_and(|v| !v.is_empty()) && !kept.fields.contains_key(f.name));
        let records = form.steps.iter().flat_map(|s| s.records()).flat_map(|list| {
            let kept = &kept;
            self.records(list.name).map(move |record| match kept.record(list.name, record.id) {
                None => 1,
                Some(left) => answered(&record.fields).saturating_sub(answered(&left.fields)),
            })
        });
        fields.count() + records.sum::<usize>()
    }
}

impl Field {
    /// Whether the answer names the applicant or an institution, and is hidden from blind readers.
    pub fn identifies(&self) -> bool {
        self.sensitive || self.identifies_person || self.identifies_institution
    }

    /// Whether the answer is text that may mention anyone.
    fn is_free_text(&self) -> bool {
        matches!(self.widget, Widget::Lines(_) | Widget::Line(..))
    }
}

fn applicable_fields<'a>(fields: impl Iterator<Item = &'a Field>, all: &Fields, scope: &Scope<'_>) -> Fields {
    fields.filter(|f| f.shown.holds(scope)).filter_map(|f| Some((f.name.to_owned(), all.get(f.name)?.clone()))).collect()
}

fn applicable_record(list: &RecordList, record: &Record, answers: &Answers, rules: RulesOn<'_>) -> Record {
    let scope = Scope::record(answers, &record.fields).with_rules(rules);
    Record { fields: applicable_fields(list.fields.iter(), &record.fields, &scope), ..record.clone() }
}

/// Calls `change` for each field of the form with the answers beside its own: those of the form, or of each record of its list.
fn change_each(form: &Form, answers: &mut Answers, mut change: impl FnMut(&Field, &mut Fields)) {
    for step in form.steps {
        step.fields().for_each(|field| change(field, &mut answers.fields));
        for list in step.records() {
            for record in answers.records.get_mut(list.name).into_iter().flatten() {
                list.fields.iter().for_each(|field| change(field, &mut record.fields));
            }
        }
    }
}

/// The answers without the files that only the party whose turn it is compares; texts of that kind are masked where they are shown.
fn without_checker_files(form: &Form, mut answers: Answers) -> Answers {
    change_each(form, &mut answers, |field, fields| {
        if field.checker_only && matches!(field.widget, Widget::Files(_)) {
            fields.remove(field.name);
        }
    });
    answers
}

/// The answers for a blind reader.
fn blind(form: &Form, mut answers: Answers, identities: &Identities) -> Answers {
    let mut redaction = identities.clone();
    redaction.add_all(identifying_texts(form, &answers));
    let mut files = 0;
    change_each(form, &mut answers, |field, fields| hide(field, fields, &redaction, &mut files));
    let of_engine = answers.records.iter_mut().filter(|(name, _)| name.starts_with('_'));
    for value in of_engine.flat_map(|(_, records)| records).flat_map(|record| record.fields.values_mut()) {
        redact(value, &redaction);
    }
    answers
}

/// Texts of the answers that identify someone; they may stand in free text as well.
fn identifying_texts<'a>(form: &Form, answers: &'a Answers) -> Vec<&'a str> {
    let single = form.fields().filter(|(_, f)| f.identifies()).map(|(_, f)| answers.text(f.name));
    let lists = form.steps.iter().flat_map(|s| s.records());
    let in_records = lists.flat_map(|list| {
        let marked = list.fields.iter().filter(|f| f.identifies());
        marked.flat_map(move |f| answers.records(list.name).map(move |record| record.text(f.name)))
    });
    single.chain(in_records).collect()
}

fn hide(field: &Field, fields: &mut Fields, redaction: &Identities, files: &mut usize) {
    let Some(value) = fields.get_mut(field.name) else { return };
    match value {
        Value::Files(_) if field.identifies() => {
            fields.remove(field.name);
        }
        Value::Files(attached) => {
            for file in attached {
                *files += 1;
                file.name = neutral_name(*files, file);
            }
        }
        Value::Text(text) if field.identifies() && !text.is_empty() => HIDDEN.clone_into(text),
        Value::Many(codes) if field.identifies() && !codes.is_empty() => *codes = vec![HIDDEN.to_owned()],
        value if field.is_free_text() => redact(value, redaction),
        _ => {}
    }
}

fn redact(value: &mut Value, redaction: &Identities) {
    if let Value::Text(text) = value {
        *text = redaction.redact(text);
    }
}

/// 附件1.pdf: the number of the file among those shown, and the ending of its media type.
fn neutral_name(number: usize, file: &FileRef) -> String {
    format!("附件{number}{}", ending(&file.mime))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::engine::form::testing::TestContext;
    use crate::engine::form::{FIELD, Part, Step, When};

    const DETAILED: When = When::Is("grade", &["full"]);

    static FORM: Form = Form {
        version: 1,
        upgrade: |_| (),
        steps: &[
            Step {
                code: "a",
                title: "A",
                intro: "",
                shown: When::Always,
                parts: &[Part::Fields(
                    "",
                    &[
                        Field { name: "grade", ..FIELD },
                        Field { name: "note", widget: Widget::Lines(100), shown: DETAILED, ..FIELD },
                        Field { name: "reason", widget: Widget::Lines(100), ..FIELD },
                        Field { name: "leader", identifies_person: true, ..FIELD },
                        Field { name: "scan", widget: Widget::files(2), sensitive: true, checker_only: true, ..FIELD },
                        Field { name: "proof", widget: Widget::files(2), ..FIELD },
                    ],
                )],
            },
            Step {
                code: "b",
                title: "B",
                intro: "",
                shown: DETAILED,
                parts: &[Part::Records(&RecordList {
                    name: "work",
                    label: "B",
                    hint: "",
                    required: When::Never,
                    max: 5,
                    fields: &[
                        Field { name: "employer", identifies_institution: true, ..FIELD },
                        Field { name: "duties", widget: Widget::Lines(100), ..FIELD },
                    ],
                    title: &["employer"],
                    span: None,
                    library: true,
                })],
            },
        ],
    };

    fn file(n: u128, name: &str) -> FileRef {
        FileRef { file: Uuid::from_u128(n), name: name.into(), size: 1, mime: "application/pdf".into() }
    }

    fn answers(grade: &str) -> Answers {
        let mut answers = Answers::default();
        for (name, text) in [("grade", grade), ("note", "x"), ("reason", "欧阳雪松在华信工作，经甲公司推荐"), ("leader", "欧阳雪松")]
        {
            answers.fields.insert(name.into(), text.into());
        }
        answers.fields.insert("scan".into(), Value::Files(vec![file(1, "欧阳雪松-身份证.pdf")]));
        answers.fields.insert("proof".into(), Value::Files(vec![file(2, "欧阳雪松-证书.pdf"), file(3, "华信.hta")]));
        let fields = [("employer", "甲公司"), ("duties", "在甲公司任职")].map(|(n, v)| (n.to_owned(), v.into())).into();
        answers.put_record("work", Record { id: Uuid::from_u128(9), fields, removed: false });
        answers.put_record(
            "_responses",
            Record { id: Uuid::from_u128(8), fields: [("answer".to_owned(), "欧阳 雪松已改".into())].into(), removed: false },
        );
        answers
    }

    fn shown(grade: &str, audience: Audience<'_>) -> Answers {
        let context = TestContext::on("2026-11-23");
        answers(grade).shown_to(&FORM, audience, context.form().rules_on())
    }

    #[test]
    fn reviewers_get_only_the_answers_that_the_conditions_show() {
        let trainee = shown("trainee", Audience::Reviewer);
        assert_eq!((trainee.text("note"), trainee.records("work").count()), ("", 0));
        assert_eq!(trainee.records("_responses").count(), 1, "responses to a return are kept");
        assert!(shown("full", Audience::Checker) == answers("full"));
        assert!(shown("trainee", Audience::Applicant) == answers("trainee"));
    }

    #[test]
    fn files_for_the_checker_are_there_for_nobody_else() {
        let has_scan = |audience| !shown("full", audience).fields.get("scan").map_or(&[][..], Value::files).is_empty();
        assert!(has_scan(Audience::Applicant) && has_scan(Audience::Checker) && !has_scan(Audience::Reviewer));
    }

    #[test]
    fn the_answers_that_are_not_sent_are_counted() {
        let context = TestContext::on("2026-11-23");
        let hidden = |grade: &str| answers(grade).count_hidden(&FORM, context.form().rules_on());
        assert_eq!((hidden("full"), hidden("trainee")), (0, 2));
    }

    #[test]
    fn a_blind_reader_sees_no_name_in_any_answer_or_file_name() {
        let mut identities = Identities::default();
        identities.add_person("欧阳雪松");
        identities.add_institution("华信质量认证中心有限公司");
        let seen = shown("full", Audience::Blind(&identities));
        let all = serde_json::to_string(&seen).unwrap();
        for name in ["欧阳", "雪松", "华信", "甲公司", "hta"] {
            assert!(!all.contains(name), "{name}: {all}");
        }
        assert_eq!(seen.text("leader"), HIDDEN, "an answer that is hidden does not look missing");
        assert_eq!(seen.files().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["附件1.pdf", "附件2.pdf"]);
        assert!(seen.text("reason").contains("工作"), "the rest of a text stays");
    }
}
