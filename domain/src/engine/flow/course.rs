//! The usual course of a flow, for a picture of how far a matter is.

use super::definition::{Edit, Flow, Stage};

/// The stages that a matter passes when nothing is returned, refused or withdrawn, and where it is.
#[derive(Debug, Clone)]
pub struct Course {
    /// The stages between the draft and the end, in their order.
    pub stages: Vec<&'static Stage>,
    /// Index of the present one.
    pub present: usize,
}

/// The course of a matter that is at `present`; none before it is submitted and after it is closed. A stage beside the course, such as
/// 退回修改, stands where the course goes on after it.
pub fn course(flow: &'static Flow, present: &Stage) -> Option<Course> {
    let draft = flow.stages.first()?;
    if present.closed() || present.code == draft.code {
        return None;
    }
    let stages = onward(flow, draft);
    let position = |stage: &Stage| stages.iter().position(|other| other.code == stage.code);
    let present = match position(present) {
        Some(index) => index,
        None => {
            let next = onward(flow, present).into_iter().find_map(position)?;
            // What is not edited there has taken the place of the stage before.
            if present.edit == Edit::Nothing { next.saturating_sub(1) } else { next }
        }
    };
    Some(Course { stages, present })
}

/// The open stages after one, each by the first transition of the one before, until the end or a stage that came before.
fn onward(flow: &'static Flow, from: &Stage) -> Vec<&'static Stage> {
    let next = |stage: &Stage| {
        let (_, code) = stage.transitions.first()?.to.first()?;
        flow.stages.iter().find(|other| other.code == *code && !other.closed())
    };
    let mut stages: Vec<&'static Stage> = Vec::new();
    let mut stage = next(from);
    while let Some(found) = stage.filter(|found| stages.iter().all(|other| other.code != found.code)) {
        stages.push(found);
        stage = next(found);
    }
    stages
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::KINDS;
    use crate::kind::registration::FLOW;

    fn at(code: &str) -> (Vec<&'static str>, usize) {
        let course = course(&FLOW, FLOW.stage(code).unwrap()).unwrap();
        (course.stages.iter().map(|stage| stage.code).collect(), course.present)
    }

    #[test]
    fn a_registration_passes_its_stages_in_order() {
        let stages = ["institution_review", "payment", "acceptance", "assignment", "evaluation", "review", "approval"];
        for (index, code) in stages.into_iter().enumerate() {
            assert_eq!(at(code), (stages.to_vec(), index));
        }
    }

    #[test]
    fn a_stage_beside_the_course_stands_where_it_goes_on() {
        for (code, index) in [("billing", 1), ("payment_check", 1), ("returned", 0)] {
            assert_eq!(at(code).1, index, "{code}");
        }
    }

    #[test]
    fn every_open_stage_of_every_kind_has_a_place() {
        for kind in KINDS {
            for stage in kind.flow.stages.iter().skip(1).filter(|stage| !stage.closed()) {
                let course = course(kind.flow, stage);
                assert!(course.is_some_and(|course| course.present < course.stages.len()), "{} {}", kind.code, stage.code);
            }
            let ends = kind.flow.stages.iter().filter(|stage| stage.closed());
            assert!(ends.chain(kind.flow.stages.first()).all(|stage| course(kind.flow, stage).is_none()), "{}", kind.code);
        }
    }
}
