//! What is reported: rows, the machine they were measured on, and the forms of them.

pub mod bars;
pub mod diff;
pub mod front;
pub mod html;
pub mod json;
pub mod machine;
#[cfg(test)]
pub mod samples;
pub mod table;
pub mod tables;
pub mod verdict;
pub mod versions;
pub mod wins;
