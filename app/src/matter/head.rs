//! Head of the pages of one matter: who, what, where it is and until when.

use backend::matter::LoadedMatter;
use chrono::NaiveDate;
use domain::base::calendar::DueStatus;
use domain::engine::flow::{Course, Stage, course};

use super::files::photo_of;
use crate::format;
use crate::ui::{CaseHeadFacts, Tone};

/// The head of a matter. `person`: name of the applicant, for those who may know it. `parent`: label and address of the list that the page
/// is reached from.
pub(crate) fn head_facts(matter: &LoadedMatter, person: Option<String>, parent: (&str, &str), today: NaiveDate) -> CaseHeadFacts {
    let stage = matter.stage();
    let status = stage.map(|stage| (format::tone(stage), stage.label.to_owned()));
    let due = matter.due_on.filter(|_| stage.is_some_and(|stage| !stage.closed())).map(|due| due_badge(due, today));
    CaseHeadFacts {
        title: matter.kind.title_for(&matter.answers),
        crumbs: vec![(parent.0.to_owned(), parent.1.to_owned())],
        photo: photo_of(matter),
        person,
        kind: matter.kind.label,
        number: matter.number.clone(),
        badges: status.into_iter().chain(due).collect(),
        stages: stage.and_then(|stage| course(matter.kind.flow, stage)).map(stage_names),
    }
}

/// How many days are left of the time limit that ends on a day.
fn due_badge(due: NaiveDate, today: NaiveDate) -> (Tone, String) {
    let status = DueStatus::of(due, today);
    let text = match status {
        DueStatus::Soon(days) | DueStatus::Later(days) => format!("剩 {days} 天"),
        DueStatus::Overdue(_) | DueStatus::Today => status.text(),
    };
    (format::due_tone(status), text)
}

/// Names of the stages, and the index of the present one. 机构初核中 is the name of a stage that is going on; of another it is 机构初核.
fn stage_names(course: Course) -> (Vec<String>, usize) {
    let name = |(index, stage): (usize, &&'static Stage)| match index == course.present {
        true => stage.label.to_owned(),
        false => stage.label.trim_end_matches('中').trim_start_matches('待').to_owned(),
    };
    (course.stages.iter().enumerate().map(name).collect(), course.present)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_due_day_is_told_in_days_and_stands_out_at_its_end() {
        let today: NaiveDate = "2026-11-27".parse().unwrap();
        for (due, tone, text) in [
            ("2026-11-24", Tone::Late, "已逾期 3 天"),
            ("2026-11-27", Tone::Warn, "今天到期"),
            ("2026-11-30", Tone::Warn, "剩 3 天"),
            ("2026-12-02", Tone::Info, "剩 5 天"),
        ] {
            assert_eq!(due_badge(due.parse().unwrap(), today), (tone, text.to_owned()));
        }
    }
}
