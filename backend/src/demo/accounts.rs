//! The accounts and institutions of the demo.

use chrono::NaiveDate;
use domain::base::identity::Sex;
use domain::base::permission::Role;
use domain::record::institution::InstitutionState;
use uuid::Uuid;

use crate::access::account::Person;
use crate::access::account::signup::new_account_row;
use crate::infra::db::account::AccountRow;
use crate::infra::db::institution::{InstitutionKind, InstitutionRow};
use crate::state::AppState;

/// Password of every demo account.
pub const PASSWORD: &str = "Demo-2026-pass";

/// A demo account: account name, name, ID number, mobile, sex, birth date.
type DemoAccount = (&'static str, &'static str, &'static str, &'static str, Sex, &'static str);

/// The accounts. The ID numbers are synthetic.
const ACCOUNTS: &[DemoAccount] = &[
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
    ("finance2", "邵立群", "11010119850101013X", "13800000016", Sex::Male, "1985-01-01"),
];

/// The roles of the accounts.
pub(super) const ROLES: &[(&str, Role)] = &[
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
    ("finance2", Role::Finance),
    ("examiner", Role::Examiner),
    ("admin", Role::Admin),
];

/// Name, credit code, approval number.
const INSTITUTIONS: &[(&str, &str, &str)] = &[
    ("华信质量认证中心有限公司", "91310115MA1K000016", "CNCA-R-2026-901"),
    ("中恒标准认证（北京）有限公司", "91350100M000100Y43", "CNCA-R-2026-902"),
    ("东岳认证服务有限公司", "12100000400000000W", "CNCA-R-2026-903"),
];

/// Credit code of the institution that is one of 培训机构 as well.
const ALSO_TRAINS: &str = "91310115MA1K000016";

/// Users of institutions: account name, and place of the institution in the list.
pub(super) const INSTITUTION_USERS: &[(&str, usize)] = &[("inst-a", 0), ("inst-b", 1)];

/// The rows of the accounts, with the hash of their password.
pub(super) fn account_rows(app: &AppState, hash: &str) -> Vec<AccountRow> {
    ACCOUNTS.iter().map(|account| account_row(app, &account.into(), hash)).collect()
}

/// The rows of the institutions.
pub(super) fn institution_rows() -> Vec<InstitutionRow> {
    INSTITUTIONS.iter().map(institution_row).collect()
}

/// A person of the demo with an account.
pub(super) struct DemoPerson {
    /// Account name.
    pub account: String,
    /// Name.
    pub name: String,
    /// Number of the 居民身份证.
    pub document: String,
    /// Mobile number.
    pub mobile: String,
    /// Sex.
    pub sex: Sex,
    /// Birth date.
    pub birth: NaiveDate,
}

impl From<&DemoAccount> for DemoPerson {
    fn from((account, name, document, mobile, sex, birth): &DemoAccount) -> Self {
        Self {
            account: (*account).into(),
            name: (*name).into(),
            document: (*document).into(),
            mobile: (*mobile).into(),
            sex: *sex,
            birth: birth.parse().unwrap_or_default(),
        }
    }
}

/// The row of an account.
pub(super) fn account_row(app: &AppState, of: &DemoPerson, hash: &str) -> AccountRow {
    let person = Person {
        name: of.name.clone(),
        document_type: "resident_id".into(),
        document_number: of.document.clone(),
        sex: of.sex,
        birth_date: of.birth,
        mobile: of.mobile.clone(),
        email: format!("{}@example.com", of.account),
    };
    AccountRow { email_verified_at: Some(app.now()), ..new_account_row(app, &of.account, &person, hash.to_owned(), true) }
}

fn institution_row((name, code, approval): &(&str, &str, &str)) -> InstitutionRow {
    InstitutionRow {
        id: Uuid::now_v7(),
        name: (*name).into(),
        credit_code: (*code).into(),
        approval_no: (*approval).into(),
        kind: InstitutionKind::CertificationBody,
        also_trains: *code == ALSO_TRAINS,
        state: InstitutionState::Active,
        matter_id: None,
        contact_sealed: None,
    }
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
            assert_eq!(domain::base::identity::read_person_name(name, 30).as_deref(), Ok(*name));
            check_password(PASSWORD, &[account, mobile]).unwrap();
        }
    }
}
