//! The messages to compress, and which of them a bar is about.

use crate::input::Messages;

/// The sizes of JSON messages that the bars tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Chat, quotes: 100 to 400 B.
    Small,
    /// Lists, states: 4 to 64 KB.
    Large,
}

impl Class {
    pub const ALL: [Self; 2] = [Self::Small, Self::Large];

    /// What a corpus' messages of the class are called, behind the corpus' name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Small => "100-400 B",
            Self::Large => "4-64 KB",
        }
    }

    /// The messages of the class that are generated.
    pub const fn generated(self) -> [&'static str; 2] {
        match self {
            Self::Small => ["ticker", "multilingual chat"],
            Self::Large => ["order book", "state 64 KB"],
        }
    }

    /// That of messages of this name.
    pub fn of(name: &str) -> Option<Self> {
        let is_recorded =
            |class: &Self| name.strip_suffix(class.name()).is_some_and(|corpus| corpus.ends_with(' '));
        Self::ALL.into_iter().find(|class| class.generated().contains(&name) || is_recorded(class))
    }

    const fn holds(self, length: usize) -> bool {
        match self {
            Self::Small => length >= 100 && length <= 400,
            Self::Large => length >= 4_000 && length <= 65_536,
        }
    }
}

/// The messages of each class that a corpus has.
pub fn classes(corpus: &Messages) -> impl Iterator<Item = Messages> {
    Class::ALL.into_iter().filter_map(|class| {
        let list: Vec<_> = corpus.list.iter().copied().filter(|message| class.holds(message.len())).collect();
        let name = format!("{} {}", corpus.name, class.name());
        (!list.is_empty()).then_some(Messages { name, text: corpus.text, list })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::{Size, generate};

    #[test]
    fn a_corpus_is_taken_apart_by_class() {
        let messages = |name: &str, list: &[&'static [u8]]| Messages {
            name: name.to_owned(),
            text: true,
            list: list.to_vec(),
        };
        let (tiny, small, large): (&[u8], &[u8], &[u8]) = (&[b'a'; 99], &[b'a'; 100], &[b'a'; 4_000]);
        let corpus = messages("mine", &[tiny, small, large]);
        let found: Vec<_> = classes(&corpus).collect();
        assert_eq!(found, [messages("mine 100-400 B", &[small]), messages("mine 4-64 KB", &[large])]);
        assert_eq!(classes(&messages("tiny", &[tiny])).count(), 0);
        assert_eq!(Class::of("mine 100-400 B"), Some(Class::Small));
        assert_eq!((Class::of("mine"), Class::of("100-400 B")), (None, None));
    }

    #[test]
    fn generated_messages_have_the_size_of_their_class() {
        for messages in generate(Size::QUICK) {
            let range = match Class::of(&messages.name) {
                Some(Class::Small) => 100..=400,
                // The order book is a little short, the state a little long.
                Some(Class::Large) => 3_500..=68_000,
                None => continue,
            };
            assert!(range.contains(&messages.mean()), "{}: {}", messages.name, messages.mean());
        }
    }
}
