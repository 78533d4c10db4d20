use std::error::Error;
use std::hint::black_box;
use std::io::{self, BufReader, BufWriter, Write};
use std::time::Duration;

use crate::clock::Moment;
use crate::{Conversation, Reply, Request, Setup};

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

/// Someone's connections with the same conversation on each.
pub trait Conversing {
    /// Lets them converse; the echoes.
    ///
    /// # Errors
    /// There are none, or not the same ones on every connection.
    fn echoes(&mut self) -> Result<Vec<Vec<u8>>, Box<dyn Error>>;

    /// Lets them converse once.
    ///
    /// # Errors
    /// Echoes are missing.
    fn pass(&mut self) -> Result<(), Box<dyn Error>>;

    /// What really runs, asked of itself where it can be.
    fn engine(&self) -> String;
}

/// What opens a conversation with these texts.
pub type Converse = fn(Conversation, &'static [&'static str]) -> Result<Box<dyn Conversing>, Box<dyn Error>>;

/// For a rival whose connections do not take part.
///
/// # Errors
/// Always.
pub fn converse_nowhere(
    _: Conversation,
    _: &'static [&'static str],
) -> Result<Box<dyn Conversing>, Box<dyn Error>> {
    Err("it has no connections here".into())
}

/// How long so many passes take.
///
/// # Errors
/// Those of a pass.
pub fn timed(
    passes: u32,
    mut pass: impl FnMut() -> Result<(), Box<dyn Error>>,
) -> Result<Duration, Box<dyn Error>> {
    let start = Moment::now();
    for _ in 0..passes {
        pass()?;
    }
    Ok(start.elapsed())
}

/// The whole program of a rival.
///
/// # Errors
/// `compare` is gone, or talks another protocol.
pub fn serve<C: Codec>(converse: Converse) -> io::Result<()> {
    let (mut requests, mut replies) =
        (BufReader::new(io::stdin().lock()), BufWriter::new(io::stdout().lock()));
    let mut task: Option<Task<C>> = None;
    while let Some(request) = Request::read(&mut requests)? {
        let started = match request {
            Request::SetUp(setup, inputs) => Task::code(setup, inputs),
            Request::Converse(how, texts) => Task::talk(converse, how, texts),
            Request::Pass(count) => {
                let took = task.as_mut().ok_or("nothing to do".into()).and_then(|task| task.time(count));
                answer(took.map(Reply::Took), &mut replies)?;
                continue;
            }
        };
        let reply = started.map(|(started, reply)| {
            task = Some(started);
            reply
        });
        answer(reply, &mut replies)?;
    }
    Ok(())
}

fn answer(reply: Result<Reply, Box<dyn Error>>, replies: &mut impl Write) -> io::Result<()> {
    reply.unwrap_or_else(|error| Reply::Failed(error.to_string())).write(replies)?;
    replies.flush()
}

enum Task<C> {
    /// The inputs live as long as the program, so that codecs that own what they are given need not copy it.
    Code(C, Vec<&'static [u8]>),
    Talk(Box<dyn Conversing>),
}

impl<C: Codec> Task<C> {
    fn code(setup: Setup, inputs: Vec<Vec<u8>>) -> Result<(Self, Reply), Box<dyn Error>> {
        let mut codec = C::new(setup)?;
        let inputs: Vec<&'static [u8]> = inputs.into_iter().map(|input| &*input.leak()).collect();
        let outputs =
            inputs.iter().map(|input| codec.run(input, <[u8]>::to_vec)).collect::<Result<_, _>>()?;
        let engine = codec.engine();
        Ok((Self::Code(codec, inputs), Reply::Done { engine, outputs }))
    }

    fn talk(
        converse: Converse,
        how: Conversation,
        texts: Vec<Vec<u8>>,
    ) -> Result<(Self, Reply), Box<dyn Error>> {
        let texts = texts.into_iter().map(|text| Ok(&*String::from_utf8(text)?.leak()));
        let texts = texts.collect::<Result<Vec<&'static str>, Box<dyn Error>>>()?;
        let mut conversing = converse(how, texts.leak())?;
        let outputs = conversing.echoes()?;
        let engine = conversing.engine();
        Ok((Self::Talk(conversing), Reply::Done { engine, outputs }))
    }

    fn time(&mut self, passes: u32) -> Result<Duration, Box<dyn Error>> {
        match self {
            Self::Code(codec, inputs) => timed(passes, || {
                codec.reset()?;
                inputs.iter().try_for_each(|input| codec.run(input, |output| _ = black_box(output)))
            }),
            Self::Talk(conversing) => timed(passes, || conversing.pass()),
        }
    }
}
