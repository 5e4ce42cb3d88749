//! One boot: from an overlay of the layer below to the same disk with the steps done.

use std::cell::Cell;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::time::Duration;

use camino::Utf8Path;
use kiln_console::Task;
use kiln_images::durable::create_folder;
use kiln_images::manifest::ContainerImage;
use kiln_machines::{Machine, console_log};

use super::guest::Guest;
use super::images::Loading;
use super::media::Media;
use super::{BootError, machine, shell};
use crate::actions::Action;
use crate::build::plan::{PlannedLayer, PlannedStep};
use crate::build::{Baker, BuildError, space};
use crate::recipe::Recipe;
use crate::supply::{Detour, Relay};

/// The same as for the appliance: installing a desktop under emulation takes most of an hour.
const STEP_LIMIT: Duration = Duration::from_secs(2 * 60 * 60);

/// How much of the end of a console is kept: a guest may write without end.
const CONSOLE_BYTES: u64 = 4 << 20;

/// What a guest does for one step.
#[derive(Debug)]
enum Work {
    Script(String),
    Load(Loading),
}

impl Work {
    /// All of it, to be shown.
    fn text(&self) -> String {
        match self {
            Self::Script(script) => script.trim_end().to_owned(),
            Self::Load(loading) => loading.text(),
        }
    }
}

/// A machine with everything that it is given.
#[derive(Debug)]
struct Prepared {
    machine: Machine,
    media: Media,
    work: Vec<Work>,
}

/// How far a boot has come.
#[derive(Debug, Clone, Copy)]
enum Stage {
    Preparing,
    Booting,
    Step(usize),
    ShuttingDown,
}

impl Stage {
    fn describe(self, steps: &[PlannedStep]) -> String {
        match self {
            Self::Preparing => "before its boot".to_owned(),
            Self::Booting => "while the image booted".to_owned(),
            Self::Step(number) => format!("step {} of {} ({})", number + 1, steps.len(), steps[number].summary),
            Self::ShuttingDown => "while the image shut down".to_owned(),
        }
    }
}

impl Baker<'_> {
    /// Boots the disk, an overlay of the layer below, and runs the layer's steps in it. Returns the container images that
    /// they loaded.
    pub(in crate::build) async fn boot(
        &self,
        recipe: &Recipe,
        layer: &PlannedLayer,
        disk: &Utf8Path,
    ) -> Result<Vec<ContainerImage>, BuildError> {
        let task = self.reporter.start(&layer.name, "make");
        let booted = self.boot_in(&disk.with_file_name("boot"), recipe, layer, disk, &task).await;
        task.finish(booted)
    }

    async fn boot_in(
        &self,
        folder: &Utf8Path,
        recipe: &Recipe,
        layer: &PlannedLayer,
        disk: &Utf8Path,
        task: &Task,
    ) -> Result<Vec<ContainerImage>, BuildError> {
        let stage = Cell::new(Stage::Preparing);
        let failed = |source| self.boot_failed(layer, stage.get(), &folder.join("console.log"), source);
        create_folder(folder)?;
        let detour = self.relay.map(Relay::for_machine);
        let prepared = prepare(folder, recipe, layer, disk, detour.as_ref()).await.map_err(failed)?;
        prepared.media.pack().await.map_err(failed)?;
        let machine = &prepared.machine;
        machine::write_seed(recipe, machine).map_err(failed)?;

        stage.set(Stage::Booting);
        task.note("booting the image");
        self.hypervisor.start(machine).await.map_err(|error| failed(error.into()))?;
        let guest = Guest::new(self.hypervisor, machine, self.log);
        let all = async {
            let loaded = tokio::select! {
                biased;
                ran = run(&guest, layer, &prepared.work, task, &stage) => ran?,
                trouble = guest.trouble() => return Err(trouble),
            };
            stage.set(Stage::ShuttingDown);
            task.note("shutting the image down");
            guest.shut_down().await?;
            Ok(loaded)
        };
        let ran = tokio::select! {
            ran = all => ran.map_err(failed),
            full = space::full(folder) => Err(full),
        };
        // One that has shut down is not there any more; one that failed is not needed any more.
        self.hypervisor.kill(machine).await.map_err(|error| failed(error.into()))?;
        ran
    }

    /// What a boot would do, in lines.
    ///
    /// # Errors
    /// When an archive of images cannot be read.
    pub(in crate::build) async fn boot_commands(
        &self,
        recipe: &Recipe,
        planned: &PlannedLayer,
        disk: &Utf8Path,
        detour: Option<&Detour>,
    ) -> Result<Vec<String>, BuildError> {
        let folder = disk.with_file_name("boot");
        let failed = |source| self.boot_failed(planned, Stage::Preparing, &folder.join("console.log"), source);
        let mut layer = planned.clone();
        // Those of an artifact that is not built yet are not known.
        layer.steps.iter_mut().for_each(|step| step.archives.retain(|archive| archive.exists()));
        let prepared = prepare(&folder, recipe, &layer, disk, detour).await.map_err(failed)?;
        let steps = layer.steps.iter().zip(&prepared.work);
        let steps = steps.map(|(step, work)| format!("# in the booted image: {}\n{}", step.summary, work.text()));
        let start = self.hypervisor.start_command(&prepared.machine);
        Ok(std::iter::once(start).chain(steps).collect())
    }

    /// The failure of a layer, with the end of the console where that may say why. More of it goes to where everything is
    /// that was said, because it ends with the folder of the boot.
    fn boot_failed(&self, layer: &PlannedLayer, stage: Stage, console: &Utf8Path, source: BootError) -> BuildError {
        if let Err(error) = append(console, self.log) {
            tracing::debug!(%error, "the console of the boot is not kept");
        }
        if source.is_full_disk() {
            return BuildError::Full { folder: console.parent().unwrap_or(console).to_owned() };
        }
        let lines = if source.is_of_a_step() { None } else { console_log::last_lines(console, 0).ok() };
        let (layer, stage) = (layer.name.clone(), stage.describe(&layer.steps));
        let unmet = self.relay.map(Relay::unmet).unwrap_or_default();
        let full = matches!(&source, BootError::Failed { said, .. } if space::is_missing_in_the_image(said));
        let console = lines.unwrap_or_default();
        let error = BuildError::Boot { layer, stage, unmet, console, source: Box::new(source) };
        if full { BuildError::ImageFull(Box::new(error)) } else { error }
    }
}

async fn prepare(
    folder: &Utf8Path,
    recipe: &Recipe,
    layer: &PlannedLayer,
    disk: &Utf8Path,
    detour: Option<&Detour>,
) -> Result<Prepared, BootError> {
    let mut media = Media::default();
    let mut work = Vec::new();
    for step in &layer.steps {
        work.push(match &step.archives[..] {
            [] => Work::Script(shell::script(&step.actions_by(detour), &mut media, folder)),
            archives => Work::Load(Loading::of(archives, &step.images, &mut media).await?),
        });
    }
    let network = layer.steps.iter().flat_map(|step| &step.actions).any(Action::needs_network);
    let machine = machine::machine(recipe, folder, disk, media.files(), network);
    Ok(Prepared { machine, media, work })
}

/// All steps, when everything has started.
async fn run(
    guest: &Guest<'_>,
    layer: &PlannedLayer,
    work: &[Work],
    task: &Task,
    stage: &Cell<Stage>,
) -> Result<Vec<ContainerImage>, BootError> {
    guest.started().await?;
    let mut loaded = Vec::new();
    for (number, (step, work)) in layer.steps.iter().zip(work).enumerate() {
        stage.set(Stage::Step(number));
        task.note(format!("{}/{} {}", number + 1, layer.steps.len(), step.summary));
        match work {
            Work::Script(script) => guest.run(script, &[], STEP_LIMIT).await.map(drop)?,
            Work::Load(loading) => loaded.extend(loading.load(guest, STEP_LIMIT).await?),
        }
    }
    Ok(loaded)
}

fn append(console: &Utf8Path, log: &Utf8Path) -> io::Result<()> {
    let mut said = File::open(console)?;
    said.seek(SeekFrom::Start(said.metadata()?.len().saturating_sub(CONSOLE_BYTES)))?;
    let mut log = OpenOptions::new().append(true).create(true).open(log)?;
    io::copy(&mut said.take(CONSOLE_BYTES), &mut log).map(drop)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use super::*;

    #[test]
    fn of_a_console_without_end_the_end_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        let (console, log) = (root.join("console.log"), root.join("log"));
        let file = File::create(&console).unwrap();
        file.set_len(CONSOLE_BYTES).unwrap();
        fs::write(&log, "before\n").unwrap();
        OpenOptions::new().append(true).open(&console).unwrap().write_all(b"the end").unwrap();
        append(&console, &log).unwrap();
        let kept = fs::read(&log).unwrap();
        assert_eq!(kept.len() as u64, CONSOLE_BYTES + 7);
        assert!(kept.starts_with(b"before\n") && kept.ends_with(b"the end"));
    }
}
