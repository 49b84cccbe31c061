//! The world in which answers are judged: what the app knows of whoever asks, and the choices that come of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use domain::base::calendar::day_of;
use domain::engine::form::FormContext;
use domain::kind::annual_confirmation::{choice, choices};
use domain::matter::{ApplicantRecord, MatterContext};
use domain::matter::{Entry, Kind};
use domain::record::certificate::{Held, Upkeep};
use domain::record::exam;
use uuid::Uuid;

use crate::access::guard::Caller;
use crate::infra::db;
use crate::infra::db::{DbError, Tx};
use crate::matter::{Lists, Opened, relations};
use crate::record::certificate;
use crate::state::{AppState, Tables};

/// What the judging of answers must be told, in one hand.
pub struct World {
    tables: Arc<Tables>,
    /// The choices of listed fields.
    pub lists: Lists,
    today: NaiveDate,
    applicant: String,
    record: ApplicantRecord,
    applied: NaiveDate,
}

impl World {
    /// As the domain takes it.
    pub fn context(&self) -> MatterContext<'_> {
        MatterContext {
            form: FormContext {
                today: self.today,
                lists: &self.lists,
                rules: &self.tables.rules,
                applicant: &self.applicant,
                applied: self.applied,
            },
            record: &self.record,
        }
    }

    /// With what the app knows of whoever began a matter, and the day it was first submitted.
    pub(crate) async fn knowing(self, tx: &mut Tx, app: &AppState, row: &db::matter::Row) -> Result<Self, DbError> {
        let applied = row.submitted_at.map_or(self.today, day_of);
        let desk = match domain::kind::by_code(&row.kind).and_then(|k| k.upkeep) {
            Some(_) => relations::desk(tx, row.id).await?,
            None => None,
        };
        Self { applied, ..self }.knowing_of(tx, app, row.owner_id, row.id, desk).await
    }

    /// With what the app knows of an account, beside the matter that is judged; at the desk of an institution, of the certificates of its
    /// people instead.
    pub(crate) async fn knowing_of(
        mut self,
        tx: &mut Tx,
        app: &AppState,
        account: Uuid,
        judged: Uuid,
        desk: Option<Uuid>,
    ) -> Result<Self, DbError> {
        let scores = db::exam::of_account(tx, account).await?;
        let certificates = db::certificate::of_account(tx, account).await?.iter().filter_map(db::certificate::Row::held).collect();
        let valid = exam::lines(&scores, self.applied, &self.tables.rules.on(self.applied));
        self.lists.insert("scores".to_owned(), valid);
        self.record = ApplicantRecord { scores, certificates, ..ApplicantRecord::default() };
        relations::known(tx, &mut self.record, &mut self.lists, self.today, account, judged).await?;
        let mut names = BTreeMap::new();
        match desk {
            None => {
                let asking = db::upkeep::asking(tx, account).await?;
                self.record.renewals_pending =
                    asking.into_iter().filter(|(_, matter, ..)| *matter != judged).map(|(number, ..)| number).collect();
            }
            Some(institution) => {
                if let Some(there) = certificate::renewal::at_desk(tx, app, institution, self.applied).await? {
                    let practices = vec![(there.practice.0.to_string(), there.practice.1)];
                    self.lists.insert("practices".to_owned(), practices);
                    let renewals_pending = db::upkeep::asked_for_at(tx, institution, judged).await?;
                    let (practices, filing_institution) = (vec![institution], Some(institution));
                    self.record = ApplicantRecord {
                        certificates: there.certificates,
                        practices,
                        renewals_pending,
                        filing_institution,
                        ..self.record
                    };
                    names = there.names;
                }
            }
        }
        for upkeep in Upkeep::ALL {
            let choices = choices(upkeep, &self.context()).map(|held| (held.number.clone(), named(upkeep, held, &names))).collect();
            self.lists.insert(upkeep.list().to_owned(), choices);
        }
        Ok(self)
    }
}

/// A certificate among the choices of a form; at a desk with the name of its holder.
fn named(upkeep: Upkeep, held: &Held, names: &BTreeMap<Uuid, String>) -> String {
    let choice = choice(upkeep, held);
    names.get(&held.holder).map_or_else(|| choice.clone(), |name| format!("{name} · {choice}"))
}

/// The world as it is for one applicant.
pub async fn world(app: &AppState, tx: &mut Tx, applicant: &str) -> Result<World, DbError> {
    let bodies = db::institution::active(tx, "certification_body").await?;
    let bodies = bodies.into_iter().map(|i| (i.id.to_string(), i.name)).collect();
    Ok(World {
        tables: app.tables(),
        lists: Lists::from([("certification_bodies".to_owned(), bodies)]),
        today: app.today(),
        applicant: applicant.to_owned(),
        record: ApplicantRecord::default(),
        applied: app.today(),
    })
}

/// The world as it is for the caller, or for whoever began a matter.
pub async fn world_for(app: &AppState, owner: Uuid, caller: &Caller) -> Result<World, DbError> {
    let mut tx = app.db.read().await?;
    if owner == caller.account {
        return world(app, &mut tx, &caller.person.name).await;
    }
    let name = crate::matter::name_of(app, &mut tx, owner).await?;
    world(app, &mut tx, &name).await
}

/// The world in which a matter is judged: with what the app knows of whoever began it.
pub async fn world_of(app: &AppState, opened: &Opened, caller: &Caller) -> Result<World, DbError> {
    let world = world_for(app, opened.row.owner_id, caller).await?;
    let mut tx = app.db.read().await?;
    world.knowing(&mut tx, app, &opened.row).await
}

/// The world in which the caller would be judged today.
pub async fn world_of_caller(app: &AppState, caller: &Caller) -> Result<World, DbError> {
    world_at(app, caller, None).await
}

/// The same at the desk of an institution.
async fn world_at(app: &AppState, caller: &Caller, desk: Option<Uuid>) -> Result<World, DbError> {
    let world = world_for(app, caller.account, caller).await?;
    let mut tx = app.db.read().await?;
    world.knowing_of(&mut tx, app, caller.account, Uuid::nil(), desk).await
}

/// Whether the caller can begin a matter of a kind today.
pub async fn entry(app: &AppState, caller: &Caller, kind: &Kind) -> Result<Entry, DbError> {
    if kind.entry.is_none() {
        return Ok(Entry::Open);
    }
    Ok(kind.entry_for(&world_of_caller(app, caller).await?.context()))
}

/// Whether the caller can begin one today at any of their desks; where not, why not at the first.
pub async fn entry_at_desks(app: &AppState, caller: &Caller, kind: &Kind) -> Result<Entry, DbError> {
    let mut told = Entry::Open;
    for (place, (desk, _)) in caller.desks.iter().enumerate().filter(|_| kind.entry.is_some()) {
        let entry = kind.entry_for(&world_at(app, caller, kind.upkeep.map(|_| *desk)).await?.context());
        if entry == Entry::Open {
            return Ok(entry);
        }
        if place == 0 {
            told = entry;
        }
    }
    Ok(told)
}
