//! Matters: the wizard, the check page, 我的事项, and the page of one matter.

pub(crate) mod assessment;
pub mod assign;
pub mod copy;
mod delivery;
pub mod detail;
pub(crate) mod difference;
pub mod kept;
pub mod library;
pub mod list;
pub mod print;
mod question;
mod read;
pub mod record;
pub mod rectify;
pub mod requirement;
pub mod returning;
pub mod review;
pub mod step;

use backend::infra::file::FileError;
use backend::matter::context::World;
use backend::matter::{MatterError, Opened};
use domain::engine::draft::Question;
use domain::engine::form::{Fields, Path, ReadError, Step, read_fields};
use http::StatusCode;
use uuid::Uuid;

use crate::account::login::OWN_DEVICE;
use crate::call::{Call, Fault};
use crate::control::Faults;
use crate::post::PostedFile;

/// A matter and what the wizard needs with it.
struct Desk {
    opened: Opened,
    world: World,
    step: &'static Step,
    /// Who edits.
    account: Uuid,
    /// Whether they called their device their own.
    own: bool,
}

impl Desk {
    /// Opens the step of the address for its applicant. None if the matter cannot be edited now.
    async fn open(call: &Call) -> Result<Option<Self>, Fault> {
        let who = call.allowed()?;
        let opened = backend::matter::open_matter(&call.app, &who, call.id("id")?).await?;
        let step = opened.kind.form.step(call.param("step")).ok_or(Fault::NotFound)?;
        if !opened.editable() {
            return Ok(None);
        }
        let world = backend::matter::context::world_of(&call.app, &opened, who.caller()).await?;
        let own = call.session.get::<bool>(OWN_DEVICE).await?.unwrap_or(false);
        Ok(Some(Self { opened, world, step, account: who.account(), own }))
    }

    fn id(&self) -> Uuid {
        self.opened.row.id
    }

    /// Address of a step of this matter.
    fn step_path(&self, step: &str) -> String {
        step_path(self.id(), step)
    }
}

fn step_path(id: Uuid, step: &str) -> String {
    format!("/matters/{id}/edit/{step}")
}

/// The answers of a page as they were typed; its files, and what a return does not open, are as they were. A name that is not on the
/// page is refused.
pub(crate) fn typed_fields(opened: &Opened, step: &'static Step, pairs: &[(String, String)]) -> Result<Fields, ReadError> {
    let mut fields = opened.answers.fields.clone();
    fields.retain(|name, _| step.fields().any(|f| f.name == name.as_str()));
    read_fields(step.fields().filter(|f| opened.open_at(&Path::field(f.name))), pairs, &mut fields)?;
    Ok(fields)
}

/// Attaches the files of a post to the answers at `path`; gives a fault for each that was not taken.
async fn attach(call: &Call, id: Uuid, files: &[PostedFile], path: impl Fn(&str) -> Path) -> Result<Faults, Fault> {
    let who = call.allowed()?;
    let mut faults = Faults::new();
    for file in files {
        let kept = match &file.bytes {
            Some(bytes) => {
                backend::workflow::files::attach(&call.app, &who, id, path(&file.field), &file.name, bytes.clone()).await.map(|_| ())
            }
            None => Err(MatterError::File(FileError::TooLarge(backend::workflow::files::upload_megabytes(&call.app)))),
        };
        match kept {
            Ok(()) => {}
            Err(MatterError::File(error)) => faults.push((file.field.clone(), error.text())),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(faults)
}

/// A save that did not go through: with which status, what is said at which field, what must be asked, and what stands in the fields.
struct Refused {
    status: StatusCode,
    faults: Faults,
    asked: Vec<Question>,
    typed: Option<Fields>,
}

/// What the page says when a save did not go through.
fn refused(error: MatterError) -> Result<Refused, Fault> {
    match error {
        MatterError::Questions(asked, fields) => {
            let text = "该项在别处有不同的修改，请在上方选择保留哪一个";
            let faults = asked.iter().map(|q| (question::name(q).to_owned(), text.to_owned())).collect();
            Ok(Refused { status: StatusCode::CONFLICT, faults, asked, typed: Some(fields) })
        }
        MatterError::TooMany => Err(Fault::Conflict(error.text())),
        MatterError::Db(error) => Err(Fault::Db(error)),
        other => Err(other.into()),
    }
}
