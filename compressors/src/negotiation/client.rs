use core::fmt;
use core::ops::RangeInclusive;

use super::parameters::is_permessage_deflate;
use super::server::largest_within;
use super::{Agreement, MAX_WINDOW_BITS, MIN_WINDOW_BITS, MalformedHeader, Offer, parse_extensions};
use crate::Capabilities;

/// What a client can do and what it wants; from it follow its offers and which answers it takes (RFC 7692 section 5.1).
///
/// The default can do everything and wants nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientPolicy {
    /// The windows that the client's compressor can keep to, 8 to 15.
    pub compressor_windows: RangeInclusive<u8>,
    /// Whether the client's decompressor can keep the history of earlier messages.
    pub decompressor_takeover: bool,
    /// The largest window that the client's decompressor can inflate, 8 to 15.
    pub decompressor_window: u8,
    /// Ask the server to forget its history after each message.
    pub server_no_context_takeover: bool,
    /// Tell the server that the client is going to forget its own.
    pub client_no_context_takeover: bool,
    /// The largest window that the server should compress with, 8 to 15. Below 15 a second offer without this wish
    /// follows the first.
    pub server_max_window_bits: u8,
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
        Self {
            compressor_windows: compressor.window_bits.clone(),
            client_no_context_takeover: !compressor.takeover,
            decompressor_takeover: decompressor.takeover,
            decompressor_window: *decompressor.window_bits.end(),
            ..Self::default()
        }
    }

    /// The value of the request's `Sec-WebSocket-Extensions`: every offer, the preferred one first.
    #[must_use]
    pub fn header(&self) -> String {
        self.offers().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }

    /// The offers, the preferred one first.
    #[must_use]
    pub fn offers(&self) -> Vec<Offer> {
        let wish = self.offer(self.server_max_window_bits.min(self.decompressor_window));
        let fallback = self.offer(self.decompressor_window);
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
        // A compressor of one window size alone has nothing to limit.
        let can_limit = *self.compressor_windows.start() < MAX_WINDOW_BITS;
        Offer {
            server_no_context_takeover: self.server_no_context_takeover || !self.decompressor_takeover,
            client_no_context_takeover: self.client_no_context_takeover,
            server_max_window_bits: (server_window < MAX_WINDOW_BITS).then_some(server_window),
            client_max_window_bits: can_limit.then_some(*self.compressor_windows.end()),
        }
    }

    /// The agreement with what the compressor really does: its window, and no takeover if this client said it would have
    /// none, which a server need not repeat (RFC 7692 section 7.1.1.2).
    fn within_compressor(&self, agreement: Agreement) -> Result<Agreement, AnswerError> {
        let client_no_context_takeover =
            agreement.client_no_context_takeover || self.client_no_context_takeover;
        let agreement = Agreement { client_no_context_takeover, ..agreement };
        let Some(agreed) = agreement.client_max_window_bits else {
            return Ok(agreement);
        };
        let bits = largest_within(&self.compressor_windows, agreed).ok_or(AnswerError::Unacceptable)?;
        Ok(Agreement { client_max_window_bits: Some(bits), ..agreement })
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
            compressor_windows: MIN_WINDOW_BITS..=MAX_WINDOW_BITS,
            decompressor_takeover: true,
            decompressor_window: MAX_WINDOW_BITS,
            server_no_context_takeover: false,
            client_no_context_takeover: false,
            server_max_window_bits: MAX_WINDOW_BITS,
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
    use super::*;
    use crate::negotiation::ServerPolicy;

    fn small_server_window() -> ClientPolicy {
        ClientPolicy { server_max_window_bits: 10, ..ClientPolicy::default() }
    }

    fn only_32_kib() -> ClientPolicy {
        ClientPolicy { compressor_windows: 15..=15, ..ClientPolicy::default() }
    }

    #[test]
    fn offers_follow_from_what_the_backends_can_do() {
        let cases = [
            (ClientPolicy::default(), "PMD; client_max_window_bits"),
            (only_32_kib(), "PMD"),
            (
                ClientPolicy { compressor_windows: 9..=12, ..ClientPolicy::default() },
                "PMD; client_max_window_bits=12",
            ),
            (
                ClientPolicy { decompressor_takeover: false, ..only_32_kib() },
                "PMD; server_no_context_takeover",
            ),
            (
                ClientPolicy { client_no_context_takeover: true, ..only_32_kib() },
                "PMD; client_no_context_takeover",
            ),
            (ClientPolicy { decompressor_window: 12, ..only_32_kib() }, "PMD; server_max_window_bits=12"),
            (
                ClientPolicy { server_max_window_bits: 10, ..only_32_kib() },
                "PMD; server_max_window_bits=10, PMD",
            ),
        ];
        for (policy, expected) in cases {
            assert_eq!(policy.header(), expected.replace("PMD", "permessage-deflate"), "{policy:?}");
        }
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
            decompressor_window: 12,
            ..ClientPolicy::default()
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
            (
                ClientPolicy { compressor_windows: 9..=12, ..ClientPolicy::default() },
                "PMD; client_max_window_bits=13",
                Err(Unacceptable),
            ),
            // Within the offer, but nothing that the compressor can keep to.
            (
                ClientPolicy { compressor_windows: 9..=15, ..ClientPolicy::default() },
                "PMD; client_max_window_bits=8",
                Err(Unacceptable),
            ),
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
                    compressor_windows: windows.clone(),
                    server_no_context_takeover: takeover,
                    server_max_window_bits: server_window,
                    ..ClientPolicy::default()
                };
                for server_windows in [8..=15, 9..=15, 15..=15] {
                    let server = ServerPolicy {
                        compressor_windows: server_windows,
                        client_max_window_bits: 15.min(server_window + 1).max(*windows.start()),
                        ..ServerPolicy::default()
                    };
                    let answer =
                        server.answer([client.header().as_str()]).expect("well formed").expect("acceptable");
                    let accepted =
                        client.accept([answer.to_string().as_str()]).expect("fits").expect("agreed");
                    assert_eq!(accepted, answer, "{client:?} with {server:?}");
                }
            }
        }
    }
}
