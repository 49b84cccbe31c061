//! The dated rule table: every number and text the association may change.
//!
//! A rule is looked up for a day; the row with the latest `effective_from` not after it counts. A key without a row has the default
//! it is seeded with.

use std::collections::BTreeMap;

use chrono::NaiveDate;

/// A key of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Name, as the table and the association's desk have it.
    pub name: &'static str,
    /// What it means.
    pub label: &'static str,
    /// Value before any row says otherwise.
    pub default: Preset,
    /// Evidence: S the manual, A an official text, B trade sites, P our proposal.
    pub grade: char,
}

/// A default value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// A whole number.
    Int(i64),
    /// A text.
    Text(&'static str),
}

macro_rules! keys {
    ($($ident:ident $name:literal $default:expr, $grade:literal $label:literal;)*) => {
        /// The keys.
        pub mod key {
            use super::{Preset::*, Key};
            $(#[doc = $label] pub const $ident: Key = Key { name: $name, label: $label, default: $default, grade: $grade };)*
            /// Every key, to seed the table with.
            pub const ALL: &[Key] = &[$($ident),*];
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
    LOGIN_PER_NAME_MINUTE "login.per_name_minute" Int(5), 'P' "每个账号每分钟登录尝试上限";
    LOGIN_PER_NAME_DAY "login.per_name_day" Int(100), 'P' "每个账号每日登录尝试上限";
    LOGIN_PER_IP_MINUTE "login.per_ip_minute" Int(30), 'P' "每个网络地址每分钟登录尝试上限";
    CERT_VALIDITY_MONTHS "cert.validity_months" Int(36), 'B' "证书有效月数";
    CERT_NUMBER_TEMPLATE "cert.number_template" Text("{year}-N{grade}{domain}-{serial:07}"), 'B' "证书编号模板";
    CERT_CONFIRM_MONTHS "cert.confirm_months" Int(12), 'B' "年度确认周期月数";
    INSTITUTION_REVIEW_DAYS "sla.institution_review" Int(10), 'P' "机构初核工作日";
    ACCEPTANCE_DAYS "sla.acceptance" Int(5), 'P' "受理工作日";
    ASSIGNMENT_DAYS "sla.assignment" Int(3), 'P' "指派专家工作日";
    EVALUATION_DAYS "sla.evaluation" Int(10), 'P' "专家评价工作日";
    REVIEW_DAYS "sla.review" Int(10), 'P' "审批工作日";
    APPROVAL_DAYS "sla.approval" Int(10), 'P' "批准工作日";
    PAYMENT_DAYS "pay.deadline_days" Int(15), 'P' "个人缴费日历日";
    BILL_DAYS "pay.institution_days" Int(45), 'P' "机构缴费日历日";
    PAYMENT_CHECK_DAYS "sla.payment_check" Int(3), 'P' "缴费凭证核验工作日";
    RECTIFICATION_DAYS "rect.days" Int(30), 'P' "退回修改日历日";
    REMINDERS "task.reminders" Text("7,1"), 'P' "到期前提醒的天数";
    RECTIFICATION_ROUNDS "rect.max_rounds" Int(2), 'B' "整改次数上限";
    REGISTRATION_FEE "fee.registration_fen" Int(20000), 'A' "注册费（分）";
    UPLOAD_MAX_MB "upload.max_mb" Int(5), 'P' "单个文件上限（MB）";
    UPLOAD_MAX_FILES "upload.max_files" Int(30), 'P' "每件业务文件数上限";
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Name of the key.
    pub key: String,
    /// Value, as written.
    pub value: String,
    /// First day it counts.
    pub effective_from: NaiveDate,
}

/// A row that cannot count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// No such key.
    #[error("no rule is called {0}")]
    Unknown(String),
    /// Not a whole number.
    #[error("the value of {0} is not a whole number")]
    NotWhole(String),
}

/// The whole table.
#[derive(Debug, Clone, Default)]
pub struct Rules(BTreeMap<String, BTreeMap<NaiveDate, String>>);

/// The table as it counts on one day.
#[derive(Debug, Clone, Copy)]
pub struct RulesOn<'a> {
    rules: &'a Rules,
    day: NaiveDate,
}

impl Rules {
    /// From the rows of the database.
    pub fn new(rows: impl IntoIterator<Item = Rule>) -> Result<Self, RuleError> {
        let mut table = BTreeMap::<String, BTreeMap<NaiveDate, String>>::new();
        for row in rows {
            let key = key::ALL.iter().find(|k| k.name == row.key).ok_or_else(|| RuleError::Unknown(row.key.clone()))?;
            if matches!(key.default, Preset::Int(_)) && row.value.parse::<i64>().is_err() {
                return Err(RuleError::NotWhole(row.key));
            }
            table.entry(row.key).or_default().insert(row.effective_from, row.value);
        }
        Ok(Self(table))
    }

    /// As it counts on a day.
    pub fn on(&self, day: NaiveDate) -> RulesOn<'_> {
        RulesOn { rules: self, day }
    }
}

impl RulesOn<'_> {
    fn row(&self, key: Key) -> Option<&str> {
        let rows = self.rules.0.get(key.name)?;
        rows.range(..=self.day).next_back().map(|(_, v)| v.as_str())
    }

    /// A whole number.
    pub fn int(&self, key: Key) -> i64 {
        let default = match key.default {
            Preset::Int(n) => n,
            Preset::Text(_) => 0,
        };
        self.row(key).and_then(|v| v.parse().ok()).unwrap_or(default)
    }

    /// A text.
    pub fn text(&self, key: Key) -> String {
        match (self.row(key), key.default) {
            (Some(row), _) => row.to_owned(),
            (None, Preset::Text(t)) => t.to_owned(),
            (None, Preset::Int(n)) => n.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(key: &str, value: &str, from: &str) -> Rule {
        Rule { key: key.into(), value: value.into(), effective_from: from.parse().unwrap() }
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
    }

    #[test]
    fn each_key_stands_once() {
        for k in key::ALL {
            assert_eq!(key::ALL.iter().filter(|o| o.name == k.name).count(), 1, "{}", k.name);
        }
    }
}
