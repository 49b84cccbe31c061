//! The key file.
//!
//! One line a key: `seal ID BASE64`, `print ID BASE64` or `sign ID BASE64`. The last `seal` line seals; all of them open. It is made at
//! the first start and must be kept apart from the database and its backups: who has both has the personal data.
//!
//! Certificates are signed with the last `sign` line. Without one, the key is derived from the `print` key and has the number 0. All of
//! them verify, so that what was printed stays good after a change of keys.

use std::fmt;
use std::fs;
use std::io::Write;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::infra::secret::random;

/// The number of the signing key that is derived.
const DERIVED: u8 = 0;

/// Keys for sealing, for fingerprints, and for signing.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Keys {
    sealing: Vec<(u8, [u8; 32])>,
    printing: [u8; 32],
    signing: Vec<(u8, [u8; 32])>,
}

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or made.
    #[error("the key file cannot be read or written: {0}")]
    Io(#[from] std::io::Error),
    /// Others than its owner can read it.
    #[error("the key file can be read by others: it must have mode 0600")]
    Open,
    /// A line is not a key.
    #[error("line {0} of the key file is not a key")]
    Line(usize),
    /// A kind of key is missing.
    #[error("the key file lacks a {0} key")]
    Missing(&'static str),
}

impl Keys {
    /// New keys, as for a fresh data folder.
    pub fn random() -> Self {
        Self::new(vec![(1, random())], random(), Vec::new())
    }

    fn new(sealing: Vec<(u8, [u8; 32])>, printing: [u8; 32], signing: Vec<(u8, [u8; 32])>) -> Self {
        let mut keys = Self { sealing, printing, signing };
        // 32 bytes: that is what the hash has.
        if let Ok(seed) = keys.mac(&[b"certificate.sign"]).try_into() {
            keys.signing.insert(0, (DERIVED, seed));
        }
        keys
    }

    /// Reads the key file, or makes it when there is none.
    pub fn load_or_create(path: &Path) -> Result<Self, KeyError> {
        if !path.exists() {
            Self::random().save(path)?;
        }
        private(path)?;
        Self::parse(&fs::read_to_string(path)?)
    }

    fn parse(text: &str) -> Result<Self, KeyError> {
        let (mut sealing, mut signing) = (Vec::new(), Vec::new());
        let mut printing = None;
        for (index, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
            let wrong = || KeyError::Line(index + 1);
            let mut words = line.split_whitespace();
            let (Some(kind), Some(id), Some(key)) = (words.next(), words.next(), words.next()) else {
                return Err(wrong());
            };
            let id: u8 = id.parse().map_err(|_| wrong())?;
            let bytes = STANDARD.decode(key).map_err(|_| wrong())?;
            let key: [u8; 32] = bytes.try_into().map_err(|_| wrong())?;
            match kind {
                "seal" => sealing.push((id, key)),
                "print" => printing = Some(key),
                "sign" if id != DERIVED => signing.push((id, key)),
                _ => return Err(wrong()),
            }
        }
        if sealing.is_empty() {
            return Err(KeyError::Missing("seal"));
        }
        let printing = printing.ok_or(KeyError::Missing("print"))?;
        Ok(Self::new(sealing, printing, signing))
    }

    fn save(&self, path: &Path) -> Result<(), KeyError> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let mut file = options.open(path)?;
        for (id, key) in &self.sealing {
            writeln!(file, "seal {id} {}", STANDARD.encode(key))?;
        }
        writeln!(file, "print 1 {}", STANDARD.encode(self.printing))?;
        Ok(file.sync_all()?)
    }

    pub(crate) fn sealing(&self) -> [u8; 32] {
        self.sealing.last().map_or([0; 32], |(_, key)| *key)
    }

    pub(crate) fn sealing_id(&self) -> u8 {
        self.sealing.last().map_or(0, |(id, _)| *id)
    }

    pub(crate) fn sealing_by_id(&self, id: u8) -> Option<[u8; 32]> {
        self.sealing.iter().find(|(i, _)| *i == id).map(|(_, key)| *key)
    }

    pub(crate) fn signing(&self) -> &[(u8, [u8; 32])] {
        &self.signing
    }

    pub(crate) fn printing(&self) -> [u8; 32] {
        self.printing
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}

#[cfg(unix)]
fn private(path: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & 0o077 == 0 { Ok(()) } else { Err(KeyError::Open) }
}

#[cfg(not(unix))]
fn private(_path: &Path) -> Result<(), KeyError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_back_as_they_were_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys/registrar.keys");
        let made = Keys::load_or_create(&path).unwrap();
        let read = Keys::load_or_create(&path).unwrap();
        assert_eq!(made.fingerprint("a", "b"), read.fingerprint("a", "b"));
    }

    #[test]
    fn a_line_of_its_own_takes_over_signing_and_what_was_signed_before_still_verifies() {
        let line = |kind: &str, id: u8| format!("{kind} {id} {}\n", STANDARD.encode([id; 32]));
        let first = format!("{}{}", line("seal", 1), line("print", 1));
        let old = Keys::parse(&first).unwrap();
        let new = Keys::parse(&format!("{first}{}", line("sign", 4))).unwrap();
        assert_eq!((old.signer(), new.signer()), (0, 4));
        let signature = old.sign(b"x");
        assert!(new.signed(0, b"x", &signature));
        assert_ne!(new.sign(b"x"), signature);
        assert!(Keys::parse(&format!("{first}{}", line("sign", 0))).is_err(), "the number of the derived key is taken");
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("registrar.keys");
        Keys::load_or_create(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(Keys::load_or_create(&path), Err(KeyError::Open)));
    }

    #[test]
    fn what_an_older_key_sealed_opens_after_a_change_of_keys() {
        use crate::infra::secret::Place;
        let mut keys = Keys::random();
        let place = Place::new("t.c", uuid::Uuid::now_v7());
        let old = keys.seal(place, b"x");
        keys.sealing.push((2, random()));
        assert_eq!(keys.open(place, &old).unwrap(), b"x");
        assert_ne!(keys.seal(place, b"x")[1], old[1]);
    }
}
