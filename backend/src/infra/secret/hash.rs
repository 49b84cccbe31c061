//! Hashes, and the comparison of secrets.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Compares two secrets in constant time.
pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

/// Keyed hash over several parts.
pub(super) fn mac_with(key: &[u8; 32], parts: &[&[u8]]) -> Vec<u8> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key that HMAC does not take");
    for part in parts {
        mac.update(&u64::try_from(part.len()).unwrap_or(0).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}
