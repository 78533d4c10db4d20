//! Reads the vectors, strictly: what the format doesn't have is an error, with its line.

use std::collections::HashSet;

use wscodec::{Limits, Role};

/// What comes from the peer, or is sent to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    Text(Vec<u8>),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<u16>, Vec<u8>),
}

/// The names of an error, of which each will do, and its close code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) kinds: Vec<String>,
    pub(crate) code: u16,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    In(Vec<u8>),
    Event(Item),
    Answer(Item),
    Error(Failure),
    MayFail(Failure),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Extension {
    None,
    /// With and without.
    Any,
    Deflate {
        takeovers: Vec<bool>,
        window_bits: u8,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct Vector {
    pub(crate) name: String,
    pub(crate) row: String,
    pub(crate) role: Role,
    pub(crate) extension: Extension,
    pub(crate) limits: Limits,
    pub(crate) steps: Vec<Step>,
    /// Where the groups of its bytes begin: headers, keys, payloads, runs.
    pub(crate) marks: Vec<usize>,
}

impl Vector {
    /// All the bytes that come.
    pub(crate) fn input(&self) -> Vec<u8> {
        let pieces = self.steps.iter().filter_map(|step| match step {
            Step::In(piece) => Some(&piece[..]),
            _ => None,
        });
        pieces.collect::<Vec<_>>().concat()
    }

    /// Bytes of the messages that come of them.
    pub(crate) fn output_length(&self) -> usize {
        let messages = self.steps.iter().map(|step| match step {
            Step::Event(Item::Text(payload) | Item::Binary(payload)) => payload.len(),
            _ => 0,
        });
        messages.sum()
    }
}

/// All vectors of a file.
pub(crate) fn load(text: &str) -> Result<Vec<Vector>, String> {
    let mut vectors = Vec::new();
    let mut fields: Vec<Field> = Vec::new();
    for (number, line) in text.lines().chain([""]).enumerate() {
        let at = |problem: String| format!("line {}: {problem}", number + 1);
        if line.is_empty() {
            if !fields.is_empty() {
                vectors.push(vector(&fields).map_err(at)?);
                fields.clear();
            }
        } else if let Some(more) = line.strip_prefix("  ") {
            let field = fields.last_mut().ok_or_else(|| at("continues nothing".to_owned()))?;
            field.words.extend(more.split_whitespace().map(str::to_owned));
        } else if !line.starts_with('#') {
            let (key, value) = line.split_once(": ").ok_or_else(|| at(format!("no field: {line}")))?;
            fields.push(Field {
                key: key.to_owned(),
                words: value.split_whitespace().map(str::to_owned).collect(),
            });
        }
    }
    Ok(vectors)
}

/// The rows that are to be covered.
pub(crate) fn rows(text: &str) -> HashSet<String> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| Some(line.split_once(" | ")?.0.to_owned())).collect()
}

struct Field {
    key: String,
    words: Vec<String>,
}

fn vector(fields: &[Field]) -> Result<Vector, String> {
    let mut known = HashSet::new();
    let mut vector = Vector {
        name: String::new(),
        row: String::new(),
        role: Role::Server,
        extension: Extension::None,
        limits: Limits::new().with_frame(usize::MAX).with_message(usize::MAX).with_fragments(usize::MAX),
        steps: Vec::new(),
        marks: Vec::new(),
    };
    let mut received = 0;
    for Field { key, words } in fields {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match key.as_str() {
            "in" => {
                let bytes = bytes_with(&words, |at| vector.marks.push(received + at))?;
                received += bytes.len();
                vector.steps.push(Step::In(bytes));
                continue;
            }
            "event" => vector.steps.push(Step::Event(item(&words)?)),
            "answer" => vector.steps.push(Step::Answer(answer(&words)?)),
            "error" => vector.steps.push(Step::Error(failure(&words)?)),
            "may-fail" => vector.steps.push(Step::MayFail(failure(&words)?)),
            _ if !known.insert(key.as_str()) => return Err(format!("{key} twice")),
            "name" => vector.name = one(&words)?.to_owned(),
            "row" => vector.row = one(&words)?.to_owned(),
            "role" => vector.role = role(one(&words)?)?,
            "extension" => vector.extension = extension(&words)?,
            "limits" => vector.limits = limits(vector.limits, &words)?,
            "rfc" | "note" => {}
            _ => return Err(format!("unknown key {key}")),
        }
    }
    match ["name", "row", "rfc", "role", "extension"].iter().find(|key| !known.contains(**key)) {
        Some(missing) => Err(format!("no {missing}")),
        None => Ok(vector),
    }
}

fn one<'a>(words: &[&'a str]) -> Result<&'a str, String> {
    match words {
        [word] => Ok(word),
        _ => Err(format!("one word is wanted: {words:?}")),
    }
}

fn role(word: &str) -> Result<Role, String> {
    match word {
        "server" => Ok(Role::Server),
        "client" => Ok(Role::Client),
        _ => Err(format!("no role: {word}")),
    }
}

fn extension(words: &[&str]) -> Result<Extension, String> {
    match words {
        ["none"] => Ok(Extension::None),
        ["any"] => Ok(Extension::Any),
        ["permessage-deflate", takeover, window] => {
            let takeovers = match *takeover {
                "takeover=yes" => vec![true],
                "takeover=no" => vec![false],
                "takeover=any" => vec![false, true],
                _ => return Err(format!("no takeover: {takeover}")),
            };
            let window_bits = window.strip_prefix("window=").and_then(|bits| bits.parse().ok());
            let window_bits = window_bits.filter(|bits| (8..=15).contains(bits));
            Ok(Extension::Deflate {
                takeovers,
                window_bits: window_bits.ok_or(format!("no window: {window}"))?,
            })
        }
        _ => Err(format!("no extension: {words:?}")),
    }
}

fn limits(limits: Limits, words: &[&str]) -> Result<Limits, String> {
    words.iter().try_fold(limits, |limits, word| {
        let (name, value) = word.split_once('=').ok_or(format!("no limit: {word}"))?;
        let value = value.parse().map_err(|_| format!("no number: {word}"))?;
        match name {
            "frame" => Ok(limits.with_frame(value)),
            "message" => Ok(limits.with_message(value)),
            "fragments" => Ok(limits.with_fragments(value)),
            _ => Err(format!("no limit: {word}")),
        }
    })
}

fn answer(words: &[&str]) -> Result<Item, String> {
    match item(words)? {
        Item::Close(_, reason) if !reason.is_empty() => Err("an answer has no reason".to_owned()),
        answer @ (Item::Pong(_) | Item::Close(..)) => Ok(answer),
        other => Err(format!("no answer: {other:?}")),
    }
}

fn item(words: &[&str]) -> Result<Item, String> {
    match words {
        ["text", payload @ ..] => Ok(Item::Text(bytes(payload)?)),
        ["binary", payload @ ..] => Ok(Item::Binary(bytes(payload)?)),
        ["ping", payload @ ..] => Ok(Item::Ping(bytes(payload)?)),
        ["pong", payload @ ..] => Ok(Item::Pong(bytes(payload)?)),
        ["close"] => Ok(Item::Close(None, Vec::new())),
        ["close", code, reason @ ..] => {
            let code = code.parse().map_err(|_| format!("no close code: {code}"))?;
            Ok(Item::Close(Some(code), bytes(reason)?))
        }
        _ => Err(format!("no event: {words:?}")),
    }
}

fn failure(words: &[&str]) -> Result<Failure, String> {
    let [kinds, code] = words else { return Err(format!("an error is its name and its code: {words:?}")) };
    let kinds: Vec<String> = kinds.split('|').map(str::to_owned).collect();
    if let Some(unknown) = kinds.iter().find(|kind| !KINDS.contains(&kind.as_str())) {
        return Err(format!("no error: {unknown}"));
    }
    Ok(Failure { kinds, code: code.parse().map_err(|_| format!("no close code: {code}"))? })
}

/// The names of all errors.
const KINDS: [&str; 17] = [
    "broken-deflate",
    "close-code-invalid",
    "close-payload-1",
    "continuation-expected",
    "continuation-unexpected",
    "control-fragmented",
    "control-too-long",
    "invalid-utf8",
    "length-not-minimal",
    "length-top-bit",
    "mask-missing",
    "mask-unexpected",
    "reserved-bits",
    "reserved-opcode",
    "rsv1-unexpected",
    "too-long",
    "too-many-fragments",
];

fn bytes(words: &[&str]) -> Result<Vec<u8>, String> {
    bytes_with(words, |_| {})
}

/// Hex, and COUNT*HEX; `mark` is told where each word's bytes begin.
fn bytes_with(words: &[&str], mut mark: impl FnMut(usize)) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    for word in words {
        mark(bytes.len());
        let (count, digits) = word.split_once('*').unwrap_or(("1", word));
        let count = count.parse().map_err(|_| format!("no count: {word}"))?;
        bytes.extend(hex(digits).ok_or(format!("no bytes: {word}"))?.repeat(count));
    }
    Ok(bytes)
}

fn hex(digits: &str) -> Option<Vec<u8>> {
    let values: Option<Vec<u8>> =
        digits.chars().map(|digit| u8::try_from(digit.to_digit(16)?).ok()).collect();
    let values = values.filter(|values| !values.is_empty())?;
    let (pairs, []) = values.as_chunks::<2>() else { return None };
    Some(pairs.iter().map(|[high, low]| high << 4 | low).collect())
}
