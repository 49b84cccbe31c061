//! What changed between two revisions of the answers.

use std::collections::BTreeSet;

use super::answers::{Answers, Fields, Record, Value};
use super::show::words;
use super::{Form, FormContext, Path, Records};

/// One answer that differs, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where it stands.
    pub path: Path,
    /// What it is called.
    pub label: String,
    /// What it was; empty if it was not there.
    pub before: String,
    /// What it is; empty if it is gone.
    pub after: String,
}

/// Every answer that differs between two revisions: changed, added or taken out.
pub fn changes(old: &Answers, new: &Answers) -> Vec<Path> {
    let mut paths = differing(&old.fields, &new.fields, Path::field);
    let lists: BTreeSet<&String> = old.records.keys().chain(new.records.keys()).collect();
    for list in lists {
        let ids: BTreeSet<_> = old.records(list).chain(new.records(list)).map(|r| r.id).collect();
        for id in ids {
            match (old.record(list, id), new.record(list, id)) {
                (Some(a), Some(b)) => paths.extend(differing(&a.fields, &b.fields, |name| Path::Cell(list.clone(), id, name.to_owned()))),
                _ => paths.push(Path::Row(list.clone(), id)),
            }
        }
    }
    paths
}

fn differing(old: &Fields, new: &Fields, path: impl Fn(&str) -> Path) -> Vec<Path> {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    names.into_iter().filter(|name| old.get(*name) != new.get(*name)).map(|name| path(name)).collect()
}

/// The same in words, for whoever reviews; answers the form does not ask for are left out.
pub fn differences(form: &Form, old: &Answers, new: &Answers, context: &FormContext<'_>) -> Vec<Difference> {
    changes(old, new).into_iter().filter_map(|path| difference(form, old, new, path, context)).collect()
}

fn difference(form: &Form, old: &Answers, new: &Answers, path: Path, context: &FormContext<'_>) -> Option<Difference> {
    let (label, before, after) = match &path {
        Path::Field(name) => {
            let field = form.fields().map(|(_, f)| f).find(|f| f.name == name)?;
            let said = |value: Option<&Value>| value.map_or_else(String::new, |v| words(field, v, context));
            (field.label.to_owned(), said(old.fields.get(name)), said(new.fields.get(name)))
        }
        Path::Row(list, id) => {
            let (_, records) = form.records(list)?;
            let said = |record: Option<&Record>| record.map_or_else(String::new, |r| records.title_of(&r.fields, context));
            (records.label.to_owned(), said(old.record(list, *id)), said(new.record(list, *id)))
        }
        Path::Cell(list, id, name) => {
            let (_, records) = form.records(list)?;
            let field = records.fields.iter().find(|f| f.name == name)?;
            let said = |answers: &Answers| {
                let value = answers.record(list, *id).and_then(|r| r.fields.get(name));
                value.map_or_else(String::new, |v| words(field, v, context))
            };
            (format!("{} · {}", place(records, new, *id), field.label), said(old), said(new))
        }
    };
    Some(Difference { path, label, before, after })
}

fn place(records: &Records, answers: &Answers, id: uuid::Uuid) -> String {
    let place = answers.records(records.name).position(|r| r.id == id);
    place.map_or_else(|| records.label.to_owned(), |i| format!("{}第 {} 条", records.label, i + 1))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use uuid::Uuid;

    use super::*;
    use crate::base::rule::Rules;
    use crate::kind::registration::FORM;

    #[test]
    fn what_changed_is_told_in_words() {
        let (lists, rules) = (BTreeMap::new(), Rules::default());
        let today = "2026-11-23".parse().unwrap();
        let context = FormContext { today, lists: &lists, rules: &rules, applicant: "", applied: today };
        let mut old = Answers::default();
        old.fields.insert("title_level".into(), "none".into());
        let record =
            |n: u128, school: &str| Record { id: Uuid::from_u128(n), fields: [("school".to_owned(), school.into())].into(), gone: false };
        old.put_record("education", record(1, "甲大学"));
        let mut new = old.clone();
        new.fields.insert("title_level".into(), "junior".into());
        new.put_record("education", record(1, "乙大学"));
        new.put_record("education", record(2, "丙大学"));
        let told: Vec<(String, String, String)> =
            differences(&FORM, &old, &new, &context).into_iter().map(|d| (d.label, d.before, d.after)).collect();
        let expect = |label: &str, before: &str, after: &str| (label.to_owned(), before.to_owned(), after.to_owned());
        assert_eq!(
            told,
            [expect("职称级别", "无", "初级"), expect("教育经历第 1 条 · 学校", "甲大学", "乙大学"), expect("教育经历", "", "丙大学"),]
        );
    }
}
