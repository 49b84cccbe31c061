//! Demo data: accounts, institutions and cases, enough that no list is empty. For one's own machine only.

pub(crate) mod cases;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

use chrono::{Days, NaiveDate};
use domain::base::identity::Sex;
use domain::base::permission::Role;
use domain::base::rule::Rule;
use uuid::Uuid;

use crate::access::account::Person;
use crate::infra::db;
use crate::infra::db::DbError;
use crate::state::AppState;

/// Password of every demo account.
pub const PASSWORD: &str = "Demo-2026-pass";

/// A demo account: account name, name, ID number, mobile, sex, birth date.
type Entry = (&'static str, &'static str, &'static str, &'static str, Sex, &'static str);

/// The accounts. The ID numbers are synthetic.
const ACCOUNTS: &[Entry] = &[
    ("applicant", "林晓月", "11010119900307002X", "13800000001", Sex::Female, "1990-03-07"),
    ("certified", "周建国", "110101199003070011", "13800000002", Sex::Male, "1990-03-07"),
    ("expert1", "沈文博", "110101199003070038", "13800000003", Sex::Male, "1990-03-07"),
    ("expert2", "郑雅琴", "310104200002290129", "13800000004", Sex::Female, "2000-02-29"),
    ("teacher", "高志远", "44030519880812007X", "13800000005", Sex::Male, "1988-08-12"),
    ("inst-a", "吴海燕", "110101198501010025", "13800000006", Sex::Female, "1985-01-01"),
    ("inst-b", "罗永强", "110101198501010017", "13800000007", Sex::Male, "1985-01-01"),
    ("officer", "孙立新", "110101198501010033", "13800000008", Sex::Male, "1985-01-01"),
    ("finance", "何静怡", "110101198501010041", "13800000009", Sex::Female, "1985-01-01"),
    ("examiner", "徐明辉", "11010119850101005X", "13800000010", Sex::Male, "1985-01-01"),
    ("admin", "马思远", "110101198501010076", "13800000011", Sex::Male, "1985-01-01"),
    ("expert3", "顾明哲", "110101198501010092", "13800000012", Sex::Male, "1985-01-01"),
    ("expert4", "韩若溪", "110101198501010105", "13800000013", Sex::Female, "1985-01-01"),
    ("officer2", "蒋文涛", "110101198501010113", "13800000014", Sex::Male, "1985-01-01"),
    ("approver2", "方静姝", "110101198501010121", "13800000015", Sex::Female, "1985-01-01"),
];

const ROLES: &[(&str, Role)] = &[
    ("expert1", Role::Expert),
    ("expert2", Role::Expert),
    ("expert3", Role::Expert),
    ("expert4", Role::Expert),
    ("teacher", Role::Teacher),
    ("officer", Role::Officer),
    ("officer2", Role::Officer),
    ("approver2", Role::Approver),
    ("admin", Role::Approver),
    ("finance", Role::Finance),
    ("examiner", Role::Examiner),
    ("admin", Role::Admin),
];

/// Name, credit code, approval number.
const INSTITUTIONS: &[(&str, &str, &str)] = &[
    ("华信质量认证中心有限公司", "91310115MA1K000016", "CNCA-R-2026-901"),
    ("中恒标准认证（北京）有限公司", "91350100M000100Y43", "CNCA-R-2026-902"),
    ("东岳认证服务有限公司", "12100000400000000W", "CNCA-R-2026-903"),
];

/// Notices on the home page.
const NOTICES: &[(&str, &str, &str)] = &[
    ("关于人员注册申请全面实行网上办理的通知", "自即日起，人员注册申请、初核、受理和批准均在本平台办理，不再接收纸质材料。", "2026-11-02"),
    (
        "关于核对个人基本信息的提示",
        "请各位注册人员登录个人中心，核对姓名、证件号码、手机号码和邮箱。信息有变化的，请及时联系执业机构。",
        "2026-10-15",
    ),
];

/// Account, subjects passed, marks. The exams lie half a year back, so that they count whenever the demo is begun.
const SCORES: &[(&str, &[&str], &str)] = &[
    ("applicant", &["GEN", "QMS", "EMS"], "82"),
    ("applicant", &["OHSMS"], "64"),
    ("certified", &["GEN", "QMS", "OHSMS", "ISMS", "FSMS", "EMS", "ENMS", "IPMS", "MSB"], "88"),
];

/// Expert, domains they are competent in.
const COMPETENCES: &[(&str, &[&str])] =
    &[("expert1", &["QMS", "EMS", "OHSMS"]), ("expert2", &["QMS", "ISMS", "FSMS"]), ("expert3", &["ENMS"]), ("expert4", &["EMS"])];

/// Everyone behind a demo is one machine, so limits per network address are out of the way.
const LIMITS: &[(&str, &str)] = &[
    ("sms.per_ip_hour", "10000"),
    ("signup.duplicate_checks_per_ip_hour", "10000"),
    ("login.per_ip_minute", "10000"),
    ("login.per_name_minute", "1000"),
    ("login.per_name_day", "100000"),
];

/// Why there is no demo data.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A case did not go as its flow has it.
    #[error(transparent)]
    Matter(#[from] crate::matter::MatterError),
    /// The app does not open again.
    #[error(transparent)]
    Open(#[from] crate::state::OpenError),
    /// A score.
    #[error(transparent)]
    Score(#[from] crate::record::exam::ScoreError),
    /// An expert.
    #[error(transparent)]
    Admin(#[from] crate::access::account::admin::AdminError),
    /// A password.
    #[error(transparent)]
    Busy(#[from] crate::infra::password::Busy),
    /// The app is no demo.
    #[error("demo data belongs into a demo only")]
    NotDemo,
}

/// Fills an empty demo; leaves one that has accounts alone. Says whether it filled.
pub async fn fill_demo(app: &AppState) -> Result<bool, DemoError> {
    if !app.demo {
        return Err(DemoError::NotDemo);
    }
    {
        let mut tx = app.db.read().await?;
        if db::account::any(&mut tx).await? {
            return Ok(false);
        }
    }
    let hash = app.hasher.hash(PASSWORD.to_owned()).await?;
    let people: Vec<db::account::Row> = ACCOUNTS.iter().map(|e| demo_account(app, e, &hash)).collect();
    let institutions: Vec<db::institution::Row> = INSTITUTIONS.iter().map(demo_institution).collect();
    let (now, today) = (app.now(), app.today());
    let (ps, is) = (people.clone(), institutions.clone());
    app.db
        .write(move |tx| {
            Box::pin(async move {
                for row in &ps {
                    db::account::insert(tx, row).await?;
                }
                for row in &is {
                    db::institution::insert(tx, row).await?;
                }
                for (name, role) in ROLES {
                    if let Some(row) = ps.iter().find(|p| p.name == *name) {
                        db::account::grant(tx, row.id, role.code(), "active", now).await?;
                    }
                }
                for (user, institution) in [("inst-a", 0), ("inst-b", 1)] {
                    let row = ps.iter().find(|p| p.name == user);
                    if let (Some(row), Some(institution)) = (row, is.get(institution)) {
                        db::institution::tie(tx, row.id, institution.id, "user", "active", today).await?;
                    }
                }
                seed_tables(tx).await
            })
        })
        .await?;
    app.reload_tables().await?;
    let sat_on = app.today().checked_sub_days(Days::new(182)).unwrap_or_default().to_string();
    for (account, subjects, marks) in SCORES {
        crate::record::exam::record_scores(app, account, subjects, &sat_on, marks).await?;
    }
    for (account, domains) in COMPETENCES {
        for domain in *domains {
            crate::record::expert::add_expert_domain(app, account, domain).await?;
        }
    }
    cases::fill(app, &people, &institutions).await?;
    Ok(true)
}

fn demo_account(app: &AppState, entry: &Entry, hash: &str) -> db::account::Row {
    let (account, name, document, mobile, sex, birth) = *entry;
    let person = Person {
        name: name.into(),
        document_type: "resident_id".into(),
        document_number: document.into(),
        sex,
        birth_date: birth.parse().unwrap_or_default(),
        mobile: mobile.into(),
        email: format!("{account}@example.com"),
    };
    crate::access::account::signup::account_row(app, account, &person, hash.to_owned(), true)
}

fn demo_institution((name, code, approval): &(&str, &str, &str)) -> db::institution::Row {
    db::institution::Row {
        id: Uuid::now_v7(),
        name: (*name).into(),
        credit_code: (*code).into(),
        approval_no: (*approval).into(),
        kind: "certification_body".into(),
        status: "active".into(),
    }
}

async fn seed_tables(tx: &mut db::Tx) -> Result<(), DbError> {
    let from = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default();
    for (key, value) in LIMITS {
        let rule = Rule { key: (*key).into(), value: (*value).into(), effective_from: from };
        db::rule::insert(tx, &rule).await?;
    }
    for (title, body, day) in NOTICES {
        let notice = db::rule::Notice {
            id: Uuid::now_v7(),
            title: (*title).into(),
            body: (*body).into(),
            published_on: day.parse().unwrap_or(from),
        };
        db::rule::insert_notice(tx, &notice).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::base::identity::{Mobile, ResidentId, check_password};

    #[test]
    fn every_demo_account_would_pass_registration() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
        for (account, name, document, mobile, sex, birth) in ACCOUNTS {
            let id = ResidentId::parse(document, today).unwrap_or_else(|e| panic!("{account}: {e}"));
            assert_eq!((id.sex(), id.birth_date().to_string().as_str()), (*sex, *birth), "{account}");
            assert!(Mobile::parse(mobile).is_ok());
            domain::base::identity::check_person_name(name).unwrap();
            check_password(PASSWORD, &[account, mobile]).unwrap();
        }
    }
}
