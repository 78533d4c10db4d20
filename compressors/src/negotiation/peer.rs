use super::MIN_WINDOW_BITS;

/// A profile of what the other end takes, where that is less than RFC 7692 says. It comes before a policy's wishes, never
/// before what its backends can't do without.
///
/// ```
/// use wscodec_compressors::negotiation::{ClientPolicy, Peer, ServerPolicy};
///
/// let client = ClientPolicy { server_max_window_bits: 10, peer: Peer::NoWindowBits, ..ClientPolicy::default() };
/// assert_eq!(client.header(), "permessage-deflate");
///
/// let server = ServerPolicy { client_no_context_takeover: true, peer: Peer::NothingUnasked, ..ServerPolicy::default() };
/// let agreement = server.answer(["permessage-deflate"])?.expect("nothing hinders");
/// assert_eq!(agreement.to_string(), "permessage-deflate");
/// # Ok::<(), wscodec_compressors::negotiation::MalformedHeader>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Peer {
    /// Takes whatever the RFC allows.
    #[default]
    Standard,
    /// Refuses the handshake at the sight of a window parameter that it did not bring up: no offer has one, and an answer only
    /// where the offer has it.
    ///
    /// Seen in servers ([boostorg/beast#2671](https://github.com/boostorg/beast/issues/2671),
    /// [ninenines/gun#371](https://github.com/ninenines/gun/issues/371)), and for `server_max_window_bits` in clients: Firefox
    /// until 2015 ([faye/permessage-deflate-ruby#1](https://github.com/faye/permessage-deflate-ruby/pull/1)),
    /// [coder/websocket#351](https://github.com/coder/websocket/issues/351).
    NoWindowBits,
    /// A client that fails at any parameter that it did not offer, or agrees and does not do it: an answer carries none, and an
    /// offer is declined if the decompressor needs one. What concerns the server alone it does in silence. In a client's own policy it
    /// keeps window parameters out of offers, as [`NoWindowBits`](Self::NoWindowBits) does.
    ///
    /// Seen: Safari 15 goes on with its history where the server asked for `client_no_context_takeover`
    /// ([uNetworking/uWebSockets#1347](https://github.com/uNetworking/uWebSockets/issues/1347)); Netty until 2021 fails at
    /// `server_no_context_takeover` ([netty/netty#11413](https://github.com/netty/netty/pull/11413)).
    NothingUnasked,
    /// Can't compress with a window of 8 bits, and fails when asked to: 9 is the smallest that is asked of it.
    ///
    /// So do programs that hand the 8 on to zlib ([madler/zlib#171](https://github.com/madler/zlib/issues/171)): a server of
    /// Python's `websockets` answers with status 500
    /// ([python-websockets/websockets#1757](https://github.com/python-websockets/websockets/pull/1757)), Bun's client closes
    /// with 1011 ([oven-sh/bun#38632](https://github.com/oven-sh/bun/pull/38632)).
    NoWindowOf8Bits,
}

impl Peer {
    /// Whether window parameters may be brought up to it.
    pub(super) fn takes_window_bits(self) -> bool {
        !matches!(self, Self::NoWindowBits | Self::NothingUnasked)
    }

    /// Whether an answer to it may ask for what was not offered.
    pub(super) fn takes_unasked(self) -> bool {
        self != Self::NothingUnasked
    }

    /// The smallest window that it can be asked to compress with.
    pub(super) fn smallest_window(self) -> u8 {
        MIN_WINDOW_BITS + u8::from(self == Self::NoWindowOf8Bits)
    }
}
