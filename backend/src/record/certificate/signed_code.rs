//! Encoding of signed certificate records in addresses.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::record::certificate::{HeldCertificate, MAX_CODE_BYTES, SignedRecord, SignedRecordError};
use uuid::Uuid;

use crate::infra::secret::{Keys, SealContext, sha256};

const HOLDER: &str = "certificate.record";

/// A record with a valid signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedCode {
    /// Content of the certificate when the record was signed.
    pub record: SignedRecord,
    /// Name of the holder; `None` if its key no longer exists.
    pub holder: Option<String>,
}

/// Signs and encodes the record of a certificate.
pub fn encode(keys: &Keys, held: &HeldCertificate, institution: &str, holder: &str) -> String {
    let sealed = keys.seal(place(&held.number), holder.as_bytes());
    let mut code = SignedRecord::new(held, institution, sealed, keys.signing_key_id()).signed_bytes();
    let signature = keys.sign(&code);
    code.extend(signature);
    URL_SAFE_NO_PAD.encode(code)
}

/// Decodes a record and verifies its signature, without the database.
pub fn decode(keys: &Keys, code: &str) -> Result<VerifiedCode, SignedRecordError> {
    if code.len() > MAX_CODE_BYTES * 2 {
        return Err(SignedRecordError::Incomplete);
    }
    let bytes = URL_SAFE_NO_PAD.decode(code).map_err(|_| SignedRecordError::Incomplete)?;
    let (record, message, signature) = SignedRecord::parse(&bytes)?;
    if keys.public_key(record.key).is_none() {
        return Err(SignedRecordError::Key);
    }
    if !keys.verify(record.key, message, signature) {
        return Err(SignedRecordError::Forged);
    }
    let holder = keys.unseal(place(&record.number), &record.holder).ok().and_then(|b| String::from_utf8(b).ok());
    Ok(VerifiedCode { record, holder })
}

/// A public key in PEM (RFC 8410).
pub fn pem(public: &[u8]) -> String {
    const HEAD: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    let body = STANDARD.encode([&HEAD, public].concat());
    format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n")
}

/// Sealing context of the name: the certificate number.
fn place(number: &str) -> SealContext {
    let mut id = [0; 16];
    for (to, from) in id.iter_mut().zip(sha256(number.as_bytes())) {
        *to = from;
    }
    SealContext::new(HOLDER, Uuid::from_bytes(id))
}

#[cfg(test)]
mod tests {
    use domain::base::catalogue::{Category, Grade};
    use domain::record::certificate::CertificateStatus;
    use proptest::prelude::*;

    use super::*;

    fn held() -> HeldCertificate {
        HeldCertificate {
            number: "2026-N1QMS-4000001".into(),
            category: Category::Auditor,
            domain: "QMS".into(),
            grade: Grade::Full,
            issued_on: "2026-11-23".parse().unwrap(),
            valid_until: "2029-11-22".parse().unwrap(),
            confirm_due_on: "2027-11-22".parse().unwrap(),
            status: CertificateStatus::Valid,
            overdue: false,
            scheduled: None,
            specialties: vec![],
            holder: Uuid::nil(),
        }
    }

    fn written(keys: &Keys) -> String {
        encode(keys, &held(), "华信质量认证中心有限公司", "周建国")
    }

    #[test]
    fn a_code_says_what_the_certificate_says_and_hides_the_name() {
        let keys = Keys::random();
        let code = written(&keys);
        let genuine = decode(&keys, &code).unwrap();
        assert_eq!(genuine.record.number, held().number);
        assert_eq!(genuine.record.institution, "华信质量认证中心有限公司");
        assert_eq!(genuine.holder.as_deref(), Some("周建国"));
        let bytes = URL_SAFE_NO_PAD.decode(&code).unwrap();
        assert!(!bytes.windows(3).any(|w| w == "周".as_bytes()), "the name stands in the address");
        assert!(code.len() < 260, "{}", code.len());
    }

    #[test]
    fn any_flipped_bit_is_refused() {
        let keys = Keys::random();
        let whole = URL_SAFE_NO_PAD.decode(written(&keys)).unwrap();
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut code = whole.clone();
                code[at] ^= 1 << bit;
                assert!(decode(&keys, &URL_SAFE_NO_PAD.encode(code)).is_err(), "bit {bit} of byte {at}");
            }
        }
    }

    #[test]
    fn any_changed_or_missing_letter_is_refused() {
        let keys = Keys::random();
        let whole = written(&keys);
        for at in 0..whole.len() {
            assert!(decode(&keys, &whole[..at]).is_err(), "cut at {at}");
            for to in ["A", "B", "z", "_", "=", "+"] {
                let mut code = whole.clone();
                code.replace_range(at..=at, to);
                assert!(code == whole || decode(&keys, &code).is_err(), "{to} at {at}");
            }
        }
    }

    #[test]
    fn what_another_house_signed_is_refused() {
        let (ours, theirs) = (Keys::random(), Keys::random());
        assert_eq!(decode(&ours, &written(&theirs)), Err(SignedRecordError::Forged));
        let mut other = URL_SAFE_NO_PAD.decode(written(&ours)).unwrap();
        other[1] = 9;
        assert_eq!(decode(&ours, &URL_SAFE_NO_PAD.encode(other)), Err(SignedRecordError::Key));
    }

    proptest! {
        #[test]
        fn nothing_typed_is_taken_for_genuine(text in "\\PC{0,400}") {
            prop_assert!(decode(&Keys::random(), &text).is_err());
        }
    }
}
