//! Text messages: JSON, as most WebSocket traffic is.

use fastrand::Rng;

use super::words::{FIELDS, PRODUCTS, WORDS};

/// A ticker update of a market: about 217 bytes, digits and names that repeat.
pub fn ticker(rng: &mut Rng, sequence: usize) -> Vec<u8> {
    let product = pick(rng, &PRODUCTS);
    let price = price(rng);
    format!(
        r#"{{"type":"ticker","sequence":{},"product_id":"{product}","price":"{price:.2}","best_bid":"{:.2}","best_ask":"{:.2}","side":"{}","time":"{}","trade_id":{},"last_size":"{:.6}"}}"#,
        11_720_000_000 + sequence * 3,
        price - rng.f64(),
        price + rng.f64(),
        side(rng),
        time(sequence),
        90_000_000 + sequence,
        rng.f64() * 4.0,
    )
    .into_bytes()
}

/// A piece of an order book's depth: about 3.9 KB, pairs of a price and a size.
pub fn order_book(rng: &mut Rng, sequence: usize) -> Vec<u8> {
    let (product, middle) = (pick(rng, &PRODUCTS), price(rng));
    let depth = rng.usize(72..92);
    let bids = levels(rng, depth, |rng, level| middle - 0.05 * level as f64 - rng.f64() * 0.04);
    let asks = levels(rng, depth, |rng, level| middle + 0.05 * level as f64 + rng.f64() * 0.04);
    format!(
        r#"{{"type":"depth","product_id":"{product}","update_id":{},"time":"{}","bids":[{bids}],"asks":[{asks}]}}"#,
        400_900_217 + sequence * 7,
        time(sequence),
    )
    .into_bytes()
}

/// The whole state of an application, as a client gets it on joining: about 64 KB of nested objects.
pub fn state(rng: &mut Rng, sequence: usize) -> Vec<u8> {
    let mut text = format!(r#"{{"type":"state","revision":{sequence},"entities":["#);
    let target = 62_000 + rng.usize(..6_000);
    while text.len() < target {
        entity(rng, &mut text);
        text.push(',');
    }
    entity(rng, &mut text);
    text.push_str("]}");
    text.into_bytes()
}

/// English words, cut at just this length.
pub fn words(rng: &mut Rng, length: usize) -> Vec<u8> {
    joined(rng, &WORDS, length)
}

fn joined(rng: &mut Rng, of: &[&'static str], length: usize) -> Vec<u8> {
    let mut text = String::new();
    while text.len() < length {
        text += pick(rng, of);
        text.push(' ');
    }
    let mut bytes = text.into_bytes();
    bytes.truncate(length);
    bytes
}

fn entity(rng: &mut Rng, text: &mut String) {
    *text += &format!(r#"{{"id":"{:08x}""#, rng.u32(..));
    let first = rng.usize(..FIELDS.len());
    for place in 0..rng.usize(4..10) {
        let field = FIELDS[(first + place) % FIELDS.len()];
        *text += &match rng.u8(..4) {
            0 => format!(r#","{field}":{}"#, rng.u32(..10_000)),
            1 => format!(r#","{field}":{:.3}"#, rng.f64() * 512.0),
            2 => format!(r#","{field}":{}"#, rng.bool()),
            _ => format!(r#","{field}":"{}-{}""#, pick(rng, &WORDS), pick(rng, &WORDS)),
        };
    }
    text.push('}');
}

fn levels(rng: &mut Rng, depth: usize, mut price: impl FnMut(&mut Rng, usize) -> f64) -> String {
    let level = |level| format!(r#"["{:.2}","{:.6}"]"#, price(rng, level), rng.f64() * 9.0);
    (0..depth).map(level).collect::<Vec<_>>().join(",")
}

fn price(rng: &mut Rng) -> f64 {
    // Prices of one market stay near each other, as in a real hour.
    61_000.0 + rng.f64() * 400.0
}

fn side(rng: &mut Rng) -> &'static str {
    if rng.bool() { "buy" } else { "sell" }
}

/// A time stamp that goes on with the messages.
pub fn time(sequence: usize) -> String {
    let (seconds, micros) = (sequence / 40 % 60, sequence * 24_989 % 1_000_000);
    format!("2025-01-01T12:{:02}:{seconds:02}.{micros:06}Z", sequence / 2_400 % 60)
}

fn pick(rng: &mut Rng, of: &[&'static str]) -> &'static str {
    of[rng.usize(..of.len())]
}
