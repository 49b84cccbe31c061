//! 显示完整证件号: a reviewer reads the number of the applicant in full, with a reason that is recorded.

use chrono::{DateTime, Utc};
use domain::base::identity::DisclosureReason;
use domain::base::permission::Role;
use domain::base::rule::key;
use domain::engine::flow::Party;
use uuid::Uuid;

use crate::access::access_log::Access;
use crate::access::account::lookup::person_name;
use crate::access::guard::{Allowed, Caller};
use crate::access::rate_limit::RateLimit;
use crate::infra::db::access::AccessEventRow;
use crate::infra::db::{self, DbError, Tx};
use crate::matter::load::load;
use crate::matter::{LoadedMatter, MatterError};
use crate::state::AppState;

/// Seconds of the window in which disclosures are counted.
const HOUR: i64 = 3600;
/// Rows of the list.
const LISTED: i64 = 100;

/// Proof that a disclosure is permitted and recorded; a page shows the full number only with it.
pub struct RecordedDisclosure {
    matter: Uuid,
}

impl RecordedDisclosure {
    /// Whether it was recorded for this matter.
    pub fn is_of(&self, matter: &LoadedMatter) -> bool {
        self.matter == matter.id
    }
}

/// A recorded disclosure, for those who audit them.
pub struct DisclosureRecord {
    /// Time.
    pub at: DateTime<Utc>,
    /// Name of the reader.
    pub reader: String,
    /// The reason; none if a later release wrote one that this one does not know.
    pub reason: Option<DisclosureReason>,
}

/// Whether the caller may read the number in full: institutions and staff who review the matter and know its applicant.
pub fn may_disclose(matter: &LoadedMatter) -> bool {
    let reviews = |party: &Party| matches!(party, Party::Institution(_) | Party::Association(Role::Officer | Role::Approver));
    !matter.is_own() && !matter.is_anonymous() && matter.acting().parties.iter().any(reviews)
}

/// Records that the caller reads the applicant's number in full. The record is stored before the number is shown.
///
/// # Errors
/// [`MatterError::NotFound`] if the caller may not; [`MatterError::TooManyDisclosures`] above the bound of an hour.
pub async fn disclose_identity(
    app: &AppState,
    who: &Allowed,
    id: Uuid,
    reason: DisclosureReason,
) -> Result<RecordedDisclosure, MatterError> {
    let matter = load(app, who, id).await?;
    if !may_disclose(&matter) {
        return Err(MatterError::NotFound);
    }
    let account = who.account();
    let most = app.tables().rules.on(app.today()).int(key::FULL_IDENTITY_PER_HOUR);
    let limit = RateLimit::new(app, &[b"identity.shown", account.as_bytes()], HOUR, most);
    let row = AccessEventRow {
        id: Uuid::now_v7(),
        at: app.now(),
        account_id: Some(account),
        action: Access::IdentityShown.code().to_owned(),
        matter_id: Some(id),
        target: reason.code().to_owned(),
    };
    let record = app.db.on_behalf_of(account).write(move |tx| {
        Box::pin(async move {
            if !limit.take(tx).await? {
                return Err(MatterError::TooManyDisclosures(most));
            }
            db::access::insert_accesses(tx, std::slice::from_ref(&row)).await?;
            Ok(())
        })
    });
    record.await?;
    Ok(RecordedDisclosure { matter: id })
}

/// The recorded disclosures of a matter, newest first, for administrators who review it; empty for others.
pub(crate) async fn list_disclosures(
    tx: &mut Tx,
    app: &AppState,
    caller: &Caller,
    matter: &LoadedMatter,
) -> Result<Vec<DisclosureRecord>, DbError> {
    let audits = caller.roles.contains(&Role::Admin) && !matter.is_own() && !matter.is_anonymous();
    if !audits {
        return Ok(Vec::new());
    }
    let mut records = Vec::new();
    for row in db::access::list_accesses_by(tx, matter.id, Access::IdentityShown.code(), LISTED).await? {
        let reader = match row.account_id {
            Some(account) => person_name(app, tx, account).await?,
            None => String::new(),
        };
        records.push(DisclosureRecord { at: row.at, reader, reason: DisclosureReason::from_code(&row.target) });
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use domain::base::rule::RuleRow;

    use super::*;
    use crate::demo::testing::TestApp;
    use crate::demo_test;

    async fn shown(t: &TestApp, matter: Uuid) -> Vec<(Option<Uuid>, String)> {
        let mut tx = t.app.db.read().await.unwrap();
        let rows = db::access::list_accesses_by(&mut tx, matter, "identity.shown", 100).await.unwrap();
        rows.into_iter().map(|row| (row.account_id, row.target)).collect()
    }

    demo_test!(a_disclosure_to_a_reviewer_of_the_matter_is_recorded_with_its_reason, |demo| async move {
        let t = TestApp::new(demo).await;
        let (applicant, officer, institution) = (t.sign_in("applicant").await, t.sign_in("officer").await, t.sign_in("inst-a").await);
        let id = t.matter(&applicant, "质量管理体系").await;
        disclose_identity(&t.app, &officer, id, DisclosureReason::Documents).await.unwrap();
        disclose_identity(&t.app, &institution, id, DisclosureReason::Contact).await.unwrap();
        let expected = [(&institution, "contact"), (&officer, "documents")];
        assert_eq!(shown(&t, id).await, expected.map(|(who, reason)| (Some(who.account()), reason.to_owned())));
        let admin = t.sign_in("admin").await;
        let page = crate::service::pages::matter_page(&t.app, &admin, id).await.unwrap();
        let listed: Vec<_> = page.disclosures.iter().map(|record| record.reason).collect();
        assert_eq!(listed, [Some(DisclosureReason::Contact), Some(DisclosureReason::Documents)]);
        assert!(page.disclosures.iter().all(|record| !record.reader.is_empty()));
        let page = crate::service::pages::matter_page(&t.app, &officer, id).await.unwrap();
        assert!(page.disclosures.is_empty(), "officers do not audit");
    });

    demo_test!(nobody_else_gets_a_disclosure, |demo| async move {
        let t = TestApp::new(demo).await;
        let id = t.matter(&t.sign_in("applicant").await, "质量管理体系").await;
        // The applicant, another institution, another applicant, finance, who may see the case, and an expert.
        for name in ["applicant", "inst-b", "certified", "finance", "expert1"] {
            let refused = disclose_identity(&t.app, &t.sign_in(name).await, id, DisclosureReason::Documents).await;
            assert!(matches!(refused, Err(MatterError::NotFound)), "{name}");
        }
        assert!(shown(&t, id).await.is_empty());
    });

    demo_test!(disclosures_of_an_account_are_bounded_by_the_hour, |demo| async move {
        let t = TestApp::new(demo).await;
        let id = t.matter(&t.sign_in("applicant").await, "质量管理体系").await;
        let effective_from = "2026-01-01".parse().unwrap();
        let row = RuleRow { key: key::FULL_IDENTITY_PER_HOUR.name.into(), value: "2".into(), effective_from };
        t.app.db.write(move |tx| Box::pin(async move { db::rule::insert_rule(tx, &row).await })).await.unwrap();
        t.app.reload_tables().await.unwrap();
        let officer = t.sign_in("officer").await;
        let disclose = || disclose_identity(&t.app, &officer, id, DisclosureReason::Documents);
        for _ in 0..2 {
            disclose().await.unwrap();
        }
        assert!(matches!(disclose().await, Err(MatterError::TooManyDisclosures(2))));
        assert_eq!(shown(&t, id).await.len(), 2, "what is refused is not shown, and not recorded as shown");
        disclose_identity(&t.app, &t.sign_in("inst-a").await, id, DisclosureReason::Documents).await.unwrap();
        t.demo.clock.advance(chrono::TimeDelta::hours(1));
        disclose().await.unwrap();
    });
}
