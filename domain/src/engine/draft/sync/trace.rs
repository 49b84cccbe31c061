//! Random traces over two to four devices and a server: edits, removed records, reloads, kills, lost, repeated and late messages, exported files.
//! At the end all devices are equal, and every typed value is current, was in a question, or is in a revision of the server.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// A reproducible random generator (splitmix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % most as u64).unwrap()
    }
}

const FIELDS: [&str; 3] = ["a", "b", "c"];
const ROWS: usize = 3;

/// The server: all revisions, and the reply to each patch.
struct Server {
    revisions: Vec<Answers>,
    answers: BTreeMap<(Uuid, u64), SyncReply>,
}

impl Server {
    fn take(&mut self, patch: &Patch) -> SyncReply {
        if let Some(answer) = self.answers.get(&(patch.device, patch.seq)) {
            return answer.clone();
        }
        let base = &self.revisions[usize::try_from(patch.base_rev).unwrap()];
        let merged = merge_patch(base, self.revisions.last().unwrap(), &patch.ops);
        if merged.answers != *self.revisions.last().unwrap() || self.revisions.len() == 1 {
            self.revisions.push(merged.answers);
        }
        let answer = SyncReply { seq: Some(patch.seq), questions: merged.questions, ..self.present() };
        self.answers.insert((patch.device, patch.seq), answer.clone());
        answer
    }

    fn present(&self) -> SyncReply {
        let revision = self.revisions.len() as i64 - 1;
        SyncReply { seq: None, revision, answers: self.revisions.last().unwrap().clone(), questions: Vec::new(), refused: Vec::new() }
    }
}

/// A device: a kill leaves only its stored state.
struct Device {
    written: String,
    to_server: Vec<Patch>,
    to_device: Vec<SyncReply>,
}

impl Device {
    fn held(&self) -> LocalDraft {
        serde_json::from_str(&self.written).unwrap()
    }

    fn write(&mut self, local: &LocalDraft) {
        self.written = serde_json::to_string(local).unwrap();
    }
}

struct Trace {
    chance: Chance,
    server: Server,
    devices: Vec<Device>,
    typed: Vec<(Path, Value)>,
    questioned: BTreeSet<String>,
    /// Values that the user replaced.
    over: BTreeSet<String>,
    values: usize,
}

impl Trace {
    fn new(seed: u64) -> Self {
        let mut chance = Chance(seed);
        let count = 2 + chance.below(3);
        let device = |n: usize| {
            let local = LocalDraft::begin(Uuid::from_u128(1), "registration", Uuid::from_u128(100 + n as u128));
            Device { written: serde_json::to_string(&local).unwrap(), to_server: Vec::new(), to_device: Vec::new() }
        };
        let devices = (0..count).map(device).collect();
        let server = Server { revisions: vec![Answers::default()], answers: BTreeMap::new() };
        Self { chance, server, devices, typed: Vec::new(), questioned: BTreeSet::new(), over: BTreeSet::new(), values: 0 }
    }

    fn path(&mut self) -> Path {
        let name = FIELDS[self.chance.below(FIELDS.len())];
        match self.chance.below(2) {
            0 => Path::field(name),
            _ => Path::Cell("list".into(), Uuid::from_u128(self.chance.below(ROWS) as u128), name.into()),
        }
    }

    fn edit(&mut self, at: usize) {
        let path = self.path();
        self.values += 1;
        let value = Value::Text(format!("v{}", self.values));
        let mut local = self.devices[at].held();
        if let Some(before) = value_at(&local.mine, &path) {
            self.over.insert(format!("{path}={}", before.text()));
        }
        local.edit(&[Op { path: path.clone(), value: Some(value.clone()) }]);
        self.devices[at].write(&local);
        self.typed.push((path, value));
    }

    fn take_out(&mut self, at: usize) {
        let id = Uuid::from_u128(self.chance.below(ROWS) as u128);
        let mut local = self.devices[at].held();
        if local.mine.record("list", id).is_some() {
            let row = local.mine.record("list", id).cloned().unwrap();
            for (name, value) in row.fields {
                self.over.insert(format!("list/{id}/{name}={}", value.text()));
            }
            local.edit(&[Op { path: Path::Row("list".into(), id), value: None }]);
            self.devices[at].write(&local);
        }
    }

    /// Sends a patch.
    fn send(&mut self, at: usize) {
        let mut local = self.devices[at].held();
        if let Some(patch) = local.outgoing() {
            self.devices[at].write(&local);
            self.devices[at].to_server.push(patch);
        }
    }

    /// Delivers a random message, possibly twice.
    fn arrive(&mut self, at: usize) {
        let device = &mut self.devices[at];
        if !device.to_server.is_empty() {
            let n = self.chance.below(device.to_server.len());
            let patch = if self.chance.below(4) == 0 { device.to_server[n].clone() } else { device.to_server.remove(n) };
            let answer = self.server.take(&patch);
            device.to_device.push(answer);
        }
    }

    fn answer(&mut self, at: usize) {
        if self.devices[at].to_device.is_empty() {
            return;
        }
        let n = self.chance.below(self.devices[at].to_device.len());
        let answer = if self.chance.below(4) == 0 { self.devices[at].to_device[n].clone() } else { self.devices[at].to_device.remove(n) };
        let mut local = self.devices[at].held();
        local.apply_reply(answer);
        self.note(&local);
        self.devices[at].write(&local);
    }

    fn note(&mut self, local: &LocalDraft) {
        for q in &local.questions {
            for value in [&q.mine, &q.theirs].into_iter().flatten() {
                self.questioned.insert(format!("{}={}", q.path, value.text()));
            }
            if let Path::Row(list, id) = &q.path {
                self.questioned.insert(format!("{list}/{id}"));
            }
        }
    }

    fn settle(&mut self, at: usize) {
        let mut local = self.devices[at].held();
        if !local.questions.is_empty() {
            let n = self.chance.below(local.questions.len());
            let path = local.questions[n].path.clone();
            let choice = [Resolution::Mine, Resolution::Theirs, Resolution::Both][self.chance.below(3)].clone();
            local.resolve(&path, &choice);
            self.devices[at].write(&local);
        }
    }

    /// Exports the drafts of one device to another.
    fn carry(&mut self, at: usize) {
        let to = self.chance.below(self.devices.len());
        if to == at {
            return;
        }
        let (carried, mut local) = (self.devices[at].held(), self.devices[to].held());
        match self.chance.below(2) {
            // The other device was empty: it has nothing unsent.
            0 if local.sent.is_none() && matches!(local.location(), SaveLocation::Server(_)) => {
                local = carried.rebind_to(Uuid::from_u128(self.fresh()));
            }
            _ => local.import(&carried),
        }
        self.note(&local);
        self.devices[to].write(&local);
        (self.devices[to].to_server, self.devices[to].to_device) = (Vec::new(), Vec::new());
    }

    /// A new id.
    fn fresh(&mut self) -> u128 {
        self.values += 1;
        1_000 + self.values as u128
    }

    fn step(&mut self) {
        let at = self.chance.below(self.devices.len());
        match self.chance.below(17) {
            0..=4 => self.edit(at),
            5 => self.take_out(at),
            6..=8 => self.send(at),
            9..=10 => self.arrive(at),
            11..=12 => self.answer(at),
            13 => self.settle(at),
            16 => self.carry(at),
            // Off-line, a kill or a reload: messages in flight are lost.
            14 => self.devices[at].to_server.clear(),
            _ => self.devices[at].to_device.clear(),
        }
    }

    /// All devices reconnect and resolve their questions.
    fn come_together(&mut self) -> Result<(), String> {
        for device in &mut self.devices {
            (device.to_server, device.to_device) = (Vec::new(), Vec::new());
        }
        for round in 0.. {
            let mut quiet = true;
            for at in 0..self.devices.len() {
                let mut local = self.devices[at].held();
                while let Some(patch) = local.outgoing() {
                    quiet = false;
                    local.apply_reply(self.server.take(&patch));
                    self.note(&local);
                }
                local.apply_reply(self.server.present());
                self.note(&local);
                while let Some(question) = local.questions.first().cloned() {
                    quiet = false;
                    local.resolve(&question.path, &[Resolution::Mine, Resolution::Theirs][self.chance.below(2)]);
                }
                self.devices[at].write(&local);
            }
            if quiet {
                return Ok(());
            }
            if round > 50 {
                return Err("they never come to rest".into());
            }
        }
        Ok(())
    }

    fn verify(&self) -> Result<(), String> {
        let last = self.server.revisions.last().unwrap();
        for device in &self.devices {
            let local = device.held();
            if !diff(last, &local.mine).is_empty() || !diff(&local.mine, last).is_empty() {
                return Err(format!("device {} differs", local.device));
            }
        }
        for (path, value) in &self.typed {
            let stored = self.server.revisions.iter().any(|r| value_at(r, path) == Some(value));
            let questioned = self.questioned.contains(&format!("{path}={}", value.text()));
            let row = matches!(path, Path::Cell(list, id, _) if self.questioned.contains(&format!("{list}/{id}")));
            // A value replaced by its user is not lost.
            let replaced = self.over.contains(&format!("{path}={}", value.text()));
            if !stored && !questioned && !row && !replaced {
                return Err(format!("{} at {path} is lost", value.text()));
            }
        }
        Ok(())
    }
}

/// Runs one trace.
fn run(seed: u64) -> Result<(), String> {
    let mut trace = Trace::new(seed);
    let steps = 20 + trace.chance.below(60);
    for _ in 0..steps {
        trace.step();
    }
    trace.come_together()?;
    trace.verify()
}

#[test]
fn no_trace_loses_an_answer_and_all_devices_end_alike() {
    let count = std::env::var("FUZZ_TRACES").ok().and_then(|n| n.parse().ok()).unwrap_or(2_000_u64);
    let wrong: Vec<String> = (0..count).filter_map(|seed| run(seed).err().map(|why| format!("seed {seed}: {why}"))).collect();
    assert!(wrong.is_empty(), "{} of {count} traces: {:#?}", wrong.len(), wrong.iter().take(5).collect::<Vec<_>>());
}
