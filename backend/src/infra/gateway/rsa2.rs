//! RSA2: SHA-256 with RSA (PKCS#1 v1.5), as Alipay signs requests and notices.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey};
use rsa::sha2::Sha256;
use rsa::{PrivateKey, PublicKey};

/// Names and values of a message.
pub type Pairs = Vec<(String, String)>;

/// A key that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// Not base64 or PEM of a PKCS#8 private key.
    #[error("not a private RSA key in PKCS#8")]
    Private,
    /// Not base64 or PEM of a public key.
    #[error("not a public RSA key")]
    Public,
}

/// Signs.
#[derive(Clone)]
pub struct Signer(PrivateKey);

/// Checks signatures.
#[derive(Clone)]
pub struct Verifier(PublicKey);

impl Signer {
    /// A new key of 2048 bits.
    pub fn generate() -> Result<Self, KeyFault> {
        PrivateKey::new(&mut getrandom::SysRng, 2048).map(Self).map_err(|_| KeyFault::Private)
    }

    /// Reads a key as the gateway's tools write it: PEM, or its base64 alone.
    pub fn read(text: &str) -> Result<Self, KeyFault> {
        PrivateKey::from_pkcs8_der(&der(text).ok_or(KeyFault::Private)?).map(Self).map_err(|_| KeyFault::Private)
    }

    /// The key as base64 of PKCS#8.
    pub fn write(&self) -> Result<String, KeyFault> {
        self.0.to_pkcs8_der().map(|d| STANDARD.encode(d.as_bytes())).map_err(|_| KeyFault::Private)
    }

    /// Who checks what this signs.
    pub fn verifier(&self) -> Verifier {
        Verifier(self.0.to_public_key())
    }

    /// Signature of a text, in base64. Empty if the key cannot sign, which nobody then believes.
    pub fn sign(&self, text: &str) -> String {
        self.0.pkcs1v15_sign::<Sha256>(text.as_bytes()).map_or_else(|_| String::new(), |s| STANDARD.encode(s))
    }
}

impl Verifier {
    /// Reads a key as the gateway's desk shows it: PEM, or its base64 alone.
    pub fn read(text: &str) -> Result<Self, KeyFault> {
        PublicKey::from_public_key_der(&der(text).ok_or(KeyFault::Public)?).map(Self).map_err(|_| KeyFault::Public)
    }

    /// Whether a text has this signature.
    pub fn fits(&self, text: &str, signature: &str) -> bool {
        STANDARD.decode(signature).is_ok_and(|s| self.0.pkcs1v15_verify::<Sha256>(text.as_bytes(), &s).is_ok())
    }
}

fn der(text: &str) -> Option<Vec<u8>> {
    let body: String = text.lines().filter(|l| !l.starts_with("-----")).flat_map(str::split_whitespace).collect();
    STANDARD.decode(body).ok()
}

/// The text that is signed: what is neither empty nor left out, sorted by name.
pub fn text_of(pairs: &[(String, String)], without: &[&str]) -> String {
    let mut parts: Vec<&(String, String)> = pairs.iter().filter(|(n, v)| !v.is_empty() && !without.contains(&n.as_str())).collect();
    parts.sort();
    parts.iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("&")
}

/// The value of a name; empty if there is none.
pub fn value<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    pairs.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signed_text_is_sorted_and_leaves_out_what_is_empty() {
        let pairs = [("b", "2"), ("sign", "x"), ("a", "1"), ("c", "")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        assert_eq!(text_of(&pairs, &["sign"]), "a=1&b=2");
    }

    #[test]
    fn a_key_reads_back_and_only_its_own_signature_fits() {
        let (one, two) = (Signer::generate().unwrap(), Signer::generate().unwrap());
        let signature = Signer::read(&one.write().unwrap()).unwrap().sign("订单=1");
        assert!(one.verifier().fits("订单=1", &signature));
        assert!(!one.verifier().fits("订单=2", &signature));
        assert!(!two.verifier().fits("订单=1", &signature));
        assert!(!one.verifier().fits("订单=1", ""));
        assert!(!one.verifier().fits("订单=1", "%%%"));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        assert_eq!(Signer::read("abc").err(), Some(KeyFault::Private));
        assert_eq!(Verifier::read("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----").err(), Some(KeyFault::Public));
    }
}
