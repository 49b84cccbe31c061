//! What has the credit code of the institution that the answers register.

use domain::base::identity::CreditCode;
use domain::engine::form::{Answers, Field, Form, TextFormat, Widget};
use domain::record::institution::CreditCodeHolder;

use crate::infra::db::{self, DbError, Tx};
use crate::matter::source::contents::{Contents, Request};

/// Looks the code up among the institutions and among the open matters, other than this one, that claim it.
pub(super) async fn read(tx: &mut Tx, request: &Request<'_>, contents: &mut Contents) -> Result<(), DbError> {
    let Some(matter) = request.matter else { return Ok(()) };
    // Whoever has registered it is no other holder.
    let Some(code) = credit_code(matter.kind.form, &matter.answers).filter(|_| matter.closed_at.is_none()) else { return Ok(()) };
    contents.record.credit_code_holder = match db::institution::by_credit_code(tx, code.as_str()).await? {
        Some(_) => Some(CreditCodeHolder::Institution),
        None => is_claimed(tx, request).await?.then_some(CreditCodeHolder::Matter),
    };
    Ok(())
}

/// The credit code among the answers, which need not be complete.
fn credit_code(form: &Form, answers: &Answers) -> Option<CreditCode> {
    let is_code = |field: &&Field| matches!(field.widget, Widget::Line(_, TextFormat::CreditCode));
    let field = form.fields().map(|(_, field)| field).find(is_code)?;
    CreditCode::parse(answers.text(field.name)).ok()
}

/// Whether another open matter has a key of this one.
async fn is_claimed(tx: &mut Tx, request: &Request<'_>) -> Result<bool, DbError> {
    let Some(matter) = request.matter else { return Ok(false) };
    for key in (matter.kind.open_keys)(&matter.answers) {
        let holder = db::matter_key::holder(tx, &key.text(request.account)).await?;
        if holder.is_some_and(|holder| holder.matter_id != matter.id && holder.closed_at.is_none()) {
            return Ok(true);
        }
    }
    Ok(false)
}
