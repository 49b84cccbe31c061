//! `docs/flows/{kind}.md` is generated from the flow tables. `UPDATE_DOCS=1 cargo test -p domain flow_docs` writes the files.

use std::fmt::Write;
use std::path::PathBuf;

use chrono::NaiveDate;

use crate::base::rule::Rules;
use crate::engine::flow::{
    Agreement, DeadlineKey, Edit, Effect, InstitutionRelation, Minimum, Outcome, Party, Requires, Stage, TimeLimit, Transition,
};
use crate::engine::form::When;
use crate::kind::KINDS;
use crate::matter::Kind;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/flows");

#[test]
fn flow_docs_match_the_flow_tables() {
    let folder = PathBuf::from(FOLDER);
    let update = std::env::var_os("UPDATE_DOCS").is_some_and(|v| v == "1");
    if update {
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
    }
    let mut expected: Vec<(String, String)> = KINDS.iter().map(|kind| (format!("{}.md", kind.code), page(kind))).collect();
    expected.push(("README.md".into(), index()));
    for (name, text) in &expected {
        let path = folder.join(name);
        if update {
            std::fs::write(&path, text).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(written == *text, "docs/flows/{name} is out of date: run UPDATE_DOCS=1 cargo test -p domain flow_docs");
    }
    let files = std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(files, expected.len(), "docs/flows holds a file that belongs to no kind");
}

fn index() -> String {
    let mut out = String::from(
        "# Flows\n\nOne page for each kind of matter, generated from the tables in `domain/src/kind`: stages, transitions, and what each party \
         can do at each stage.\nRegenerate with `UPDATE_DOCS=1 cargo test -p domain flow_docs`.\n\nNumbers of days are the defaults of the rule table. Conditions read the submitted answers, facts of the kind, and three facts \
         of the matter:\n`_filed_by_institution` (an institution filed the matter), `_sent_from` (the stage that asked for the rectification), \
         `_rounds_left` (a further\nround of rectification is allowed).\n\n| kind | name |\n|---|---|\n",
    );
    for kind in KINDS {
        line(&mut out, &[format!("[{0}]({0}.md)", kind.code), kind.label.to_owned()]);
    }
    out
}

fn page(kind: &Kind) -> String {
    let mut out = format!("# {} `{}`\n\nGenerated from the flow table; see [README](README.md).\n", kind.label, kind.code);
    stages(kind, &mut out);
    transitions(kind, &mut out);
    parties(kind, &mut out);
    out
}

fn stages(kind: &Kind, out: &mut String) {
    heading(out, "Stages", &["stage", "turn of", "time limit", "applicant edits", "decision or outcome"]);
    for stage in kind.flow.stages {
        let turn = stage.turn.map(party).unwrap_or_default();
        let limit = stage.time_limit.map(time_limit).unwrap_or_default();
        let edit = match stage.edit {
            Edit::Nothing => "",
            Edit::Everything => "everything",
            Edit::Items => "returned items",
        };
        line(out, &[stage_name(stage), turn, limit, edit.to_owned(), decision(stage)]);
    }
}

fn transitions(kind: &Kind, out: &mut String) {
    heading(out, "Transitions", &["from", "party", "command", "requires", "to", "effects and conditions"]);
    for stage in kind.flow.stages {
        for transition in stage.transitions {
            let to: Vec<String> = transition.to.iter().map(|(when, to)| target(kind, when, to)).collect();
            line(
                out,
                &[
                    stage_name(stage),
                    party(transition.by),
                    format!("{} `{}`", transition.label, transition.command),
                    requires(transition.requires),
                    to.join("<br>"),
                    conditions(kind, transition),
                ],
            );
        }
    }
}

/// One row for each stage, one column for each party, commands in the cells.
fn parties(kind: &Kind, out: &mut String) {
    let mut parties: Vec<Party> = Vec::new();
    for transition in kind.flow.stages.iter().flat_map(|s| s.transitions) {
        if !parties.contains(&transition.by) {
            parties.push(transition.by);
        }
    }
    let names: Vec<String> = std::iter::once("stage".to_owned()).chain(parties.iter().map(|p| party(*p))).collect();
    heading(out, "Commands of each party", &names.iter().map(String::as_str).collect::<Vec<_>>());
    for stage in kind.flow.stages.iter().filter(|s| !s.transitions.is_empty()) {
        let commands = |p: &Party| {
            let of_party = stage.transitions.iter().filter(|t| t.by == *p).map(|t| format!("`{}`", t.command));
            of_party.collect::<Vec<_>>().join(" ")
        };
        let cells: Vec<String> = std::iter::once(stage_name(stage)).chain(parties.iter().map(commands)).collect();
        line(out, &cells);
    }
}

fn heading(out: &mut String, title: &str, columns: &[&str]) {
    let _ = write!(out, "\n## {title}\n\n| {} |\n|{}\n", columns.join(" | "), "---|".repeat(columns.len()));
}

fn line(out: &mut String, cells: &[String]) {
    let _ = writeln!(out, "| {} |", cells.join(" | "));
}

fn stage_name(stage: &Stage) -> String {
    format!("{} `{}`", stage.label, stage.code)
}

fn party(party: Party) -> String {
    let name = match party {
        Party::Association(role) => role.label().to_owned(),
        other => other.label().to_owned(),
    };
    format!("{name} `{}`", party.code())
}

fn time_limit(limit: TimeLimit) -> String {
    let (key, unit) = match limit {
        TimeLimit::Working(key) => (key, "working days"),
        TimeLimit::Calendar(key) => (key, "calendar days"),
        TimeLimit::Day(key) => return deadline(key),
    };
    let rules = Rules::default();
    format!("{} {unit} (rule `{}`)", rules.on(NaiveDate::default()).int(key), key.name)
}

fn deadline(key: DeadlineKey) -> String {
    format!("{} `{}`", key.label, key.code)
}

fn decision(stage: &Stage) -> String {
    if let Some(outcome) = stage.outcome {
        let name = match outcome {
            Outcome::Granted => "granted",
            Outcome::Refused => "refused",
            Outcome::Withdrawn => "withdrawn",
            Outcome::Lapsed => "lapsed",
        };
        return format!("closed: {name}");
    }
    if stage.awaits_payment {
        return "awaits a payment".to_owned();
    }
    match stage.agreement {
        Agreement::One => String::new(),
        Agreement::All(all, otherwise) => format!("`{all}` if every expert chooses it, else `{otherwise}`"),
        Agreement::Majority(otherwise) => format!("the command of more than half of the experts, else `{otherwise}`"),
        Agreement::Panel(rubric) => {
            let (of, gap) = (&rubric.outcomes, rubric.gap.name);
            format!(
                "by the rubric `{}`, `{}` or `{}`; `{}` if the experts differ (rule `{gap}`) or a veto of one stands alone",
                of.pass, of.revise, of.fail, of.split
            )
        }
        Agreement::Confirmed(confirmation) => {
            let when = confirmation.at_once.map_or_else(|| "at once".to_owned(), |key| format!("at once if rule `{}` is yes", key.name));
            let (agreed, declined) = (confirmation.agreed, confirmation.declined);
            format!("`{agreed}` if every participant agrees; `{declined}` if one declines, {when}")
        }
        Agreement::Every { breaks } => format!("every participant agrees; `{breaks}` as soon as one chooses it"),
    }
}

fn target(kind: &Kind, when: &When, to: &str) -> String {
    let stage = stage_by_code(kind, to);
    match condition(when) {
        condition if condition.is_empty() => stage,
        condition => format!("{stage} if {condition}"),
    }
}

fn stage_by_code(kind: &Kind, code: &str) -> String {
    kind.flow.stage(code).map_or_else(|| format!("`{code}`"), stage_name)
}

fn condition(when: &When) -> String {
    match when {
        When::Always => String::new(),
        When::Never => "never".to_owned(),
        When::Is(field, codes) => format!("`{field}` is `{}`", codes.join("` or `")),
        When::Not(field, []) => format!("`{field}` is answered"),
        When::Not(field, codes) => format!("`{field}` is not `{}`", codes.join("` or `")),
        When::Unless(field, codes) => format!("`{field}` is not answered `{}`", codes.join("` or `")),
        When::Rule(key) => format!("rule `{}` is yes", key.name),
        When::All(conditions) => conditions.iter().map(condition).collect::<Vec<_>>().join(" and "),
    }
}

fn requires(requires: Requires) -> String {
    match requires {
        Requires::Nothing => String::new(),
        Requires::Submission => "valid answers of the latest revision".to_owned(),
        Requires::OptionalNote => "note (optional)".to_owned(),
        Requires::Note => "note".to_owned(),
        Requires::NoteAndItems => "note; items (optional)".to_owned(),
        Requires::Findings => "note and at least one item".to_owned(),
        Requires::Form(form) => format!("form: {}", form.fields().map(|(_, field)| field.label).collect::<Vec<_>>().join(", ")),
        Requires::Recusal => "reason".to_owned(),
        Requires::Absence => "only if the experts who gave their opinion cannot decide".to_owned(),
        Requires::Exclusion => "name and reason".to_owned(),
        Requires::Assignees(count) => {
            let least = match count.minimum {
                Minimum::Fixed(n) => format!("at least {n}"),
                Minimum::Rule(key) => format!("at least as many as rule `{}`", key.name),
            };
            let (more, in_all) = if count.joins { ("more ", " in all") } else { ("", "") };
            format!("{more}experts: {least}{}{in_all}", if count.odd { ", an odd number" } else { "" })
        }
    }
}

fn conditions(kind: &Kind, transition: &Transition) -> String {
    let mut parts: Vec<String> = transition.effects.iter().map(|e| effect(*e)).collect();
    if transition.when != When::Always {
        parts.push(format!("only if {}", condition(&transition.when)));
    }
    parts.extend(transition.until.map(|key| format!("not after {}", deadline(key))));
    if !transition.four_eyes_with.is_empty() {
        let stages: Vec<String> = transition.four_eyes_with.iter().map(|code| stage_by_code(kind, code)).collect();
        parts.push(format!("not by a person who decided at {}", stages.join(" or ")));
    }
    if transition.round {
        parts.push("starts a round of rectification".to_owned());
    }
    if transition.returns && !transition.round {
        parts.push("returns the answers for changes".to_owned());
    }
    if transition.keeps_votes {
        parts.push("the votes given still count".to_owned());
    }
    parts.extend(transition.notifies.map(|kind| format!("notification `{}`", kind.plan().code)));
    if transition.internal {
        parts.push("note visible to the association only".to_owned());
    }
    if transition.quoted_note.is_some() {
        parts.push("note quoted in the message to the applicant".to_owned());
    }
    parts.join("; ")
}

fn effect(effect: Effect) -> String {
    match effect {
        Effect::IssueCertificate => "issues the certificate".to_owned(),
        Effect::Charge => "charges the fee".to_owned(),
        Effect::CancelCharge => "cancels an open charge; before acceptance refunds a paid one".to_owned(),
        Effect::Join(relation) => format!("changes the practice institution to the {}", relation_name(relation)),
        Effect::Reopen => "reopens the disputed matter".to_owned(),
        Effect::Amend => "refused while the disputed measure has ended the certificate".to_owned(),
        Effect::ExtendCertificates => "extends the certificates".to_owned(),
        Effect::ChangeIdentity => "changes name and document of the account".to_owned(),
        Effect::ImposeMeasure => "imposes the measure on the certificate".to_owned(),
        Effect::PlanLessons => "stores the lessons".to_owned(),
        Effect::ConfirmLessons => "confirms the lessons of a teacher who agrees; refused if one overlaps a confirmed lesson".to_owned(),
        Effect::ReleaseLessons => "gives the time of the lessons back".to_owned(),
        Effect::FileCourse => "files the course in the register".to_owned(),
        Effect::LiftMeasure => "lifts the measure from the certificate".to_owned(),
        Effect::BindCategory => "binds the applicant to the course category".to_owned(),
        Effect::RegisterInstitution => "registers the institution with the applicant as its first user".to_owned(),
    }
}

fn relation_name(relation: InstitutionRelation) -> &'static str {
    relation.label()
}
