//! 收费标准 and 办理时限 of a kind, read from the rules by which it is charged and by which its stages end.

use crate::base::money::Fen;
use crate::base::rule::RulesOn;
use crate::engine::flow::{Effect, Party, TimeLimit, course};
use crate::matter::Kind;

impl Kind {
    /// 收费标准: label and amount of the fee; 不收费 without one, or while its rule says 0.
    pub fn fee_text(&self, rules: &RulesOn<'_>) -> String {
        match self.fee {
            Some(fee) if rules.int(fee.amount) > 0 => {
                let text = format!("{} {}（每件）", fee.label, Fen(rules.int(fee.amount)));
                if self.charges_fee() { text } else { format!("{text}，按协会通知缴纳") }
            }
            _ => "不收费".to_owned(),
        }
    }

    /// 办理时限: each stage that has one, in the order of the flow, with its number of days.
    pub fn time_limits(&self, rules: &RulesOn<'_>) -> Vec<(String, String)> {
        let mut limits: Vec<(String, String)> = Vec::new();
        for stage in self.flow.stages {
            let Some(limit) = stage.time_limit else { continue };
            let label = stage.label.trim_end_matches('中').to_owned();
            if limits.iter().all(|(known, _)| *known != label) {
                limits.push((label, limit.text(rules)));
            }
        }
        limits
    }

    /// The working days that others than the applicant have, taken together over the stages that a matter passes when nothing is returned.
    /// `None` if there are none, or if one of these stages is limited otherwise: a sum in working days would be wrong.
    pub fn working_days(&self, rules: &RulesOn<'_>) -> Option<i64> {
        let course = self.flow.stages.get(1).and_then(|first| course(self.flow, first))?;
        let of_others = course.stages.iter().filter(|stage| stage.turn != Some(Party::Applicant));
        let limits = of_others.filter_map(|stage| stage.time_limit);
        let days: Option<i64> = limits.map(|limit| if let TimeLimit::Working(key) = limit { Some(rules.int(key)) } else { None }).sum();
        days.filter(|days| *days > 0)
    }

    /// Whether a transition of the flow makes the fee due.
    fn charges_fee(&self) -> bool {
        self.flow.stages.iter().flat_map(|stage| stage.transitions).any(|t| t.effects.contains(&Effect::Charge))
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::TimeLimit;
    use crate::base::rule::{RuleRow, Rules, key};
    use crate::kind::{KINDS, by_code};

    fn on(rows: &[(&str, &str)]) -> Rules {
        let from = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        Rules::new(rows.iter().map(|(key, value)| RuleRow { key: (*key).into(), value: (*value).into(), effective_from: from })).unwrap()
    }

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 27).unwrap()
    }

    #[test]
    fn the_fee_in_a_guide_is_the_one_that_is_charged() {
        let (rules, raised) = (on(&[]), on(&[("fee.registration_fen", "25050"), ("fee.transfer_fen", "5000")]));
        let fee = |code: &str, rules: &Rules| by_code(code).unwrap().fee_text(&rules.on(day()));
        assert_eq!(fee("registration", &rules), "注册费 ¥200.00（每件）");
        assert_eq!(fee("registration", &raised), "注册费 ¥250.50（每件）");
        assert_eq!(fee("registration", &on(&[("fee.registration_fen", "0")])), "不收费");
        for code in ["annual_confirmation", "transfer", "reregistration", "appeal", "complaint", "identity_change"] {
            assert_eq!(fee(code, &rules), "不收费", "{code}");
        }
        assert_eq!(fee("transfer", &raised), "转换执业机构费 ¥50.00（每件），按协会通知缴纳");
    }

    #[test]
    fn the_time_limits_in_a_guide_are_those_of_the_stages() {
        for kind in KINDS {
            let limits = kind.time_limits(&on(&[]).on(day()));
            assert!(!limits.is_empty(), "{}", kind.code);
            for stage in kind.flow.stages.iter().filter(|stage| stage.time_limit.is_some()) {
                let label = stage.label.trim_end_matches('中');
                assert_eq!(limits.iter().filter(|(known, _)| known == label).count(), 1, "{} {label}", kind.code);
            }
        }
        let registration = by_code("registration").unwrap();
        let limit = |rules: &Rules| registration.time_limits(&rules.on(day())).into_iter().find(|(l, _)| l == "协会受理").unwrap().1;
        assert_eq!(limit(&on(&[])), "5 个工作日");
        assert_eq!(limit(&on(&[("sla.acceptance", "7")])), "7 个工作日");
        assert_eq!(TimeLimit::Calendar(key::PAYMENT_DAYS).text(&on(&[]).on(day())), "15 日");
    }

    #[test]
    fn the_working_days_of_a_kind_are_those_of_its_usual_stages() {
        let days = |rules: &Rules| by_code("registration").unwrap().working_days(&rules.on(day()));
        assert_eq!(days(&on(&[])), Some(10 + 5 + 3 + 10 + 10 + 10));
        assert_eq!(days(&on(&[("sla.acceptance", "7"), ("sla.payment_check", "30")])), Some(50));
        assert_eq!(by_code("appeal").unwrap().working_days(&on(&[]).on(day())), None, "it is decided within calendar days");
    }

    #[test]
    fn a_question_about_the_payer_shows_the_fee_of_its_kind() {
        for kind in KINDS {
            for (_, field) in kind.form.fields() {
                if let Some(amount) = field.amount {
                    assert_eq!(kind.fee.map(|fee| fee.amount), Some(amount), "{} {}", kind.code, field.name);
                }
            }
        }
        let payer = by_code("registration").unwrap().form.fields().find(|(_, field)| field.name == "payer_type").unwrap().1;
        assert_eq!(payer.hint_on(&on(&[("fee.registration_fen", "25050")]).on(day())), "费用 ¥250.50");
        assert_eq!(payer.hint_on(&on(&[("fee.registration_fen", "0")]).on(day())), "目前不收费");
    }
}
