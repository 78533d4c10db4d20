//! What is reported: rows, the machine they were measured on, and two forms of them.

pub mod bars;
pub mod json;
pub mod machine;
pub mod table;
pub mod versions;
