//! Certification bodies as options. There are more than a thousand: all are read only for a form that offers them.

use std::collections::BTreeSet;

use domain::engine::flow::EventKind;
use domain::engine::form::{Answers, Field, Form, Value};
use domain::matter::audit_experience::{BODY_NAMES, OTHER_BODY_CODE};
use domain::matter::{CERTIFICATION_BODIES, Need, RECOMMENDING_INSTITUTIONS};
use uuid::Uuid;

use crate::infra::db::institution::{InstitutionKind, InstitutionRow};
use crate::infra::db::{self, DbError, Tx};
use crate::matter::LoadedMatter;
use crate::matter::source::contents::{Contents, Request};

const KIND: InstitutionKind = InstitutionKind::CertificationBody;

/// Reads every active body, or those that the answers name.
pub(super) async fn read(tx: &mut Tx, request: &Request<'_>, contents: &mut Contents) -> Result<(), DbError> {
    let rows = match request.shown.draws(Need::Institutions.lists()) {
        true => db::institution::list_active(tx, KIND).await?,
        false => list_named(tx, request).await?,
    };
    let bodies: Vec<(String, String)> = rows.iter().map(|row| (row.id.to_string(), row.name.clone())).collect();
    let names = rows.into_iter().map(|row| (row.name.clone(), row.name)).chain([other_body()]);
    contents.list(BODY_NAMES, names.collect());
    contents.list(RECOMMENDING_INSTITUTIONS, bodies.clone());
    contents.list(CERTIFICATION_BODIES, bodies);
    Ok(())
}

/// The option for a body that is not listed. The code of every other one is its name.
pub(crate) fn other_body() -> (String, String) {
    (OTHER_BODY_CODE.to_owned(), "其他".to_owned())
}

async fn list_named(tx: &mut Tx, request: &Request<'_>) -> Result<Vec<InstitutionRow>, DbError> {
    let mut codes = BTreeSet::new();
    if let Some(matter) = request.matter {
        for (form, answers) in answers_of(matter, request.shown.answers) {
            codes.extend(named(form, answers));
        }
    }
    codes.remove(OTHER_BODY_CODE);
    let ids: Vec<Uuid> = codes.iter().filter_map(|code| Uuid::parse_str(code).ok()).collect();
    let names: Vec<&str> = codes.into_iter().filter(|code| Uuid::parse_str(code).is_err()).collect();
    db::institution::list_active_among(tx, KIND, &ids, &names).await
}

/// The answers that can be shown of a matter, each with its form: those it has now, those submitted last, others beside them, and those that
/// came with commands.
fn answers_of<'a>(matter: &'a LoadedMatter, other: Option<&'a Answers>) -> Vec<(&'static Form, &'a Answers)> {
    let own = [Some(&matter.answers), matter.accepted.as_ref(), other];
    let own = own.into_iter().flatten().map(|answers| (matter.kind.form, answers));
    let of_commands = matter.events.iter().filter_map(|event| match &event.kind {
        EventKind::Transitioned { from: stage, command, answers, .. } | EventKind::Voted { stage, command, answers, .. } => {
            Some((matter.kind.flow.stage(stage)?.form_of(command)?, answers))
        }
        _ => None,
    });
    own.chain(of_commands).collect()
}

/// The codes of certification bodies in answers: ids, and names.
fn named<'a>(form: &'static Form, answers: &'a Answers) -> Vec<&'a str> {
    let lists = Need::Institutions.lists();
    let names_body = |field: &&'static Field| field.option_list().is_some_and(|list| lists.contains(&list));
    let mut codes: Vec<&str> = Vec::new();
    for step in form.steps {
        let fields = step.fields().filter(names_body).filter_map(|field| answers.fields.get(field.name));
        codes.extend(fields.map(Value::text));
        for list in step.records() {
            for record in answers.records(list.name) {
                let fields = list.fields.iter().filter(names_body).filter_map(|field| record.fields.get(field.name));
                codes.extend(fields.map(Value::text));
            }
        }
    }
    codes.retain(|code| !code.is_empty());
    codes
}
