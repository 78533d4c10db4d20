//! Rows for the tests of what is made of them.

use super::json::Row;
use crate::section::Section;

/// A row of the section mask, of a crate unless it is called `wscodec…`, with a spread of 2 % around the median.
pub fn row(workload: &str, contender: &str, median: f64) -> Row {
    let ours = contender.starts_with("wscodec");
    Row {
        section: Section::Mask,
        workload: workload.to_owned(),
        contender: contender.to_owned(),
        engine: contender.to_owned(),
        ours,
        unit: "ns/message".to_owned(),
        median,
        low: median * 0.99,
        high: median * 1.01,
        samples: 15,
        messages: 1_000,
        bytes: 16_000,
        ratio: None,
        memory: None,
        version: (!ours).then(|| "1.0.0".to_owned()),
        path: "in place".to_owned(),
    }
}
