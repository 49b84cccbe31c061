//! The daily job of the program, killed at any moment and started again.

use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use backend::AppState;
use backend::database_test;
use backend::demo::testing::Population;
use backend::infra::clock::Clock;

use crate::binary::BANK_ACCOUNT;

/// Certificates of the test, unless `DAILY_JOB_CERTIFICATES` says otherwise; `make fuzz` takes 100,000.
const CERTIFICATES: i64 = 10_000;

/// Serves on a database for a while, and is killed as by a power failure.
fn serve_and_kill(folder: &Path, url: &str, after: Duration) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_registrar"));
    let settings = [("DATABASE_URL", url), ("PORT", "0"), ("LOG", "error")];
    let command = command.arg("serve").current_dir(folder).env("DATA_DIR", folder.join("data")).envs(BANK_ACCOUNT).envs(settings);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(after);
    assert!(child.try_wait().unwrap().is_none(), "it does not serve");
    child.kill().unwrap();
    child.wait().unwrap();
}

database_test!(a_daily_job_that_is_killed_at_random_reminds_once_and_leaves_every_status_right, |db, url| async move {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::DirBuilder::new().mode(0o700).create(&data).unwrap();
    let app = AppState::open(db, &data, Clock::system(), false).await.unwrap();
    let count = std::env::var("DAILY_JOB_CERTIFICATES").map_or(CERTIFICATES, |n| n.parse().unwrap());
    let population = Population::insert(&app, count).await.unwrap();
    let today = || app.clock.today();
    let (mut kills, mut interrupted) = (0, 0);
    let mut pending = population.outcome(today()).await.unwrap().pending;
    assert_eq!(pending, 4 * population.group);
    while pending > 0 {
        // Seldom the same moment twice: before, during and after the job.
        serve_and_kill(folder.path(), &url, Duration::from_millis(250 + (kills * 137) % 1_100));
        kills += 1;
        let left = population.outcome(today()).await.unwrap().pending;
        interrupted += u32::from(left > 0 && left < pending);
        pending = left;
        assert!(kills < 1_000, "{pending} are still pending");
    }
    assert!(interrupted > 0, "no run was interrupted during the job");
    // Run again, it does nothing more.
    serve_and_kill(folder.path(), &url, Duration::from_millis(1_500));
    assert_eq!(population.outcome(today()).await.unwrap(), population.expected());
});
