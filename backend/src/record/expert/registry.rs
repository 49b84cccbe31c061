//! The experts, with the data that determines whether they can evaluate a matter.

use std::collections::BTreeMap;

use domain::base::permission::GrantStatus;
use domain::record::expert::Expert;
use uuid::Uuid;

use crate::infra::db::{self, DbError, Tx};

/// Every active expert.
pub(super) async fn load_experts(tx: &mut Tx) -> Result<Vec<Expert>, DbError> {
    let mut experts: BTreeMap<Uuid, Expert> = BTreeMap::new();
    for account in db::expert::list_experts(tx).await? {
        experts.insert(account, Expert { account, ..Expert::default() });
    }
    for row in db::expert::list_domains(tx).await? {
        experts.entry(row.account_id).and_modify(|e| e.domains.push(row.domain));
    }
    for row in db::expert::list_memberships(tx).await? {
        let ended = row.status == GrantStatus::Ended;
        experts.entry(row.account_id).and_modify(|e| if ended { &mut e.former } else { &mut e.institutions }.push(row.institution_id));
    }
    for (account, count) in db::expert::count_open_assignments(tx).await? {
        experts.entry(account).and_modify(|e| e.open_cases = count);
    }
    Ok(experts.into_values().collect())
}
