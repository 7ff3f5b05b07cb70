//! A flat message: names and values in the order they were written or read.

use std::fmt;

use crate::code::masked;

/// An ordered list of names and values in which no name stands twice.
///
/// `Debug` masks the fields that can carry a payment code or a token.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

/// A name that stood twice, where a message must say each thing once.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name {0:?} stands twice")]
pub struct DuplicateName(pub String);

impl Fields {
    /// No fields yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of that name, which may be empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value of that name unless it is absent or empty: the channels use the two alike.
    pub fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// Appends a field, or replaces the value in its old place and returns what stood there.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<String>) -> Option<String> {
        let (name, value) = (name.into(), value.into());
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => Some(std::mem::replace(old, value)),
            None => {
                self.0.push((name, value));
                None
            }
        }
    }

    /// Appends a field if there is something to say; an optional field that is `None` or empty is left out.
    pub fn insert_some(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.insert(name, value);
        }
    }

    /// Appends a field that was read.
    ///
    /// # Errors
    /// [`DuplicateName`] when the name stands already: which of the two was meant cannot be known.
    pub fn append(&mut self, name: String, value: String) -> Result<(), DuplicateName> {
        if self.get(&name).is_some() {
            return Err(DuplicateName(name));
        }
        self.0.push((name, value));
        Ok(())
    }

    /// Takes a field out.
    pub fn remove(&mut self, name: &str) -> Option<String> {
        let position = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(position).1)
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Later values replace earlier ones of the same name, as [`Fields::insert`] does.
impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Fields {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut fields = Self::new();
        for (name, value) in pairs {
            fields.insert(name, value);
        }
        fields
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.iter().map(|(name, value)| match name {
            "auth_code" | "qrNo" => (name, masked(value)),
            "biz_content" | "app_auth_token" => (name, format!("({} bytes)", value.len())),
            _ => (name, value.to_owned()),
        });
        formatter.debug_map().entries(shown).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_order_and_refuses_a_second_of_the_same_name() {
        let mut fields = Fields::from_iter([("b", "1"), ("a", "2")]);
        assert_eq!(fields.insert("b", "3"), Some("1".to_owned()));
        assert_eq!(fields.append("a".to_owned(), "4".to_owned()), Err(DuplicateName("a".to_owned())));
        assert_eq!(fields.iter().collect::<Vec<_>>(), [("b", "3"), ("a", "2")]);
        assert_eq!(fields.remove("b"), Some("3".to_owned()));
        assert_eq!((fields.len(), fields.get("b"), fields.is_empty()), (1, None, false));
    }

    #[test]
    fn debug_masks_what_can_be_spent() {
        let fields =
            Fields::from_iter([("auth_code", "134567890123456789"), ("biz_content", "{\"auth_code\":1}")]);
        assert_eq!(format!("{fields:?}"), r#"{"auth_code": "13****", "biz_content": "(15 bytes)"}"#);
    }
}
