//! The dated rule table: every number and text the association may change.
//!
//! A rule is looked up for a day; the row with the latest `effective_from` up to that day applies. A key without a row has its
//! default.

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};

/// A key of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleKey {
    /// Name of the key in the database.
    pub name: &'static str,
    /// Chinese label.
    pub label: &'static str,
    /// Value without a row.
    pub default: RuleDefault,
    /// Grade of evidence: S manual, A official text, B trade sites, P our proposal (docs/domain.md).
    pub grade: char,
}

/// A default value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleDefault {
    /// The value as a whole number.
    Int(i64),
    /// A share in percent, 0 to 100.
    Percent(i64),
    /// The value as text.
    Text(&'static str),
    /// One of these codes; the first part is the default.
    OneOf(&'static str, &'static [&'static str]),
}

macro_rules! keys {
    ($($ident:ident $name:literal $default:expr, $grade:literal $label:literal;)*) => {
        /// All rule keys.
        pub mod key {
            use super::{EDUCATION_LEVELS, RuleDefault::*, RuleKey, TITLES, WEEKDAYS};
            $(#[doc = $label] pub const $ident: RuleKey = RuleKey { name: $name, label: $label, default: $default, grade: $grade };)*
            /// Every key.
            pub const ALL: &[RuleKey] = &[$($ident),*];
        }
    };
}

keys! {
    SMS_TTL_SECONDS "sms.ttl_seconds" Int(120), 'S' "短信验证码有效秒数";
    SMS_MIN_INTERVAL_SECONDS "sms.min_interval_seconds" Int(120), 'S' "短信验证码最小发送间隔秒数";
    SMS_TRIES "sms.tries" Int(5), 'P' "每个验证码可尝试次数";
    SMS_PER_HOUR "sms.per_hour" Int(5), 'P' "每个手机号每小时发送上限";
    SMS_PER_DAY "sms.per_day" Int(10), 'P' "每个手机号每日发送上限";
    SMS_PER_SESSION "sms.per_session" Int(3), 'P' "每次办理发送上限";
    SMS_PER_IP_HOUR "sms.per_ip_hour" Int(20), 'P' "每个网络地址每小时发送上限";
    DUPLICATE_CHECKS_PER_SESSION "signup.duplicate_checks_per_session" Int(5), 'P' "每次注册重复校验次数上限";
    DUPLICATE_CHECKS_PER_IP_HOUR "signup.duplicate_checks_per_ip_hour" Int(10), 'P' "每个网络地址每小时重复校验次数上限";
    FIELD_CHECKS_PER_IP_HOUR "signup.field_checks_per_ip_hour" Int(30), 'P' "每个网络地址每小时填写时校验是否已注册的次数上限";
    MAIL_CODE_MINUTES "mail.code_minutes" Int(30), 'P' "邮件验证码有效分钟数";
    PROOF_WORK_BITS "proof.work_bits" Int(15), 'P' "注册和找回密码前防机器校验的计算位数（0 为不校验）";
    PROOF_WAIT_SECONDS "proof.wait_seconds" Int(5), 'P' "不用脚本回答防机器问题时，打开页面到提交的最少秒数";
    PROOF_MINUTES "proof.minutes" Int(30), 'P' "防机器校验有效分钟数";
    PROOF_ANSWERS_PER_IP_HOUR "proof.answers_per_ip_hour" Int(10), 'P' "每个网络地址每小时不用脚本回答防机器问题的次数上限";
    PROOF_ANSWERS_PER_HOUR "proof.answers_per_hour" Int(300), 'P' "全站每小时不用脚本回答防机器问题的次数上限";
    LOGIN_PER_NAME_MINUTE "login.per_name_minute" Int(5), 'P' "每个账号在一个网络地址每分钟登录失败上限";
    LOGIN_PER_NAME_DAY "login.per_name_day" Int(100), 'P' "每个账号在一个网络地址每日登录失败上限";
    LOGIN_PER_IP_MINUTE "login.per_ip_minute" Int(30), 'P' "每个网络地址每分钟登录失败上限";
    LOGIN_SLOW_FROM "login.slow_from" Int(50), 'P' "每个账号每小时登录失败多少次后，陌生设备的登录放慢";
    LOGIN_SLOW_SECONDS "login.slow_seconds" Int(3), 'P' "陌生设备的登录放慢的秒数";
    LOGIN_DEVICE_DAYS "login.device_days" Int(180), 'P' "登录过的设备保持为已知设备的天数";
    LOGIN_CODES_PER_HOUR "login.codes_per_hour" Int(20), 'P' "每个账号每小时两步验证失败上限";
    SESSION_STAFF_IDLE_MINUTES "session.staff_idle_minutes" Int(15), 'P' "协会工作人员无操作自动退出的分钟数";
    NAME_MAX "account.name_max" Int(30), 'P' "姓名最多字数";
    NAME_MAX_PASSPORT "account.name_max_passport" Int(80), 'C' "姓名最多字数（护照、外国人永久居留身份证）";
    SESSIONS_PER_ACCOUNT "session.per_account" Int(20), 'P' "每个账号同时登录的设备上限";
    FULL_IDENTITY_PER_HOUR "identity.full_per_hour" Int(30), 'P' "每个账号每小时显示完整证件号的次数上限";
    PASSWORD_CHECKS_PER_HOUR "account.password_checks_per_hour" Int(10), 'P' "登录后每小时核对本人密码的失败上限";
    VERIFY_PER_ADDRESS_MINUTE "verify.per_address_minute" Int(30), 'P' "每个网络地址每分钟按编号查询证书上限";
    CERT_VALIDITY_MONTHS "cert.validity_months" Int(36), 'B' "证书有效月数";
    CERT_NUMBER_TEMPLATE "cert.number_template" Text("{year}-N{grade}{domain}-{serial:07}"), 'B' "证书编号模板";
    CERT_CONFIRM_MONTHS "cert.confirm_months" Int(12), 'B' "年度确认周期月数";
    AC_WINDOW_BEFORE "ac.window_months_before" Int(3), 'B' "年度确认可在应办日前多少个月办理";
    AC_WINDOW_AFTER "ac.window_months_after" Int(3), 'B' "年度确认可在应办日后多少个月内办理，逾期暂停证书";
    AC_LATE "ac.late" OneOf("yes", &["yes", "no"]), 'S' "证书因逾期未年度确认被暂停后，是否仍可补办";
    AC_REMINDERS "ac.reminders" Text("-90,-30,-7,1,60"), 'P' "年度确认和再注册在应办日前（负）后（正）多少天提醒";
    AC_HOURS "cpd.annual_hours" Int(16), 'P' "每年须有的继续教育学时";
    AC_HOURS_TRAINEE "cpd.annual_hours_trainee" Int(8), 'P' "实习级每年须有的继续教育学时";
    REREG_WINDOW_BEFORE "rereg.window_months_before" Int(3), 'P' "再注册可在有效期届满前多少个月办理";
    REREG_WINDOW_AFTER "rereg.window_months_after" Int(3), 'S' "再注册可在有效期届满后多少个月内办理";
    REREG_AUDITS "rereg.audits" Int(4), 'P' "审核员再注册：有效期内的审核次数";
    REREG_COMPLETE_AUDITS "rereg.complete_audits" Int(1), 'P' "审核员再注册：其中完整审核的次数";
    REREG_ONSITE_DAYS "rereg.onsite_days" Int(15), 'P' "审核员再注册：以现场天数代替审核次数的，有效期内的天数";
    REREG_INSPECTIONS "rereg.inspections" Int(3), 'B' "检查员、审查员再注册：有效期内的检查、审查次数";
    CERT_ISSUER "cert.issuer" Text("认证人员协会"), 'P' "证书上的发证机构名称";
    CERT_PUBLISH_WEEKDAY "cert.publish_weekday" OneOf("4", WEEKDAYS), 'P' "证书公告的星期（1 为星期一，7 为星期日）";
    INSTITUTION_REVIEW_DAYS "sla.institution_review" Int(10), 'P' "机构初核工作日";
    INSTITUTION_REGISTRATION_DAYS "sla.institution_registration" Int(10), 'P' "机构注册审核工作日";
    SUSPENDED_ANSWERS "institution.suspended_answers" OneOf("yes", &["yes", "no"]), 'P' "机构暂停期间是否继续审核、答复、缴纳已提交的业务（否则按机构关闭办理）";
    INVITATION_DAYS "institution.invitation_days" Int(14), 'P' "机构用户邀请的有效日历日";
    INVITATIONS_PER_HOUR "institution.invitations_per_hour" Int(10), 'P' "每个账号每小时邀请机构用户的次数上限";
    ACCEPTANCE_DAYS "sla.acceptance" Int(5), 'P' "受理工作日";
    ASSIGNMENT_DAYS "sla.assignment" Int(3), 'P' "指派专家工作日";
    EVALUATION_DAYS "sla.evaluation" Int(10), 'P' "专家评价工作日";
    REVIEW_DAYS "sla.review" Int(10), 'P' "审批工作日";
    APPROVAL_DAYS "sla.approval" Int(10), 'P' "批准工作日";
    PAYMENT_DAYS "pay.deadline_days" Int(15), 'P' "个人缴费日历日";
    BILL_DAYS "pay.institution_days" Int(45), 'P' "机构缴费日历日";
    PAYMENT_CHECK_DAYS "sla.payment_check" Int(3), 'P' "缴费凭证核验工作日";
    PAYMENT_ORDER_MINUTES "pay.order_minutes" Int(30), 'P' "在线支付订单有效分钟数";
    REFUND_TWO_PEOPLE_FEN "pay.refund_two_people_fen" Int(1), 'P' "达到该金额（分）的退款须由两人办理";
    VOUCHER_TWO_PEOPLE_FEN "pay.voucher_two_people_fen" Int(100000), 'P' "达到该金额（分）的缴费凭证须由两人核验";
    PAYMENT_NOTICE_SECONDS "pay.notice_seconds" Int(300), 'P' "支付通知的时间容差秒数";
    RECTIFICATION_DAYS "rect.days" Int(30), 'P' "退回修改日历日";
    REMINDERS "task.reminders" Text("7,1"), 'P' "到期前提醒的天数";
    RECTIFICATION_ROUNDS "rect.max_rounds" Int(2), 'B' "整改次数上限";
    REGISTRATION_FEE "fee.registration_fen" Int(20000), 'A' "注册费（分）";
    REG_FULL_DIRECT "reg.full.direct" OneOf("no", &["yes", "no"]), 'B' "是否可以不经实习级直接申请正式级";
    REG_AUDITS_SINCE_TRAINEE "reg.full.audits_since_trainee" OneOf("yes", &["yes", "no"]), 'A' "是否只计实习级注册之后的审核、检查、审查";
    REG_WORK_YEARS_COLLEGE "reg.full.work_years.junior_college" Int(8), 'B' "审核员：大学专科学历须有的全职工作年数";
    REG_WORK_YEARS_BACHELOR "reg.full.work_years.bachelor" Int(4), 'B' "审核员：大学本科及以上学历须有的全职工作年数";
    REG_PROF_YEARS_COLLEGE "reg.full.prof_years.junior_college" Int(6), 'B' "审核员：大学专科学历须有的专业工作年数";
    REG_PROF_YEARS_BACHELOR "reg.full.prof_years.bachelor" Int(2), 'B' "审核员：大学本科及以上学历须有的专业工作年数";
    REG_TITLE_COLLEGE "reg.full.title_required.junior_college" OneOf("intermediate", TITLES), 'B' "审核员：大学专科学历须有的职称级别";
    INSPECTOR_WORK_YEARS_COLLEGE "reg.full.work_years.junior_college.inspector" Int(8), 'P' "检查员：大学专科学历须有的全职工作年数（参照审核员）";
    INSPECTOR_WORK_YEARS_BACHELOR "reg.full.work_years.bachelor.inspector" Int(4), 'P' "检查员：大学本科及以上学历须有的全职工作年数（参照审核员）";
    INSPECTOR_PROF_YEARS_COLLEGE "reg.full.prof_years.junior_college.inspector" Int(6), 'P' "检查员：大学专科学历须有的专业工作年数（参照审核员）";
    INSPECTOR_PROF_YEARS_BACHELOR "reg.full.prof_years.bachelor.inspector" Int(2), 'P' "检查员：大学本科及以上学历须有的专业工作年数（参照审核员）";
    INSPECTOR_TITLE_COLLEGE "reg.full.title_required.junior_college.inspector" OneOf("intermediate", TITLES), 'P' "检查员：大学专科学历须有的职称级别（参照审核员）";
    EXAMINER_WORK_YEARS_COLLEGE "reg.full.work_years.junior_college.examiner" Int(8), 'P' "审查员：大学专科学历须有的全职工作年数（参照审核员）";
    EXAMINER_WORK_YEARS_BACHELOR "reg.full.work_years.bachelor.examiner" Int(4), 'P' "审查员：大学本科及以上学历须有的全职工作年数（参照审核员）";
    EXAMINER_PROF_YEARS_COLLEGE "reg.full.prof_years.junior_college.examiner" Int(6), 'P' "审查员：大学专科学历须有的专业工作年数（参照审核员）";
    EXAMINER_PROF_YEARS_BACHELOR "reg.full.prof_years.bachelor.examiner" Int(2), 'P' "审查员：大学本科及以上学历须有的专业工作年数（参照审核员）";
    EXAMINER_TITLE_COLLEGE "reg.full.title_required.junior_college.examiner" OneOf("intermediate", TITLES), 'P' "审查员：大学专科学历须有的职称级别（参照审核员）";
    ANNUAL_CONFIRMATION_FEE "fee.annual_confirmation_fen" Int(0), 'A' "年度确认费（分，0 为不收）";
    TRANSFER_FEE "fee.transfer_fen" Int(0), 'P' "转换执业机构费（分，0 为不收）";
    EXAM_SUBJECT_FEE "fee.exam_subject_fen" Int(8000), 'A' "考试费（分，每科）";
    REG_AUDITS_FIRST "reg.full.complete_audits.first" Int(4), 'B' "正式级：首个领域的完整审核次数";
    REG_AUDITS_ADDITIONAL "reg.full.complete_audits.additional" Int(3), 'B' "正式级：扩展领域的完整审核次数";
    REG_ONSITE_FIRST "reg.full.onsite_days.first" Int(15), 'B' "正式级：首个领域的现场审核天数";
    REG_ONSITE_ADDITIONAL "reg.full.onsite_days.additional" Int(10), 'B' "正式级：扩展领域的现场审核天数";
    REG_TOTAL_DAYS "reg.full.total_days" Int(0), 'A' "正式级：现场与非现场合计审核天数（0 为不要求，2011 版准则为 20）";
    REG_AUDITS_WITHIN_YEARS "reg.full.audits_within_years" Int(0), 'A' "正式级：只计申请前若干年内的审核（0 为不限，2011 版准则为 3）";
    REG_INSPECTIONS "reg.full.inspections" Int(3), 'P' "正式级：检查员的检查次数（参照再注册）";
    REG_EXAMINATIONS "reg.full.examinations" Int(3), 'P' "正式级：审查员的审查次数（参照再注册）";
    REG_SENIOR_LEAD_AUDITS "reg.senior.lead_audits" Int(3), 'A' "高级：担任组长的完整审核次数（2011 版准则）";
    REG_SENIOR_ONSITE "reg.senior.onsite_days" Int(10), 'A' "高级：担任组长的现场审核天数（2011 版准则）";
    REG_SENIOR_WITHIN_YEARS "reg.senior.audits_within_years" Int(2), 'A' "高级：只计申请前若干年内的审核（2011 版准则）";
    REG_SENIOR_EXAMINER_YEARS "reg.senior.examiner_years" Int(2), 'B' "高级审查员：须有的正式级年数，其他领域已为高级的免除";
    REG_POSTGRAD_CREDIT "reg.postgrad_credit" Percent(50), 'B' "研究生学习折算为工作经历的比例（%）";
    REG_COMBINED_1 "reg.combined_coeff.1" Percent(100), 'A' "单一体系审核的现场天数系数（%）";
    REG_COMBINED_2 "reg.combined_coeff.2" Percent(75), 'A' "两个体系结合审核的现场天数系数（%）";
    REG_COMBINED_3 "reg.combined_coeff.3" Percent(60), 'A' "三个及以上体系结合审核的现场天数系数（%）";
    REG_OFFSITE_MAX_RATIO "reg.offsite_max_ratio" Percent(50), 'A' "每次审核可计入的非现场天数占现场天数的比例（%）";
    REG_SURVEILLANCE_DAYS "reg.surveillance_complete_days" Int(2), 'B' "监督审核计为完整审核须有的现场天数";
    REG_GUARANTOR "reg.guarantor_required" OneOf("no", &["yes", "no"]), 'P' "是否需要注册担保人";
    EXAM_VALIDITY_GEN "exam.validity_years.GEN" Int(5), 'B' "认证通用基础成绩有效年数";
    EXAM_VALIDITY_DOMAIN "exam.validity_years.domain" Int(3), 'B' "领域科目成绩有效年数";
    EXAM_VALIDITY_MSB "exam.validity_years.MSB" Int(3), 'B' "管理体系认证基础成绩有效年数";
    EXAM_VALIDITY_PCB "exam.validity_years.PCB" Int(3), 'P' "产品认证基础成绩有效年数";
    EXAM_VALIDITY_SCB "exam.validity_years.SCB" Int(3), 'P' "服务认证基础成绩有效年数";
    EXAM_PASS_MARK "exam.pass_mark" Int(70), 'B' "考试合格分数";
    EXAM_FULL_MARK "exam.full_mark" Int(100), 'B' "考试满分";
    TRANSFER_INTERVAL "transfer.min_months_between" Int(12), 'A' "两次转换执业机构之间的最少月数";
    TRANSFER_IDLE "transfer.idle_months_ground" Int(6), 'A' "以未安排认证工作为由转换的最少月数";
    TRANSFER_CONTRACT "transfer.contract_end_months" Int(1), 'A' "以合同到期为由转换的，距到期的最多月数";
    TRANSFER_DAYS "transfer.review_working_days" Int(10), 'P' "转出、转入机构审核工作日";
    APPEAL_WINDOW "appeal.file_within_days" Int(30), 'A' "决定作出后可提出申诉的日历日";
    APPEAL_EXPERTS "appeal.experts" Int(3), 'P' "评价申诉的专家最少人数（须为单数）";
    DISPOSITION_DAYS_AHEAD "disposition.max_days_ahead" Int(90), 'P' "证书处置的生效日期距提出之日的最多日历日";
    APPEAL_DAYS "appeal.decide_days" Int(60), 'P' "申诉审定日历日";
    COMPLAINT_DAYS "complaint.decide_days" Int(60), 'P' "投诉处理日历日";
    TEACH_REVIEW_DAYS "teach.review_wd" Int(10), 'P' "绑定课程类别审核工作日";
    TEACH_WORK_YEARS "teach.work_years" Int(5), 'P' "绑定课程类别：工作经历不足多少年时提示（0 为不提示）";
    TEACH_EDUCATION "teach.education" OneOf("bachelor", EDUCATION_LEVELS), 'P' "绑定课程类别：学历低于哪一级时提示";
    CLOCK_FORWARD_DAYS "clock.forward_days" Int(30), 'P' "系统停机后时钟可比上次运行晚的天数，超过须人工确认";
    UPLOAD_MAX_MB "upload.max_mb" Int(5), 'P' "单个文件上限（MB）";
    PHOTO_MIN_WIDTH "photo.min_width" Int(240), 'P' "证件照最小宽度（像素）";
    PHOTO_MIN_HEIGHT "photo.min_height" Int(320), 'P' "证件照最小高度（像素）";
    PHOTO_MIN_ASPECT "photo.min_aspect" Percent(67), 'A' "证件照宽度与高度之比下限（%）";
    PHOTO_MAX_ASPECT "photo.max_aspect" Percent(77), 'A' "证件照宽度与高度之比上限（%）";
    UPLOAD_MAX_FILES "upload.max_files" Int(30), 'P' "每件业务文件数上限";
    UPLOAD_MAX_OPEN "upload.max_open" Int(10), 'P' "每个账号同时上传的文件数上限";
    UPLOAD_MATTER_MB "upload.matter_mb" Int(100), 'P' "每件业务文件合计上限（MB）";
    UPLOAD_ACCOUNT_MB "upload.account_mb" Int(500), 'P' "每个账号文件合计上限（MB）";
    DRAFTS_MAX "draft.max" Int(50), 'P' "每个账号草稿箱中的草稿数上限";
    DRAFT_SAVE_MB "draft.save_mb_per_minute" Int(32), 'P' "每个账号每分钟保存的草稿合计上限（MB）";
    RETAIN_ACCESS_DAYS "retention.access_days" Int(365), 'P' "查阅记录保留天数";
    RETAIN_OUTBOX_DAYS "retention.outbox_days" Int(180), 'P' "已发送或放弃的短信、邮件保留天数";
    RETAIN_MESSAGE_DAYS "retention.message_days" Int(1095), 'P' "站内消息保留天数";
    RETAIN_COMMAND_DAYS "retention.command_days" Int(90), 'P' "重复提交判断记录的保留天数";
    RETAIN_PATCH_DAYS "retention.patch_days" Int(30), 'P' "草稿同步记录的保留天数";
    RETAIN_DISCARDED_DAYS "retention.discarded_days" Int(730), 'P' "已删除草稿编号的保留天数，其间不会被旧设备恢复";
    RETAIN_FORM_DRAFT_DAYS "retention.form_draft_days" Int(30), 'P' "未使用的填写内容在告知本人之后的保留天数";
    RETAIN_FILE_HOURS "retention.file_hours" Int(24), 'P' "不再被引用的文件保留小时数";
    TEACH_CONFIRM_DAYS "teach.confirm_wd" Int(10), 'P' "教师确认备案课程的工作日";
    TEACH_DECLINE_AT_ONCE "teach.decline_at_once" OneOf("no", &["yes", "no"]), 'P' "有教师不同意时，是否不等其他教师确认即退回机构修改";
    FILING_MONTHS "teach.filing_months" Int(36), 'P' "课程备案有效月数";
    FILING_REMINDERS "teach.filing_reminders" Text("90,30,7"), 'P' "课程备案到期前提醒的天数";
    TEACHER_GAP_DAYS "teach.teacher_gap_days" Int(30), 'P' "备案课程无主讲教师时补充教师的日历日，逾期注销备案";
    TEACHER_LOOKUPS_PER_HOUR "teach.lookups_per_hour" Int(60), 'P' "每个机构每小时查找教师的人次上限";
    PLAN_LEAD_DAYS "plan.lead_wd" Int(10), 'P' "培训计划在开班前上报的工作日";
    PLAN_CONFIRM_BEFORE_DAYS "plan.confirm_before_wd" Int(3), 'P' "教师最晚在开班前多少个工作日确认培训计划";
    PLAN_GAP_MINUTES "plan.gap_minutes" Int(120), 'P' "同一教师在不同城市的两个课次之间少于多少分钟时提示";
    PLAN_RESULT_DAYS "plan.result_wd" Int(15), 'P' "培训结束后通报结果的工作日";
    UPLOAD_OPEN_MB "upload.open_mb" Int(50), 'P' "每个账号未传完的文件合计上限（MB）";
}

/// Codes of 职称级别.
const TITLES: &[&str] = &["none", "junior", "intermediate", "associate", "senior"];

/// Codes of 学历.
const EDUCATION_LEVELS: &[&str] = &["below_college", "junior_college", "bachelor", "master", "doctor"];

/// Days of the week, Monday first.
const WEEKDAYS: &[&str] = &["1", "2", "3", "4", "5", "6", "7"];

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleRow {
    /// Name of the key.
    pub key: String,
    /// Value as text.
    pub value: String,
    /// First day on which the row applies.
    pub effective_from: NaiveDate,
}

/// Why a row is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// The table has no such key.
    #[error("no rule is called {0}")]
    Unknown(String),
    /// Not a whole number.
    #[error("the value of {0} is not a whole number")]
    NotWhole(String),
    /// A number below zero.
    #[error("the value of {0} is negative")]
    Negative(String),
    /// More than 100 percent.
    #[error("the value of {0} is more than 100 percent")]
    OverWhole(String),
    /// Not one of the key's codes.
    #[error("the value of {0} is not one that it takes")]
    NotListed(String),
}

/// The whole table.
#[derive(Debug, Clone, Default)]
pub struct Rules(BTreeMap<String, BTreeMap<NaiveDate, String>>);

/// The rules that apply on one day.
#[derive(Debug, Clone, Copy)]
pub struct RulesOn<'a> {
    rules: &'a Rules,
    day: NaiveDate,
}

impl Rules {
    /// Builds the table from database rows.
    ///
    /// # Errors
    /// The first row with an unknown key or a value that its key does not take.
    pub fn new(rows: impl IntoIterator<Item = RuleRow>) -> Result<Self, RuleError> {
        let mut table = BTreeMap::<String, BTreeMap<NaiveDate, String>>::new();
        for row in rows {
            let key = key::ALL.iter().find(|k| k.name == row.key).ok_or_else(|| RuleError::Unknown(row.key.clone()))?;
            check(key, &row)?;
            table.entry(row.key).or_default().insert(row.effective_from, row.value);
        }
        Ok(Self(table))
    }

    /// Every row.
    pub fn rows(&self) -> impl Iterator<Item = RuleRow> + '_ {
        let row =
            |key: &String, (day, value): (&NaiveDate, &String)| RuleRow { key: key.clone(), value: value.clone(), effective_from: *day };
        self.0.iter().flat_map(move |(key, rows)| rows.iter().map(move |r| row(key, r)))
    }

    /// The rules that apply on a day.
    pub fn on(&self, day: NaiveDate) -> RulesOn<'_> {
        RulesOn { rules: self, day }
    }
}

/// Checks a row against the type of its key.
fn check(key: &RuleKey, row: &RuleRow) -> Result<(), RuleError> {
    let name = || row.key.clone();
    let number = || row.value.parse::<i64>().map_err(|_| RuleError::NotWhole(name()));
    match key.default {
        RuleDefault::Text(_) => Ok(()),
        RuleDefault::OneOf(_, codes) if codes.contains(&row.value.as_str()) => Ok(()),
        RuleDefault::OneOf(..) => Err(RuleError::NotListed(name())),
        RuleDefault::Int(_) | RuleDefault::Percent(_) if number()? < 0 => Err(RuleError::Negative(name())),
        RuleDefault::Percent(_) if number()? > 100 => Err(RuleError::OverWhole(name())),
        RuleDefault::Int(_) | RuleDefault::Percent(_) => Ok(()),
    }
}

impl RulesOn<'_> {
    fn row(&self, key: RuleKey) -> Option<&str> {
        let rows = self.rules.0.get(key.name)?;
        rows.range(..=self.day).next_back().map(|(_, v)| v.as_str())
    }

    /// The value as a whole number.
    pub fn int(&self, key: RuleKey) -> i64 {
        let default = match key.default {
            RuleDefault::Int(n) | RuleDefault::Percent(n) => n,
            RuleDefault::Text(_) | RuleDefault::OneOf(..) => 0,
        };
        self.row(key).and_then(|v| v.parse().ok()).unwrap_or(default)
    }

    /// The value as a number of months.
    pub fn months(&self, key: RuleKey) -> Months {
        Months::new(u32::try_from(self.int(key)).unwrap_or(u32::MAX))
    }

    /// The value as text.
    pub fn text(&self, key: RuleKey) -> String {
        match (self.row(key), key.default) {
            (Some(row), _) => row.to_owned(),
            (None, RuleDefault::Text(t) | RuleDefault::OneOf(t, _)) => t.to_owned(),
            (None, RuleDefault::Int(n) | RuleDefault::Percent(n)) => n.to_string(),
        }
    }

    /// Whether the value of a yes/no key is `yes`.
    pub fn yes(&self, key: RuleKey) -> bool {
        self.text(key) == "yes"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(key: &str, value: &str, from: &str) -> RuleRow {
        RuleRow { key: key.into(), value: value.into(), effective_from: from.parse().unwrap() }
    }

    #[test]
    fn the_latest_row_not_after_the_day_counts() {
        let rules = Rules::new([rule("sms.ttl_seconds", "60", "2025-01-01"), rule("sms.ttl_seconds", "90", "2026-01-01")]).unwrap();
        let on = |day: &str| rules.on(day.parse().unwrap()).int(key::SMS_TTL_SECONDS);
        assert_eq!(on("2024-12-31"), 120);
        assert_eq!(on("2025-01-01"), 60);
        assert_eq!(on("2025-12-31"), 60);
        assert_eq!(on("2026-01-01"), 90);
    }

    #[test]
    fn a_row_that_cannot_count_is_refused() {
        let unknown = Rules::new([rule("no.such", "1", "2025-01-01")]);
        assert_eq!(unknown.unwrap_err(), RuleError::Unknown("no.such".into()));
        let text = Rules::new([rule("sms.tries", "five", "2025-01-01")]);
        assert_eq!(text.unwrap_err(), RuleError::NotWhole("sms.tries".into()));
        for (key, value, error) in [
            ("reg.full.onsite_days.first", "-1", RuleError::Negative("reg.full.onsite_days.first".into())),
            ("reg.postgrad_credit", "-50", RuleError::Negative("reg.postgrad_credit".into())),
            ("reg.postgrad_credit", "101", RuleError::OverWhole("reg.postgrad_credit".into())),
            ("reg.guarantor_required", "maybe", RuleError::NotListed("reg.guarantor_required".into())),
            ("reg.full.title_required.junior_college", "professor", RuleError::NotListed("reg.full.title_required.junior_college".into())),
        ] {
            assert_eq!(Rules::new([rule(key, value, "2025-01-01")]).unwrap_err(), error, "{key} {value}");
        }
    }

    #[test]
    fn every_default_can_count() {
        let day = "2026-01-01".parse().unwrap();
        for k in key::ALL {
            let value = Rules::default().on(day).text(*k);
            assert_eq!(check(k, &rule(k.name, &value, "2026-01-01")), Ok(()), "{}", k.name);
        }
    }

    #[test]
    fn levels_of_titles_and_education_are_those_of_the_form() {
        let codes: Vec<&str> = crate::base::catalogue::TITLE_LEVELS.iter().map(|c| c.code).collect();
        assert_eq!(TITLES, codes);
        let codes: Vec<&str> = crate::base::catalogue::EDUCATION.iter().map(|c| c.code).collect();
        assert_eq!(EDUCATION_LEVELS, codes);
    }

    #[test]
    fn each_key_stands_once() {
        for k in key::ALL {
            assert_eq!(key::ALL.iter().filter(|o| o.name == k.name).count(), 1, "{}", k.name);
        }
    }
}
