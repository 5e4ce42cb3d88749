//! The phase `mesh`: what the lab file wants installed on the cluster is there, and answers.
//!
//! One group follows the other. What the cluster remembers as done is not applied again, and is looked at all the same:
//! so the phase goes on where it was stopped, and finds what has broken since. An API server that is away for a moment is
//! asked again, as long as the time of the group lasts.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::future::Future;
use std::net::Ipv4Addr;
use std::time::Duration;

use kiln_console::Task;
use tokio::time::{Instant, sleep, timeout};

use super::{Node, Phase, Problem, Story, Work};
use crate::cluster::Assembly;
use crate::guest::{self, Script};
use crate::kubernetes::kubectl::Kubectl;
use crate::kubernetes::kubectl::passing::{is_passing, is_without_namespace};
use crate::lab::mesh::{Group, Mesh, Namespace, Probe, or_default};
use crate::mesh::Bundle;
use crate::mesh::bundle::Parcel;
use crate::mesh::goal::{Chance, Goal, definitions, goals};
use crate::mesh::record::Record;
use crate::mesh::trouble::{self, Patience};
use crate::mesh::view::Seen;
use crate::mesh::{namespaces_of, page};

pub(super) const NAME: &str = "mesh";
/// How long one group, or one page, may take on a quick host: images may have to come from far away.
const GROUP_LIMIT: Duration = Duration::from_secs(300);
/// How long asking all addresses of a page may take on a quick host.
const PAGE_LIMIT: Duration = page::ANSWER_LIMIT.saturating_mul(3);
/// The pauses between two looks, at least and at most: an emulated API server has little time to answer.
const PAUSE: (Duration, Duration) = (Duration::from_millis(300), Duration::from_secs(3));

/// See the module.
#[derive(Debug)]
pub struct Install<'a> {
    /// The cluster.
    pub assembly: &'a Assembly<'a>,
    /// What is installed.
    pub mesh: &'a Mesh,
    /// Its manifests.
    pub bundle: &'a Bundle,
    /// The namespaces of the group that is worked on, for what is told when it fails.
    namespaces: RefCell<BTreeSet<String>>,
    /// The definitions of that group, for the same.
    definitions: RefCell<Vec<Goal>>,
}

/// What is being waited for, and how it is said.
struct Watch<'a> {
    node: &'a Node<'a>,
    task: &'a Task,
    /// The group or the page.
    what: String,
}

impl<'a> Install<'a> {
    /// Installs these manifests.
    pub fn new(assembly: &'a Assembly<'a>, mesh: &'a Mesh, bundle: &'a Bundle) -> Self {
        Self { assembly, mesh, bundle, namespaces: RefCell::default(), definitions: RefCell::default() }
    }

    fn kubectl(&self) -> &Kubectl {
        self.assembly.view.kubectl()
    }

    /// Takes the cluster through a group.
    async fn group(
        &self,
        group: &Group,
        parcel: &Parcel,
        record: &mut Record,
        watch: &Watch<'_>,
    ) -> Result<(), Problem> {
        let objects = parcel.objects(group);
        self.namespaces.replace(namespaces_of(group, &objects));
        self.definitions.replace(definitions(&objects));
        let (digest, goals) = (parcel.digest(group), goals(group, &objects));
        let mut is_done = record.has(parcel.group.as_str(), &digest);
        if !is_done {
            self.apply(group, parcel, watch).await?;
        }
        // What was done once may be gone; and what was about to go when it was applied is gone only now.
        while !self.reach(&goals, watch).await? {
            is_done = false;
            self.apply(group, parcel, watch).await?;
        }
        if !is_done {
            record.add(&parcel.group, &digest);
            watch.until_taken(|| record.write(self.kubectl())).await?;
        }
        Ok(())
    }

    /// Applies the manifests, one after the other.
    async fn apply(&self, group: &Group, parcel: &Parcel, watch: &Watch<'_>) -> Result<(), Problem> {
        for namespace in &group.namespaces {
            watch.until_taken(|| self.make(namespace)).await?;
        }
        for manifest in &parcel.manifests {
            let step = format!("applying {} of the group {}", manifest.source, group.name);
            let place = group.namespace.as_ref().map(|namespace| namespace.as_str());
            watch.say(format!("applying {}", manifest.source));
            let apply = async || self.kubectl().apply_in(step.clone(), manifest.text.as_str(), place).await;
            let give = async || match apply().await {
                // One of its own that was about to go, and is gone now: this time it makes it.
                Err(error) if is_without_namespace(&error) => apply().await,
                result => result,
            };
            watch.until_taken(give).await?;
        }
        Ok(())
    }

    /// Makes a namespace, and labels it. It is not applied: that would take it the labels of another group, too.
    async fn make(&self, namespace: &Namespace) -> Result<(), kiln_tool::Error> {
        let Namespace { name, labels } = namespace;
        self.kubectl().ensure_namespace(name.as_str()).await?;
        if labels.is_empty() { Ok(()) } else { self.kubectl().label(name.as_str(), labels).await }
    }

    /// Waits until all that a group waits for is there; or until some of it is seen to be missing, which waiting does not
    /// bring back, and says so by `false`.
    async fn reach(&self, goals: &[Goal], watch: &Watch<'_>) -> Result<bool, Problem> {
        if goals.is_empty() {
            return Ok(true);
        }
        let version = self.assembly.cluster.version;
        let patience = Patience::new(|time| watch.node.site.pace.scale(time), &self.assembly.preloaded);
        loop {
            let begin = Instant::now();
            match Seen::look(self.kubectl(), version, goals).await {
                Ok(seen) => {
                    // The worst, and of those the first.
                    let unmet = goals.iter().filter_map(|goal| goal.check(&seen, version).err());
                    let Some(unmet) = unmet.min_by_key(|unmet| unmet.chance) else { return Ok(true) };
                    match unmet.chance {
                        Chance::None => return Err(watch.problem(unmet.reason)),
                        Chance::Poor if patience.is_over(&unmet.reason) => return Err(watch.problem(unmet.reason)),
                        Chance::Poor | Chance::Good => {}
                    }
                    let pods = goals.iter().flat_map(|goal| goal.pods(&seen, version));
                    if let Some(reason) = patience.ended(pods) {
                        return Err(watch.problem(reason));
                    }
                    watch.say(unmet.reason);
                    if goals.iter().any(|goal| goal.is_missing(&seen, version)) {
                        sleep(PAUSE.0).await;
                        return Ok(false);
                    }
                }
                Err(error) if is_passing(&error) => watch.say(format!("the API does not answer: {error}")),
                Err(error) => return Err(error.into()),
            }
            sleep(begin.elapsed().clamp(PAUSE.0, PAUSE.1)).await;
        }
    }

    /// Waits until a page is there.
    async fn page(&self, probe: &Probe, watch: &Watch<'_>) -> Result<(), Problem> {
        let namespace = or_default(probe.namespace.as_ref());
        self.namespaces.replace([namespace.to_owned()].into());
        self.definitions.take();
        let path = format!("/api/v1/namespaces/{namespace}/services/{}", probe.service);
        let nodes: Vec<Ipv4Addr> = self.assembly.cluster.members.iter().map(|member| member.ip).collect();
        loop {
            let begin = Instant::now();
            match self.kubectl().find(format!("looking for the service {}", probe.service), &path).await {
                Ok(service) => match page::addresses(probe, service.as_ref(), &nodes) {
                    Ok(addresses) => match ask(probe, &addresses, watch).await? {
                        Ok(()) => return Ok(()),
                        Err(reason) => watch.say(reason),
                    },
                    Err(reason) => watch.say(reason),
                },
                Err(error) if is_passing(&error) => watch.say(format!("the API does not answer: {error}")),
                Err(error) => return Err(error.into()),
            }
            sleep(begin.elapsed().clamp(PAUSE.0, PAUSE.1)).await;
        }
    }
}

/// Asks for a page at these addresses. The inner error: what is wrong with the answers, which may get better.
async fn ask(probe: &Probe, addresses: &[String], watch: &Watch<'_>) -> Result<Result<(), String>, Problem> {
    let seconds = watch.node.site.pace.scale(page::ANSWER_LIMIT).as_secs();
    let arguments = [seconds.to_string(), probe.path.clone()].into_iter().chain(addresses.iter().cloned()).collect();
    let script = Script { step: "asking for a page", phase: NAME, text: page::SCRIPT, arguments, stdin: Vec::new() };
    match guest::run_within(watch.node, &script, PAGE_LIMIT).await {
        Ok(printed) => Ok(page::check(probe, addresses, &printed)),
        Err(Problem::TimedOut { limit, .. }) => {
            Ok(Err(format!("{} has not had an answer within {} s", watch.node.name, limit.as_secs())))
        }
        Err(Problem::Tool(error)) if is_passing(&error) => Ok(Err(error.to_string())),
        Err(problem) => Err(problem),
    }
}

impl Watch<'_> {
    /// Says what is missing.
    fn say(&self, reason: impl fmt::Display) {
        let text = format!("{}: {reason}", self.what);
        if self.task.last_note().as_ref() != Some(&text) {
            self.task.note(text.lines().next().unwrap_or_default());
            self.task.remember(text);
        }
    }

    fn problem(&self, reason: impl fmt::Display) -> Problem {
        Problem::Mesh(format!("{}: {reason}", self.what))
    }

    /// Has the cluster take something; again, where what went wrong passes.
    async fn until_taken<F: Future<Output = Result<(), kiln_tool::Error>>>(
        &self,
        give: impl Fn() -> F,
    ) -> Result<(), Problem> {
        let mut pause = PAUSE.0;
        loop {
            match give().await {
                Ok(()) => return Ok(()),
                Err(error) if is_passing(&error) => self.say(error),
                Err(error) => return Err(self.problem(error)),
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSE.1);
        }
    }

    /// Ends the work on a group or a page after its time, with what was missing last.
    async fn within(&self, work: impl Future<Output = Result<(), Problem>>) -> Result<(), Problem> {
        let limit = self.node.site.pace.scale(GROUP_LIMIT);
        let own = |note: &String| note.starts_with(&format!("{}: ", self.what));
        let last = || self.task.last_note().filter(own).unwrap_or_else(|| self.what.clone());
        timeout(limit, work)
            .await
            .unwrap_or_else(|_| Err(Problem::Mesh(format!("{}\n  that was so after {} s", last(), limit.as_secs()))))
    }
}

impl Phase for Install<'_> {
    fn name(&self) -> &'static str {
        NAME
    }

    fn limit(&self) -> Duration {
        // Every part has its own limit, which says what was missing. This one is for what the user sets.
        let parts = self.mesh.all_groups().count() + self.mesh.probes.len() + 1;
        GROUP_LIMIT.saturating_mul(u32::try_from(parts).unwrap_or(u32::MAX))
    }

    fn is_done<'a>(&'a self, _: &'a Node<'_>, _: &'a Task) -> Work<'a, Option<&'static str>> {
        // Every group is looked at, whatever is remembered of it.
        Box::pin(async { Ok(None) })
    }

    fn run<'a>(&'a self, node: &'a Node<'_>, task: &'a Task) -> Work<'a, ()> {
        Box::pin(async move {
            let watch = |what: String| Watch { node, task, what };
            let record = RefCell::new(Record::default());
            let begin = watch("the mesh".to_owned());
            let read = begin.until_taken(async || {
                record.replace(Record::read(self.kubectl()).await?);
                Ok(())
            });
            begin.within(read).await?;
            let mut record = record.into_inner();
            for group in self.mesh.all_groups() {
                let Some(parcel) = self.bundle.parcel(group) else { continue };
                let watch = watch(format!("group {}", group.name));
                watch.within(self.group(group, parcel, &mut record, &watch)).await?;
            }
            for probe in &self.mesh.probes {
                let watch = watch(format!("page {} of {}", probe.path, probe.service));
                watch.within(self.page(probe, &watch)).await?;
            }
            Ok(())
        })
    }

    fn explain<'a>(&'a self, _: &'a Node<'_>) -> Story<'a> {
        Box::pin(async {
            let namespaces = self.namespaces.borrow().clone();
            let definitions = self.definitions.borrow().clone();
            trouble::story(self.kubectl(), self.assembly.cluster.version, &namespaces, &definitions).await
        })
    }
}
