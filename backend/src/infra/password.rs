//! Password hashing: Argon2id on all cores but one, at a low priority, with a bounded queue of which each client has a share. A place is held by the
//! computation and not by the request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::infra::low_priority::LowPriorityThreads;

/// Memory in KiB, passes, lanes. Above the OWASP floor of 19 MiB and 2 passes.
const COST: (u32, u32, u32) = (32 * 1024, 2, 1);
/// Passwords that may wait for a permit.
const QUEUE: usize = 32;
/// Passwords of one client that may be computed or wait at once.
const CLIENT_SHARE: usize = 6;
/// Attempts that may be delayed at once.
const DELAYED: usize = 64;

/// Hashes and verifies passwords.
#[derive(Clone)]
pub struct PasswordHasher {
    threads: LowPriorityThreads,
    waiting: Arc<Semaphore>,
    delayed: Arc<Semaphore>,
    /// Number of passwords of each client that are computed or wait.
    clients: Arc<Mutex<HashMap<String, usize>>>,
    /// Verified in place of an unknown account's hash, so that both take the same time.
    dummy: Arc<str>,
}

/// Too many hashes are waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HasherBusy {
    /// Those of everybody.
    #[error("too many passwords to check at once")]
    Queue,
    /// Those of the client that asks.
    #[error("too many passwords of one client to check at once")]
    Share,
}

impl HasherBusy {
    /// Message for the user.
    pub fn text(self) -> &'static str {
        match self {
            HasherBusy::Queue => "系统繁忙，请稍后再试",
            HasherBusy::Share => "同时提交的次数过多，请稍后再试",
        }
    }
}

impl PasswordHasher {
    /// Creates a hasher that leaves one core to everything else.
    pub fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = cores.saturating_sub(1).max(1);
        Self {
            threads: LowPriorityThreads::start("password", threads),
            waiting: Arc::new(Semaphore::new(threads + QUEUE)),
            delayed: Arc::new(Semaphore::new(DELAYED)),
            clients: Arc::default(),
            dummy: hash("no such account").into(),
        }
    }

    /// Hashes a password. `client`: whose share of the queue it uses, usually a network.
    ///
    /// # Errors
    /// The queue, or the client's share of it, is full.
    pub async fn hash(&self, client: &str, password: String) -> Result<String, HasherBusy> {
        self.run(client, move || hash(&password)).await
    }

    /// Verifies a password; does the same work for an unknown account.
    ///
    /// # Errors
    /// The queue, or the client's share of it, is full.
    pub async fn verify(&self, client: &str, stored: Option<String>, password: String) -> Result<bool, HasherBusy> {
        let dummy = Arc::clone(&self.dummy);
        self.run(client, move || {
            let known = stored.is_some();
            let stored = stored.as_deref().unwrap_or(&dummy);
            let matches = PasswordHash::new(stored).is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok());
            matches && known
        })
        .await
    }

    /// Delays an attempt on an account under attack.
    ///
    /// # Errors
    /// Too many attempts are delayed already.
    pub async fn delay(&self, by: Duration) -> Result<(), HasherBusy> {
        let _place = self.delayed.try_acquire().map_err(|_| HasherBusy::Queue)?;
        tokio::time::sleep(by).await;
        Ok(())
    }

    async fn run<T: Send + 'static>(&self, client: &str, work: impl FnOnce() -> T + Send + 'static) -> Result<T, HasherBusy> {
        let share = ClientShare::take(&self.clients, client)?;
        let queued = Arc::clone(&self.waiting).try_acquire_owned().map_err(|_| HasherBusy::Queue)?;
        // The computation holds both places, also after the request has ended.
        let places = (share, queued);
        let computed = self.threads.run(move || {
            let done = work();
            drop(places);
            done
        });
        computed.await.map_err(|_| HasherBusy::Queue)
    }
}

impl Default for PasswordHasher {
    fn default() -> Self {
        Self::new()
    }
}

/// One place of a client's share, given back when it is dropped.
struct ClientShare {
    clients: Arc<Mutex<HashMap<String, usize>>>,
    client: String,
}

impl ClientShare {
    fn take(clients: &Arc<Mutex<HashMap<String, usize>>>, client: &str) -> Result<Self, HasherBusy> {
        let mut counts = clients.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(client.to_owned()).or_default();
        if *count >= CLIENT_SHARE {
            return Err(HasherBusy::Share);
        }
        *count += 1;
        Ok(Self { clients: Arc::clone(clients), client: client.to_owned() })
    }
}

impl Drop for ClientShare {
    fn drop(&mut self) {
        let mut counts = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.client) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                counts.remove(&self.client);
            }
        }
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
        let stored = hasher.hash("a", "Demo-2026-pass".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=32768,t=2,p=1$"), "{stored}");
        assert_eq!(hasher.verify("a", Some(stored.clone()), "Demo-2026-pass".into()).await, Ok(true));
        assert_eq!(hasher.verify("a", Some(stored), "demo-2026-pass".into()).await, Ok(false));
    }

    #[tokio::test]
    async fn no_account_is_like_a_wrong_password() {
        let hasher = PasswordHasher::new();
        assert_eq!(hasher.verify("a", None, "no such account".into()).await, Ok(false));
    }

    #[tokio::test]
    async fn a_crowd_is_told_to_come_back_later() {
        let hasher = PasswordHasher::new();
        let tries = futures::future::join_all((0..200).map(|n| {
            let hasher = hasher.clone();
            async move { hasher.verify(&n.to_string(), None, "x".into()).await }
        }))
        .await;
        assert!(tries.contains(&Err(HasherBusy::Queue)));
        assert!(tries.contains(&Ok(false)));
    }

    #[tokio::test]
    async fn one_client_does_not_fill_the_queue_of_the_others() {
        let hasher = PasswordHasher::new();
        let flood = futures::future::join_all((0..100).map(|_| hasher.verify("flood", None, "x".into())));
        let other = async {
            tokio::task::yield_now().await;
            hasher.verify("other", None, "x".into()).await
        };
        let (flood, other) = tokio::join!(flood, other);
        assert_eq!(other, Ok(false));
        assert_eq!(flood.iter().filter(|answer| answer.is_ok()).count(), CLIENT_SHARE);
        assert!(hasher.clients.lock().unwrap().is_empty(), "every place was given back");
    }
}
