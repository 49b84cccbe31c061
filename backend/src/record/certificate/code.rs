//! Codes of certificates: the signed record as it stands in an address, and back.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::record::certificate::{Held, MOST, Record, RecordError};
use uuid::Uuid;

use crate::infra::secret::{Keys, Place, sha256};

const HOLDER: &str = "certificate.record";

/// A code whose signature is the app's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Genuine {
    /// What the certificate said when the code was written.
    pub record: Record,
    /// Name of the holder; none if it was sealed with a key that is no longer there.
    pub holder: Option<String>,
}

/// Writes the code of a certificate.
pub fn write(keys: &Keys, held: &Held, institution: &str, holder: &str) -> String {
    let sealed = keys.seal(place(&held.number), holder.as_bytes());
    let mut code = Record::of(held, institution, sealed, keys.signer()).message();
    let signature = keys.sign(&code);
    code.extend(signature);
    URL_SAFE_NO_PAD.encode(code)
}

/// Reads a code. What is read was signed by the app; no database is asked.
pub fn read(keys: &Keys, code: &str) -> Result<Genuine, RecordError> {
    if code.len() > MOST * 2 {
        return Err(RecordError::Cut);
    }
    let bytes = URL_SAFE_NO_PAD.decode(code).map_err(|_| RecordError::Cut)?;
    let (record, message, signature) = Record::parse(&bytes)?;
    if keys.public_key(record.key).is_none() {
        return Err(RecordError::Key);
    }
    if !keys.signed(record.key, message, signature) {
        return Err(RecordError::Forged);
    }
    let holder = keys.open(place(&record.number), &record.holder).ok().and_then(|b| String::from_utf8(b).ok());
    Ok(Genuine { record, holder })
}

/// A public key as other programs read it (RFC 8410).
pub fn pem(public: &[u8]) -> String {
    const HEAD: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    let body = STANDARD.encode([&HEAD, public].concat());
    format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n")
}

/// A name is sealed to the number it stands beside.
fn place(number: &str) -> Place {
    let mut id = [0; 16];
    for (to, from) in id.iter_mut().zip(sha256(number.as_bytes())) {
        *to = from;
    }
    Place::new(HOLDER, Uuid::from_bytes(id))
}

#[cfg(test)]
mod tests {
    use domain::base::catalogue::{Category, Grade};
    use domain::record::certificate::Status;
    use proptest::prelude::*;

    use super::*;

    fn held() -> Held {
        Held {
            number: "2026-N1QMS-4000001".into(),
            category: Category::Auditor,
            domain: "QMS".into(),
            grade: Grade::Full,
            issued_on: "2026-11-23".parse().unwrap(),
            valid_until: "2029-11-22".parse().unwrap(),
            confirm_due_on: "2027-11-22".parse().unwrap(),
            status: Status::Valid,
            overdue: false,
            specialties: vec![],
            holder: Uuid::nil(),
        }
    }

    fn written(keys: &Keys) -> String {
        write(keys, &held(), "华信质量认证中心有限公司", "周建国")
    }

    #[test]
    fn a_code_says_what_the_certificate_says_and_hides_the_name() {
        let keys = Keys::random();
        let code = written(&keys);
        let genuine = read(&keys, &code).unwrap();
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
                assert!(read(&keys, &URL_SAFE_NO_PAD.encode(code)).is_err(), "bit {bit} of byte {at}");
            }
        }
    }

    #[test]
    fn any_changed_or_missing_letter_is_refused() {
        let keys = Keys::random();
        let whole = written(&keys);
        for at in 0..whole.len() {
            assert!(read(&keys, &whole[..at]).is_err(), "cut at {at}");
            for to in ["A", "B", "z", "_", "=", "+"] {
                let mut code = whole.clone();
                code.replace_range(at..=at, to);
                assert!(code == whole || read(&keys, &code).is_err(), "{to} at {at}");
            }
        }
    }

    #[test]
    fn what_another_house_signed_is_refused() {
        let (ours, theirs) = (Keys::random(), Keys::random());
        assert_eq!(read(&ours, &written(&theirs)), Err(RecordError::Forged));
        let mut other = URL_SAFE_NO_PAD.decode(written(&ours)).unwrap();
        other[1] = 9;
        assert_eq!(read(&ours, &URL_SAFE_NO_PAD.encode(other)), Err(RecordError::Key));
    }

    proptest! {
        #[test]
        fn nothing_typed_is_taken_for_genuine(text in "\\PC{0,400}") {
            prop_assert!(read(&Keys::random(), &text).is_err());
        }
    }
}
