//! What two devices or two windows answered differently: asked field by field, with both values.

use domain::engine::draft::Question;
use domain::engine::form::{Field, Fields, FormContext, Path, Value};
use leptos::prelude::*;

use crate::ui::*;

const PREFIX: &str = "_choice:";

/// Name of the control a question is about.
pub fn name(question: &Question) -> &str {
    match &question.path {
        Path::Field(name) | Path::Cell(_, _, name) => name,
        Path::Row(list, _) => list,
    }
}

/// The questions, to be answered with the next save; what was typed here counts unless something else is chosen.
pub fn questions(asked: &[Question], fields: impl Iterator<Item = &'static Field> + Clone, context: &FormContext<'_>) -> Option<AnyView> {
    let cards: Vec<AnyView> = asked
        .iter()
        .filter_map(|q| {
            let field = fields.clone().find(|f| f.name == name(q))?;
            let said = |value: &Option<Value>| value.as_ref().map_or_else(|| "（空）".to_owned(), |v| field.said(v, context));
            let both = matches!((&q.mine, &q.theirs), (Some(Value::Text(_)), Some(Value::Text(_)))) && joins(field);
            let mut picks =
                vec![pick("mine", format!("这里填写的：{}", said(&q.mine))), pick("theirs", format!("别处已保存的：{}", said(&q.theirs)))];
            picks.extend(both.then(|| pick("both", "两者都保留".to_owned())));
            let ask = Ask::new(&format!("{PREFIX}{}", field.name), field.label);
            Some(view! { <ChoiceField ask=ask picks=picks values=vec!["mine".to_owned()]/> }.into_any())
        })
        .collect();
    (!cards.is_empty()).then(|| {
        view! {
            <Notice tone=Tone::Warn title="下列内容在别处（另一窗口或设备）有不同的修改">
                <p>"请选择保留哪一个，然后再次保存。两处的内容都没有丢失。"</p>
                {cards}
            </Notice>
        }
        .into_any()
    })
}

fn pick(code: &str, label: String) -> Pick {
    Pick { code: code.into(), label, group: String::new() }
}

/// Whether two answers can stand one after the other.
fn joins(field: &Field) -> bool {
    use domain::engine::form::{Shape, Widget};
    matches!(field.widget, Widget::Lines(_) | Widget::Line(_, Shape::Any))
}

/// Carries out what was chosen. `there`: the answers as they stand now.
pub fn settle(typed: &mut Fields, there: &Fields, pairs: &[(String, String)]) {
    for (name, choice) in pairs.iter().filter_map(|(n, v)| Some((n.strip_prefix(PREFIX)?, v.as_str()))) {
        let theirs = there.get(name).cloned();
        let value = match (choice, typed.get(name), theirs) {
            ("theirs", _, theirs) => theirs,
            ("both", Some(Value::Text(mine)), Some(Value::Text(theirs))) => Some(Value::Text(format!("{theirs}；{mine}"))),
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
    use super::*;

    #[test]
    fn a_choice_takes_theirs_mine_or_both_and_leaves_the_rest() {
        let fields = |pairs: &[(&str, &str)]| -> Fields { pairs.iter().map(|(n, v)| ((*n).to_owned(), Value::from(*v))).collect() };
        let pairs = |choice: &str| vec![("_choice:a".to_owned(), choice.to_owned()), ("b".to_owned(), "y".to_owned())];
        for (choice, expected) in [("mine", "x"), ("theirs", "z"), ("both", "z；x"), ("else", "x")] {
            let mut typed = fields(&[("a", "x"), ("b", "y")]);
            settle(&mut typed, &fields(&[("a", "z")]), &pairs(choice));
            assert!(typed == fields(&[("a", expected), ("b", "y")]), "{choice}");
        }
        let mut typed = fields(&[("a", "x")]);
        settle(&mut typed, &Fields::new(), &pairs("theirs"));
        assert!(typed.is_empty());
    }
}
