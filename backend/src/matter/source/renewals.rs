//! Open renewals, and the certificates that can be renewed.

use std::collections::BTreeMap;

use domain::engine::form::{Fields, FormContext};
use domain::matter::renewal::{option_label, renewable_certificates};
use domain::matter::{MatterContext, Need};
use domain::record::certificate::{HeldCertificate, Renewal};
use uuid::Uuid;

use crate::infra::db::{self, DbError, Tx};
use crate::matter::source::contents::{Contents, Request};

/// Reads the numbers of the certificates that open renewals name, and lists the others that can be renewed now.
pub(super) async fn read(tx: &mut Tx, request: &Request<'_>, contents: &mut Contents) -> Result<(), DbError> {
    let checked = request.checked();
    contents.record.renewals_pending = match request.renewing {
        Some(institution) => db::renewal::list_requested_numbers(tx, institution, checked).await?,
        None => {
            let open = db::renewal::list_open_renewals(tx, request.account).await?;
            open.into_iter().filter(|renewal| renewal.matter_id != checked).map(|renewal| renewal.number).collect()
        }
    };
    for renewal in Renewal::ALL {
        let options = options(renewal, request, contents);
        contents.list(renewal.option_list(), options);
    }
    Ok(())
}

fn options(renewal: Renewal, request: &Request<'_>, contents: &Contents) -> Vec<(String, String)> {
    let form = FormContext {
        today: request.today,
        lists: &contents.lists,
        rules: &request.tables.rules,
        applicant: "",
        former_names: &[],
        facts: &Fields::new(),
        applied_on: request.applied,
    };
    let context = MatterContext::new(form, &contents.record, &[Need::Certificates, Need::Renewals]);
    let option = |held: &HeldCertificate| (held.number.clone(), label(renewal, held, &contents.holders));
    renewable_certificates(renewal, &context).map(option).collect()
}

/// A certificate among the options of a form, with the name of its holder where an institution chooses.
fn label(renewal: Renewal, held: &HeldCertificate, holders: &BTreeMap<Uuid, String>) -> String {
    let label = option_label(renewal, held);
    holders.get(&held.holder).map_or_else(|| label.clone(), |name| format!("{name} · {label}"))
}
