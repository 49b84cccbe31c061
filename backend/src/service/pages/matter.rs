//! The page of one matter, on screen and on paper.

use std::collections::{BTreeMap, BTreeSet};

use domain::engine::flow::{Party, Transition};
use domain::engine::form::Answers;
use domain::engine::form_draft::Subject;
use domain::engine::stage_duration::StageDuration;
use uuid::Uuid;

use crate::access::access_log::Access;
use crate::access::account::Person;
use crate::access::account::lookup::{find_person, person_name};
use crate::access::guard::Allowed;
use crate::infra::db::{self, DbError, Tx};
use crate::matter::context::OwnedMatterContext;
use crate::matter::disputed::{disputed_decision, disputed_matter};
use crate::matter::durations::duration_of;
use crate::matter::load::{load_in_tx, previous_submission};
use crate::matter::{DisputedDecision, LoadedMatter, MatterError, Shown};
use crate::record::certificate::disposition::{amendment_obstacle, lifting_of};
use crate::record::form_draft::{OpenDrafts, drafts_in_tx, state_of};
use crate::service::certificate::print::printable::{issues_certificates, missing_letters};
use crate::service::message::delivery::{DeliveryRecord, deliveries_in_tx};
use crate::service::payment::view::{MatterPayment, payment_of_matter};
use crate::state::AppState;
use crate::workflow::assignee::{TaskAssignee, task_assignee};
use crate::workflow::identity_disclosure::{DisclosureRecord, list_disclosures};

/// The page of one matter.
pub struct MatterPage {
    /// The matter.
    pub matter: LoadedMatter,
    /// The context its answers are shown in.
    pub context: OwnedMatterContext,
    /// The applicant and the institutions.
    pub parties: MatterParties,
    /// Names of the people who acted, by account.
    pub actors: BTreeMap<Uuid, String>,
    /// Number of the certificate issued for it, as far as the caller may see it.
    pub certificate: Option<String>,
    /// Usual duration of its present stage.
    pub duration: Option<StageDuration>,
    /// Messages about it, as far as the caller may see them.
    pub deliveries: Vec<DeliveryRecord>,
    /// The decision it disputes.
    pub disputed: Option<DisputedDecision>,
    /// What granting the open appeal would do to the certificate, for the association.
    pub consequence: Option<String>,
    /// The answers of the submission before the last one, for reviewers.
    pub previous: Option<Answers>,
    /// Characters that the certificate it asks for cannot show, in quotation marks; usually empty.
    pub missing_letters: String,
    /// Names of the people excluded from it, for the association.
    pub excluded: Vec<String>,
    /// Its fee; none for experts, from whom the payer is hidden.
    pub payment: Option<MatterPayment>,
    /// The caller's form drafts about it.
    pub drafts: OpenDrafts,
    /// Who of the association has taken its open task, for the association.
    pub assignee: Option<TaskAssignee>,
    /// Who read the applicant's document number in full, for administrators.
    pub disclosures: Vec<DisclosureRecord>,
    /// What the answers ask of the caller as a participant: label and text.
    pub own_part: Vec<(&'static str, String)>,
}

/// The applicant of a matter and its institutions. Empty for a caller from whom the applicant is hidden.
#[derive(Default)]
pub struct MatterParties {
    /// The applicant.
    pub applicant: Option<Person>,
    /// Label of the relation, and name of the institution.
    pub institutions: Vec<(&'static str, String)>,
}

/// A matter on paper.
pub struct PrintPage {
    /// The matter.
    pub matter: LoadedMatter,
    /// The context its answers are shown in.
    pub context: OwnedMatterContext,
    /// The applicant and the institutions.
    pub parties: MatterParties,
    /// Names of the people who acted, by account.
    pub actors: BTreeMap<Uuid, String>,
}

/// Reads the page of a matter.
///
/// # Errors
/// [`MatterError::NotFound`] if the caller is no party to it.
pub async fn matter_page(app: &AppState, who: &Allowed, id: Uuid) -> Result<MatterPage, MatterError> {
    let mut tx = app.db.snapshot().await?;
    let page = read_matter_page(&mut tx, app, who, id).await;
    tx.finish().await?;
    let mut page = page?;
    page.missing_letters = letters_missing_on_certificate(app, &page).await;
    Ok(page)
}

/// Characters that the certificate of an open matter cannot show, for its applicant and the association.
async fn letters_missing_on_certificate(app: &AppState, page: &MatterPage) -> String {
    let concerns = page.matter.is_own() || page.matter.actor.parties.iter().any(|party| matches!(party, Party::Association(_)));
    let is_open = page.matter.stage().is_some_and(|stage| !stage.closed());
    if !concerns || !is_open || !issues_certificates(page.matter.kind) {
        return String::new();
    }
    let institutions = page.parties.institutions.iter().map(|(_, name)| name.as_str());
    let texts: Vec<&str> = page.parties.applicant.iter().map(|person| person.name.as_str()).chain(institutions).collect();
    missing_letters(app, &texts).await
}

async fn read_matter_page(tx: &mut Tx, app: &AppState, who: &Allowed, id: Uuid) -> Result<MatterPage, MatterError> {
    let matter = load_in_tx(tx, app, who.caller(), id).await?;
    matter.record_reading(app, Access::CaseOpened, "");
    let previous = if matter.is_own() { None } else { previous_submission(tx, app, &matter).await? };
    let drawn = matter.open_transitions().into_iter().filter_map(Transition::form);
    let shown = Shown::forms(drawn).with_answers(previous.as_ref());
    Ok(MatterPage {
        context: OwnedMatterContext::for_matter(tx, app, &matter, shown).await?,
        parties: read_parties(tx, app, &matter).await?,
        actors: read_actors(tx, app, &matter).await?,
        certificate: read_certificate(tx, &matter).await?,
        duration: duration_of(tx, app, &matter).await?,
        deliveries: deliveries_in_tx(tx, app, &matter).await?,
        disputed: disputed_decision(tx, &app.keys, &matter).await?,
        consequence: read_consequence(tx, app, &matter).await?,
        previous,
        missing_letters: String::new(),
        excluded: read_excluded(tx, app, &matter).await?,
        payment: if matter.is_party(Party::Expert) { None } else { payment_of_matter(tx, app, &matter).await? },
        drafts: drafts_in_tx(tx, app, matter.actor.account, matter.id, Subject::Matter, state_of(&matter)).await?,
        assignee: task_assignee(tx, app, &matter).await?,
        disclosures: list_disclosures(tx, app, who.caller(), &matter).await?,
        own_part: read_own_part(tx, &matter).await?,
        matter,
    })
}

/// What the answers ask of the caller, who is a participant.
async fn read_own_part(tx: &mut Tx, matter: &LoadedMatter) -> Result<Vec<(&'static str, String)>, DbError> {
    if !matter.is_party(Party::Participant) {
        return Ok(Vec::new());
    }
    let named = db::participant::list(tx, matter.id).await?;
    let own = named.into_iter().filter(|(account, _)| *account == matter.actor.account);
    Ok(own.flat_map(|(_, path)| (matter.kind.part_of_participant)(&matter.answers, &path)).collect())
}

/// Reads a matter to be printed.
///
/// # Errors
/// [`MatterError::NotFound`] if the caller is no party to it.
pub async fn print_page(app: &AppState, who: &Allowed, id: Uuid) -> Result<PrintPage, MatterError> {
    let mut tx = app.db.snapshot().await?;
    let page = read_print_page(&mut tx, app, who, id).await;
    tx.finish().await?;
    page
}

async fn read_print_page(tx: &mut Tx, app: &AppState, who: &Allowed, id: Uuid) -> Result<PrintPage, MatterError> {
    let matter = load_in_tx(tx, app, who.caller(), id).await?;
    matter.record_reading(app, Access::CasePrinted, "");
    let context = OwnedMatterContext::for_matter(tx, app, &matter, Shown::answers()).await?;
    let parties = read_parties(tx, app, &matter).await?;
    let actors = read_actors(tx, app, &matter).await?;
    Ok(PrintPage { matter, context, parties, actors })
}

async fn read_parties(tx: &mut Tx, app: &AppState, matter: &LoadedMatter) -> Result<MatterParties, DbError> {
    if matter.is_anonymous() {
        return Ok(MatterParties::default());
    }
    let applicant = find_person(app, tx, matter.owner).await?;
    let mut institutions = Vec::new();
    for (relation, id) in &matter.institutions {
        institutions.extend(db::institution::by_id(tx, *id).await?.map(|i| (relation.label(), i.name)));
    }
    Ok(MatterParties { applicant, institutions })
}

/// The certificate issued for a matter; `None` for a reader from whom the applicant is hidden, since its number leads to the applicant.
async fn read_certificate(tx: &mut Tx, matter: &LoadedMatter) -> Result<Option<String>, DbError> {
    match matter.is_anonymous() {
        true => Ok(None),
        false => Ok(db::certificate::by_matter(tx, matter.id).await?.map(|row| row.number)),
    }
}

/// What granting an open appeal would do today to the certificate under the disputed measure, and why the measure cannot be changed.
async fn read_consequence(tx: &mut Tx, app: &AppState, matter: &LoadedMatter) -> Result<Option<String>, DbError> {
    let decides = matter.actor.parties.iter().any(|party| matches!(party, Party::Association(_)));
    let is_open = matter.stage().is_some_and(|stage| !stage.closed());
    if !decides || !is_open {
        return Ok(None);
    }
    let Some(disputed) = disputed_matter(tx, matter).await? else { return Ok(None) };
    let lifting = lifting_of(tx, disputed, app.today()).await?;
    let obstacle = amendment_obstacle(tx, disputed, app.today()).await?.map(|reason| format!("。不能变更原决定：{reason}"));
    Ok(lifting.map(|(lifting, row)| lifting.text(app.today(), row.valid_until) + &obstacle.unwrap_or_default()))
}

/// Names that the association excluded, and those of the accounts that are excluded by now. Other parties do not read them.
async fn read_excluded(tx: &mut Tx, app: &AppState, matter: &LoadedMatter) -> Result<Vec<String>, DbError> {
    if !matter.actor.parties.iter().any(|party| matches!(party, Party::Association(_))) {
        return Ok(Vec::new());
    }
    let mut names: BTreeSet<String> = matter.state.excluded_names.iter().cloned().collect();
    for account in &matter.excluded {
        names.insert(person_name(app, tx, *account).await?);
    }
    Ok(names.into_iter().collect())
}

async fn read_actors(tx: &mut Tx, app: &AppState, matter: &LoadedMatter) -> Result<BTreeMap<Uuid, String>, DbError> {
    let accounts: BTreeSet<Uuid> = matter.events.iter().filter_map(|e| e.by).collect();
    let mut names = BTreeMap::new();
    for account in accounts {
        names.insert(account, person_name(app, tx, account).await?);
    }
    Ok(names)
}
