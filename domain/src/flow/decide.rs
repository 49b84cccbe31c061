//! The only mover.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::{Actor, Agreement, Asks, Effect, Event, Facts, Flow, Hat, Item, Move, Party, Stage, What};
use crate::form::{Answers, Scope};

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
    /// An odd number of people is needed, at least so many.
    #[error("wrong number of people")]
    People,
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
            Refusal::People => "请指定单数名人员",
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
        }
    }
}

/// The moves open to someone now. Buttons are made of these.
pub fn open_moves(flow: &Flow, facts: &Facts, actor: &Actor) -> Vec<&'static Move> {
    let Some(stage) = flow.stage(&facts.stage) else {
        return Vec::new();
    };
    let moves: &'static [Move] = stage.moves;
    moves.iter().filter(|m| may(m, stage, facts, actor).is_ok()).collect()
}

fn may(m: &Move, stage: &Stage, facts: &Facts, actor: &Actor) -> Result<Hat, Refusal> {
    let hat = actor.hats.iter().copied().find(|hat| m.by.wears(*hat)).ok_or(Refusal::NotOpen)?;
    if m.by == Party::Expert && !facts.assigned.contains(&actor.account) {
        return Err(Refusal::NotOpen);
    }
    let decided_at = |stage: &&'static str| facts.deciders.get(*stage).is_some_and(|who| who.contains(&actor.account));
    if m.apart_from.iter().any(decided_at) {
        return Err(Refusal::SamePerson);
    }
    let votes = stage.agreement != Agreement::One && m.by == stage.turn;
    if votes && facts.votes.iter().any(|(who, _)| *who == actor.account) {
        return Err(Refusal::Voted);
    }
    Ok(hat)
}

/// Decides what a command does to a matter. Total: every command on every matter either yields events or a refusal.
pub fn decide(flow: &Flow, facts: &Facts, actor: &Actor, command: &Command, asked: &Asked<'_>) -> Result<Decided, Refusal> {
    let stage = flow.stage(&facts.stage).ok_or(Refusal::NotOpen)?;
    let moves: &'static [Move] = stage.moves;
    let mut refusal = Refusal::NotOpen;
    let mut chosen = None;
    for m in moves.iter().filter(|m| m.command == command.name) {
        match may(m, stage, facts, actor) {
            Ok(hat) => {
                chosen = Some((m, hat));
                break;
            }
            Err(why) => refusal = why,
        }
    }
    let (m, hat) = chosen.ok_or(refusal)?;
    demands(m, facts, command, asked)?;
    let mut log = Log { facts, actor, hat, asked, events: Vec::new() };
    if let Agreement::Majority(otherwise) = stage.agreement
        && m.by == stage.turn
    {
        return vote(flow, stage, m, otherwise, command, log);
    }
    if let Asks::People(_) = m.asks {
        log.write(What::Assigned { people: command.people.clone() });
    }
    go(flow, stage, m, command, log)
}

fn demands(m: &Move, facts: &Facts, command: &Command, asked: &Asked<'_>) -> Result<(), Refusal> {
    if command.note.chars().count() > NOTE_MAX {
        return Err(Refusal::LongNote);
    }
    match m.asks {
        Asks::Nothing | Asks::OptionalNote => Ok(()),
        Asks::Note | Asks::NoteAndItems if command.note.trim().is_empty() => Err(Refusal::NoNote),
        Asks::Note | Asks::NoteAndItems => Ok(()),
        Asks::Submission if command.revision != Some(asked.revision) => Err(Refusal::OldRevision),
        Asks::Submission if !asked.sound => Err(Refusal::Unsound),
        Asks::Submission if facts.asked.is_some() && !asked.changed => Err(Refusal::Unchanged),
        Asks::Submission => Ok(()),
        Asks::People(least) => {
            let mut people = command.people.clone();
            people.sort_unstable();
            people.dedup();
            let fits = people.len() == command.people.len() && people.len() >= usize::from(least) && people.len() % 2 == 1;
            if fits { Ok(()) } else { Err(Refusal::People) }
        }
    }
}

/// Events being written for one command.
struct Log<'a> {
    facts: &'a Facts,
    actor: &'a Actor,
    hat: Hat,
    asked: &'a Asked<'a>,
    events: Vec<Event>,
}

impl Log<'_> {
    fn write(&mut self, what: What) {
        let seq = self.events.last().map_or(self.facts.seq, |e| e.seq) + 1;
        self.events.push(Event {
            seq,
            at: self.asked.at,
            effective_on: self.asked.today,
            by: (self.hat != Hat::Clock).then_some(self.actor.account),
            party: party_of(self.hat).code(),
            what,
        });
    }
}

fn party_of(hat: Hat) -> Party {
    match hat {
        Hat::Applicant => Party::Applicant,
        Hat::Institution(link) => Party::Institution(link),
        Hat::Association(role) => Party::Association(role),
        Hat::Expert => Party::Expert,
        Hat::Teacher => Party::Teacher,
        Hat::Clock => Party::Clock,
    }
}

fn go(flow: &Flow, stage: &Stage, m: &'static Move, command: &Command, mut log: Log<'_>) -> Result<Decided, Refusal> {
    let scope = Scope::form(log.asked.answers);
    let to = m.to.iter().find(|(when, _)| when.holds(&scope)).map(|(_, to)| *to);
    let next = to.and_then(|to| flow.stage(to)).ok_or(Refusal::NotOpen)?;
    log.write(What::Moved {
        from: stage.code.to_owned(),
        command: m.command.to_owned(),
        to: next.code.to_owned(),
        note: command.note.trim().to_owned(),
        items: command.items.clone(),
        revision: (m.asks == Asks::Submission).then_some(log.asked.revision),
    });
    Ok(Decided { events: log.events, stage: next, entered: true, effects: m.effects })
}

fn vote(
    flow: &Flow,
    stage: &'static Stage,
    m: &'static Move,
    otherwise: &str,
    command: &Command,
    mut log: Log<'_>,
) -> Result<Decided, Refusal> {
    log.write(What::Voted {
        stage: stage.code.to_owned(),
        command: m.command.to_owned(),
        note: command.note.trim().to_owned(),
        items: command.items.clone(),
    });
    let all = log.facts.assigned.len();
    let mut votes: Vec<&str> = log.facts.votes.iter().map(|(_, c)| c.as_str()).collect();
    votes.push(m.command);
    if votes.len() < all {
        return Ok(Decided { events: log.events, stage, entered: false, effects: &[] });
    }
    let moves: &'static [Move] = stage.moves;
    let count = |command: &str| votes.iter().filter(|v| **v == command).count();
    let winner = moves
        .iter()
        .find(|m| count(m.command) * 2 > all)
        .or_else(|| moves.iter().find(|m| m.command == otherwise))
        .ok_or(Refusal::NotOpen)?;
    let outcome = Command::default();
    go(flow, stage, winner, &outcome, log)
}
