//! The PDF of a certificate: access and content.

use domain::base::catalogue;
use domain::base::permission::Role;
use domain::base::rule::key;
use domain::engine::form::Value;
use domain::record::certificate::CertificateStatus;

use crate::access::access_log::{Access, record_access};
use crate::access::guard::Allowed;
use crate::infra::db::{self, DbError, Tx};
use crate::infra::file::FileError;
use crate::matter::answers::answers_at;
use crate::record::certificate::lookup::{Certificate, certificate_by_number, signed_code_of};
use crate::service::certificate::print::error::PrintError;
use crate::service::certificate::print::layout::{CertificateSheet, day};
use crate::service::certificate::print::printable::{missing_letters, printed_name};
use crate::state::AppState;
use crate::workflow::files::Download;

/// Name of the photo field.
const PHOTO_FIELD: &str = "photo";
/// Name of the field with the Latin spelling of the name.
const LATIN_FIELD: &str = "name_pinyin";

/// The PDF of a certificate, for its holder and for the roles of the association that issue certificates. `site`: public URL, for the QR code.
pub async fn certificate_file(app: &AppState, who: &Allowed, number: &str, site: &str) -> Result<Download, PrintError> {
    let certificate = certificate_by_number(app, number).await?.ok_or(PrintError::NotFound)?;
    let own = certificate.row.account_id == who.account();
    let issues = who.caller().roles.iter().any(|role| matches!(role, Role::Officer | Role::Approver));
    if !own && !issues {
        return Err(PrintError::NotFound);
    }
    let held = &certificate.held;
    if held.status_on(app.today()) != CertificateStatus::Valid {
        return Err(PrintError::NotValid);
    }
    let code = signed_code_of(app, &certificate);
    let answers = read_printed_answers(app, &certificate).await?;
    let sheet = CertificateSheet {
        issuer: app.tables().rules.on(held.issued_on).text(key::CERT_ISSUER),
        number: held.number.clone(),
        entries: facts(&certificate, shown_holder(app, &certificate.holder, answers.latin_name).await),
        issued_on: held.issued_on,
        photo: answers.photo,
        address: format!("{site}/verify?c={code}"),
    };
    if !own {
        record_access(app, Some(who.account()), Access::CertificateDownloaded, Some(certificate.row.matter_id), &held.number);
    }
    let bytes = app.pdf_renderer.render(move |fonts| sheet.draw(fonts)).await?;
    Ok(Download { name: format!("注册证书-{}.pdf", held.number), mime: "application/pdf".into(), bytes })
}

/// What a certificate shows of the application for which it was issued.
struct PrintedAnswers {
    photo: Option<Vec<u8>>,
    /// The name in Latin letters; may be empty.
    latin_name: String,
}

async fn read_printed_answers(app: &AppState, certificate: &Certificate) -> Result<PrintedAnswers, PrintError> {
    let (row, latin_name) = {
        let mut tx = app.db.read().await?;
        read_answers(app, &mut tx, certificate).await?
    };
    let photo = match row {
        Some(row) => Some(app.files.read(&row.sha256).await.map_err(|_: FileError| PrintError::Photo)?),
        None => None,
    };
    Ok(PrintedAnswers { photo, latin_name })
}

/// Row of the photo, and the name in Latin letters.
async fn read_answers(app: &AppState, tx: &mut Tx, certificate: &Certificate) -> Result<(Option<db::file::FileRow>, String), DbError> {
    let none = (None, String::new());
    let id = certificate.row.matter_id;
    let Some(matter) = db::matter::by_id(tx, id).await? else { return Ok(none) };
    let Some(kind) = domain::kind::by_code(&matter.kind) else { return Ok(none) };
    let revision = matter.submitted_revision.unwrap_or(matter.revision);
    let (answers, _) = answers_at(tx, &app.keys, kind.form, id, revision).await?;
    let photo = match answers.fields.get(PHOTO_FIELD).map(Value::files).and_then(<[_]>::first) {
        Some(photo) => db::file::by_id(tx, photo.file).await?,
        None => None,
    };
    Ok((photo, answers.text(LATIN_FIELD).to_owned()))
}

/// The name of the holder as the fonts can show it: in Latin letters if they lack one of its own.
pub(super) async fn shown_holder(app: &AppState, holder: &str, latin: String) -> String {
    let printed = printed_name(holder);
    let is_complete = missing_letters(app, &[&printed]).await.is_empty();
    if is_complete || latin.is_empty() || !missing_letters(app, &[&latin]).await.is_empty() { printed } else { latin }
}

/// Labels and values, in order.
fn facts(certificate: &Certificate, holder: String) -> Vec<(&'static str, String)> {
    let row = &certificate.row;
    let specialties: Vec<&str> =
        row.specialties.iter().filter_map(|code| catalogue::SPECIALTIES.iter().find(|c| c.code == code)).map(|c| c.label).collect();
    let all = [
        ("姓名", holder),
        ("人员类别", row.category.label().to_owned()),
        ("认证领域", catalogue::domain(&row.domain).map_or("", |d| d.label).to_owned()),
        ("注册级别", row.grade.title(row.category)),
        ("注册专业", specialties.join("、")),
        ("执业机构", certificate.institution.clone().unwrap_or_default()),
        ("首次注册日期", day(row.first_registered_on)),
        ("批准日期", day(row.issued_on)),
        ("有效期至", day(row.valid_until)),
    ];
    all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}
