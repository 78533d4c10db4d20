//! What is built once for each key, by whoever needs it first.

use std::sync::OnceLock;

/// A list that only grows. Who finds a key there takes no lock: that is a load for each entry up to it, and there are few.
#[derive(Debug)]
pub(super) struct Variants<K, V>(OnceLock<Box<Entry<K, V>>>);

#[derive(Debug)]
struct Entry<K, V> {
    key: K,
    value: OnceLock<V>,
    others: Variants<K, V>,
}

impl<K: Copy + PartialEq, V> Variants<K, V> {
    pub(super) const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// The value of a key, built if there is none. Who wants it meanwhile waits for it, who wants another doesn't.
    #[inline]
    pub(super) fn value_or_build(&self, key: K, build: impl FnOnce() -> V) -> &V {
        let mut variants = self;
        while let Some(entry) = variants.0.get() {
            if entry.key == key {
                return entry.value.get_or_init(build);
            }
            variants = &entry.others;
        }
        variants.add(key, build)
    }

    /// The values that are built.
    pub(super) fn values(&self) -> impl Iterator<Item = &V> {
        core::iter::successors(self.0.get(), |entry| entry.others.0.get())
            .filter_map(|entry| entry.value.get())
    }

    /// Somebody else may add one at the same time, with the same key or with another.
    #[cold]
    fn add(&self, key: K, build: impl FnOnce() -> V) -> &V {
        let mut variants = self;
        loop {
            let empty = || Box::new(Entry { key, value: OnceLock::new(), others: Self::new() });
            let entry = variants.0.get_or_init(empty);
            if entry.key == key {
                return entry.value.get_or_init(build);
            }
            variants = &entry.others;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn built_once_for_each_key_by_senders_who_come_at_the_same_time() {
        const SENDERS: usize = 8;
        for _ in 0..200 {
            let (variants, built) = (Variants::new(), [const { AtomicUsize::new(0) }; 3]);
            let start = Barrier::new(SENDERS);
            let send = |sender: usize| {
                start.wait();
                let key = sender % built.len();
                let value = variants.value_or_build(key, || {
                    built[key].fetch_add(1, Ordering::SeqCst);
                    // The others come meanwhile.
                    thread::yield_now();
                    key * 10
                });
                assert_eq!(*value, key * 10);
                core::ptr::from_ref(value) as usize
            };
            let places: Vec<usize> = thread::scope(|scope| {
                let senders: Vec<_> = (0..SENDERS).map(|sender| scope.spawn(move || send(sender))).collect();
                senders.into_iter().map(|sender| sender.join().unwrap()).collect()
            });
            assert!(built.iter().all(|count| count.load(Ordering::SeqCst) == 1));
            assert!(places.iter().enumerate().all(|(sender, place)| *place == places[sender % built.len()]));
            assert_eq!(variants.values().count(), built.len());
        }
    }

    #[test]
    fn a_failure_is_kept_and_every_caller_gets_it() {
        let variants = Variants::<u8, Result<u8, &str>>::new();
        for _ in 0..3 {
            assert_eq!(variants.value_or_build(1, || Err("failed")), &Err("failed"));
            assert_eq!(variants.value_or_build(2, || Ok(2)), &Ok(2));
            // What came first stays.
            assert_eq!(variants.value_or_build(1, || Ok(1)), &Err("failed"));
        }
    }

    #[test]
    fn who_panics_leaves_the_key_to_the_next() {
        let variants = Variants::new();
        let panicked = thread::scope(|scope| {
            scope.spawn(|| *variants.value_or_build(1, || panic!("a test's"))).join().is_err()
        });
        assert!(panicked);
        assert_eq!(variants.values().count(), 0);
        assert_eq!(*variants.value_or_build(1, || 7), 7);
    }
}
