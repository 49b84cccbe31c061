//! The record of an applicant, and the option lists built from it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::base::calendar::day_of;
use domain::base::rule::Rules;
use domain::matter::{ApplicantRecord, DISPUTED, PastMatter, SUBMITTED_MATTERS};
use domain::record::certificate::HeldCertificate;
use domain::record::exam;
use uuid::Uuid;

use crate::access::owner::Owner;
use crate::infra::db::institution::MembershipRow;
use crate::infra::db::{self, DbError, Tx};

/// The options of listed fields, by list name: code and label.
pub type Lists = BTreeMap<String, Vec<(String, String)>>;

/// List of the institutions that can recommend an applicant: for holders of a certificate the one where they practise (docs/domain.md §7.2),
/// or else every certification body.
pub(crate) const RECOMMENDING: &str = "recommending_institutions";

/// Reads the record of an account, and the matters of an owner, for rules that hold on the day `applied`. The matter that is checked, `checked`, is left out of it.
pub(crate) async fn read_record(
    tx: &mut Tx,
    lists: &mut Lists,
    rules: &Rules,
    (today, applied): (NaiveDate, NaiveDate),
    (account, owner): (Uuid, Owner),
    checked: Uuid,
) -> Result<ApplicantRecord, DbError> {
    let scores = db::exam::list_scores(tx, account).await?;
    lists.insert("scores".to_owned(), exam::valid_score_lines(&scores, applied, &rules.on(applied)));
    let certificates: Vec<HeldCertificate> =
        db::certificate::list_of_account(tx, account).await?.iter().map(db::certificate::CertificateRow::held).collect();
    lists.insert("certificates".to_owned(), certificates.iter().filter(|c| c.is_valid_on(today)).map(certificate_option).collect());
    let matters = read_past_matters(tx, lists, (rules, applied), owner, checked).await?;
    let transferred_on = db::transfer::last_effective_on(tx, account).await?;
    let open = db::renewal::list_open_renewals(tx, account).await?;
    let renewals_pending = open.into_iter().filter(|r| r.matter_id != checked).map(|r| r.number).collect();
    let mut record = ApplicantRecord { scores, certificates, matters, transferred_on, renewals_pending, ..ApplicantRecord::default() };
    record.practices = read_practices(tx, lists, account, checked, record.is_bound_to_practice_on(today)).await?;
    Ok(record)
}

/// Institutions where an account practises. `bound`: whether no other institution can recommend it.
async fn read_practices(tx: &mut Tx, lists: &mut Lists, account: Uuid, checked: Uuid, bound: bool) -> Result<Vec<Uuid>, DbError> {
    let memberships = db::institution::list_memberships(tx, account).await?;
    let practices = memberships.into_iter().filter(MembershipRow::is_active_practice);
    let mut named: Vec<(Uuid, String)> = practices.map(|m| (m.institution_id, m.institution_name)).collect();
    let practices: Vec<Uuid> = named.iter().map(|(id, _)| *id).collect();
    if bound && !named.is_empty() {
        lists.insert(RECOMMENDING.to_owned(), options(&named));
    }
    // After a transfer its matter still needs the name of the old institution.
    for (_, id) in
        db::relation::list_relations(tx, checked).await?.into_iter().filter(|(link, id)| link == "leaving" && !practices.contains(id))
    {
        named.extend(db::institution::by_id(tx, id).await?.map(|i| (id, i.name)));
    }
    lists.insert("practices".to_owned(), options(&named));
    Ok(practices)
}

fn options(institutions: &[(Uuid, String)]) -> Vec<(String, String)> {
    institutions.iter().map(|(id, name)| (id.to_string(), name.clone())).collect()
}

/// Matters an owner submitted, newest first, and the list of those decisions that an appeal of the day `applied` can name.
async fn read_past_matters(
    tx: &mut Tx,
    lists: &mut Lists,
    (rules, applied): (&Rules, NaiveDate),
    owner: Owner,
    checked: Uuid,
) -> Result<Vec<PastMatter>, DbError> {
    let (person, institution) = owner.person_and_institution();
    let submitted = db::link::list_submitted_by(tx, person, institution, checked, DISPUTED.code).await?;
    let matters: Vec<PastMatter> = submitted.into_iter().filter_map(past_matter).collect();
    lists.insert(SUBMITTED_MATTERS.to_owned(), matters.iter().map(|m| (m.id.to_string(), matter_label(m))).collect());
    // An appeal still needs the name of its decision after the window, and when it was reopened.
    let disputed = db::link::other_of(tx, checked, DISPUTED.code).await?;
    let decisions = matters.iter().filter(|m| m.appeal_obstacle(applied, rules.on(applied)).is_none() || Some(m.id) == disputed);
    lists.insert("decisions".to_owned(), decisions.map(|m| (m.id.to_string(), matter_label(m))).collect());
    Ok(matters)
}

/// Option of a certificate: its number, and a label with domain, grade and end of validity.
fn certificate_option(held: &HeldCertificate) -> (String, String) {
    (held.number.clone(), format!("{} · {} · 有效期至 {}", held.domain_label(), held.grade.title(held.category), held.valid_until))
}

/// Label of a submitted matter: 人员注册 · 质量管理体系 · 未批准（2026-11-23） · ZC2026111500001.
fn matter_label(past: &PastMatter) -> String {
    let (kind, stage) = (past.kind_label, past.stage_label());
    let day = past.closed_on.map(|d| format!("（{d}）")).unwrap_or_default();
    let label = if past.title == kind { format!("{kind} · {stage}{day}") } else { format!("{kind} · {} · {stage}{day}", past.title) };
    past.number.as_ref().map_or_else(|| label.clone(), |number| format!("{label} · {number}"))
}

/// Converts a row; `None` for a kind that is no longer in the list.
fn past_matter(submitted: db::link::SubmittedMatterRow) -> Option<PastMatter> {
    let row = submitted.matter;
    let appealed = matches!((row.closed_at, submitted.named_at), (Some(closed), Some(appealed)) if appealed >= closed);
    let kind = domain::kind::by_code(&row.kind)?;
    Some(PastMatter {
        number: row.number,
        institution: row.institution_id,
        closed_on: row.closed_at.map(day_of),
        appealed,
        ..kind.past_matter(row.id, row.title, &row.stage)
    })
}
