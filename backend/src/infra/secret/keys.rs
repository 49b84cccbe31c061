//! The key file.
//!
//! One line for each key: `seal ID BASE64`, `print ID BASE64` or `sign ID BASE64`. The last `seal` key seals; all of them unseal. The last
//! `print` key makes the fingerprints of identities; the first one makes all other keyed hashes, which are not rotated. The file must be stored
//! apart from the database and its backups: both together disclose the personal data.
//!
//! The id of a new key is derived from the key, so that two keys do not share one by accident. Keys of earlier releases are numbered by
//! hand, from 1 to 255.
//!
//! Certificates are signed with the last `sign` key. Without one, the key is derived from the first `print` key and has the id 0. All of
//! them verify, so printed certificates stay valid after a key rotation.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::infra::secret::error::KeyError;
use crate::infra::secret::hash::mac_with;
use crate::infra::secret::key_file;
use crate::infra::secret::random::random;

/// Id of the derived signing key.
const DERIVED: u8 = 0;
/// The highest id that is given by hand.
const LAST_NUMBERED: u32 = 255;
/// How often the file is read again at most, when a value names a key that is not known.
const RELOAD: Duration = Duration::from_secs(1);

/// Keys for sealing, for fingerprints, and for signing. Clones share them. A key that another process adds to the file is found when the
/// first value sealed with it is read, so keys are rotated without a restart.
#[derive(Clone)]
pub struct Keys(Arc<Shared>);

struct Shared {
    set: RwLock<Arc<KeySet>>,
    path: Option<PathBuf>,
    reloaded: Mutex<Option<Instant>>,
}

#[derive(Clone, Zeroize, ZeroizeOnDrop)]
struct KeySet {
    sealing: Vec<(u32, [u8; 32])>,
    /// Not empty.
    hashing: Vec<(u32, [u8; 32])>,
    signing: Vec<(u8, [u8; 32])>,
}

impl Keys {
    /// Generates keys that are in no file.
    pub fn random() -> Self {
        Self::of(KeySet::random(), None)
    }

    fn of(set: KeySet, path: Option<PathBuf>) -> Self {
        Self(Arc::new(Shared { set: RwLock::new(Arc::new(set)), path, reloaded: Mutex::new(None) }))
    }

    /// Reads the key file.
    ///
    /// # Errors
    /// A file that is missing, malformed, or open to other users.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        Ok(Self::of(KeySet::parse(&key_file::read(path)?)?, Some(path.to_owned())))
    }

    /// Generates keys and writes them to a new file.
    ///
    /// # Errors
    /// [`KeyError::Exists`] if there is a file.
    pub fn create(path: &Path) -> Result<Self, KeyError> {
        let set = KeySet::random();
        key_file::create(path, &set.text())?;
        Ok(Self::of(set, Some(path.to_owned())))
    }

    /// Adds a new sealing key, which seals from now on, to the file; returns its id.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn add_sealing_key(&self) -> Result<u32, KeyError> {
        let (mut set, key) = (KeySet::clone(&self.set()), random());
        let id = derived_id(&key);
        set.sealing.push((id, key));
        if let Some(path) = &self.0.path {
            key_file::replace(path, &set.text())?;
        }
        self.replace_set(set);
        Ok(id)
    }

    /// Adds a new key for the fingerprints of identities to the file; returns its id.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn add_fingerprint_key(&self) -> Result<u32, KeyError> {
        let (mut set, key) = (KeySet::clone(&self.set()), random());
        let id = derived_id(&key);
        set.hashing.push((id, key));
        if let Some(path) = &self.0.path {
            key_file::replace(path, &set.text())?;
        }
        self.replace_set(set);
        Ok(id)
    }

    fn set(&self) -> Arc<KeySet> {
        Arc::clone(&self.0.set.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn replace_set(&self, set: KeySet) {
        *self.0.set.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(set);
    }

    /// Reads the file again, for a key that another process has added to it.
    fn reload(&self) {
        let Some(path) = &self.0.path else { return };
        let mut reloaded = self.0.reloaded.lock().unwrap_or_else(PoisonError::into_inner);
        if reloaded.is_some_and(|at| at.elapsed() < RELOAD) {
            return;
        }
        *reloaded = Some(Instant::now());
        match key_file::read(path).and_then(|text| KeySet::parse(&text)) {
            Ok(new) if new.extends(&self.set()) => self.replace_set(new),
            Ok(_) => tracing::error!("the key file does not hold the keys in use any more"),
            Err(error) => tracing::error!(%error, "the key file cannot be read again"),
        }
    }

    /// Id of the key that seals.
    pub fn sealing_id(&self) -> u32 {
        self.set().sealing.last().map_or(0, |(id, _)| *id)
    }

    /// Ids of all keys that unseal; the last one seals.
    pub fn sealing_ids(&self) -> Vec<u32> {
        self.set().sealing.iter().map(|(id, _)| *id).collect()
    }

    /// Id of the key of keyed hashes other than the fingerprints of identities.
    pub fn mac_id(&self) -> u32 {
        self.set().hashing.first().map_or(0, |(id, _)| *id)
    }

    /// Ids of all keys that made fingerprints of identities, the oldest first; the last one makes them now.
    pub fn fingerprint_ids(&self) -> Vec<u32> {
        self.set().hashing.iter().map(|(id, _)| *id).collect()
    }

    /// Whether the key is there, perhaps added to the file since it was read.
    pub fn has_fingerprint_key(&self, id: u32) -> bool {
        self.hashing_by_id(id).is_some()
    }

    /// The key with this id, which may have been added to the file since it was read.
    pub(crate) fn sealing_by_id(&self, id: u32) -> Option<[u8; 32]> {
        let find = || self.set().sealing.iter().find(|(i, _)| *i == id).map(|(_, key)| *key);
        find().or_else(|| {
            self.reload();
            find()
        })
    }

    /// The signing keys by id; the last one signs.
    pub(crate) fn signing(&self) -> Vec<(u8, [u8; 32])> {
        self.set().signing.clone()
    }

    pub(crate) fn hashing(&self) -> Vec<(u32, [u8; 32])> {
        self.set().hashing.clone()
    }

    pub(crate) fn hashing_by_id(&self, id: u32) -> Option<[u8; 32]> {
        let find = || self.set().hashing.iter().find(|(i, _)| *i == id).map(|(_, key)| *key);
        find().or_else(|| {
            self.reload();
            find()
        })
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl KeySet {
    fn random() -> Self {
        let (seal, print) = (random(), random());
        Self::new(vec![(derived_id(&seal), seal)], vec![(derived_id(&print), print)], Vec::new())
    }

    /// `hashing` must not be empty.
    fn new(sealing: Vec<(u32, [u8; 32])>, hashing: Vec<(u32, [u8; 32])>, mut signing: Vec<(u8, [u8; 32])>) -> Self {
        let first = hashing.first().map(|(_, key)| *key).unwrap_or_default();
        #[expect(clippy::expect_used, reason = "HMAC-SHA-256 has the 32 bytes of a seed")]
        let seed = mac_with(&first, &[b"certificate.sign"]).try_into().expect("a seed of another length");
        signing.insert(0, (DERIVED, seed));
        Self { sealing, hashing, signing }
    }

    /// Whether it has all keys of another set.
    fn extends(&self, other: &Self) -> bool {
        self.hashing.starts_with(&other.hashing) && other.sealing.iter().all(|key| self.sealing.contains(key))
    }

    fn parse(text: &str) -> Result<Self, KeyError> {
        let (mut sealing, mut hashing, mut signing) = (Vec::new(), Vec::new(), Vec::new());
        for (index, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
            let number = index + 1;
            let wrong = || KeyError::Malformed(number);
            let mut parts = line.split_whitespace();
            let (Some(kind), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
                return Err(wrong());
            };
            let id: u32 = id.parse().map_err(|_| wrong())?;
            let bytes = Zeroizing::new(STANDARD.decode(key).map_err(|_| wrong())?);
            let key: [u8; 32] = bytes.as_slice().try_into().map_err(|_| wrong())?;
            if kind != "sign" && id > LAST_NUMBERED && id != derived_id(&key) {
                return Err(KeyError::SharedId(number));
            }
            let shared = match kind {
                "seal" => sealing.iter().any(|(i, _)| *i == id),
                "print" => hashing.iter().any(|(i, _)| *i == id),
                _ => false,
            };
            if shared {
                return Err(KeyError::SharedId(number));
            }
            match (kind, u8::try_from(id)) {
                ("seal", _) => sealing.push((id, key)),
                ("print", _) => hashing.push((id, key)),
                ("sign", Ok(id)) if id != DERIVED => signing.push((id, key)),
                _ => return Err(wrong()),
            }
        }
        if sealing.is_empty() {
            return Err(KeyError::Missing("seal"));
        }
        if hashing.is_empty() {
            return Err(KeyError::Missing("print"));
        }
        Ok(Self::new(sealing, hashing, signing))
    }

    /// The content of the key file.
    fn text(&self) -> Zeroizing<String> {
        let line = |kind: &str, id: u32, key: &[u8; 32]| format!("{kind} {id} {}\n", STANDARD.encode(key));
        let mut text = Zeroizing::new(String::new());
        for (id, key) in &self.sealing {
            text.push_str(&line("seal", *id, key));
        }
        for (id, key) in &self.hashing {
            text.push_str(&line("print", *id, key));
        }
        for (id, key) in self.signing.iter().filter(|(id, _)| *id != DERIVED) {
            text.push_str(&line("sign", u32::from(*id), key));
        }
        text
    }
}

/// The id of a key: above the ids that are given by hand.
fn derived_id(key: &[u8; 32]) -> u32 {
    let digest = Sha256::new().chain_update(b"registrar key id\0").chain_update(key).finalize();
    digest.iter().take(4).fold(0, |id, byte| id << 8 | u32::from(*byte)) | 1 << 31
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::infra::secret::SealContext;

    fn line(kind: &str, id: u32, byte: u8) -> String {
        format!("{kind} {id} {}\n", STANDARD.encode([byte; 32]))
    }

    fn parse(text: &str) -> Result<Keys, KeyError> {
        KeySet::parse(text).map(|set| Keys::of(set, None))
    }

    #[test]
    fn the_keys_in_the_file_are_those_that_were_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys/registrar.keys");
        let made = Keys::create(&path).unwrap();
        let read = Keys::load(&path).unwrap();
        assert_eq!(made.fingerprint("a", "b"), read.fingerprint("a", "b"));
        assert!(matches!(Keys::create(&path), Err(KeyError::Exists)));
        assert_eq!(Keys::load(&path).unwrap().sealing_ids(), made.sealing_ids());
    }

    #[test]
    fn a_line_of_its_own_takes_over_signing_and_what_was_signed_before_still_verifies() {
        let first = format!("{}{}", line("seal", 1, 1), line("print", 1, 1));
        let old = parse(&first).unwrap();
        let new = parse(&format!("{first}{}", line("sign", 4, 4))).unwrap();
        assert_eq!((old.signing_key_id(), new.signing_key_id()), (0, 4));
        let signature = old.sign(b"x");
        assert!(new.verify(0, b"x", &signature));
        assert_ne!(new.sign(b"x"), signature);
        assert!(parse(&format!("{first}{}", line("sign", 0, 5))).is_err(), "the number of the derived key is taken");
    }

    #[test]
    fn two_keys_never_share_an_id() {
        assert_ne!(Keys::random().sealing_id(), Keys::random().sealing_id());
        let print = line("print", 1, 1);
        for text in [
            format!("{}{}{print}", line("seal", 1, 1), line("seal", 1, 2)),
            format!("{}{print}{}", line("seal", 1, 1), line("print", 1, 2)),
            // An id that was derived from another key.
            format!("{}{print}", line("seal", derived_id(&[2; 32]), 1)),
        ] {
            assert!(matches!(parse(&text), Err(KeyError::SharedId(_))), "{text}");
        }
        assert!(parse(&format!("{}{print}", line("seal", derived_id(&[2; 32]), 2))).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_or_a_folder_of_it_that_others_can_read_is_refused() {
        use std::fs::{Permissions, set_permissions};
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys/registrar.keys");
        Keys::create(&path).unwrap();
        for (file, keys, fine) in
            [(0o600, 0o700, true), (0o644, 0o700, false), (0o640, 0o700, false), (0o600, 0o750, false), (0o600, 0o701, false)]
        {
            set_permissions(&path, Permissions::from_mode(file)).unwrap();
            set_permissions(path.parent().unwrap(), Permissions::from_mode(keys)).unwrap();
            assert_eq!(Keys::load(&path).is_ok(), fine, "{file:o} {keys:o}");
        }
    }

    #[test]
    fn a_value_sealed_with_an_older_key_is_unsealed_after_a_rotation() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys/registrar.keys");
        let keys = Keys::create(&path).unwrap();
        let place = SealContext::new("t.c", uuid::Uuid::now_v7());
        let old = keys.seal(place, b"x");
        let running = Keys::load(&path).unwrap();
        let id = keys.add_sealing_key().unwrap();
        assert_eq!(keys.unseal(place, &old).unwrap(), b"x");
        let new = keys.seal(place, b"x");
        assert_ne!(new[..5], old[..5]);
        assert_eq!(running.unseal(place, &new).unwrap(), b"x", "a server that runs finds the new key in the file");
        assert_eq!(running.sealing_id(), id);
        let read = Keys::load(&path).unwrap();
        assert_eq!((read.sealing_id(), read.unseal(place, &new).unwrap()), (id, b"x".to_vec()));
    }

    #[test]
    fn a_new_fingerprint_key_changes_the_fingerprints_of_identities_and_no_other_hash() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys/registrar.keys");
        let keys = Keys::create(&path).unwrap();
        let running = Keys::load(&path).unwrap();
        let (old, mac, signature) = (keys.fingerprint("mobile", "1"), keys.mac(&[b"x"]), keys.sign(b"x"));
        let first = keys.mac_id();
        let id = keys.add_fingerprint_key().unwrap();
        let read = Keys::load(&path).unwrap();
        assert!(running.has_fingerprint_key(id), "a server that runs finds the new key in the file");
        for keys in [keys, running, read] {
            assert_eq!((keys.mac_id(), keys.fingerprint_ids()), (first, vec![first, id]));
            let new = keys.fingerprint("mobile", "1");
            assert_ne!(new, old);
            assert_eq!(keys.fingerprints_by_key("mobile", "1"), [old.clone(), new]);
            assert_eq!((keys.mac(&[b"x"]), keys.sign(b"x")), (mac.clone(), signature.clone()));
        }
    }

    #[test]
    fn keys_of_an_earlier_release_seal_as_they_did() {
        let keys = parse(&format!("{}{}", line("seal", 7, 1), line("print", 1, 1))).unwrap();
        let place = SealContext::new("t.c", uuid::Uuid::now_v7());
        let sealed = keys.seal(place, b"x");
        assert_eq!(sealed[..2], [1, 7]);
        assert_eq!(keys.unseal(place, &sealed).unwrap(), b"x");
    }
}
