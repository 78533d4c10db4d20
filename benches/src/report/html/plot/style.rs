//! How contenders look: ours have thick whole lines and filled marks, others thin dashed lines and hollow marks, limits
//! dots; within that each has a mark of its own. Colour only helps.

use std::collections::BTreeMap;

use crate::report::json::Row;

/// Marks there are; names of the symbols in the style sheet's picture.
const MARKS: usize = 10;
/// Colours there are.
const COLOURS: usize = 8;

/// The look of one contender in a plot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Which mark, from 0.
    pub mark: usize,
    /// Which colour, from 0.
    pub colour: usize,
    /// `ours`, `other` or `limit`.
    pub group: &'static str,
}

impl Style {
    /// The classes of a group of elements that look so.
    pub fn class(&self) -> String {
        format!("{} c{}", self.group, self.colour)
    }

    /// The mark, at a place in units.
    pub fn mark(&self, x: &str, y: &str) -> String {
        format!("<use href=\"#m{}\" x=\"{x}\" y=\"{y}\"/>", self.mark)
    }
}

/// Who always looks the same, in a plot with no more of them than there are marks.
const KNOWN: [&str; 20] = [
    "wscodec",
    "wscodec-kernel",
    "hybrid",
    "zlib-rs",
    "libdeflate",
    "flate2",
    "zlib",
    "sockudo-ws",
    "yawc",
    "tungstenite",
    "fastwebsockets",
    "tokio-websockets",
    "soketto",
    "web-socket",
    "ratchet_deflate",
    "xor with a constant",
    "memcpy",
    "u64 loop",
    "byte loop",
    "wscodec-kernel (batch)",
];

/// The look of each, by name; no two have the same mark while marks last.
pub fn styles<'a>(
    rows: impl Iterator<Item = &'a Row>,
    name: impl Fn(&Row) -> String,
) -> BTreeMap<String, Style> {
    let mut styles: BTreeMap<String, Style> = BTreeMap::new();
    let (mut marks, mut colours) = ([0; MARKS], [0; COLOURS]);
    for row in rows {
        let name = name(row);
        if styles.contains_key(&name) {
            continue;
        }
        let wanted = KNOWN.iter().position(|known| *known == name).unwrap_or(styles.len());
        let (mark, colour) = (free(&mut marks, wanted), free(&mut colours, wanted));
        let group = if row.ours {
            "ours"
        } else if row.version.is_some() {
            "other"
        } else {
            "limit"
        };
        styles.insert(name, Style { mark, colour, group });
    }
    styles
}

/// The one wanted or the next, among those that were given away least often.
fn free(taken: &mut [usize], wanted: usize) -> usize {
    let least = taken.iter().min().copied().unwrap_or_default();
    let places = (0..taken.len()).map(|step| (wanted + step) % taken.len());
    let found = places.into_iter().find(|&place| taken[place] == least).unwrap_or_default();
    taken[found] += 1;
    found
}

/// The contender without its level or variant: the backend of `zlib-rs 6 (message)`.
pub fn base(row: &Row) -> String {
    let name = row.contender.split(" (").next().unwrap_or_default();
    match name.rsplit_once(' ') {
        Some((base, level)) if level.bytes().all(|byte| byte.is_ascii_digit()) => base.to_owned(),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::super::samples::row;
    use super::*;

    #[test]
    fn as_many_as_there_are_marks_all_look_different() {
        let rows: Vec<Row> = KNOWN[..MARKS].iter().rev().map(|name| row("16 B", name, 1.0)).collect();
        let styles = styles(rows.iter(), |row| row.contender.clone());
        let marks: std::collections::BTreeSet<_> = styles.values().map(|style| style.mark).collect();
        assert_eq!(marks.len(), MARKS);
        assert_eq!((styles["wscodec"].group, styles["yawc"].group), ("ours", "other"));
    }

    #[test]
    fn the_level_is_no_part_of_the_base() {
        let base_of = |name| base(&row("ticker", name, 1.0));
        assert_eq!(
            ["zlib-rs 6 (message)", "zlib 1", "u64 loop", "wscodec (avx2)"].map(base_of),
            ["zlib-rs", "zlib", "u64 loop", "wscodec"]
        );
    }
}
