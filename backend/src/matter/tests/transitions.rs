//! Every transition of every kind, walked from the tables of the flows: by its party, and by everybody else.
//!
//! Each command is given inside a transaction that is rolled back, so that the cases of a kind do not meet each other.

use domain::base::permission::Role;
use domain::engine::flow::{InstitutionRelation, Party, RectificationItem, Requires, Stage, Transition};
use domain::engine::form::{Answers, Path};
use domain::matter::Kind;

use crate::access::guard::Caller;
use crate::demo::testing::stages::{Cast, place_with};
use crate::matter::load::{load_as_system, load_for_command};
use crate::matter::submission::store_relations;
use crate::matter::tests::samples::{Sample, sample_of};
use crate::matter::tests::*;
use crate::workflow::execute::apply_with_follow_ups;
use crate::workflow::save::store_answers;

/// Accounts of the demo that have no part in the samples, or one of another party.
const ACCOUNTS: [&str; 11] =
    ["applicant", "certified", "inst-a", "inst-b", "officer", "admin", "finance", "examiner", "expert1", "expert4", "teacher"];

/// A transition that needs more than its stage: the measure is imposed on the way there. It is walked by the tests of dispositions.
const OF_A_MEASURE: (&str, &str) = ("disposition", "lift");

/// The result of a command whose transaction is rolled back.
struct RolledBack(Result<String, MatterError>);

impl From<DbError> for RolledBack {
    fn from(error: DbError) -> Self {
        RolledBack(Err(error.into()))
    }
}

/// A kind with its sample, and the people around it.
struct Walk<'s> {
    s: &'s TestApp,
    kind: &'static Kind,
    sample: Sample,
    cast: Cast,
}

impl<'s> Walk<'s> {
    async fn new(s: &'s TestApp, kind: &'static Kind) -> Self {
        let sample = sample_of(s, kind).await;
        let institution = |who: Allowed| who.caller().institutions[0].0;
        let cast = Cast {
            owner: s.account(&sample.owner).await,
            institution: institution(s.sign_in("inst-a").await),
            joining: institution(s.sign_in("inst-b").await),
            experts: vec![s.account("expert1").await],
        };
        Self { s, kind, sample, cast }
    }

    /// The accounts that are a party, by the roles of the demo.
    fn accounts_of(&self, party: Party) -> Vec<&str> {
        match party {
            Party::Applicant => vec![&self.sample.owner],
            Party::Institution(InstitutionRelation::Joining) => vec!["inst-b"],
            Party::Institution(_) => vec!["inst-a"],
            // The first officer refused what the sample of an appeal disputes.
            Party::Association(Role::Officer) => vec!["officer2", "officer"],
            Party::Association(Role::Approver) => vec!["admin"],
            Party::Association(Role::Finance) => vec!["finance"],
            Party::Association(Role::Admin) => vec!["admin"],
            Party::Association(_) => Vec::new(),
            Party::Participant => vec!["certified"],
            Party::Expert => vec!["expert1"],
            Party::Cashier | Party::Appeal | Party::Clock | Party::Closing => Vec::new(),
        }
    }

    /// A matter at a stage: the sample's answers, and where they can be edited, a change since they were submitted.
    async fn place(&self, stage: &'static Stage) -> Uuid {
        let mut answers = self.sample.answers.clone();
        let placed = place_with(&self.s.app, self.kind, stage, &self.cast, answers.clone()).await.unwrap();
        if stage.code == "draft" {
            return placed;
        }
        let returned = stage.transitions.iter().any(|t| t.requires == Requires::Submission);
        if returned {
            self.change(&mut answers);
        }
        let app = self.s.app.clone();
        let stored: Result<(), MatterError> = self
            .s
            .app
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let mut matter = load_as_system(tx, &app, Party::Applicant, placed).await?;
                    store_relations(tx, &app, &mut matter).await?;
                    if returned {
                        store_answers(tx, &app, &matter, answers).await?;
                    }
                    Ok(())
                })
            })
            .await;
        stored.unwrap();
        placed
    }

    /// Changes a text that every check takes.
    fn change(&self, answers: &mut Answers) {
        let text = self.kind.form.fields().find_map(|(_, field)| match field.widget {
            domain::engine::form::Widget::Lines(_) if answers.fields.contains_key(field.name) => Some(field.name),
            _ => None,
        });
        let name = text.unwrap_or("postcode");
        let value = if text.is_some() { "补充说明。" } else { "200121" };
        answers.fields.insert(name.to_owned(), value.into());
    }

    async fn command(&self, id: Uuid, t: &Transition) -> Command {
        let mut command = Command { name: t.command.into(), note: "意见".into(), ..Command::default() };
        match t.requires {
            Requires::Submission => {
                let mut tx = self.s.app.db.read().await.unwrap();
                command.revision = db::matter::by_id(&mut tx, id).await.unwrap().map(|row| row.revision);
            }
            Requires::Assignees(count) => {
                let tables = self.s.app.tables();
                let rules = tables.rules.on(self.s.app.today());
                let people = (1..=3).find(|n| count.accepts(*n, rules)).unwrap();
                for name in &["expert1", "expert2", "expert3"][..people] {
                    command.assignees.push(self.s.account(name).await);
                }
            }
            Requires::Findings => {
                let (_, field) = self.kind.form.fields().next().unwrap();
                command.items = vec![RectificationItem { id: Uuid::now_v7(), path: Path::field(field.name), text: "请补充".into() }];
            }
            Requires::Exclusion => command.excluded_name = "某某某".into(),
            Requires::Form(_) => {
                for (name, answer) in [("result", "agree"), ("attended", "25"), ("passed", "24")] {
                    command.answers.fields.insert(name.to_owned(), answer.into());
                }
            }
            Requires::Nothing
            | Requires::OptionalNote
            | Requires::Note
            | Requires::NoteAndItems
            | Requires::Recusal
            | Requires::Absence => {}
        }
        command
    }

    /// Takes a placed matter away: no rule finds it open or submitted beside the next one.
    async fn remove(&self, id: Uuid) {
        let closed = self.s.app.db.write(move |tx| {
            Box::pin(async move {
                db::execute!(tx, "update matter set closed_at = updated_at, submitted_at = null, turn = '' where id = $1", id)
            })
        });
        closed.await.unwrap();
    }

    /// Gives a command as a user, or as a party of the platform, and undoes it.
    async fn attempt(&self, who: Result<Caller, Party>, id: Uuid, command: Command) -> Result<String, MatterError> {
        let app = self.s.app.clone();
        let done: Result<(), RolledBack> = self
            .s
            .app
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let loaded = match &who {
                        Ok(caller) => load_for_command(tx, &app, caller, id).await,
                        Err(party) => load_as_system(tx, &app, *party, id).await,
                    };
                    let result = match loaded {
                        Ok(matter) => apply_with_follow_ups(tx, &app, matter, command).await.map(|outcome| outcome.stage),
                        Err(error) => Err(error),
                    };
                    Err(RolledBack(result))
                })
            })
            .await;
        done.unwrap_err().0
    }

    /// The transition by its party leads to one of its targets; nobody else can make it.
    async fn transition(&self, stage: &'static Stage, t: &'static Transition) {
        let whole = format!("{} · {} · {}", self.kind.code, stage.code, t.command);
        let id = self.place(stage).await;
        let command = self.command(id, t).await;
        let accounts = self.accounts_of(t.by);
        let who = match accounts.first() {
            Some(name) => Ok(self.s.sign_in(name).await.caller().clone()),
            None => Err(t.by),
        };
        let led = self.attempt(who, id, command.clone()).await.unwrap_or_else(|error| panic!("{whole}: {error:?}"));
        let stays =
            matches!(t.requires, Requires::Exclusion | Requires::Recusal | Requires::Assignees(_) | Requires::Absence) && led == stage.code;
        // Of transitions of one command the facts of the sample choose.
        let mut same = stage.transitions.iter().filter(|other| (other.command, other.by) == (t.command, t.by));
        assert!(stays || same.any(|other| other.to.iter().any(|(_, to)| *to == led)), "{whole} led to {led}");
        // The same command may be another party's too.
        let is_party = |name: &str| {
            stage.transitions.iter().filter(|other| other.command == t.command).any(|other| self.accounts_of(other.by).contains(&name))
        };
        for name in ACCOUNTS.into_iter().filter(|name| !is_party(name)) {
            let stranger = self.s.sign_in(name).await.caller().clone();
            let refused = self.attempt(Ok(stranger), id, command.clone()).await.expect_err(&format!("{whole} by {name}"));
            assert!(matches!(refused, MatterError::NotFound | MatterError::Refused(Refusal::NotOpen)), "{whole} by {name}: {refused:?}");
        }
        self.remove(id).await;
    }

    /// Walks every transition; returns their number.
    async fn all(&self) -> usize {
        let mut walked = 0;
        // What the association begins is stored with its submission, so nobody acts on its draft.
        for stage in self.kind.flow.stages.iter().filter(|stage| stage.code != "draft" || self.sample.draft.is_some()) {
            for t in stage.transitions {
                // Nobody gives what votes lead to.
                if (self.kind.code, t.command) != OF_A_MEASURE && !stage.is_outcome(t.command) {
                    self.transition(stage, t).await;
                }
                walked += 1;
            }
        }
        walked
    }
}

macro_rules! walks {
    ($($name:ident),* $(,)?) => {
        $(demo_test!($name, |demo| async move {
            let s = TestApp::new(demo).await;
            let kind = domain::kind::by_code(stringify!($name)).unwrap();
            let walk = Walk::new(&s, kind).await;
            let transitions: usize = kind.flow.stages.iter().map(|stage| stage.transitions.len()).sum();
            let of_draft = if walk.sample.draft.is_some() { 0 } else { kind.flow.draft().unwrap().transitions.len() };
            assert_eq!(walk.all().await, transitions - of_draft);
        });)*

        #[test]
        fn every_flow_is_walked() {
            let walked = [$(stringify!($name)),*];
            let flows: Vec<_> = walked.iter().map(|code| domain::kind::by_code(code).unwrap().flow).collect();
            assert!(domain::kind::KINDS.iter().all(|kind| flows.iter().any(|flow| std::ptr::eq(*flow, kind.flow))));
        }
    };
}

walks!(
    registration,
    annual_confirmation,
    transfer,
    appeal,
    complaint,
    disposition,
    identity_change,
    institution_registration,
    category_binding,
    course_filing,
    training_plan
);
