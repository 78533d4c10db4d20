//! A header that can be read can be written and read again. What any server answers to any offer, a client that made that
//! offer accepts; what any two policies come to, neither end's backends are surprised by.
#![no_main]

use std::ops::RangeInclusive;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use wscodec_compressors::negotiation::{
    Abilities, Agreement, ClientPolicy, Extension, Offer, Peer, ServerPolicy, parse_extensions,
};
use wscodec_fuzz::Blob;

#[derive(Arbitrary, Debug)]
struct Input {
    request: Vec<Vec<Piece>>,
    response: Vec<Vec<Piece>>,
    client: Policy,
    server: Policy,
}

/// A piece of a header line: what the grammar and the extension know more often than not.
#[derive(Arbitrary, Debug)]
enum Piece {
    Name,
    ServerNoContextTakeover,
    ClientNoContextTakeover,
    ServerMaxWindowBits(u8),
    ClientMaxWindowBits(u8),
    ClientMaxWindowBitsAtAll,
    Number(i8),
    Semicolon,
    Comma,
    Bytes(Blob),
}

/// Both policies have the same parts.
#[derive(Arbitrary, Debug)]
struct Policy {
    compressor_takeover: bool,
    compressor_windows: (u8, u8),
    small_windows_for_short_messages: bool,
    decompressor_takeover: bool,
    decompressor_window: u8,
    server_no_context_takeover: bool,
    client_no_context_takeover: bool,
    server_max_window_bits: u8,
    client_max_window_bits: u8,
    peer: u8,
}

fuzz_target!(|input: Input| {
    let request: Vec<Vec<u8>> = input.request.iter().map(|line| text(line)).collect();
    let response: Vec<Vec<u8>> = input.response.iter().map(|line| text(line)).collect();
    let (client, server) = (input.client.client(), input.server.server());

    reads_back(&request);
    if let Ok(extensions) = parse_extensions(&request) {
        // The first offer that the server honours, each read and put to it by itself.
        let mut answers = extensions.iter().filter_map(offer).map(|offer| (offer, server.answer_to(&offer)));
        let first = answers.find_map(|(offer, answer)| Some((offer, answer?)));
        let answer = server.answer(&request).expect("it can be read");
        assert_eq!(answer, first.map(|(_, answer)| answer));
        if let Some((offer, answer)) = first {
            accepts(&who_offers(&offer), &answer);
        }
    } else {
        assert!(server.answer(&request).is_err());
    }

    if let Some(answer) = server.answer([client.header().as_str()]).expect("what a policy writes can be read")
    {
        let accepted = accepts(&client, &answer);
        within(&client.can, client.server_no_context_takeover, accepted.server_to_client().takeover);
        assert!(accepted.server_to_client().window_bits <= client.can.decompressor_window);
        assert!(answer.client_to_server().window_bits <= server.can.decompressor_window);
        assert!(server.can.decompressor_takeover || !answer.client_to_server().takeover);
        assert!(can_compress(&server.can, &answer, true), "{server:?} {answer}");
        assert!(can_compress(&client.can, &accepted, false), "{client:?} {accepted}");
    }

    // Whatever a server sends: an agreement that the client can keep, or an error.
    if let Ok(Some(agreement)) = client.accept(&response) {
        assert!(can_compress(&client.can, &agreement, false), "{client:?} {agreement}");
        assert!(agreement.server_to_client().window_bits <= client.can.decompressor_window);
        within(&client.can, client.server_no_context_takeover, agreement.server_to_client().takeover);
    }
});

fn reads_back(lines: &[Vec<u8>]) {
    let Ok(extensions) = parse_extensions(lines) else { return };
    let written: Vec<String> = extensions.iter().map(ToString::to_string).collect();
    assert_eq!(parse_extensions(&written).as_deref(), Ok(&extensions[..]), "a line each");
    if !written.is_empty() {
        assert_eq!(parse_extensions([written.join(", ").as_str()]).as_deref(), Ok(&extensions[..]));
    }
}

/// The offer, read as the RFC has it in its tables.
fn offer(extension: &Extension<'_>) -> Option<Offer> {
    if !extension.name.eq_ignore_ascii_case("permessage-deflate") {
        return None;
    }
    let mut names: Vec<String> = extension.parameters.iter().map(|p| p.name.to_ascii_lowercase()).collect();
    names.sort();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        return None;
    }
    let mut offer = Offer::default();
    for parameter in &extension.parameters {
        let bits = match parameter.value.as_deref() {
            None => None,
            Some(digits) if ["8", "9", "10", "11", "12", "13", "14", "15"].contains(&digits) => {
                digits.parse().ok()
            }
            Some(_) => return None,
        };
        match (parameter.name.to_ascii_lowercase().as_str(), bits) {
            ("server_no_context_takeover", None) => offer.server_no_context_takeover = true,
            ("client_no_context_takeover", None) => offer.client_no_context_takeover = true,
            ("server_max_window_bits", Some(bits)) => offer.server_max_window_bits = Some(bits),
            ("client_max_window_bits", bits) => offer.client_max_window_bits = bits.or(Some(15)),
            _ => return None,
        }
    }
    Some(offer)
}

/// A client that makes this offer.
fn who_offers(offer: &Offer) -> ClientPolicy {
    let compressor_windows = match offer.client_max_window_bits {
        Some(bits) => 8..=bits,
        None => 15..=15,
    };
    let client = ClientPolicy {
        can: Abilities {
            compressor_windows,
            decompressor_window: offer.server_max_window_bits.unwrap_or(15),
            ..Abilities::default()
        },
        server_no_context_takeover: offer.server_no_context_takeover,
        client_no_context_takeover: offer.client_no_context_takeover,
        ..ClientPolicy::default()
    };
    // 15 bits are offered without saying so.
    let server_max_window_bits = offer.server_max_window_bits.filter(|&bits| bits < 15);
    assert_eq!(client.offers(), [Offer { server_max_window_bits, ..*offer }]);
    client
}

/// The client's view of an answer, which must be the server's but for what either does less of its own.
fn accepts(client: &ClientPolicy, answer: &Agreement) -> Agreement {
    let accepted = client.accept([answer.to_string().as_str()]);
    let accepted = accepted.unwrap_or_else(|error| panic!("{client:?} refuses {answer}: {error}"));
    let accepted = accepted.expect("there is an answer");
    for (does, expected) in [
        (answer.server_to_client(), accepted.server_to_client()),
        (accepted.client_to_server(), answer.client_to_server()),
    ] {
        assert!(does.takeover <= expected.takeover && does.window_bits <= expected.window_bits);
    }
    accepted
}

fn within(can: &Abilities, unwanted: bool, takeover: bool) {
    assert!(!takeover || (can.decompressor_takeover && !unwanted));
}

/// Whether the end that has agreed to this can send by it.
fn can_compress(can: &Abilities, agreement: &Agreement, server: bool) -> bool {
    let direction = if server { agreement.server_to_client() } else { agreement.client_to_server() };
    let window = can.compressor_windows.contains(&direction.window_bits)
        || (can.small_windows_for_short_messages && !direction.takeover);
    window && (can.compressor_takeover || !direction.takeover)
}

fn text(pieces: &[Piece]) -> Vec<u8> {
    let mut line = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Name => line.extend_from_slice(b"permessage-deflate"),
            Piece::ServerNoContextTakeover => line.extend_from_slice(b"; server_no_context_takeover"),
            Piece::ClientNoContextTakeover => line.extend_from_slice(b"; client_no_context_takeover"),
            Piece::ServerMaxWindowBits(bits) => {
                line.extend(format!("; server_max_window_bits={}", window(*bits)).bytes());
            }
            Piece::ClientMaxWindowBits(bits) => {
                line.extend(format!("; client_max_window_bits={}", window(*bits)).bytes());
            }
            Piece::ClientMaxWindowBitsAtAll => line.extend_from_slice(b"; client_max_window_bits"),
            Piece::Number(number) => line.extend(number.to_string().bytes()),
            Piece::Semicolon => line.push(b';'),
            Piece::Comma => line.push(b','),
            Piece::Bytes(Blob(bytes)) => line.extend_from_slice(bytes),
        }
    }
    line
}

fn window(byte: u8) -> u8 {
    8 + byte % 8
}

impl Policy {
    fn client(&self) -> ClientPolicy {
        ClientPolicy {
            can: self.can(),
            server_no_context_takeover: self.server_no_context_takeover,
            client_no_context_takeover: self.client_no_context_takeover,
            server_max_window_bits: self.server_max_window_bits,
            peer: self.peer(),
        }
    }

    fn server(&self) -> ServerPolicy {
        ServerPolicy {
            can: self.can(),
            server_no_context_takeover: self.server_no_context_takeover,
            client_no_context_takeover: self.client_no_context_takeover,
            server_max_window_bits: self.server_max_window_bits,
            client_max_window_bits: self.client_max_window_bits,
            peer: self.peer(),
        }
    }

    /// Wishes may be any number, but what backends can do is a fact.
    fn can(&self) -> Abilities {
        Abilities {
            compressor_takeover: self.compressor_takeover,
            compressor_windows: self.windows(),
            small_windows_for_short_messages: self.small_windows_for_short_messages,
            decompressor_takeover: self.decompressor_takeover,
            decompressor_window: window(self.decompressor_window),
        }
    }

    fn windows(&self) -> RangeInclusive<u8> {
        let (one, other) = (window(self.compressor_windows.0), window(self.compressor_windows.1));
        one.min(other)..=one.max(other)
    }

    fn peer(&self) -> Peer {
        [Peer::Standard, Peer::NoWindowBits, Peer::NothingUnasked, Peer::NoWindowOf8Bits]
            [usize::from(self.peer % 4)]
    }
}
