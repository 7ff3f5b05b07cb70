//! A scanner that checks JSON on raw bytes and remembers where things stand.
//!
//! It exists because a signature is over exact bytes, because the bytes may be GBK, and because the usual parsers
//! silently keep the last of two equal names.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Charset;

/// What a JSON text may cost us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest text, in bytes.
    pub bytes_max: usize,
    /// Deepest nesting of objects and arrays.
    pub depth_max: usize,
}

/// 256 KiB and 32 levels.
pub const LIMITS: Limits = Limits { bytes_max: 256 * 1024, depth_max: 32 };

/// Why bytes are not acceptable JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Longer than [`Limits::bytes_max`].
    #[error("the text has {0} bytes, more than allowed")]
    TooLong(usize),
    /// Nested deeper than [`Limits::depth_max`].
    #[error("the text is nested too deeply")]
    TooDeep,
    /// Not JSON, at this byte.
    #[error("the text is not json at byte {0}")]
    Malformed(usize),
    /// Neither UTF-8 nor GBK.
    #[error("the text is neither utf-8 nor gbk")]
    Charset,
    /// An object in which a name stands twice.
    #[error("the name {0:?} stands twice in one object")]
    Duplicate(String),
}

/// A member of the outermost object: its name and the exact bytes of its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) value: Range<usize>,
}

/// UTF-8 if the bytes are, else GBK: what a `20000` answer may be in although UTF-8 was asked for (alipay.md §2.4).
pub(crate) fn charset_of(bytes: &[u8]) -> Charset {
    if std::str::from_utf8(bytes).is_ok() { Charset::Utf8 } else { Charset::Gbk }
}

/// Checks that `bytes` are one JSON object without equal names at any depth, and lists its members.
pub(crate) fn members(bytes: &[u8], limits: Limits) -> Result<Vec<Member>, JsonError> {
    if bytes.len() > limits.bytes_max {
        return Err(JsonError::TooLong(bytes.len()));
    }
    let mut scanner = Scanner { bytes, at: 0, depth_left: limits.depth_max, charset: charset_of(bytes) };
    scanner.blanks();
    let members = scanner.object()?;
    scanner.blanks();
    if scanner.at == bytes.len() { Ok(members) } else { Err(scanner.malformed()) }
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    depth_left: usize,
    charset: Charset,
}

impl Scanner<'_> {
    fn value(&mut self) -> Result<Range<usize>, JsonError> {
        let start = self.at;
        match self.peek() {
            Some(b'{') => self.object().map(drop)?,
            Some(b'[') => self.array()?,
            Some(b'"') => self.string().map(drop)?,
            Some(b't') => self.word(b"true")?,
            Some(b'f') => self.word(b"false")?,
            Some(b'n') => self.word(b"null")?,
            _ => self.number()?,
        }
        Ok(start..self.at)
    }

    fn object(&mut self) -> Result<Vec<Member>, JsonError> {
        self.take(b'{')?;
        self.deeper()?;
        let (mut members, mut names) = (Vec::new(), BTreeSet::new());
        self.blanks();
        while self.peek() != Some(b'}') {
            if !members.is_empty() {
                self.take(b',')?;
                self.blanks();
            }
            let raw_name = self.string()?;
            let name = self.text(raw_name)?;
            if !names.insert(name.clone()) {
                return Err(JsonError::Duplicate(name));
            }
            self.blanks();
            self.take(b':')?;
            self.blanks();
            members.push(Member { name, value: self.value()? });
            self.blanks();
        }
        self.at += 1;
        self.depth_left += 1;
        Ok(members)
    }

    fn array(&mut self) -> Result<(), JsonError> {
        self.take(b'[')?;
        self.deeper()?;
        self.blanks();
        let mut first = true;
        while self.peek() != Some(b']') {
            if !first {
                self.take(b',')?;
                self.blanks();
            }
            first = false;
            self.value()?;
            self.blanks();
        }
        self.at += 1;
        self.depth_left += 1;
        Ok(())
    }

    /// The range of a string with both its quotation marks.
    fn string(&mut self) -> Result<Range<usize>, JsonError> {
        let start = self.at;
        self.take(b'"')?;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                // In GBK the second byte of a character may look like a backslash or a brace.
                Some(0x81..=0xFE) if self.charset == Charset::Gbk => {
                    self.at += 1;
                    if self.peek().is_none_or(|second| second < b'0') {
                        return Err(self.malformed());
                    }
                    self.at += 1;
                }
                Some(0x20..) => self.at += 1,
                Some(_) | None => return Err(self.malformed()),
            }
        }
        self.at += 1;
        Ok(start..self.at)
    }

    fn escape(&mut self) -> Result<(), JsonError> {
        self.take(b'\\')?;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(b'u') => {
                self.at += 1;
                for _ in 0..4 {
                    if !self.peek().is_some_and(|digit| digit.is_ascii_hexdigit()) {
                        return Err(self.malformed());
                    }
                    self.at += 1;
                }
            }
            _ => return Err(self.malformed()),
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), JsonError> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start { Err(self.malformed()) } else { Ok(()) }
    }

    fn word(&mut self, word: &[u8]) -> Result<(), JsonError> {
        word.iter().try_for_each(|byte| self.take(*byte))
    }

    fn text(&self, raw: Range<usize>) -> Result<String, JsonError> {
        let text = self.charset.decode(&self.bytes[raw.clone()]).ok_or(JsonError::Charset)?;
        serde_json::from_str(&text).map_err(|_| JsonError::Malformed(raw.start))
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> Result<(), JsonError> {
        if self.peek() != Some(byte) {
            return Err(self.malformed());
        }
        self.at += 1;
        Ok(())
    }

    fn deeper(&mut self) -> Result<(), JsonError> {
        self.depth_left = self.depth_left.checked_sub(1).ok_or(JsonError::TooDeep)?;
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn malformed(&self) -> JsonError {
        JsonError::Malformed(self.at)
    }
}
