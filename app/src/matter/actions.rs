//! 办理: the commands open to the caller.

use backend::matter::context::OwnedMatterContext;
use backend::matter::{LoadedMatter, Seen};
use backend::record::form_draft::{OpenDrafts, form_of};
use backend::service::payment::view::{ChargeState, MatterPayment};
use domain::engine::flow::{Effect, Party, Requires, Stage, Tone as TransitionTone, Transition, opinion_phrases};
use domain::engine::form::{Answers, Value};
use domain::record::payment::withdrawal_notice;
use leptos::prelude::*;
use uuid::Uuid;

use super::copy;
use super::seen::{OutdatedPage, SeenField};
use super::summary::payment_page;
use super::transition_form::{MARK, controls, read_answers};
use crate::form_draft::{DraftOnPage, FormDraftFields, Older};
use crate::links;
use crate::ui::*;
use crate::wizard::FieldErrors;

/// A command as it was typed.
#[derive(Clone, Default)]
pub(super) struct TypedCommand {
    /// Name of the command.
    pub name: String,
    /// The opinion.
    pub note: String,
    /// Name of a person to be excluded.
    pub person: String,
    /// Answers to the form of the transition.
    pub answers: Answers,
}

/// A refused command: its input and the reason.
#[derive(Clone)]
pub(super) struct RefusedCommand {
    /// What was typed.
    pub typed: TypedCommand,
    /// Message for the person, above the page.
    pub text: String,
    /// The same at the control, if the typed text is the reason.
    pub fault: Option<String>,
    /// Errors at the controls of the form of the transition.
    pub faults: FieldErrors,
    /// Text that another page of the author has saved, if a save is refused for it.
    pub older: Option<Older>,
    /// What the command was decided on, if the matter changed since.
    pub outdated: Option<OutdatedPage>,
}

impl RefusedCommand {
    /// What was typed, if no form of the page shows it again.
    pub fn text_without_form(&self, matter: &LoadedMatter) -> Option<String> {
        let TypedCommand { name, note, person, answers } = &self.typed;
        let shown = matter.open_transitions().iter().any(|t| t.command == name && has_form(matter, t));
        let answers: Vec<String> = answers.fields.values().map(Value::raw_text).collect();
        let text =
            [person, note].into_iter().chain(&answers).map(String::as_str).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n");
        Some(text).filter(|text| !text.is_empty() && !shown)
    }
}

/// Links for the whole matter: 打印, 复制为新申请.
pub(super) fn links_view(matter: &LoadedMatter) -> AnyView {
    let href = format!("/matters/{}/print", matter.id);
    let copy = copy::button(matter, Weight::Quiet);
    view! {
        <div class="choices">
            <ButtonLink href=href label="打印" quiet=true />
            {copy}
        </div>
    }
    .into_any()
}

/// Id of the section.
pub(super) const DECISION: &str = "decision";

/// 办理 of a matter.
pub(super) struct Actions {
    /// Whether there is more than a link to do.
    pub decides: bool,
    /// The section.
    pub view: AnyView,
}

/// One form for each transition open to the caller, of which one is open at a time; transitions that have a page of their own are links.
pub(super) fn actions_view(
    matter: &LoadedMatter,
    payment: Option<&MatterPayment>,
    refused: Option<RefusedCommand>,
    drafts: &OpenDrafts,
    context: &OwnedMatterContext,
) -> Option<Actions> {
    let id = matter.id;
    let open = matter.open_transitions();
    let mut parts: Vec<AnyView> = Vec::new();
    if matter.is_editable() {
        parts.push(edit_links(matter));
    }
    if let Some((label, href)) = matter.stage().and_then(|s| payment_page(id, s, &matter.actor.parties)) {
        parts.push(
            view! {
                <p>
                    <ButtonLink href=href label=label />
                </p>
            }
            .into_any(),
        );
    }
    if matter.is_draft() {
        parts.push(discard_form(id, matter.seen()));
    }
    if matter.is_party(Party::Expert) && open.iter().any(|t| t.is_opinion()) {
        let link = links::evaluation(id, matter.kind).map(|href| view! { <ButtonLink href=href label="评价" /> }.into_any());
        parts.extend(link);
    }
    let notice = |t: &Transition| fee_notice(matter, payment, t);
    let draft_of = |t: &Transition| form_of(matter, t).map(|(form, part)| DraftOnPage::of(drafts, form, &part));
    let form_of = |t| TransitionForm { matter, context, transition: t, notice: notice(t), refused: refused.as_ref(), draft: draft_of(t) };
    let (linked, forms): (Vec<_>, Vec<_>) = open.into_iter().filter(|t| is_on_page(matter, t)).partition(|t| !has_form(matter, t));
    let pays = matter.stage().is_some_and(|stage| payment_page(id, stage, &matter.actor.parties).is_some());
    let decides = pays || matter.is_editable() || !linked.is_empty() || forms.iter().any(|t| !is_grave(t));
    parts.extend(linked.iter().filter(|t| t.tone == TransitionTone::Forward).map(|t| transition_link(id, t)));
    if !forms.is_empty() {
        parts.push(moves_view(forms.into_iter().map(form_of).collect()));
    }
    parts.extend(linked.iter().filter(|t| t.tone != TransitionTone::Forward).map(|t| transition_link(id, t)));
    (!parts.is_empty()).then(|| Actions {
        decides,
        view: view! {
            <div id=DECISION>
                <Section title="办理">{parts}</Section>
            </div>
        }
        .into_any(),
    })
}

/// The forms of the transitions: the one that was written in is open, else the first that does not end the matter.
fn moves_view(forms: Vec<TransitionForm<'_>>) -> AnyView {
    let written = forms.iter().position(TransitionForm::is_written);
    let is_alone = forms.len() == 1;
    let first = forms.iter().position(|form| !is_grave(form.transition));
    let shown = written.or(first);
    let moves = forms.into_iter().enumerate().map(|(index, form)| {
        let (transition, grave, is_open) = (form.transition, is_grave(form.transition), shown == Some(index));
        let view = transition_form(form);
        match is_alone && !grave {
            true => view,
            false => view! {
                <Move label=transition.label open=is_open grave=grave>
                    {view}
                </Move>
            }
            .into_any(),
        }
    });
    moves.collect_view().into_any()
}

/// What becomes of a paid fee by a command that closes the matter.
fn fee_notice(matter: &LoadedMatter, payment: Option<&MatterPayment>, transition: &Transition) -> Option<&'static str> {
    let is_paid = payment.is_some_and(|p| p.charge.state == ChargeState::Paid);
    (is_paid && transition.effects.contains(&Effect::CancelCharge)).then(|| withdrawal_notice(matter.state.accepted))
}

/// Whether the page of the matter has the command. Submissions, and what experts do, have pages of their own.
pub(super) fn is_on_page(matter: &LoadedMatter, transition: &Transition) -> bool {
    let evaluates = matter.stage().is_some_and(Stage::is_evaluation) && transition.by == Party::Expert;
    transition.requires != Requires::Submission && !(evaluates && matter.kind.expert_list.is_some())
}

/// Whether the page of the matter has the form of the command, and not only a link to its page.
fn has_form(matter: &LoadedMatter, transition: &Transition) -> bool {
    let linked = matches!(transition.requires, Requires::NoteAndItems | Requires::Assignees(_));
    is_on_page(matter, transition) && !linked
}

fn edit_links(matter: &LoadedMatter) -> AnyView {
    let id = matter.id;
    let edit = if matter.open_items().is_some() { format!("/matters/{id}/rectify") } else { links::first_step(id, matter.kind) };
    view! {
        <div class="choices">
            <ButtonLink href=edit label="编辑" />
            <ButtonLink href=format!("/matters/{id}/review") label="核对并提交" quiet=true />
        </div>
    }
    .into_any()
}

fn discard_form(id: Uuid, seen: Seen) -> AnyView {
    view! {
        <Fold label="删除草稿">
            <form method="post" action=links::matter(id)>
                <SeenField seen=seen />
                <p>"删除后不能恢复。"</p>
                <Submit label="删除草稿" weight=Weight::Grave action="discard" />
            </form>
        </Fold>
    }
    .into_any()
}

/// A transition with all that its form on the page needs.
struct TransitionForm<'a> {
    matter: &'a LoadedMatter,
    context: &'a OwnedMatterContext,
    transition: &'static Transition,
    notice: Option<&'static str>,
    refused: Option<&'a RefusedCommand>,
    draft: Option<DraftOnPage>,
}

/// A link to the page of a transition that has one.
fn transition_link(id: Uuid, transition: &'static Transition) -> AnyView {
    let page = if transition.requires == Requires::NoteAndItems { "return" } else { "assign" };
    let quiet = transition.tone != TransitionTone::Forward;
    view! {
        <p>
            <ButtonLink href=format!("/matters/{id}/{page}") label=transition.label quiet=quiet />
        </p>
    }
    .into_any()
}

fn transition_form(form: TransitionForm<'_>) -> AnyView {
    let transition = form.transition;
    let weight = match transition.tone {
        TransitionTone::Forward => Weight::Main,
        TransitionTone::Plain => Weight::Quiet,
        TransitionTone::Destructive => Weight::Grave,
    };
    let controls = form.controls();
    let TransitionForm { matter, notice, draft, .. } = form;
    let phrases = view! { <PhraseField target=note_id(transition) phrases=opinion_phrases(transition) /> };
    let save = draft.is_some().then(|| {
        view! { <Submit label="暂存" weight=Weight::Quiet action=format!("save:{}", transition.command) /> }
    });
    let fields = draft.map(|draft| view! { <FormDraftFields draft=draft /> });
    view! {
        <form method="post" action=links::matter(matter.id) class="fields" data-move=transition.command>
            <Hidden name="_key" value=Uuid::now_v7().to_string() />
            <SeenField seen=matter.seen() />
            {controls}
            {phrases}
            {notice.map(|text| view! { <p class="fee-notice">{text}</p> })}
            <div class="choices">
                <Submit label=transition.label weight=weight action=transition.command />
                {save}
            </div>
            {fields}
        </form>
    }
    .into_any()
}

/// Whether a transition ends the matter, or keeps somebody away from it.
fn is_grave(transition: &Transition) -> bool {
    transition.tone == TransitionTone::Destructive || transition.requires == Requires::Exclusion
}

/// Id of the text area of the opinion.
fn note_id(transition: &Transition) -> String {
    format!("note-{}", transition.command)
}

impl TransitionForm<'_> {
    /// The refused command, if it was this one.
    fn refused(&self) -> Option<&RefusedCommand> {
        self.refused.filter(|r| r.typed.name == self.transition.command)
    }

    /// Whether something was written in it.
    fn is_written(&self) -> bool {
        self.refused().is_some() || self.draft.as_ref().is_some_and(DraftOnPage::is_saved)
    }

    /// What the command asks for: the fields of its form, or a note.
    fn controls(&self) -> AnyView {
        let (transition, refused) = (self.transition, self.refused());
        if let Requires::Form(form) = transition.requires {
            let saved = || self.draft.as_ref().map(|draft| read_answers(Some(form), &draft.pairs)).unwrap_or_default();
            let answers = refused.map_or_else(saved, |r| r.typed.answers.clone());
            let faults = refused.map(|r| r.faults.clone()).unwrap_or_default();
            let controls = controls(self.matter.id, form, answers, faults, self.context);
            return view! {
                <Hidden name=MARK value=transition.command.to_owned() />
                {controls}
            }
            .into_any();
        }
        let saved = |name: &str| self.draft.as_ref().map_or_else(String::new, |draft| draft.text(name));
        let person = (transition.requires == Requires::Exclusion).then(|| {
            let hint = "填写姓名。凡是这个姓名的工作人员和专家，以及以后取得相应权限的人，都不能查看、承办或评价这件业务。";
            let typed = refused.map_or_else(|| saved("person"), |r| r.typed.person.clone());
            view! { <TextField ask=FieldProps::new("person", "回避人员").hint(hint) value=typed short=true /> }
        });
        let note = (transition.requires != Requires::Nothing).then(|| {
            let label = match transition.quoted_note {
                Some(label) => label.to_owned(),
                None if person.is_some() => "回避理由".to_owned(),
                None => format!("{}意见", transition.label),
            };
            let mut ask = FieldProps::new("note", &label).fault(refused.and_then(|r| r.fault.clone()));
            if transition.requires == Requires::OptionalNote {
                ask = ask.optional();
            }
            let typed = refused.map_or_else(|| saved("note"), |r| r.typed.note.clone());
            view! { <NoteField ask=ask id=note_id(transition) value=typed /> }
        });
        view! {
            {person}
            {note}
        }
        .into_any()
    }
}
