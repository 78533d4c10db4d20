//! Which release of a crate takes part: read from the lockfile that this program was built with.

const LOCKFILE: &str = include_str!("../../Cargo.lock");

/// The version of a package in the lockfile; the newest, should there be several.
pub fn locked(package: &str) -> Option<String> {
    let mut lines = LOCKFILE.lines();
    let mut newest = None;
    while let Some(line) = lines.next() {
        if value(line, "name") == Some(package) {
            // Cargo sorts packages of one name by version.
            newest = lines.next().and_then(|line| value(line, "version"));
        }
    }
    newest.map(str::to_owned)
}

/// The string of a line `key = "string"`.
fn value<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_is_locked_and_nothing_else() {
        assert!(locked("fastwebsockets").is_some_and(|version| version.starts_with("0.")));
        assert_eq!(locked("fastwebsocket"), None);
    }
}
