//! Printing: a certificate as a PDF, on A4, with photo and QR code.
//!
//! The fonts are files beside the program, not part of it: two of 10 MB, of which a certificate takes some dozens of glyphs.

pub mod font;
pub mod sheet;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::base::catalogue::{self, Category, Grade};
use domain::base::permission::Action;
use domain::base::rule::key;
use domain::engine::form::Value;
use domain::record::certificate::Status;
use tokio::sync::Semaphore;

use crate::access::guard::Allowed;
use crate::infra::db;
use crate::infra::db::{DbError, Tx};
use crate::infra::file::FileError;
use crate::matter::answers_at;
use crate::record::certificate::Certificate;
use crate::state::AppState;
use crate::workflow::files::Download;
use sheet::Sheet;

/// Files of the fonts: for the text, and for what stands out.
pub const FONTS: [&str; 2] = ["NotoSansSC_400Regular.ttf", "NotoSansSC_700Bold.ttf"];
/// Certificates printed at once: each reads two fonts of 10 MB.
const AT_ONCE: usize = 2;
/// The answer that holds the photo.
const PHOTO: &str = "photo";

/// Why there is no file.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PrintError {
    /// There is no such certificate for this person; that there is one for another looks the same.
    #[error("no such certificate")]
    NotFound,
    /// It no longer holds.
    #[error("the certificate no longer holds")]
    Over,
    /// The fonts are not there, or are no fonts.
    #[error("the fonts of certificates cannot be read")]
    Font,
    /// The fonts lack a letter.
    #[error("the fonts of certificates lack a letter")]
    Letter,
    /// The photo cannot be drawn.
    #[error("the photo cannot be drawn")]
    Photo,
    /// The QR code cannot be drawn.
    #[error("the address is too long for a QR code")]
    Code,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl PrintError {
    /// What the person is told.
    pub fn text(&self) -> &'static str {
        match self {
            PrintError::NotFound => "没有找到这个证书",
            PrintError::Over => "该证书已不再有效，不能下载",
            PrintError::Font | PrintError::Code => "暂时不能生成证书文件，请稍后再试或联系协会",
            PrintError::Letter => "证书内容中有字库里没有的字，不能生成证书文件，请联系协会",
            PrintError::Photo => "证件照无法读取，不能生成证书文件，请联系协会",
            PrintError::Db(error) => error.text(),
        }
    }

    /// Stable name.
    pub fn code(&self) -> &'static str {
        match self {
            PrintError::NotFound => "print_not_found",
            PrintError::Over => "print_over",
            PrintError::Font => "print_font",
            PrintError::Letter => "print_letter",
            PrintError::Photo => "print_photo",
            PrintError::Code => "print_code",
            PrintError::Db(_) => "print_db",
        }
    }
}

/// Where certificates are printed.
#[derive(Clone)]
pub struct Press {
    fonts: Arc<Path>,
    permits: Arc<Semaphore>,
}

impl Press {
    /// A press with fonts in a folder.
    pub fn new(fonts: PathBuf) -> Self {
        Self { fonts: fonts.into(), permits: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// Whether its fonts are there.
    pub fn ready(&self) -> bool {
        FONTS.iter().all(|name| self.fonts.join(name).is_file())
    }

    /// Prints one sheet, off the threads that answer.
    async fn print(&self, sheet: Sheet) -> Result<Vec<u8>, PrintError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| PrintError::Font)?;
        let fonts = Arc::clone(&self.fonts);
        tokio::task::spawn_blocking(move || {
            let [text, strong] = FONTS.map(|name| std::fs::read(fonts.join(name)));
            let (text, strong) = (text.map_err(|_| PrintError::Font)?, strong.map_err(|_| PrintError::Font)?);
            let printed = sheet.draw(&text, &strong);
            drop(permit);
            printed
        })
        .await
        .map_err(|_| PrintError::Font)?
    }
}

impl Default for Press {
    /// Without fonts: it prints nothing and says so.
    fn default() -> Self {
        Self::new(PathBuf::new())
    }
}

/// A certificate as a file, for its holder and for the association. `site`: the address people type, for the QR code.
pub async fn certificate_file(app: &AppState, who: &Allowed, number: &str, site: &str) -> Result<Download, PrintError> {
    let certificate = crate::record::certificate::verify(app, number).await?.ok_or(PrintError::NotFound)?;
    let own = certificate.row.account_id == who.account();
    if !own && crate::access::guard::guard(app, Some(who.caller()), Action::AssociationDesk).is_err() {
        return Err(PrintError::NotFound);
    }
    let held = certificate.row.held().ok_or(PrintError::NotFound)?;
    if held.status_on(app.today()) != Status::Valid {
        return Err(PrintError::Over);
    }
    let code = crate::record::certificate::code_of(app, &certificate).ok_or(PrintError::NotFound)?;
    let sheet = Sheet {
        issuer: app.tables().rules.on(held.issued_on).text(key::CERT_ISSUER),
        number: held.number.clone(),
        facts: facts(&certificate),
        issued_on: held.issued_on,
        photo: photo_of(app, &certificate).await?,
        address: format!("{site}/verify?c={code}"),
    };
    let bytes = app.press.print(sheet).await?;
    Ok(Download { name: format!("注册证书-{}.pdf", held.number), mime: "application/pdf".into(), bytes })
}

/// The photo of the application a certificate was issued for; none if it had none.
async fn photo_of(app: &AppState, certificate: &Certificate) -> Result<Option<Vec<u8>>, PrintError> {
    let row = {
        let mut tx = app.db.read().await?;
        photo_row(app, &mut tx, certificate).await?
    };
    match row {
        Some(row) => Ok(Some(app.files.read(&row.sha256).await.map_err(|_: FileError| PrintError::Photo)?)),
        None => Ok(None),
    }
}

async fn photo_row(app: &AppState, tx: &mut Tx, certificate: &Certificate) -> Result<Option<db::file::Row>, DbError> {
    let id = certificate.row.matter_id;
    let Some(matter) = db::matter::by_id(tx, id).await? else { return Ok(None) };
    let Some(kind) = domain::kind::by_code(&matter.kind) else { return Ok(None) };
    let revision = matter.submitted_revision.unwrap_or(matter.revision);
    let (answers, _) = answers_at(tx, &app.keys, kind.form, id, revision).await?;
    match answers.fields.get(PHOTO).map(Value::files).and_then(<[_]>::first) {
        Some(photo) => db::file::by_id(tx, photo.file).await,
        None => Ok(None),
    }
}

/// What the sheet says, in order.
fn facts(certificate: &Certificate) -> Vec<(&'static str, String)> {
    let row = &certificate.row;
    let category = Category::from_code(&row.category);
    let grade = Grade::from_code(&row.grade).zip(category).map_or_else(String::new, |(g, c)| g.title(c));
    let specialties: Vec<&str> =
        row.specialties.iter().filter_map(|code| catalogue::ORGANIC.iter().find(|c| c.code == code)).map(|c| c.label).collect();
    let all = [
        ("姓名", certificate.holder.clone()),
        ("人员类别", category.map_or("", Category::label).to_owned()),
        ("认证领域", catalogue::domain(&row.domain).map_or("", |d| d.label).to_owned()),
        ("注册级别", grade),
        ("注册专业", specialties.join("、")),
        ("执业机构", certificate.institution.clone().unwrap_or_default()),
        ("首次注册日期", sheet::day(row.first_registered_on)),
        ("批准日期", sheet::day(row.issued_on)),
        ("有效期至", sheet::day(row.valid_until)),
    ];
    all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

#[cfg(test)]
mod tests;
