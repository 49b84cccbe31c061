//! Checks across the fields of a change of identity, and the change that valid answers ask for.

use chrono::NaiveDate;

use crate::base::identity::{read_person_name, same_name};
use crate::engine::form::{Answers, Issue, Path, Problem};
use crate::matter::MatterContext;
use crate::record::account::{IdentityChange, SignupError, TypedDocument, read_document};

/// Runs every check across fields.
pub(super) fn validate(answers: &Answers, context: &MatterContext<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    if asks_for(answers, "name") && answers.text("new_name") == context.applicant {
        let issue = Issue::new("same_name", "与现登记的姓名相同，无需变更");
        problems.push(problem("identity", "new_name", "变更后的姓名", issue));
    }
    if asks_for(answers, "document") {
        document(answers, context, &mut problems);
    }
    signature(answers, context, &mut problems);
    problems
}

fn problem(step: &'static str, field: &'static str, label: &str, issue: Issue) -> Problem {
    Problem { step, path: Path::field(field), label: label.to_owned(), issue }
}

fn asks_for(answers: &Answers, change: &str) -> bool {
    answers.fields.get("changes").is_some_and(|changes| changes.contains(change))
}

fn typed(answers: &Answers) -> TypedDocument<'_> {
    TypedDocument {
        kind: answers.text("document_type"),
        number: answers.text("document_number"),
        sex: answers.text("sex"),
        birth_date: answers.text("birth_date"),
    }
}

fn document(answers: &Answers, context: &MatterContext<'_>, problems: &mut Vec<Problem>) {
    match read_document(&typed(answers), context.today) {
        Ok(new) if context.identity().is_same(&new) => {
            let issue = Issue::new("same_document", "与现登记的证件相同，无需变更");
            problems.push(problem("identity", "document_number", "变更后的证件号码", issue));
        }
        Ok(_) => {}
        Err(errors) => problems.extend(errors.into_iter().filter(|e| is_beyond_form(answers, e)).map(|error| {
            let label = match error.field {
                "sex" => "性别",
                "birth_date" => "出生日期",
                _ => "变更后的证件号码",
            };
            problem("identity", error.field, label, Issue::new(error.code, error.text))
        })),
    }
}

/// Whether the form itself does not report the error: an age, or what only the number of an older 外国人永久居留身份证 lacks.
fn is_beyond_form(answers: &Answers, error: &SignupError) -> bool {
    let older_permit = answers.text("document_type") == "foreigner_pr" && matches!(error.field, "sex" | "birth_date");
    error.code == "age" || (error.code == "missing" && older_permit)
}

/// The declaration is signed with the present name or with the new one.
fn signature(answers: &Answers, context: &MatterContext<'_>, problems: &mut Vec<Problem>) {
    let signed = answers.text("signed_name");
    let by_new_name = asks_for(answers, "name") && same_name(signed, answers.text("new_name"));
    if !signed.is_empty() && !context.is_signature(signed) && !by_new_name {
        let issue = Issue::new("signature_differs", "声明人姓名与变更前、变更后的姓名都不一致");
        problems.push(problem("papers", "signed_name", "声明人姓名", issue));
    }
}

/// The change that the answers ask for; none if they are not valid.
pub(super) fn change(answers: &Answers, today: NaiveDate) -> Option<IdentityChange> {
    let name = match asks_for(answers, "name") {
        // The form judges the length.
        true => read_person_name(answers.text("new_name"), usize::MAX).ok(),
        false => None,
    };
    let document = match asks_for(answers, "document") {
        true => read_document(&typed(answers), today).ok(),
        false => None,
    };
    let complete = name.is_some() == asks_for(answers, "name") && document.is_some() == asks_for(answers, "document");
    (complete && (name.is_some() || document.is_some())).then_some(IdentityChange { name, document })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::identity::Sex;
    use crate::engine::form::testing::TestContext;
    use crate::engine::form::{FileRef, Value};
    use crate::kind::identity_change::{DECLARATION, KIND};
    use crate::matter::{ApplicantRecord, Availability};
    use crate::record::account::RegisteredIdentity;

    const NUMBER: &str = "110101199003070038";

    fn record() -> ApplicantRecord {
        let identity = RegisteredIdentity {
            document_type: "resident_id".into(),
            document_number: "110101199003070011".into(),
            sex: Some(Sex::Male),
            birth_date: "1990-03-07".parse().ok(),
        };
        ApplicantRecord { identity, ..ApplicantRecord::default() }
    }

    fn answers(changes: &[&str], pairs: &[(&str, &str)]) -> Answers {
        let mut answers = Answers::default();
        answers.fields.insert("changes".into(), Value::Many(changes.iter().map(|c| (*c).to_owned()).collect()));
        for (name, text) in [("reason", "reissued"), ("declared", DECLARATION.version), ("signed_name", "张伟")].iter().chain(pairs) {
            answers.fields.insert((*name).to_owned(), (*text).into());
        }
        for name in ["document_front", "document_back", "name_proof"] {
            let file = FileRef { file: uuid::Uuid::nil(), name: "a.jpg".into(), size: 1, mime: "image/jpeg".into() };
            answers.fields.insert(name.into(), Value::Files(vec![file]));
        }
        answers
    }

    /// Fields and codes of the problems of a submission.
    fn problems(answers: &Answers) -> Vec<(String, &'static str)> {
        let context = TestContext { applicant: "张伟", ..TestContext::on("2026-11-23") };
        let record = record();
        let problems = KIND.check(answers, &context.matter(&record));
        problems.into_iter().map(|p| (p.path.to_string(), p.issue.code)).collect()
    }

    const DOCUMENT: [(&str, &str); 2] = [("document_type", "resident_id"), ("document_number", NUMBER)];

    #[test]
    fn valid_answers_ask_for_what_was_chosen_and_nothing_else() {
        let today = "2026-11-23".parse().unwrap();
        let of_name = answers(&["name"], &[("new_name", "张维"), DOCUMENT[0], DOCUMENT[1]]);
        assert_eq!(problems(&of_name), []);
        let change = super::change(&of_name, today).unwrap();
        assert!(change.name.as_deref() == Some("张维") && change.document.is_none());
        let of_document = answers(&["document"], &DOCUMENT);
        assert_eq!(problems(&of_document), []);
        let change = super::change(&of_document, today).unwrap();
        let document = change.document.unwrap();
        assert!(change.name.is_none());
        assert_eq!((document.document.number(), document.sex), (NUMBER, Sex::Male));
        assert!(super::change(&answers(&["name", "document"], &DOCUMENT), today).is_none(), "the name is missing");
        assert!(super::change(&Answers::default(), today).is_none());
    }

    #[test]
    fn every_answer_is_read_as_the_registration_reads_it() {
        let field = |name: &str, code| vec![(name.to_owned(), code)];
        for (changes, pairs, expected) in [
            (vec!["name"], vec![("new_name", "张3")], field("new_name", "name_character")),
            (vec!["name"], vec![("new_name", "张伟")], field("new_name", "same_name")),
            (vec!["name"], vec![], field("new_name", "missing")),
            (vec!["document"], vec![DOCUMENT[0], ("document_number", "110101199003070012")], field("document_number", "id_check")),
            (vec!["document"], vec![DOCUMENT[0], ("document_number", "110101199003070011")], field("document_number", "same_document")),
            (vec!["document"], vec![DOCUMENT[0], ("document_number", "110101201503070018")], field("document_number", "id_age")),
            (vec!["document"], vec![DOCUMENT[0]], field("document_number", "missing")),
            (vec!["document"], vec![("document_number", NUMBER)], field("document_type", "missing")),
        ] {
            assert_eq!(problems(&answers(&changes, &pairs)), expected, "{changes:?}");
        }
    }

    #[test]
    fn a_document_without_built_in_data_asks_for_sex_and_birth() {
        let fields = |pairs: &[(&str, &str)]| problems(&answers(&["document"], pairs)).into_iter().map(|(f, _)| f).collect::<Vec<_>>();
        let passport = [("document_type", "passport"), ("document_number", "E12345678")];
        assert_eq!(fields(&passport), ["sex", "birth_date"]);
        let old_permit = [("document_type", "foreigner_pr"), ("document_number", "KAZ110090123105")];
        assert_eq!(fields(&old_permit), ["sex", "birth_date"]);
        assert!(fields(&[("document_type", "foreigner_pr"), ("document_number", "932682198501010017")]).is_empty());
        let born = |day| [passport[0], passport[1], ("sex", "female"), ("birth_date", day)];
        assert_eq!(fields(&born("2015-03-07")), ["birth_date"], "too young");
        assert!(fields(&born("1990-03-07")).is_empty());
    }

    #[test]
    fn the_declaration_is_signed_with_the_present_or_the_new_name() {
        for (signed, changes, accepted) in
            [("张伟", vec!["name"], true), ("张维", vec!["name"], true), ("张维", vec!["document"], false), ("李四", vec!["name"], false)]
        {
            let found = problems(&answers(&changes, &[("new_name", "张维"), DOCUMENT[0], DOCUMENT[1], ("signed_name", signed)]));
            assert_eq!(found.is_empty(), accepted, "{signed} {changes:?}: {found:?}");
        }
    }

    #[test]
    fn a_change_of_name_needs_a_proof_of_it_and_every_change_both_sides_of_the_document() {
        let without = |changes: &[&str], field: &str| {
            let mut answers = answers(changes, &[("new_name", "张维"), DOCUMENT[0], DOCUMENT[1]]);
            answers.fields.remove(field);
            problems(&answers).into_iter().map(|(field, _)| field).collect::<Vec<_>>()
        };
        assert_eq!(without(&["name"], "name_proof"), ["name_proof"]);
        assert!(without(&["document"], "name_proof").is_empty());
        for side in ["document_front", "document_back"] {
            assert_eq!(without(&["name"], side), [side]);
            assert_eq!(without(&["document"], side), [side]);
        }
    }

    #[test]
    fn number_and_birth_date_are_never_stored_in_a_browser_and_the_title_names_no_person() {
        for name in ["document_number", "birth_date", "document_front", "document_back", "name_proof"] {
            let field = KIND.form.field_at(&Path::field(name)).unwrap();
            assert!(field.sensitive, "{name}");
        }
        let answers = answers(&["name", "document"], &[("new_name", "张维"), DOCUMENT[0], DOCUMENT[1]]);
        assert_eq!(KIND.title_for(&answers), "信息变更申请（姓名、证件）");
    }

    #[test]
    fn none_can_be_begun_while_another_one_is_open() {
        let context = TestContext::on("2026-11-23");
        let open = |stage: &str, closed_on: Option<&str>| {
            let mut past = KIND.past_matter(uuid::Uuid::nil(), "信息变更申请".into(), stage);
            past.closed_on = closed_on.map(|day| day.parse().unwrap());
            let record = ApplicantRecord { matters: vec![past], ..record() };
            KIND.availability_for(&context.matter(&record)) == Availability::Open
        };
        assert!(!open("review", None));
        assert!(open("granted", Some("2026-11-20")));
    }
}
