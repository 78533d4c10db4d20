//! Captures of packets: what tcpdump, Wireshark and dumpcap write. Plain TCP; any file may be hostile.

mod packet;
mod tcp;
#[cfg(test)]
mod tests;
mod websocket;

use std::collections::BTreeMap;
use std::io::Read;

use pcap_parser::{Block, PcapBlockOwned, PcapError, create_reader};

use packet::Link;
use tcp::{Connections, Limits};
use websocket::Payload;

/// The messages of a capture.
#[derive(Debug)]
pub struct Capture {
    /// To the server, to the client; connection after connection.
    pub messages: [Direction; 2],
    /// What could not be used, in words, with counts.
    pub unused: Vec<String>,
}

/// The messages of one direction, but for empty ones.
#[derive(Debug)]
pub struct Direction {
    pub text: bool,
    pub list: Vec<&'static [u8]>,
}

/// Whether this is how captures begin.
pub fn begins_with(bytes: &[u8]) -> bool {
    let numbers = [0xa1b2_c3d4_u32, 0xa1b2_3c4d, 0xa1b2_cd34];
    let known = numbers.iter().flat_map(|number| [number.to_be_bytes(), number.to_le_bytes()]);
    known.chain([[0x0a, 0x0d, 0x0d, 0x0a]]).any(|start| bytes.starts_with(&start))
}

/// Reads a capture as far as it can be read.
pub fn read(file: impl Read + Send) -> Capture {
    let mut notes = Notes::default();
    let connections = packets(file, &mut notes);
    notes.add("TCP packets beyond what is kept", connections.dropped());
    let mut messages = [Vec::new(), Vec::new()];
    let mut left = MOST;
    for streams in connections.streams() {
        match websocket::read(&streams, left) {
            Ok(conversation) => {
                for (all, more) in messages.iter_mut().zip(conversation.messages) {
                    left = left.saturating_sub(more.iter().map(|payload| payload.bytes.len()).sum());
                    all.extend(more);
                }
                conversation.stopped.iter().for_each(|why| notes.add(&format!("directions {why}"), 1));
            }
            Err(why) => notes.add(&format!("connections {why}"), 1),
        }
    }
    let messages = messages.map(|payloads| direction(payloads, &mut notes));
    Capture {
        messages,
        unused: notes.0.into_iter().map(|(what, count)| format!("{what}: {count}")).collect(),
    }
}

fn direction(payloads: Vec<Payload>, notes: &mut Notes) -> Direction {
    let text = payloads.iter().all(|payload| payload.text);
    let all = payloads.len();
    let filled = payloads.into_iter().filter(|payload| !payload.bytes.is_empty());
    let list: Vec<&'static [u8]> = filled.map(|payload| &*payload.bytes.leak()).collect();
    // Of the file, as all that is noted.
    notes.add("empty messages, of both directions", all - list.len());
    Direction { text, list }
}

/// What was left out, and how often.
#[derive(Debug, Default)]
struct Notes(BTreeMap<String, usize>);

impl Notes {
    fn add(&mut self, what: &str, count: usize) {
        if count > 0 {
            *self.0.entry(what.to_owned()).or_default() += count;
        }
    }
}

/// Goes through the blocks of a file.
fn packets(file: impl Read + Send, notes: &mut Notes) -> Connections {
    let mut connections = Connections::new(Limits::default());
    let mut reader = match create_reader(BLOCK, file) {
        Ok(reader) => reader,
        Err(error) => {
            notes.add(&format!("files that are no capture ({})", reason(&error)), 1);
            return connections;
        }
    };
    let mut links = Links::default();
    loop {
        let before = reader.data().len();
        let exhausted = reader.reader_exhausted();
        match reader.next() {
            Ok((length, block)) => {
                links.take(&block, &mut connections, notes);
                reader.consume(length);
                continue;
            }
            Err(PcapError::Incomplete(_) | PcapError::Eof | PcapError::UnexpectedEof) if !exhausted => {}
            // It ends between two blocks.
            Err(_) if before == 0 => break,
            Err(error) => {
                notes.add(&format!("files cut short or damaged ({}), read until there", reason(&error)), 1);
                break;
            }
        }
        if reader.refill().is_err() || (reader.data().len() == before && !reader.reader_exhausted()) {
            notes.add("files cut short or damaged (can't go on), read until there", 1);
            break;
        }
    }
    connections
}

/// What stands before packets, by interface.
#[derive(Default)]
struct Links(Vec<i32>);

impl Links {
    fn take(&mut self, block: &PcapBlockOwned<'_>, connections: &mut Connections, notes: &mut Notes) {
        match block {
            PcapBlockOwned::LegacyHeader(header) => self.0 = vec![header.network.0],
            PcapBlockOwned::NG(Block::SectionHeader(_)) => self.0.clear(),
            PcapBlockOwned::NG(Block::InterfaceDescription(interface)) => self.0.push(interface.linktype.0),
            PcapBlockOwned::Legacy(packet) => self.packet(0, packet.data, packet.origlen, connections, notes),
            PcapBlockOwned::NG(Block::EnhancedPacket(packet)) => {
                // Padding follows.
                let data = &packet.data[..packet.data.len().min(packet.caplen as usize)];
                self.packet(packet.if_id as usize, data, packet.origlen, connections, notes);
            }
            PcapBlockOwned::NG(Block::SimplePacket(packet)) => {
                let data = &packet.data[..packet.data.len().min(packet.origlen as usize)];
                self.packet(0, data, packet.origlen, connections, notes);
            }
            PcapBlockOwned::NG(_) => {}
        }
    }

    fn packet(
        &self,
        interface: usize,
        data: &[u8],
        length: u32,
        connections: &mut Connections,
        notes: &mut Notes,
    ) {
        let Some(&number) = self.0.get(interface) else {
            return notes.add("packets of an interface that the file does not describe", 1);
        };
        let Some(link) = Link::from_number(number) else {
            return notes.add(&format!("packets of link type {number}, which is not known here"), 1);
        };
        if data.len() < length as usize {
            notes.add("packets captured in part (capture with a larger snapshot length)", 1);
        }
        match link.segment(data) {
            Some(segment) => connections.push(&segment),
            None => notes.add("packets that are not TCP over IP", 1),
        }
    }
}

fn reason<I>(error: &PcapError<I>) -> &'static str {
    match error {
        PcapError::BufferTooSmall => "a block claims more than a megabyte",
        PcapError::Eof | PcapError::UnexpectedEof | PcapError::Incomplete(_) => "it ends within a block",
        PcapError::ReadError => "it can't be read",
        PcapError::HeaderNotRecognized => "its start is neither pcap's nor pcapng's",
        PcapError::NomError(..) | PcapError::OwnedNomError(..) => "a block contradicts itself",
    }
}

/// The longest block.
const BLOCK: usize = 1 << 20;
/// Bytes of messages that are taken.
const MOST: usize = 256 << 20;
