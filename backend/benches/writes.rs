//! Autosaves and submissions per second, beside a bare writer on the same disk in the same run.
//!
//! The bare writer does what no autosave can do without: it updates one row and inserts one, through the same group commit. Rounds of both
//! alternate, so that a disk that is slow for a while is slow for both. `BENCH_DIR`: folder of the database, on the disk to be measured.
//! `BENCH_POSTGRES_URL`: an empty database of PostgreSQL, on which the same runs.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use backend::AppState;
use backend::access::guard::Allowed;
use backend::demo::testing::writes::{bare_save, create_bare_tables, lift_save_budget, sign_in};
use backend::demo::testing::{ReadyDraft, create_applicants};
use backend::infra::clock::Clock;
use backend::infra::db::Db;
use backend::workflow::execute::{CommandRequest, execute};
use backend::workflow::patch::receive_patch;
use domain::engine::draft::{Op, Patch};
use domain::engine::flow::Command;
use domain::engine::form::Path as AnswerPath;
use uuid::Uuid;

/// Number of accounts, each with a draft.
const ACCOUNTS: usize = 64;
/// Bytes that an autosave of these drafts stores.
const BODY: usize = 6_000;
/// Number of rounds of each kind.
const ROUNDS: u32 = 5;
/// Length of a round.
const ROUND: Duration = Duration::from_millis(800);

/// A writer's account, draft and last revision.
struct Draft {
    who: Allowed,
    matter: Uuid,
    device: Uuid,
    saves: AtomicU64,
}

fn main() {
    let folder = std::env::var_os("BENCH_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = tempfile::tempdir_in(folder).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let url = format!("sqlite:{}", folder.path().join("bench.db").display());
        measure("SQLite", &url, folder.path()).await;
        if let Ok(url) = std::env::var("BENCH_POSTGRES_URL") {
            measure("PostgreSQL", &url, &folder.path().join("postgres")).await;
        }
    });
}

async fn measure(name: &str, url: &str, folder: &Path) {
    let db = Db::open(url).await.unwrap();
    db.migrate().await.unwrap();
    let app = AppState::open(db, folder, Clock::system(), true).await.unwrap();
    backend::demo::fill_demo(&app, 0).await.unwrap();
    create_bare_tables(&app.db).await.unwrap();
    lift_save_budget(&app).await.unwrap();
    let ready = create_applicants(&app, ACCOUNTS).await.unwrap();
    let mut drafts = Vec::new();
    for draft in &ready {
        drafts.push(Arc::new(Draft::of(&app, draft).await));
    }
    println!("\n{name}: writes per second, durable when answered (median of {ROUNDS} rounds)");
    println!("{:>8} {:>12} {:>12} {:>7}", "writers", "bare", "autosave", "ratio");
    for writers in [1, 16, 64] {
        let (bare, autosave) = compare(&app, &drafts[..writers]).await;
        println!("{writers:>8} {bare:>12.0} {autosave:>12.0} {:>7.2}", autosave / bare);
    }
    let begun = Instant::now();
    let submitted = futures::future::join_all(drafts.iter().map(|draft| submit(&app, draft))).await;
    println!("{:.0} submissions per second", submitted.len() as f64 / begun.elapsed().as_secs_f64());
}

/// Writes per second of the bare writer and of autosaves: medians of alternating rounds.
async fn compare(app: &AppState, drafts: &[Arc<Draft>]) -> (f64, f64) {
    let (mut bare_rounds, mut autosave_rounds) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare_rounds.push(round(drafts, |draft| bare(app, draft)).await);
        autosave_rounds.push(round(drafts, |draft| autosave(app, draft)).await);
    }
    (median(bare_rounds), median(autosave_rounds))
}

/// One round: each draft is saved again and again, one save at a time. Returns the saves per second.
async fn round<'a, F, S>(drafts: &'a [Arc<Draft>], save: S) -> f64
where
    F: Future<Output = ()>,
    S: Fn(&'a Draft) -> F,
{
    let begun = Instant::now();
    let writers = drafts.iter().map(async |draft| {
        let mut saves = 0_u64;
        while begun.elapsed() < ROUND {
            save(draft).await;
            saves += 1;
        }
        saves
    });
    let saves: u64 = futures::future::join_all(writers).await.into_iter().sum();
    saves as f64 / begun.elapsed().as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

impl Draft {
    async fn of(app: &AppState, draft: &ReadyDraft) -> Self {
        let who = sign_in(app, &draft.account).await.unwrap();
        Self { who, matter: draft.matter, device: Uuid::now_v7(), saves: AtomicU64::new(0) }
    }
}

async fn bare(app: &AppState, draft: &Draft) {
    let revision = draft.saves.fetch_add(1, Ordering::Relaxed) + 1;
    bare_save(&app.db, draft.matter, revision.cast_signed(), BODY).await.unwrap();
}

/// One autosave: an answer that differs from the one before.
async fn autosave(app: &AppState, draft: &Draft) {
    let seq = draft.saves.fetch_add(1, Ordering::Relaxed) + 1;
    let op = Op { path: AnswerPath::field("address"), value: Some(format!("北京市朝阳区某路 {seq} 号").as_str().into()) };
    let patch = Patch { matter: draft.matter, base_rev: 1, device: draft.device, seq, ops: vec![op], replaces: None };
    receive_patch(app, &draft.who, &domain::kind::registration::KIND, patch).await.unwrap();
}

async fn submit(app: &AppState, draft: &Draft) {
    let revision = backend::workflow::patch::draft_state(app, &draft.who, draft.matter).await.unwrap().revision;
    let command = Command { name: "submit".into(), revision: Some(revision), ..Command::default() };
    execute(app, &draft.who, CommandRequest { key: Uuid::now_v7(), matter: draft.matter, seen: None, command }).await.unwrap();
}
