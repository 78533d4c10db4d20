use super::parameters::is_permessage_deflate;
use super::{
    Abilities, Agreement, Direction, MAX_WINDOW_BITS, MalformedHeader, Offer, Peer, parse_extensions,
};
use crate::Capabilities;

/// What a server can do and what it wants; from it follows the answer to any offer (RFC 7692 section 5.1).
///
/// The default can do everything and wants nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerPolicy {
    /// What the server's backends can do.
    pub can: Abilities,
    /// Impose on itself to forget its history after each message, asked or not.
    pub server_no_context_takeover: bool,
    /// Ask the client to forget its own.
    pub client_no_context_takeover: bool,
    /// The largest window that the server wants to compress with, 8 to 15; below what its compressor can do, the smallest that
    /// it can.
    pub server_max_window_bits: u8,
    /// The largest window that the server wants the client to compress with, 8 to 15. A client that does not offer to
    /// limit its window is taken nevertheless.
    pub client_max_window_bits: u8,
    /// What is known of the client.
    pub peer: Peer,
}

impl ServerPolicy {
    /// What backends with these capabilities can do, with no wishes of its own.
    #[must_use]
    pub fn new(compressor: &Capabilities, decompressor: &Capabilities) -> Self {
        Self { can: Abilities::new(compressor, decompressor), ..Self::default() }
    }

    /// Answers the request's `Sec-WebSocket-Extensions` lines: the first offer, in the client's order, that can be
    /// honoured; `None` if there is none, and then the answer has no such header. Other extensions are passed over.
    ///
    /// # Errors
    /// [`MalformedHeader`], to be answered with status 400. An offer that is merely wrong in a parameter is declined.
    pub fn answer<'h, H>(
        &self,
        lines: impl IntoIterator<Item = &'h H>,
    ) -> Result<Option<Agreement>, MalformedHeader>
    where
        H: AsRef<[u8]> + ?Sized + 'h,
    {
        let extensions = parse_extensions(lines)?;
        let offers = extensions.iter().filter(|extension| is_permessage_deflate(extension));
        Ok(offers.filter_map(Offer::read).find_map(|offer| self.answer_to(&offer)))
    }

    /// The answer to one offer; `None` declines it.
    ///
    /// What the server alone has to do, it does also where the peer must not be told of it: it forgets its history or keeps to
    /// a smaller window in silence (RFC 7692 sections 7.1.1.1 and 7.1.2.1).
    #[must_use]
    pub fn answer_to(&self, offer: &Offer) -> Option<Agreement> {
        let does = self.server_does(offer)?;
        let tells_window = does.window_bits < MAX_WINDOW_BITS && self.peer.takes_window_bits();
        let told = offer.server_max_window_bits.is_some() || tells_window;
        let answer = Agreement {
            server_no_context_takeover: offer.server_no_context_takeover
                || (!does.takeover && self.peer.takes_unasked()),
            client_no_context_takeover: self.client_forgets(offer.client_no_context_takeover)?,
            server_max_window_bits: told.then_some(does.window_bits),
            client_max_window_bits: self.client_window(offer.client_max_window_bits)?,
            server_does: None,
        };
        Some(Agreement { server_does: (answer.server_to_client() != does).then_some(does), ..answer })
    }

    /// How the server compresses, told or not.
    fn server_does(&self, offer: &Offer) -> Option<Direction> {
        let wish = self.server_max_window_bits.max(self.can.smallest_window());
        let ceiling = offer.server_max_window_bits.unwrap_or(MAX_WINDOW_BITS).min(wish);
        let (window_bits, takeover) = self.can.compress_within(ceiling)?;
        let forgets = offer.server_no_context_takeover || self.server_no_context_takeover;
        Some(Direction { takeover: takeover && !forgets, window_bits })
    }

    /// The answer's `client_no_context_takeover`. A client that takes none unasked can't be kept from its history.
    fn client_forgets(&self, offered: bool) -> Option<bool> {
        let (wanted, needed) = (self.client_no_context_takeover, !self.can.decompressor_takeover);
        match self.peer.takes_unasked() {
            true => Some(offered || wanted || needed),
            false => (offered || !needed).then_some(offered),
        }
    }

    /// The answer's `client_max_window_bits`, which it may carry only if the offer does.
    fn client_window(&self, offered: Option<u8>) -> Option<Option<u8>> {
        let Some(offered) = offered else {
            return (self.can.decompressor_window >= MAX_WINDOW_BITS).then_some(None);
        };
        let wish = self.client_max_window_bits.max(self.peer.smallest_window());
        let bits = offered.min(wish).min(self.can.decompressor_window);
        Some((bits < MAX_WINDOW_BITS).then_some(bits))
    }
}

impl Default for ServerPolicy {
    fn default() -> Self {
        Self {
            can: Abilities::default(),
            server_no_context_takeover: false,
            client_no_context_takeover: false,
            server_max_window_bits: MAX_WINDOW_BITS,
            client_max_window_bits: MAX_WINDOW_BITS,
            peer: Peer::Standard,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn able(can: Abilities) -> ServerPolicy {
        ServerPolicy { can, ..ServerPolicy::default() }
    }

    fn windows(compressor_windows: core::ops::RangeInclusive<u8>) -> ServerPolicy {
        able(Abilities { compressor_windows, ..Abilities::default() })
    }

    /// What the policy answers, as text; "-" declines and "400" is a malformed header.
    fn answer(policy: &ServerPolicy, lines: &[&str]) -> String {
        match policy.answer(lines.iter().copied()) {
            Ok(Some(agreement)) => agreement.to_string(),
            Ok(None) => "-".to_owned(),
            Err(MalformedHeader { .. }) => "400".to_owned(),
        }
    }

    fn check(policy: &ServerPolicy, cases: &[(&str, &str)]) {
        for (offer, expected) in cases {
            let expected = expected.replace("PMD", "permessage-deflate");
            let line = offer.replace("PMD", "permessage-deflate");
            assert_eq!(answer(policy, &[&line]), expected, "{offer} to {policy:?}");
        }
    }

    #[test]
    fn without_an_offer_there_is_no_answer() {
        assert_eq!(answer(&ServerPolicy::default(), &[]), "-");
        check(
            &ServerPolicy::default(),
            &[("x-other; a=1", "-"), ("", "400"), ("PMD;", "400"), ("x;=,PMD", "400")],
        );
    }

    #[test]
    fn a_server_that_can_everything_takes_what_is_offered() {
        check(
            &ServerPolicy::default(),
            &[
                ("PMD", "PMD"),
                ("Permessage-DEFLATE; Server_No_Context_Takeover", "PMD; server_no_context_takeover"),
                ("PMD; server_no_context_takeover", "PMD; server_no_context_takeover"),
                ("PMD; client_no_context_takeover", "PMD; client_no_context_takeover"),
                ("PMD; server_max_window_bits=15", "PMD; server_max_window_bits=15"),
                ("PMD; server_max_window_bits=8", "PMD; server_max_window_bits=8"),
                ("PMD; server_max_window_bits=\"10\"", "PMD; server_max_window_bits=10"),
                ("PMD; client_max_window_bits", "PMD"),
                ("PMD; client_max_window_bits=15", "PMD"),
                ("PMD; client_max_window_bits=9", "PMD; client_max_window_bits=9"),
                (
                    "PMD; client_max_window_bits; server_max_window_bits=12; server_no_context_takeover; client_no_context_takeover",
                    "PMD; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12",
                ),
            ],
        );
    }

    #[test]
    fn an_unknown_repeated_or_malformed_parameter_declines_its_offer_alone() {
        let wrong = [
            "unknown",
            "unknown=1",
            "server_no_context_takeover; server_no_context_takeover",
            "client_no_context_takeover; client_no_context_takeover",
            "server_max_window_bits=10; server_max_window_bits=10",
            "client_max_window_bits; client_max_window_bits=10",
            "server_no_context_takeover=1",
            "client_no_context_takeover=true",
            "server_max_window_bits",
            "server_max_window_bits=08",
            "server_max_window_bits=7",
            "server_max_window_bits=16",
            "server_max_window_bits=+9",
            "server_max_window_bits=9.0",
            "server_max_window_bits=150",
            "client_max_window_bits=08",
            "client_max_window_bits=7",
            "client_max_window_bits=16",
            "client_max_window_bits=+9",
            "client_max_window_bits=-9",
        ];
        for parameters in wrong {
            let offer = format!("PMD; {parameters}");
            let with_fallback = format!("{offer}, PMD; client_no_context_takeover");
            check(
                &ServerPolicy::default(),
                &[(&offer, "-"), (&with_fallback, "PMD; client_no_context_takeover")],
            );
        }
        // An empty value is against the header's grammar already.
        check(
            &ServerPolicy::default(),
            &[("PMD; server_max_window_bits=", "400"), ("PMD; client_max_window_bits=\"\"", "400")],
        );
    }

    #[test]
    fn the_first_offer_that_can_be_honoured_is_taken_once() {
        let policy = windows(9..=15);
        check(
            &policy,
            &[
                ("PMD, PMD; server_max_window_bits=10", "PMD"),
                ("PMD; server_max_window_bits=10, PMD", "PMD; server_max_window_bits=10"),
                ("PMD; server_max_window_bits=8, PMD", "PMD"),
                (
                    "x-other, PMD; server_max_window_bits=8, PMD; server_max_window_bits=9",
                    "PMD; server_max_window_bits=9",
                ),
            ],
        );
        assert_eq!(
            answer(&policy, &["permessage-deflate; server_max_window_bits=8", "permessage-deflate"]),
            "permessage-deflate"
        );
    }

    #[test]
    fn a_server_may_impose_and_ask_for_no_takeover() {
        let imposing = ServerPolicy { server_no_context_takeover: true, ..ServerPolicy::default() };
        let asking = ServerPolicy { client_no_context_takeover: true, ..ServerPolicy::default() };
        check(&imposing, &[("PMD", "PMD; server_no_context_takeover")]);
        check(&asking, &[("PMD", "PMD; client_no_context_takeover")]);
        let unable = able(Abilities {
            compressor_takeover: false,
            decompressor_takeover: false,
            ..Abilities::default()
        });
        check(&unable, &[("PMD", "PMD; server_no_context_takeover; client_no_context_takeover")]);
    }

    #[test]
    fn a_server_may_want_smaller_windows() {
        let policy = ServerPolicy {
            server_max_window_bits: 11,
            client_max_window_bits: 10,
            ..ServerPolicy::default()
        };
        check(
            &policy,
            &[
                // The server's own may be told unasked, the client's may not.
                ("PMD", "PMD; server_max_window_bits=11"),
                ("PMD; server_max_window_bits=9", "PMD; server_max_window_bits=9"),
                ("PMD; server_max_window_bits=12", "PMD; server_max_window_bits=11"),
                ("PMD; client_max_window_bits", "PMD; server_max_window_bits=11; client_max_window_bits=10"),
                ("PMD; client_max_window_bits=9", "PMD; server_max_window_bits=11; client_max_window_bits=9"),
            ],
        );
    }

    #[test]
    fn an_encoder_of_32_kib_windows_alone_declines_smaller_ones() {
        let policy = windows(15..=15);
        check(
            &policy,
            &[
                ("PMD; server_max_window_bits=14", "-"),
                ("PMD; server_max_window_bits=15", "PMD; server_max_window_bits=15"),
                ("PMD; server_max_window_bits=9, PMD", "PMD"),
            ],
        );
    }

    #[test]
    fn or_accepts_them_without_takeover_for_short_messages() {
        let can = Abilities {
            compressor_windows: 15..=15,
            small_windows_for_short_messages: true,
            ..Abilities::default()
        };
        let policy = able(can.clone());
        check(
            &policy,
            &[
                ("PMD", "PMD"),
                ("PMD; server_max_window_bits=15", "PMD; server_max_window_bits=15"),
                (
                    "PMD; server_max_window_bits=14",
                    "PMD; server_no_context_takeover; server_max_window_bits=14",
                ),
                (
                    "PMD; server_max_window_bits=8, PMD",
                    "PMD; server_no_context_takeover; server_max_window_bits=8",
                ),
            ],
        );
        let wishing = ServerPolicy { server_max_window_bits: 10, ..able(can) };
        check(&wishing, &[("PMD", "PMD; server_no_context_takeover; server_max_window_bits=10")]);
        // What the encoder can do by itself costs no takeover.
        let some = able(Abilities {
            compressor_windows: 10..=15,
            small_windows_for_short_messages: true,
            ..Abilities::default()
        });
        check(
            &some,
            &[
                ("PMD; server_max_window_bits=10", "PMD; server_max_window_bits=10"),
                (
                    "PMD; server_max_window_bits=9",
                    "PMD; server_no_context_takeover; server_max_window_bits=9",
                ),
            ],
        );
    }

    #[test]
    fn a_wish_for_less_than_the_encoder_can_do_is_no_reason_to_decline() {
        let policy = ServerPolicy { server_max_window_bits: 9, ..windows(11..=15) };
        check(
            &policy,
            &[
                ("PMD", "PMD; server_max_window_bits=11"),
                ("PMD; server_max_window_bits=12", "PMD; server_max_window_bits=11"),
                ("PMD; server_max_window_bits=10", "-"),
            ],
        );
    }

    #[test]
    fn profiles_keep_from_a_peer_what_it_does_not_take() {
        let wishing = |peer| ServerPolicy {
            server_no_context_takeover: true,
            client_no_context_takeover: true,
            server_max_window_bits: 11,
            client_max_window_bits: 8,
            peer,
            ..ServerPolicy::default()
        };
        let both = "PMD; server_no_context_takeover; client_no_context_takeover";
        let answer = |parameters: &str| format!("{both}; {parameters}");
        let full = "server_max_window_bits=11; client_max_window_bits=8";
        check(
            &wishing(Peer::Standard),
            &[
                ("PMD", &answer("server_max_window_bits=11")),
                ("PMD; client_max_window_bits", &answer(full)),
                ("PMD; client_max_window_bits; server_max_window_bits=12", &answer(full)),
            ],
        );
        check(
            &wishing(Peer::NoWindowBits),
            &[
                ("PMD", both),
                ("PMD; client_max_window_bits", &answer("client_max_window_bits=8")),
                ("PMD; client_max_window_bits; server_max_window_bits=12", &answer(full)),
            ],
        );
        check(
            &wishing(Peer::NothingUnasked),
            &[
                ("PMD", "PMD"),
                ("PMD; client_no_context_takeover", "PMD; client_no_context_takeover"),
                ("PMD; server_no_context_takeover", "PMD; server_no_context_takeover"),
                ("PMD; client_max_window_bits", "PMD; client_max_window_bits=8"),
                ("PMD; client_max_window_bits; server_max_window_bits=12", &format!("PMD; {full}")),
            ],
        );
        check(
            &wishing(Peer::NoWindowOf8Bits),
            &[
                (
                    "PMD; client_max_window_bits",
                    &answer("server_max_window_bits=11; client_max_window_bits=9"),
                ),
                // It brought that up itself.
                ("PMD; client_max_window_bits=8", &answer(full)),
                (
                    "PMD; server_max_window_bits=8",
                    "PMD; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=8",
                ),
            ],
        );
    }

    #[test]
    fn what_the_backends_need_is_never_kept_from_a_peer() {
        let forgetful = Abilities { decompressor_takeover: false, ..Abilities::default() };
        let unasked = ServerPolicy { peer: Peer::NothingUnasked, ..able(forgetful) };
        check(
            &unasked,
            &[
                ("PMD", "-"),
                (
                    "PMD; server_no_context_takeover, PMD; client_no_context_takeover",
                    "PMD; client_no_context_takeover",
                ),
            ],
        );
        let small = able(Abilities { decompressor_window: 12, ..Abilities::default() });
        for peer in [Peer::NoWindowBits, Peer::NothingUnasked] {
            let policy = ServerPolicy { peer, ..small.clone() };
            check(
                &policy,
                &[("PMD", "-"), ("PMD; client_max_window_bits", "PMD; client_max_window_bits=12")],
            );
        }
    }

    /// RFC 7692 sections 7.1.1.1 and 7.1.2.1: the server may do less than its answer allows.
    #[test]
    fn what_concerns_the_server_alone_is_done_without_a_word_to_a_peer_that_takes_none() {
        let silent = |peer, policy: &ServerPolicy, offer: &str| {
            let line = offer.replace("PMD", "permessage-deflate");
            let policy = ServerPolicy { peer, ..policy.clone() };
            let agreement = policy.answer([line.as_str()]).expect("well formed").expect("nothing hinders");
            let Direction { takeover, window_bits } = agreement.server_to_client();
            (agreement.to_string().replace("permessage-deflate", "PMD"), takeover, window_bits)
        };
        let unable = able(Abilities { compressor_takeover: false, ..windows(9..=12).can });
        let imposing = ServerPolicy {
            server_no_context_takeover: true,
            server_max_window_bits: 12,
            ..ServerPolicy::default()
        };
        for policy in [unable, imposing] {
            let does = |peer, offer, answer: &str| {
                assert_eq!(
                    silent(peer, &policy, offer),
                    (answer.to_owned(), false, 12),
                    "{offer} to {peer:?}"
                );
            };
            let (forgets, both) = (
                "PMD; server_no_context_takeover",
                "PMD; server_no_context_takeover; server_max_window_bits=12",
            );
            does(Peer::Standard, "PMD", both);
            does(Peer::NoWindowBits, "PMD", forgets);
            does(Peer::NothingUnasked, "PMD", "PMD");
            // What it brings up is answered.
            does(Peer::NothingUnasked, forgets, forgets);
            does(Peer::NothingUnasked, "PMD; server_max_window_bits=15", "PMD; server_max_window_bits=12");
            does(Peer::NothingUnasked, &format!("{forgets}; server_max_window_bits=13"), both);
        }
        // It is as good as told to those who hear all of it.
        let standard = ServerPolicy { server_no_context_takeover: true, ..windows(9..=12) };
        let agreement =
            standard.answer(["permessage-deflate"]).expect("well formed").expect("nothing hinders");
        assert_eq!(agreement.server_does, None);
        // Its messages have to fit a small window, which ends the takeover.
        let short = able(Abilities { small_windows_for_short_messages: true, ..windows(15..=15).can });
        let offer = "PMD; server_max_window_bits=10";
        assert_eq!(silent(Peer::NothingUnasked, &short, offer), (offer.to_owned(), false, 10));
        assert_eq!(silent(Peer::NothingUnasked, &short, "PMD"), ("PMD".to_owned(), true, 15));
    }

    #[test]
    fn an_inflater_of_small_windows_needs_a_client_that_limits_its_own() {
        let policy = able(Abilities { decompressor_window: 12, ..Abilities::default() });
        check(&policy, &[("PMD", "-"), ("PMD; client_max_window_bits", "PMD; client_max_window_bits=12")]);
    }

    #[test]
    fn every_answer_keeps_the_rules_for_every_offer() {
        let bits = || core::iter::once(None).chain((8..=15).map(Some));
        for (first, last) in (8..=15).flat_map(|first| (first..=15).map(move |last| (first, last))) {
            let policy = windows(first..=last);
            for (server, client) in bits().flat_map(|server| bits().map(move |client| (server, client))) {
                let offer = Offer {
                    server_max_window_bits: server,
                    client_max_window_bits: client,
                    ..Offer::default()
                };
                let Some(agreement) = policy.answer_to(&offer) else {
                    assert!(
                        server.is_some_and(|bits| bits < first),
                        "{offer} declined with {first}..={last}"
                    );
                    continue;
                };
                assert!(policy.can.compressor_windows.contains(&agreement.server_to_client().window_bits));
                assert!(
                    server.is_none_or(|bits| agreement.server_max_window_bits.is_some_and(|n| n <= bits))
                );
                assert!(
                    agreement.client_max_window_bits.is_none_or(|n| client.is_some_and(|bits| n <= bits))
                );
            }
        }
    }
}
