//! The context in which answers are checked: rules, option lists, and the record of the applicant, as far as the kind needs them.

use std::sync::Arc;

use chrono::NaiveDate;
use domain::base::calendar::day_of;
use domain::engine::flow::NONCONFORMITIES;
use domain::engine::form::{FormContext, RecordList};
use domain::matter::audit_experience::BODY_NAMES;
use domain::matter::{Availability, IDENTITY, Kind, MatterContext, Need, SIGNED_ON};
use domain::record::account::RegisteredIdentity;
use uuid::Uuid;

use crate::access::account::lookup::find_person;
use crate::access::guard::Caller;
use crate::access::owner::Owner;
use crate::infra::db::{DbError, Tx};
use crate::matter::loaded::LoadedMatter;
use crate::matter::source::{self, Contents, Lists, Request, Shown, other_body};
use crate::state::{AppState, Tables};

/// A [`MatterContext`] that owns what it refers to.
pub struct OwnedMatterContext {
    tables: Arc<Tables>,
    contents: Contents,
    needs: &'static [Need],
    today: NaiveDate,
    applicant: String,
    applied: NaiveDate,
}

/// Who begins a matter of a kind: a person, or a person for an institution.
#[derive(Clone, Copy)]
struct Beginner<'a> {
    caller: &'a Caller,
    institution: Option<Uuid>,
}

impl OwnedMatterContext {
    /// As the domain takes it.
    pub fn as_context(&self) -> MatterContext<'_> {
        let form = FormContext {
            today: self.today,
            lists: &self.contents.lists,
            rules: &self.tables.rules,
            applicant: &self.applicant,
            former_names: &self.contents.former_names,
            facts: &self.contents.facts,
            applied_on: self.applied,
        };
        MatterContext::new(form, &self.contents.record, self.needs)
    }

    /// The options of listed fields, and displayed data.
    pub fn lists(&self) -> &Lists {
        &self.contents.lists
    }

    /// The context without a record of the applicant: enough to show a form that lists no record. Certification bodies are shown by their
    /// names, and not offered.
    pub(crate) fn without_record(app: &AppState, applicant: String) -> Self {
        let (tables, today) = (app.tables(), app.today());
        let mut contents = Contents::default();
        contents.list(BODY_NAMES, vec![other_body()]);
        #[cfg(any(test, feature = "testing"))]
        contents.lists.extend(domain::kind::trial::lists());
        Self { tables, contents, needs: &[], today, applicant, applied: today }
    }

    /// The context of a matter: the record of its applicant as of its first submission, or of today.
    pub(crate) async fn for_matter(tx: &mut Tx, app: &AppState, matter: &LoadedMatter, shown: Shown<'_>) -> Result<Self, DbError> {
        Self::with_needs(tx, app, matter, shown, matter.kind.needs).await
    }

    /// The context of a matter, with these parts of the record.
    pub(crate) async fn with_needs(
        tx: &mut Tx,
        app: &AppState,
        matter: &LoadedMatter,
        shown: Shown<'_>,
        needs: &'static [Need],
    ) -> Result<Self, DbError> {
        let person = find_person(app, tx, matter.owner).await?;
        let mut context = Self::without_record(app, person.as_ref().map_or_else(String::new, |person| person.name.clone()));
        context.applied = matter.submitted_at.map_or(context.today, day_of);
        let signed_on = if matter.is_editable() { context.today } else { context.applied };
        context.contents.list(SIGNED_ON, vec![("签署日期".to_owned(), signed_on.to_string())]);
        let findings = matter.kind.nonconformities.iter().map(|n| (n.code.to_owned(), n.text.to_owned()));
        context.contents.list(NONCONFORMITIES, findings.collect());
        let renewing = matter.kind.renewal.and(matter.filing_institution());
        let request = Request {
            account: matter.owner,
            person: person.as_ref(),
            owner: matter.belongs_to(),
            renewing,
            matter: Some(matter),
            shown: &shown,
            app,
            tables: &context.tables.clone(),
            today: context.today,
            applied: context.applied,
        };
        source::read(tx, &request, needs, &mut context.contents).await?;
        context.needs = needs;
        if matter.is_anonymous() {
            context.hide_identities(matter);
        }
        Ok(context)
    }

    /// Removes what identifies the applicant, for a reader from whom the applicant is hidden.
    fn hide_identities(&mut self, matter: &LoadedMatter) {
        self.applicant.clear();
        self.contents.former_names.clear();
        self.contents.facts.clear();
        self.contents.lists.remove(IDENTITY);
        self.contents.record.identity = RegisteredIdentity::default();
        for (_, label) in self.contents.lists.values_mut().flatten() {
            *label = matter.redact(label);
        }
    }

    /// The context of a matter of a kind that a caller would begin today.
    async fn for_beginner(
        tx: &mut Tx,
        app: &AppState,
        beginner: Beginner<'_>,
        needs: &'static [Need],
        renews: bool,
        shown: Shown<'_>,
    ) -> Result<Self, DbError> {
        let Beginner { caller, institution } = beginner;
        let mut context = Self::without_record(app, caller.person.name.clone());
        let request = Request {
            account: caller.account,
            person: Some(&caller.person),
            owner: Owner::new(caller.account, institution),
            renewing: institution.filter(|_| renews),
            matter: None,
            shown: &shown,
            app,
            tables: &context.tables.clone(),
            today: context.today,
            applied: context.applied,
        };
        source::read(tx, &request, needs, &mut context.contents).await?;
        context.needs = needs;
        Ok(context)
    }

    /// The context of a matter of a kind that the caller would begin today for themselves. It offers no certification bodies.
    pub(crate) async fn for_applicant(tx: &mut Tx, app: &AppState, caller: &Caller, kind: &Kind) -> Result<Self, DbError> {
        let beginner = Beginner { caller, institution: None };
        Self::for_beginner(tx, app, beginner, kind.needs, kind.renewal.is_some(), Shown::answers()).await
    }

    /// The context in which records of the caller's library are filled in.
    pub(crate) async fn for_library(tx: &mut Tx, app: &AppState, caller: &Caller, list: &'static RecordList) -> Result<Self, DbError> {
        let beginner = Beginner { caller, institution: None };
        Self::for_beginner(tx, app, beginner, &[Need::Institutions], false, Shown::fields(list.fields)).await
    }
}

/// The context of a matter, read on a separate connection.
pub async fn matter_context(app: &AppState, matter: &LoadedMatter, shown: Shown<'_>) -> Result<OwnedMatterContext, DbError> {
    let mut tx = app.db.read().await?;
    OwnedMatterContext::for_matter(&mut tx, app, matter, shown).await
}

/// What any kind needs before there is a matter. A device stores the lists of this context, so the registered identity is not among them.
const OF_APPLICANT: &[Need] = &[
    Need::Institutions,
    Need::Scores,
    Need::Certificates,
    Need::Practices,
    Need::Matters,
    Need::Transfer,
    Need::Renewals,
    Need::CourseCategories,
    Need::Filing,
    Need::Plans,
];

/// The context of an applicant with what any kind needs, and every option, read on a separate connection.
pub async fn applicant_context(app: &AppState, caller: &Caller) -> Result<OwnedMatterContext, DbError> {
    let mut tx = app.db.read().await?;
    let beginner = Beginner { caller, institution: None };
    OwnedMatterContext::for_beginner(&mut tx, app, beginner, OF_APPLICANT, false, Shown::everything()).await
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
    let beginner = Beginner { caller, institution };
    let context = OwnedMatterContext::for_beginner(tx, app, beginner, kind.needs, kind.renewal.is_some(), Shown::answers()).await?;
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
