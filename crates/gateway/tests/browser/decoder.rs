//! Reads symbols in screenshots, as a scanner would.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use rxing::{BarcodeFormat, helpers};

/// What stands in the picture; `format` is `qr` or `code128`.
pub(crate) fn decode(format: &str, picture: &Path) -> Result<String, String> {
    let format = match format {
        "qr" => BarcodeFormat::QR_CODE,
        "code128" => BarcodeFormat::CODE_128,
        other => return Err(format!("no format {other}")),
    };
    let (grey, width, height) = grey(picture)?;
    let found = helpers::detect_in_luma(grey, width, height, Some(format)).map_err(|e| e.to_string())?;
    Ok(found.getText().to_owned())
}

/// A browser's screenshot (8 bits, RGB or RGBA) without its colours.
fn grey(picture: &Path) -> Result<(Vec<u8>, u32, u32), String> {
    let file = File::open(picture).map_err(|error| format!("{}: {error}", picture.display()))?;
    let mut reader =
        png::Decoder::new(BufReader::new(file)).read_info().map_err(|error| error.to_string())?;
    let mut pixels = vec![0; reader.output_buffer_size().ok_or("a picture too large")?];
    let frame = reader.next_frame(&mut pixels).map_err(|error| error.to_string())?;
    let grey = pixels[..frame.buffer_size()]
        .chunks_exact(frame.color_type.samples())
        .map(|pixel| {
            let sum: u32 = pixel.iter().take(3).map(|part| u32::from(*part)).sum();
            u8::try_from(sum / 3).expect("the mean of three bytes is a byte")
        })
        .collect();
    Ok((grey, frame.width, frame.height))
}
