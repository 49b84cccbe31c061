//! Verdicts of a reviewer, and the opinion and items that follow from them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::points::{AssessmentPoint, StepPoints};
use crate::engine::flow::{Command, NOTE_MAX, RectificationItem, VERDICT_TEXT_MAX, VERDICTS};
use crate::engine::form::{Answers, Fields, Form, Issue, Path, Record, Value};

/// A reusable finding: 不符合项.
#[derive(Debug, PartialEq, Eq)]
pub struct Nonconformity {
    /// Stable code.
    pub code: &'static str,
    /// Names of the lists and fields it applies to; empty for all.
    pub applies_to: &'static [&'static str],
    /// Text for the opinion.
    pub text: &'static str,
}

/// Verdict on one part.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether the part conforms; `None` while undecided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conforms: Option<bool>,
    /// Codes of the chosen nonconformities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
    /// Further requirements as free text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
}

/// A reviewer's assessment, complete or not.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// Verdicts by part.
    #[serde(default)]
    pub verdicts: BTreeMap<Path, Verdict>,
    /// Opinion.
    #[serde(default)]
    pub opinion: String,
    /// Command of the chosen result.
    #[serde(default)]
    pub conclusion: String,
}

impl std::fmt::Debug for Assessment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Assessment({} verdicts)", self.verdicts.len())
    }
}

impl Verdict {
    /// Whether the part fails. A chosen nonconformity suffices.
    pub fn fails(&self) -> bool {
        self.conforms == Some(false) || !self.codes.is_empty()
    }

    fn is_empty(&self) -> bool {
        self.conforms.is_none() && self.codes.is_empty() && self.text.is_empty()
    }
}

/// The nonconformity with this code.
pub fn nonconformity(catalogue: &'static [Nonconformity], code: &str) -> Option<&'static Nonconformity> {
    catalogue.iter().find(|n| n.code == code)
}

/// The nonconformities that apply to a part.
pub fn applicable(catalogue: &'static [Nonconformity], path: &Path) -> Vec<&'static Nonconformity> {
    let name = match path {
        Path::Field(name) | Path::Row(name, _) | Path::Cell(name, _, _) => name.as_str(),
    };
    catalogue.iter().filter(|n| n.applies_to.is_empty() || n.applies_to.contains(&name)).collect()
}

impl Assessment {
    /// Parses a post: `v:{path}` is `ok` or `bad`, `n:{path}` a code (repeatable), `t:{path}` a text, `note` the opinion and `conclusion`
    /// the command. Parts that are not in `points` are ignored.
    pub fn read(points: &[StepPoints], pairs: &[(String, String)]) -> Self {
        let mut read = Self::default();
        for point in points.iter().flat_map(StepPoints::all) {
            let of = |kind: char| {
                let name = format!("{kind}:{}", point.path);
                pairs.iter().filter(move |(n, _)| *n == name).map(|(_, v)| v.as_str())
            };
            let conforms = match of('v').next() {
                Some("ok") => Some(true),
                Some("bad") => Some(false),
                _ => None,
            };
            let codes = of('n').map(str::to_owned).collect();
            let text = of('t').next().map_or_else(String::new, crate::base::text::normalise_lines);
            let verdict = Verdict { conforms, codes, text };
            if !verdict.is_empty() {
                read.verdicts.insert(point.path.clone(), verdict);
            }
        }
        let one = |name: &str| pairs.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str());
        read.opinion = crate::base::text::normalise_lines(one("note"));
        one("conclusion").clone_into(&mut read.conclusion);
        read
    }

    /// Rectification items for the parts that fail. `id` generates item ids.
    pub fn items(&self, catalogue: &'static [Nonconformity], mut id: impl FnMut() -> Uuid) -> Vec<RectificationItem> {
        let failing = self.verdicts.iter().filter(|(_, v)| v.fails());
        failing.map(|(path, v)| RectificationItem { id: id(), path: path.clone(), text: finding_text(catalogue, v) }).collect()
    }

    /// The answers to the form of an opinion, [`SHEET`](crate::engine::flow::SHEET): each part with a verdict, in the order of the
    /// application, under the title that the reviewer saw.
    pub fn answers(&self, catalogue: &'static [Nonconformity], points: &[StepPoints]) -> Answers {
        let judged = points.iter().flat_map(StepPoints::all).filter_map(|point| Some((point, self.verdicts.get(&point.path)?)));
        let record = |(number, (point, verdict)): (u128, (&AssessmentPoint, &Verdict))| {
            let codes: Vec<String> = verdict.codes.iter().filter(|code| nonconformity(catalogue, code).is_some()).cloned().collect();
            let conforms = if verdict.fails() { "no" } else { "yes" };
            let values = [
                ("part", Value::from(point.title.as_str())),
                ("conforms", Value::from(conforms)),
                ("findings", Value::Many(codes)),
                ("text", Value::from(verdict.text.as_str())),
            ];
            let values = values.into_iter().filter(|(_, value)| !value.is_empty());
            let fields: Fields = values.map(|(name, value)| (name.to_owned(), value)).collect();
            Record { id: Uuid::from_u128(number), fields, removed: false }
        };
        let judged = judged.filter(|(_, verdict)| verdict.conforms.is_some() || verdict.fails());
        let records: Vec<Record> = (1..).zip(judged).map(record).collect();
        let lists = (!records.is_empty()).then(|| (VERDICTS.to_owned(), records));
        Answers { records: lists.into_iter().collect(), ..Answers::default() }
    }

    /// The command that gives this opinion. `id` generates item ids.
    pub fn command(&self, catalogue: &'static [Nonconformity], points: &[StepPoints], id: impl FnMut() -> Uuid) -> Command {
        Command {
            name: self.conclusion.clone(),
            note: self.opinion.clone(),
            items: self.items(catalogue, id),
            answers: self.answers(catalogue, points),
            ..Command::default()
        }
    }

    /// The lines that the verdicts add to the opinion.
    pub fn lines(&self, catalogue: &'static [Nonconformity], points: &[StepPoints]) -> Vec<String> {
        let all = points.iter().flat_map(StepPoints::all);
        all.filter_map(|point| {
            let verdict = self.verdicts.get(&point.path).filter(|v| v.fails())?;
            Some(format!("{}：{}", point.title, finding_text(catalogue, verdict)))
        })
        .collect()
    }

    /// Updates the opinion after changed verdicts: adds the lines of new findings, removes those of withdrawn findings since `before`,
    /// and keeps typed text.
    pub fn compose(&mut self, before: &Assessment, catalogue: &'static [Nonconformity], points: &[StepPoints]) {
        self.opinion = rewrite_lines(&self.opinion, &before.lines(catalogue, points), &self.lines(catalogue, points));
    }

    /// Problems that prevent completion: parts without a verdict, or a conclusion that contradicts the findings; each with its part, if it
    /// has one. `favourable` is the command of the favourable result, which the findings must fit; none where results are free.
    pub fn problems(&self, points: &[StepPoints], favourable: Option<&str>) -> Vec<(Option<Path>, Issue)> {
        let mut faults = Vec::new();
        for point in points.iter().flat_map(|s| &s.records) {
            match self.verdicts.get(&point.path) {
                Some(v) if v.fails() && v.codes.is_empty() && v.text.is_empty() => {
                    let text = format!("请为“{}”选择不符合项，或写明问题", point.title);
                    faults.push((Some(point.path.clone()), Issue::new("no_reason", text)));
                }
                Some(v) if v.text.chars().count() > VERDICT_TEXT_MAX => {
                    let text = format!("对“{}”的说明最多 {VERDICT_TEXT_MAX} 字", point.title);
                    faults.push((Some(point.path.clone()), Issue::new("too_long", text)));
                }
                Some(v) if v.conforms.is_some() || v.fails() => {}
                _ => {
                    let text = format!("请评价“{}”是否符合", point.title);
                    faults.push((Some(point.path.clone()), Issue::new("no_verdict", text)));
                }
            }
        }
        let fails = self.verdicts.values().any(Verdict::fails);
        if self.conclusion.is_empty() {
            faults.push((None, Issue::new("no_conclusion", "请选择评价结果")));
        } else if favourable.is_some_and(|favourable| (self.conclusion == favourable) == fails) {
            let text = if fails {
                "有不符合的内容，评价结果不能为符合"
            } else {
                "没有指出不符合的内容，评价结果应为符合"
            };
            faults.push((None, Issue::new("conclusion_differs", text)));
        }
        if self.opinion.trim().is_empty() {
            faults.push((None, Issue::new("no_note", "请填写评价意见")));
        } else if self.opinion.chars().count() > NOTE_MAX {
            faults.push((None, Issue::new("long_note", format!("意见最多 {NOTE_MAX} 字"))));
        }
        faults
    }
}

/// An opinion after the lines of findings went from `old` to `new`.
pub fn rewrite_lines(opinion: &str, old: &[String], new: &[String]) -> String {
    let holds = |lines: &[String], line: &str| lines.iter().any(|l| l == line);
    let remaining = opinion.lines().filter(|l| !holds(old, l) || holds(new, l));
    let added = new.iter().map(String::as_str).filter(|n| !holds(old, n) && !opinion.lines().any(|l| l == *n));
    remaining.chain(added).collect::<Vec<_>>().join("\n")
}

/// A verdict as text.
fn finding_text(catalogue: &'static [Nonconformity], verdict: &Verdict) -> String {
    let picked = verdict.codes.iter().filter_map(|c| nonconformity(catalogue, c)).map(|n| n.text);
    let typed = Some(verdict.text.as_str()).filter(|t| !t.is_empty());
    let all: Vec<&str> = picked.chain(typed).collect();
    if all.is_empty() { "不符合，请核实后修改".to_owned() } else { all.join("；") }
}

/// Whether every name in the catalogue exists in the form.
pub fn names_exist_in(catalogue: &[Nonconformity], form: &Form) -> bool {
    let known = |name: &str| form.records(name).is_some() || form.fields().any(|(_, f)| f.name == name);
    catalogue.iter().all(|n| n.applies_to.iter().all(|name| known(name)))
}
