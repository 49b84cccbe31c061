//! The applicant as a teacher: bindings, applications for them, and education.

use domain::matter::binding_key;
use domain::record::teaching::TeacherRecord;

use crate::infra::db::{self, DbError, Tx};
use crate::matter::library::read_records;
use crate::matter::source::contents::{Contents, Request};

/// Name of the list of 基本信息库 with the education, and of its field with the level.
const EDUCATION: (&str, &str) = ("education", "level");

/// Reads bound categories, those that other open matters ask for, and the education in 基本信息库.
pub(super) async fn read(tx: &mut Tx, request: &Request<'_>, contents: &mut Contents) -> Result<(), DbError> {
    let account = request.account;
    let prefix = binding_key(String::new()).text(account);
    let claims = db::teaching::list_claims(tx, account, request.checked()).await?;
    let (list, level) = EDUCATION;
    let education = read_records(tx, &request.app.keys, account, list).await?;
    contents.record.teacher = TeacherRecord {
        bound: db::teaching::bound_categories(tx, account).await?,
        pending: claims.iter().filter_map(|key| key.strip_prefix(&prefix)).map(str::to_owned).collect(),
        education: education.iter().map(|record| record.text(level).to_owned()).collect(),
    };
    Ok(())
}
