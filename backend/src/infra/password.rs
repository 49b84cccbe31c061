//! Password hashing: Argon2id, one permit for each core, held by the computation and not by the request.

use std::sync::Arc;

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

/// Memory in KiB, passes, lanes. Above the OWASP floor of 19 MiB and 2 passes.
const COST: (u32, u32, u32) = (32 * 1024, 2, 1);
/// Requests that may wait for a permit.
const QUEUE: usize = 32;

/// Hashes and verifies passwords.
#[derive(Clone)]
pub struct PasswordHasher {
    permits: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// Verified in place of an unknown account's hash, so that both take the same time.
    dummy: Arc<str>,
}

/// Too many hashes are waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords to check at once")]
pub struct HasherBusy;

impl PasswordHasher {
    /// Creates a hasher with one permit for each core.
    pub fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            permits: Arc::new(Semaphore::new(cores)),
            waiting: Arc::new(Semaphore::new(cores + QUEUE)),
            dummy: hash("no such account").into(),
        }
    }

    /// Hashes a password.
    pub async fn hash(&self, password: String) -> Result<String, HasherBusy> {
        self.run(move || hash(&password)).await
    }

    /// Verifies a password; does the same work for an unknown account.
    pub async fn verify(&self, stored: Option<String>, password: String) -> Result<bool, HasherBusy> {
        let dummy = Arc::clone(&self.dummy);
        self.run(move || {
            let known = stored.is_some();
            let stored = stored.as_deref().unwrap_or(&dummy);
            let matches = PasswordHash::new(stored).is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok());
            matches && known
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, HasherBusy> {
        let queued = Arc::clone(&self.waiting).try_acquire_owned().map_err(|_| HasherBusy)?;
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| HasherBusy)?;
        tokio::task::spawn_blocking(move || {
            let done = work();
            drop((permit, queued));
            done
        })
        .await
        .map_err(|_| HasherBusy)
    }
}

impl Default for PasswordHasher {
    fn default() -> Self {
        Self::new()
    }
}

fn argon2() -> Argon2<'static> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash(password: &str) -> String {
    let salt: [u8; 16] = crate::infra::secret::random();
    // Fails only for a password of more than 4 GiB.
    argon2().hash_password_with_salt(password.as_bytes(), &salt).map_or_else(|_| String::new(), |hash| hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_and_no_other() {
        let hasher = PasswordHasher::new();
        let stored = hasher.hash("Demo-2026-pass".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=32768,t=2,p=1$"), "{stored}");
        assert_eq!(hasher.verify(Some(stored.clone()), "Demo-2026-pass".into()).await, Ok(true));
        assert_eq!(hasher.verify(Some(stored), "demo-2026-pass".into()).await, Ok(false));
    }

    #[tokio::test]
    async fn no_account_is_like_a_wrong_password() {
        let hasher = PasswordHasher::new();
        assert_eq!(hasher.verify(None, "no such account".into()).await, Ok(false));
    }

    #[tokio::test]
    async fn a_crowd_is_told_to_come_back_later() {
        let hasher = PasswordHasher::new();
        let tries = futures::future::join_all((0..200).map(|_| hasher.verify(None, "x".into()))).await;
        assert!(tries.contains(&Err(HasherBusy)));
        assert!(tries.contains(&Ok(false)));
    }
}
