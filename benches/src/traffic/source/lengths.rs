//! Messages behind their lengths.
//!
//! ```text
//! 00 00 00 05  H e l l o  00 00 00 02  O K
//! |- 5, u32 -|            |- 2, u32 -|
//! ```

/// The messages, and what could not be used, in words. Takes no memory for what a length merely claims.
pub fn split(mut bytes: &[u8]) -> (Vec<&[u8]>, Vec<String>) {
    let (mut messages, mut unused) = (Vec::new(), Vec::new());
    let mut empty = 0_usize;
    while let Some((length, rest)) = bytes.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length);
        let Some((message, rest)) = rest.split_at_checked(length as usize) else {
            unused.push(format!(
                "the last length says {length} bytes, and {} are left: they were not used",
                rest.len()
            ));
            bytes = &[];
            break;
        };
        bytes = rest;
        if message.is_empty() {
            empty += 1;
        } else {
            messages.push(message);
        }
    }
    if !bytes.is_empty() {
        unused.push(format!("{} bytes at the end are no whole length", bytes.len()));
    }
    if empty > 0 {
        unused.push(format!("empty messages: {empty}"));
    }
    (messages, unused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_any_cut_loses_the_end_alone() {
        let mut rng = fastrand::Rng::with_seed(3);
        for _ in 0..50 {
            let messages: Vec<Vec<u8>> =
                (0..rng.usize(0..8)).map(|_| vec![rng.u8(..); rng.usize(0..40)]).collect();
            let mut bytes = Vec::new();
            let mut ends = vec![0];
            for message in &messages {
                bytes.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
                bytes.extend(message);
                ends.push(bytes.len());
            }
            for cut in 0..=bytes.len() {
                let whole = ends.iter().filter(|&&end| end <= cut).count() - 1;
                let (found, unused) = split(&bytes[..cut]);
                let expected: Vec<&[u8]> = messages[..whole]
                    .iter()
                    .map(Vec::as_slice)
                    .filter(|message| !message.is_empty())
                    .collect();
                assert_eq!(found, expected);
                let empty = messages[..whole].iter().any(Vec::is_empty);
                assert_eq!(unused.is_empty(), ends.contains(&cut) && !empty, "{unused:?}");
            }
        }
    }

    #[test]
    fn a_huge_claim_is_no_message() {
        let (messages, unused) = split(b"\0\0\0\x01a\xff\xff\xff\xffabc");
        assert_eq!(messages, [b"a"]);
        assert_eq!(unused, ["the last length says 4294967295 bytes, and 3 are left: they were not used"]);
    }
}
