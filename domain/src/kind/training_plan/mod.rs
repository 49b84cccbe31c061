//! 培训计划: an institution reports a training of a filed course, and each teacher of a lesson confirms the own lessons
//! (docs/manual.md 5.2; docs/domain.md §10).

mod condition;
mod confirmation;
mod flow;
mod form;
mod lesson;

use crate::engine::flow::{InstitutionRelation, Party};
use crate::engine::form::Answers;
use crate::matter::{BASE_KIND, Guide, Kind, Need, ParticipantList, StageMessage};

pub use confirmation::{AGREE, DECLINE, FORM as CONFIRMATION, REASON, RESULT};
pub use flow::{FLOW, RESULTS};
pub use form::{COURSE, END, FORM, LESSON_DAY, LESSON_ENDS, LESSON_STARTS, LESSON_TEACHER, LESSONS, START, TITLE};
pub use lesson::{PlannedLesson, planned_lessons};

/// The kind 培训计划.
pub static KIND: Kind = Kind {
    code: "training_plan",
    label: "培训计划",
    apply_label: "培训计划上报",
    number_prefix: "PX",
    group: "人员培训",
    applicant_label: "上报机构",
    participant_label: "教师",
    begun_by: &[Party::Institution(InstitutionRelation::Filing)],
    form: &FORM,
    flow: &FLOW,
    guide: Guide {
        brief: "培训机构上报备案课程的培训计划",
        summary: "机构在开班前上报备案课程的培训计划，授课教师确认本人课次后即为已上报；培训结束后通报结果。",
        applicants: "有有效备案课程的机构。",
        prepare: &["培训起止日期、地点或直播地址", "每个课次的日期、时间、学时、内容和教师", "课程表（如有）"],
        steps: &[
            "填写并提交计划",
            "每名教师确认本人课次；不确认或逾期的，退回机构修改",
            "计划已上报，按计划实施",
            "培训结束后通报培训结果",
        ],
    },
    title,
    needs: &[Need::Plans],
    validate: condition::validate,
    warnings: condition::warnings,
    availability: Some(condition::availability),
    participants: Some(lesson::participants),
    part_of_participant: lesson::lines,
    messages: MESSAGES,
    participant_list: Some(ParticipantList { slug: "plans", title: "培训计划管理" }),
    facts: Some(condition::facts),
    ..BASE_KIND
};

const MESSAGES: &[StageMessage] = &[
    StageMessage {
        stage: "teachers",
        to: Party::Participant,
        title: "待确认培训计划提醒",
        text: "{institution} 的“{title}”列您为授课教师，请在 {due} 前确认。",
    },
    StageMessage {
        stage: "declined", to: Party::Applicant, title: "教师未确认", text: "“{title}”有教师未确认，请修改后重新提交。{note}"
    },
    StageMessage {
        stage: "reported", to: Party::Applicant, title: "教师已全部确认", text: "“{title}”教师已全部确认，已上报。"
    },
    StageMessage {
        stage: "results",
        to: Party::Applicant,
        title: "待通报培训结果提醒",
        text: "“{title}”已结束，请在 {due} 前通报培训结果。",
    },
];

/// The title: the name of the class.
fn title(answers: &Answers) -> Option<String> {
    Some(answers.text(TITLE).to_owned()).filter(|title| !title.is_empty())
}

#[cfg(test)]
mod tests;
