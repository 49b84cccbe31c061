//! A form as text: what a browser needs to save one page of a form, without the texts and the rules of the whole. Text and
//! reader are smaller than with JSON.

use super::{
    Answers, FIELD, Field, Fields, Form, FormContext, Options, Part, RecordList, Statement, Step, TextFormat, Value, When, Widget,
};
use crate::base::rule::RulesOn;

/// Writes values into a text, one on each line.
#[derive(Debug, Default)]
pub struct LineWriter(Vec<String>);

impl LineWriter {
    /// Adds a value; line breaks in it become spaces.
    pub fn push(&mut self, value: &str) {
        self.0.push(value.replace('\n', " "));
    }

    /// Adds a number.
    pub fn push_number(&mut self, number: usize) {
        self.push(&number.to_string());
    }

    /// The text.
    pub fn finish(self) -> String {
        self.0.join("\n")
    }
}

/// Reads what a [`LineWriter`] wrote.
#[derive(Debug)]
pub struct LineReader(std::str::Split<'static, char>);

impl LineReader {
    /// Reads a text. The text is leaked, because the form that is read borrows from it until the program ends.
    pub fn new(text: String) -> Self {
        let text: &'static str = text.leak();
        Self(text.split('\n'))
    }

    /// The next value.
    pub fn value(&mut self) -> Option<&'static str> {
        self.0.next()
    }

    /// The next value, as a number.
    pub fn number(&mut self) -> Option<usize> {
        self.value()?.parse().ok()
    }

    /// A list: its length, then its items.
    fn list<T>(&mut self, item: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.number()?;
        (0..count).map(|_| item(self)).collect()
    }
}

impl When {
    /// Whether it depends on answers, under the rules of a day.
    pub fn depends(&self, rules: RulesOn<'_>) -> bool {
        match self {
            When::Always | When::Never | When::Rule(_) => false,
            When::Is(..) | When::Not(..) | When::Unless(..) => true,
            When::All(all) => all.iter().any(|w| w.depends(rules)) && !all.iter().any(|w| w.is_ruled_out(rules)),
        }
    }

    fn is_ruled_out(&self, rules: RulesOn<'_>) -> bool {
        match self {
            When::Never => true,
            When::Rule(key) => !rules.yes(*key),
            When::All(all) => all.iter().any(|w| w.is_ruled_out(rules)),
            When::Always | When::Is(..) | When::Not(..) | When::Unless(..) => false,
        }
    }

    fn names<'a>(&'a self, found: &mut Vec<&'a str>) {
        match self {
            When::Always | When::Never | When::Rule(_) => {}
            When::Is(name, _) | When::Not(name, _) | When::Unless(name, _) => found.push(name),
            When::All(all) => all.iter().for_each(|w| w.names(found)),
        }
    }

    fn write(&self, rules: RulesOn<'_>, to: &mut LineWriter) {
        let codes = |to: &mut LineWriter, tag: &str, name: &str, codes: &[&str]| {
            to.push(tag);
            to.push(name);
            to.push_number(codes.len());
            codes.iter().for_each(|code| to.push(code));
        };
        match self {
            _ if !self.depends(rules) => to.push(if self.is_ruled_out(rules) { "never" } else { "" }),
            When::Is(name, choices) => codes(to, "is", name, choices),
            When::Not(name, choices) => codes(to, "not", name, choices),
            When::Unless(name, choices) => codes(to, "unless", name, choices),
            When::All(all) => {
                let parts: Vec<&When> = all.iter().filter(|w| w.depends(rules)).collect();
                to.push("all");
                to.push_number(parts.len());
                parts.iter().for_each(|w| w.write(rules, to));
            }
            When::Always | When::Never | When::Rule(_) => {}
        }
    }

    fn read(from: &mut LineReader) -> Option<Self> {
        Some(match from.value()? {
            "" => When::Always,
            "is" => When::Is(from.value()?, from.list(LineReader::value)?.leak()),
            "not" => When::Not(from.value()?, from.list(LineReader::value)?.leak()),
            "unless" => When::Unless(from.value()?, from.list(LineReader::value)?.leak()),
            "all" => When::All(from.list(When::read)?.leak()),
            _ => When::Never,
        })
    }
}

impl Form {
    /// Writes the page of the step `open`, and of the other pages their conditions and the fields that a browser must treat differently:
    /// those that are sensitive, and those that take files.
    pub fn write(&self, open: &str, context: &FormContext<'_>, to: &mut LineWriter) {
        let rules = context.rules_on();
        to.push_number(self.steps.len());
        for step in self.steps {
            let is_open = step.code == open;
            to.push(step.code);
            step.shown.write(rules, to);
            write_fields(step.fields(), is_open, rules, to);
            let lists: Vec<&RecordList> = step.records().collect();
            to.push_number(lists.len());
            for list in lists {
                to.push(list.name);
                write_fields(list.fields.iter(), is_open, rules, to);
            }
        }
    }

    /// Reads what [`Form::write`] wrote. Texts are empty but for the labels of files; nothing is required.
    pub fn read(from: &mut LineReader) -> Option<&'static Form> {
        let steps = from.list(Step::read)?.leak();
        Some(Box::leak(Box::new(Form { version: 0, upgrade: |_| (), steps })))
    }

    /// The answers on which the conditions of the page of the step `open`, and of the steps, depend.
    pub fn known_answers(&self, open: &str, answers: &Answers) -> Fields {
        let mut names = Vec::new();
        self.steps.iter().for_each(|step| step.shown.names(&mut names));
        if let Some(step) = self.step(open) {
            step.fields().chain(step.records().flat_map(|list| list.fields)).for_each(|field| field.shown.names(&mut names));
        }
        answers.fields.iter().filter(|(name, _)| names.contains(&name.as_str())).map(|(n, v)| (n.clone(), v.clone())).collect()
    }
}

/// Writes answers on which conditions depend. Of files only their number is written.
pub fn write_known(fields: &Fields, to: &mut LineWriter) {
    to.push_number(fields.len());
    for (name, value) in fields {
        let values = match value {
            Value::Text(text) => vec![text.as_str()],
            Value::Many(codes) => codes.iter().map(String::as_str).collect(),
            Value::Files(files) => files.iter().map(|_| "").collect(),
        };
        to.push(name);
        to.push_number(values.len());
        values.iter().for_each(|value| to.push(value));
    }
}

/// Answers on which conditions depend: names and values.
pub type KnownAnswers = Vec<(&'static str, Vec<&'static str>)>;

/// Reads what [`write_known`] wrote.
pub fn read_known(from: &mut LineReader) -> Option<KnownAnswers> {
    from.list(|from| Some((from.value()?, from.list(LineReader::value)?)))
}

fn write_fields<'a>(fields: impl Iterator<Item = &'a Field>, open: bool, rules: RulesOn<'_>, to: &mut LineWriter) {
    let needed: Vec<&Field> = fields.filter(|f| open || f.sensitive || matches!(f.widget, Widget::Files(_))).collect();
    to.push_number(needed.len());
    needed.iter().for_each(|field| field.write(open, rules, to));
}

impl Step {
    fn read(from: &mut LineReader) -> Option<Self> {
        let (code, shown) = (from.value()?, When::read(from)?);
        let mut parts = vec![Part::Fields("", from.list(Field::read)?.leak())];
        let lists = from.list(|from| {
            let (name, fields) = (from.value()?, from.list(Field::read)?.leak());
            let list = RecordList {
                name,
                label: "",
                hint: "",
                required: When::Never,
                max: usize::MAX,
                fields,
                title: &[],
                span: None,
                library: false,
            };
            Some(Part::Records(Box::leak(Box::new(list))))
        })?;
        parts.extend(lists);
        Some(Step { code, title: "", intro: "", shown, parts: parts.leak() })
    }
}

impl Field {
    /// Its kind with one letter for each property, its name, its condition, and what its kind needs.
    fn write(&self, open: bool, rules: RulesOn<'_>, to: &mut LineWriter) {
        let mut kind = String::from(match &self.widget {
            Widget::Lines(_) => "t",
            Widget::Many(_) => "m",
            Widget::Agree(_) => "a",
            Widget::Files(_) => "f",
            Widget::Line(..)
            | Widget::Day(_)
            | Widget::Time(_)
            | Widget::One(_)
            | Widget::HalfDays(_)
            | Widget::Hours(_)
            | Widget::Whole(..)
            | Widget::Tick(_) => "l",
        });
        if self.sensitive {
            kind.push('s');
        }
        if self.portrait {
            kind.push('p');
        }
        to.push(&kind);
        to.push(self.name);
        if open {
            self.shown.write(rules, to);
        } else {
            to.push("");
        };
        match &self.widget {
            Widget::Agree(statement) => to.push(statement.version),
            Widget::Files(_) => to.push(self.label),
            _ => {}
        }
    }

    fn read(from: &mut LineReader) -> Option<Self> {
        let (kind, name, shown) = (from.value()?, from.value()?, When::read(from)?);
        let mut field = Field { name, shown, required: When::Never, sensitive: kind.contains('s'), portrait: kind.contains('p'), ..FIELD };
        field.widget = match kind.as_bytes().first()? {
            b't' => Widget::Lines(usize::MAX),
            b'm' => Widget::Many(Options::Fixed(&[])),
            b'a' => Widget::Agree(Box::leak(Box::new(Statement { version: from.value()?, text: "" }))),
            b'f' => {
                field.label = from.value()?;
                Widget::files(usize::MAX)
            }
            _ => Widget::Line(usize::MAX, TextFormat::Any),
        };
        Some(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rule::Rules;
    use crate::engine::draft::sensitive::may_store;
    use crate::engine::form::{Path, Scope, read_fields};

    static STEPS: &[Step] = &[
        Step {
            code: "first",
            title: "一",
            intro: "",
            shown: When::Always,
            parts: &[Part::Fields(
                "",
                &[
                    Field { name: "kind", label: "类别", widget: Widget::One(Options::Listed("kinds")), ..FIELD },
                    Field { name: "reason", label: "理由", shown: When::Is("kind", &["other"]), widget: Widget::Lines(9), ..FIELD },
                    Field { name: "agreed", label: "同意", widget: Widget::Agree(&Statement { version: "2", text: "同意" }), ..FIELD },
                    Field { name: "ways", label: "方式", widget: Widget::Many(Options::Fixed(&[])), ..FIELD },
                ],
            )],
        },
        Step {
            code: "second",
            title: "二",
            intro: "",
            shown: When::All(&[When::Always, When::Not("kind", &["none"])]),
            parts: &[Part::Fields(
                "",
                &[
                    Field { name: "address", label: "地址", sensitive: true, ..FIELD },
                    Field { name: "remark", label: "备注", ..FIELD },
                    Field { name: "scan", label: "扫描件", widget: Widget::files(2), ..FIELD },
                ],
            )],
        },
    ];
    static FORM: Form = Form { version: 1, upgrade: |_| (), steps: STEPS };

    /// The form after it was written and read again.
    fn travelled() -> &'static Form {
        let (lists, rules, none) = (std::collections::BTreeMap::new(), Rules::default(), Fields::new());
        let today = chrono::NaiveDate::default();
        let context =
            FormContext { today, lists: &lists, rules: &rules, applicant: "", former_names: &[], facts: &none, applied_on: today };
        let mut text = LineWriter::default();
        FORM.write("first", &context, &mut text);
        Form::read(&mut LineReader::new(text.finish())).unwrap()
    }

    #[test]
    fn a_form_that_travelled_reads_and_shows_as_the_one_it_was_made_from() {
        let form = travelled();
        let pairs: Vec<(String, String)> = [("kind", "other"), ("reason", " a \n b "), ("agreed", "1"), ("ways", "x"), ("ways", "y")]
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect();
        let (mut there, mut here) = (Fields::new(), Fields::new());
        read_fields(STEPS[0].fields(), &pairs, &mut there).unwrap();
        read_fields(form.steps[0].fields(), &pairs, &mut here).unwrap();
        assert!(there == here && here.len() == 3);
        for code in ["other", "none", ""] {
            let answers = Answers { fields: Fields::from([("kind".to_owned(), code.into())]), ..Answers::default() };
            let scope = Scope::form(&answers);
            let shown = |steps: &'static [Step]| {
                let fields = steps[0].fields().map(|f| f.shown.holds(&scope)).collect::<Vec<_>>();
                (steps.iter().map(|s| s.shown.holds(&scope)).collect::<Vec<_>>(), fields)
            };
            assert_eq!(shown(form.steps), shown(STEPS), "{code}");
        }
    }

    #[test]
    fn other_pages_carry_only_what_a_browser_treats_differently() {
        let form = travelled();
        let fields: Vec<(&str, &str)> = form.steps[1].fields().map(|f| (f.name, f.label)).collect();
        assert_eq!(fields, [("address", ""), ("scan", "扫描件")]);
        assert!(!may_store(form, &Path::field("address")) && may_store(form, &Path::field("scan")));
    }

    #[test]
    fn answers_on_which_something_depends_travel_with_it() {
        let fields = Fields::from([("kind".to_owned(), "oth\ner".into()), ("remark".to_owned(), "x".into())]);
        let known = FORM.known_answers("first", &Answers { fields, ..Answers::default() });
        let mut text = LineWriter::default();
        write_known(&known, &mut text);
        let read = read_known(&mut LineReader::new(text.finish())).unwrap();
        assert_eq!(read, [("kind", vec!["oth er"])]);
    }
}
