//! The menus of the frame: main menu, bar of narrow screens, and the side menus of 个人中心 and of the workbenches.

use backend::access::guard::Caller;
use domain::base::permission::{Role, UserRole};
use domain::kind::KINDS;

use crate::links;
use crate::ui::{Entry, IconName, SideMenu};

const HOME: Entry = Entry::new("首页", "/", IconName::Home);
const APPLY: Entry = Entry::new("在线申请", "/apply", IconName::Apply);
const MATTERS: Entry = Entry::new("我的事项", "/matters", IconName::List);
const PERSONAL: Entry = Entry::new("个人中心", "/me", IconName::User);
const VERIFY: Entry = Entry::new("证书查询", "/verify", IconName::Search);
const HELP: Entry = Entry::new("帮助", "/help", IconName::Help);
const MESSAGES: Entry = Entry::new("消息", "/me/messages", IconName::Bell);
const INSTITUTION: Entry = Entry::new("机构工作台", "/institution", IconName::Building);
const EXPERT: Entry = Entry::new("专家评价", "/expert", IconName::Review);
const ASSOCIATION: Entry = Entry::new("协会工作台", "/association", IconName::Hall);

/// Label and address of the pages of 培训课程管理.
const TEACHING: &[(&str, &str)] = &[("课程管理", links::BINDINGS), ("课程备案管理", links::FILINGS), ("培训计划管理", links::PLANS)];
/// Title of these pages.
const TEACHING_TITLE: &str = "培训课程管理";

/// The workbenches of a caller.
pub fn workbenches(caller: &Caller) -> Vec<Entry> {
    let is_staff = caller.roles.iter().any(|role| role.is_staff());
    [(INSTITUTION, !caller.institutions.is_empty()), (EXPERT, caller.roles.contains(&Role::Expert)), (ASSOCIATION, is_staff)]
        .into_iter()
        .filter_map(|(entry, has)| has.then_some(entry))
        .collect()
}

/// 主导航.
pub fn main_menu(caller: Option<&Caller>) -> Vec<Entry> {
    let own = caller.map(|caller| [MATTERS, PERSONAL].into_iter().chain(workbenches(caller)));
    [HOME, APPLY].into_iter().chain(own.into_iter().flatten()).chain([VERIFY, HELP]).collect()
}

/// The bar at the bottom of narrow screens: five entries, the workbench first for those who have one.
pub fn bar(caller: Option<&Caller>) -> Vec<Entry> {
    let Some(caller) = caller else { return vec![HOME, APPLY, VERIFY, HELP] };
    let me = Entry { label: "我的", ..PERSONAL };
    match workbenches(caller).pop() {
        Some(desk) => vec![HOME, Entry { label: "工作台", ..desk }, MATTERS, MESSAGES, me],
        None => vec![HOME, APPLY, MATTERS, MESSAGES, me],
    }
}

/// What the menu of the account has on narrow screens: the entries of the main menu that the bar lacks.
pub fn account_menu(caller: &Caller) -> Vec<Entry> {
    let shown = bar(Some(caller));
    main_menu(Some(caller)).into_iter().filter(|entry| shown.iter().all(|other| other.href != entry.href)).collect()
}

/// The side menu of the section that a path belongs to; none for pages of one matter, which use the whole width.
pub fn side_menu(path: &str, caller: &Caller) -> Option<SideMenu> {
    let is_in = |section: &str| path == section || path.strip_prefix(section).is_some_and(|rest| rest.starts_with('/'));
    let (title, parts) = if path == MATTERS.href || is_in(&PERSONAL.href) {
        (PERSONAL.label, personal(caller))
    } else if is_in("/teaching") {
        (TEACHING_TITLE, teaching())
    } else if is_in(&INSTITUTION.href) {
        (INSTITUTION.label, institution(caller))
    } else if is_in(&ASSOCIATION.href) {
        (ASSOCIATION.label, association(caller))
    } else if is_in(&EXPERT.href) && path.matches('/').count() < 3 {
        (EXPERT.label, expert())
    } else {
        return None;
    };
    let present = parts.iter().flatten().map(|entry| entry.href.clone()).filter(|href| is_in(href)).max_by_key(|href| href.len());
    let present = present.unwrap_or_default();
    Some(SideMenu { title, is_exact: present == path, present, parts })
}

fn personal(caller: &Caller) -> Vec<Vec<Entry>> {
    let expert = caller.roles.contains(&Role::Expert).then_some(EXPERT);
    let teaching = Entry::new(TEACHING_TITLE, links::BINDINGS, IconName::Library);
    let matters = [PERSONAL, MATTERS, Entry::new("未提交的内容", "/me/form-drafts", IconName::Draft), teaching];
    vec![
        matters.into_iter().chain(expert).collect(),
        vec![Entry::new("我的证书", "/me/certificates", IconName::Certificate), Entry::new("我的考试", "/me/exams", IconName::Exam)],
        vec![Entry::new("基本信息", "/me/profile", IconName::User), Entry::new("基本信息库", "/me/library", IconName::Library)],
        vec![Entry::new("消息中心", "/me/messages", IconName::Bell), Entry::new("账号与安全", "/me/security", IconName::Shield)],
    ]
}

fn teaching() -> Vec<Vec<Entry>> {
    let pages = TEACHING.iter().map(|(label, href)| Entry::new(label, href, IconName::List));
    vec![vec![PERSONAL], pages.collect()]
}

/// What a user of an institution has there, by the roles in any of the institutions.
fn institution(caller: &Caller) -> Vec<Vec<Entry>> {
    let has = |role: UserRole| caller.institutions_as(role).next().is_some();
    let apply = Entry::new("在线申请（机构）", "/institution/apply", IconName::Apply);
    let duties = [
        (UserRole::Finance, Entry::new("机构缴费", "/institution/bills", IconName::Coin)),
        (UserRole::Administrator, Entry::new("用户", "/institution/users", IconName::User)),
    ];
    let own = duties.into_iter().filter_map(|(role, entry)| has(role).then_some(entry));
    let work = [
        Some(INSTITUTION),
        has(UserRole::Handler).then_some(apply),
        Some(Entry::new("机构草稿", "/institution/drafts", IconName::Draft)),
        Some(Entry::new("人员", "/institution/people", IconName::List)),
        Some(Entry::new("统计", "/institution/statistics", IconName::Review)),
    ];
    let courses = Entry::new("备案课程", crate::course::register::INSTITUTION, IconName::Library);
    let parts = [work.into_iter().flatten().collect(), vec![courses], own.collect()];
    parts.into_iter().filter(|part: &Vec<Entry>| !part.is_empty()).collect()
}

fn association(caller: &Caller) -> Vec<Vec<Entry>> {
    let duties: [(&[Role], Entry); 5] = [
        (&[Role::Officer], Entry::new("证书处置", links::CERTIFICATES, IconName::Certificate)),
        (&[Role::Officer, Role::Admin], Entry::new("培训", links::COURSE_CATEGORIES, IconName::Library)),
        (&[Role::Officer, Role::Admin], Entry::new("备案课程库", crate::course::register::ASSOCIATION, IconName::Library)),
        (&[Role::Finance], Entry::new("财务", links::FINANCE, IconName::Coin)),
        (&[Role::Admin], Entry::new("机构管理", links::INSTITUTIONS, IconName::Building)),
    ];
    let has_any = |roles: &[Role]| roles.iter().any(|role| caller.roles.contains(role));
    let own = duties.into_iter().filter_map(|(roles, entry)| has_any(roles).then_some(entry));
    let statistics = Entry::new("统计", "/association/statistics", IconName::Review);
    vec![[ASSOCIATION].into_iter().chain(own).chain([statistics]).collect()]
}

fn expert() -> Vec<Vec<Entry>> {
    let lists = KINDS.iter().filter_map(|kind| Some((kind.label, kind.expert_list?)));
    let lists = lists.map(|(label, list)| Entry { label, href: format!("/expert/{}", list.slug).into(), icon: IconName::List });
    vec![[EXPERT].into_iter().chain(lists).collect()]
}
