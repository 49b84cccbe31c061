//! The page of one matter: status, commands, answers and history.

use axum::extract::State;
use backend::AppState;
use backend::access::guard::Allowed;
use backend::matter::{DisputedDecision, LoadedMatter, MatterError};
use backend::record::form_draft::{drafts_for_command, form_of};
use backend::service::pages::{MatterPage, MatterParties, matter_page};
use backend::workflow::execute::CommandRequest;
use domain::base::permission::Role;
use domain::base::text::{normalise, normalise_lines};
use domain::engine::flow::{Command, Party, Refusal};
use domain::engine::form::Answers;
use domain::engine::stage_duration::StageDuration;
use http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;
use uuid::Uuid;

use super::actions::{DECISION, RefusedCommand, TypedCommand, actions_view, is_on_page, links_view};
use super::assignee_line::{assignee_line, done_text};
use super::command::CommandForm;
use super::delivery::deliveries_section;
use super::difference::difference_view;
use super::files::gallery_section;
use super::head::head_facts;
use super::identity_view::{ShownIdentity, disclosures_view, identity_view};
use super::read::{Reader, answers_view};
use super::requirement::requirements_section;
use super::seen::OutdatedPage;
use super::timeline;
use super::transition_form::{MARK, field_errors, read_answers};
use crate::error::{HttpStatus, PageError};
use crate::extract::{Path, Query};
use crate::form_draft::{DraftOnPage, SaveDraft, unused_drafts, unused_section};
use crate::outcome::ActOutcome;
use crate::page::{Download, InlineFile, Page, PageResponse, done, redirect};
use crate::payment::received::payment_section;
use crate::request::Authorized;
use crate::ui::*;
use crate::{format, links};

/// Query of the page: after which act it is shown.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct AfterQuery {
    /// `1` after a text was saved.
    saved: String,
    /// The change of the assignee.
    done: String,
}

/// Shows a matter to one of its parties.
pub async fn show(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Path(id): Path<Uuid>,
    Query(query): Query<AfterQuery>,
) -> Result<Page, PageError> {
    page(&app, &who, id, None, query).await
}

/// Downloads a file of the matter.
pub async fn file(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Path((id, file)): Path<(Uuid, Uuid)>,
) -> Result<Download, PageError> {
    let file = backend::workflow::files::download(&app, &who, id, file).await?;
    Ok(Download { name: file.name, mime: file.mime, bytes: file.bytes.into() })
}

/// Shows a file of the matter in place.
pub async fn view_file(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Path((id, file)): Path<(Uuid, Uuid)>,
) -> Result<InlineFile, PageError> {
    let file = backend::workflow::files::view(&app, &who, id, file).await?;
    Ok(InlineFile(Download { name: file.name, mime: file.mime, bytes: file.bytes.into() }))
}

/// Executes a command, saves the opinion of one, or deletes a draft.
pub async fn act(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Path(id): Path<Uuid>,
    form: CommandForm,
) -> Result<PageResponse, PageError> {
    let seen = Some(form.seen());
    if form.action == "discard" {
        return match backend::workflow::draft::discard_draft(&app, &who, id, seen).await {
            // A second click finds it deleted.
            Ok(()) | Err(MatterError::Discarded) => Ok(redirect("/matters?view=drafts")),
            Err(error) => refused(&app, &who, id, TypedCommand { name: form.action, ..TypedCommand::default() }, error).await,
        };
    }
    if let Some(command) = form.action.strip_prefix("save:") {
        return save_opinion(&app, &who, id, command, &form).await;
    }
    let key = form.key()?;
    let answers = match form.post().text(MARK) {
        "" => Answers::default(),
        _ => posted_answers(&app, &who, id, &form.action, &form).await?,
    };
    let typed = typed_command(&form.action, &form, answers);
    let TypedCommand { name, note, person, answers } = typed.clone();
    let command = Command { name, note, excluded_name: person, answers, ..Command::default() };
    match backend::workflow::execute::execute(&app, &who, CommandRequest { key, matter: id, seen, command }).await {
        Ok(_) => Ok(done(after_command(&app, &who, id).await?, ActOutcome::Decided)),
        Err(error) => refused(&app, &who, id, typed, error).await,
    }
}

/// The answers to the form of a transition, as posted.
async fn posted_answers(app: &AppState, who: &Allowed, id: Uuid, command: &str, form: &CommandForm) -> Result<Answers, PageError> {
    let (matter, _) = drafts_for_command(app, who, id).await?;
    Ok(read_answers(matter.stage().and_then(|stage| stage.form_of(command)), &form.post().pairs))
}

fn typed_command(name: &str, form: &CommandForm, answers: Answers) -> TypedCommand {
    TypedCommand { name: name.to_owned(), note: normalise_lines(&form.note), person: normalise(&form.person), answers }
}

/// Saves the opinion of a command that is not given yet.
async fn save_opinion(app: &AppState, who: &Allowed, id: Uuid, name: &str, form: &CommandForm) -> Result<PageResponse, PageError> {
    let (matter, drafts) = drafts_for_command(app, who, id).await?;
    let own_form = matter.stage().and_then(|stage| stage.form_of(name)).filter(|_| !form.post().text(MARK).is_empty());
    let typed = typed_command(name, form, own_form.map(|own| read_answers(Some(own), &form.post().pairs)).unwrap_or_default());
    let transition = matter.open_transitions().into_iter().find(|t| t.command == name);
    let draft = transition.and_then(|t| form_of(&matter, t));
    let (Some((draft_form, part)), Some(transition)) = (draft, transition) else {
        return refused(app, who, id, typed, Refusal::NotOpen.into()).await;
    };
    let draft = DraftOnPage::of(&drafts, draft_form, &part);
    match draft.save(app, who, form.post(), form.post().pairs.clone()).await? {
        SaveDraft::Saved => {
            let evaluation = links::evaluation(id, matter.kind).filter(|_| !is_on_page(&matter, transition));
            let address = evaluation.unwrap_or_else(|| links::matter(id));
            Ok(redirect(format!("{address}?saved=1#note-{name}")))
        }
        SaveDraft::Older(older) => {
            let refused = RefusedCommand { typed, text: older.text(), fault: None, faults: Vec::new(), outdated: None, older: Some(older) };
            Ok(page(app, who, id, Some(refused), AfterQuery::default()).await?.status(StatusCode::CONFLICT).into())
        }
    }
}

/// The page with the reason why a command was refused, and with what was typed.
pub(super) async fn refused(
    app: &AppState,
    who: &Allowed,
    id: Uuid,
    typed: TypedCommand,
    error: MatterError,
) -> Result<PageResponse, PageError> {
    let is_conflict = matches!(&error, MatterError::Db(error) if error.is_conflict());
    if matches!(error, MatterError::NotFound | MatterError::Db(_)) && !is_conflict {
        return Err(error.into());
    }
    match refused_page(app, who, id, typed, &error).await {
        Ok(page) => Ok(page.status(error.http_status()).into()),
        // Whoever gives a command does not always read the matter: an expert who steps back after the own opinion.
        Err(PageError::NotFound) => Err(error.into()),
        Err(error) => Err(error),
    }
}

async fn refused_page(app: &AppState, who: &Allowed, id: Uuid, typed: TypedCommand, error: &MatterError) -> Result<Page, PageError> {
    let outdated = OutdatedPage::of(app, who, id, error).await?;
    let faults = if let MatterError::InvalidForm(problems) = error { field_errors(problems) } else { Vec::new() };
    let refused = RefusedCommand { typed, text: error.text(), fault: Some(error.text()), faults, outdated, older: None };
    page(app, who, id, Some(refused), AfterQuery::default()).await
}

/// Where the caller continues after a command: at the matter, or at the own list if the command ended the caller's part in it.
async fn after_command(app: &AppState, who: &Allowed, id: Uuid) -> Result<String, PageError> {
    match backend::matter::load(app, who, id).await {
        Ok(_) => Ok(links::matter(id)),
        Err(MatterError::NotFound) if who.caller().roles.contains(&Role::Expert) => Ok("/expert".to_owned()),
        Err(MatterError::NotFound) => Ok("/".to_owned()),
        Err(error) => Err(error.into()),
    }
}

/// Label and address of the list that a matter is reached from.
fn parent(matter: &LoadedMatter) -> (&'static str, &'static str) {
    match matter.actor.parties.first() {
        Some(Party::Participant) => links::participant_list(matter.kind).unwrap_or(("我的事项", "/matters")),
        Some(Party::Institution(_)) => ("机构工作台", "/institution"),
        Some(Party::Association(_)) => ("协会工作台", "/association"),
        Some(Party::Expert) => ("专家评价", "/expert"),
        _ => ("我的事项", "/matters"),
    }
}

/// What the page says beside the matter.
#[derive(Default)]
struct Shown {
    refused: Option<RefusedCommand>,
    after: AfterQuery,
    identity: ShownIdentity,
}

async fn page(app: &AppState, who: &Allowed, id: Uuid, refused: Option<RefusedCommand>, after: AfterQuery) -> Result<Page, PageError> {
    shown_page(app, who, id, Shown { refused, after, identity: ShownIdentity::Masked }).await
}

/// The page after the applicant's document number was asked for.
pub(super) async fn identity_page(app: &AppState, who: &Allowed, id: Uuid, identity: ShownIdentity) -> Result<Page, PageError> {
    shown_page(app, who, id, Shown { identity, ..Shown::default() }).await
}

async fn shown_page(app: &AppState, who: &Allowed, id: Uuid, shown: Shown) -> Result<Page, PageError> {
    let read = matter_page(app, who, id).await?;
    let (_, address) = parent(&read.matter);
    let unused = unused_drafts(app, &read.drafts).await?;
    let body = move || case_view(read, shown, unused_section(id, &unused));
    Ok(Page::new("业务详情", body).under(address).with_form_drafts())
}

fn case_view(read: MatterPage, shown: Shown, unused: Option<AnyView>) -> AnyView {
    let MatterPage {
        matter,
        context,
        parties,
        actors,
        certificate,
        duration,
        deliveries,
        disputed,
        consequence,
        previous,
        missing_letters,
        excluded,
        payment,
        drafts,
        assignee,
        disclosures,
        own_part,
    } = read;
    let Shown { refused, after, identity } = shown;
    let id = matter.id;
    let MatterParties { applicant, institutions } = parties;
    let own = matter.actor.account;
    let typed = refused.as_ref().and_then(|r| r.text_without_form(&matter));
    let outdated = refused.as_ref().and_then(|r| r.outdated.clone());
    let head = head_facts(&matter, applicant.as_ref().map(|person| person.name.clone()), parent(&matter), matter.today());
    // Participants answer for themselves, and compare nobody with documents.
    let is_participant = matter.actor.parties.iter().all(|party| *party == Party::Participant);
    let person = applicant.as_ref().filter(|_| !matter.is_own() && !is_participant).map(|person| identity_view(&matter, person, &identity));
    let reader = match identity.is_full(&matter) {
        true => Reader::Informed { is_checker: matter.is_turn() },
        false => Reader::of(&matter),
    };
    let done = done_text(&after.done, assignee.as_ref(), own);
    let assignee = assignee.map(|task| assignee_line(id, &task, own));
    let timeline = matter.events.iter().rev().map(|e| timeline::entry(e, &matter, &actors, &context)).collect();
    let gallery = gallery_section(&matter, &context);
    let requirements = requirements_section(&matter, &context);
    let difference = difference_view(&matter, previous.as_ref(), &context);
    let notices = notices_view(refused.as_ref(), &identity, &after, done);
    let anchors = [
        Some(("申请内容", "answers")),
        gallery.is_some().then_some(("材料", "files")),
        requirements.is_some().then_some(("核对", "requirements")),
        difference.is_some().then_some(("修改对比", "changes")),
        Some(("记录", "record")),
    ];
    let (progress, links) = (progress_facts(&matter, duration), links_view(&matter));
    let actions = actions_view(&matter, payment.as_ref(), refused, &drafts, &context);
    let jump = actions.as_ref().filter(|actions| actions.decides).map(|_| ("办理".to_owned(), DECISION.to_owned()));
    let side = view! {
        {actions.map(|actions| actions.view)}
        <Section title="办理进度">{assignee}<DescriptionList items=progress />{links}</Section>
        {payment.as_ref().map(payment_section)}
        {deliveries_section(deliveries)}
    };
    let record = record_facts(&matter, applicant.as_ref().map(|person| person.name.clone()), institutions);
    view! {
        <CaseHead facts=head>{person}</CaseHead>
        {notices}
        {outdated.map(|page| page.changes(&matter, &actors))}
        {typed.map(typed_view)}
        {unused}
        <CaseColumns jump=jump side=side.into_any()>
            <Anchors items=anchors.into_iter().flatten().collect() />
            {(!own_part.is_empty()).then(|| own_part_view(own_part))}
            {certificate.map(certificate_notice)}
            {(!missing_letters.is_empty()).then(|| letters_notice(&missing_letters))}
            {disputed.map(|disputed| disputed_view(disputed, consequence))}
            {(!excluded.is_empty()).then(|| excluded_view(excluded))}
            <Anchored id="answers">{answers_view(id, matter.kind.form, &matter.answers, &context, reader)}</Anchored>
            <Anchored id="files">{gallery}</Anchored>
            <Anchored id="requirements">{requirements}</Anchored>
            <Anchored id="changes">{difference}</Anchored>
            <Anchored id="record">
                <Section title="办理记录">
                    <DescriptionList items=record />
                    <Timeline items=timeline />
                    {disclosures_view(disclosures)}
                </Section>
            </Anchored>
        </CaseColumns>
    }
    .into_any()
}

/// What is said above the matter: why something was refused, and what was done.
fn notices_view(refused: Option<&RefusedCommand>, identity: &ShownIdentity, after: &AfterQuery, done: Option<String>) -> AnyView {
    let older = refused.and_then(|r| r.older.clone());
    let refusal = refused.filter(|_| older.is_none()).map(|r| r.text.clone());
    let mut summary: Vec<(String, String)> =
        refused.iter().flat_map(|r| &r.faults).map(|(name, text)| (format!("#f-{name}"), text.clone())).collect();
    if let ShownIdentity::Refused(text) = identity {
        summary.push(("#f-reason".to_owned(), text.clone()));
    }
    view! {
        {refusal.map(|text| view! { <Notice tone=Tone::Bad>{text}</Notice> })}
        {older.map(|older| older.notice())}
        <ErrorSummary items=summary />
        {done.map(|text| view! { <Notice tone=Tone::Good>{text}</Notice> })}
        {(after.saved == "1").then(|| view! { <Notice tone=Tone::Good>"填写的意见已暂存到服务器，尚未提交。"</Notice> })}
    }
    .into_any()
}

/// Labels and values of 办理进度.
fn progress_facts(matter: &LoadedMatter, duration: Option<StageDuration>) -> Vec<(String, String)> {
    let turn = matter.stage().map_or("", |s| if s.closed() { "已办结" } else { matter.kind.turn_label(s) });
    let mut facts = vec![("当前办理人".to_owned(), turn.to_owned())];
    facts.extend(matter.due_on.map(|due| ("办理期限".to_owned(), due.to_string())));
    facts.extend(matter.submitted_at.map(|at| ("提交时间".to_owned(), format::time(at))));
    facts.extend(duration.map(|duration| ("一般办理时长".to_owned(), duration.text())));
    facts
}

/// Labels and values above the history.
fn record_facts(matter: &LoadedMatter, applicant: Option<String>, institutions: Vec<(&'static str, String)>) -> Vec<(String, String)> {
    let mut facts: Vec<(String, String)> = Vec::new();
    facts.extend(matter.number.clone().map(|number| ("业务编号".to_owned(), number)));
    facts.push(("业务类型".to_owned(), matter.kind.label.to_owned()));
    facts.extend(applicant.map(|name| (matter.kind.applicant_label.to_owned(), name)));
    facts.extend(institutions.into_iter().map(|(label, name)| (label.to_owned(), name)));
    facts
}

/// Told before the approval: what happens to characters that the certificate cannot show.
fn letters_notice(letters: &str) -> AnyView {
    let text = format!(
        "姓名或执业机构名称中的{letters}不在证书字库中。电子证书上的姓名将改用申请中填写的姓名拼音；拼音不适用的，证书文件由协会人工制作。"
    );
    view! {
        <Notice tone=Tone::Warn title="证书字库缺字">
            <p>{text}</p>
        </Notice>
    }
    .into_any()
}

fn certificate_notice(number: String) -> AnyView {
    view! {
        <Notice tone=Tone::Good title="证书已颁发">
            <p>"证书编号 "<a href=format!("/verify/{number}")>{number.clone()}</a></p>
        </Notice>
    }
    .into_any()
}

/// An opinion whose command is not open any more.
fn typed_view(note: String) -> AnyView {
    view! {
        <Notice tone=Tone::Info title="您填写的意见">
            <p class="lines">{note}</p>
        </Notice>
    }
    .into_any()
}

/// What the answers ask of the reader as a participant.
fn own_part_view(part: Vec<(&'static str, String)>) -> AnyView {
    let items = part.into_iter().map(|(label, text)| (label.to_owned(), text)).collect();
    view! {
        <Section title="您承担的部分">
            <DescriptionList items=items />
        </Section>
    }
    .into_any()
}

/// 回避人员: who is excluded, for the association.
fn excluded_view(names: Vec<String>) -> AnyView {
    let names = names.into_iter().map(|name| view! { <li>{name}</li> }).collect_view();
    view! {
        <Section title="回避人员">
            <p>"以下人员不能查看、承办或评价这件业务。"</p>
            <ul class="plain">{names}</ul>
        </Section>
    }
    .into_any()
}

/// 原决定: the disputed decision.
pub(crate) fn disputed_view(disputed: DisputedDecision, consequence: Option<String>) -> AnyView {
    let mut facts = vec![
        ("业务".to_owned(), format!("{} · {}", disputed.kind, disputed.title)),
        ("决定".to_owned(), disputed.decision.to_owned()),
        ("决定日期".to_owned(), disputed.day.to_string()),
        ("决定意见".to_owned(), disputed.note),
    ];
    facts.extend(consequence.map(|text| ("撤销原决定的后果".to_owned(), text)));
    view! {
        <Section title="原决定">
            <DescriptionList items=facts />
        </Section>
    }
    .into_any()
}
