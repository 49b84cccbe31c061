//! Ed25519 signatures of records that anyone can verify with the public key.

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use crate::infra::secret::keys::Keys;

impl Keys {
    /// Id of the current signing key.
    pub fn signing_key_id(&self) -> u8 {
        self.signing().last().map_or(0, |(id, _)| *id)
    }

    /// Signs bytes with the current key.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        // Fails only for a seed of another length.
        self.pair(self.signing_key_id()).map_or_else(Vec::new, |pair| pair.sign(message).as_ref().to_vec())
    }

    /// Verifies a signature by the key with this id.
    pub fn verify(&self, key: u8, message: &[u8], signature: &[u8]) -> bool {
        self.public_key(key).is_some_and(|public| UnparsedPublicKey::new(&ED25519, public).verify(message, signature).is_ok())
    }

    /// Public key of a signing key.
    pub fn public_key(&self, key: u8) -> Option<Vec<u8>> {
        self.pair(key).map(|pair| pair.public_key().as_ref().to_vec())
    }

    /// All public keys with their ids; the last one belongs to the current key.
    pub fn public_keys(&self) -> Vec<(u8, Vec<u8>)> {
        self.signing().iter().filter_map(|(id, _)| Some((*id, self.public_key(*id)?))).collect()
    }

    fn pair(&self, key: u8) -> Option<Ed25519KeyPair> {
        let (_, seed) = self.signing().into_iter().find(|(id, _)| *id == key)?;
        Ed25519KeyPair::from_seed_unchecked(&seed).ok()
    }
}
