//! Course categories, and those that are used as options.

use domain::matter::{COURSE_CATEGORIES, Need};

use crate::infra::db::{self, DbError, Tx};
use crate::matter::source::contents::{Contents, Request};
use crate::matter::source::named::named_codes;

/// Reads every category; those that are used today are options, and those that the answers name.
pub(super) async fn read(tx: &mut Tx, request: &Request<'_>, contents: &mut Contents) -> Result<(), DbError> {
    let categories = db::teaching::list_categories(tx).await?;
    let named = named_codes(request, Need::CourseCategories.lists());
    let offered = categories.iter().filter(|category| category.is_active_on(request.today) || named.contains(category.code.as_str()));
    contents.list(COURSE_CATEGORIES, offered.map(|category| (category.code.clone(), category.title())).collect());
    contents.record.course_categories = categories;
    Ok(())
}
