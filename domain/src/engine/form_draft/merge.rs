//! The merge of what two pages or devices typed into the same form: control by control, as answers of drafts are merged.

use serde::{Deserialize, Serialize};

use crate::engine::draft::merge_fields;
use crate::engine::form::{Fields, Path, Value};

/// Names and values of the controls of a form, in order.
pub type Pairs = Vec<(String, String)>;

/// What a page changed since the revision that it grew from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Since {
    /// Names of the controls that it changed.
    pub changed: Vec<String>,
    /// Names and values of these controls before.
    pub before: Pairs,
}

/// The text of both sides together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergedPairs {
    /// Names and values. A control that both sides changed to different values has the other side's.
    pub pairs: Pairs,
    /// Names of these controls: the author chooses.
    pub questions: Vec<String>,
}

/// Merges what a page sends (`mine`), and changed as it says, with the text that another page has saved since.
pub fn merge_pairs(since: &Since, mine: &[(String, String)], theirs: &[(String, String)]) -> MergedPairs {
    let (mine, theirs) = (fields(mine), fields(theirs));
    let mut base = mine.clone();
    base.retain(|name, _| !since.changed.contains(name));
    base.extend(fields(&since.before).into_iter().filter(|(name, _)| since.changed.contains(name)));
    let mut asked = Vec::new();
    let merged = merge_fields(&base, &mine, &theirs, |name| Path::Field(name.to_owned()), &mut asked);
    let name = |path: Path| if let Path::Field(name) = path { Some(name) } else { None };
    MergedPairs { pairs: pairs(merged), questions: asked.into_iter().filter_map(|question| name(question.path)).collect() }
}

/// Values by control; a control without text has none.
fn fields(pairs: &[(String, String)]) -> Fields {
    let mut fields = Fields::new();
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        if let Value::Many(values) = fields.entry(name.clone()).or_insert_with(|| Value::Many(Vec::new())) {
            // Browsers post the line ends of a text in another form than scripts read them.
            values.push(value.replace("\r\n", "\n"));
        }
    }
    fields
}

fn pairs(fields: Fields) -> Pairs {
    let values = |value: Value| if let Value::Many(values) = value { values } else { Vec::new() };
    fields.into_iter().flat_map(|(name, value)| values(value).into_iter().map(move |value| (name.clone(), value))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(pairs: &[(&str, &str)]) -> Pairs {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// What a page that grew from `base` and shows `mine` says that it changed.
    fn since(base: &Pairs, mine: &Pairs) -> Since {
        let (base_fields, mine_fields) = (fields(base), fields(mine));
        let names = base_fields.keys().chain(mine_fields.keys()).filter(|name| base_fields.get(*name) != mine_fields.get(*name));
        let changed: Vec<String> = names.cloned().collect();
        let before = base.iter().filter(|(name, _)| changed.contains(name)).cloned().collect();
        Since { changed, before }
    }

    #[test]
    fn controls_that_one_side_changed_are_taken_and_those_that_both_changed_are_a_question() {
        let base = text(&[("v:a", "ok"), ("note", "甲")]);
        let mine = text(&[("v:a", "bad"), ("n:a", "x"), ("n:a", "y"), ("note", "甲乙")]);
        let theirs = text(&[("v:a", "ok"), ("v:b", "ok"), ("note", "甲丙")]);
        let merged = merge_pairs(&since(&base, &mine), &mine, &theirs);
        assert_eq!(merged.questions, ["note"]);
        assert_eq!(merged.pairs, text(&[("n:a", "x"), ("n:a", "y"), ("note", "甲丙"), ("v:a", "bad"), ("v:b", "ok")]));
    }

    #[test]
    fn a_text_that_one_side_emptied_stays_empty() {
        let base = text(&[("note", "甲"), ("v:a", "ok")]);
        let mine = text(&[("note", ""), ("v:a", "ok")]);
        let theirs = text(&[("note", "甲"), ("v:a", "bad")]);
        let merged = merge_pairs(&since(&base, &mine), &mine, &theirs);
        assert_eq!(merged, MergedPairs { pairs: text(&[("v:a", "bad")]), questions: Vec::new() });
    }

    /// Edits of a device: control and new text, of few controls so that devices meet.
    fn edits() -> impl Strategy<Value = Vec<(u8, u8)>> {
        prop::collection::vec((0..4_u8, 0..4_u8), 0..6)
    }

    fn edited(mut base: Pairs, edits: &[(u8, u8)], device: &str) -> Pairs {
        for (control, value) in edits {
            let name = format!("t:{control}");
            base.retain(|(n, _)| *n != name);
            if *value > 0 {
                base.push((name, format!("{device}{value}")));
            }
        }
        base
    }

    proptest! {
        #[test]
        fn of_two_devices_nothing_is_lost_in_whichever_order_their_text_arrives(first in edits(), one in edits(), two in edits()) {
            let base = edited(Pairs::new(), &first, "原");
            let (one, two) = (edited(base.clone(), &one, "甲"), edited(base.clone(), &two, "乙"));
            for (early, late) in [(&one, &two), (&two, &one)] {
                let merged = merge_pairs(&since(&base, late), late, early);
                let (of_base, of_early, of_late, of_merged) = (fields(&base), fields(early), fields(late), fields(&merged.pairs));
                for control in 0..4 {
                    let name = format!("t:{control}");
                    let (b, e, l, m) = (of_base.get(&name), of_early.get(&name), of_late.get(&name), of_merged.get(&name));
                    let is_asked = merged.questions.contains(&name);
                    prop_assert_eq!(is_asked, e != b && l != b && e != l, "{}", name);
                    prop_assert!(if e == b { m == l } else { m == e }, "{}", name);
                }
            }
            let there = |early: &Pairs, late: &Pairs| merge_pairs(&since(&base, late), late, early);
            prop_assert_eq!(there(&one, &two).questions, there(&two, &one).questions);
        }
    }
}
