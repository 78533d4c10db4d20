//! What each backend takes for a message on this machine, and how much shorter it gets: to choose one by.
//!
//! ```text
//! cargo run --release --package wscodec-compressors --all-features --example engines [FILE]
//! ```
//!
//! FILE holds a message a line; without it there are generated ones of several lengths. `cargo compare` measures the
//! same with more care.

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use wscodec_compressors::{
    Backend, CompressionPolicy, CompressionWish, CompressorConfig, DecompressorConfig,
};

type Messages = Vec<Vec<u8>>;

fn main() -> Result<(), Box<dyn Error>> {
    let workloads: Vec<Messages> = match std::env::args().nth(1) {
        Some(file) => vec![std::fs::read(file)?.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()],
        None => [100, 217, 1000, 4000, 16_000, 64_000].map(generated).to_vec(),
    };
    println!("   bytes    backend level takeover |  ratio  compress us | inflate us, by each backend");
    for messages in workloads {
        decide(&messages)?;
        for takeover in [false, true] {
            for level in [1, 2, 4, 6, 9] {
                for backend in Backend::available().filter(|b| !takeover || b.capabilities().takeover) {
                    let config = CompressorConfig::default().level(level).takeover(takeover);
                    measure(backend, config, &messages)?;
                }
            }
        }
    }
    Ok(())
}

/// Prints the best of several rounds over all messages, in microseconds a message.
fn measure(backend: Backend, config: CompressorConfig, messages: &Messages) -> Result<(), Box<dyn Error>> {
    let plain: usize = messages.iter().map(Vec::len).sum();
    let rounds = 2 + 10_000_000 / (plain * usize::from(config.level) + 1_000_000);
    let mut compressor = backend.compressor(config)?;
    let (mut payloads, mut ends) = (Vec::new(), Vec::new());
    let compress = best_of(rounds, || {
        compressor.reset();
        payloads.clear();
        ends.clear();
        for message in messages {
            compressor.compress(black_box(message), &mut payloads)?;
            ends.push(payloads.len());
        }
        Ok(())
    })?;

    let (count, ratio) = (messages.len() as f64, plain as f64 / payloads.len() as f64);
    let [bytes, compress] = [plain as f64 / count, compress * 1e6 / count];
    let CompressorConfig { level, takeover, .. } = config;
    print!("{bytes:>8.0} {:>10} {level:>5} {takeover:>8} | {ratio:>6.3} {compress:>12.2} |", backend.name());

    for backend in Backend::available().filter(|b| !takeover || b.decompressor_capabilities().takeover) {
        let mut decompressor = backend.decompressor(DecompressorConfig::default().takeover(takeover))?;
        let mut out = Vec::new();
        let inflate = best_of(rounds * 2, || {
            decompressor.reset();
            let mut start = 0;
            for &end in &ends {
                out.clear();
                decompressor.decompress(black_box(&payloads[start..end]), 1 << 30, &mut out)?;
                start = end;
            }
            Ok(())
        })?;
        print!("  {backend} {:.2}", inflate * 1e6 / count);
    }
    println!();
    Ok(())
}

/// Prints what the decision whether to compress costs.
fn decide(messages: &Messages) -> Result<(), Box<dyn Error>> {
    let policy = CompressionPolicy::default();
    let mut compressed = 0;
    let decided = best_of(20, || {
        let wanted = |message: &&Vec<u8>| policy.compresses(black_box(message), CompressionWish::Auto);
        compressed = black_box(messages.iter().filter(wanted).count());
        Ok(())
    })?;
    let nanoseconds = decided * 1e9 / messages.len() as f64;
    println!("         policy: {nanoseconds:.1} ns, compresses {compressed} of {}", messages.len());
    Ok(())
}

fn best_of(
    rounds: usize,
    mut round: impl FnMut() -> Result<(), Box<dyn Error>>,
) -> Result<f64, Box<dyn Error>> {
    let mut best = f64::MAX;
    for _ in 0..rounds {
        let started = Instant::now();
        round()?;
        best = best.min(started.elapsed().as_secs_f64());
    }
    Ok(best)
}

/// About 400 KB of JSON messages of this length: a feed's, no two the same.
fn generated(length: usize) -> Messages {
    let mut state = 1_u64;
    let mut below = |bound: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let [high, low, ..] = state.to_be_bytes();
        usize::from(u16::from_be_bytes([high, low])) % bound
    };
    let mut message = || {
        let mut text = String::with_capacity(length + 100);
        while text.len() < length {
            let (id, symbol) = (below(65_000), ["BTC", "ETH", "XRP", "ADA"][below(4)]);
            let (price, side) = (below(60_000), ["buy", "sell"][below(2)]);
            text += &format!(r#"{{"id":{id},"symbol":"{symbol}-EUR","price":"{price}.5","side":"{side}"}},"#);
        }
        text.truncate(length);
        text.into_bytes()
    };
    (0..400_000 / length).map(|_| message()).collect()
}
