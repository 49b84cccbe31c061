//! Secrets at rest: sealing, fingerprints, signatures, and the keys for them.
//!
//! Personal data is sealed with AES-256-GCM-SIV, bound to the row it belongs to. It is found again by a keyed fingerprint. The keys
//! stand in a file outside the database; each sealed value names the key it was sealed with, so that keys can be changed.

pub mod keys;
pub mod sign;

pub use keys::{KeyError, Keys};

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Algorithm: AES-256-GCM-SIV, 12 bytes of nonce.
const AES_256_GCM_SIV: u8 = 1;

/// What a sealed value belongs to; a value moved elsewhere does not open.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Table and column, as `table.column`.
    pub column: &'static str,
    /// Id of the row.
    pub row: Uuid,
}

/// A sealed value that does not open: wrong key, wrong place, or damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value does not open")]
pub struct Unsealable;

impl Place {
    /// A place.
    pub fn new(column: &'static str, row: Uuid) -> Self {
        Self { column, row }
    }

    fn bytes(self) -> Vec<u8> {
        let mut bytes = self.column.as_bytes().to_vec();
        bytes.push(0);
        bytes.extend_from_slice(self.row.as_bytes());
        bytes
    }
}

impl Keys {
    /// Seals bytes for one place.
    pub fn seal(&self, place: Place, plain: &[u8]) -> Vec<u8> {
        let nonce: [u8; 12] = random();
        let cipher = Aes256GcmSiv::new(&self.sealing().into());
        let payload = Payload { msg: plain, aad: &place.bytes() };
        let mut sealed = vec![AES_256_GCM_SIV, self.sealing_id()];
        sealed.extend_from_slice(&nonce);
        // Fails only beyond 64 GiB.
        let body = cipher.encrypt(&Nonce::from(nonce), payload).unwrap_or_default();
        sealed.extend_from_slice(&body);
        sealed
    }

    /// Opens what was sealed for this place.
    pub fn open(&self, place: Place, sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
        let (head, rest) = sealed.split_at_checked(2).ok_or(Unsealable)?;
        let (nonce, body) = rest.split_at_checked(12).ok_or(Unsealable)?;
        let [AES_256_GCM_SIV, id] = *head else {
            return Err(Unsealable);
        };
        let key = self.sealing_by_id(id).ok_or(Unsealable)?;
        let nonce: [u8; 12] = nonce.try_into().map_err(|_| Unsealable)?;
        let payload = Payload { msg: body, aad: &place.bytes() };
        Aes256GcmSiv::new(&key.into()).decrypt(&Nonce::from(nonce), payload).map_err(|_| Unsealable)
    }

    /// Seals a value as JSON.
    pub fn seal_json<T: serde::Serialize>(&self, place: Place, value: &T) -> Vec<u8> {
        // The values sealed here are plain structs of text, which always serialise.
        self.seal(place, &serde_json::to_vec(value).unwrap_or_default())
    }

    /// Opens a value sealed as JSON.
    pub fn open_json<T: serde::de::DeserializeOwned>(&self, place: Place, sealed: &[u8]) -> Result<T, Unsealable> {
        serde_json::from_slice(&self.open(place, sealed)?).map_err(|_| Unsealable)
    }

    /// Seals a value as text, for a place that keeps only text.
    pub fn seal_text<T: serde::Serialize>(&self, place: Place, value: &T) -> String {
        STANDARD.encode(self.seal_json(place, value))
    }

    /// Opens a value sealed as text.
    pub fn open_text<T: serde::de::DeserializeOwned>(&self, place: Place, sealed: &str) -> Result<T, Unsealable> {
        self.open_json(place, &STANDARD.decode(sealed).map_err(|_| Unsealable)?)
    }

    /// Finds a sealed value again: equal values of one purpose have equal fingerprints, and without the key nothing can be guessed.
    pub fn fingerprint(&self, purpose: &str, value: &str) -> Vec<u8> {
        self.mac(&[purpose.as_bytes(), value.as_bytes()])
    }

    /// A keyed hash over several parts, for short codes and network addresses.
    pub fn mac(&self, parts: &[&[u8]]) -> Vec<u8> {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.printing()) else {
            return Vec::new();
        };
        for part in parts {
            mac.update(&u64::try_from(part.len()).unwrap_or(0).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().to_vec()
    }
}

/// Random bytes from the operating system.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // Without a source of randomness nothing can be sealed or signed in: better to stop than to go on with zeros.
    if getrandom::fill(&mut bytes).is_err() {
        std::process::abort();
    }
    bytes
}

/// Whether two secrets are equal, in a time that does not tell where they differ.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |all, (x, y)| all | (x ^ y)) == 0
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: &str = "account.person_sealed";

    #[test]
    fn what_was_sealed_opens_only_at_its_place() {
        let keys = Keys::random();
        let (here, there) = (Uuid::now_v7(), Uuid::now_v7());
        let sealed = keys.seal(Place::new(PLACE, here), "110101199003070011".as_bytes());
        assert_eq!(keys.open(Place::new(PLACE, here), &sealed).unwrap(), b"110101199003070011");
        assert_eq!(keys.open(Place::new(PLACE, there), &sealed), Err(Unsealable));
        assert_eq!(keys.open(Place::new("account.other", here), &sealed), Err(Unsealable));
        assert_eq!(Keys::random().open(Place::new(PLACE, here), &sealed), Err(Unsealable));
    }

    #[test]
    fn a_damaged_value_does_not_open() {
        let keys = Keys::random();
        let place = Place::new(PLACE, Uuid::now_v7());
        let sealed = keys.seal(place, b"value");
        for i in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[i] ^= 1;
            assert_eq!(keys.open(place, &damaged), Err(Unsealable), "{i}");
        }
        assert_eq!(keys.open(place, &[]), Err(Unsealable));
    }

    #[test]
    fn two_seals_of_one_value_differ_and_two_fingerprints_do_not() {
        let keys = Keys::random();
        let place = Place::new(PLACE, Uuid::now_v7());
        assert_ne!(keys.seal(place, b"x"), keys.seal(place, b"x"));
        assert_eq!(keys.fingerprint("mobile", "1"), keys.fingerprint("mobile", "1"));
        assert_ne!(keys.fingerprint("mobile", "1"), keys.fingerprint("email", "1"));
    }
}
