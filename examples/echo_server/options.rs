use crate::common::arguments::Arguments;
use crate::common::compression::{self, Compression};

pub(crate) fn usage() -> String {
    format!(
        "\
usage: echo_server [PORT] [options]

PORT                        where to listen on 127.0.0.1; 0, the default, picks a free port
{}
--mixed                     echo in fragments, compressed, plain, and ping in between, by the message's number
--connections N             end after this many connections",
        compression::USAGE
    )
}

/// What the command line says.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) port: u16,
    pub(crate) compression: Compression,
    pub(crate) mixed: bool,
    pub(crate) connections: usize,
}

impl Options {
    pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options =
            Self { port: 0, compression: Compression::default(), mixed: false, connections: usize::MAX };
        let mut arguments = Arguments::new(arguments);
        while let Some(argument) = arguments.next() {
            if options.compression.take(&argument, &mut arguments)? {
                continue;
            }
            match argument.as_str() {
                "--mixed" => options.mixed = true,
                "--connections" => options.connections = arguments.number()?,
                port if !port.starts_with('-') => {
                    options.port =
                        port.parse().map_err(|_| format!("PORT wants a number in range, not {port}"))?;
                }
                unknown => return Err(format!("unknown option {unknown}")),
            }
        }
        Ok(options)
    }
}
