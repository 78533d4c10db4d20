use wscodec::compressors::{Backend, CompressionPolicy};

pub(crate) const USAGE: &str = "\
usage: echo_server [PORT] [options]

PORT                        where to listen on 127.0.0.1; 0, the default, picks a free port
--backend NAME              the DEFLATE backend; the first one compiled in by default
--level N                   its effort, 6 by default
--threshold BYTES           the shortest message that is compressed
--no-context-takeover       agree on no context takeover in either direction
--no-compression            decline permessage-deflate
--connections N             end after this many connections";

/// What the command line says.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) port: u16,
    /// `None` to decline permessage-deflate.
    pub(crate) backend: Option<Backend>,
    pub(crate) level: u8,
    pub(crate) threshold: Option<usize>,
    pub(crate) takeover: bool,
    pub(crate) connections: usize,
}

impl Options {
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            port: 0,
            backend: Backend::available().next(),
            level: 6,
            threshold: None,
            takeover: true,
            connections: usize::MAX,
        };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{argument} wants a value"));
            match argument.as_str() {
                "--backend" => options.backend = Some(backend(&value()?)?),
                "--level" => options.level = number(&argument, &value()?)?,
                "--threshold" => options.threshold = Some(number(&argument, &value()?)?),
                "--no-context-takeover" => options.takeover = false,
                "--no-compression" => options.backend = None,
                "--connections" => options.connections = number(&argument, &value()?)?,
                port if !port.starts_with('-') => options.port = number("PORT", port)?,
                unknown => return Err(format!("unknown option {unknown}")),
            }
        }
        Ok(options)
    }

    pub(crate) fn policy(&self) -> CompressionPolicy {
        let policy = CompressionPolicy::default();
        self.threshold.map_or(policy, |threshold| policy.threshold(threshold))
    }
}

fn backend(name: &str) -> Result<Backend, String> {
    Backend::from_name(name).ok_or_else(|| {
        let names: Vec<_> = Backend::available().map(Backend::name).collect();
        format!("no backend {name}; compiled in: {}", names.join(", "))
    })
}

fn number<N: std::str::FromStr>(name: &str, value: &str) -> Result<N, String> {
    value.parse().map_err(|_| format!("{name} wants a number in range, not {value}"))
}
