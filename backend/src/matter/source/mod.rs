//! Where the context of a matter is read from: one source for each [`Need`] that a kind can name.

mod bindings;
mod certificates;
mod contents;
mod course_categories;
mod credit_code;
mod filing;
mod identity;
mod institutions;
mod matters;
mod named;
mod people;
mod plans;
mod practices;
mod renewals;
mod scores;
mod transfers;

use domain::matter::Need;

use crate::infra::db::{DbError, Tx};

#[cfg(test)]
pub(crate) use certificates::institution_certificates;
pub(crate) use contents::{Contents, Request};
pub use contents::{Lists, Shown};
pub(crate) use institutions::other_body;

/// Reads what is needed, each part after those that it depends on.
pub(crate) async fn read(tx: &mut Tx, request: &Request<'_>, needs: &[Need], contents: &mut Contents) -> Result<(), DbError> {
    for need in Need::ALL.into_iter().filter(|need| needs.contains(need)) {
        match need {
            Need::Identity => identity::read(tx, request, contents).await?,
            Need::Institutions => institutions::read(tx, request, contents).await?,
            Need::Scores => scores::read(tx, request, contents).await?,
            Need::Certificates => certificates::read(tx, request, contents).await?,
            Need::Practices => practices::read(tx, request, contents).await?,
            Need::Matters => matters::read(tx, request, contents).await?,
            Need::Transfer => transfers::read(tx, request, contents).await?,
            Need::Renewals => renewals::read(tx, request, contents).await?,
            Need::People => people::read(tx, request, contents).await?,
            Need::CourseCategories => course_categories::read(tx, request, contents).await?,
            Need::Bindings => bindings::read(tx, request, contents).await?,
            Need::Filing => filing::read(tx, request, contents).await?,
            Need::Plans => plans::read(tx, request, contents).await?,
            Need::CreditCode => credit_code::read(tx, request, contents).await?,
        }
    }
    Ok(())
}
