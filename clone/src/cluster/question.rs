//! One question that many wait for an answer to.
//!
//! The host asks at its own speed; but the answer costs the API server time, which an emulated one has little of. So the
//! question is asked once at a time, whoever waits shares the answer, and the pause before the next time is as long as the
//! last answer took.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

/// The pauses between two questions, at least and at most.
pub const PAUSE: (Duration, Duration) = (Duration::from_millis(300), Duration::from_secs(3));

/// A question whose answer is a `T`.
#[derive(Debug)]
pub struct Question<T> {
    latest: RefCell<Option<Rc<T>>>,
    /// How often it was asked.
    asked: Cell<u64>,
    /// Held by whoever asks.
    turn: Mutex<()>,
}

impl<T> Default for Question<T> {
    fn default() -> Self {
        Self { latest: RefCell::default(), asked: Cell::default(), turn: Mutex::default() }
    }
}

impl<T> Question<T> {
    /// Waits until `found` finds what it looks for in the answer to a question that was asked from now on, and returns
    /// that. What it says instead goes to `so_far`, and so does what goes wrong: an API server that is just being started
    /// again answers the next question.
    pub async fn until<V>(
        &self,
        ask: impl AsyncFn() -> Result<T, kiln_tool::Error>,
        found: impl Fn(&T) -> Result<V, String>,
        so_far: impl Fn(String),
    ) -> V {
        let mut known = self.asked.get();
        let mut pause = Duration::ZERO;
        loop {
            let turn = self.turn.lock().await;
            if self.asked.get() == known {
                sleep(pause).await;
                let begin = Instant::now();
                let answer = ask().await.inspect_err(|error| so_far(format!("the API does not answer: {error}")));
                self.latest.replace(answer.ok().map(Rc::new));
                pause = begin.elapsed().clamp(PAUSE.0, PAUSE.1);
                self.asked.set(known + 1);
            }
            known = self.asked.get();
            drop(turn);
            let latest = self.latest.borrow().clone();
            match latest.map(|answer| found(&answer)) {
                Some(Ok(value)) => return value,
                Some(Err(reason)) => so_far(reason),
                None => {}
            }
        }
    }
}

/// Asks until there is an answer. What is said instead goes to `so_far`: an API server that has just come back, or has too
/// much to do, answers a later question. Whoever calls it has a time limit.
///
/// # Errors
/// Where nothing can be asked: [`kiln_tool::Error`] but for [`kiln_tool::Error::Failed`].
pub async fn insist<T>(
    ask: impl AsyncFn() -> Result<T, kiln_tool::Error>,
    so_far: impl Fn(String),
) -> Result<T, kiln_tool::Error> {
    loop {
        match ask().await {
            Err(kiln_tool::Error::Failed(failure)) => {
                so_far(format!("the API does not answer: {failure}"));
                sleep(PAUSE.0).await;
            }
            answer => return answer,
        }
    }
}

#[cfg(test)]
mod tests {
    use kiln_tool::{Error, Program, Tool};

    use super::*;

    #[tokio::test]
    async fn an_answer_is_insisted_on() {
        let (asked, said) = (Cell::new(0), RefCell::new(Vec::new()));
        let tool: Tool = Program::new("false", "coreutils").find().unwrap();
        let ask = async || {
            asked.set(asked.get() + 1);
            if asked.get() < 3 { tool.invoke("asking").run().await.map(|()| 0) } else { Ok(7) }
        };
        assert_eq!(insist(ask, |what| said.borrow_mut().push(what)).await.unwrap(), 7);
        assert!(said.borrow().len() == 2 && said.borrow()[0].contains("asking"), "{said:?}");

        let nobody = async || Program::new("no-such-program", "nothing").find().map(drop);
        assert!(!matches!(insist(nobody, drop).await, Ok(()) | Err(Error::Failed(_))));
    }
}
