//! QR codes as runs of dark modules, from which certificates and pages draw them.

use qrcodegen::QrCodeEcc;

/// A horizontal run of dark modules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Column of its first module, from the left.
    pub column: i32,
    /// Row, from the top.
    pub row: i32,
    /// Number of modules.
    pub length: i32,
}

/// A QR code of medium error correction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QrCode {
    /// Modules of a side.
    pub size: i32,
    /// The dark modules.
    pub runs: Vec<Run>,
}

impl QrCode {
    /// The code of a text; none for a text that is too long.
    pub fn of(text: &str) -> Option<Self> {
        let code = qrcodegen::QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
        let size = code.size();
        let mut runs = Vec::new();
        for row in 0..size {
            let mut column = 0;
            while column < size {
                let length = (column..size).take_while(|column| code.get_module(*column, row)).fold(0, |count, _| count + 1);
                if length > 0 {
                    runs.push(Run { column, row, length });
                }
                column += length.max(1);
            }
        }
        Some(Self { size, runs })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_is_read_back() {
        let text = "otpauth://totp/Registrar:zhangwei?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Registrar";
        let code = QrCode::of(text).unwrap();
        let (scale, quiet) = (4, 4);
        let side = usize::try_from((code.size + 2 * quiet) * scale).unwrap();
        let dark = |x: usize, y: usize| {
            let module = |pixel: usize| i32::try_from(pixel).unwrap() / scale - quiet;
            let (column, row) = (module(x), module(y));
            code.runs.iter().any(|run| run.row == row && (run.column..run.column + run.length).contains(&column))
        };
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(side, side, |x, y| if dark(x, y) { 0 } else { 255 });
        let grid = image.detect_grids().remove(0);
        assert_eq!(grid.decode().unwrap().1, text);
    }

    #[test]
    fn a_text_that_is_too_long_has_no_code() {
        assert_eq!(QrCode::of(&"长".repeat(2000)), None);
    }
}
