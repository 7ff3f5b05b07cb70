//! The flat XML of the WeChat family: one `<xml>` element that holds named texts and nothing else (wechat.md §2.1).
//!
//! Generous in form (declaration, comments, line breaks, CDATA or text, any order), strict in what could mean two
//! things or make us fetch something: doctypes, processing instructions, attributes, nesting, duplicate names,
//! unknown entities and foreign charsets are refused.

use quick_xml::Reader;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};

use super::{DuplicateName, Fields};

/// What a document may cost us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest document, in bytes.
    pub bytes_max: usize,
    /// Most elements inside the root.
    pub elements_max: usize,
}

/// 64 KiB and 200 elements: several times the largest documented answer.
pub const LIMITS: Limits = Limits { bytes_max: 64 * 1024, elements_max: 200 };

/// Why bytes are not a flat XML message. For an answer to a payment, every one of them means *unknown*.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    /// Longer than [`Limits::bytes_max`].
    #[error("the document has {0} bytes, more than allowed")]
    TooLong(usize),
    /// More elements than [`Limits::elements_max`].
    #[error("the document has more elements than allowed")]
    TooMany,
    /// A byte order mark, another charset, bytes that are not UTF-8, or characters that XML forbids.
    #[error("the document is not plain utf-8")]
    Charset,
    /// A doctype or a processing instruction.
    #[error("the document carries a doctype or a processing instruction")]
    Forbidden,
    /// An entity other than the five predefined ones and character references.
    #[error("the document uses the unknown entity {0:?}")]
    Entity(String),
    /// An element with attributes.
    #[error("the element {0:?} has attributes")]
    Attributes(String),
    /// An element inside a field.
    #[error("the field {0:?} holds another element")]
    Nested(String),
    /// A name that stands twice.
    #[error(transparent)]
    Duplicate(#[from] DuplicateName),
    /// The root is not `<xml>`, or something stands beside it.
    #[error("the document is not one <xml> element of named texts")]
    Shape,
    /// Not well-formed.
    #[error("the document is not well-formed: {0}")]
    Malformed(String),
}

/// Reads a flat XML message.
///
/// # Errors
/// [`XmlError`], never a partial result.
pub fn parse(body: &[u8], limits: Limits) -> Result<Fields, XmlError> {
    if body.len() > limits.bytes_max {
        return Err(XmlError::TooLong(body.len()));
    }
    let text = std::str::from_utf8(body).map_err(|_| XmlError::Charset)?;
    if !text.chars().all(is_xml_char) || text.starts_with('\u{FEFF}') {
        return Err(XmlError::Charset);
    }
    let mut reader = Reader::from_str(text);
    let mut document =
        Document { fields: Fields::new(), place: Place::Start, elements_max: limits.elements_max };
    loop {
        let event = reader.read_event().map_err(|error| XmlError::Malformed(error.to_string()))?;
        match event {
            Event::Eof => return document.finish(),
            Event::Decl(declaration) => document.declaration(&declaration)?,
            Event::Comment(_) => document.comment(),
            Event::Start(element) => document.open(&element)?,
            Event::Empty(element) => {
                document.open(&element)?;
                document.close()?;
            }
            Event::End(_) => document.close()?,
            // Not normalised: the signature is over the values exactly as they were sent.
            Event::Text(piece) => document.text(&piece)?,
            Event::CData(piece) => document.cdata(&piece)?,
            Event::GeneralRef(reference) => document.reference(&reference)?,
            Event::DocType(_) | Event::PI(_) => return Err(XmlError::Forbidden),
        }
    }
}

/// Where in the document the reader stands.
enum Place {
    Start,
    Prologue,
    Root,
    Field { name: String, value: String },
    After,
}

struct Document {
    fields: Fields,
    place: Place,
    elements_max: usize,
}

impl Document {
    fn declaration(&mut self, declaration: &BytesDecl<'_>) -> Result<(), XmlError> {
        if !matches!(self.place, Place::Start) {
            return Err(XmlError::Forbidden);
        }
        self.place = Place::Prologue;
        match declaration.encoding() {
            None => Ok(()),
            Some(Ok(name)) if name.eq_ignore_ascii_case("utf-8") => Ok(()),
            Some(_) => Err(XmlError::Charset),
        }
    }

    fn comment(&mut self) {
        if matches!(self.place, Place::Start) {
            self.place = Place::Prologue;
        }
    }

    fn open(&mut self, element: &BytesStart<'_>) -> Result<(), XmlError> {
        let name = element.name().as_ref().to_owned();
        if !element.attributes_raw().chars().all(is_blank) {
            return Err(XmlError::Attributes(name));
        }
        self.place = match &self.place {
            Place::Start | Place::Prologue if name == "xml" => Place::Root,
            Place::Start | Place::Prologue | Place::After => return Err(XmlError::Shape),
            Place::Field { name: outer, .. } => return Err(XmlError::Nested(outer.clone())),
            Place::Root if self.fields.len() == self.elements_max => return Err(XmlError::TooMany),
            Place::Root if is_field_name(&name) => Place::Field { name, value: String::new() },
            Place::Root => return Err(XmlError::Malformed(format!("element name {name:?}"))),
        };
        Ok(())
    }

    fn close(&mut self) -> Result<(), XmlError> {
        match std::mem::replace(&mut self.place, Place::Root) {
            Place::Field { name, value } if crate::planted::last_duplicate_wins() => {
                self.fields.insert(name, value);
            }
            Place::Field { name, value } => self.fields.append(name, value)?,
            Place::Root => self.place = Place::After,
            Place::Start | Place::Prologue | Place::After => return Err(XmlError::Shape),
        }
        Ok(())
    }

    fn text(&mut self, piece: &str) -> Result<(), XmlError> {
        match &mut self.place {
            Place::Field { value, .. } => value.push_str(piece),
            Place::Start | Place::Prologue | Place::Root | Place::After => {
                if !piece.chars().all(is_blank) {
                    return Err(XmlError::Shape);
                }
                self.comment();
            }
        }
        Ok(())
    }

    fn cdata(&mut self, piece: &str) -> Result<(), XmlError> {
        match &mut self.place {
            Place::Field { value, .. } => value.push_str(piece),
            Place::Start | Place::Prologue | Place::Root | Place::After => return Err(XmlError::Shape),
        }
        Ok(())
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), XmlError> {
        let name: &str = reference;
        let unknown = || XmlError::Entity(name.to_owned());
        let character = match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "apos" => '\'',
            "quot" => '"',
            _ => reference
                .resolve_char_ref()
                .ok()
                .flatten()
                .filter(|found| is_xml_char(*found))
                .ok_or_else(unknown)?,
        };
        match &mut self.place {
            Place::Field { value, .. } => value.push(character),
            Place::Start | Place::Prologue | Place::Root | Place::After => return Err(XmlError::Shape),
        }
        Ok(())
    }

    fn finish(self) -> Result<Fields, XmlError> {
        match self.place {
            Place::After => Ok(self.fields),
            Place::Start | Place::Prologue | Place::Root | Place::Field { .. } => Err(XmlError::Shape),
        }
    }
}

/// Prints a flat XML message: texts as CDATA, amounts and counts plain, as WeChat's own samples do.
///
/// Names must be element names; they come from this crate's messages, not from outside.
pub fn print(fields: &Fields) -> Vec<u8> {
    printed(fields, |name, value| if is_integer(name, value) { value.to_owned() } else { cdata(value) })
}

/// The same with every value as CDATA, as the SwiftPass family writes them (unionpay.md §4.1).
pub fn print_all_as_cdata(fields: &Fields) -> Vec<u8> {
    printed(fields, |_, value| cdata(value))
}

fn printed(fields: &Fields, written: impl Fn(&str, &str) -> String) -> Vec<u8> {
    let mut text = String::from("<xml>\n");
    for (name, value) in fields.iter() {
        debug_assert!(is_field_name(name), "{name:?} is not an element name");
        text.push_str(&format!("<{name}>{}</{name}>\n", written(name, value)));
    }
    text.push_str("</xml>");
    text.into_bytes()
}

fn cdata(value: &str) -> String {
    if value.contains('\r') {
        // A reader may turn a bare carriage return into a line feed and lose the signature; a reference survives.
        return escaped(value);
    }
    format!("<![CDATA[{}]]>", value.replace("]]>", "]]]]><![CDATA[>"))
}

fn escaped(value: &str) -> String {
    value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\r', "&#13;")
}

/// Amounts in fen and counts, also with index (`coupon_fee_0`).
fn is_integer(name: &str, value: &str) -> bool {
    let stem = name.trim_end_matches(|character: char| character.is_ascii_digit() || character == '_');
    let numeric = stem.ends_with("_fee") || stem.ends_with("_count");
    numeric && !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_field_name(name: &str) -> bool {
    let starts_well = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    starts_well
        && name.chars().all(|character| character.is_ascii_alphanumeric() || "_-.".contains(character))
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

/// XML 1.0 `Char`.
fn is_xml_char(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}
