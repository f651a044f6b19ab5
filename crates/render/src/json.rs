//! Wire formats: frozen copies of the report, one module a version.

pub mod v1beta1;
