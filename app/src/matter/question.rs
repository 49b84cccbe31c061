//! Answers that two devices or two windows changed differently: the choice that came with a save.

use domain::engine::draft::join;
use domain::engine::form::{Field, Fields, Value};

use crate::wizard::CHOICE_PREFIX;

/// Applies the resolutions. `saved`: the saved answers.
pub fn settle<'a>(typed: &mut Fields, saved: &Fields, fields: impl Iterator<Item = &'a Field> + Clone, pairs: &[(String, String)]) {
    for (name, choice) in pairs.iter().filter_map(|(n, v)| Some((n.strip_prefix(CHOICE_PREFIX)?, v.as_str()))) {
        let joinable = || fields.clone().any(|f| f.name == name && f.joinable());
        let value = match (choice, typed.get(name), saved.get(name)) {
            ("theirs", _, theirs) => theirs.cloned(),
            ("both", Some(Value::Text(mine)), Some(Value::Text(theirs))) if joinable() => Some(Value::Text(join(mine, theirs))),
            _ => continue,
        };
        match value {
            Some(value) => typed.insert(name.to_owned(), value),
            None => typed.remove(name),
        };
    }
}

#[cfg(test)]
mod tests {
    use domain::engine::form::FIELD;

    use super::*;

    const ASKED: &[Field] = &[Field { name: "a", ..FIELD }, Field { name: "b", ..FIELD }];

    #[test]
    fn a_choice_takes_theirs_mine_or_both_and_leaves_the_rest() {
        let fields = |pairs: &[(&str, &str)]| -> Fields { pairs.iter().map(|(n, v)| ((*n).to_owned(), Value::from(*v))).collect() };
        let pairs = |choice: &str| vec![("_choice:a".to_owned(), choice.to_owned()), ("b".to_owned(), "y".to_owned())];
        for (choice, expected) in [("mine", "x"), ("theirs", "z"), ("both", "z；x"), ("else", "x")] {
            let mut typed = fields(&[("a", "x"), ("b", "y")]);
            settle(&mut typed, &fields(&[("a", "z")]), ASKED.iter(), &pairs(choice));
            assert!(typed == fields(&[("a", expected), ("b", "y")]), "{choice}");
        }
        let mut typed = fields(&[("a", "x")]);
        settle(&mut typed, &Fields::new(), ASKED.iter(), &pairs("theirs"));
        assert!(typed.is_empty());
    }
}
