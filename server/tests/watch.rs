//! The daily job in the program itself, killed at any moment and begun again.

use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use backend::AppState;
use backend::infra::clock::Clock;
use backend::infra::db::testing::{Crowd, both_at};

const CERTIFICATES: i64 = 100_000;

/// Serves on a database for a while, and falls over as when the power goes.
fn serve_and_kill(folder: &Path, url: &str, after: Duration) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_registrar"));
    let settings = [("DATABASE_URL", url), ("PORT", "0"), ("LOG", "error")];
    let command = command.arg("serve").current_dir(folder).env("DATA_DIR", folder.join("data")).envs(settings);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(after);
    assert!(child.try_wait().unwrap().is_none(), "it does not serve");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_daily_job_that_is_killed_at_random_reminds_once_and_leaves_every_status_right() {
    both_at(|db, url| async move {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::DirBuilder::new().mode(0o700).create(&data).unwrap();
        let app = AppState::open(db, &data, Clock::system(), false).await.unwrap();
        let crowd = Crowd::gather(&app, CERTIFICATES).await.unwrap();
        let todays = || app.clock.today();
        let (mut kills, mut broken_off) = (0, 0);
        let mut waiting = crowd.fate(todays()).await.unwrap().waiting;
        assert_eq!(waiting, 4 * crowd.group);
        while waiting > 0 {
            // Seldom the same moment twice: before, within and after what it does.
            serve_and_kill(folder.path(), &url, Duration::from_millis(250 + (kills * 137) % 1_100));
            kills += 1;
            let left = crowd.fate(todays()).await.unwrap().waiting;
            broken_off += u32::from(left > 0 && left < waiting);
            waiting = left;
            assert!(kills < 1_000, "{waiting} are still waiting");
        }
        assert!(broken_off > 0, "no run was broken off within its work");
        // Run again, it does nothing more.
        serve_and_kill(folder.path(), &url, Duration::from_millis(1_500));
        assert_eq!(crowd.fate(todays()).await.unwrap(), crowd.expected());
    });
}
