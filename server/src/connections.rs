//! The open connections: how many there are, how many one client has, and which one is closed for a new one.
//!
//! A connection that waits for its client, for the head or the body of a request or until a response is read, costs the client nothing, so it
//! gives way when there are too many: a client with many of them leaves room for others, and for its own next request.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app::limits::ShareKey;
use tokio::sync::Notify;

/// The connections of one server.
pub struct Connections {
    max: usize,
    per_address: usize,
    /// Counts changes of phases, to tell the older one.
    steps: Arc<AtomicU64>,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    next_id: u64,
    by_id: HashMap<u64, Entry>,
    by_address: HashMap<ShareKey, usize>,
}

struct Entry {
    /// None for a trusted proxy, which speaks for many clients.
    address: Option<ShareKey>,
    activity: Arc<Activity>,
}

/// What a connection does; also an extension of its requests. HTTP/1.1 has one request at a time.
pub struct Activity {
    phase: AtomicU8,
    /// The step with which the phase began.
    since: AtomicU64,
    steps: Arc<AtomicU64>,
    /// Whether the client does not read what is sent to it.
    pub blocked: Arc<AtomicBool>,
    evicted: Notify,
}

/// Phases, by how soon a connection in them gives way.
const UNUSED: u8 = 0;
const IDLE: u8 = 1;
const RECEIVING_FROM_VISITOR: u8 = 2;
const RECEIVING_FROM_ACCOUNT: u8 = 3;
const UNREAD: u8 = 4;
const ANSWERING: u8 = 5;

impl Activity {
    fn new(steps: Arc<AtomicU64>) -> Self {
        let since = AtomicU64::new(steps.fetch_add(1, Ordering::AcqRel));
        Self { phase: AtomicU8::new(UNUSED), since, steps, blocked: Arc::default(), evicted: Notify::new() }
    }

    /// Begins a request, until the end of its response.
    pub fn start(self: &Arc<Self>) -> ActiveRequest {
        self.set(ANSWERING);
        ActiveRequest(self.clone())
    }

    /// Marks the time in which the body of the request arrives.
    pub fn receive(self: &Arc<Self>, signed_in: bool) -> ReceivingBody {
        self.set(if signed_in { RECEIVING_FROM_ACCOUNT } else { RECEIVING_FROM_VISITOR });
        ReceivingBody(self.clone())
    }

    /// Whether a request has begun and is not finished.
    pub fn is_active(&self) -> bool {
        self.phase.load(Ordering::Acquire) > IDLE
    }

    /// Whether a request is being answered, so that the connection must not be cut off.
    pub fn is_answering(&self) -> bool {
        self.phase() == ANSWERING
    }

    /// Waits until the connection must be closed for another one.
    pub async fn evicted(&self) {
        self.evicted.notified().await;
    }

    /// The phase; a response whose client does not read it is as good as sent.
    fn phase(&self) -> u8 {
        match self.phase.load(Ordering::Acquire) {
            IDLE if self.blocked.load(Ordering::Acquire) => UNREAD,
            phase => phase,
        }
    }

    fn set(&self, phase: u8) {
        self.since.store(self.steps.fetch_add(1, Ordering::AcqRel), Ordering::Release);
        self.phase.store(phase, Ordering::Release);
    }
}

/// A request that has begun.
pub struct ActiveRequest(Arc<Activity>);

impl Drop for ActiveRequest {
    fn drop(&mut self) {
        self.0.set(IDLE);
    }
}

/// A request whose body arrives.
pub struct ReceivingBody(Arc<Activity>);

impl Drop for ReceivingBody {
    fn drop(&mut self) {
        self.0.set(ANSWERING);
    }
}

/// An open connection; it is counted until it is dropped or evicted.
pub struct Connection {
    connections: Arc<Connections>,
    id: u64,
    /// What it does.
    pub activity: Arc<Activity>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.connections.lock().remove(self.id);
    }
}

impl Connections {
    /// At most `max` connections, and `per_address` of one IPv4 address or IPv6 /64.
    pub fn new(max: usize, per_address: usize) -> Self {
        Self { max, per_address, steps: Arc::default(), open: Mutex::default() }
    }

    /// Counts a new connection, if necessary in place of one that waits for its client. None if there is no room. `address`: none for a
    /// trusted proxy.
    pub fn open(self: &Arc<Self>, address: Option<ShareKey>) -> Option<Connection> {
        let mut open = self.lock();
        if address.is_some_and(|address| open.count(address) >= self.per_address) {
            open.evict(address)?;
        }
        if open.by_id.len() >= self.max {
            let largest = open.by_address.iter().max_by_key(|(_, count)| **count).map(|(address, _)| *address);
            let evicted = largest.and_then(|address| open.evict(Some(address)));
            evicted.or_else(|| open.evict(None))?;
        }
        let (id, activity) = (open.next_id, Arc::new(Activity::new(self.steps.clone())));
        open.next_id += 1;
        open.by_id.insert(id, Entry { address, activity: activity.clone() });
        if let Some(address) = address {
            *open.by_address.entry(address).or_insert(0) += 1;
        }
        Some(Connection { connections: self.clone(), id, activity })
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn count(&self, address: ShareKey) -> usize {
        self.by_address.get(&address).copied().unwrap_or(0)
    }

    /// Closes a connection of an address, or of any, that waits for its client: the one that waits longest in the first phase that there is. None if all
    /// are being answered.
    fn evict(&mut self, address: Option<ShareKey>) -> Option<()> {
        let of_address = self.by_id.iter().filter(|(_, entry)| address.is_none() || entry.address == address);
        let waiting = of_address.filter(|(_, entry)| !entry.activity.is_answering());
        let id = *waiting.min_by_key(|(_, entry)| (entry.activity.phase(), entry.activity.since.load(Ordering::Acquire)))?.0;
        let entry = self.remove(id)?;
        entry.activity.evicted.notify_one();
        Some(())
    }

    fn remove(&mut self, id: u64) -> Option<Entry> {
        let entry = self.by_id.remove(&id)?;
        if let Some(address) = entry.address {
            let left = self.count(address).saturating_sub(1);
            if left == 0 {
                self.by_address.remove(&address);
            } else {
                self.by_address.insert(address, left);
            }
        }
        Some(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};

    fn address(n: u8) -> Option<ShareKey> {
        Some(ShareKey::Address(IpAddr::V4(Ipv4Addr::new(192, 0, 2, n))))
    }

    fn connections(max: usize, per_address: usize) -> Arc<Connections> {
        Arc::new(Connections::new(max, per_address))
    }

    fn is_open(connection: &Connection) -> bool {
        connection.connections.lock().by_id.contains_key(&connection.id)
    }

    #[test]
    fn a_client_with_all_its_connections_gets_a_new_one_for_its_oldest_unused_one() {
        let connections = connections(10, 3);
        let held: Vec<Connection> = (0..3).filter_map(|_| connections.open(address(1))).collect();
        drop(held[0].activity.start());
        let other = connections.open(address(2)).unwrap();
        let newest = connections.open(address(1)).unwrap();
        assert_eq!([&held[0], &held[1], &held[2], &other, &newest].map(is_open), [true, false, true, true, true]);
    }

    #[test]
    fn of_two_that_were_used_the_one_that_rests_longer_gives_way() {
        let connections = connections(10, 2);
        let held: Vec<Connection> = (0..2).filter_map(|_| connections.open(address(1))).collect();
        drop(held[1].activity.start());
        drop(held[0].activity.start());
        let _newest = connections.open(address(1)).unwrap();
        assert_eq!([&held[0], &held[1]].map(is_open), [true, false]);
    }

    #[test]
    fn requests_that_are_being_answered_are_not_cut_off() {
        let connections = connections(10, 2);
        let held: Vec<Connection> = (0..2).filter_map(|_| connections.open(address(1))).collect();
        let active: Vec<ActiveRequest> = held.iter().map(|connection| connection.activity.start()).collect();
        assert!(connections.open(address(1)).is_none());
        assert!(connections.open(address(2)).is_some());
        drop(active);
        assert!(connections.open(address(1)).is_some());
    }

    #[test]
    fn a_body_that_arrives_gives_way_after_those_who_ask_for_nothing_and_before_those_who_are_answered() {
        let connections = connections(10, 3);
        let held: Vec<Connection> = (0..3).filter_map(|_| connections.open(address(1))).collect();
        let _active: Vec<ActiveRequest> = held.iter().map(|connection| connection.activity.start()).collect();
        let _account = held[0].activity.receive(true);
        let _visitor = held[1].activity.receive(false);
        let newest = connections.open(address(1)).unwrap();
        assert_eq!([&held[0], &held[1], &held[2]].map(is_open), [true, false, true]);
        let _active = newest.activity.start();
        assert!(connections.open(address(1)).is_some());
        assert_eq!([&held[0], &held[2], &newest].map(is_open), [false, true, true]);
    }

    #[test]
    fn when_all_connections_are_taken_the_client_with_most_of_them_gives_one_up() {
        let connections = connections(4, 3);
        let few = connections.open(address(1)).unwrap();
        let many: Vec<Connection> = (0..3).filter_map(|_| connections.open(address(2))).collect();
        let newcomer = connections.open(address(3)).unwrap();
        assert!(is_open(&few) && is_open(&newcomer));
        assert_eq!(many.iter().filter(|connection| is_open(connection)).count(), 2);
    }

    #[test]
    fn a_trusted_proxy_has_no_share() {
        let connections = connections(10, 2);
        let held: Vec<Connection> = (0..10).filter_map(|_| connections.open(None)).collect();
        assert_eq!(held.iter().filter(|connection| is_open(connection)).count(), 10);
        drop(held);
        assert!(connections.lock().by_id.is_empty() && connections.lock().by_address.is_empty());
    }

    #[tokio::test]
    async fn the_evicted_connection_learns_of_it() {
        let connections = connections(1, 1);
        let first = connections.open(address(1)).unwrap();
        let _second = connections.open(address(1)).unwrap();
        first.activity.evicted().await;
    }
}
