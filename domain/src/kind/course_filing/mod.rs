//! 课程备案: an institution files a course with its teachers, each of whom confirms the own part, then the association decides
//! (docs/manual.md 5.1.2; docs/domain.md §10).

mod condition;
mod confirmation;
mod flow;
mod form;
mod participant;

use crate::engine::flow::{InstitutionRelation, Party};
use crate::engine::form::Answers;
use crate::matter::{BASE_KIND, Guide, Kind, Need, ParticipantList, StageMessage};

pub use confirmation::{AGREE, DECLINE, FORM as CONFIRMATION, OPINION, RESULT};
pub use flow::FLOW;
pub use form::{
    CATEGORY, CLASS_MAX, COURSE_NAME, DELIVERY, FORM, HOURS, MODULE_HOURS, MODULE_NAME, MODULES, TEACHER_MOBILE, TEACHER_MODULES,
    TEACHER_NAME, TEACHER_NUMBER, TEACHER_ROLE, TEACHERS,
};
pub use participant::{TeacherPart, teacher_part};

/// The kind 课程备案.
pub static KIND: Kind = Kind {
    code: "course_filing",
    label: "课程备案",
    apply_label: "备案课程申请",
    number_prefix: "KC",
    group: "人员培训",
    applicant_label: "申请机构",
    participant_label: "教师",
    begun_by: &[Party::Institution(InstitutionRelation::Filing)],
    form: &FORM,
    flow: &FLOW,
    guide: Guide {
        brief: "培训机构备案课程和授课教师",
        summary: "已开通培训业务的机构为课程办理备案，授课教师逐一确认，经协会审核、批准后列入备案课程库。",
        applicants: "已开通培训业务的机构。授课教师须已在“课程管理”中绑定该课程类别。",
        prepare: &[
            "课程大纲、讲义或教材、课件",
            "考核试卷及评分标准",
            "教学计划（课程表）",
            "办学许可或营业执照",
            "每名授课教师的姓名，以及手机号码或教师编号",
        ],
        steps: &[
            "填写课程信息、大纲和授课教师，提交申请",
            "每名教师确认承担的模块；不同意或逾期未确认的，退回机构修改",
            "协会审核、批准（由不同人员办理）",
            "列入备案课程库，向社会公布",
        ],
    },
    title,
    needs: &[Need::CourseCategories, Need::Filing],
    validate: condition::validate,
    availability: Some(condition::availability),
    participants: Some(participant::participants),
    part_of_participant: participant::lines,
    messages: MESSAGES,
    participant_list: Some(ParticipantList { slug: "filings", title: "课程备案管理" }),
    ..BASE_KIND
};

const MESSAGES: &[StageMessage] = &[
    StageMessage {
        stage: "teachers",
        to: Party::Participant,
        title: "待确认课程备案提醒",
        text: "{institution} 的“{title}”列您为授课教师，请在 {due} 前确认。",
    },
    StageMessage {
        stage: "declined", to: Party::Applicant, title: "教师未确认", text: "“{title}”有教师未确认，请修改后重新提交。{note}"
    },
    StageMessage {
        stage: "review", to: Party::Applicant, title: "教师已全部确认", text: "“{title}”教师已全部确认，已提交协会审核。"
    },
    StageMessage { stage: "refused", to: Party::Applicant, title: "不予备案", text: "“{title}”不予备案。原因：{note}。" },
];

/// The title: the name of the course.
fn title(answers: &Answers) -> Option<String> {
    Some(answers.text(COURSE_NAME).to_owned()).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests;
