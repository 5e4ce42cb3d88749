//! The relay: a web server on this host's loopback through which the package manager of an image gets what it asks for,
//! while the image is baked.
//!
//! QEMU's user network, which the appliance and the booted image have, leads from its gateway's address to the host's
//! loopback. `http://<gateway>:<port>/<secret>/https/example.org/a` is what `https://example.org/a` is by the ways of the
//! [`Supply`]: of a mirror, of a folder, of a bundle. [`Detour`] puts that before the URLs in the configuration of the
//! image's package manager, and takes it away again: in the image, nothing tells how its packages came. Their signatures
//! are verified in the image as always.
//!
//! Bytes are passed on as they come. A guest is answered when the first ones are there and are no page for people; what
//! breaks off after that ends the connection, and is no whole file there either.

mod detour;
mod http;
mod passing;

use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use camino::Utf8PathBuf;
use kiln_images::download::Url;
use kiln_images::durable::write_atomically;
use kiln_images::scratch::Scratch;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use detour::{Detour, MARK};
use passing::{AllPassing, Passing, Refusal, State};

use super::{Supply, TakeError};

/// What the host's loopback is to the appliance: libguestfs gives its network this gateway (lib/guestfs-internal.h,
/// `NETWORK_GW_IP`).
const TO_APPLIANCE: Ipv4Addr = Ipv4Addr::new(169, 254, 2, 2);

/// The same to a booted image (qemu(1), `-netdev user`, `host=`).
const TO_MACHINE: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 2);

/// How many answers that could not be given are told at most.
const TOLD: usize = 10;

/// A relay that runs for as long as this is there.
#[derive(Debug)]
pub struct Relay {
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    supply: Supply,
    /// Nobody else on this host can use the relay.
    secret: String,
    scratch: Scratch,
    /// What could not be had, and why.
    unmet: Mutex<Vec<String>>,
    /// What could, by its URL.
    served: Mutex<BTreeSet<String>>,
    /// What is on its way.
    passing: Mutex<AllPassing>,
}

impl Relay {
    /// Starts one.
    ///
    /// # Errors
    /// When no port can be had, or no folder for what comes through.
    pub async fn start(supply: Supply) -> io::Result<Self> {
        let scratch = Scratch::new(&supply.home).map_err(io::Error::other)?;
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
        let port = listener.local_addr()?.port();
        let secret = format!("{MARK}{}", uuid::Uuid::new_v4().simple());
        let only = supply.bundle().is_some();
        let whole = only || supply.is_recording();
        for gateway in [TO_APPLIANCE, TO_MACHINE] {
            let script = detour::script(&format!("http://{gateway}:{port}/{secret}"), only, whole);
            write_atomically(&script_of(&scratch, gateway), script.as_bytes(), 0o600).map_err(io::Error::other)?;
        }
        let (unmet, served, passing) = Default::default();
        let shared = Arc::new(Shared { supply, secret, scratch, unmet, served, passing });
        let server = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Ok(Self { shared, server })
    }

    /// The way through it from the appliance, for a layer that begins now: what an earlier one did without is forgotten.
    pub fn for_appliance(&self) -> Detour {
        self.detour(TO_APPLIANCE)
    }

    /// The same from a booted image.
    pub fn for_machine(&self) -> Detour {
        self.detour(TO_MACHINE)
    }

    fn detour(&self, gateway: Ipv4Addr) -> Detour {
        self.unmet();
        Detour::new(script_of(&self.shared.scratch, gateway))
    }

    /// What could not be had since this was asked last, each in words.
    pub fn unmet(&self) -> Vec<String> {
        std::mem::take(&mut *self.shared.unmet.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The URLs of what went through it since this was asked last.
    pub fn served(&self) -> BTreeSet<String> {
        std::mem::take(&mut *self.shared.served.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The file with the script of a detour. Everybody on this host can read a command line, and nobody else this file.
fn script_of(scratch: &Scratch, gateway: Ipv4Addr) -> Utf8PathBuf {
    scratch.path().join(format!("detour-{gateway}.sh"))
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let shared = Arc::clone(&shared);
                tokio::spawn(async move {
                    if let Err(error) = shared.answer(stream).await {
                        tracing::debug!(%error, "a guest was not given all, or went away");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "the relay for packages cannot go on");
                return;
            }
        }
    }
}

impl Shared {
    async fn answer(self: Arc<Self>, mut stream: TcpStream) -> io::Result<()> {
        let Some(request) = http::read(&mut stream).await? else {
            let why = "this is not understood".to_owned();
            return http::refuse(&mut stream, &Refusal { status: 400, why }).await;
        };
        let Some(url) = self.url(&request.target) else {
            let why = "this is for the image that is being baked".to_owned();
            return http::refuse(&mut stream, &Refusal { status: 403, why }).await;
        };
        http::send(&mut stream, &request, &self.passing(&url)).await
    }

    /// The file that `url` names, which is on its way or begins to be. It comes whole whether or not whoever asks stays.
    fn passing(self: &Arc<Self>, url: &Url) -> Arc<Passing> {
        let mut passing = self.passing.lock().unwrap_or_else(PoisonError::into_inner);
        passing.of(url.as_str(), || {
            let (sender, state) = watch::channel(State::default());
            let file = self.scratch.path().join(uuid::Uuid::new_v4().simple().to_string());
            let begun = Arc::new(Passing { file, state });
            tokio::spawn(Arc::clone(self).bring(url.clone(), Arc::clone(&begun), sender));
            begun
        })
    }

    async fn bring(self: Arc<Self>, url: Url, passing: Arc<Passing>, state: watch::Sender<State>) {
        let state = Arc::new(state);
        let hears = Arc::clone(&state);
        let progress = move |come| hears.send_modify(|state| state.come = come);
        let end = match self.supply.take(&url, &passing.file, progress).await {
            Ok(()) => {
                tracing::debug!(%url, "relayed");
                self.served.lock().unwrap_or_else(PoisonError::into_inner).insert(url.to_string());
                Ok(())
            }
            Err(error) => Err(self.note(&url, &error)),
        };
        state.send_modify(|state| state.end = Some(end));
    }

    /// What the target of a request stands for: `/<secret>/https/example.org/a`.
    fn url(&self, target: &str) -> Option<Url> {
        let rest = target.strip_prefix('/')?.strip_prefix(&self.secret)?.strip_prefix('/')?;
        let (scheme, rest) = rest.split_once('/')?;
        format!("{scheme}://{rest}").parse().ok()
    }

    /// Remembers what could not be had, and returns what to answer with.
    fn note(&self, url: &Url, error: &TakeError) -> Refusal {
        let known = self.supply.bundle().is_some_and(|bundle| bundle.is_absent(url));
        let why = chain(error);
        tracing::debug!(%url, %why, "not relayed");
        if !known {
            let mut unmet = self.unmet.lock().unwrap_or_else(PoisonError::into_inner);
            if unmet.len() < TOLD && !unmet.contains(&why) {
                unmet.push(why.clone());
            }
        }
        let absent = matches!(error, TakeError::Download(error) if error.is_absent());
        Refusal { status: if absent { 404 } else { 502 }, why }
    }
}

/// An error with its sources, in a line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
