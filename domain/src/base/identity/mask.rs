//! Masking of numbers.

/// Masks all but the first and the last character. Region, birth date and check character together would identify the number.
pub fn mask_ends(text: &str) -> String {
    let count = text.chars().count();
    text.chars().enumerate().map(|(i, c)| if i == 0 || i + 1 == count { c } else { '*' }).collect()
}
