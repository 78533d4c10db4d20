use crate::common::arguments::Arguments;
use crate::common::compression::{self, Compression};

pub(crate) fn usage() -> String {
    format!(
        "\
usage: echo_client ADDRESS [options]

ADDRESS                     where the echo server is, as in 127.0.0.1:9001
{}
--mixed                     send in fragments, compressed, plain, and ping in between, by the message's number
--messages N                how many messages to send, 1000 by default
--seed N                    which ones",
        compression::USAGE
    )
}

/// What the command line says.
#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(crate) address: String,
    pub(crate) compression: Compression,
    pub(crate) mixed: bool,
    pub(crate) messages: usize,
    pub(crate) seed: u64,
}

impl Options {
    pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self { messages: 1000, ..Self::default() };
        let mut arguments = Arguments::new(arguments);
        while let Some(argument) = arguments.next() {
            if options.compression.take(&argument, &mut arguments)? {
                continue;
            }
            match argument.as_str() {
                "--mixed" => options.mixed = true,
                "--messages" => options.messages = arguments.number()?,
                "--seed" => options.seed = arguments.number()?,
                address if !address.starts_with('-') => options.address = argument,
                unknown => return Err(format!("unknown option {unknown}")),
            }
        }
        if options.address.is_empty() { Err("an ADDRESS is missing".into()) } else { Ok(options) }
    }
}
