//! The rows by the component that speaks.

mod apiserver;
mod app;
mod cloud;
mod csi;
mod databases;
mod eso;
mod eso_words;
pub(super) mod fallback;
mod kubelet;
mod mounts;
mod registry;
mod sealed;
mod services;
mod transport;
mod unrelated;
mod vault;

use super::pattern::Pattern;

/// All rows, in a fixed order that decides among equals.
pub(super) fn all() -> impl Iterator<Item = &'static Pattern> {
    [
        kubelet::ROWS,
        registry::ROWS,
        eso::ROWS,
        eso_words::ROWS,
        csi::ROWS,
        vault::ROWS,
        sealed::ROWS,
        apiserver::ROWS,
        mounts::ROWS,
        databases::ROWS,
        services::ROWS,
        cloud::ROWS,
        transport::ROWS,
        app::ROWS,
        unrelated::ROWS,
        fallback::ROWS,
    ]
    .into_iter()
    .flatten()
}
