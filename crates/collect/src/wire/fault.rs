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
