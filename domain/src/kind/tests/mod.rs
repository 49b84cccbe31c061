//! Tests of every kind: its tables satisfy the engine, and the engine works on them.

mod answers;
mod assessment;
mod blind;
mod flow;
mod flow_docs;
mod forms;
mod needs;
mod notification;
mod rectification;
mod sensitive;
mod steps;

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::engine::flow::{Party, Requires};
use crate::engine::form::{Field, Options, Part, When, Widget};
use crate::matter::{CERTIFICATES_FIELD, LinkRole, OnTransfer};

/// Every kind, and those of the tests.
fn tested_kinds() -> impl Iterator<Item = &'static Kind> {
    KINDS.iter().copied().chain(trial::KINDS)
}

#[test]
fn every_transition_leads_to_a_stage_of_its_flow() {
    for kind in tested_kinds() {
        for stage in kind.flow.stages {
            for m in stage.transitions {
                assert!(!m.to.is_empty(), "{} {}", stage.code, m.command);
                for (_, to) in m.to {
                    assert!(kind.flow.stage(to).is_some(), "{} → {to}", stage.code);
                }
                for earlier in m.four_eyes_with {
                    assert!(kind.flow.stage(earlier).is_some(), "{earlier}");
                }
            }
        }
    }
}

#[test]
fn only_an_appeal_reopens_a_closed_stage_and_every_open_stage_has_a_transition() {
    for kind in tested_kinds() {
        for stage in kind.flow.stages {
            let by_appeal = stage.transitions.iter().filter(|m| m.by == Party::Appeal).count();
            let others = stage.transitions.len() - by_appeal;
            assert_eq!(stage.closed(), others == 0, "{} {}", kind.code, stage.code);
            assert!(by_appeal <= usize::from(stage.closed()), "{} {}", kind.code, stage.code);
        }
    }
}

#[test]
fn every_appealable_stage_is_decided_by_the_association_alone() {
    for kind in tested_kinds() {
        for disputed in kind.flow.stages.iter().filter(|s| s.can_be_appealed()) {
            let into = kind.flow.stages.iter().flat_map(|s| s.transitions).filter(|m| m.to.iter().any(|(_, to)| *to == disputed.code));
            for m in into {
                assert!(matches!(m.by, Party::Association(_)), "{} {} {}", kind.code, disputed.code, m.command);
            }
        }
    }
}

#[test]
fn every_association_role_that_acts_on_a_kind_may_see_it() {
    for kind in tested_kinds() {
        for m in kind.flow.stages.iter().flat_map(|s| s.transitions) {
            if let Party::Association(role) = m.by {
                assert!(kind.visible_to.contains(&role), "{} {}", kind.code, m.command);
            }
        }
    }
}

#[test]
fn every_stage_in_the_turn_of_an_institution_says_what_happens_if_it_is_closed() {
    for kind in KINDS {
        for stage in kind.flow.stages {
            let closing = stage.transitions.iter().filter(|t| t.by == Party::Closing).count();
            assert_eq!(closing, usize::from(matches!(stage.turn, Some(Party::Institution(_)))), "{} {}", kind.code, stage.code);
        }
    }
}

#[test]
fn every_stage_can_be_reached() {
    for kind in tested_kinds() {
        let mut reached: BTreeSet<&str> = kind.flow.draft().map(|s| s.code).into_iter().collect();
        loop {
            let more: BTreeSet<&str> = kind
                .flow
                .stages
                .iter()
                .filter(|s| reached.contains(s.code))
                .flat_map(|s| s.transitions.iter().flat_map(|m| m.to.iter().map(|(_, to)| *to)))
                .collect();
            let before = reached.len();
            reached.extend(more);
            if reached.len() == before {
                break;
            }
        }
        for stage in kind.flow.stages {
            assert!(reached.contains(stage.code), "{}", stage.code);
        }
    }
}

#[test]
fn submission_is_possible_exactly_where_editing_is() {
    for kind in tested_kinds() {
        for stage in kind.flow.stages {
            let submits = stage.transitions.iter().any(|m| m.requires == Requires::Submission);
            assert_eq!(submits, stage.edit != crate::engine::flow::Edit::Nothing, "{}", stage.code);
        }
    }
}

#[test]
fn a_panel_scores_fields_of_its_form_and_names_transitions_of_its_stage() {
    for kind in tested_kinds() {
        for (stage, rubric) in kind.flow.stages.iter().filter_map(|stage| Some((stage, stage.rubric()?))) {
            let outcomes = &rubric.outcomes;
            for command in [outcomes.pass, outcomes.revise, outcomes.fail, outcomes.split] {
                let t = stage.transitions.iter().find(|t| t.command == command).unwrap();
                assert_eq!((t.by, t.requires, t.keeps_votes), (Party::Expert, Requires::Nothing, command == outcomes.split), "{command}");
            }
            assert!(stage.votes().next().is_some() && stage.votes().all(|t| !rubric.outcomes.contains(t.command)), "{}", kind.code);
            for form in stage.votes().filter_map(|t| t.form()) {
                let field = |name: &str| form.fields().find(|(_, field)| field.name == name).unwrap().1;
                for item in rubric.items {
                    match field(item.field).widget {
                        Widget::Whole(least, most, _) => assert_eq!((least, most), (0, item.points.into()), "{}", item.field),
                        Widget::One(Options::Fixed(choices)) => {
                            let grades: Vec<&str> = rubric.grades.iter().map(|(code, _)| *code).collect();
                            assert_eq!(choices.iter().map(|c| c.code).collect::<Vec<_>>(), grades, "{}", item.field);
                        }
                        _ => panic!("{} is no item of a rubric", item.field),
                    }
                }
                for name in rubric.vetoes.iter().chain([&rubric.conclusion, &rubric.opinion]) {
                    assert!(field(name).required == When::Always, "{name}");
                }
            }
        }
    }
}

#[test]
fn votes_are_kept_only_on_the_way_of_people_who_join_a_panel_of_two_at_least() {
    use crate::engine::flow::Minimum;
    for kind in tested_kinds() {
        let transitions = || kind.flow.stages.iter().flat_map(|s| s.transitions);
        let has_panel = kind.flow.stages.iter().any(|s| s.rubric().is_some());
        assert!(has_panel || transitions().all(|t| !t.keeps_votes), "{}", kind.code);
        for t in transitions() {
            if let Requires::Assignees(count) = t.requires {
                assert!(!has_panel || !matches!(count.minimum, Minimum::Fixed(0 | 1)), "{} {}", kind.code, t.command);
                assert_eq!(count.joins, t.keeps_votes, "{} {}", kind.code, t.command);
            }
        }
    }
}

#[test]
fn field_names_are_unique_and_plain() {
    let plain = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    for kind in tested_kinds() {
        let mut names = BTreeSet::new();
        for step in kind.form.steps {
            for field in step.fields() {
                assert!(plain(field.name) && !field.name.starts_with('_'), "{}", field.name);
                assert!(names.insert(field.name), "{}", field.name);
            }
            for list in step.records() {
                assert!(names.insert(list.name), "{}", list.name);
                let mut inner = BTreeSet::new();
                for field in list.fields {
                    assert!(plain(field.name), "{}", field.name);
                    assert!(inner.insert(field.name), "{}", field.name);
                    assert!(!field.label.is_empty());
                }
                for title in list.title {
                    assert!(inner.contains(title), "{title}");
                }
            }
        }
    }
}

#[test]
fn a_kind_reopens_or_amends_what_it_disputes_and_nothing_else() {
    use crate::engine::flow::Effect;
    for kind in tested_kinds() {
        let effects = kind.flow.stages.iter().flat_map(|s| s.transitions).flat_map(|m| m.effects);
        let disputes = effects.clone().any(|effect| matches!(effect, Effect::Reopen | Effect::Amend));
        assert_eq!(disputes, kind.disputing_role().is_some(), "{}", kind.code);
    }
}

#[test]
fn a_role_in_which_kinds_name_other_matters_is_one_of_its_code() {
    let mut roles: BTreeMap<&str, &LinkRole> = BTreeMap::new();
    for kind in tested_kinds() {
        let own: BTreeSet<&str> = kind.link_roles().map(|role| role.code).collect();
        assert_eq!(own.len(), kind.links.len(), "{}", kind.code);
        for role in kind.link_roles() {
            assert_eq!(*roles.entry(role.code).or_insert(role), role, "{}", kind.code);
        }
    }
    assert_eq!(roles.keys().copied().collect::<Vec<_>>(), ["continued", "disputed"]);
}

#[test]
fn a_kind_that_extends_certificates_names_its_renewal_and_the_certificates_field() {
    for kind in tested_kinds() {
        let extends = kind
            .flow
            .stages
            .iter()
            .flat_map(|s| s.transitions)
            .any(|m| m.effects.contains(&crate::engine::flow::Effect::ExtendCertificates));
        let named = kind.form.fields().any(|(_, f)| f.name == CERTIFICATES_FIELD && matches!(f.widget, Widget::Many(_)));
        assert_eq!((extends, named), (kind.renewal.is_some(), kind.renewal.is_some()), "{}", kind.code);
    }
}

#[test]
fn a_kind_that_changes_the_identity_reads_it_from_a_sensitive_number() {
    for kind in tested_kinds() {
        let effects = kind.flow.stages.iter().flat_map(|s| s.transitions).flat_map(|m| m.effects);
        let changes = effects.clone().any(|effect| *effect == crate::engine::flow::Effect::ChangeIdentity);
        assert_eq!(changes, kind.identity.is_some(), "{}", kind.code);
        if let Some((step, number)) = kind.identity.map(|rule| rule.number_field) {
            let field = kind.form.step(step).and_then(|step| step.fields().find(|f| f.name == number)).unwrap();
            assert!(field.sensitive && field.checker_only && field.single_use, "{}", kind.code);
        }
    }
}

#[test]
fn goal_fields_of_requirements_are_fields_of_the_form() {
    for kind in tested_kinds() {
        let Some(requirements) = kind.requirements else { continue };
        for name in requirements.goal_fields.iter().chain(requirements.optional_fields) {
            assert!(kind.form.fields().any(|(_, f)| f.name == *name), "{name}");
        }
    }
}

#[test]
fn what_the_address_may_fill_is_on_the_form_and_not_sensitive_and_has_the_goals_of_requirements() {
    for kind in tested_kinds() {
        for name in kind.preset {
            let field = kind.form.fields().map(|(_, f)| f).find(|f| f.name == *name).unwrap();
            assert!(!field.sensitive && !field.identifies(), "{} {name}", kind.code);
        }
        let goals = kind.requirements.into_iter().flat_map(|r| r.goal_fields.iter().chain(r.optional_fields));
        for name in goals {
            assert!(kind.preset.contains(name), "{} {name}", kind.code);
        }
    }
}

#[test]
fn a_field_that_depends_on_another_names_it_by_its_label() {
    for kind in tested_kinds() {
        let singles: Vec<&Field> = kind.form.fields().map(|(_, field)| field).collect();
        let check = |field: &Field, beside: &[Field]| {
            for other in field.widget.others() {
                let found = beside.iter().chain(singles.iter().copied()).find(|f| f.name == other.name);
                assert_eq!(found.map(|f| f.label), Some(other.label), "{} {}", kind.code, field.name);
            }
        };
        singles.iter().for_each(|field| check(field, &[]));
        for list in kind.form.steps.iter().flat_map(|s| s.records()) {
            list.fields.iter().for_each(|field| check(field, list.fields));
            for name in list.span.iter().flat_map(|(first, last)| [first, last]) {
                assert!(list.field(name).is_some_and(|f| matches!(f.widget, Widget::Day(_))), "{} {name}", list.name);
            }
        }
    }
}

#[test]
fn codes_of_a_list_of_choices_are_unique() {
    let check = |widget: &Widget| {
        if let Widget::One(Options::Fixed(choices)) | Widget::Many(Options::Fixed(choices)) = widget {
            let codes: BTreeSet<&str> = choices.iter().map(|c| c.code).collect();
            assert_eq!(codes.len(), choices.len());
        }
    };
    for kind in tested_kinds() {
        for part in kind.form.steps.iter().flat_map(|s| s.parts) {
            match part {
                Part::Fields(_, fields) => fields.iter().for_each(|f| check(&f.widget)),
                Part::Records(list) => list.fields.iter().for_each(|f| check(&f.widget)),
                Part::Display(_) => {}
            }
        }
    }
}

#[test]
fn a_transfer_policy_names_stages_and_fields_of_its_kind() {
    for kind in tested_kinds() {
        for row in kind.on_transfer {
            for stage in row.stages {
                assert!(kind.flow.stage(stage).is_some_and(|s| !s.closed()), "{} {stage}", kind.code);
            }
            if let OnTransfer::Follows(field) = row.then {
                assert!(kind.form.fields().any(|(_, f)| f.name == field), "{field}");
            }
        }
    }
}

#[test]
fn a_draft_never_blocks_a_transfer_and_no_blocking_matter_is_left_with_the_old_institution() {
    for kind in tested_kinds() {
        for stage in kind.flow.stages.iter().filter(|s| !s.closed()) {
            let policy = kind.transfer_policy(stage.code);
            if stage.code == "draft" {
                assert!(!policy.blocks, "{}", kind.code);
            } else if policy.blocks {
                assert_ne!(policy.then, OnTransfer::Unchanged, "{} {}", kind.code, stage.code);
            }
        }
    }
}

#[test]
fn transfer_policies_of_the_kinds() {
    let (recommended, practice) = (OnTransfer::Follows("recommending_institution"), OnTransfer::Follows("practice_institution"));
    for (kind, stage, blocks, then) in [
        ("registration", "draft", false, recommended),
        ("registration", "returned", true, recommended),
        ("registration", "billing", true, OnTransfer::Waits),
        ("registration", "approval", true, recommended),
        ("annual_confirmation", "draft", false, practice),
        ("annual_confirmation", "review", true, practice),
        ("reregistration", "review", true, practice),
        ("transfer", "draft", false, OnTransfer::Unchanged),
        ("transfer", "leaving", true, OnTransfer::Waits),
        ("appeal", "evaluation", false, OnTransfer::Unchanged),
        ("complaint", "handling", false, OnTransfer::Unchanged),
        ("identity_change", "review", false, OnTransfer::Unchanged),
    ] {
        let policy = by_code(kind).unwrap().transfer_policy(stage);
        assert_eq!((policy.blocks, policy.then), (blocks, then), "{kind} {stage}");
    }
}

#[test]
fn expert_lists_have_different_addresses() {
    let slugs: Vec<&str> = KINDS.iter().filter_map(|k| k.expert_list).map(|l| l.slug).collect();
    assert_eq!(slugs.iter().collect::<BTreeSet<_>>().len(), slugs.len());
}

#[test]
fn the_numbers_of_every_kind_begin_with_two_letters_of_its_own() {
    let mut prefixes = BTreeSet::new();
    for kind in KINDS {
        let prefix = kind.number_prefix;
        assert!(prefix.len() == 2 && prefix.bytes().all(|b| b.is_ascii_uppercase()), "{} {prefix}", kind.code);
        assert!(prefixes.insert(prefix), "{} {prefix}", kind.code);
        let number = crate::matter::matter_number(prefix, chrono::NaiveDate::default(), 1);
        assert_eq!(crate::matter::read_matter_number(&number), Some(number));
    }
}
