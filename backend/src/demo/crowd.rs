//! People and matters that fill the queues of a demo: registrations of many people that wait at several stages, some of them overdue.

use chrono::{Datelike, Days, NaiveDate, TimeDelta};
use domain::base::identity::{ResidentId, Sex};
use domain::record::institution::InstitutionKind;

use crate::access::guard::Allowed;
use crate::demo::accounts::{DemoPerson, INSTITUTION_USERS, account_row};
use crate::demo::actions::{accept_voucher, decide, pay, sign_in};
use crate::demo::application::{Application, complete};
use crate::demo::binding::bind_teachers;
use crate::demo::course::create_courses;
use crate::demo::error::DemoError;
use crate::demo::institution::{NewInstitution, complete_registration, institution_registration};
use crate::demo::plan::create_plan;
use crate::infra::clock::Clock;
use crate::infra::db::account::AccountRow;
use crate::infra::db::institution::InstitutionRow;
use crate::infra::db::{self, DbError};
use crate::record::exam::{Recorder, record_scores};
use crate::state::AppState;

const FAMILY_NAMES: &[&str] = &[
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭", "何", "林", "高", "罗", "郑", "梁",
    "谢", "宋", "唐",
];
const GIVEN_NAMES: &[&str] = &[
    "志强", "雨桐", "建军", "思源", "晓燕", "海峰", "佳宁", "文杰", "丽华", "子涵", "国栋", "婷婷", "立新", "若兰", "明远", "春梅", "嘉琪",
];

/// Codes of the domains of the applications.
const DOMAINS: &[&str] = &["QMS", "EMS", "OHSMS", "FSMS", "ENMS", "ISMS", "IPMS"];

/// How far an application goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum Until {
    /// It waits for the institution.
    #[default]
    Submitted,
    /// It waits for finance.
    Paid,
    /// It waits for the officer who accepts it.
    Checked,
    /// It waits for the officer who assigns experts.
    Accepted,
    /// It waits for the officer who proposes a decision.
    Waived,
    /// It waits for the approver.
    Proposed,
}

/// Shares of the stages: most applications wait for an officer.
const SHARES: &[Until] = &[
    Until::Checked,
    Until::Checked,
    Until::Submitted,
    Until::Checked,
    Until::Accepted,
    Until::Checked,
    Until::Waived,
    Until::Checked,
    Until::Paid,
    Until::Checked,
    Until::Accepted,
    Until::Proposed,
];

/// Days since an application was submitted: the older ones are overdue.
const AGES: &[i64] = &[1, 3, 2, 6, 4, 9, 1, 12, 2, 5, 3, 8, 16];

/// Those who take the applications on.
struct ReviewingAccounts {
    institutions: Vec<(String, Allowed)>,
    officer: Allowed,
    finance: Allowed,
}

/// Creates so many people, each with an application for registration.
pub(super) async fn create_crowd(
    app: &AppState,
    count: usize,
    password: &str,
    accounts: &[AccountRow],
    institutions: &[InstitutionRow],
) -> Result<(), DemoError> {
    let people: Vec<AccountRow> = (0..count).map(|number| account_row(app, &person(number, app.today()), password)).collect();
    let inserted = people.clone();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                for row in &inserted {
                    db::account::insert(tx, row).await?;
                }
                Ok::<_, DbError>(())
            })
        })
        .await?;
    let mut by = ReviewingAccounts {
        institutions: Vec::new(),
        officer: sign_in(app, accounts, "officer").await?,
        finance: sign_in(app, accounts, "finance").await?,
    };
    for (user, place) in INSTITUTION_USERS {
        if let Some(institution) = institutions.get(*place) {
            by.institutions.push((institution.id.to_string(), sign_in(app, accounts, user).await?));
        }
    }
    for (number, account) in people.iter().enumerate() {
        apply(app, number, account, &by).await?;
    }
    if let Some(account) = people.first() {
        register_institution(app, account).await?;
        bind_teachers(app, accounts, &people).await?;
        create_courses(app, accounts).await?;
        create_plan(app, accounts).await?;
    }
    Ok(())
}

/// A registration of an institution that waits for an administrator.
async fn register_institution(app: &AppState, account: &AccountRow) -> Result<(), DemoError> {
    let Some(kind) = institution_registration() else { return Ok(()) };
    let kinds = &[InstitutionKind::CertificationBody, InstitutionKind::TrainingProvider];
    let new = NewInstitution { name: "南屏认证培训有限公司", credit_code: "91440300MA5D000103", kinds };
    let operator = sign_in(app, std::slice::from_ref(account), &account.name).await?;
    let id = complete_registration(app, &operator, kind, new).await?;
    Ok(decide(app, &operator, id, "submit", "").await?)
}

/// Files the application of a person, and takes it to its stage.
async fn apply(app: &AppState, number: usize, account: &AccountRow, by: &ReviewingAccounts) -> Result<(), DemoError> {
    let (domain, until) = (turn(DOMAINS, number), turn(SHARES, number));
    let Some((institution, reviewer)) = by.institutions.get(number % by.institutions.len().max(1)) else { return Ok(()) };
    let mut then = app.clone();
    then.clock = Clock::fixed(app.now() - TimeDelta::days(turn(AGES, number)) - TimeDelta::minutes(7 * i64::try_from(number).unwrap_or(0)));
    let sat_on = app.today().checked_sub_days(Days::new(182)).unwrap_or_default().to_string();
    record_scores(&then, &account.name, &["GEN", domain], (&sat_on, "85"), Recorder::default()).await?;
    let applicant = sign_in(&then, std::slice::from_ref(account), &account.name).await?;
    let id = complete(&then, &applicant, Application::trainee(domain), institution).await?;
    decide(&then, &applicant, id, "submit", "").await?;
    if until >= Until::Paid {
        decide(&then, reviewer, id, "pass", "材料齐全，情况属实。").await?;
        pay(&then, &applicant, id).await?;
    }
    if until >= Until::Checked {
        accept_voucher(&then, &by.finance, id).await?;
    }
    if until >= Until::Accepted {
        decide(&then, &by.officer, id, "accept", "").await?;
    }
    if until >= Until::Waived {
        decide(&then, &by.officer, id, "waive", "材料完整，无需专家评价。").await?;
    }
    if until >= Until::Proposed {
        decide(&then, &by.officer, id, "propose", "").await?;
    }
    Ok(())
}

/// The elements of a list in turn.
fn turn<T: Copy + Default>(list: &[T], number: usize) -> T {
    list.iter().copied().cycle().nth(number).unwrap_or_default()
}

/// A person of the crowd. The document number is synthetic.
fn person(number: usize, today: NaiveDate) -> DemoPerson {
    let birth = NaiveDate::from_ymd_opt(1980, 1, 1)
        .and_then(|first| first.checked_add_days(Days::new(u64::try_from(number * 97 % 5000).unwrap_or(0))))
        .unwrap_or_default();
    let sex = if number.is_multiple_of(2) { Sex::Female } else { Sex::Male };
    let order = 100 + number / 2 * 2 + usize::from(sex == Sex::Male);
    let digits = format!("110101{:04}{:02}{:02}{order:03}", birth.year(), birth.month(), birth.day());
    let mut numbers = "0123456789X".chars().map(|check| format!("{digits}{check}"));
    let document = numbers.find(|number| ResidentId::parse(number, today).is_ok()).unwrap_or_default();
    DemoPerson {
        account: format!("person{:03}", number + 1),
        name: format!("{}{}", turn(FAMILY_NAMES, number), turn(GIVEN_NAMES, number)),
        document,
        mobile: format!("1390000{:04}", number + 1),
        sex,
        birth,
    }
}

#[cfg(test)]
mod tests {
    use domain::base::identity::Mobile;

    use super::*;
    use crate::demo::fill::fill_demo;
    use crate::demo::testing::TestApp;
    use crate::demo_test;
    use crate::infra::db::maintenance::count_rows;

    #[test]
    fn people_of_the_crowd_differ_and_have_valid_documents() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
        let people: Vec<DemoPerson> = (0..300).map(|number| person(number, today)).collect();
        for person in &people {
            let id = ResidentId::parse(&person.document, today).unwrap_or_else(|e| panic!("{}: {e}", person.account));
            assert_eq!((id.sex(), id.birth_date()), (person.sex, person.birth), "{}", person.account);
            assert!(Mobile::parse(&person.mobile).is_ok());
        }
        let documents: std::collections::BTreeSet<&str> = people.iter().map(|person| person.document.as_str()).collect();
        assert_eq!(documents.len(), people.len());
    }

    demo_test!(a_crowd_waits_at_every_stage, |demo| async move {
        let test = TestApp::new(demo).await;
        let app = &test.app;
        let rows = async || count_rows(&mut app.db.read().await.unwrap()).await.unwrap();
        let before = rows().await;
        app.db.execute_raw("delete from process_state where name = 'demo.filled'").await;
        assert!(fill_demo(app, SHARES.len()).await.unwrap());
        let after = rows().await;
        // Of twelve people two are teachers; `teacher` asks for another category. There are three filings of courses, a plan and a registration of an
        // institution as well.
        for (table, more) in [("account", 12), ("matter", 21), ("filed_course", 2)] {
            assert_eq!(after.get(table), before.get(table).map(|count| count + more).as_ref(), "{table}");
        }
        let officer = test.sign_in("officer").await;
        let queue = crate::service::pages::home_page(app, &officer).await.unwrap();
        assert!(queue.association_tasks.unwrap() >= 9, "most of them wait for an officer");
    });
}
