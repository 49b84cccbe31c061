//! Matters (业务): everything a person asks for. One engine, many kinds.

mod apart;
mod found;
mod past;

pub use apart::Apart;
pub use found::{Found, State};
pub use past::Past;

use uuid::Uuid;

use crate::assessment::Nonconformity;
use crate::certificate::{Grant, Upkeep};
use crate::flow::{Flow, Link, Party, Stage};
use crate::form::{Answers, Form, Issue, Path, Problem, Setting, check_form};
use crate::payment::Fee;
use crate::permission::Role;

/// The field that names the certificates a matter keeps alive, by their numbers.
pub const CERTIFICATES: &str = "certificates";

/// An institution tied to a matter, and as what.
pub type Tie = (Link, Uuid);

/// A kind of matter: its form, its flow, and the few functions that are its own.
pub struct Kind {
    /// Stable code; stands in addresses.
    pub code: &'static str,
    /// Name, in the manual's words.
    pub label: &'static str,
    /// Heading it stands under in 在线申请.
    pub group: &'static str,
    /// Who begins it: people for themselves, or users of an institution at its desk.
    pub begun_by: &'static [Party],
    /// Its form.
    pub form: &'static Form,
    /// Its flow.
    pub flow: &'static Flow,
    /// 办事指南.
    pub guide: Guide,
    /// What it costs, if it costs anything.
    pub fee: Option<&'static Fee>,
    /// What reviewers can find wrong with it.
    pub nonconformities: &'static [Nonconformity],
    /// Who must not learn who asks.
    pub blind: &'static [Party],
    /// What one matter is called in lists, once the answers tell.
    pub title: fn(&Answers) -> Option<String>,
    /// The institution tied to it by the answers.
    pub institution: fn(&Answers) -> Option<Uuid>,
    /// What a certificate issued for it attests, for kinds whose flow issues one.
    pub grants: fn(&Answers) -> Option<Grant>,
    /// How it keeps alive the certificates named in its field [`CERTIFICATES`], for kinds whose flow does.
    pub upkeep: Option<Upkeep>,
    /// Rules across fields.
    pub judge: fn(&Answers, &Setting<'_>) -> Vec<Problem>,
    /// What must be met by the facts about the person, for kinds that ask for any.
    pub requirements: Option<&'static Requirements>,
    /// Whether it can be begun, by what is known of the person; told before the form, and held when it is begun.
    pub entry: Option<fn(&Setting<'_>) -> Entry>,
    /// Institutions tied to it by the answers that were submitted, beside the one that recommends.
    pub ties: Option<fn(&Answers) -> Vec<Tie>>,
    /// Roles of the association that may see it.
    pub seen_by: &'static [Role],
    /// Who stays clear of it, whatever their role, by the answers that were submitted.
    pub apart: Option<fn(&Answers) -> Vec<Apart>>,
    /// The matter whose decision it disputes.
    pub disputes: Option<fn(&Answers) -> Option<Uuid>>,
}

/// A common kind, to be written as `Kind { …, ..PLAIN }`.
pub const PLAIN: Kind = Kind {
    code: "",
    label: "",
    group: "",
    begun_by: &[Party::Applicant],
    form: &Form { version: 1, upgrade: |_| (), steps: &[] },
    flow: &Flow { stages: &[] },
    guide: Guide { summary: "", who: "", prepare: &[], steps: &[] },
    fee: None,
    nonconformities: &[],
    blind: &[],
    title: |_| None,
    institution: |_| None,
    grants: |_| None,
    upkeep: None,
    judge: |_, _| Vec::new(),
    requirements: None,
    entry: None,
    ties: None,
    seen_by: &[Role::Officer, Role::Approver, Role::Finance, Role::Examiner, Role::Admin],
    apart: None,
    disputes: None,
};

/// Whether a matter can be begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// It can.
    Open,
    /// It cannot, and why.
    Closed(String),
}

/// What a kind asks of the person.
pub struct Requirements {
    /// Fields of the form that say what is aimed at; without them nothing can be told.
    pub aim: &'static [&'static str],
    /// Fields that are not needed for it but tell more.
    pub also: &'static [&'static str],
    /// Holds every requirement of the aim against the answers and what is known. Empty while the aim is not said.
    pub find: fn(&Answers, &Setting<'_>) -> Vec<Found>,
}

/// 办事指南: what a person should know before beginning.
pub struct Guide {
    /// What it is for.
    pub summary: &'static str,
    /// Who can ask for it.
    pub who: &'static str,
    /// What to have at hand.
    pub prepare: &'static [&'static str],
    /// How it goes.
    pub steps: &'static [&'static str],
}

/// Every kind.
pub static KINDS: &[&Kind] = &[
    &crate::registration::KIND,
    &crate::annual_confirmation::KIND,
    &crate::reregistration::KIND,
    &crate::transfer::KIND,
    &crate::appeal::KIND,
    &crate::complaint::KIND,
];

/// The kind with this code.
pub fn kind(code: &str) -> Option<&'static Kind> {
    KINDS.iter().copied().find(|k| k.code == code)
}

impl Kind {
    /// Judges the whole form, each answer and the rules across them, in the order of the pages.
    pub fn check(&self, answers: &Answers, setting: &Setting<'_>) -> Vec<Problem> {
        let mut problems = check_form(self.form, answers, setting);
        problems.extend((self.judge)(answers, setting));
        let unmet = self.unmet(answers, setting, &problems);
        problems.extend(unmet);
        let place = |p: &Problem| self.form.steps.iter().position(|s| s.code == p.step);
        problems.sort_by_key(place);
        problems
    }

    /// Every requirement held against the answers and what is known; none for a kind without requirements or without an aim.
    pub fn requirements_of(&self, answers: &Answers, setting: &Setting<'_>) -> Vec<Found> {
        self.requirements.map_or_else(Vec::new, |r| (r.find)(answers, setting))
    }

    /// Requirements that stand in the way of a submission. One that cannot be told yet does so only where its page has no other fault.
    fn unmet(&self, answers: &Answers, setting: &Setting<'_>, faults: &[Problem]) -> Vec<Problem> {
        let blocks = |f: &Found| match f.state {
            State::Met => false,
            State::Missing => true,
            State::Unknown => faults.iter().all(|p| p.step != f.step),
        };
        let problem = |f: Found| Problem {
            step: f.step,
            path: Path::field(f.field),
            issue: Issue::new("requirement_missing", f.figures()),
            label: f.label,
        };
        self.requirements_of(answers, setting).into_iter().filter(blocks).map(problem).collect()
    }

    /// Whether a person can begin one now.
    pub fn entry_for(&self, setting: &Setting<'_>) -> Entry {
        self.entry.map_or(Entry::Open, |entry| entry(setting))
    }

    /// Whether users of an institution can begin one at its desk.
    pub fn at_desks(&self) -> bool {
        self.begun_by.contains(&Party::Institution(Link::Filing))
    }

    /// What a matter of this kind is called in lists.
    pub fn title_for(&self, answers: &Answers) -> String {
        (self.title)(answers).unwrap_or_else(|| self.label.to_owned())
    }

    /// The stage with this code; the draft for a code that is not in the flow.
    pub fn stage(&self, code: &str) -> Option<&'static Stage> {
        self.flow.stage(code).or_else(|| self.flow.draft())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::flow::Asks;
    use crate::form::{Options, Part, Widget};

    #[test]
    fn every_move_leads_to_a_stage_of_its_flow() {
        for kind in KINDS {
            for stage in kind.flow.stages {
                for m in stage.moves {
                    assert!(!m.to.is_empty(), "{} {}", stage.code, m.command);
                    for (_, to) in m.to {
                        assert!(kind.flow.stage(to).is_some(), "{} → {to}", stage.code);
                    }
                    for earlier in m.apart_from {
                        assert!(kind.flow.stage(earlier).is_some(), "{earlier}");
                    }
                }
            }
        }
    }

    #[test]
    fn only_an_appeal_opens_a_closed_stage_and_every_open_one_can_be_left() {
        for kind in KINDS {
            for stage in kind.flow.stages {
                let by_appeal = stage.moves.iter().filter(|m| m.by == Party::Appeal).count();
                let others = stage.moves.len() - by_appeal;
                assert_eq!(stage.closed(), others == 0, "{} {}", kind.code, stage.code);
                assert!(by_appeal <= usize::from(stage.closed()), "{} {}", kind.code, stage.code);
            }
        }
    }

    #[test]
    fn what_can_be_disputed_was_decided_by_the_association_alone() {
        for kind in KINDS {
            for disputed in kind.flow.stages.iter().filter(|s| s.disputable()) {
                let into = kind.flow.stages.iter().flat_map(|s| s.moves).filter(|m| m.to.iter().any(|(_, to)| *to == disputed.code));
                for m in into {
                    assert!(matches!(m.by, Party::Association(_)), "{} {} {}", kind.code, disputed.code, m.command);
                }
            }
        }
    }

    #[test]
    fn who_acts_on_a_kind_at_the_association_may_see_it() {
        for kind in KINDS {
            for m in kind.flow.stages.iter().flat_map(|s| s.moves) {
                if let Party::Association(role) = m.by {
                    assert!(kind.seen_by.contains(&role), "{} {}", kind.code, m.command);
                }
            }
        }
    }

    #[test]
    fn every_stage_can_be_reached() {
        for kind in KINDS {
            let mut reached: BTreeSet<&str> = kind.flow.draft().map(|s| s.code).into_iter().collect();
            loop {
                let more: BTreeSet<&str> = kind
                    .flow
                    .stages
                    .iter()
                    .filter(|s| reached.contains(s.code))
                    .flat_map(|s| s.moves.iter().flat_map(|m| m.to.iter().map(|(_, to)| *to)))
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
    fn only_who_may_edit_submits() {
        for kind in KINDS {
            for stage in kind.flow.stages {
                let submits = stage.moves.iter().any(|m| m.asks == Asks::Submission);
                assert_eq!(submits, stage.edit != crate::flow::Edit::Nothing, "{}", stage.code);
            }
        }
    }

    #[test]
    fn field_names_stand_once_and_are_plain() {
        let plain = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        for kind in KINDS {
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
    fn a_kind_that_extends_certificates_says_how_and_names_them() {
        for kind in KINDS {
            let extends =
                kind.flow.stages.iter().flat_map(|s| s.moves).any(|m| m.effects.contains(&crate::flow::Effect::ExtendCertificates));
            let named = kind.form.fields().any(|(_, f)| f.name == CERTIFICATES && matches!(f.widget, Widget::Many(_)));
            assert_eq!((extends, named), (kind.upkeep.is_some(), kind.upkeep.is_some()), "{}", kind.code);
        }
    }

    #[test]
    fn requirements_and_their_aims_stand_on_the_form() {
        for kind in KINDS {
            let Some(requirements) = kind.requirements else { continue };
            for name in requirements.aim.iter().chain(requirements.also) {
                assert!(kind.form.fields().any(|(_, f)| f.name == *name), "{name}");
            }
        }
    }

    #[test]
    fn a_list_of_choices_names_each_code_once() {
        let check = |widget: &Widget| {
            if let Widget::One(Options::Fixed(choices)) | Widget::Many(Options::Fixed(choices)) = widget {
                let codes: BTreeSet<&str> = choices.iter().map(|c| c.code).collect();
                assert_eq!(codes.len(), choices.len());
            }
        };
        for kind in KINDS {
            for part in kind.form.steps.iter().flat_map(|s| s.parts) {
                match part {
                    Part::Fields(_, fields) => fields.iter().for_each(|f| check(&f.widget)),
                    Part::Records(list) => list.fields.iter().for_each(|f| check(&f.widget)),
                    Part::Shown(_) => {}
                }
            }
        }
    }
}
