//! The page of one matter: where it stands, what can be done, what was said, what happened.

use backend::matter::relations::Disputed;
use backend::matter::{MatterError, Opened};
use backend::workflow::execute::Act;
use domain::engine::flow::{Asks, Command, Event, Hat, Link, Move, Party, Tone as MoveTone, What};
use http::StatusCode;
use leptos::prelude::*;
use uuid::Uuid;

use super::difference::difference_view;
use super::read::{Reader, answers_view};
use super::step_path;
use crate::call::{Answer, Call, Fault, Page};
use crate::ui::*;
use crate::words;

/// Shows a matter to whoever has anything to do with it.
pub async fn show(call: Call) -> Result<Answer, Fault> {
    Ok(page(&call, None).await?.into())
}

/// A file of the matter.
pub async fn file(call: Call) -> Result<Answer, Fault> {
    let file = backend::workflow::files::download(&call.app, &call.allowed()?, call.id("id")?, call.id("file")?).await?;
    Ok(Answer::File { name: file.name, mime: file.mime, bytes: file.bytes.into() })
}

/// Carries out a move, or removes a draft.
pub async fn act(call: Call) -> Result<Answer, Fault> {
    let who = call.allowed()?;
    let id = call.id("id")?;
    let name = call.post.text("_action").to_owned();
    if name == "discard" {
        backend::workflow::draft::discard_matter(&call.app, &who, id).await?;
        return Ok(Answer::See("/matters?view=drafts".into()));
    }
    let note = domain::base::text::normalise_lines(call.post.text("note"));
    let command = Command { name: name.clone(), note: note.clone(), ..Command::default() };
    let act = Act { key: call.post.id("_key")?, matter: id, command };
    match backend::workflow::execute::act(&call.app, &who, act).await {
        Ok(_) => Ok(Answer::See(format!("/matters/{id}"))),
        Err(MatterError::NotFound) => Err(Fault::NotFound),
        Err(MatterError::Db(error)) => Err(error.into()),
        Err(error) => {
            use domain::engine::flow::Refusal::{LongNote, NoNote};
            let status = match error {
                MatterError::Refused(NoNote | LongNote) => StatusCode::UNPROCESSABLE_ENTITY,
                _ => StatusCode::CONFLICT,
            };
            let refused = Refused { name, note, text: error.text() };
            Ok(page(&call, Some(refused)).await?.status(status).into())
        }
    }
}

/// A move that was refused: what was typed with it, and why.
#[derive(Clone)]
struct Refused {
    name: String,
    note: String,
    text: String,
}

async fn page(call: &Call, refused: Option<Refused>) -> Result<Page, Fault> {
    let who = call.allowed()?;
    let opened = backend::matter::open_matter(&call.app, &who, call.id("id")?).await?;
    let world = backend::matter::context::world_of(&call.app, &opened, who.caller()).await?;
    let (person, institutions) = backend::service::matters::parties(&call.app, &opened).await?;
    let certificate = backend::record::certificate::certificate_of(&call.app, opened.row.id).await?.map(|c| c.row.number);
    let mut accounts: Vec<Uuid> = opened.events.iter().filter_map(|e| e.by).collect();
    accounts.sort_unstable();
    accounts.dedup();
    let names = backend::service::matters::names(&call.app, &accounts).await?;
    let pace = backend::matter::pace::pace(&call.app, &opened.row).await?;
    let deliveries = backend::service::message::delivery::deliveries(&call.app, &who, opened.row.id).await?;
    let disputed = backend::matter::relations::disputed(&call.app, &opened).await?;
    let own = opened.actor.hats.contains(&Hat::Applicant);
    let before = if own { None } else { backend::matter::submitted_before(&call.app, &opened).await? };
    let current = match opened.actor.hats.first() {
        Some(Hat::Institution(_)) => "/institution",
        Some(Hat::Association(_)) => "/association",
        Some(Hat::Expert) => "/expert",
        _ => "/matters",
    };
    let body = move || {
        let id = opened.row.id;
        let reader = Reader::of(&opened);
        let stage = opened.stage();
        let title = opened.kind.title_for(&opened.answers);
        let mut facts = vec![
            ("业务类型".to_owned(), opened.kind.label.to_owned()),
            ("轮到谁办理".to_owned(), stage.map_or("", |s| if s.closed() { "已办结" } else { s.turn.label() }).to_owned()),
            ("办理期限".to_owned(), opened.row.due_on.map(|d| d.to_string()).unwrap_or_default()),
            ("提交时间".to_owned(), opened.row.submitted_at.map(words::time).unwrap_or_default()),
        ];
        facts.splice(1..1, institutions.into_iter().map(|(label, name)| (label.to_owned(), name)));
        facts.extend(pace.map(|pace| ("通常用时".to_owned(), pace.text())));
        if let Some(person) = person {
            facts.insert(0, ("申请人".to_owned(), person.name.clone()));
            if !own {
                facts.insert(1, (person.document_label().to_owned(), person.masked_document()));
                facts.insert(2, ("手机号码".to_owned(), person.masked_mobile()));
            }
        }
        let crumbs = match current {
            "/institution" => ("机构工作台".to_owned(), current.to_owned()),
            "/association" => ("协会工作台".to_owned(), current.to_owned()),
            "/expert" => ("专家评价".to_owned(), current.to_owned()),
            _ => ("我的事项".to_owned(), current.to_owned()),
        };
        let timeline = opened.events.iter().rev().filter_map(|e| entry(e, &opened, &names)).collect();
        let links = super::print::links(&opened);
        let badge = stage.map(|s| view! { <p><Badge tone=words::tone(s) text=s.label/></p> });
        view! {
            <PageHead title=title crumbs=vec![crumbs]/>
            {refused.clone().map(|r| view! { <Notice tone=Tone::Bad>{r.text}</Notice> })}
            <div class="split">
                <div>
                    <Section title="办理情况">{badge}<Facts items=facts/>{links}</Section>
                    {certificate.map(|number| view! {
                        <Notice tone=Tone::Good title="证书已颁发">
                            <p>"证书编号 "<a href=format!("/verify/{number}")>{number.clone()}</a></p>
                        </Notice>
                    })}
                    {disputed.map(disputed_view)}
                    {difference_view(&opened, before.as_ref(), &world)}
                    {moves_view(&opened, refused)}
                    {super::requirement::requirements_section(&opened, &world)}
                    {answers_view(id, opened.kind.form, &opened.answers, &world, reader)}
                </div>
                <div><Section title="办理进度"><Timeline items=timeline/></Section>{super::delivery::deliveries_section(deliveries)}</div>
            </div>
        }
        .into_any()
    };
    Ok(Page::new("业务详情", body).under(current))
}

/// 原决定: what the matter disputes.
fn disputed_view(disputed: Disputed) -> AnyView {
    let facts = vec![
        ("业务".to_owned(), format!("{} · {}", disputed.kind, disputed.title)),
        ("决定".to_owned(), disputed.decision.to_owned()),
        ("决定日期".to_owned(), disputed.day.to_string()),
        ("决定意见".to_owned(), disputed.note),
    ];
    view! { <Section title="原决定"><Facts items=facts/></Section> }.into_any()
}

/// What happened, in the words of the flow. The applicant, and whoever stands at the desk where it was begun, reads who of the association or
/// an institution acted, not their names.
pub(super) fn entry(event: &Event, opened: &Opened, names: &[(Uuid, String)]) -> Option<TimelineItem> {
    let own = opened.actor.hats.iter().all(|h| matches!(h, Hat::Applicant | Hat::Institution(Link::Filing)));
    let name = || names.iter().find(|(id, _)| Some(*id) == event.by).map_or("", |(_, n)| n.as_str()).to_owned();
    let party = match event.party.as_str() {
        "applicant" => "申请人",
        "institution" => Link::Recommending.label(),
        "institution_leaving" => Link::Leaving.label(),
        "institution_joining" => Link::Joining.label(),
        "institution_filing" => Link::Filing.label(),
        "expert" => "评价专家",
        "cashier" => "缴费",
        "appeal" => "申诉处理",
        "clock" => "系统",
        p if p.starts_with("association") => "协会",
        _ => "",
    };
    let (what, note) = match &event.what {
        What::Moved { from, command, note, .. } => {
            let done = opened.kind.flow.stage(from).and_then(|s| s.moves.iter().find(|m| m.command == *command));
            let staff = opened.actor.hats.iter().any(|h| matches!(h, Hat::Association(_)));
            let note = if staff || done.is_none_or(|m| !m.inner) { note.clone() } else { String::new() };
            (done.map_or("", |m| m.done).to_owned(), note)
        }
        What::Voted { note, .. } if !own => ("提交了评价意见".to_owned(), note.clone()),
        What::Voted { .. } => return None,
        What::Assigned { .. } => ("指派了评价专家".to_owned(), String::new()),
        What::Recused { note } if !own => ("申请回避".to_owned(), note.clone()),
        What::Recused { .. } => return None,
    };
    let who = if own || opened.blind() { party.to_owned() } else { format!("{party} {}", name()) };
    Some(TimelineItem { when: words::time(event.at), who, what, note })
}

/// One form for each move open to this person; what leads to the wizard is a link.
fn moves_view(opened: &Opened, refused: Option<Refused>) -> Option<AnyView> {
    let id = opened.row.id;
    let moves = opened.moves();
    let mut parts: Vec<AnyView> = Vec::new();
    if opened.editable() {
        let first = step_path(id, opened.kind.form.steps.first().map_or("", |s| s.code));
        let edit = if opened.items().is_some() { format!("/matters/{id}/rectify") } else { first };
        parts.push(
            view! {
                <div class="choices">
                    <ButtonLink href=edit label="编辑"/>
                    <ButtonLink href=format!("/matters/{id}/review") label="核对并提交" quiet=true/>
                </div>
            }
            .into_any(),
        );
    }
    if let Some((label, href)) = opened.stage().and_then(|s| super::list::cash_page(id, s, &opened.actor.hats)) {
        parts.push(view! { <p><ButtonLink href=href label=label/></p> }.into_any());
    }
    if opened.draft() {
        parts.push(
            view! {
                <Fold label="删除草稿">
                    <form method="post" action=format!("/matters/{id}")>
                        <p>"删除后不能恢复。"</p>
                        <Submit label="删除草稿" weight=Weight::Grave action="discard"/>
                    </form>
                </Fold>
            }
            .into_any(),
        );
    }
    // Findings have a page of their own, where each record stands beside its verdict.
    let sheet = opened.stage().is_some_and(|s| s.moves.iter().any(|m| m.asks == Asks::Findings));
    if opened.actor.hats.contains(&Hat::Expert) && moves.iter().any(|m| m.asks == Asks::Findings) {
        parts.push(view! { <ButtonLink href=format!("/expert/registrations/{id}") label="评价"/> }.into_any());
    }
    for m in moves.into_iter().filter(|m| m.asks != Asks::Submission && !(sheet && m.by == Party::Expert)) {
        let page = match m.asks {
            Asks::NoteAndItems => Some("return"),
            Asks::People(_) => Some("assign"),
            _ => None,
        };
        if let Some(page) = page {
            let quiet = m.tone != MoveTone::Forward;
            parts.push(view! { <p><ButtonLink href=format!("/matters/{id}/{page}") label=m.label quiet=quiet/></p> }.into_any());
            continue;
        }
        let refused = refused.clone().filter(|r| r.name == m.command);
        let form = move_form(id, m, refused);
        parts.push(match m.tone {
            MoveTone::Grave => view! { <Fold label=m.label>{form}</Fold> }.into_any(),
            _ => form,
        });
    }
    (!parts.is_empty()).then(|| view! { <Section title="办理">{parts}</Section> }.into_any())
}

fn move_form(id: Uuid, m: &'static Move, refused: Option<Refused>) -> AnyView {
    let weight = match m.tone {
        MoveTone::Forward => Weight::Main,
        MoveTone::Plain => Weight::Quiet,
        MoveTone::Grave => Weight::Grave,
    };
    let note = (m.asks != Asks::Nothing).then(|| {
        let fault = refused.as_ref().map(|r| r.text.clone());
        let typed = refused.as_ref().map(|r| r.note.clone()).unwrap_or_default();
        let mut ask = Ask::new("note", &format!("{}意见", m.label)).fault(fault);
        if m.asks == Asks::OptionalNote {
            ask = ask.optional();
        }
        view! { <NoteField ask=ask id=format!("note-{}", m.command) value=typed/> }
    });
    view! {
        <form method="post" action=format!("/matters/{id}") class="fields record" data-move=m.command>
            <Hidden name="_key" value=Uuid::now_v7().to_string()/>
            {note}
            <div><Submit label=m.label weight=weight action=m.command/></div>
        </form>
    }
    .into_any()
}
