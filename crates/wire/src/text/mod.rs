//! The texts that messages are made of: flat XML, forms, raw JSON, yuan amounts, Beijing times.

pub mod beijing;
mod charset;
mod fields;
pub mod form;
pub mod json;
pub mod raw_json;
pub mod xml;
pub mod yuan;

pub use charset::Charset;
pub use fields::{DuplicateName, Fields};
