//! 查询条件 of lists of matters: read from an address or a posted form, shown again, and said in a sentence.
//!
//! Names of people and numbers of documents never stand in an address: a form that has them is answered where it was posted.

use backend::service::search::{DayRange, SEARCHED_FROM, SearchConditions};
use chrono::{Days, NaiveDate};
use domain::base::calendar::parse_day;
use domain::base::catalogue::{self, APPLICATION_KINDS, Choice, DOMAIN_CHOICES};
use domain::base::identity::{fold_name, read_certificate_number};
use domain::base::text::normalise;
use domain::engine::form::typed_day;
use domain::kind::KINDS;
use domain::matter::{Facet, read_matter_number};
use leptos::prelude::*;

use crate::ui::*;

/// Code of what is overdue.
pub const OVERDUE: &str = "overdue";
/// Code of what is due soon, within the days of [`domain::base::calendar::SOON_DAYS`].
pub const SOON: &str = "3";
/// 期限: code and label.
const DUE: &[(&str, &str)] = &[(OVERDUE, "已逾期"), (SOON, "3 日内到期"), ("7", "7 日内到期"), ("30", "30 日内到期")];
/// 注册级别 of applications and certificates.
const GRADES: &[Choice] = &[Choice::new("trainee", "实习级"), Choice::new("full", "正式级"), Choice::new("senior", "高级")];

/// The conditions as they were typed or chosen. Unknown codes count as not chosen.
#[derive(Debug, Clone, Default)]
pub struct SearchForm {
    /// 业务名称或编号.
    pub words: String,
    /// Code of 业务类型.
    pub kind: String,
    domain: String,
    grade: String,
    application: String,
    assigned_from: String,
    assigned_until: String,
    /// Code of 期限.
    pub due: String,
    /// 申请人姓名.
    pub applicant: String,
}

/// Which list is searched.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SearchedList {
    /// An expert's list of one kind: the applicant stays unknown.
    OfExpert,
    /// A workbench.
    Workbench,
}

/// Whether a text is nothing but words of titles, or the number of a certificate or of a matter.
fn is_title_text(text: &str) -> bool {
    let kinds = KINDS.iter().flat_map(|kind| [kind.label, kind.apply_label]);
    let choices = [DOMAIN_CHOICES, GRADES, catalogue::GRADES, APPLICATION_KINDS].into_iter().flatten().map(|choice| choice.label);
    let labels: Vec<&str> = kinds.chain(choices).collect();
    let is_known = |word: &str| labels.iter().any(|label| label.contains(word));
    read_certificate_number(text).is_ok()
        || read_matter_number(text).is_some()
        || text.split(|c: char| c.is_whitespace() || "·（）()".contains(c)).all(is_known)
}

impl SearchForm {
    /// Reads the conditions from the pairs of a query or of a posted form.
    pub fn read(pairs: &[(String, String)], list: SearchedList) -> Self {
        let text = |name: &str| pairs.iter().find(|(n, _)| n == name).map_or_else(String::new, |(_, v)| normalise(v));
        let code = |name: &str, known: &dyn Fn(&str) -> bool| Some(text(name)).filter(|c| known(c)).unwrap_or_default();
        let of_workbench = |value: String| if list == SearchedList::Workbench { value } else { String::new() };
        let day = |name: &str| {
            let typed = typed_day(pairs, name);
            parse_day(&typed).map_or(typed, |day| day.to_string())
        };
        let words = text("words");
        Self {
            // Titles show numbers of certificates.
            words: read_matter_number(&words).or_else(|| read_certificate_number(&words).ok()).unwrap_or(words),
            kind: of_workbench(code("kind", &|c| KINDS.iter().any(|kind| kind.code == c))),
            domain: code("domain", &|c| DOMAIN_CHOICES.iter().any(|choice| choice.code == c)),
            grade: code("grade", &|c| GRADES.iter().any(|choice| choice.code == c)),
            application: code("application", &|c| APPLICATION_KINDS.iter().any(|choice| choice.code == c)),
            assigned_from: day("assigned_from"),
            assigned_until: day("assigned_until"),
            due: code("due", &|c| DUE.iter().any(|(due, _)| *due == c)),
            applicant: of_workbench(text("applicant")),
        }
    }

    /// Whether nothing is searched for.
    pub fn is_empty(&self) -> bool {
        self.harmless().iter().all(|(_, value)| value.is_empty()) && self.applicant.is_empty()
    }

    /// Whether more than the title is searched for.
    pub fn is_refined(&self) -> bool {
        !Self { words: String::new(), ..self.clone() }.is_empty()
    }

    /// Whether a condition must not stand in an address: the name of a person, or a text that may be a name or the number of a document.
    pub fn is_private(&self) -> bool {
        !self.applicant.is_empty() || !is_title_text(&self.words)
    }

    /// Names and values of the conditions that may stand in an address.
    pub fn harmless(&self) -> [(&'static str, &str); 8] {
        [
            ("words", self.words.as_str()),
            ("kind", &self.kind),
            ("domain", &self.domain),
            ("grade", &self.grade),
            ("application", &self.application),
            ("assigned_from", &self.assigned_from),
            ("assigned_until", &self.assigned_until),
            ("due", &self.due),
        ]
    }

    /// The address of a list with these conditions, in one tab.
    pub fn address(&self, base: &str, state: &str) -> String {
        let escape = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let [words, others @ ..] = self.harmless();
        let mut address = format!("{base}?state={state}&words={}", escape(words.1));
        for (name, value) in others.iter().filter(|(_, value)| !value.is_empty()) {
            address.push_str(&format!("&{name}={}", escape(value)));
        }
        address
    }

    /// Messages at the controls.
    pub fn faults(&self) -> Vec<(String, String)> {
        let mut faults = Vec::new();
        let mut day = |name: &str, text: &str| {
            if let (false, Err(error)) = (text.is_empty(), parse_day(text)) {
                faults.push((name.to_owned(), error.text()));
            }
        };
        day("assigned_from", &self.assigned_from);
        day("assigned_until", &self.assigned_until);
        let days = (parse_day(&self.assigned_from), parse_day(&self.assigned_until));
        if matches!(days, (Ok(from), Ok(until)) if from > until) {
            faults.push(("assigned_until".into(), "指派日期的截止日不能早于起始日".into()));
        }
        let letters = fold_name(&self.applicant).chars().count();
        if !self.applicant.is_empty() && letters < SEARCHED_FROM {
            faults.push(("applicant".into(), format!("申请人姓名至少填写 {SEARCHED_FROM} 个字")));
        }
        faults
    }

    /// The conditions beside title and name; a number of a matter takes the place of the title. `today`: the day from which 期限 counts.
    pub fn conditions(&self, today: NaiveDate) -> SearchConditions {
        let day = |text: &str| parse_day(text).ok();
        let conditions = SearchConditions {
            kind: self.kind.clone(),
            assigned: DayRange { from: day(&self.assigned_from), until: day(&self.assigned_until) },
            due: due_days(&self.due, today),
            number: read_matter_number(&self.words).unwrap_or_default(),
            ..SearchConditions::default()
        };
        let facets = [(Facet::Domain, &self.domain), (Facet::Grade, &self.grade), (Facet::Application, &self.application)];
        facets.into_iter().fold(conditions, |all, (facet, value)| all.with_facet(facet, value))
    }

    /// What was searched for: 认证领域 质量管理体系；期限 已逾期.
    pub fn sentence(&self) -> String {
        let quoted = |text: &str| if text.is_empty() { String::new() } else { format!("“{text}”") };
        let label =
            |choices: &[Choice], code: &str| choices.iter().find(|c| c.code == code).map_or_else(String::new, |c| c.label.to_owned());
        let kind = KINDS.iter().find(|kind| kind.code == self.kind).map_or_else(String::new, |kind| kind.label.to_owned());
        let due = DUE.iter().find(|(code, _)| *code == self.due).map_or_else(String::new, |(_, label)| (*label).to_owned());
        let parts = [
            (if read_matter_number(&self.words).is_some() { "业务编号" } else { "业务名称" }, quoted(&self.words)),
            ("申请人姓名", quoted(&self.applicant)),
            ("业务类型", kind),
            ("认证领域", label(DOMAIN_CHOICES, &self.domain)),
            ("注册级别", label(GRADES, &self.grade)),
            ("申请类型", label(APPLICATION_KINDS, &self.application)),
            ("指派日期", day_range(&self.assigned_from, &self.assigned_until)),
            ("期限", due),
        ];
        let said = parts.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name} {value}"));
        said.collect::<Vec<_>>().join("；")
    }

    /// The form. Of a workbench it is posted, so that a name does not stand in an address.
    pub fn view(&self, base: &str, state: &str, list: SearchedList, example: &'static str, faults: &[(String, String)]) -> AnyView {
        self.view_with(base, &[("state", state.to_owned())], list, example, faults)
    }

    /// The form, with hidden fields of the list that it searches.
    pub fn view_with(
        &self,
        base: &str,
        hidden: &[(&'static str, String)],
        list: SearchedList,
        example: &'static str,
        faults: &[(String, String)],
    ) -> AnyView {
        let method = if list == SearchedList::Workbench { "post" } else { "get" };
        let open = self.is_refined() || !faults.is_empty();
        let fields = self.fields_view(list, faults);
        let hidden = hidden.iter().map(|(name, value)| view! { <Hidden name=name value=value.clone() /> }).collect_view();
        view! {
            <form method=method action=base.to_owned() class="search-form" role="search" novalidate=true>
                {hidden}
                <div class="search">
                    <label class="field-label" for="f-words">
                        "业务名称或编号"
                    </label>
                    <input class="input" type="search" id="f-words" name="words" value=self.words.clone() placeholder=example />
                    <Submit label="查询" weight=Weight::Quiet />
                </div>
                <Fold label="更多查询条件" open=open>
                    <div class="search-fields">{fields}</div>
                    <Submit label="查询" weight=Weight::Main />
                </Fold>
            </form>
        }
        .into_any()
    }

    fn fields_view(&self, list: SearchedList, faults: &[(String, String)]) -> AnyView {
        let ask = |name: &str, label: &str| {
            FieldProps::new(name, label).fault(faults.iter().find(|(n, _)| n == name).map(|(_, text)| text.clone()))
        };
        let due = DUE.iter().map(|(code, label)| item(code, label, "")).collect();
        let of_workbench = (list == SearchedList::Workbench).then(|| {
            let kinds = KINDS.iter().map(|kind| item(kind.code, kind.label, "")).collect();
            let name = ask("applicant", "申请人姓名").hint("姓名或姓名的开头，至少 2 个字");
            view! {
                <TextField ask=name value=self.applicant.clone() autocomplete="off" />
                <SelectField ask=ask("kind", "业务类型") picks=kinds value=self.kind.clone() />
            }
        });
        view! {
            {of_workbench}
            <SelectField ask=ask("domain", "认证领域") picks=items(DOMAIN_CHOICES) value=self.domain.clone() />
            <SelectField ask=ask("grade", "注册级别") picks=items(GRADES) value=self.grade.clone() />
            <SelectField ask=ask("application", "申请类型") picks=items(APPLICATION_KINDS) value=self.application.clone() />
            <DayField ask=ask("assigned_from", "指派日期（起）") value=self.assigned_from.clone() />
            <DayField ask=ask("assigned_until", "指派日期（止）") value=self.assigned_until.clone() />
            <SelectField ask=ask("due", "期限") picks=due value=self.due.clone() />
        }
        .into_any()
    }

    /// What was searched for, how many were found, and the way to the whole list.
    pub fn found_view(&self, base: &str, state: &str, count: i64, is_capped: bool) -> AnyView {
        let count = if is_capped { format!("超过 {count} 件") } else { format!("{count} 件") };
        let all = format!("{base}?state={state}");
        view! {
            <p class="found" role="status">
                {format!("查询条件：{}。共找到 {count}。", self.sentence())}
                " "
                <a href=all>"清除条件"</a>
            </p>
        }
        .into_any()
    }
}

fn item(code: &str, label: &str, group: &str) -> ChoiceItem {
    ChoiceItem { code: code.into(), label: label.into(), group: group.into() }
}

fn items(choices: &[Choice]) -> Vec<ChoiceItem> {
    choices.iter().map(|choice| item(choice.code, choice.label, choice.group)).collect()
}

/// The last days that a code of 期限 stands for.
fn due_days(code: &str, today: NaiveDate) -> DayRange {
    match code.parse::<u64>() {
        Ok(days) => DayRange { from: Some(today), until: today.checked_add_days(Days::new(days)) },
        Err(_) if code == OVERDUE => DayRange { from: None, until: today.pred_opt() },
        Err(_) => DayRange::default(),
    }
}

fn day_range(from: &str, until: &str) -> String {
    match (from.is_empty(), until.is_empty()) {
        (true, true) => String::new(),
        (false, true) => format!("{from} 起"),
        (true, false) => format!("截至 {until}"),
        (false, false) => format!("{from} 至 {until}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> SearchForm {
        let pairs: Vec<(String, String)> = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        SearchForm::read(&pairs, SearchedList::Workbench)
    }

    #[test]
    fn a_name_and_what_may_be_a_document_never_stand_in_an_address() {
        for (private, pairs) in [
            (true, [("applicant", "林晓月"), ("words", "")]),
            (true, [("applicant", ""), ("words", "110101199003070073")]),
            (true, [("applicant", ""), ("words", "E12345678")]),
            (true, [("applicant", ""), ("words", "110101 1990 0307 0073")]),
            (true, [("applicant", ""), ("words", "林晓月")]),
            (true, [("applicant", ""), ("words", "质量管理体系 林晓月")]),
            (false, [("applicant", ""), ("words", "人员注册")]),
            (false, [("applicant", ""), ("words", "")]),
            (false, [("applicant", ""), ("words", "2026-N1QMS-4000004")]),
            (false, [("applicant", ""), ("words", "业务编号：zc 20261127 00001")]),
            (false, [("applicant", ""), ("words", "质量管理体系")]),
        ] {
            assert_eq!(form(&pairs).is_private(), private, "{pairs:?}");
        }
        let address = form(&[("applicant", "林晓月"), ("domain", "QMS"), ("due", "7")]).address("/association", "all");
        assert_eq!(address, "/association?state=all&words=&domain=QMS&due=7");
    }

    #[test]
    fn unknown_codes_count_as_not_chosen() {
        assert!(form(&[("domain", "XXX"), ("grade", "no"), ("application", "%"), ("due", "-1"), ("kind", "x")]).is_empty());
    }

    #[test]
    fn what_is_due_soon_is_what_the_counters_count() {
        assert_eq!(SOON, domain::base::calendar::SOON_DAYS.to_string());
    }

    #[test]
    fn time_limits_count_from_today_and_what_is_overdue_ended_before() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 27).unwrap();
        let day = |d| NaiveDate::from_ymd_opt(2026, 11, d);
        assert_eq!(due_days("3", today), DayRange { from: day(27), until: day(30) });
        assert_eq!(due_days("overdue", today), DayRange { from: None, until: day(26) });
        assert_eq!(due_days("", today), DayRange::default());
    }
}
