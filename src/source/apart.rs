//! Work on many files at once where a lock is held.

use std::thread;

/// What a function makes of each item, in their order. The threads are none of the pool's: one of those that waits takes up other work
/// meanwhile, which may wait for the very lock that it holds itself.
pub fn apart<T: Send, M: Send>(items: Vec<T>, make: impl Fn(T) -> M + Sync) -> Vec<M> {
    let threads = rayon::current_num_threads().min(items.len() / LEAST).max(1);
    if threads == 1 {
        return items.into_iter().map(make).collect();
    }
    let each = items.len().div_ceil(threads);
    let mut items = items.into_iter();
    let shares: Vec<Vec<T>> = (0..threads).map(|_| items.by_ref().take(each).collect()).collect();
    let make = &make;
    let work = |share: Vec<T>| share.into_iter().map(make).collect::<Vec<M>>();
    thread::scope(|scope| {
        let under_way: Vec<_> = shares.into_iter().map(|share| scope.spawn(move || work(share))).collect();
        let done = under_way.into_iter().map(thread::ScopedJoinHandle::join);
        done.flat_map(|made| made.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}

/// Items for which a thread is worth its start.
const LEAST: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_stands_in_the_order_of_the_items() {
        for count in [0, 1, LEAST, 10 * LEAST + 7] {
            let made = apart((0..count).collect(), |item| item * 2);
            assert_eq!(made, (0..count).map(|item| item * 2).collect::<Vec<_>>());
        }
    }
}
