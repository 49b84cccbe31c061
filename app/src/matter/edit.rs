//! Shared code of the wizard's handlers: loading a draft for a step, attaching files, refused saves.

use axum::extract::FromRequestParts;
use backend::AppState;
use backend::access::guard::Allowed;
use backend::matter::context::OwnedMatterContext;
use backend::matter::{LoadedMatter, MatterError, Shown};
use domain::engine::draft::Question;
use domain::engine::form::{Answers, Fields, Form, Oversized, Path, PostError, Problem, RecordList, Step, is_newly_asked, read_fields};
use http::StatusCode;
use http::request::Parts;
use leptos::prelude::*;
use serde::Deserialize;
use uuid::Uuid;

use crate::draft::{EditorData, PageEditor};
use crate::error::{HttpStatus, PageError};
use crate::extract;
use crate::post::{PostedFile, RefusedFiles};
use crate::request::{Authorized, Identity, SharedState};
use crate::wizard::{Access, Conflict, FieldErrors, Wizard, conflicts, control_name};

/// Path of a page of the wizard.
#[derive(Deserialize)]
struct WizardPath {
    id: Uuid,
    step: String,
}

/// What a handler of the wizard needs to load its draft.
pub struct EditRequest {
    /// The application.
    pub app: AppState,
    /// The caller.
    pub who: Allowed,
    /// The matter.
    pub id: Uuid,
    /// Code of the step.
    step: String,
    own_device: bool,
}

impl FromRequestParts<SharedState> for EditRequest {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, shared: &SharedState) -> Result<Self, PageError> {
        let Authorized(who) = <Authorized as FromRequestParts<SharedState>>::from_request_parts(parts, shared).await?;
        let extract::Path(WizardPath { id, step }) =
            <extract::Path<WizardPath> as FromRequestParts<SharedState>>::from_request_parts(parts, shared).await?;
        let own_device = parts.extensions.get::<Identity>().is_some_and(|identity| identity.own_device);
        Ok(Self { app: shared.app.clone(), who, id, step, own_device })
    }
}

/// A draft loaded for a step of the wizard.
pub(super) struct EditPage {
    /// The draft.
    pub loaded: LoadedMatter,
    /// Lists, rules and the applicant's record.
    pub context: OwnedMatterContext,
    /// The step of the page.
    pub step: &'static Step,
    /// The account that edits.
    account: Uuid,
    /// Whether they called their device their own.
    own_device: bool,
}

impl EditPage {
    /// Loads the step of the address for its applicant. None if the matter cannot be edited now.
    pub async fn load(request: &EditRequest) -> Result<Option<Self>, PageError> {
        let EditRequest { app, who, id, .. } = request;
        let loaded = backend::matter::load(app, who, *id).await?;
        let step = loaded.kind.form.step(&request.step).ok_or(PageError::NotFound)?;
        if !loaded.is_editable() {
            return Ok(None);
        }
        let context = backend::matter::context::matter_context(app, &loaded, Shown::step(step)).await?;
        Ok(Some(Self { loaded, context, step, account: who.account(), own_device: request.own_device }))
    }

    /// Loads the draft after a save, with what its kind looks up by the answers. Gives the answers before.
    pub async fn reload(&mut self, app: &AppState, who: &Allowed) -> Result<Answers, PageError> {
        let loaded = backend::matter::load(app, who, self.id()).await?;
        if loaded.kind.needs.iter().any(|need| need.reads_answers()) {
            self.context = backend::matter::context::matter_context(app, &loaded, Shown::step(self.step)).await?;
        }
        Ok(std::mem::replace(&mut self.loaded, loaded).answers)
    }

    pub fn id(&self) -> Uuid {
        self.loaded.id
    }

    /// Address of the open step.
    pub fn address(&self) -> String {
        self.step_address(self.step.code)
    }

    /// Address of a step.
    pub fn step_address(&self, step: &str) -> String {
        format!("/matters/{}/edit/{step}", self.id())
    }

    /// What 下一步 finds on the open step.
    pub fn step_problems(&self) -> Vec<Problem> {
        self.loaded.step_problems(self.step, &self.context.as_context())
    }

    /// What 下一步 tells on the open step without stopping there.
    pub fn step_warnings(&self) -> Vec<Problem> {
        self.loaded.step_warnings(self.step, &self.context.as_context())
    }

    /// Whether a problem is a question that the page could not ask before the last save: 请补充, and no error.
    pub fn is_newly_asked(&self, problem: &Problem, before: &Answers) -> bool {
        is_newly_asked(self.loaded.kind.form, problem, before, &self.context.as_context())
    }

    /// The sentence that asks for such answers among the problems of the page.
    pub fn supplement<'p>(&self, problems: impl IntoIterator<Item = &'p Problem>) -> Option<String> {
        let asked = problems.into_iter().filter(|problem| self.is_newly_asked(problem, &Answers::default()));
        let labels: Vec<&str> = asked.map(|problem| problem.label.as_str()).collect();
        (!labels.is_empty()).then(|| format!("请补充：{}", labels.join("、")))
    }

    /// The questions of a save that was refused, in words.
    pub fn conflicts(&self, questions: &[Question]) -> Vec<Conflict> {
        conflicts(self.loaded.kind.form, questions, &self.context.as_context())
    }

    /// Runs `draw` with the data of the wizard's pages.
    pub fn with_wizard<T>(
        &self,
        answers: Answers,
        (faults, warnings): (FieldErrors, ShownWarnings),
        conflicts: Vec<Conflict>,
        draw: impl FnOnce(&Wizard<'_>) -> T,
    ) -> T {
        let kind = self.loaded.kind;
        let access = Access::Online {
            kind: (kind.code, kind.label),
            revision: self.loaded.revision,
            editable: &|path| self.loaded.is_open_at(path),
        };
        let context = self.context.as_context();
        let ShownWarnings { texts: warnings, names: warned } = warnings;
        draw(&Wizard { matter: self.id(), form: kind.form, answers, context: &context, faults, warnings, warned, conflicts, access })
    }

    /// The island that saves the page while it is filled in.
    pub fn editor(&self, record: Option<(&'static RecordList, Uuid)>) -> AnyView {
        let form = self.loaded.kind.form;
        let data = EditorData {
            matter: self.id().to_string(),
            kind: self.loaded.kind.code.to_owned(),
            step: self.step.code.to_owned(),
            record: record.map(|(list, id)| (list.name.to_owned(), id.to_string())),
            account: self.account.to_string(),
            own_device: self.own_device,
        };
        let data = data.write(form, &self.loaded.answers, &self.context.as_context());
        view! { <PageEditor data=data /> }.into_any()
    }
}

/// Warnings that a page shows.
#[derive(Default)]
pub(super) struct ShownWarnings {
    /// Texts by name of the control.
    pub texts: FieldErrors,
    /// Which ones they are.
    pub names: String,
}

impl ShownWarnings {
    /// Warnings at their controls.
    pub fn of(warnings: &[Problem], at_control: impl Fn(&Problem) -> (String, String)) -> Self {
        Self { texts: warnings.iter().map(at_control).collect(), names: warning_names(warnings) }
    }
}

/// Code and place of each warning, without what it says.
pub(super) fn warning_names(warnings: &[Problem]) -> String {
    warnings.iter().map(|warning| format!("{}@{}", warning.issue.code, warning.path)).collect::<Vec<_>>().join(" ")
}

/// The answers of a page as they were typed; its files, and what a return does not open, are as they were. A name that is not on the
/// page is refused.
pub(crate) fn typed_fields(loaded: &LoadedMatter, step: &'static Step, pairs: &[(String, String)]) -> Result<Fields, PostError> {
    let mut fields = loaded.answers.fields.clone();
    fields.retain(|name, _| step.fields().any(|f| f.name == name.as_str()));
    read_fields(step.fields().filter(|f| loaded.is_open_at(&Path::field(f.name))), pairs, &mut fields)?;
    Ok(fields)
}

/// Attaches the files of a post to the answers of a form at `path`; returns the errors of those that were not accepted.
pub(super) async fn attach_files(
    EditRequest { app, who, id, .. }: &EditRequest,
    form: &'static Form,
    files: &[PostedFile],
    path: impl Fn(&str) -> Path,
) -> Result<FieldErrors, PageError> {
    let mut refused = RefusedFiles::default();
    for file in files {
        let attached = match &file.content {
            // One file at a time is in memory.
            Some(content) => {
                let bytes = content.read().await?;
                backend::workflow::files::attach(app, who, *id, path(&file.field), &file.name, bytes).await.map(|_| ())
            }
            None => Err(MatterError::File(backend::workflow::files::too_large(app, form, &path(&file.field)))),
        };
        match attached {
            Ok(()) => {}
            Err(MatterError::File(error)) => refused.add(file, error),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(refused.faults())
}

/// A save that was refused.
pub(super) struct RefusedSave {
    /// Status of the response.
    pub status: StatusCode,
    /// Errors, by name of the control; an empty name for the page as a whole.
    pub faults: FieldErrors,
    /// Answers that were changed differently elsewhere.
    pub questions: Vec<Question>,
    /// The fields as they are to be shown; none: as they were typed.
    pub fields: Option<Fields>,
}

/// The page of a refused save.
pub(super) fn refused_save(error: MatterError) -> Result<RefusedSave, PageError> {
    match error {
        MatterError::EditConflicts(questions, fields) => {
            let text = "该项在别处有不同的修改，请在上方选择保留哪一个";
            let faults = questions.iter().map(|q| (control_name(&q.path).to_owned(), text.to_owned())).collect();
            Ok(RefusedSave { status: StatusCode::CONFLICT, faults, questions, fields: Some(fields) })
        }
        MatterError::Oversized(_) | MatterError::SavedTooOften => {
            let control = match &error {
                MatterError::Oversized(Oversized::Answer { path, .. }) => control_name(path).to_owned(),
                _ => String::new(),
            };
            let faults = vec![(control, error.text())];
            Ok(RefusedSave { status: error.http_status(), faults, questions: Vec::new(), fields: None })
        }
        MatterError::TooManyRecords => Err(PageError::conflict(error.text())),
        MatterError::Db(error) => Err(PageError::Db(error)),
        other => Err(other.into()),
    }
}
