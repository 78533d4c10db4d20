//! From a captured packet to a piece of a TCP stream.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use etherparse::{EtherType, LaxNetSlice, LaxSlicedPacket, TransportSlice};

/// A piece of one direction of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment<'a> {
    pub from: SocketAddr,
    pub to: SocketAddr,
    /// Of the first byte of the payload, or of the SYN before it.
    pub sequence: u32,
    pub syn: bool,
    pub payload: &'a [u8],
}

/// What stands before the IP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// The address family in four bytes: loopback of BSD and macOS.
    Null,
    Ethernet,
    /// Nothing.
    Raw,
    /// What Linux puts before packets of all its interfaces, in its two versions.
    LinuxSll,
    LinuxSll2,
}

impl Link {
    /// The numbers of <https://www.tcpdump.org/linktypes.html>, and those that some systems write for raw packets.
    pub fn from_number(number: i32) -> Option<Self> {
        Some(match number {
            0 | 108 => Self::Null,
            1 => Self::Ethernet,
            12 | 14 | 101 | 228 | 229 => Self::Raw,
            113 => Self::LinuxSll,
            276 => Self::LinuxSll2,
            _ => return None,
        })
    }

    /// The TCP segment of a packet, if it is one.
    pub fn segment(self, packet: &[u8]) -> Option<Segment<'_>> {
        let typed = |place: usize, header: usize| {
            let number = packet.get(place..place + 2)?.first_chunk::<2>()?;
            Some(LaxSlicedPacket::from_ether_type(
                EtherType(u16::from_be_bytes(*number)),
                packet.get(header..)?,
            ))
        };
        let sliced = match self {
            Self::Null => LaxSlicedPacket::from_ip(packet.get(4..)?).ok()?,
            Self::Ethernet => LaxSlicedPacket::from_ethernet(packet).ok()?,
            Self::Raw => LaxSlicedPacket::from_ip(packet).ok()?,
            Self::LinuxSll => typed(14, 16)?,
            Self::LinuxSll2 => typed(0, 20)?,
        };
        let (from, to): (IpAddr, IpAddr) = match sliced.net? {
            LaxNetSlice::Ipv4(ip) => {
                let header = ip.header();
                (Ipv4Addr::from(header.source()).into(), Ipv4Addr::from(header.destination()).into())
            }
            LaxNetSlice::Ipv6(ip) => {
                let header = ip.header();
                (Ipv6Addr::from(header.source()).into(), Ipv6Addr::from(header.destination()).into())
            }
            LaxNetSlice::Arp(_) => return None,
        };
        let Some(TransportSlice::Tcp(tcp)) = sliced.transport else { return None };
        Some(Segment {
            from: SocketAddr::new(from, tcp.source_port()),
            to: SocketAddr::new(to, tcp.destination_port()),
            sequence: tcp.sequence_number(),
            syn: tcp.syn(),
            payload: tcp.payload(),
        })
    }
}
