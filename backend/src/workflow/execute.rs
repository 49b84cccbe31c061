//! Commands on matters: one transaction and one outcome for each idempotency key.

use std::collections::{BTreeSet, VecDeque};

use chrono::{DateTime, NaiveDate, Utc};
use domain::base::permission::Role;
use domain::engine::assessment::is_judged;
use domain::engine::flow::{Command, Conditions, Decision, DecisionInput, Party, Refusal, Requires, concluding_command, decide};
use domain::engine::form::{Answers, Problem, changes, check_form};
use domain::matter::Participant;
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::infra::db::{self, DbError, Tx};
use crate::matter::answers::answers_at;
use crate::matter::context::OwnedMatterContext;
use crate::matter::facets::store_facets;
use crate::matter::follow_up::FollowUp;
use crate::matter::history::insert_event;
use crate::matter::load::{load_as_system, load_for_command};
use crate::matter::submission::{named_accounts, store_excluded, store_relations};
use crate::matter::{LoadedMatter, MatterError, Shown};
use crate::record::audit::audit;
use crate::record::certificate::renewal::register_requests;
use crate::record::expert::assignment::find_conflicts;
use crate::record::form_draft::{self, sent_by_command, state_of};
use crate::state::AppState;
use crate::workflow::closing::{pass_closed, require_submittable};
use crate::workflow::effects::apply_effect;
use crate::workflow::idempotency::SentRequest;
use crate::workflow::identity_check::{CountedCheck, document_problem};
use crate::workflow::index::update_index;
use crate::workflow::notify::{notify, role_holders};
use crate::workflow::number::{assign_number, reserve_wanted};
use crate::workflow::open_keys::{claim_for_submission, follow_decision};
use crate::workflow::people::update_people;

pub use crate::workflow::command::{CommandOutcome, CommandRequest};

/// Executes a command. A repetition with the same key returns the first outcome and does nothing.
///
/// # Errors
/// [`MatterError::KeyReused`] if the key was used for another request; [`MatterError::Outdated`] if the matter is not as its page showed it; [`MatterError::Refused`] or [`MatterError::InvalidAnswers`] if the
/// flow refuses the command; [`MatterError::ChangedMeanwhile`] if another command came first.
pub async fn execute(app: &AppState, who: &Allowed, request: CommandRequest) -> Result<CommandOutcome, MatterError> {
    let check = CountedCheck::take(app, who.account(), &request).await?;
    let outcome = execute_once(app, who, request).await;
    check.settle(app, &outcome).await?;
    reserve_wanted(app);
    outcome
}

async fn execute_once(app: &AppState, who: &Allowed, request: CommandRequest) -> Result<CommandOutcome, MatterError> {
    let (app, caller) = (app.clone(), who.caller().clone());
    let db = app.db.clone();
    db.on_behalf_of(who.account())
        .write(move |tx| {
            Box::pin(async move {
                let sent = SentRequest { account: caller.account, key: request.key, hash: request.hash() };
                if let Some(outcome) = sent.claim(tx, app.now()).await? {
                    return Ok(outcome);
                }
                let matter = load_for_command(tx, &app, &caller, request.matter).await?;
                require_seen(&matter, &request)?;
                let draft = sent_by_command(&matter, &request.command.name).map(|key| (key, state_of(&matter)));
                let outcome = apply_with_follow_ups(tx, &app, matter, request.command).await?;
                if let Some((key, state)) = draft {
                    form_draft::end(tx, &app, caller.account, &key, &state).await?;
                }
                sent.answer(tx, &outcome).await?;
                Ok(outcome)
            })
        })
        .await
}

/// Refuses a command that was given on a page of an earlier state.
fn require_seen(matter: &LoadedMatter, request: &CommandRequest) -> Result<(), MatterError> {
    let Some(seen) = request.seen else { return Ok(()) };
    let now = matter.seen();
    // A submission names its revision itself, and the flow refuses an older one.
    let same_answers = seen.revision == now.revision || request.command.revision.is_some();
    if seen.events == now.events && same_answers { Ok(()) } else { Err(MatterError::Outdated(seen)) }
}

/// Executes a command of a system party and its follow-up commands inside an open transaction.
pub(crate) async fn execute_as_system(tx: &mut Tx, app: &AppState, command: FollowUp) -> Result<CommandOutcome, MatterError> {
    let matter = load_as_system(tx, app, command.party, command.matter).await?;
    apply_as_caused(tx, app, matter, command.command, command.cause).await
}

/// Applies a command, then the commands that follow from its effects, in order. The outcome is the last stage of the matter itself.
pub(crate) async fn apply_with_follow_ups(
    tx: &mut Tx,
    app: &AppState,
    matter: LoadedMatter,
    command: Command,
) -> Result<CommandOutcome, MatterError> {
    let cause = matter.actor.account;
    apply_as_caused(tx, app, matter, command, cause).await
}

/// `cause`: the person by whose act all of it happens; nil if there is none.
async fn apply_as_caused(
    tx: &mut Tx,
    app: &AppState,
    matter: LoadedMatter,
    command: Command,
    cause: Uuid,
) -> Result<CommandOutcome, MatterError> {
    let (id, now, today) = (matter.id, app.now(), app.today());
    let (mut outcome, follow_ups) = apply_command(tx, app, matter, (command, cause), now, today).await?;
    let mut queue = VecDeque::from(follow_ups);
    while let Some(next) = queue.pop_front() {
        let matter = load_as_system(tx, app, next.party, next.matter).await?;
        let (result, follow_ups) = apply_command(tx, app, matter, (next.command, cause), now, today).await?;
        if next.matter == id {
            outcome = result;
        }
        queue.extend(follow_ups);
    }
    Ok(outcome)
}

/// Applies one command: events, index row, tasks, notifications, audit, effects. Returns the commands that follow.
async fn apply_command(
    tx: &mut Tx,
    app: &AppState,
    mut matter: LoadedMatter,
    (mut command, cause): (Command, Uuid),
    now: DateTime<Utc>,
    today: NaiveDate,
) -> Result<(CommandOutcome, Vec<FollowUp>), MatterError> {
    // Nor is what is hidden from a party opened to changes by it.
    if !command.items.iter().all(|item| is_judged(matter.kind.form, &item.path, matter.is_anonymous())) {
        return Err(Refusal::NotOpen.into());
    }
    if !command.assignees.is_empty() {
        command.recused = find_conflicts(tx, &matter, &command.assignees).await?.ok_or(Refusal::Conflicted)?;
    }
    if !command.excluded_name.is_empty() {
        command.excluded = named_accounts(tx, app, &matter, &command.excluded_name).await?;
    }
    if command.revision.is_some() {
        require_submittable(tx, &matter).await?;
    }
    let taken = if command.revision.is_some() { claim_for_submission(tx, &matter).await? } else { None };
    let (decision, participants) = decide_command(tx, app, &matter, &command, now, today).await?;
    if let Some(refusal) = taken {
        return Err(refusal);
    }
    check_somebody_remains(tx, &matter, &command.excluded).await?;
    for event in &decision.events {
        insert_event(tx, &app.keys, matter.id, event).await?;
    }
    let is_submission = decision.transition.is_some_and(|t| t.requires == Requires::Submission);
    if is_submission {
        store_relations(tx, app, &mut matter).await?;
        if matter.kind.participants.is_some() {
            db::participant::replace(tx, matter.id, &participants).await?;
        }
        store_facets(tx, matter.id, matter.kind, &matter.answers, command.revision.unwrap_or(matter.revision)).await?;
        register_requests(tx, app, &matter, now).await?;
    }
    store_excluded(tx, &mut matter, &decision).await?;
    let after = matter.state_after(&decision);
    let asked = update_index(tx, &matter, (&decision, &after), now, today).await?;
    follow_decision(tx, &matter, &decision).await?;
    let is_submitted = is_submission || matter.submitted_revision.is_some();
    assign_number(tx, app, &mut matter, is_submitted).await?;
    update_people(tx, &matter, (&decision, &after), now).await?;
    notify(tx, app, &matter, (&decision, cause), &asked, now).await?;
    let actor = Some(matter.actor.account).filter(|account| !account.is_nil());
    audit(tx, app, actor, &format!("matter.{}", command.name), &matter.id.to_string()).await?;
    let mut follow_ups = Vec::new();
    for effect in decision.vote_effects.iter().chain(decision.effects) {
        follow_ups.extend(apply_effect(tx, app, &matter, (*effect, &after), today).await?);
    }
    follow_ups.extend(pass_closed(tx, app, &matter, &decision).await?);
    // Nobody is asked again whose part of the answers is as agreed.
    if let Some(command) = concluding_command(decision.stage, &after).filter(|_| decision.entered) {
        follow_ups.push(FollowUp::new(matter.id, Party::Participant, command, ""));
    }
    Ok((CommandOutcome { stage: decision.stage.code.to_owned() }, follow_ups))
}

/// Refuses an exclusion after which nobody holds a role that decides at a stage of the flow.
async fn check_somebody_remains(tx: &mut Tx, matter: &LoadedMatter, excluded: &[Uuid]) -> Result<(), MatterError> {
    if excluded.is_empty() {
        return Ok(());
    }
    let roles: BTreeSet<Role> = matter
        .kind
        .flow
        .stages
        .iter()
        .filter_map(|s| if let Some(Party::Association(role)) = s.turn { Some(role) } else { None })
        .collect();
    for role in roles {
        let holders = role_holders(tx, role).await?;
        let is_excluded = |account: &Uuid| excluded.contains(account) || matter.excluded.contains(account);
        if holders.iter().any(|account| excluded.contains(account)) && holders.iter().all(is_excluded) {
            return Err(Refusal::NobodyLeft.into());
        }
    }
    Ok(())
}

/// Asks the flow for its decision on a command. Returns the participants whom a submission names as well.
async fn decide_command(
    tx: &mut Tx,
    app: &AppState,
    matter: &LoadedMatter,
    command: &Command,
    now: DateTime<Utc>,
    today: NaiveDate,
) -> Result<(Decision, Vec<Participant>), MatterError> {
    let (problems, participants) =
        if command.revision.is_some() { check_submission(tx, app, matter).await? } else { (Vec::new(), Vec::new()) };
    let submitted = submitted_answers(tx, app, matter).await?;
    let names = command.revision.is_some() && matter.kind.participants.is_some();
    let before = if names { db::participant::list(tx, matter.id).await? } else { Vec::new() };
    let before = submitted.as_ref().map(|submitted| (submitted, before.as_slice()));
    let named = matter.kind.named_participants(&participants, before, &matter.answers);
    let form_problems = find_form_problems(tx, app, matter, command).await?;
    let input = DecisionInput {
        conditions: Conditions { now, today, ..matter.conditions() },
        revision: matter.revision,
        answers_valid: problems.is_empty(),
        form_valid: form_problems.is_empty(),
        changed: submitted.is_none_or(|submitted| !changes(&submitted, &matter.answers).is_empty()),
        participants: &named,
    };
    let decision = decide(matter.kind.flow, &matter.state, &matter.acting(), command, &input).map_err(|refusal| match refusal {
        Refusal::InvalidAnswers => MatterError::InvalidAnswers(problems),
        Refusal::InvalidForm => MatterError::InvalidForm(form_problems),
        other => MatterError::Refused(other),
    })?;
    Ok((decision, participants))
}

/// The answers submitted last; none before the first submission.
async fn submitted_answers(tx: &mut Tx, app: &AppState, matter: &LoadedMatter) -> Result<Option<Answers>, DbError> {
    let Some(revision) = matter.submitted_revision else { return Ok(None) };
    Ok(Some(answers_at(tx, &app.keys, matter.kind.form, matter.id, revision).await?.0))
}

/// Problems of the answers to the form that comes with a command, by the rules and lists of the matter.
async fn find_form_problems(tx: &mut Tx, app: &AppState, matter: &LoadedMatter, command: &Command) -> Result<Vec<Problem>, DbError> {
    let Some(form) = matter.stage().and_then(|stage| stage.form_of(&command.name)) else { return Ok(Vec::new()) };
    let context = OwnedMatterContext::for_matter(tx, app, matter, Shown::forms([form])).await?;
    Ok(check_form(form, &command.answers, &context.as_context().form))
}

/// The problems of the answers to be submitted, and the participants whom they name.
async fn check_submission(tx: &mut Tx, app: &AppState, matter: &LoadedMatter) -> Result<(Vec<Problem>, Vec<Participant>), DbError> {
    let context = OwnedMatterContext::for_matter(tx, app, matter, Shown::answers()).await?;
    let mut problems = matter.submission_problems(&context.as_context());
    let participants = matter.kind.participants_of(&matter.answers, &context.as_context());
    // Looked up last, so that other problems reveal nothing.
    if problems.is_empty() {
        problems.extend(document_problem(tx, app, matter).await?);
    }
    Ok((problems, participants))
}
