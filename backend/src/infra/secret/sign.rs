//! Signatures (Ed25519) of what leaves the app and must be known again as its own, by anyone who has the public key.

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use crate::infra::secret::Keys;

impl Keys {
    /// The number of the key that signs.
    pub fn signer(&self) -> u8 {
        self.signing().last().map_or(0, |(id, _)| *id)
    }

    /// Signs bytes with it.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        // Fails only for a seed of another length.
        self.pair(self.signer()).map_or_else(Vec::new, |pair| pair.sign(message).as_ref().to_vec())
    }

    /// Whether a key of the app signed these bytes.
    pub fn signed(&self, key: u8, message: &[u8], signature: &[u8]) -> bool {
        self.public_key(key).is_some_and(|public| UnparsedPublicKey::new(&ED25519, public).verify(message, signature).is_ok())
    }

    /// The public half of a signing key.
    pub fn public_key(&self, key: u8) -> Option<Vec<u8>> {
        self.pair(key).map(|pair| pair.public_key().as_ref().to_vec())
    }

    /// Every public half with its number; the last one belongs to the key that signs.
    pub fn public_keys(&self) -> Vec<(u8, Vec<u8>)> {
        self.signing().iter().filter_map(|(id, _)| Some((*id, self.public_key(*id)?))).collect()
    }

    fn pair(&self, key: u8) -> Option<Ed25519KeyPair> {
        let (_, seed) = self.signing().iter().find(|(id, _)| *id == key)?;
        Ed25519KeyPair::from_seed_unchecked(seed).ok()
    }
}
