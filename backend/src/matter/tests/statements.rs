//! How many statements a request needs, transactions included: a change that adds one shows here.

use domain::engine::form::{Answers, Fields};
use domain::kind::trial::{MARK, REMARK};

use crate::demo::actions::decide;
use crate::demo::testing::stages::{Cast, place_with};
use crate::infra::db::Tx;
use crate::matter::tests::owner::filled;
use crate::matter::tests::samples::sample_of;
use crate::matter::tests::*;
use crate::service::pages::matter_page;
use crate::workflow::draft::edit_draft;
use crate::workflow::execute::{CommandRequest, execute};

/// Waits until nothing runs in the background: a submission reserves numbers beside its own work, a page records an access. An empty write
/// at either end waits for what is in the queue of the writer before it, however long the disk or the processor takes.
async fn quiet(s: &TestApp) {
    let empty_write = match s.app.db.read().await.unwrap() {
        // The group and the job begin and end.
        Tx::Sqlite(_) => 4,
        Tx::Postgres(_) => 2,
    };
    let write = async || s.app.db.write::<(), DbError, _>(|_| Box::pin(async { Ok(()) })).await.unwrap();
    for _ in 0..100 {
        write().await;
        let before = s.app.db.count_statements();
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        write().await;
        if s.app.db.count_statements() == before + empty_write {
            return;
        }
    }
    panic!("the server never rests");
}

/// Runs some work; gives the number of its statements.
async fn counted<T>(s: &TestApp, work: impl Future<Output = T>) -> u64 {
    quiet(s).await;
    let before = s.app.db.count_statements();
    work.await;
    s.app.db.count_statements() - before
}

/// Numbers of statements on both databases: SQLite begins and ends a group and a job for a write, PostgreSQL a transaction.
struct Counts {
    /// An autosave of the applicant.
    autosave: u64,
    /// The page of the matter for an officer.
    page: u64,
    /// A command of the officer.
    command: u64,
}

async fn check(s: &TestApp, counts: Counts, held: Counts) {
    let more = match s.app.db.read().await.unwrap() {
        Tx::Sqlite(_) => 2,
        Tx::Postgres(_) => 0,
    };
    let held = (held.autosave + more, held.page, held.command + more);
    assert_eq!((counts.autosave, counts.page, counts.command), held, "autosave, page, command");
}

/// The second autosave of a field.
async fn autosave(s: &TestApp, who: &Allowed, id: Uuid, step: &str, field: &str) -> u64 {
    let mut statements = 0;
    for text in ["一", "二"] {
        let matter = crate::matter::load(&s.app, who, id).await.unwrap();
        let names: Vec<&str> = matter.kind.form.step(step).unwrap().fields().map(|field| field.name).collect();
        let mut fields: Fields = matter.answers.fields.clone();
        fields.retain(|name, _| names.contains(&name.as_str()));
        fields.insert(field.to_owned(), text.into());
        let edit = DraftEdit::Fields { step: step.to_owned(), base: matter.revision, fields };
        statements = counted(s, async { edit_draft(&s.app, who, id, edit).await.unwrap() }).await;
    }
    statements
}

async fn page(s: &TestApp, who: &Allowed, id: Uuid) -> u64 {
    counted(s, async { matter_page(&s.app, who, id).await.unwrap() }).await
}

async fn command(s: &TestApp, who: &Allowed, id: Uuid, name: &str) -> u64 {
    // A matter that was placed at its stage gets its number now. An empty block would be filled beside the command, some of it before the
    // statements are counted.
    let prefix = crate::matter::load(&s.app, who, id).await.unwrap().kind.number_prefix;
    let (blocks, day) = (&s.app.number_blocks, s.app.today());
    if blocks.take(prefix, day).is_none() {
        blocks.put(prefix, day, 900..932);
    }
    counted(s, async { s.execute(who, id, name).await.unwrap() }).await
}

demo_test!(a_registration_takes_this_many_statements, |demo| async move {
    let s = TestApp::new(demo).await;
    let kind = &domain::kind::registration::KIND;
    let sample = sample_of(&s, kind).await;
    let (who, id, officer) = (s.sign_in(&sample.owner).await, sample.draft.unwrap(), s.sign_in("officer").await);
    let autosave = autosave(&s, &who, id, "person", "address").await;
    let institution = s.sign_in("inst-a").await.caller().institutions[0].0;
    let cast = Cast { owner: who.account(), institution, joining: institution, experts: Vec::new() };
    let id = place_with(&s.app, kind, kind.flow.stage("acceptance").unwrap(), &cast, sample.answers).await.unwrap();
    let counts = Counts { autosave, page: page(&s, &officer, id).await, command: command(&s, &officer, id, "accept").await };
    check(&s, counts, Counts { autosave: 10, page: 20, command: 27 }).await;
});

demo_test!(an_appeal_takes_this_many_statements, |demo| async move {
    let s = TestApp::new(demo).await;
    let kind = &domain::kind::appeal::KIND;
    let sample = sample_of(&s, kind).await;
    let (who, id, officer) = (s.sign_in(&sample.owner).await, sample.draft.unwrap(), s.sign_in("officer2").await);
    let autosave = autosave(&s, &who, id, "appeal", "grounds").await;
    let institution = s.sign_in("inst-a").await.caller().institutions[0].0;
    let cast = Cast { owner: who.account(), institution, joining: institution, experts: Vec::new() };
    let links = kind.links_of(&sample.answers);
    let id = place_with(&s.app, kind, kind.flow.stage("acceptance").unwrap(), &cast, sample.answers).await.unwrap();
    let (role, other) = (links[0].role.code, links[0].other);
    s.app.db.write(move |tx| Box::pin(db::link::insert(tx, id, role, other))).await.unwrap();
    let counts = Counts { autosave, page: page(&s, &officer, id).await, command: command(&s, &officer, id, "accept").await };
    check(&s, counts, Counts { autosave: 10, page: 26, command: 31 }).await;
});

demo_test!(a_matter_of_an_institution_that_names_its_people_takes_this_many_statements, |demo| async move {
    let s = TestApp::new(demo).await;
    let (author, officer) = (s.sign_in("inst-a").await, s.sign_in("officer").await);
    let id = filled(&s, &author, &[("certified", "讲授"), ("inst-a", "答疑")]).await;
    let autosave = autosave(&s, &author, id, "subject", "subject").await;
    decide(&s.app, &author, id, "submit", "").await.unwrap();
    for name in ["certified", "inst-a"] {
        s.execute(&s.sign_in(name).await, id, "agree").await.unwrap();
    }
    let page = page(&s, &officer, id).await;
    let review = [(MARK, "86"), (REMARK, "材料完整"), ("result", "pass")].map(|(name, value)| (name.to_owned(), value.into()));
    let answers = Answers { fields: review.into(), ..Answers::default() };
    let command = Command { name: "propose".into(), answers, ..Command::default() };
    let request = CommandRequest { key: Uuid::now_v7(), matter: id, seen: None, command };
    let command = counted(&s, async { execute(&s.app, &officer, request).await.unwrap() }).await;
    let counts = Counts { autosave, page, command };
    check(&s, counts, Counts { autosave: 10, page: 21, command: 37 }).await;
});
