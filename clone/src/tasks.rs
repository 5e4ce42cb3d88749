//! Doing the same with many nodes at once, on one thread.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

/// Runs all futures at once and returns their results in the same order, when the last has ended.
pub async fn join_all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut slots: Vec<_> = futures.into_iter().map(|future| Slot::Running(Box::pin(future))).collect();
    poll_fn(|context| if poll_each(&mut slots, context) { Poll::Ready(()) } else { Poll::Pending }).await;
    slots.into_iter().filter_map(Slot::into_result).collect()
}

/// Runs all futures at once and returns their values in the same order, or the first error as soon as there is one; the
/// others are dropped then.
///
/// # Errors
/// That of the first future that fails.
pub async fn try_join_all<F, T, E>(futures: impl IntoIterator<Item = F>) -> Result<Vec<T>, E>
where
    F: Future<Output = Result<T, E>>,
{
    let mut slots: Vec<_> = futures.into_iter().map(|future| Slot::Running(Box::pin(future))).collect();
    poll_fn(|context| {
        let all = poll_each(&mut slots, context);
        let failed = slots.iter().any(|slot| matches!(slot, Slot::Ended(Err(_))));
        if all || failed { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    // Some are missing only if one has failed, and then this is its error.
    slots.into_iter().filter_map(Slot::into_result).collect()
}

/// Polls all that still run; says whether none does any more.
fn poll_each<F: Future>(slots: &mut [Slot<F>], context: &mut Context<'_>) -> bool {
    slots.iter_mut().map(|slot| slot.poll(context)).filter(|ended| !ended).count() == 0
}

/// A future, and then its result.
enum Slot<F: Future> {
    Running(Pin<Box<F>>),
    Ended(F::Output),
}

impl<F: Future> Slot<F> {
    /// Polls it unless it has ended; says whether it has.
    fn poll(&mut self, context: &mut Context<'_>) -> bool {
        if let Self::Running(future) = self
            && let Poll::Ready(result) = future.as_mut().poll(context)
        {
            *self = Self::Ended(result);
        }
        matches!(self, Self::Ended(_))
    }

    fn into_result(self) -> Option<F::Output> {
        match self {
            Self::Running(_) => None,
            Self::Ended(result) => Some(result),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::pending;

    use super::*;

    type Attempt = Pin<Box<dyn Future<Output = Result<u32, &'static str>>>>;

    #[tokio::test]
    async fn results_keep_their_order_while_the_work_overlaps() {
        let turn = Cell::new(3);
        let count = |number: u32| {
            let turn = &turn;
            async move {
                // Ends in the reverse order: only possible if all of them run.
                while turn.get() != number {
                    tokio::task::yield_now().await;
                }
                turn.set(number - 1);
                number
            }
        };
        assert_eq!(join_all([1, 2, 3].map(count)).await, [1, 2, 3]);
    }

    #[tokio::test]
    async fn the_first_error_ends_the_others() {
        let futures: [Attempt; 3] = [Box::pin(pending()), Box::pin(async { Err("broken") }), Box::pin(async { Ok(1) })];
        assert_eq!(try_join_all(futures).await, Err("broken"));
        let good: [Attempt; 1] = [Box::pin(async { Ok(1) })];
        assert_eq!(try_join_all(good).await, Ok(vec![1]));
    }
}
