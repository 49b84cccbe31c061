//! 在线申请: the catalogue of kinds, 办事指南, 在线办理.

use backend::matter::context::World;
use domain::engine::flow::Party;
use domain::engine::form::{Answers, Field, Fields, Scope, Value, check_field, read_fields};
use domain::kind::{self, KINDS};
use domain::matter::{Entry, Found, Kind, Requirements};
use leptos::prelude::*;
use uuid::Uuid;

use crate::call::{Answer, Call, Fault, Page};
use crate::control::{Sheet, control_as};
use crate::matter::requirement::requirement_view;
use crate::ui::*;

/// Where people begin matters for themselves.
const PERSONAL: &str = "/apply";
/// Where users of an institution begin them at its desk.
const AT_DESK: &str = "/institution/apply";

/// The catalogue, by group.
pub async fn catalogue(_call: Call) -> Result<Answer, Fault> {
    Ok(kinds("在线申请", "选择要办理的业务", PERSONAL, |kind| kind.begun_by.contains(&Party::Applicant)).under(PERSONAL).into())
}

/// 发起业务: what users of an institution begin at its desk.
pub async fn at_desk(_call: Call) -> Result<Answer, Fault> {
    Ok(kinds("发起业务", "以机构名义办理，本机构的其他用户可以查看", AT_DESK, Kind::at_desks).under("/institution").into())
}

fn kinds(title: &'static str, lead: &'static str, base: &'static str, open: fn(&Kind) -> bool) -> Page {
    Page::new(title, move || {
        let open: Vec<&'static Kind> = KINDS.iter().copied().filter(|k| open(k)).collect();
        let mut groups: Vec<&'static str> = open.iter().map(|k| k.group).collect();
        groups.dedup();
        let sections = groups
            .into_iter()
            .map(|group| {
                let rows = open.iter().filter(|k| k.group == group).map(|k| row(k, base)).collect();
                view! { <Section title=group><Rows rows=rows/></Section> }
            })
            .collect_view();
        view! { <PageHead title=title lead=lead/>{sections} }.into_any()
    })
}

fn row(kind: &Kind, base: &str) -> Row {
    let href = format!("{base}/{}", kind.code);
    Row {
        href: href.clone(),
        title: kind.label.into(),
        sub: kind.guide.summary.into(),
        badge: None,
        end: String::new(),
        action: Some(("在线办理", href)),
    }
}

/// 办事指南 of a kind and, once it is said what is aimed at, what of it is met.
pub async fn guide(call: Call) -> Result<Answer, Fault> {
    let kind = kind::by_code(call.param("kind")).ok_or(Fault::NotFound)?;
    let aim = match kind.requirements {
        Some(requirements) => Some(Aim::read(&call, kind, requirements).await?),
        None => None,
    };
    let entry = backend::matter::context::entry(&call.app, call.allowed()?.caller(), kind).await?;
    Ok(guide_page(kind, aim, entry, None).under(PERSONAL).into())
}

/// The same at the desk of an institution.
pub async fn desk_guide(call: Call) -> Result<Answer, Fault> {
    let kind = kind::by_code(call.param("kind")).filter(|k| k.at_desks()).ok_or(Fault::NotFound)?;
    let who = call.allowed()?;
    let entry = backend::matter::context::entry_at_desks(&call.app, who.caller(), kind).await?;
    Ok(guide_page(kind, None, entry, Some(who.caller().desks.clone())).under("/institution").into())
}

/// The guide, with the way into the form, or why there is none. `desks`: the institutions in whose name it can be begun.
fn guide_page(kind: &'static Kind, aim: Option<Aim>, entry: Entry, desks: Option<Vec<(Uuid, String)>>) -> Page {
    let (base, crumb) = if desks.is_some() { (AT_DESK, "发起业务") } else { (PERSONAL, "在线申请") };
    Page::new(kind.label, move || {
        let prepare = kind.guide.prepare.iter().map(|p| view! { <li>{*p}</li> }).collect_view();
        let steps = kind.guide.steps.iter().map(|p| view! { <li>{*p}</li> }).collect_view();
        let chosen = aim.as_ref().map(Aim::hidden);
        view! {
            <PageHead title=kind.label lead=kind.guide.summary crumbs=vec![(crumb.into(), base.into())]/>
            {entry_view(&entry)}
            {aim.as_ref().filter(|_| entry == Entry::Open).map(|aim| aim_view(kind, aim))}
            <Section title="谁可以申请"><p>{kind.guide.who}</p></Section>
            <Section title="需要准备"><ul class="bullets">{prepare}</ul></Section>
            <Section title="办理流程"><ol class="numbers">{steps}</ol></Section>
            {(entry == Entry::Open).then(|| view! {
                <section class="panel">
                    <p>"填写过程中可随时暂存草稿箱，以后在“我的事项”中继续。"</p>
                    <form method="post" action=format!("{base}/{}", kind.code) class="fields">
                        <Hidden name="_id" value=Uuid::now_v7().to_string()/>
                        {desks.clone().map(desk_view)}
                        {chosen}
                        <Actions><Submit label="在线办理"/></Actions>
                    </form>
                </section>
            })}
        }
        .into_any()
    })
}

/// Why it cannot be begun now.
fn entry_view(entry: &Entry) -> Option<AnyView> {
    let why = match entry {
        Entry::Open => return None,
        Entry::Closed(why) => why.clone(),
    };
    Some(view! { <Notice tone=Tone::Warn title="目前不能申请">{why}</Notice> }.into_any())
}

/// In whose name: asked only of who acts for several institutions.
fn desk_view(desks: Vec<(Uuid, String)>) -> AnyView {
    let first = desks.first().map(|(id, _)| id.to_string()).unwrap_or_default();
    if desks.len() < 2 {
        return view! { <Hidden name="_desk" value=first/> }.into_any();
    }
    let picks = desks.into_iter().map(|(id, label)| Pick { code: id.to_string(), label, group: String::new() }).collect();
    view! { <ChoiceField ask=Ask::new("_desk", "申请机构") picks=picks values=vec![first]/> }.into_any()
}

/// What someone thinks of applying for, and what was found.
struct Aim {
    asked: Vec<(&'static Field, bool)>,
    sheet: Sheet,
    world: World,
    found: Vec<Found>,
}

/// The fields that say what is aimed at, and whether they are needed for it.
fn aim_fields(kind: &'static Kind, requirements: &Requirements) -> Vec<(&'static Field, bool)> {
    let field = |name: &str| kind.form.fields().map(|(_, f)| f).find(|f| f.name == name);
    let needed = requirements.aim.iter().filter_map(|n| Some((field(n)?, true)));
    needed.chain(requirements.also.iter().filter_map(|n| Some((field(n)?, false)))).collect()
}

impl Aim {
    /// Reads it from the query and holds it against what the person keeps in 基本信息库, their scores and certificates.
    async fn read(call: &Call, kind: &'static Kind, requirements: &'static Requirements) -> Result<Self, Fault> {
        let who = call.allowed()?;
        let world = backend::matter::context::world_of_caller(&call.app, who.caller()).await?;
        let mut answers = backend::workflow::library::library_answers(&call.app, &who, kind.form).await?;
        let asked = aim_fields(kind, requirements);
        let pairs: Vec<(String, String)> =
            call.query.iter().filter(|(n, _)| asked.iter().any(|(f, _)| f.name == n.as_str())).cloned().collect();
        read_fields(asked.iter().map(|(f, _)| *f), &pairs, &mut answers.fields)?;
        let faults = if pairs.is_empty() { Vec::new() } else { faults(&asked, &answers, &world) };
        let found = if faults.is_empty() { kind.requirements_of(&answers, &world.context()) } else { Vec::new() };
        Ok(Self { asked, sheet: Sheet { id: Uuid::nil(), answers, record: None, faults }, world, found })
    }

    /// The choices, to be taken over into the draft.
    fn hidden(&self) -> impl IntoView + use<> {
        let codes = |name| match self.sheet.answers.fields.get(name) {
            Some(Value::Many(codes)) => codes.clone(),
            value => vec![value.map_or_else(String::new, |v| v.text().to_owned())],
        };
        let chosen = self.asked.iter().flat_map(|(f, _)| codes(f.name).into_iter().map(|code| (f.name, code)));
        let sound = chosen.filter(|(name, text)| !text.is_empty() && self.sheet.faults.iter().all(|(n, _)| n != name));
        sound.map(|(name, text)| view! { <Hidden name=name value=text/> }).collect_view()
    }
}

fn faults(asked: &[(&'static Field, bool)], answers: &Answers, world: &World) -> Vec<(String, String)> {
    let (scope, context) = (Scope::form(answers), world.context());
    let fault = |(field, needed): &(&'static Field, bool)| {
        let value = answers.fields.get(field.name);
        let issue = check_field(field, value, &scope, &context).filter(|_| *needed || value.is_some())?;
        Some((field.name.to_owned(), issue.text))
    };
    asked.iter().filter_map(fault).collect()
}

/// 我能申请吗: the question, and the answer with its figures.
fn aim_view(kind: &'static Kind, aim: &Aim) -> impl IntoView + use<> {
    let controls = aim.asked.iter().map(|(f, needed)| control_as(f, &aim.sheet, &aim.world.context(), *needed)).collect_view();
    let found = aim.found.clone();
    let found = (!found.is_empty()).then(move || {
        view! {
            <Section title="核对结果" aside=("补充基本信息库", "/me/library".to_owned())>
                <p>"按您的基本信息库、考试成绩和注册证书核对。待确认的，是平台还不掌握的信息，在申请中填写后再核对。"</p>
                {requirement_view(found, true)}
            </Section>
        }
    });
    view! {
        <Section title="申请前核对">
            <p>"选择要办理的内容，先看看是否符合要求，再开始填写。"</p>
            <form method="get" action=format!("/apply/{}", kind.code) class="fields">
                {controls}
                <Actions><Submit label="查看是否符合要求" weight=Weight::Quiet/></Actions>
            </form>
        </Section>
        {found}
    }
}

/// 在线办理: begins a draft with what was chosen before. The page made its id, so that two clicks begin one.
pub async fn begin(call: Call) -> Result<Answer, Fault> {
    let kind = kind::by_code(call.param("kind")).ok_or(Fault::NotFound)?;
    let asked = kind.requirements.map_or_else(Vec::new, |r| aim_fields(kind, r));
    let mut chosen = Fields::new();
    read_fields(asked.iter().map(|(f, _)| *f), &call.post.pairs, &mut chosen)?;
    let id = backend::workflow::draft::begin_with(&call.app, &call.allowed()?, kind, call.post.id("_id")?, chosen).await?;
    Ok(first_page(kind, id))
}

/// The same at the desk of an institution.
pub async fn desk_begin(call: Call) -> Result<Answer, Fault> {
    let kind = kind::by_code(call.param("kind")).ok_or(Fault::NotFound)?;
    let (id, desk) = (call.post.id("_id")?, call.post.id("_desk")?);
    let id = backend::workflow::draft::begin_at(&call.app, &call.allowed()?, kind, id, Some(desk), Fields::new()).await?;
    Ok(first_page(kind, id))
}

fn first_page(kind: &Kind, id: Uuid) -> Answer {
    let first = kind.form.steps.first().map_or("", |s| s.code);
    Answer::See(format!("/matters/{id}/edit/{first}"))
}
