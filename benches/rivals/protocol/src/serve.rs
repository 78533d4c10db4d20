use std::error::Error;
use std::hint::black_box;
use std::io::{self, BufReader, BufWriter, Write};

use crate::clock::Moment;
use crate::{Reply, Request, Setup};

/// Someone's codec, one direction of a connection.
pub trait Codec: Sized {
    /// A codec for this task, at its start.
    ///
    /// # Errors
    /// It can't do that.
    fn new(setup: Setup) -> Result<Self, Box<dyn Error>>;

    /// What really runs, asked of itself where it can be.
    fn engine(&self) -> String;

    /// Forgets the messages so far.
    ///
    /// # Errors
    /// It can't.
    fn reset(&mut self) -> Result<(), Box<dyn Error>>;

    /// Does it for one message or payload, and hands out what it comes to. A message that comes to itself is to be sent plain.
    ///
    /// # Errors
    /// It can't be done.
    fn run<T>(
        &mut self,
        input: &'static [u8],
        hand_out: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, Box<dyn Error>>;
}

/// The whole program of a rival.
///
/// # Errors
/// `compare` is gone, or talks another protocol.
pub fn serve<C: Codec>() -> io::Result<()> {
    let (mut requests, mut replies) =
        (BufReader::new(io::stdin().lock()), BufWriter::new(io::stdout().lock()));
    let mut task: Option<Task<C>> = None;
    while let Some(request) = Request::read(&mut requests)? {
        let reply = match request {
            Request::SetUp(setup, inputs) => Task::start(setup, inputs).map(|(started, reply)| {
                task = Some(started);
                reply
            }),
            Request::Pass(count) => {
                task.as_mut().ok_or("nothing to do".into()).and_then(|task| task.time(count))
            }
        };
        reply.unwrap_or_else(|error| Reply::Failed(error.to_string())).write(&mut replies)?;
        replies.flush()?;
    }
    Ok(())
}

struct Task<C> {
    codec: C,
    /// They live as long as the program, so that codecs that own what they are given need not copy it.
    inputs: Vec<&'static [u8]>,
}

impl<C: Codec> Task<C> {
    fn start(setup: Setup, inputs: Vec<Vec<u8>>) -> Result<(Self, Reply), Box<dyn Error>> {
        let mut codec = C::new(setup)?;
        let inputs: Vec<&'static [u8]> = inputs.into_iter().map(|input| &*input.leak()).collect();
        let outputs =
            inputs.iter().map(|input| codec.run(input, <[u8]>::to_vec)).collect::<Result<_, _>>()?;
        let engine = codec.engine();
        Ok((Self { codec, inputs }, Reply::Done { engine, outputs }))
    }

    fn time(&mut self, passes: u32) -> Result<Reply, Box<dyn Error>> {
        let start = Moment::now();
        for _ in 0..passes {
            self.codec.reset()?;
            for input in &self.inputs {
                self.codec.run(input, |output| _ = black_box(output))?;
            }
        }
        Ok(Reply::Took(start.elapsed()))
    }
}
