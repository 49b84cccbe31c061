//! Sealing and fingerprints.
//!
//! Personal data is sealed with AES-256-GCM-SIV, bound to its row, and found by a keyed fingerprint.

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;

use crate::infra::secret::hash::mac_with;
use crate::infra::secret::keys::Keys;
use crate::infra::secret::random::random;

/// First byte of a sealed value: AES-256-GCM-SIV with a nonce of 12 bytes. The id of the key, one byte, and the nonce follow.
const NUMBERED_KEY: u8 = 1;
/// The same with an id of four bytes, the most significant one first.
const DERIVED_KEY: u8 = 2;

/// The column and row of a sealed value. Both are authenticated, so a value copied elsewhere is not unsealed.
#[derive(Debug, Clone, Copy)]
pub struct SealContext {
    /// Table and column, as `table.column`.
    pub column: &'static str,
    /// Row id.
    pub row: Uuid,
}

/// The id to which a value is bound, of a row that an id, another one and a number identify; nil and 0 where it has none.
pub fn bound_row(id: Uuid, other: Uuid, number: u64) -> Uuid {
    Uuid::from_u128(id.as_u128() ^ other.as_u128().rotate_left(64) ^ u128::from(number))
}

/// A value could not be unsealed: wrong key, wrong context, or damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value cannot be unsealed")]
pub struct UnsealError;

impl SealContext {
    /// Creates a context.
    pub fn new(column: &'static str, row: Uuid) -> Self {
        Self { column, row }
    }

    /// The context of a row that an id and a number identify: a revision, an event.
    pub fn numbered(column: &'static str, id: Uuid, number: i64) -> Self {
        Self::new(column, bound_row(id, Uuid::nil(), number.unsigned_abs()))
    }

    /// The context of a row that two ids identify.
    pub fn paired(column: &'static str, id: Uuid, other: Uuid) -> Self {
        Self::new(column, bound_row(id, other, 0))
    }

    fn bytes(self) -> Vec<u8> {
        let mut bytes = self.column.as_bytes().to_vec();
        bytes.push(0);
        bytes.extend_from_slice(self.row.as_bytes());
        bytes
    }
}

/// The first bytes of each value that the key with this id has sealed.
pub fn sealed_head(id: u32) -> Vec<u8> {
    match u8::try_from(id) {
        Ok(id) => vec![NUMBERED_KEY, id],
        Err(_) => [&[DERIVED_KEY][..], &id.to_be_bytes()].concat(),
    }
}

fn seal_under(id: u32, key: &[u8; 32], context: SealContext, plain: &[u8]) -> Vec<u8> {
    let nonce: [u8; 12] = random();
    let payload = Payload { msg: plain, aad: &context.bytes() };
    let mut sealed = sealed_head(id);
    sealed.extend_from_slice(&nonce);
    #[expect(clippy::expect_used, reason = "fails only beyond 64 GiB, and an empty ciphertext would lose the value")]
    let body = Aes256GcmSiv::new(&(*key).into()).encrypt(&Nonce::from(nonce), payload).expect("a value too long to seal");
    sealed.extend_from_slice(&body);
    sealed
}

fn fingerprint_under(key: &[u8; 32], purpose: &str, value: &str) -> Vec<u8> {
    mac_with(key, &[purpose.as_bytes(), value.as_bytes()])
}

impl Keys {
    /// Seals bytes for a context.
    pub fn seal(&self, context: SealContext, plain: &[u8]) -> Vec<u8> {
        let id = self.sealing_id();
        seal_under(id, &self.sealing_by_id(id).unwrap_or_default(), context, plain)
    }

    /// Seals bytes with one of the keys; `None` if there is no key with this id.
    pub fn seal_with(&self, id: u32, context: SealContext, plain: &[u8]) -> Option<Vec<u8>> {
        self.sealing_by_id(id).map(|key| seal_under(id, &key, context, plain))
    }

    /// Unseals bytes sealed for this context.
    ///
    /// # Errors
    /// [`UnsealError`] for another key or context, or a damaged value.
    pub fn unseal(&self, context: SealContext, sealed: &[u8]) -> Result<Vec<u8>, UnsealError> {
        let (id, rest) = match sealed {
            [NUMBERED_KEY, id, rest @ ..] => (u32::from(*id), rest),
            [DERIVED_KEY, a, b, c, d, rest @ ..] => (u32::from_be_bytes([*a, *b, *c, *d]), rest),
            _ => return Err(UnsealError),
        };
        let (nonce, body) = rest.split_at_checked(12).ok_or(UnsealError)?;
        let key = self.sealing_by_id(id).ok_or(UnsealError)?;
        let nonce: [u8; 12] = nonce.try_into().map_err(|_| UnsealError)?;
        let payload = Payload { msg: body, aad: &context.bytes() };
        Aes256GcmSiv::new(&key.into()).decrypt(&Nonce::from(nonce), payload).map_err(|_| UnsealError)
    }

    /// Seals a value as JSON.
    pub fn seal_json<T: serde::Serialize>(&self, context: SealContext, value: &T) -> Vec<u8> {
        #[expect(clippy::expect_used, reason = "sealed values are structs and maps with text keys, which always serialise")]
        let json = serde_json::to_vec(value).expect("a value without a JSON form");
        self.seal(context, &json)
    }

    /// Unseals a value sealed as JSON.
    pub fn unseal_json<T: serde::de::DeserializeOwned>(&self, context: SealContext, sealed: &[u8]) -> Result<T, UnsealError> {
        serde_json::from_slice(&self.unseal(context, sealed)?).map_err(|_| UnsealError)
    }

    /// Seals a value as base64 text, for columns and session data that hold text.
    pub fn seal_text<T: serde::Serialize>(&self, context: SealContext, value: &T) -> String {
        STANDARD.encode(self.seal_json(context, value))
    }

    /// Unseals a value sealed as text.
    pub fn unseal_text<T: serde::de::DeserializeOwned>(&self, context: SealContext, sealed: &str) -> Result<T, UnsealError> {
        self.unseal_json(context, &STANDARD.decode(sealed).map_err(|_| UnsealError)?)
    }

    /// Keyed fingerprint to find a sealed value: equal values of one purpose have equal fingerprints, and without the key they cannot be guessed.
    /// It is made with the newest key.
    pub fn fingerprint(&self, purpose: &str, value: &str) -> Vec<u8> {
        self.fingerprints_by_key(purpose, value).pop().unwrap_or_default()
    }

    /// The fingerprints of a value under all keys, that of the oldest key first.
    pub fn fingerprints_by_key(&self, purpose: &str, value: &str) -> Vec<Vec<u8>> {
        self.hashing().iter().map(|(_, key)| fingerprint_under(key, purpose, value)).collect()
    }

    /// The fingerprint of a value under one of the keys; `None` if there is no key with this id.
    pub fn fingerprint_with(&self, id: u32, purpose: &str, value: &str) -> Option<Vec<u8>> {
        self.hashing_by_id(id).map(|key| fingerprint_under(&key, purpose, value))
    }

    /// Keyed hash over several parts, for short codes, network addresses and the like. Its key is never rotated.
    pub fn mac(&self, parts: &[&[u8]]) -> Vec<u8> {
        let key = self.hashing().first().map(|(_, key)| *key).unwrap_or_default();
        mac_with(&key, parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: &str = "account.person_sealed";

    #[test]
    fn a_value_is_unsealed_only_for_its_column_and_row() {
        let keys = Keys::random();
        let (here, there) = (Uuid::now_v7(), Uuid::now_v7());
        let sealed = keys.seal(SealContext::new(PLACE, here), "110101199003070011".as_bytes());
        assert_eq!(keys.unseal(SealContext::new(PLACE, here), &sealed).unwrap(), b"110101199003070011");
        assert_eq!(keys.unseal(SealContext::new(PLACE, there), &sealed), Err(UnsealError));
        assert_eq!(keys.unseal(SealContext::new("account.other", here), &sealed), Err(UnsealError));
        assert_eq!(Keys::random().unseal(SealContext::new(PLACE, here), &sealed), Err(UnsealError));
    }

    #[test]
    fn a_damaged_value_is_not_unsealed() {
        let keys = Keys::random();
        let place = SealContext::new(PLACE, Uuid::now_v7());
        let sealed = keys.seal(place, b"value");
        for i in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[i] ^= 1;
            assert_eq!(keys.unseal(place, &damaged), Err(UnsealError), "{i}");
        }
        assert_eq!(keys.unseal(place, &[]), Err(UnsealError));
    }

    #[test]
    fn two_seals_of_one_value_differ_and_two_fingerprints_do_not() {
        let keys = Keys::random();
        let place = SealContext::new(PLACE, Uuid::now_v7());
        assert_ne!(keys.seal(place, b"x"), keys.seal(place, b"x"));
        assert_eq!(keys.fingerprint("mobile", "1"), keys.fingerprint("mobile", "1"));
        assert_ne!(keys.fingerprint("mobile", "1"), keys.fingerprint("email", "1"));
    }
}
