//! Every drawn symbol is read back by an independent decoder, from the drawing itself.

#![expect(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use gateway::symbols::{code128, qr};
use proptest::prelude::*;
use rxing::{BarcodeFormat, helpers};

/// The pixels of a module's side.
const SCALE: usize = 3;

/// A drawing as grey pixels: white, and black where the black path is.
fn pixels(svg: &str) -> (Vec<u8>, usize, usize) {
    let after = |before: &str| svg.split(before).nth(1).unwrap().split('"').next().unwrap();
    let numbers = |text: &str| -> Vec<usize> {
        let words = text.split(|sign: char| !sign.is_ascii_digit()).filter(|word| !word.is_empty());
        words.map(|word| word.parse().unwrap()).collect()
    };
    let view = numbers(after("viewBox=\""));
    let (width, height) = (view[2] * SCALE, view[3] * SCALE);
    let mut luma = vec![255; width * height];
    for dark in after("fill=\"#000\" d=\"").split_terminator('z') {
        let dark = numbers(dark);
        for y in dark[1] * SCALE..(dark[1] + dark[3]) * SCALE {
            luma[y * width + dark[0] * SCALE..y * width + (dark[0] + dark[2]) * SCALE].fill(0);
        }
    }
    (luma, width, height)
}

fn read(svg: &str, format: BarcodeFormat) -> String {
    let (luma, width, height) = pixels(svg);
    let (width, height) = (u32::try_from(width).unwrap(), u32::try_from(height).unwrap());
    let found = helpers::detect_in_luma(luma, width, height, Some(format));
    found.unwrap_or_else(|error| panic!("{format}: {error}: {svg}")).getText().to_owned()
}

fn check(text: &str) {
    assert_eq!(read(&qr::svg(text).unwrap(), BarcodeFormat::QR_CODE), text);
    assert_eq!(read(&code128::svg(text).unwrap(), BarcodeFormat::CODE_128), text);
}

#[test]
fn payment_codes_of_every_wallet_are_read_back() {
    let mut tail = 7_u64;
    for scenario in simulator::scenario::all() {
        for (prefix, length) in [("13", 18), ("28", 18), ("62", 19)] {
            tail = tail.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            check(&scenario.code(prefix, length, tail >> 20));
        }
    }
}

#[test]
fn order_numbers_are_read_back() {
    for text in ["20261121-0001", "a", "A1", "S-2026.11_07", "1", "~ !", "pay_01K9Z8Y7X6W5V4T3S2R1Q0P9N8"] {
        check(text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_printable_text_is_read_back(text in "[ -~]{1,40}") {
        prop_assert_eq!(read(&code128::svg(&text).unwrap(), BarcodeFormat::CODE_128), text);
    }
}

#[test]
fn a_wrong_drawing_is_not_read() {
    let svg = code128::svg("130000000123456789").unwrap();
    let (luma, width, height) = pixels(&svg);
    let turned: Vec<u8> = luma.iter().map(|grey| 255 - grey).collect();
    let (width, height) = (u32::try_from(width).unwrap(), u32::try_from(height).unwrap());
    assert!(helpers::detect_in_luma(turned, width, height, Some(BarcodeFormat::CODE_128)).is_err());
}
