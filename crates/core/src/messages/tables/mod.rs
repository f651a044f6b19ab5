//! The rows by the component that speaks.

mod kubelet;
mod registry;
mod transport;

use super::pattern::Pattern;

/// All rows, in a fixed order that decides among equals.
pub(super) fn all() -> impl Iterator<Item = &'static Pattern> {
    [kubelet::ROWS, registry::ROWS, transport::ROWS].into_iter().flatten()
}
