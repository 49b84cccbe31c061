//! The context in which answers are checked: rules, option lists, and the record of the applicant.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use domain::base::calendar::day_of;
use domain::engine::flow::NONCONFORMITIES;
use domain::engine::form::{Fields, FormContext, Step};
use domain::matter::audit_experience::{BODY_NAMES, OTHER_BODY_CODE};
use domain::matter::renewal::{option_label, renewable_certificates};
use domain::matter::{ApplicantRecord, Availability, DOCUMENT_TYPE_FACT, Kind, MatterContext};
use domain::record::certificate::{HeldCertificate, Renewal};
use uuid::Uuid;

use crate::access::account::Person;
use crate::access::account::former_identity::{FormerIdentity, list_past_changes};
use crate::access::account::lookup::{find_person, person_name};
use crate::access::guard::Caller;
use crate::access::owner::Owner;
use crate::infra::db::institution::InstitutionKind;
use crate::infra::db::{self, DbError, Tx};
use crate::matter::applicant_record::{Lists, RECOMMENDING, read_record};
use crate::matter::institution_certificates::institution_certificates;
use crate::matter::institution_people::{INSTITUTION_PEOPLE, institution_people};
use crate::matter::loaded::LoadedMatter;
use crate::state::{AppState, Tables};

/// Displayed data: the registered identity.
const IDENTITY: &str = "identity";

/// List of the certification bodies.
const BODIES: &str = "certification_bodies";

/// A [`MatterContext`] that owns what it refers to.
pub struct OwnedMatterContext {
    tables: Arc<Tables>,
    /// The options of listed fields.
    pub lists: Lists,
    today: NaiveDate,
    applicant: String,
    former_names: Vec<String>,
    facts: Fields,
    record: ApplicantRecord,
    applied: NaiveDate,
}

impl OwnedMatterContext {
    /// As the domain takes it.
    pub fn as_context(&self) -> MatterContext<'_> {
        MatterContext {
            form: FormContext {
                today: self.today,
                lists: &self.lists,
                rules: &self.tables.rules,
                applicant: &self.applicant,
                former_names: &self.former_names,
                facts: &self.facts,
                applied_on: self.applied,
            },
            record: &self.record,
        }
    }

    /// The context without a record of the applicant: enough to show a form.
    pub(crate) async fn without_record(tx: &mut Tx, app: &AppState, applicant: String) -> Result<Self, DbError> {
        let bodies = db::institution::list_active(tx, InstitutionKind::CertificationBody).await?;
        let bodies: Vec<(String, String)> = bodies.into_iter().map(|i| (i.id.to_string(), i.name)).collect();
        let mut names: Vec<(String, String)> = bodies.iter().map(|(_, name)| (name.clone(), name.clone())).collect();
        names.push((OTHER_BODY_CODE.to_owned(), "其他".to_owned()));
        let lists = [(BODIES, bodies.clone()), (RECOMMENDING, bodies), (BODY_NAMES, names)];
        let lists = lists.map(|(name, options)| (name.to_owned(), options)).into_iter();
        #[cfg(any(test, feature = "testing"))]
        let lists = lists.chain(domain::kind::trial::lists());
        Ok(Self {
            tables: app.tables(),
            lists: lists.collect(),
            today: app.today(),
            applicant,
            former_names: Vec::new(),
            facts: Fields::new(),
            record: ApplicantRecord::default(),
            applied: app.today(),
        })
    }

    /// The context of a matter: the record of its applicant as of its first submission, or of today.
    pub(crate) async fn for_matter(tx: &mut Tx, app: &AppState, matter: &LoadedMatter) -> Result<Self, DbError> {
        let person = find_person(app, tx, matter.owner).await?;
        let name = person.as_ref().map_or_else(String::new, |person| person.name.clone());
        let mut context = Self::without_record(tx, app, name).await?;
        context.applied = matter.submitted_at.map_or(context.today, day_of);
        let signed_on = if matter.is_editable() { context.today } else { context.applied };
        context.lists.insert("signed_on".to_owned(), vec![("签署日期".to_owned(), signed_on.to_string())]);
        let institution = matter.kind.renewal.and(matter.filing_institution());
        let findings = matter.kind.nonconformities.iter().map(|n| (n.code.to_owned(), n.text.to_owned()));
        context.lists.insert(NONCONFORMITIES.to_owned(), findings.collect());
        let whose = (matter.owner, matter.belongs_to());
        let mut context = context.read_record(tx, app, whose, matter.id, institution).await?;
        context.keep_named_institution(matter);
        context.read_people(tx, app, matter).await?;
        context.read_identity(tx, app, matter, person.as_ref()).await?;
        if matter.is_anonymous() {
            context.hide_identities(matter);
        }
        Ok(context)
    }

    /// Keeps an institution that the matter named before its applicant practised in another, so that its name can still be shown.
    fn keep_named_institution(&mut self, matter: &LoadedMatter) {
        let named = (matter.kind.institution)(&matter.answers).map(|id| id.to_string());
        let option = |list: &Vec<(String, String)>| list.iter().find(|(code, _)| Some(code) == named.as_ref()).cloned();
        if let Some(kept) = self.lists.get(BODIES).and_then(option)
            && let Some(offered) = self.lists.get_mut(RECOMMENDING).filter(|offered| !offered.contains(&kept))
        {
            offered.push(kept);
        }
    }

    /// Adds the people of the institution that the matter belongs to, for a form that asks for some of them. Those named stay after they left.
    async fn read_people(&mut self, tx: &mut Tx, app: &AppState, matter: &LoadedMatter) -> Result<(), DbError> {
        let (Some(named), Some(institution)) = (matter.kind.participants, matter.filing_institution()) else { return Ok(()) };
        let mut people = institution_people(tx, app, institution).await?;
        for person in named(&matter.answers) {
            let code = person.account.to_string();
            if matter.submitted_at.is_some() && people.iter().all(|(known, _)| *known != code) {
                people.push((code, person_name(app, tx, person.account).await?));
            }
        }
        self.lists.insert(INSTITUTION_PEOPLE.to_owned(), people);
        Ok(())
    }

    /// Adds the names borne since the first submission and, for a kind that changes it, the registered identity; where it has been
    /// changed by this matter or after its submission, the identity before.
    async fn read_identity(&mut self, tx: &mut Tx, app: &AppState, matter: &LoadedMatter, person: Option<&Person>) -> Result<(), DbError> {
        let Some(submitted) = matter.submitted_at else {
            self.set_identity(matter.kind, person.map(FormerIdentity::from));
            return Ok(());
        };
        let changes = list_past_changes(tx, &app.keys, matter.owner).await?;
        let own = changes.iter().find(|change| change.matter == matter.id);
        let before = own.or_else(|| changes.iter().find(|change| change.changed_at > submitted));
        let identity = before.map(|change| change.before.clone()).or_else(|| person.map(FormerIdentity::from));
        self.set_identity(matter.kind, identity);
        self.former_names = changes.into_iter().filter(|change| change.changed_at >= submitted).map(|change| change.before.name).collect();
        Ok(())
    }

    fn set_identity(&mut self, kind: &Kind, identity: Option<FormerIdentity>) {
        let Some(identity) = identity else { return };
        self.facts.insert(DOCUMENT_TYPE_FACT.to_owned(), identity.document_type.as_str().into());
        if kind.form.steps.iter().flat_map(Step::displays).any(|display| display.name == IDENTITY) {
            self.lists.insert(IDENTITY.to_owned(), identity.lines());
        }
        if kind.identity.is_some() {
            self.record.identity = identity.registered();
        }
    }

    /// Removes what identifies the applicant, for a reader from whom the applicant is hidden.
    fn hide_identities(&mut self, matter: &LoadedMatter) {
        self.applicant.clear();
        self.former_names.clear();
        self.facts.clear();
        self.lists.remove(IDENTITY);
        for (_, label) in self.lists.values_mut().flatten() {
            *label = matter.redact(label);
        }
    }

    /// The context of a matter the caller would begin today for themselves.
    pub(crate) async fn for_applicant(tx: &mut Tx, app: &AppState, caller: &Caller) -> Result<Self, DbError> {
        let context = Self::without_record(tx, app, caller.person.name.clone()).await?;
        context.read_record(tx, app, (caller.account, Owner::Person(caller.account)), Uuid::nil(), None).await
    }

    /// The context of a matter of a kind that the caller would begin today on behalf of an institution.
    pub(crate) async fn for_institution(
        tx: &mut Tx,
        app: &AppState,
        caller: &Caller,
        kind: &Kind,
        institution: Uuid,
    ) -> Result<Self, DbError> {
        let context = Self::without_record(tx, app, caller.person.name.clone()).await?;
        let whose = (caller.account, Owner::Institution(institution));
        context.read_record(tx, app, whose, Uuid::nil(), kind.renewal.and(Some(institution))).await
    }

    /// Adds the record of an account and the matters of an owner, without the matter that is checked. If an institution files the matter, the certificates are those
    /// of its people.
    async fn read_record(
        mut self,
        tx: &mut Tx,
        app: &AppState,
        whose: (Uuid, Owner),
        checked: Uuid,
        institution: Option<Uuid>,
    ) -> Result<Self, DbError> {
        let days = (self.today, self.applied);
        self.record = read_record(tx, &mut self.lists, &self.tables.rules, days, whose, checked).await?;
        let mut holders = BTreeMap::new();
        if let Some(institution) = institution {
            holders = self.use_certificates_of(tx, app, institution, checked).await?;
        }
        for renewal in Renewal::ALL {
            let context = self.as_context();
            let certificates = renewable_certificates(renewal, &context);
            let options = certificates.map(|held| (held.number.clone(), certificate_label(renewal, held, &holders))).collect();
            self.lists.insert(renewal.option_list().to_owned(), options);
        }
        Ok(self)
    }

    /// Replaces the certificates and practices by those of an institution's people; returns the names of the holders.
    async fn use_certificates_of(
        &mut self,
        tx: &mut Tx,
        app: &AppState,
        institution: Uuid,
        checked: Uuid,
    ) -> Result<BTreeMap<Uuid, String>, DbError> {
        let Some(read) = institution_certificates(tx, &app.keys, &self.tables.rules, institution, self.applied).await? else {
            return Ok(BTreeMap::new());
        };
        self.lists.insert("practices".to_owned(), vec![(institution.to_string(), read.name)]);
        self.record.certificates = read.certificates;
        self.record.practices = vec![institution];
        self.record.renewals_pending = db::renewal::list_requested_numbers(tx, institution, checked).await?;
        self.record.filing_institution = Some(institution);
        Ok(read.holders)
    }
}

/// A certificate among the options of a form, with the name of its holder where an institution chooses.
fn certificate_label(renewal: Renewal, held: &HeldCertificate, holders: &BTreeMap<Uuid, String>) -> String {
    let label = option_label(renewal, held);
    holders.get(&held.holder).map_or_else(|| label.clone(), |name| format!("{name} · {label}"))
}

/// The context of a form without the applicant's record, for the owner of a matter.
pub async fn form_context(app: &AppState, owner: Uuid, caller: &Caller) -> Result<OwnedMatterContext, DbError> {
    let mut tx = app.db.read().await?;
    let name = if owner == caller.account { caller.person.name.clone() } else { person_name(app, &mut tx, owner).await? };
    OwnedMatterContext::without_record(&mut tx, app, name).await
}

/// The context of a matter, read on a separate connection.
pub async fn matter_context(app: &AppState, matter: &LoadedMatter) -> Result<OwnedMatterContext, DbError> {
    let mut tx = app.db.read().await?;
    OwnedMatterContext::for_matter(&mut tx, app, matter).await
}

/// The context of an applicant, read on a separate connection.
pub async fn applicant_context(app: &AppState, caller: &Caller) -> Result<OwnedMatterContext, DbError> {
    let mut tx = app.db.read().await?;
    OwnedMatterContext::for_applicant(&mut tx, app, caller).await
}

/// Whether the caller can begin a matter of a kind today, for themselves or on behalf of an institution.
pub(crate) async fn availability_in_tx(
    tx: &mut Tx,
    app: &AppState,
    caller: &Caller,
    kind: &Kind,
    institution: Option<Uuid>,
) -> Result<Availability, DbError> {
    if kind.availability.is_none() {
        return Ok(Availability::Open);
    }
    let context = match institution {
        Some(institution) => OwnedMatterContext::for_institution(tx, app, caller, kind, institution).await?,
        None => OwnedMatterContext::for_applicant(tx, app, caller).await?,
    };
    Ok(kind.availability_for(&context.as_context()))
}

/// Whether the caller can begin a matter of a kind today.
pub async fn availability(app: &AppState, caller: &Caller, kind: &Kind) -> Result<Availability, DbError> {
    let mut tx = app.db.read().await?;
    availability_in_tx(&mut tx, app, caller, kind, None).await
}

/// Whether the caller can begin a matter of a kind today for any of their institutions; if not, the reason at the first.
pub async fn institution_availability(app: &AppState, caller: &Caller, kind: &Kind) -> Result<Availability, DbError> {
    let mut tx = app.db.read().await?;
    let mut first = None;
    for (institution, _) in &caller.institutions {
        match availability_in_tx(&mut tx, app, caller, kind, Some(*institution)).await? {
            Availability::Open => return Ok(Availability::Open),
            closed => first = first.or(Some(closed)),
        }
    }
    Ok(first.unwrap_or(Availability::Open))
}
