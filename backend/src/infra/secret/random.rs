//! Random bytes from the operating system.

/// Random bytes from the operating system.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // Without randomness no secret is safe, so the process stops.
    if getrandom::fill(&mut bytes).is_err() {
        std::process::abort();
    }
    bytes
}
