//! The only mover.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::{Actor, Agreement, Asks, Edit, Effect, Event, Facts, Flow, Hat, Item, Move, Party, Stage, What};
use crate::base::rule::RulesOn;
use crate::engine::form::{Answers, Scope};

/// What someone asks of a matter.
#[derive(Debug, Clone, Default)]
pub struct Command {
    /// Code of the move.
    pub name: String,
    /// The opinion.
    pub note: String,
    /// Answers it points at.
    pub items: Vec<Item>,
    /// The revision meant by a submission.
    pub revision: Option<i64>,
    /// Who is assigned.
    pub people: Vec<Uuid>,
    /// Who could not be assigned, and why.
    pub recused: Vec<(Uuid, String)>,
}

/// What the outside must tell about the request.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Now.
    pub at: DateTime<Utc>,
    /// Today in Shanghai.
    pub today: NaiveDate,
    /// The answers as last saved.
    pub answers: &'a Answers,
    /// Their revision.
    pub revision: i64,
    /// Whether they were judged and found right.
    pub sound: bool,
    /// Whether they differ from the revision last submitted.
    pub changed: bool,
    /// Rounds of rectification a matter may have, by the rule table.
    pub rounds: u32,
    /// Whether it was begun at the desk of an institution.
    pub at_desk: bool,
    /// The rule table of today.
    pub rules: RulesOn<'a>,
}

/// What a decision brings about.
#[derive(Debug, Clone)]
pub struct Decided {
    /// What happened, in order.
    pub events: Vec<Event>,
    /// The stage after it.
    pub stage: &'static Stage,
    /// Whether the stage was entered anew.
    pub entered: bool,
    /// What it causes.
    pub effects: &'static [Effect],
    /// The move that was made; none while others have still to speak. Where several decide, it need not be that of whoever spoke last.
    pub moved: Option<&'static Move>,
}

/// Why nothing moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such move at this stage, or not for this person: both look alike.
    #[error("not open to this person at this stage")]
    NotOpen,
    /// The answers were saved again after the page was shown.
    #[error("an older revision was meant")]
    OldRevision,
    /// The answers have faults.
    #[error("the answers have faults")]
    Unsound,
    /// Nothing was changed since it was returned.
    #[error("nothing was changed")]
    Unchanged,
    /// An opinion is needed.
    #[error("an opinion is needed")]
    NoNote,
    /// The opinion is too long.
    #[error("the opinion is too long")]
    LongNote,
    /// The same person decided at a stage that another must decide.
    #[error("decided at an earlier stage by the same person")]
    SamePerson,
    /// They gave their opinion already.
    #[error("opinion given already")]
    Voted,
    /// People are needed, each once, and where it is asked, an odd number of them.
    #[error("wrong number of people")]
    People,
    /// Someone chosen must stay away from the case, or is no expert.
    #[error("someone chosen must stay away")]
    Conflicted,
    /// It must point at something.
    #[error("nothing is pointed at")]
    NoItems,
    /// Every round of rectification was used.
    #[error("no round is left")]
    NoRounds,
}

/// Characters an opinion may have.
pub const NOTE_MAX: usize = 1000;

impl Refusal {
    /// What the person is told.
    pub fn text(self) -> &'static str {
        match self {
            Refusal::NotOpen => "该业务当前不能进行此操作，可能已被他人处理，请刷新后查看",
            Refusal::OldRevision => "内容在别处有更新，请核对最新内容后再提交",
            Refusal::Unsound => "填写内容还有问题，请按提示修改后再提交",
            Refusal::Unchanged => "退回后尚未修改任何内容，请按退回意见修改后再提交",
            Refusal::NoNote => "请填写意见",
            Refusal::LongNote => "意见最多 1000 字",
            Refusal::SamePerson => "您已办理过该业务的前一环节，须由另一人办理",
            Refusal::Voted => "您已提交过意见",
            Refusal::People => "请选择人员，人数须符合要求且不能重复",
            Refusal::Conflicted => "所选人员中有须回避或不具备专家资格的，请重新选择",
            Refusal::NoItems => "请至少选择一项不符合的内容",
            Refusal::NoRounds => "整改次数已用完，不能再次退回，请作出审批决定",
        }
    }

    /// Stable name.
    pub fn code(self) -> &'static str {
        match self {
            Refusal::NotOpen => "not_open",
            Refusal::OldRevision => "old_revision",
            Refusal::Unsound => "unsound",
            Refusal::Unchanged => "unchanged",
            Refusal::NoNote => "no_note",
            Refusal::LongNote => "long_note",
            Refusal::SamePerson => "same_person",
            Refusal::Voted => "voted",
            Refusal::People => "people",
            Refusal::Conflicted => "conflicted",
            Refusal::NoItems => "no_items",
            Refusal::NoRounds => "no_rounds",
        }
    }
}

/// The moves open to someone now. Buttons are made of these. `rounds`: how many rounds of rectification a matter may have.
pub fn open_moves(flow: &Flow, facts: &Facts, actor: &Actor, rounds: u32) -> Vec<&'static Move> {
    let Some(stage) = flow.stage(&facts.stage) else {
        return Vec::new();
    };
    let moves: &'static [Move] = stage.moves;
    moves.iter().filter(|m| may(flow, m, stage, facts, actor, rounds).is_ok()).collect()
}

fn may(flow: &Flow, m: &Move, stage: &Stage, facts: &Facts, actor: &Actor, rounds: u32) -> Result<Hat, Refusal> {
    let hat = actor.hats.iter().copied().find(|hat| m.by.wears(*hat)).ok_or(Refusal::NotOpen)?;
    if m.by == Party::Expert && !facts.assigned.contains(&actor.account) {
        return Err(Refusal::NotOpen);
    }
    let decided_at = |stage: &&'static str| facts.deciders.get(*stage).is_some_and(|who| who.contains(&actor.account));
    if m.apart_from.iter().any(decided_at) {
        return Err(Refusal::SamePerson);
    }
    let only_back = m.to.iter().all(|(_, to)| flow.stage(to).is_some_and(|s| s.edit != Edit::Nothing));
    if m.round && only_back && facts.rounds >= rounds {
        return Err(Refusal::NoRounds);
    }
    if is_vote(stage, m) && facts.votes.iter().any(|v| v.by == actor.account) {
        return Err(Refusal::Voted);
    }
    Ok(hat)
}

/// Whether a move is one opinion of several.
fn is_vote(stage: &Stage, m: &Move) -> bool {
    match stage.agreement {
        Agreement::One => false,
        Agreement::All(all, otherwise) => m.command == all || m.command == otherwise,
        Agreement::Majority(_) => m.by == stage.turn && m.asks != Asks::Recusal,
    }
}

/// Decides what a command does to a matter. Total: every command on every matter either yields events or a refusal.
pub fn decide(flow: &Flow, facts: &Facts, actor: &Actor, command: &Command, asked: &Asked<'_>) -> Result<Decided, Refusal> {
    let stage = flow.stage(&facts.stage).ok_or(Refusal::NotOpen)?;
    let moves: &'static [Move] = stage.moves;
    let mut refusal = Refusal::NotOpen;
    let mut chosen = None;
    for m in moves.iter().filter(|m| m.command == command.name) {
        match may(flow, m, stage, facts, actor, asked.rounds) {
            Ok(hat) => {
                chosen = Some((m, hat));
                break;
            }
            Err(why) => refusal = why,
        }
    }
    let (m, hat) = chosen.ok_or(refusal)?;
    demands(m, facts, command, asked)?;
    let mut log = Log { flow, facts: facts.clone(), actor, hat, asked, events: Vec::new() };
    let note = command.note.trim().to_owned();
    match m.asks {
        _ if is_vote(stage, m) => {
            let (at, command, items) = (stage.code.to_owned(), m.command.to_owned(), command.items.clone());
            log.write(What::Voted { stage: at, command, note, items });
            count(stage, log)
        }
        Asks::Recusal => {
            log.write(What::Recused { note });
            if !enough(stage, log.facts.assigned.len(), asked.rules) { go(stage, m, Said::default(), log) } else { count(stage, log) }
        }
        Asks::People(_) => {
            log.write(What::Assigned { people: command.people.clone(), recused: command.recused.clone() });
            if m.to.iter().all(|(_, to)| *to == stage.code) {
                count(stage, log)
            } else {
                go(stage, m, Said { note, items: Vec::new() }, log)
            }
        }
        _ => go(stage, m, Said { note, items: command.items.clone() }, log),
    }
}

/// Whether so many people can still decide a stage, by what its own move asks that assigns them.
fn enough(stage: &Stage, count: usize, rules: RulesOn<'_>) -> bool {
    let asked = stage.moves.iter().find_map(|m| match m.asks {
        Asks::People(people) => Some(people),
        _ => None,
    });
    asked.map_or(count > 0, |people| people.suits(count, rules))
}

fn demands(m: &Move, facts: &Facts, command: &Command, asked: &Asked<'_>) -> Result<(), Refusal> {
    if command.note.chars().count() > NOTE_MAX {
        return Err(Refusal::LongNote);
    }
    let said = !command.note.trim().is_empty();
    match m.asks {
        Asks::Nothing | Asks::OptionalNote => Ok(()),
        Asks::Note | Asks::NoteAndItems | Asks::Findings | Asks::Recusal if !said => Err(Refusal::NoNote),
        Asks::Findings if command.items.is_empty() => Err(Refusal::NoItems),
        Asks::Note | Asks::NoteAndItems | Asks::Findings | Asks::Recusal => Ok(()),
        Asks::Submission if command.revision != Some(asked.revision) => Err(Refusal::OldRevision),
        Asks::Submission if !asked.sound => Err(Refusal::Unsound),
        Asks::Submission if facts.asked.is_some() && !asked.changed => Err(Refusal::Unchanged),
        Asks::Submission => Ok(()),
        Asks::People(want) => {
            let mut people = command.people.clone();
            people.sort_unstable();
            people.dedup();
            let once = people.len() == command.people.len();
            if once && want.suits(people.len(), asked.rules) { Ok(()) } else { Err(Refusal::People) }
        }
    }
}

/// What is said with a move.
#[derive(Default)]
struct Said {
    note: String,
    items: Vec<Item>,
}

/// Events being written for one command, and the facts after them.
struct Log<'a> {
    flow: &'a Flow,
    facts: Facts,
    actor: &'a Actor,
    hat: Hat,
    asked: &'a Asked<'a>,
    events: Vec<Event>,
}

impl Log<'_> {
    fn write(&mut self, what: What) {
        let event = Event {
            seq: self.facts.seq + 1,
            at: self.asked.at,
            effective_on: self.asked.today,
            by: (!self.actor.account.is_nil()).then_some(self.actor.account),
            party: party_of(self.hat).code(),
            what,
        };
        self.facts.follow(self.flow, &event);
        self.events.push(event);
    }
}

fn party_of(hat: Hat) -> Party {
    match hat {
        Hat::Applicant => Party::Applicant,
        Hat::Institution(link) => Party::Institution(link),
        Hat::Association(role) => Party::Association(role),
        Hat::Expert => Party::Expert,
        Hat::Teacher => Party::Teacher,
        Hat::Cashier => Party::Cashier,
        Hat::Appeal => Party::Appeal,
        Hat::Clock => Party::Clock,
    }
}

fn go(stage: &Stage, m: &'static Move, said: Said, mut log: Log<'_>) -> Result<Decided, Refusal> {
    let known = log.facts.known(log.asked.rounds, log.asked.at_desk);
    let scope = Scope::form(log.asked.answers).knowing(&known);
    let to = m.to.iter().find(|(when, _)| when.holds(&scope)).map(|(_, to)| *to);
    let next = to.and_then(|to| log.flow.stage(to)).ok_or(Refusal::NotOpen)?;
    log.write(What::Moved {
        from: stage.code.to_owned(),
        command: m.command.to_owned(),
        to: next.code.to_owned(),
        note: said.note,
        items: said.items,
        revision: (m.asks == Asks::Submission).then_some(log.asked.revision),
    });
    Ok(Decided { events: log.events, stage: next, entered: true, effects: m.effects, moved: Some(m) })
}

/// Goes on when every one assigned has given an opinion; else the matter stays where it is.
fn count(stage: &'static Stage, log: Log<'_>) -> Result<Decided, Refusal> {
    let votes = &log.facts.votes;
    let all = log.facts.assigned.len();
    if votes.len() < all || votes.is_empty() {
        return Ok(Decided { events: log.events, stage, entered: false, effects: &[], moved: None });
    }
    let chosen = |command: &str| votes.iter().filter(|v| v.command == command).count();
    let moves: &'static [Move] = stage.moves;
    let named = |command: &str| moves.iter().find(|m| m.command == command);
    let winner = match stage.agreement {
        Agreement::One => None,
        Agreement::All(for_all, otherwise) => named(if chosen(for_all) == all { for_all } else { otherwise }),
        Agreement::Majority(otherwise) => {
            moves.iter().find(|m| is_vote(stage, m) && chosen(m.command) * 2 > all).or_else(|| named(otherwise))
        }
    };
    let winner = winner.ok_or(Refusal::NotOpen)?;
    let of_winner = || votes.iter().filter(|v| v.command == winner.command);
    let said = Said {
        note: of_winner().map(|v| v.note.as_str()).filter(|n| !n.is_empty()).collect::<Vec<_>>().join("\n"),
        items: of_winner().flat_map(|v| v.items.iter().cloned()).collect(),
    };
    go(stage, winner, said, log)
}
