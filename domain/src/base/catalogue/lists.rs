//! Option lists of forms.

use super::choice::Choice;
use super::domains::{Category, Domain, domain_label};

const fn c(code: &'static str, label: &'static str) -> Choice {
    Choice::new(code, label)
}

/// 申请类型 of a registration.
pub const APPLICATION_KINDS: &[Choice] = &[c("initial", "初次注册"), c("upgrade", "晋级注册"), c("add_domain", "扩领域注册")];

/// 注册级别 open for application.
pub const GRADES: &[Choice] = &[
    c("trainee", "实习级（实习审核员、实习检查员、实习审查员）"),
    c("full", "正式级（审核员、检查员、审查员）"),
    c("senior", "高级（高级审核员、高级检查员、高级审查员）"),
];

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

/// Types of audits, inspections and examinations, by the category that the group names (docs/domain.md §2.4).
pub const AUDIT_TYPES: &[Choice] = &[
    of("initial", "初次认证审核（第一、第二阶段）", Category::Auditor),
    of("surveillance_1", "第一次监督审核", Category::Auditor),
    of("surveillance_2", "第二次监督审核", Category::Auditor),
    of("surveillance_3", "第三次监督审核", Category::Auditor),
    of("recertification", "再认证审核", Category::Auditor),
    of("special", "特殊审核", Category::Auditor),
    of("change", "变更审核", Category::Auditor),
    of("topical", "专项审核", Category::Auditor),
    of("inspection_initial", "初次检查", Category::Inspector),
    of("inspection_surveillance", "监督（跟踪）检查", Category::Inspector),
    of("inspection_renewal", "复评检查", Category::Inspector),
    of("examination_initial", "初次审查", Category::Examiner),
    of("examination_surveillance", "监督审查", Category::Examiner),
    of("examination_renewal", "再认证审查", Category::Examiner),
];

const fn of(code: &'static str, label: &'static str, category: Category) -> Choice {
    Choice { code, label, group: category.label() }
}

/// 现场方式.
pub const ONSITE_MODES: &[Choice] = &[c("onsite", "现场"), c("remote", "远程"), c("mixed", "现场与远程结合")];

/// 覆盖条款: the whole standard, or main clauses of it.
pub const CLAUSES: &[Choice] = &[
    c("all", "全条款"),
    c("4", "4 组织环境"),
    c("5", "5 领导作用"),
    c("6", "6 策划"),
    c("7", "7 支持"),
    c("8", "8 运行"),
    c("9", "9 绩效评价"),
    c("10", "10 改进"),
];

/// 注册专业, by the domain that the group names (docs/domain.md §1.2). The specialties of other domains are not published.
pub const SPECIALTIES: &[Choice] = &[specialty("OP01", "种植", "OP"), specialty("OP02", "养殖", "OP"), specialty("OP03", "加工", "OP")];

/// Codes of the domains that have specialties.
pub const SPECIALISED: &[&str] = &["OP"];

const fn specialty(code: &'static str, label: &'static str, domain: &'static str) -> Choice {
    Choice { code, label, group: domain_label(domain) }
}

/// The specialties of a domain; empty for one without.
pub fn specialties(domain: &Domain) -> impl Iterator<Item = &'static Choice> + use<> {
    let label = domain.label;
    SPECIALTIES.iter().filter(move |choice| choice.group == label)
}

/// 见证评价结论.
pub const WITNESS_CONCLUSIONS: &[Choice] = &[c("competent", "具备相应能力"), c("not_yet", "尚不具备相应能力")];

/// 国籍（地区）.
pub const NATIONALITIES: &[Choice] =
    &[c("CHN", "中国"), c("HKG", "中国香港"), c("MAC", "中国澳门"), c("TWN", "中国台湾"), c("other", "其他国家")];

/// 所在省（自治区、直辖市）(GB/T 2260).
pub const REGIONS: &[Choice] = &[
    c("110000", "北京市"),
    c("120000", "天津市"),
    c("130000", "河北省"),
    c("140000", "山西省"),
    c("150000", "内蒙古自治区"),
    c("210000", "辽宁省"),
    c("220000", "吉林省"),
    c("230000", "黑龙江省"),
    c("310000", "上海市"),
    c("320000", "江苏省"),
    c("330000", "浙江省"),
    c("340000", "安徽省"),
    c("350000", "福建省"),
    c("360000", "江西省"),
    c("370000", "山东省"),
    c("410000", "河南省"),
    c("420000", "湖北省"),
    c("430000", "湖南省"),
    c("440000", "广东省"),
    c("450000", "广西壮族自治区"),
    c("460000", "海南省"),
    c("500000", "重庆市"),
    c("510000", "四川省"),
    c("520000", "贵州省"),
    c("530000", "云南省"),
    c("540000", "西藏自治区"),
    c("610000", "陕西省"),
    c("620000", "甘肃省"),
    c("630000", "青海省"),
    c("640000", "宁夏回族自治区"),
    c("650000", "新疆维吾尔自治区"),
    c("710000", "台湾省"),
    c("810000", "香港特别行政区"),
    c("820000", "澳门特别行政区"),
];

/// Position of a code in an ordered list such as [`EDUCATION`] or [`TITLE_LEVELS`].
pub fn rank(list: &[Choice], code: &str) -> Option<usize> {
    list.iter().position(|c| c.code == code)
}

/// Label of a code; empty for an unknown code.
pub fn label(list: &'static [Choice], code: &str) -> &'static str {
    list.iter().find(|c| c.code == code).map_or("", |c| c.label)
}

/// 组内角色.
pub const TEAM_ROLES: &[Choice] =
    &[c("leader", "组长"), c("member", "组员"), c("trainee", "实习审核员（检查员、审查员）"), c("technical", "技术专家")];

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
