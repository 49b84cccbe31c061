//! 在线申请 and 在线申请（机构）: the catalogue of kinds, 办事指南, 在线办理.

use axum::extract::State;
use backend::AppState;
use backend::access::guard::Allowed;
use backend::matter::context::institution_availability;
use backend::matter::{MatterError, MatterSummary};
use backend::service::matters::{FiledAs, list_drafts};
use backend::service::pages::{GuidePage, guide_page};
use domain::base::permission::UserRole;
use domain::engine::flow::Party;
use domain::engine::form::Fields;
use domain::kind::KINDS;
use domain::matter::{Availability, Kind};
use http::StatusCode;
use leptos::prelude::*;
use uuid::Uuid;

use crate::error::PageError;
use crate::extract::{KindParam, Query};
use crate::links;
use crate::matter::summary::own_row;
use crate::page::{Page, PageResponse, redirect};
use crate::post::Post;
use crate::prequalification::{Prequalification, preset_controls, preset_of_address, read_preset};
use crate::request::Authorized;
use crate::ui::*;

/// Address of the catalogue for applicants.
const PERSONAL: &str = "/apply";
/// Address of the catalogue for users of institutions.
const INSTITUTION: &str = "/institution/apply";

/// Whether applicants can begin matters of this kind themselves.
fn for_applicants(kind: &Kind) -> bool {
    kind.begun_by.contains(&Party::Applicant)
}

/// 在线申请: the kinds that applicants can begin.
pub async fn catalogue(State(app): State<AppState>, Authorized(who): Authorized) -> Result<Page, PageError> {
    let drafts = list_drafts(&app, &who, FiledAs::Person).await?;
    Ok(catalogue_page(&who, "选择要办理的业务", PERSONAL, for_applicants, drafts))
}

/// 在线申请（机构）: the kinds that users of an institution can begin.
pub async fn institution_catalogue(State(app): State<AppState>, Authorized(who): Authorized) -> Result<Page, PageError> {
    let drafts = list_drafts(&app, &who, FiledAs::Institution).await?;
    let lead = "以机构名义办理，本机构用户均可查看";
    Ok(catalogue_page(&who, lead, INSTITUTION, Kind::can_be_filed_by_institution, drafts))
}

/// The kinds that can be begun. Users of an institution switch between their own name and that of the institution.
fn catalogue_page(who: &Allowed, lead: &'static str, base: &'static str, listed: fn(&Kind) -> bool, drafts: Vec<MatterSummary>) -> Page {
    let title = if base == PERSONAL { "在线申请" } else { "在线申请（机构）" };
    let names = [("个人办理", PERSONAL), ("以机构名义办理", INSTITUTION)];
    let files = who.caller().institutions_as(UserRole::Handler).next().is_some();
    let tabs = files.then(|| names.map(|(label, href)| (label, href.to_owned(), href == base)).to_vec());
    Page::new(title, move || {
        let sections = groups(KINDS.iter().copied().filter(|k| listed(k)))
            .into_iter()
            .map(|(group, kinds)| {
                let rows = kinds.into_iter().map(|kind| row(kind, base, &drafts)).collect();
                view! {
                    <Section title=group>
                        <Rows rows=rows />
                    </Section>
                }
            })
            .collect_view();
        view! {
            <PageHead title=title lead=lead />
            {tabs.map(|items| view! { <Tabs items=items /> })}
            {sections}
        }
        .into_any()
    })
    .under(PERSONAL)
}

/// Kinds by group, groups in the order of their first kind.
fn groups(kinds: impl Iterator<Item = &'static Kind>) -> Vec<(&'static str, Vec<&'static Kind>)> {
    let mut groups: Vec<(&'static str, Vec<&'static Kind>)> = Vec::new();
    for kind in kinds {
        match groups.iter_mut().find(|(group, _)| *group == kind.group) {
            Some((_, kinds)) => kinds.push(kind),
            None => groups.push((kind.group, vec![kind])),
        }
    }
    groups
}

/// A kind, with the newest of the caller's `drafts` of it.
fn row(kind: &'static Kind, base: &str, drafts: &[MatterSummary]) -> Row {
    let href = format!("{base}/{}", kind.code);
    // An institution is chosen on the page of the guide.
    let begin = match base {
        PERSONAL => RowAction::Begin("在线办理", href.clone(), Uuid::now_v7()),
        _ => RowAction::Open("在线办理", href.clone()),
    };
    let draft = drafts.iter().find(|draft| draft.kind.is_some_and(|other| other.code == kind.code));
    let resume = draft.map(|draft| RowAction::Open("继续填写", links::first_step(draft.id, kind)));
    let actions = resume.into_iter().chain([begin]).collect();
    Row { href, title: kind.apply_label.into(), sub: kind.guide.summary.into(), badge: None, end: String::new(), actions }
}

/// 办事指南 of a kind and, once it is said what to apply for, the findings of its requirements.
pub async fn guide(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    KindParam(kind): KindParam,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Page, PageError> {
    if !for_applicants(kind) {
        return Err(PageError::NotFound);
    }
    own_guide(&app, &who, kind, &query).await
}

/// 办事指南 for applicants, with what `query` says of the aim.
async fn own_guide(app: &AppState, who: &Allowed, kind: &'static Kind, query: &[(String, String)]) -> Result<Page, PageError> {
    let GuidePage { availability, applicant, drafts } = guide_page(app, who, kind).await?;
    let prequalification = match (kind.requirements, applicant) {
        (Some(requirements), Some((context, library))) => Some(Prequalification::read(kind, requirements, query, context, library)?),
        _ => None,
    };
    let preset = preset_of_address(kind, query)?;
    Ok(page(app, Guide { kind, availability, prequalification, preset, drafts, institutions: None }).under(PERSONAL))
}

/// 办事指南 of a kind for users of an institution.
pub async fn institution_guide(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    KindParam(kind): KindParam,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Page, PageError> {
    if !kind.can_be_filed_by_institution() {
        return Err(PageError::NotFound);
    }
    guide_of_institution(&app, &who, kind, &query).await
}

/// 办事指南 for users of an institution, with what `query` says of the draft to begin.
async fn guide_of_institution(app: &AppState, who: &Allowed, kind: &'static Kind, query: &[(String, String)]) -> Result<Page, PageError> {
    let preset = preset_of_address(kind, query)?;
    let availability = institution_availability(app, who.caller(), kind).await?;
    let institutions = Some(who.caller().institutions_as(UserRole::Handler).cloned().collect());
    Ok(page(app, Guide { kind, availability, prequalification: None, preset, drafts: Vec::new(), institutions }).under("/institution"))
}

/// The content of 办事指南.
struct Guide {
    kind: &'static Kind,
    availability: Availability,
    prequalification: Option<Prequalification>,
    /// What the address says of the draft to begin.
    preset: Fields,
    /// The caller's own drafts of it.
    drafts: Vec<MatterSummary>,
    /// Id and name of the institutions that can file it; `None` on the page for applicants.
    institutions: Option<Vec<(Uuid, String)>>,
}

fn page(app: &AppState, guide: Guide) -> Page {
    let Guide { kind, availability, prequalification, preset, drafts, institutions } = guide;
    let (base, crumb) = if institutions.is_some() { (INSTITUTION, "在线申请（机构）") } else { (PERSONAL, "在线申请") };
    let tables = app.tables();
    let rules = tables.rules.on(app.today());
    let (fee, limits) = (kind.fee_text(&rules), kind.time_limits(&rules));
    Page::new(kind.apply_label, move || {
        let prepare = kind.guide.prepare.iter().map(|p| view! { <li>{*p}</li> }).collect_view();
        let steps = kind.guide.steps.iter().map(|p| view! { <li>{*p}</li> }).collect_view();
        let open = availability == Availability::Open;
        let chosen = prequalification.as_ref().map_or_else(|| preset_controls(kind, &preset), Prequalification::hidden);
        view! {
            <PageHead title=kind.apply_label lead=kind.guide.summary crumbs=vec![(crumb.into(), base.into())] />
            {closed_notice(&availability, base)}
            {(!drafts.is_empty())
                .then(|| {
                    view! {
                        <Section title="继续上次的草稿">
                            <Rows rows=drafts.iter().map(own_row).collect() />
                        </Section>
                    }
                })}
            {prequalification.as_ref().filter(|_| open).map(Prequalification::view)}
            <Section title="申请条件">
                <p>{kind.guide.applicants}</p>
            </Section>
            <Section title="申请材料">
                <ul class="bullets">{prepare}</ul>
            </Section>
            <Section title="收费标准">
                <p>{fee}</p>
            </Section>
            <Section title="办理时限">
                <DescriptionList items=limits />
            </Section>
            <Section title="办理流程">
                <ol class="numbers">{steps}</ol>
            </Section>
            {open
                .then(|| {
                    view! {
                        <section class="panel">
                            <p>"填写过程中可随时暂存草稿箱，以后在“我的事项”中继续。"</p>
                            <form method="post" action=format!("{base}/{}", kind.code) class="fields">
                                <Hidden name="_id" value=Uuid::now_v7().to_string() />
                                {institutions.map(institution_field)}
                                {chosen}
                                <Actions>
                                    <Submit label="在线办理" />
                                </Actions>
                            </form>
                        </section>
                    }
                })}
        }
        .into_any()
    })
}

/// Why no matter of the kind can be begun now, and the way on.
fn closed_notice(availability: &Availability, base: &str) -> Option<AnyView> {
    match availability {
        Availability::Open => None,
        Availability::Closed { reason, instead } => {
            let reason = reason.clone();
            let other = instead.and_then(|renewal| KINDS.iter().find(|kind| kind.renewal == Some(renewal)));
            let link = other.map(|kind| {
                view! {
                    " "
                    <a href=format!("{base}/{}", kind.code)>{format!("办理{}", kind.label)}</a>
                }
            });
            Some(
                view! {
                    <Notice tone=Tone::Warn title="暂不能办理">
                        {reason}
                        {link}
                    </Notice>
                }
                .into_any(),
            )
        }
    }
}

/// The choice of the institution, for users of several.
fn institution_field(institutions: Vec<(Uuid, String)>) -> AnyView {
    let first = institutions.first().map(|(id, _)| id.to_string()).unwrap_or_default();
    if institutions.len() < 2 {
        return view! { <Hidden name="_desk" value=first /> }.into_any();
    }
    let choices = institutions.into_iter().map(|(id, label)| ChoiceItem { code: id.to_string(), label, group: String::new() }).collect();
    view! { <ChoiceField ask=FieldProps::new("_desk", "申请机构") picks=choices values=vec![first] /> }.into_any()
}

/// 在线办理: begins a draft with what was chosen in 申请前核对. The page contains the draft's id, so that two clicks begin one.
pub async fn begin(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    KindParam(kind): KindParam,
    post: Post,
) -> Result<PageResponse, PageError> {
    let chosen = read_preset(kind, &post.pairs)?;
    let begun = backend::workflow::draft::begin_draft_with(&app, &who, kind, post.id("_id")?, chosen).await;
    after_begin(kind, begun, own_guide(&app, &who, kind, &[])).await
}

/// The first step of the draft. What cannot be begun now leads to its guide, which says why.
async fn after_begin(
    kind: &'static Kind,
    begun: Result<Uuid, MatterError>,
    guide: impl Future<Output = Result<Page, PageError>>,
) -> Result<PageResponse, PageError> {
    match begun {
        Ok(id) => Ok(redirect(links::first_step(id, kind))),
        Err(MatterError::Blocked(_)) => Ok(guide.await?.status(StatusCode::CONFLICT).into()),
        Err(error) => Err(error.into()),
    }
}

/// 在线办理 on behalf of an institution.
pub async fn institution_begin(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    KindParam(kind): KindParam,
    post: Post,
) -> Result<PageResponse, PageError> {
    let (id, institution) = (post.id("_id")?, post.id("_desk")?);
    let preset = read_preset(kind, &post.pairs)?;
    let begun = backend::workflow::draft::begin_draft_for(&app, &who, kind, id, Some(institution), preset).await;
    after_begin(kind, begun, guide_of_institution(&app, &who, kind, &[])).await
}
