//! QR codes (ISO/IEC 18004).

use qrcodegen::{QrCode, QrCodeEcc};

use super::{Dark, NoSymbol, drawing};

/// The quiet zone on every side, in modules (ISO/IEC 18004, "Quiet zone").
const QUIET: usize = 4;

/// The text as a QR code that survives the loss of 15 % of itself.
///
/// # Errors
/// [`NoSymbol`] when the text is empty, or longer than the largest code.
pub fn svg(text: &str) -> Result<String, NoSymbol> {
    if text.is_empty() {
        return Err(NoSymbol::Empty);
    }
    let code = QrCode::encode_text(text, QrCodeEcc::Medium)
        .map_err(|_too_long| NoSymbol::TooLong(text.chars().count()))?;
    let size = usize::try_from(code.size()).unwrap_or(0);
    let side = size + 2 * QUIET;
    Ok(drawing(side, side, "xMidYMid", (0..size).flat_map(|y| row(&code, size, y))))
}

/// The dark stretches of one row.
fn row(code: &QrCode, size: usize, y: usize) -> Vec<Dark> {
    let is_dark = |x: usize| match (i32::try_from(x), i32::try_from(y)) {
        (Ok(x), Ok(y)) => code.get_module(x, y),
        _ => false,
    };
    let mut darks: Vec<Dark> = Vec::new();
    for x in (0..size).filter(|x| is_dark(*x)) {
        match darks.last_mut().filter(|last| last.x + last.width == x + QUIET) {
            Some(last) => last.width += 1,
            None => darks.push(Dark { x: x + QUIET, y: y + QUIET, width: 1, height: 1 }),
        }
    }
    darks
}
