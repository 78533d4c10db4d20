//! What happened on a connection, in one line.

use std::fmt;

use wscodec::compressors::negotiation::Agreement;

use super::sending::Sending;

#[derive(Debug)]
pub(crate) struct Report {
    agreement: Option<Agreement>,
    /// Data messages sent, which is also how many came.
    messages: usize,
    /// How many came compressed, and how many went.
    inflated: u64,
    deflated: u64,
    /// How many went in fragments.
    fragmented: usize,
    pings: usize,
    pongs: usize,
}

impl Report {
    /// `inflated` messages came compressed, and `deflated` went.
    pub(crate) fn new(
        agreement: Option<Agreement>,
        sending: &Sending,
        (inflated, deflated): (u64, u64),
        pongs: usize,
    ) -> Self {
        let Sending { messages, fragmented, pings, .. } = *sending;
        Self { agreement, messages, inflated, deflated, fragmented, pings, pongs }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.agreement {
            Some(agreement) => write!(f, "[{agreement}]")?,
            None => f.write_str("[]")?,
        }
        let Self { messages, inflated, deflated, fragmented, pings, pongs, .. } = self;
        write!(
            f,
            " messages={messages} inflated={inflated} deflated={deflated} fragmented={fragmented} \
             pings={pings} pongs={pongs}"
        )
    }
}
