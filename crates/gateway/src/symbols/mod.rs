//! Symbols that scanners read, as SVG: QR codes and Code 128. Pure: text in, a drawing out.
//!
//! A drawing is one black path on white, in modules, with the quiet zone that its standard asks for. It stays black on
//! white in dark surroundings too: many scanners read nothing else.

pub mod code128;
pub mod qr;

use std::fmt::Write;

/// Why a text has no symbol.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSymbol {
    /// Code 128 is used for printable ASCII here.
    #[error("{0:?} is not printable ASCII")]
    NotPrintable(char),
    /// There is nothing to draw.
    #[error("an empty text has no symbol")]
    Empty,
    /// More than a symbol holds.
    #[error("{0} characters are more than the symbol holds")]
    TooLong(usize),
}

/// A black rectangle, in modules.
struct Dark {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
}

/// The drawing of a symbol; `fit` is SVG's `preserveAspectRatio`.
fn drawing(width: usize, height: usize, fit: &str, darks: impl Iterator<Item = Dark>) -> String {
    let mut path = String::new();
    for Dark { x, y, width, height } in darks {
        write!(path, "M{x} {y}h{width}v{height}h-{width}z").expect("a String takes every text");
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         preserveAspectRatio=\"{fit}\" shape-rendering=\"crispEdges\" aria-hidden=\"true\">\
         <path fill=\"#fff\" d=\"M0 0h{width}v{height}h-{width}z\"/><path fill=\"#000\" d=\"{path}\"/></svg>"
    )
}
