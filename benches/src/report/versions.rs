//! Which release of a crate takes part: read from the lockfile that this program was built with.

const LOCKFILE: &str = include_str!("../../Cargo.lock");
/// That of the programs of those that need one of their own.
const RIVALS: &str = include_str!("../../rivals/Cargo.lock");

/// The version of a package in this program's lockfile; the newest, should there be several.
pub fn locked(package: &str) -> Option<String> {
    version(LOCKFILE, package)
}

/// The same in the lockfile of the rivals' programs.
pub fn locked_of_rival(package: &str) -> Option<String> {
    version(RIVALS, package)
}

fn version(lockfile: &str, package: &str) -> Option<String> {
    let mut lines = lockfile.lines();
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
        assert!(locked_of_rival("ratchet_deflate").is_some_and(|version| version.starts_with("1.")));
        assert_eq!(locked("ratchet_deflate"), None);
    }
}
