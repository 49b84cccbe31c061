use proptest::prelude::*;

use super::*;

const FIELDS: [&str; 3] = ["a", "b", "c"];

fn id(n: u8) -> Uuid {
    Uuid::from_u128(u128::from(n) + 1)
}

fn op() -> impl Strategy<Value = Op> {
    let text = prop_oneof![Just(None), "[xyz]{1,2}".prop_map(|t| Some(Value::Text(t)))];
    let path = prop_oneof![
        (0usize..3).prop_map(|f| Path::field(FIELDS[f])),
        (0u8..3, 0usize..3).prop_map(|(r, f)| Path::Cell("list".into(), id(r), FIELDS[f].into())),
        (0u8..3).prop_map(|r| Path::Row("list".into(), id(r))),
    ];
    (path, text).prop_map(|(path, value)| Op { path, value })
}

fn grown(base: &Answers, ops: &[Op]) -> Answers {
    let mut answers = base.clone();
    apply(&mut answers, ops);
    answers
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    proptest::collection::vec(op(), 0..8)
}

proptest! {
    #[test]
    fn a_side_that_did_nothing_takes_the_other(before in ops(), one in ops()) {
        let base = grown(&Answers::default(), &before);
        let side = grown(&base, &one);
        for merged in [merge(&base, &side, &base), merge(&base, &base, &side)] {
            prop_assert!(merged.questions.is_empty());
            prop_assert!(merged.answers == side);
        }
    }

    #[test]
    fn two_sides_alike_need_no_question(before in ops(), one in ops()) {
        let base = grown(&Answers::default(), &before);
        let side = grown(&base, &one);
        let merged = merge(&base, &side, &side);
        prop_assert!(merged.questions.is_empty() && merged.answers == side);
    }

    #[test]
    fn every_typed_value_stands_or_is_asked_about(before in ops(), one in ops(), other in ops()) {
        let base = grown(&Answers::default(), &before);
        let (mine, theirs) = (grown(&base, &one), grown(&base, &other));
        let merged = merge(&base, &mine, &theirs);
        let questioned = |path: &Path| merged.questions.iter().any(|q| q.path == *path);
        for name in FIELDS {
            if mine.fields.get(name) != base.fields.get(name) {
                let stands = merged.answers.fields.get(name) == mine.fields.get(name);
                prop_assert!(stands || questioned(&Path::field(name)), "{name}");
            }
        }
        for row in mine.records("list") {
            let was = base.record("list", row.id);
            for name in FIELDS {
                let changed = was.and_then(|w| w.fields.get(name)) != row.fields.get(name);
                let now = merged.answers.record("list", row.id);
                let stands = now.and_then(|n| n.fields.get(name)) == row.fields.get(name);
                let cell = Path::Cell("list".into(), row.id, name.into());
                let whole = Path::Row("list".into(), row.id);
                prop_assert!(!changed || stands || questioned(&cell) || questioned(&whole));
            }
        }
    }

    #[test]
    fn both_sides_ask_the_same_questions(before in ops(), one in ops(), other in ops()) {
        let base = grown(&Answers::default(), &before);
        let (mine, theirs) = (grown(&base, &one), grown(&base, &other));
        let here: BTreeSet<Path> = merge(&base, &mine, &theirs).questions.into_iter().map(|q| q.path).collect();
        let there: BTreeSet<Path> = merge(&base, &theirs, &mine).questions.into_iter().map(|q| q.path).collect();
        prop_assert_eq!(here, there);
    }

    #[test]
    fn a_patch_applied_twice_is_applied_once(before in ops(), one in ops()) {
        let base = grown(&Answers::default(), &before);
        let once = grown(&base, &one);
        let last: Vec<Op> = one.iter().rev().take(1).cloned().collect();
        prop_assert!(grown(&once, &last) == once);
    }
}

#[test]
fn a_row_taken_out_here_and_edited_there_stays_and_is_asked_about() {
    let row = |text: &str| Op { path: Path::Cell("list".into(), id(0), "a".into()), value: Some(text.into()) };
    let base = grown(&Answers::default(), &[row("x")]);
    let mine = grown(&base, &[Op { path: Path::Row("list".into(), id(0)), value: None }]);
    let theirs = grown(&base, &[row("y")]);
    let merged = merge(&base, &mine, &theirs);
    assert_eq!(merged.questions.len(), 1);
    assert_eq!(merged.answers.record("list", id(0)).unwrap().text("a"), "y");
}

#[test]
fn a_patch_reads_back_from_json_and_unknown_parts_are_refused() {
    let ops = vec![Op { path: Path::field("a"), value: Some("x".into()) }];
    let replaces = Some(PatchKey { device: id(5), seq: 6 });
    let patch = Patch { matter: id(1), base_rev: 3, device: id(2), seq: 4, ops, replaces };
    let json = serde_json::to_string(&patch).unwrap();
    assert_eq!(serde_json::from_str::<Patch>(&json).unwrap(), patch);
    let extra = json.replacen('{', "{\"status\":\"approved\",", 1);
    assert!(serde_json::from_str::<Patch>(&extra).is_err());
}
