//! The key file.
//!
//! One line for each key: `seal ID BASE64`, `print ID BASE64` or `sign ID BASE64`. The last `seal` key seals; all of them unseal. The file is
//! created at the first start and must be stored apart from the database and its backups: both together disclose the personal data.
//!
//! Certificates are signed with the last `sign` key. Without one, the key is derived from the `print` key and has the id 0. All of
//! them verify, so printed certificates stay valid after a key rotation.

use std::fmt;
use std::fs;
use std::io::Write;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::infra::secret::random::random;

/// Id of the derived signing key.
const DERIVED: u8 = 0;

/// Keys for sealing, for fingerprints, and for signing.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Keys {
    sealing: Vec<(u8, [u8; 32])>,
    fingerprinting: [u8; 32],
    signing: Vec<(u8, [u8; 32])>,
}

/// Why the keys could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or created.
    #[error("the key file cannot be read or written: {0}")]
    Io(#[from] std::io::Error),
    /// Users other than its owner can read it.
    #[error("the key file can be read by others: it must have mode 0600")]
    InsecurePermissions,
    /// A line is not a key.
    #[error("line {0} of the key file is not a key")]
    Malformed(usize),
    /// A kind of key is missing.
    #[error("the key file lacks a {0} key")]
    Missing(&'static str),
}

impl Keys {
    /// Generates keys for a new data folder.
    pub fn random() -> Self {
        Self::new(vec![(1, random())], random(), Vec::new())
    }

    fn new(sealing: Vec<(u8, [u8; 32])>, fingerprinting: [u8; 32], signing: Vec<(u8, [u8; 32])>) -> Self {
        let mut keys = Self { sealing, fingerprinting, signing };
        #[expect(clippy::expect_used, reason = "HMAC-SHA-256 has the 32 bytes of a seed")]
        let seed = keys.mac(&[b"certificate.sign"]).try_into().expect("a seed of another length");
        keys.signing.insert(0, (DERIVED, seed));
        keys
    }

    /// Reads the key file, creating it if there is none.
    pub fn load_or_create(path: &Path) -> Result<Self, KeyError> {
        if !path.exists() {
            Self::random().save(path)?;
        }
        check_private(path)?;
        Self::parse(&fs::read_to_string(path)?)
    }

    fn parse(text: &str) -> Result<Self, KeyError> {
        let (mut sealing, mut signing) = (Vec::new(), Vec::new());
        let mut fingerprinting = None;
        for (index, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
            let wrong = || KeyError::Malformed(index + 1);
            let mut parts = line.split_whitespace();
            let (Some(kind), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
                return Err(wrong());
            };
            let id: u8 = id.parse().map_err(|_| wrong())?;
            let bytes = STANDARD.decode(key).map_err(|_| wrong())?;
            let key: [u8; 32] = bytes.try_into().map_err(|_| wrong())?;
            match kind {
                "seal" => sealing.push((id, key)),
                "print" => fingerprinting = Some(key),
                "sign" if id != DERIVED => signing.push((id, key)),
                _ => return Err(wrong()),
            }
        }
        if sealing.is_empty() {
            return Err(KeyError::Missing("seal"));
        }
        let fingerprinting = fingerprinting.ok_or(KeyError::Missing("print"))?;
        Ok(Self::new(sealing, fingerprinting, signing))
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
        writeln!(file, "print 1 {}", STANDARD.encode(self.fingerprinting))?;
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

    pub(crate) fn fingerprinting(&self) -> [u8; 32] {
        self.fingerprinting
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}

#[cfg(unix)]
fn check_private(path: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & 0o077 == 0 { Ok(()) } else { Err(KeyError::InsecurePermissions) }
}

#[cfg(not(unix))]
fn check_private(_path: &Path) -> Result<(), KeyError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_in_the_file_are_those_that_were_written() {
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
        assert_eq!((old.signing_key_id(), new.signing_key_id()), (0, 4));
        let signature = old.sign(b"x");
        assert!(new.verify(0, b"x", &signature));
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
        assert!(matches!(Keys::load_or_create(&path), Err(KeyError::InsecurePermissions)));
    }

    #[test]
    fn a_value_sealed_with_an_older_key_is_unsealed_after_a_rotation() {
        use crate::infra::secret::SealContext;
        let mut keys = Keys::random();
        let place = SealContext::new("t.c", uuid::Uuid::now_v7());
        let old = keys.seal(place, b"x");
        keys.sealing.push((2, random()));
        assert_eq!(keys.unseal(place, &old).unwrap(), b"x");
        assert_ne!(keys.seal(place, b"x")[1], old[1]);
    }
}
