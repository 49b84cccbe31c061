//! Enumerations of forms.

use crate::form::Choice;

const fn c(code: &'static str, label: &'static str) -> Choice {
    Choice::new(code, label)
}

/// 申请类型 of a registration.
pub const APPLICATION_KINDS: &[Choice] = &[c("initial", "初次注册"), c("upgrade", "晋级注册"), c("add_domain", "扩领域注册")];

/// 注册级别 open for application.
pub const GRADES: &[Choice] =
    &[c("trainee", "实习级（实习审核员、实习检查员、实习审查员）"), c("full", "正式级（审核员、检查员、审查员）")];

/// 缴费方式.
pub const PAYERS: &[Choice] = &[c("individual", "个人缴费"), c("institution", "机构缴费")];

/// 学历, in rising order.
pub const EDUCATION: &[Choice] = &[
    c("below_college", "专科以下"),
    c("junior_college", "大学专科"),
    c("bachelor", "大学本科"),
    c("master", "硕士研究生"),
    c("doctor", "博士研究生"),
];

/// 学位.
pub const DEGREES: &[Choice] = &[c("none", "无"), c("bachelor", "学士"), c("master", "硕士"), c("doctor", "博士")];

/// 学习形式.
pub const STUDY_MODES: &[Choice] = &[c("full_time", "全日制"), c("part_time", "非全日制")];

/// 职称级别.
pub const TITLE_LEVELS: &[Choice] =
    &[c("none", "无"), c("junior", "初级"), c("intermediate", "中级"), c("associate", "副高级"), c("senior", "正高级")];

/// 用工形式.
pub const EMPLOYMENT: &[Choice] = &[c("full_time", "专职"), c("part_time", "兼职")];

/// 是 / 否.
pub const YES_NO: &[Choice] = &[c("yes", "是"), c("no", "否")];

/// 政治面貌 (GB/T 4762, shortened).
pub const POLITICAL: &[Choice] =
    &[c("01", "中共党员"), c("02", "中共预备党员"), c("03", "共青团员"), c("04", "民主党派成员"), c("12", "无党派人士"), c("13", "群众")];

/// 审核类型, as the trade's reporting platform names them.
pub const AUDIT_TYPES: &[Choice] = &[
    c("initial", "初审（一阶段、二阶段）"),
    c("surveillance_1", "监督一"),
    c("surveillance_2", "监督二"),
    c("surveillance_3", "监督三"),
    c("recertification", "再认证"),
    c("special", "特殊审核"),
];

/// 组内角色.
pub const TEAM_ROLES: &[Choice] = &[c("leader", "组长"), c("member", "组员"), c("trainee", "实习"), c("technical", "技术专家")];

/// 民族 (GB/T 3304).
pub const ETHNICITIES: &[Choice] = &[
    c("HA", "汉族"),
    c("MG", "蒙古族"),
    c("HU", "回族"),
    c("ZA", "藏族"),
    c("UG", "维吾尔族"),
    c("MH", "苗族"),
    c("YI", "彝族"),
    c("ZH", "壮族"),
    c("BY", "布依族"),
    c("CS", "朝鲜族"),
    c("MA", "满族"),
    c("DO", "侗族"),
    c("YA", "瑶族"),
    c("BA", "白族"),
    c("TJ", "土家族"),
    c("HN", "哈尼族"),
    c("KZ", "哈萨克族"),
    c("DA", "傣族"),
    c("LI", "黎族"),
    c("LS", "傈僳族"),
    c("VA", "佤族"),
    c("SH", "畲族"),
    c("GS", "高山族"),
    c("LH", "拉祜族"),
    c("SU", "水族"),
    c("DX", "东乡族"),
    c("NX", "纳西族"),
    c("JP", "景颇族"),
    c("KG", "柯尔克孜族"),
    c("TU", "土族"),
    c("DU", "达斡尔族"),
    c("ML", "仫佬族"),
    c("QI", "羌族"),
    c("BL", "布朗族"),
    c("SL", "撒拉族"),
    c("MN", "毛南族"),
    c("GL", "仡佬族"),
    c("XB", "锡伯族"),
    c("AC", "阿昌族"),
    c("PM", "普米族"),
    c("TA", "塔吉克族"),
    c("NU", "怒族"),
    c("UZ", "乌孜别克族"),
    c("RS", "俄罗斯族"),
    c("EW", "鄂温克族"),
    c("DE", "德昂族"),
    c("BO", "保安族"),
    c("YG", "裕固族"),
    c("GI", "京族"),
    c("TT", "塔塔尔族"),
    c("DR", "独龙族"),
    c("OR", "鄂伦春族"),
    c("HZ", "赫哲族"),
    c("MB", "门巴族"),
    c("LB", "珞巴族"),
    c("JN", "基诺族"),
];
