//! The simulator's memory on disk: one line a record, the last line of a key wins.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};
use simulator::Change;

/// Why the journal cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the simulator's journal: {0}")]
pub struct JournalError(pub(super) String);

impl From<std::io::Error> for JournalError {
    fn from(error: std::io::Error) -> JournalError {
        JournalError(error.to_string())
    }
}

pub(super) struct Journal(File);

#[derive(Serialize, Deserialize)]
struct Line {
    key: String,
    value: Option<String>,
}

impl Journal {
    /// Reads what is there, writes it anew without what was overwritten, and opens it for more.
    pub(super) fn open(path: &Path) -> Result<(Journal, BTreeMap<String, String>), JournalError> {
        let text = match std::fs::read(path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error.into()),
        };
        let mut records = BTreeMap::new();
        for line in text.split_inclusive('\n') {
            // A line without an end was cut by a kill; its answer never left.
            if !line.ends_with('\n') {
                break;
            }
            let line: Line = serde_json::from_str(line)
                .map_err(|error| JournalError(format!("{}: {error}", path.display())))?;
            match line.value {
                Some(value) => records.insert(line.key, value),
                None => records.remove(&line.key),
            };
        }
        let fresh = path.with_extension("fresh");
        let mut file = File::create(&fresh)?;
        for (key, value) in &records {
            let line = Line { key: key.clone(), value: Some(value.clone()) };
            writeln!(file, "{}", serde_json::to_string(&line).map_err(|e| JournalError(e.to_string()))?)?;
        }
        file.sync_all()?;
        std::fs::rename(&fresh, path)?;
        Ok((Journal(OpenOptions::new().append(true).open(path)?), records))
    }

    /// Appends in one write.
    pub(super) fn append(&mut self, changes: Vec<Change>) -> Result<(), JournalError> {
        let mut lines = Vec::new();
        for change in changes {
            let line = Line { key: change.key, value: change.value };
            serde_json::to_writer(&mut lines, &line).map_err(|e| JournalError(e.to_string()))?;
            lines.push(b'\n');
        }
        if !lines.is_empty() {
            self.0.write_all(&lines)?;
        }
        Ok(())
    }
}
