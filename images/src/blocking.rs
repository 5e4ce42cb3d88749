//! Work that blocks, beside the single thread of the runtime.

/// Runs `work` on a thread of its own and waits for it. Its panics become ours.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        // The other reason, cancellation, needs a runtime that has ended, and then nobody is here to see it.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
