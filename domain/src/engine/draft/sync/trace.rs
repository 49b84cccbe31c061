//! Random traces over two to four devices and a server: edits, rows taken out, reloads, kills, messages dropped, doubled and late, files
//! carried over. At the end all devices hold the same, and every value that was typed stands, was asked about, or is in a revision of the server.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// A generator that a seed makes again (splitmix64).
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

/// The server: every revision, and the answer to each patch it has taken.
struct Server {
    revisions: Vec<Answers>,
    answers: BTreeMap<(Uuid, u64), Answered>,
}

impl Server {
    fn take(&mut self, patch: &Patch) -> Answered {
        if let Some(answer) = self.answers.get(&(patch.device, patch.seq)) {
            return answer.clone();
        }
        let base = &self.revisions[usize::try_from(patch.base_rev).unwrap()];
        let merged = receive(base, self.revisions.last().unwrap(), &patch.ops);
        if merged.answers != *self.revisions.last().unwrap() || self.revisions.len() == 1 {
            self.revisions.push(merged.answers);
        }
        let answer = Answered { seq: Some(patch.seq), questions: merged.questions, ..self.present() };
        self.answers.insert((patch.device, patch.seq), answer.clone());
        answer
    }

    fn present(&self) -> Answered {
        let revision = self.revisions.len() as i64 - 1;
        Answered { seq: None, revision, answers: self.revisions.last().unwrap().clone(), questions: Vec::new() }
    }
}

/// A device: what it wrote down is all that a kill leaves.
struct Device {
    written: String,
    to_server: Vec<Patch>,
    to_device: Vec<Answered>,
}

impl Device {
    fn held(&self) -> Local {
        serde_json::from_str(&self.written).unwrap()
    }

    fn write(&mut self, local: &Local) {
        self.written = serde_json::to_string(local).unwrap();
    }
}

struct Trace {
    chance: Chance,
    server: Server,
    devices: Vec<Device>,
    typed: Vec<(Path, Value)>,
    asked: BTreeSet<String>,
    /// What its own writer replaced by hand.
    over: BTreeSet<String>,
    values: usize,
}

impl Trace {
    fn new(seed: u64) -> Self {
        let mut chance = Chance(seed);
        let count = 2 + chance.below(3);
        let device = |n: usize| {
            let local = Local::begin(Uuid::from_u128(1), "registration", Uuid::from_u128(100 + n as u128));
            Device { written: serde_json::to_string(&local).unwrap(), to_server: Vec::new(), to_device: Vec::new() }
        };
        let devices = (0..count).map(device).collect();
        let server = Server { revisions: vec![Answers::default()], answers: BTreeMap::new() };
        Self { chance, server, devices, typed: Vec::new(), asked: BTreeSet::new(), over: BTreeSet::new(), values: 0 }
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

    /// Makes a patch and leaves it on the line.
    fn send(&mut self, at: usize) {
        let mut local = self.devices[at].held();
        if let Some(patch) = local.outgoing() {
            self.devices[at].write(&local);
            self.devices[at].to_server.push(patch);
        }
    }

    /// One message of the line arrives; which one, and whether it comes again, is chance.
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
        local.answered(answer);
        self.note(&local);
        self.devices[at].write(&local);
    }

    fn note(&mut self, local: &Local) {
        for q in &local.questions {
            for value in [&q.mine, &q.theirs].into_iter().flatten() {
                self.asked.insert(format!("{}={}", q.path, value.text()));
            }
            if let Path::Row(list, id) = &q.path {
                self.asked.insert(format!("{list}/{id}"));
            }
        }
    }

    fn settle(&mut self, at: usize) {
        let mut local = self.devices[at].held();
        if !local.questions.is_empty() {
            let n = self.chance.below(local.questions.len());
            let path = local.questions[n].path.clone();
            let choice = [Choice::Mine, Choice::Theirs, Choice::Both][self.chance.below(3)].clone();
            local.settle(&path, &choice);
            self.devices[at].write(&local);
        }
    }

    /// What one device holds is carried to another in a file.
    fn carry(&mut self, at: usize) {
        let to = self.chance.below(self.devices.len());
        if to == at {
            return;
        }
        let (carried, mut local) = (self.devices[at].held(), self.devices[to].held());
        match self.chance.below(2) {
            // The other device had been cleared: it holds nothing that the server lacks.
            0 if local.sent.is_none() && matches!(local.place(), Where::There(_)) => {
                local = carried.carried_to(Uuid::from_u128(self.fresh()))
            }
            _ => local.take_in(&carried),
        }
        self.note(&local);
        self.devices[to].write(&local);
        (self.devices[to].to_server, self.devices[to].to_device) = (Vec::new(), Vec::new());
    }

    /// An id no device has had.
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
            // Offline, a kill, or a reload: what was on the line is gone in one way or the other.
            14 => self.devices[at].to_server.clear(),
            _ => self.devices[at].to_device.clear(),
        }
    }

    /// Everyone comes back, and answers what is asked.
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
                    local.answered(self.server.take(&patch));
                    self.note(&local);
                }
                local.answered(self.server.present());
                self.note(&local);
                while let Some(question) = local.questions.first().cloned() {
                    quiet = false;
                    local.settle(&question.path, &[Choice::Mine, Choice::Theirs][self.chance.below(2)]);
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

    fn judge(&self) -> Result<(), String> {
        let last = self.server.revisions.last().unwrap();
        for device in &self.devices {
            let local = device.held();
            if !between(last, &local.mine).is_empty() || !between(&local.mine, last).is_empty() {
                return Err(format!("device {} differs", local.device));
            }
        }
        for (path, value) in &self.typed {
            let kept = self.server.revisions.iter().any(|r| value_at(r, path) == Some(value));
            let asked = self.asked.contains(&format!("{path}={}", value.text()));
            let row = matches!(path, Path::Cell(list, id, _) if self.asked.contains(&format!("{list}/{id}")));
            // A person may replace what they see; that is no loss.
            let replaced = self.over.contains(&format!("{path}={}", value.text()));
            if !kept && !asked && !row && !replaced {
                return Err(format!("{} at {path} is lost", value.text()));
            }
        }
        Ok(())
    }
}

/// Runs one trace; says what is wrong with it.
fn run(seed: u64) -> Result<(), String> {
    let mut trace = Trace::new(seed);
    let steps = 20 + trace.chance.below(60);
    for _ in 0..steps {
        trace.step();
    }
    trace.come_together()?;
    trace.judge()
}

#[test]
fn no_trace_loses_a_word_and_all_devices_end_alike() {
    let count = std::env::var("FUZZ_TRACES").ok().and_then(|n| n.parse().ok()).unwrap_or(2_000_u64);
    let wrong: Vec<String> = (0..count).filter_map(|seed| run(seed).err().map(|why| format!("seed {seed}: {why}"))).collect();
    assert!(wrong.is_empty(), "{} of {count} traces: {:#?}", wrong.len(), wrong.iter().take(5).collect::<Vec<_>>());
}
