//! Notices, rules, scores and competences of the demo.

use chrono::{Days, NaiveDate};
use domain::base::rule::RuleRow;
use uuid::Uuid;

use crate::demo::error::DemoError;
use crate::infra::db::rule::NoticeRow;
use crate::infra::db::{self, DbError, Tx};
use crate::record::exam::{Recorder, record_scores};
use crate::service::admin::add_expert_domain;
use crate::state::AppState;

/// Notices on the home page.
const NOTICES: &[(&str, &str, &str)] = &[
    ("关于人员注册申请全面实行网上办理的通知", "自即日起，人员注册申请、初核、受理和批准均在本平台办理，不再接收纸质材料。", "2026-11-02"),
    (
        "关于核对个人基本信息的提示",
        "请各位注册人员登录个人中心，核对姓名、证件号码、手机号码和邮箱。信息有变化的，请及时联系执业机构。",
        "2026-10-15",
    ),
];

/// Account, subjects, marks. The exams were half a year ago, so that their scores are valid.
const SCORES: &[(&str, &[&str], &str)] = &[
    ("applicant", &["GEN", "QMS", "EMS"], "82"),
    ("applicant", &["OHSMS"], "64"),
    ("certified", &["GEN", "QMS", "OHSMS", "ISMS", "FSMS", "EMS", "ENMS", "IPMS", "MSB"], "88"),
];

/// Experts and their domains.
const COMPETENCES: &[(&str, &[&str])] =
    &[("expert1", &["QMS", "EMS", "OHSMS"]), ("expert2", &["QMS", "ISMS", "FSMS"]), ("expert3", &["ENMS"]), ("expert4", &["EMS"])];

/// All users of a demo share one address, so raise the limits per address, and prove nothing before they register.
const LIMITS: &[(&str, &str)] = &[
    ("sms.per_ip_hour", "10000"),
    ("signup.duplicate_checks_per_ip_hour", "10000"),
    ("signup.field_checks_per_ip_hour", "10000"),
    ("login.per_ip_minute", "10000"),
    ("login.per_name_minute", "1000"),
    ("login.per_name_day", "100000"),
    ("login.slow_from", "100000"),
    ("proof.work_bits", "0"),
];

/// Inserts notices and rules.
pub(super) async fn seed_tables(tx: &mut Tx) -> Result<(), DbError> {
    let from = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default();
    for (key, value) in LIMITS {
        let rule = RuleRow { key: (*key).into(), value: (*value).into(), effective_from: from };
        db::rule::insert_rule(tx, &rule).await?;
    }
    for (title, body, day) in NOTICES {
        let notice =
            NoticeRow { id: Uuid::now_v7(), title: (*title).into(), body: (*body).into(), published_on: day.parse().unwrap_or(from) };
        db::rule::insert_notice(tx, &notice).await?;
    }
    Ok(())
}

/// Records scores of exams half a year ago, and competences of experts.
pub(super) async fn record_scores_and_competences(app: &AppState) -> Result<(), DemoError> {
    let sat_on = app.today().checked_sub_days(Days::new(182)).unwrap_or_default().to_string();
    for (account, subjects, marks) in SCORES {
        record_scores(app, account, subjects, (&sat_on, marks), Recorder::default()).await?;
    }
    for (account, domains) in COMPETENCES {
        for domain in *domains {
            add_expert_domain(app, account, domain).await?;
        }
    }
    Ok(())
}
