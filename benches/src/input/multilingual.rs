//! Chat in many languages, most of it not ASCII: words that nobody speaks, of the letters that people write.

use std::ops::RangeInclusive;

use fastrand::Rng;

use super::text::time;

/// Letters of the scripts that are most of the world's chat: bytes of one, two, three and four in UTF-8.
const SCRIPTS: [(RangeInclusive<char>, RangeInclusive<usize>, &str); 8] = [
    ('a'..='z', 2..=9, " "),
    ('à'..='ÿ', 3..=8, " "),
    ('а'..='я', 3..=9, " "),
    ('ا'..='ي', 2..=7, " "),
    ('अ'..='ह', 2..=6, " "),
    ('ぁ'..='ん', 2..=6, ""),
    ('一'..='俿', 1..=3, ""),
    ('😀'..='🙄', 1..=2, " "),
];

/// Words of a script's vocabulary: people use many, and a few of them again and again.
const VOCABULARY: u64 = 600;

/// A line of chat: about 350 bytes.
pub fn chat(rng: &mut Rng, sequence: usize) -> Vec<u8> {
    let script = rng.usize(..SCRIPTS.len() - 1);
    let mut text = String::new();
    let words = rng.usize(4..42);
    for _ in 0..words {
        // Emoji are in every language.
        let script = if rng.u8(..12) == 0 { SCRIPTS.len() - 1 } else { script };
        push_word(rng, script, &mut text);
    }
    let user = rng.u64(..200);
    let mut name = String::new();
    push_numbered_word(0, user, &mut name);
    format!(
        r#"{{"id":"50587{:013}","room":{},"user":"{}{user}","sent":"{}","text":"{}"}}"#,
        sequence * 7_919_113 + rng.usize(..7_919_113),
        rng.u32(1..40),
        name.trim(),
        time(sequence),
        text.trim(),
    )
    .into_bytes()
}

/// Text of just this length; spaces fill up what a character cut off would leave.
pub fn exactly(rng: &mut Rng, length: usize) -> Vec<u8> {
    let script = rng.usize(..SCRIPTS.len());
    let mut text = String::new();
    while text.len() < length {
        push_word(rng, script, &mut text);
    }
    let mut bytes = text.into_bytes();
    bytes.truncate(length);
    let valid = match std::str::from_utf8(&bytes) {
        Ok(_) => length,
        Err(error) => error.valid_up_to(),
    };
    bytes[valid..].fill(b' ');
    bytes
}

fn push_word(rng: &mut Rng, script: usize, text: &mut String) {
    // Squared, so that the first words of the vocabulary are the common ones.
    let rank = (rng.f64().powi(2) * VOCABULARY as f64) as u64;
    push_numbered_word(script, rank, text);
}

/// The word of this number in the vocabulary, always the same.
fn push_numbered_word(script: usize, number: u64, text: &mut String) {
    let (letters, lengths, space) = &SCRIPTS[script];
    let mut rng = Rng::with_seed(number * SCRIPTS.len() as u64 + script as u64);
    for _ in 0..rng.usize(lengths.clone()) {
        text.push(rng.char(letters.clone()));
    }
    text.push_str(space);
}
