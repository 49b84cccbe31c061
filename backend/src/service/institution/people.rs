//! 人员: the people who practise in an institution, with their certificates and what is due for them.

use chrono::NaiveDate;
use domain::base::identity::mask_ends;
use domain::record::certificate::{CertificateStatus, Eligibility, HeldCertificate, Renewal};
use uuid::Uuid;

use crate::access::account::Person;
use crate::access::account::lookup::unseal_person;
use crate::access::account::name_mark::searched_mark;
use crate::access::guard::Allowed;
use crate::infra::db::certificate::CertificateRow;
use crate::infra::db::{self, DbError};
use crate::service::institution::InstitutionError;
use crate::state::AppState;

/// People on one page.
const PAGE: usize = 30;

/// A certificate on the roster.
#[derive(Debug, Clone)]
pub struct RosterCertificate {
    /// The certificate.
    pub held: HeldCertificate,
    /// What is due for it next.
    pub renewal: Renewal,
    /// Its due day.
    pub due_on: NaiveDate,
    /// Whether it can be renewed today.
    pub eligibility: Eligibility,
}

/// A person on the roster.
#[derive(Debug, Clone)]
pub struct RosterPerson {
    /// The account.
    pub account: Uuid,
    /// Name.
    pub name: String,
    /// Number of the document, masked.
    pub number: String,
    /// Certificates in the institution that have not ended, nearest due day first.
    pub certificates: Vec<RosterCertificate>,
}

/// One page of the roster.
pub struct Roster {
    /// The people, nearest due day first.
    pub people: Vec<RosterPerson>,
    /// Where the next page begins.
    pub next: RosterCursor,
}

/// The last person of a page: the due day and the account.
pub type RosterCursor = Option<(NaiveDate, Uuid)>;

/// A day after all due days.
fn last_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or(NaiveDate::MAX)
}

/// The people of an institution whose user the caller is. `name`: the beginning of a name that is searched for; empty for all.
///
/// # Errors
/// [`InstitutionError::NotFound`] for an institution of others.
pub async fn roster(
    app: &AppState,
    who: &Allowed,
    institution: Uuid,
    name: &str,
    cursor: RosterCursor,
) -> Result<Roster, InstitutionError> {
    if !who.caller().institutions.iter().any(|(id, _)| *id == institution) {
        return Err(InstitutionError::NotFound);
    }
    let mark = searched_mark(&app.keys, name);
    let (after, limit) = (cursor.unwrap_or_default(), i64::try_from(PAGE + 1).unwrap_or(i64::MAX));
    let mut tx = app.db.snapshot().await?;
    let rows = db::institution_user::list_people_by_due_day(&mut tx, institution, mark.as_deref(), after, last_day(), limit).await?;
    let next = rows.get(PAGE - 1).filter(|_| rows.len() > PAGE).map(|row| (row.due_on, row.account_id));
    let mut people = Vec::with_capacity(rows.len());
    for row in rows.into_iter().take(PAGE) {
        let certificates = db::certificate::list_of_account(&mut tx, row.account_id).await?;
        let person = unseal_person(app, row.account_id, &row.person_sealed).ok_or_else(|| DbError::Unreadable(Person::COLUMN.into()))?;
        people.push(RosterPerson {
            account: row.account_id,
            name: person.name,
            number: mask_ends(&person.document_number),
            certificates: on_roster(app, certificates, institution),
        });
    }
    tx.finish().await?;
    Ok(Roster { people, next })
}

/// The certificates that belong to the institution and can still be used or renewed.
fn on_roster(app: &AppState, rows: Vec<CertificateRow>, institution: Uuid) -> Vec<RosterCertificate> {
    let (tables, today) = (app.tables(), app.today());
    let of_institution = rows.iter().filter(|row| row.institution_id == Some(institution) && row.superseded_by.is_none());
    let usable = of_institution.map(CertificateRow::held).filter(|held| {
        matches!(held.status_on(today), CertificateStatus::Valid | CertificateStatus::Suspended | CertificateStatus::Expired)
    });
    let line = |held: HeldCertificate| {
        let renewal = Renewal::next_of(&held);
        let (due_on, eligibility) = (renewal.due_on(&held), renewal.eligibility(&held, today, tables.rules.on(today)));
        RosterCertificate { held, renewal, due_on, eligibility }
    };
    let mut lines: Vec<RosterCertificate> = usable.map(line).collect();
    lines.sort_by(|a, b| a.due_on.cmp(&b.due_on).then_with(|| a.held.number.cmp(&b.held.number)));
    lines
}
