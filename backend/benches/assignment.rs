//! Assignment of experts with a hundred thousand assignments on file, beside a thousand, in the same run.
//!
//! Two databases on the same disk take turns, so that a disk or a core that is slow for a while is slow for both. Measured are the page on
//! which experts are chosen and the command. `BENCH_DIR`: folder of the databases. `BENCH_POSTGRES_URL` and `BENCH_POSTGRES_URL_2`: two empty
//! databases of PostgreSQL, on which the same runs.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use backend::AppState;
use backend::access::guard::Allowed;
use backend::demo::testing::insert_assignments;
use backend::demo::testing::stages::{Cast, place};
use backend::demo::testing::writes::sign_in;
use backend::infra::clock::Clock;
use backend::infra::db::Db;
use backend::service::pages::assignment_page;
use backend::workflow::execute::{CommandRequest, execute};
use domain::engine::flow::Command;
use domain::kind::registration;
use uuid::Uuid;

/// Assignments on file.
const FEW: i64 = 1_000;
/// Assignments on file of the large database.
const MANY: i64 = 100_000;
/// Measures of each act on each database.
const MEASURES: usize = 40;

/// A database with its officer and the people of its matters.
struct Site {
    app: AppState,
    officer: Allowed,
    cast: Cast,
}

fn main() {
    let folder = std::env::var_os("BENCH_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = tempfile::tempdir_in(folder).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let url = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
        compare("SQLite", [&url("few.db"), &url("many.db")], folder.path()).await;
        if let (Ok(few), Ok(many)) = (std::env::var("BENCH_POSTGRES_URL"), std::env::var("BENCH_POSTGRES_URL_2")) {
            compare("PostgreSQL", [&few, &many], &folder.path().join("postgres")).await;
        }
    });
}

async fn compare(name: &str, urls: [&str; 2], folder: &Path) {
    let few = Site::open(urls[0], &folder.join("few"), FEW).await;
    let many = Site::open(urls[1], &folder.join("many"), MANY).await;
    let mut times: [[Vec<Duration>; 2]; 2] = Default::default();
    for _ in 0..MEASURES {
        for (site, times) in [&few, &many].into_iter().zip(&mut times) {
            let [page, command] = site.assign().await;
            times[0].push(page);
            times[1].push(command);
        }
    }
    println!("\n{name}: assigning two experts with {FEW} and {MANY} assignments on file (median of {MEASURES})");
    println!("{:>8} {:>12} {:>12} {:>7}", "", FEW, MANY, "ratio");
    let [few, many] = times.map(|acts| acts.map(median));
    for (act, few, many) in [("page", few[0], many[0]), ("command", few[1], many[1])] {
        println!("{act:>8} {few:>12.2?} {many:>12.2?} {:>7.2}", many.as_secs_f64() / few.as_secs_f64());
    }
}

fn median(mut values: Vec<Duration>) -> Duration {
    values.sort();
    values[values.len() / 2]
}

impl Site {
    async fn open(url: &str, folder: &Path, assignments: i64) -> Self {
        let db = Db::open(url).await.unwrap();
        db.migrate().await.unwrap();
        let app = AppState::open(db, folder, Clock::system(), true).await.unwrap();
        backend::demo::fill_demo(&app, 0).await.unwrap();
        let mut experts = Vec::new();
        for name in ["expert1", "expert2", "expert3", "expert4"] {
            experts.push(sign_in(&app, name).await.unwrap().account());
        }
        let owner = sign_in(&app, "teacher").await.unwrap().account();
        let institution = |who: Allowed| who.caller().institutions[0].0;
        let (institution, joining) =
            (institution(sign_in(&app, "inst-a").await.unwrap()), institution(sign_in(&app, "inst-b").await.unwrap()));
        insert_assignments(&app, owner, &experts, assignments / 4).await.unwrap();
        let officer = sign_in(&app, "officer").await.unwrap();
        Self { app, officer, cast: Cast { owner, institution, joining, experts } }
    }

    /// The times of the page and of the command.
    async fn assign(&self) -> [Duration; 2] {
        let kind = &registration::KIND;
        let stage = kind.flow.stage("assignment").unwrap();
        let matter = place(&self.app, kind, stage, &self.cast).await.unwrap();
        let begun = Instant::now();
        let page = assignment_page(&self.app, &self.officer, matter).await.unwrap();
        let page = (begun.elapsed(), page.candidates);
        let assignees = page.1.iter().filter(|candidate| candidate.conflict.is_none()).take(2).map(|candidate| candidate.expert.account);
        let command = Command { name: "assign".into(), assignees: assignees.collect(), ..Command::default() };
        let begun = Instant::now();
        execute(&self.app, &self.officer, CommandRequest { key: Uuid::now_v7(), matter, seen: None, command }).await.unwrap();
        [page.0, begun.elapsed()]
    }
}
