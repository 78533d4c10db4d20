use core::fmt;

use super::parameters::is_permessage_deflate;
use super::{
    Abilities, Agreement, MAX_WINDOW_BITS, MIN_WINDOW_BITS, MalformedHeader, Offer, Peer, parse_extensions,
};
use crate::Capabilities;

/// What a client can do and what it wants; from it follow its offers and which answers it takes (RFC 7692 section 5.1).
///
/// The default can do everything and wants nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientPolicy {
    /// What the client's backends can do.
    pub can: Abilities,
    /// Ask the server to forget its history after each message.
    pub server_no_context_takeover: bool,
    /// Tell the server that the client is going to forget its own.
    pub client_no_context_takeover: bool,
    /// The largest window that the server should compress with, 8 to 15. Below 15 a second offer without this wish
    /// follows the first.
    pub server_max_window_bits: u8,
    /// What is known of the server.
    pub peer: Peer,
}

/// Why an answer fails the connection (RFC 7692 section 5.1, RFC 6455 section 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnswerError {
    /// The header does not follow its grammar.
    Malformed(MalformedHeader),
    /// An extension that was not offered.
    NotOffered,
    /// permessage-deflate more than once.
    Repeated,
    /// A parameter that is unknown, repeated or malformed.
    InvalidParameter,
    /// Parameters that fit none of the offers.
    Unacceptable,
}

impl ClientPolicy {
    /// What backends with these capabilities can do, with no wishes of its own.
    #[must_use]
    pub fn new(compressor: &Capabilities, decompressor: &Capabilities) -> Self {
        Self { can: Abilities::new(compressor, decompressor), ..Self::default() }
    }

    /// The value of the request's `Sec-WebSocket-Extensions`: every offer, the preferred one first.
    #[must_use]
    pub fn header(&self) -> String {
        self.offers().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }

    /// The offers, the preferred one first.
    #[must_use]
    pub fn offers(&self) -> Vec<Offer> {
        let wish = match self.server_max_window_bits {
            bits if self.peer.takes_window_bits() => bits.max(self.peer.smallest_window()),
            _ => MAX_WINDOW_BITS,
        };
        let wish = self.offer(wish.min(self.can.decompressor_window));
        let fallback = self.offer(self.can.decompressor_window);
        if wish == fallback { vec![wish] } else { vec![wish, fallback] }
    }

    /// Checks the answer's `Sec-WebSocket-Extensions` lines; `None` if the server declined.
    ///
    /// A stack that offers extensions of its own as well hands in the elements that are not theirs.
    ///
    /// # Errors
    /// [`AnswerError`]: the client fails the connection.
    pub fn accept<'h, H>(
        &self,
        lines: impl IntoIterator<Item = &'h H>,
    ) -> Result<Option<Agreement>, AnswerError>
    where
        H: AsRef<[u8]> + ?Sized + 'h,
    {
        let extensions = parse_extensions(lines).map_err(AnswerError::Malformed)?;
        if !extensions.iter().all(is_permessage_deflate) {
            return Err(AnswerError::NotOffered);
        }
        let answer = match extensions.as_slice() {
            [] => return Ok(None),
            [answer] => Agreement::read(answer).ok_or(AnswerError::InvalidParameter)?,
            _ => return Err(AnswerError::Repeated),
        };
        if !self.offers().iter().any(|offer| answers(&answer, offer)) {
            return Err(AnswerError::Unacceptable);
        }
        self.within_compressor(answer).map(Some)
    }

    fn offer(&self, server_window: u8) -> Offer {
        // The server may answer with any window from the smallest on.
        let can_limit = self.can.smallest_window() <= MIN_WINDOW_BITS && self.peer.takes_window_bits();
        Offer {
            server_no_context_takeover: self.server_no_context_takeover || !self.can.decompressor_takeover,
            client_no_context_takeover: self.forgets(),
            server_max_window_bits: (server_window < MAX_WINDOW_BITS).then_some(server_window),
            client_max_window_bits: can_limit.then_some(*self.can.compressor_windows.end()),
        }
    }

    /// Whether this client is going to forget its history, whatever is agreed on.
    fn forgets(&self) -> bool {
        self.client_no_context_takeover || !self.can.compressor_takeover
    }

    /// The agreement with what the compressor really does. It may do less than the answer allows, and need not say so: use a
    /// smaller window, or forget its history (RFC 7692 sections 7.1.1.2 and 7.1.2.2).
    fn within_compressor(&self, answer: Agreement) -> Result<Agreement, AnswerError> {
        let ceiling = answer.client_max_window_bits.unwrap_or(MAX_WINDOW_BITS);
        let (bits, takeover) = self.can.compress_within(ceiling).ok_or(AnswerError::Unacceptable)?;
        let limited = answer.client_max_window_bits.is_some() || bits < MAX_WINDOW_BITS;
        Ok(Agreement {
            client_no_context_takeover: answer.client_no_context_takeover || self.forgets() || !takeover,
            client_max_window_bits: limited.then_some(bits),
            ..answer
        })
    }
}

/// Whether `answer` is one that a server may give to `offer` (RFC 7692 section 7.1).
fn answers(answer: &Agreement, offer: &Offer) -> bool {
    let takeover = answer.server_no_context_takeover || !offer.server_no_context_takeover;
    let server_window = match offer.server_max_window_bits {
        Some(offered) => answer.server_max_window_bits.is_some_and(|bits| bits <= offered),
        None => true,
    };
    let client_window = match answer.client_max_window_bits {
        Some(bits) => offer.client_max_window_bits.is_some_and(|offered| bits <= offered),
        None => true,
    };
    takeover && server_window && client_window
}

impl Default for ClientPolicy {
    fn default() -> Self {
        Self {
            can: Abilities::default(),
            server_no_context_takeover: false,
            client_no_context_takeover: false,
            server_max_window_bits: MAX_WINDOW_BITS,
            peer: Peer::Standard,
        }
    }
}

impl fmt::Display for AnswerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(error) => error.fmt(f),
            Self::NotOffered => f.write_str("the server chose an extension that was not offered"),
            Self::Repeated => f.write_str("the server chose permessage-deflate more than once"),
            Self::InvalidParameter => f.write_str("the server's permessage-deflate has an invalid parameter"),
            Self::Unacceptable => f.write_str("the server's permessage-deflate does not fit the offer"),
        }
    }
}

impl core::error::Error for AnswerError {}

#[cfg(test)]
mod tests {
    use core::ops::RangeInclusive;

    use super::*;
    use crate::negotiation::{Direction, ServerPolicy};

    fn small_server_window() -> ClientPolicy {
        ClientPolicy { server_max_window_bits: 10, ..ClientPolicy::default() }
    }

    fn able(can: Abilities) -> ClientPolicy {
        ClientPolicy { can, ..ClientPolicy::default() }
    }

    fn windows(compressor_windows: RangeInclusive<u8>) -> ClientPolicy {
        able(Abilities { compressor_windows, ..Abilities::default() })
    }

    fn only_32_kib() -> ClientPolicy {
        windows(15..=15)
    }

    #[test]
    fn offers_follow_from_what_the_backends_can_do() {
        let cases = [
            (ClientPolicy::default(), "PMD; client_max_window_bits"),
            (only_32_kib(), "PMD"),
            (windows(8..=12), "PMD; client_max_window_bits=12"),
            // An answer of 8 would be legal, and nothing that this one can keep to.
            (windows(9..=15), "PMD"),
            (
                able(Abilities { small_windows_for_short_messages: true, ..windows(9..=15).can }),
                "PMD; client_max_window_bits",
            ),
            (
                able(Abilities { decompressor_takeover: false, ..only_32_kib().can }),
                "PMD; server_no_context_takeover",
            ),
            (
                ClientPolicy { client_no_context_takeover: true, ..only_32_kib() },
                "PMD; client_no_context_takeover",
            ),
            (
                able(Abilities { compressor_takeover: false, ..only_32_kib().can }),
                "PMD; client_no_context_takeover",
            ),
            (
                able(Abilities { decompressor_window: 12, ..only_32_kib().can }),
                "PMD; server_max_window_bits=12",
            ),
            (
                able(Abilities { small_windows_for_short_messages: true, ..only_32_kib().can }),
                "PMD; client_max_window_bits",
            ),
            (
                ClientPolicy { server_max_window_bits: 10, ..only_32_kib() },
                "PMD; server_max_window_bits=10, PMD",
            ),
        ];
        for (policy, expected) in cases {
            assert_eq!(policy.header(), expected.replace("PMD", "permessage-deflate"), "{policy:?}");
        }
    }

    #[test]
    fn profiles_keep_from_a_peer_what_it_does_not_take() {
        let wishing = |peer| ClientPolicy {
            server_no_context_takeover: true,
            server_max_window_bits: 8,
            peer,
            ..ClientPolicy::default()
        };
        let cases = [
            (
                wishing(Peer::Standard),
                "PMD; server_no_context_takeover; server_max_window_bits=8; client_max_window_bits, \
                 PMD; server_no_context_takeover; client_max_window_bits",
            ),
            (wishing(Peer::NoWindowBits), "PMD; server_no_context_takeover"),
            (wishing(Peer::NothingUnasked), "PMD; server_no_context_takeover"),
            (
                wishing(Peer::NoWindowOf8Bits),
                "PMD; server_no_context_takeover; server_max_window_bits=9; client_max_window_bits, \
                 PMD; server_no_context_takeover; client_max_window_bits",
            ),
            // What the decompressor can't do without is said.
            (
                ClientPolicy {
                    peer: Peer::NoWindowBits,
                    ..able(Abilities { decompressor_window: 12, ..Abilities::default() })
                },
                "PMD; server_max_window_bits=12",
            ),
        ];
        for (policy, expected) in cases {
            assert_eq!(policy.header(), expected.replace("PMD", "permessage-deflate"), "{policy:?}");
        }
    }

    #[test]
    fn a_small_window_that_only_short_messages_fit_ends_the_takeover() {
        let can = Abilities { small_windows_for_short_messages: true, ..only_32_kib().can };
        let direction = |answer: &str| {
            let agreement = able(can.clone()).accept([answer]).expect("a legal answer").expect("compression");
            agreement.client_to_server()
        };
        assert_eq!(direction("permessage-deflate"), Direction { takeover: true, window_bits: 15 });
        assert_eq!(
            direction("permessage-deflate; client_max_window_bits=15"),
            Direction { takeover: true, window_bits: 15 }
        );
        assert_eq!(
            direction("permessage-deflate; client_max_window_bits=8"),
            Direction { takeover: false, window_bits: 8 }
        );
    }

    /// A server that ignores the hint gets no more than the compressor can do.
    #[test]
    fn an_unlimited_client_keeps_to_the_windows_of_its_compressor() {
        let agreement = windows(9..=12).accept(["permessage-deflate"]).expect("legal").expect("compression");
        assert_eq!(agreement.client_to_server(), Direction { takeover: true, window_bits: 12 });
        let config = crate::CompressorConfig::from(agreement.client_to_server());
        assert_eq!(config.check(&Capabilities::new(true, 9..=12, 0..=9)), Ok(()));
    }

    /// RFC 7692 section 7.1.1.2: what the client says of its own takeover, a server may leave out of its answer.
    #[test]
    fn a_client_that_offered_no_takeover_has_none_whatever_the_answer_says() {
        let policy = ClientPolicy { client_no_context_takeover: true, ..ClientPolicy::default() };
        for answer in ["permessage-deflate", "permessage-deflate; client_no_context_takeover"] {
            let agreement = policy.accept([answer]).expect("a legal answer").expect("compression");
            assert!(!agreement.client_to_server().takeover, "{answer}");
            assert!(agreement.server_to_client().takeover, "{answer}");
        }
    }

    #[test]
    fn an_answer_must_fit_an_offer() {
        use AnswerError::{InvalidParameter, NotOffered, Repeated, Unacceptable};
        let strict = ClientPolicy {
            server_no_context_takeover: true,
            ..able(Abilities { decompressor_window: 12, ..Abilities::default() })
        };
        let cases = [
            (ClientPolicy::default(), "PMD", Ok(())),
            (ClientPolicy::default(), "permessage-DEFLATE; server_no_context_takeover", Ok(())),
            (ClientPolicy::default(), "PMD; client_no_context_takeover", Ok(())),
            (ClientPolicy::default(), "PMD; server_max_window_bits=8", Ok(())),
            (ClientPolicy::default(), "PMD; client_max_window_bits=8", Ok(())),
            (ClientPolicy::default(), "PMD; client_max_window_bits", Err(InvalidParameter)),
            (ClientPolicy::default(), "PMD; client_max_window_bits=08", Err(InvalidParameter)),
            (ClientPolicy::default(), "PMD; server_max_window_bits", Err(InvalidParameter)),
            (ClientPolicy::default(), "PMD; server_max_window_bits=16", Err(InvalidParameter)),
            (ClientPolicy::default(), "PMD; server_no_context_takeover=1", Err(InvalidParameter)),
            (ClientPolicy::default(), "PMD; unknown", Err(InvalidParameter)),
            (
                ClientPolicy::default(),
                "PMD; server_no_context_takeover; server_no_context_takeover",
                Err(InvalidParameter),
            ),
            (ClientPolicy::default(), "PMD, PMD", Err(Repeated)),
            (ClientPolicy::default(), "x-other", Err(NotOffered)),
            (ClientPolicy::default(), "PMD, x-other", Err(NotOffered)),
            // Nothing not offered, and nothing above the offer.
            (only_32_kib(), "PMD; client_max_window_bits=15", Err(Unacceptable)),
            (windows(9..=15), "PMD; client_max_window_bits=9", Err(Unacceptable)),
            (windows(8..=12), "PMD; client_max_window_bits=13", Err(Unacceptable)),
            // What was asked must be granted, unless a fallback did not ask.
            (strict.clone(), "PMD; server_no_context_takeover; server_max_window_bits=12", Ok(())),
            (strict.clone(), "PMD; server_max_window_bits=12", Err(Unacceptable)),
            (strict.clone(), "PMD; server_no_context_takeover", Err(Unacceptable)),
            (strict, "PMD; server_no_context_takeover; server_max_window_bits=13", Err(Unacceptable)),
            (small_server_window(), "PMD; server_max_window_bits=10", Ok(())),
            (small_server_window(), "PMD", Ok(())),
        ];
        for (policy, answer, expected) in cases {
            let line = answer.replace("PMD", "permessage-deflate");
            let accepted = policy.accept([line.as_str()]).map(|agreement| assert!(agreement.is_some()));
            assert_eq!(accepted, expected, "{answer} to {policy:?}");
        }
        assert!(matches!(ClientPolicy::default().accept([""]), Err(AnswerError::Malformed(_))));
        assert_eq!(ClientPolicy::default().accept([""; 0]), Ok(None));
    }

    #[test]
    fn what_our_server_answers_our_client_accepts_and_both_mean_the_same() {
        let flags = [false, true];
        for windows in [8..=15, 9..=15, 9..=12, 15..=15_u8] {
            for (takeover, server_window) in flags.iter().flat_map(|&t| (8..=15).map(move |w| (t, w))) {
                let client = ClientPolicy {
                    server_no_context_takeover: takeover,
                    server_max_window_bits: server_window,
                    ..able(Abilities { compressor_windows: windows.clone(), ..Abilities::default() })
                };
                for server_windows in [8..=15, 9..=15, 15..=15] {
                    let server = ServerPolicy {
                        can: Abilities { compressor_windows: server_windows, ..Abilities::default() },
                        client_max_window_bits: 15.min(server_window + 1).max(*windows.start()),
                        ..ServerPolicy::default()
                    };
                    let answer =
                        server.answer([client.header().as_str()]).expect("well formed").expect("acceptable");
                    let accepted =
                        client.accept([answer.to_string().as_str()]).expect("fits").expect("agreed");
                    assert_eq!(accepted.server_to_client(), answer.server_to_client());
                    let up = accepted.client_to_server();
                    let bits = answer.client_to_server().window_bits.min(*windows.end());
                    assert_eq!(up, Direction { window_bits: bits, ..answer.client_to_server() });
                    assert!(windows.contains(&bits), "{client:?} with {server:?}");
                }
            }
        }
    }
}
