//! The texts that messages are made of: flat XML, forms, raw JSON, yuan amounts, Beijing times.

pub mod beijing;
mod fields;
pub mod xml;
pub mod yuan;

pub use fields::{DuplicateName, Fields};
