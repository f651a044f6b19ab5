//! What is said about an item that could not be folded.

/// Why an item was not folded. It never holds a piece of the input.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// Byte in the item, counted from 0, where it stopped being readable.
    pub offset_in_item: Option<u64>,
    /// Line in the item, counted from 1.
    pub line_in_item: Option<u64>,
    pub what: String,
    /// The item is sound but of no interest (a kind that no check knows): no damage.
    pub skip: bool,
}

impl Fault {
    pub(crate) fn skipped(what: &str) -> Self {
        Self { offset_in_item: None, line_in_item: None, what: what.to_owned(), skip: true }
    }

    /// Where the parser stopped, and whether it was the text or its shape. The parser's own words quote the input.
    pub(crate) fn of_json(error: &serde_json::Error, item: &[u8]) -> Self {
        use serde_json::error::Category;
        let offset = offset(item, error.line(), error.column());
        let what = match error.classify() {
            Category::Syntax => NOT_JSON,
            Category::Eof => CUT_OFF,
            Category::Data | Category::Io => SHAPE,
        };
        let mut fault = Self {
            offset_in_item: Some(offset),
            line_in_item: Some(error.line() as u64),
            what: what.to_owned(),
            skip: false,
        };
        fault.say_where();
        fault
    }

    /// The text that was parsed begins `start` bytes into the item.
    pub(crate) fn shift(&mut self, start: u64) {
        if start > 0 {
            self.offset_in_item = self.offset_in_item.map(|offset| offset + start);
            self.line_in_item = None;
            self.say_where();
        }
    }

    fn say_where(&mut self) {
        let what = [NOT_JSON, CUT_OFF, SHAPE].into_iter().find(|w| self.what.starts_with(w));
        if let (Some(what), Some(offset)) = (what, self.offset_in_item) {
            self.what = format!("{what} at byte {offset}");
        }
    }
}

const NOT_JSON: &str = "not JSON";
const CUT_OFF: &str = "the JSON is cut off";
const SHAPE: &str = "not the expected shape";

/// The parser counts lines from 1 and columns in bytes.
fn offset(item: &[u8], line: usize, column: usize) -> u64 {
    let start = match line.checked_sub(2) {
        Some(breaks) => memchr::memchr_iter(b'\n', item).nth(breaks).map_or(0, |at| at + 1),
        None => 0,
    };
    (start + column.saturating_sub(1)).min(item.len()) as u64
}
