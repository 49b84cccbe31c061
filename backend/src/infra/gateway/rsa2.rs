//! RSA2: SHA-256 with RSA (PKCS#1 v1.5), Alipay's signature of requests and notices.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey};
use rsa::sha2::Sha256;
use rsa::{PrivateKey, PublicKey};

/// Names and values of a request or notice.
pub type Params = Vec<(String, String)>;

/// Why a key is unusable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RsaKeyError {
    /// Not base64 or PEM of a PKCS#8 private key.
    #[error("not a private RSA key in PKCS#8")]
    Private,
    /// Not base64 or PEM of a public key.
    #[error("not a public RSA key")]
    Public,
}

/// A signing key.
#[derive(Clone)]
pub struct RsaSigner(PrivateKey);

/// A verification key.
#[derive(Clone)]
pub struct RsaVerifier(PublicKey);

impl RsaSigner {
    /// Generates a key of 2048 bits.
    pub fn generate() -> Result<Self, RsaKeyError> {
        PrivateKey::new(&mut getrandom::SysRng, 2048).map(Self).map_err(|_| RsaKeyError::Private)
    }

    /// Parses a private key: PEM, or its base64 alone.
    pub fn read(text: &str) -> Result<Self, RsaKeyError> {
        PrivateKey::from_pkcs8_der(&der(text).ok_or(RsaKeyError::Private)?).map(Self).map_err(|_| RsaKeyError::Private)
    }

    /// The key as base64 PKCS#8.
    pub fn write(&self) -> Result<String, RsaKeyError> {
        self.0.to_pkcs8_der().map(|d| STANDARD.encode(d.as_bytes())).map_err(|_| RsaKeyError::Private)
    }

    /// The matching verification key.
    pub fn verifier(&self) -> RsaVerifier {
        RsaVerifier(self.0.to_public_key())
    }

    /// Signature of a text, in base64. Empty if signing fails; an empty signature never verifies.
    pub fn sign(&self, text: &str) -> String {
        self.0.pkcs1v15_sign::<Sha256>(text.as_bytes()).map_or_else(|_| String::new(), |s| STANDARD.encode(s))
    }
}

impl RsaVerifier {
    /// Parses a public key: PEM, or its base64 alone.
    pub fn read(text: &str) -> Result<Self, RsaKeyError> {
        PublicKey::from_public_key_der(&der(text).ok_or(RsaKeyError::Public)?).map(Self).map_err(|_| RsaKeyError::Public)
    }

    /// Whether the signature of a text is valid.
    pub fn verify(&self, text: &str, signature: &str) -> bool {
        STANDARD.decode(signature).is_ok_and(|s| self.0.pkcs1v15_verify::<Sha256>(text.as_bytes(), &s).is_ok())
    }
}

fn der(text: &str) -> Option<Vec<u8>> {
    let body: String = text.lines().filter(|l| !l.starts_with("-----")).flat_map(str::split_whitespace).collect();
    STANDARD.decode(body).ok()
}

/// The text to sign: all non-empty parameters but those in `without`, sorted by name.
pub fn canonical_text(pairs: &[(String, String)], without: &[&str]) -> String {
    let mut parts: Vec<&(String, String)> = pairs.iter().filter(|(n, v)| !v.is_empty() && !without.contains(&n.as_str())).collect();
    parts.sort();
    parts.iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("&")
}

/// The value of a parameter; empty if absent.
pub fn param<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    pairs.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signed_text_is_sorted_and_leaves_out_what_is_empty() {
        let pairs = [("b", "2"), ("sign", "x"), ("a", "1"), ("c", "")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        assert_eq!(canonical_text(&pairs, &["sign"]), "a=1&b=2");
    }

    #[test]
    fn a_key_reads_back_and_only_its_own_signature_fits() {
        let (one, two) = (RsaSigner::generate().unwrap(), RsaSigner::generate().unwrap());
        let signature = RsaSigner::read(&one.write().unwrap()).unwrap().sign("订单=1");
        assert!(one.verifier().verify("订单=1", &signature));
        assert!(!one.verifier().verify("订单=2", &signature));
        assert!(!two.verifier().verify("订单=1", &signature));
        assert!(!one.verifier().verify("订单=1", ""));
        assert!(!one.verifier().verify("订单=1", "%%%"));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        assert_eq!(RsaSigner::read("abc").err(), Some(RsaKeyError::Private));
        assert_eq!(RsaVerifier::read("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----").err(), Some(RsaKeyError::Public));
    }
}
