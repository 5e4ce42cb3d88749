//! Taking a finished disk image of somebody else's into the store.

use camino::Utf8Path;
use jiff::Timestamp;
use kiln_console::Task;
use kiln_images::base::inspect_base;
use kiln_images::digest::Digest;
use kiln_images::home::Home;
use kiln_images::manifest::{self, Manifest};
use kiln_images::name::Name;
use kiln_images::qemu_img::{Format, QemuImg};
use kiln_images::scratch::Scratch;
use kiln_images::store::{Image, Store};

use super::publish::{flat_copy, work_paths};
use super::{BuildError, report};
use crate::actions::Action;
use crate::recipe::Nics;
use crate::steps::UserName;
use crate::virt_customize::{Run, VirtCustomize};

/// The programs and places of an import.
#[derive(Debug)]
pub struct Importer<'a> {
    /// Where everything is kept.
    pub home: &'a Home,
    /// The golden images in it.
    pub store: &'a Store,
    /// The disks' tool.
    pub qemu_img: &'a QemuImg,
    /// The appliance, which asks the image what is in it.
    pub customize: &'a VirtCustomize,
}

/// What is imported, and as what.
#[derive(Debug, Clone, Copy)]
pub struct Imported<'a> {
    /// The disk image.
    pub file: &'a Utf8Path,
    /// The name it gets.
    pub name: &'a Name,
    /// Its login.
    pub user: &'a UserName,
}

impl Importer<'_> {
    /// Copies the image, looks into the copy, and publishes it.
    ///
    /// # Errors
    /// When the file is no disk image, or no system that the appliance can look into.
    pub async fn import(&self, wanted: Imported<'_>, task: &Task) -> Result<Image, BuildError> {
        let info = inspect_base(self.qemu_img, wanted.file).await?;
        let scratch = Scratch::new(self.home)?;
        let (overlay, report_disk, flat) = work_paths(scratch.path());
        task.note("copying");
        self.qemu_img.convert(&flat_copy(wanted.file, info.format, &flat)).await?;
        task.note("asking what is in it");
        // The question is asked on an overlay, which is thrown away: the appliance leaves traces.
        self.qemu_img.create_overlay(&overlay, &flat, Format::Qcow2, None).await?;
        let said = self.ask(&overlay, &report_disk, wanted.name).await?;
        let disk = self.store.measure(&flat).await?;
        if let Ok(known) = self.store.resolve(&disk.digest.to_string()) {
            return self.name(wanted, &known).await;
        }
        let manifest = manifest(wanted, disk.digest, disk.virtual_size_bytes, disk.file_size_bytes, said);
        Ok(self.store.publish(disk, &manifest, wanted.name).await?)
    }

    /// Gives an image that is in the store one more name. What it was made of is known of it, which an import does not know.
    async fn name(&self, wanted: Imported<'_>, known: &Image) -> Result<Image, BuildError> {
        let (user, nics) = (&known.manifest.user, Nics::default());
        if user != wanted.user.as_str() || known.manifest.nics != [nics.nat.to_string(), nics.service.to_string()] {
            return Err(BuildError::Known {
                file: wanted.file.to_owned(),
                image: known.names.first().map_or_else(|| known.digest.short(), ToString::to_string),
                user: user.clone(),
                nics: known.manifest.nics.join(" and "),
            });
        }
        Ok(self.store.tag(&known.digest, wanted.name).await?)
    }

    async fn ask(&self, overlay: &Utf8Path, report_disk: &Utf8Path, name: &Name) -> Result<report::Report, BuildError> {
        let actions = [Action::RunCommand(report::SCRIPT.to_owned())];
        let log = self.home.bake_log(name);
        let run = Run {
            step: "looking into the image",
            disk: overlay,
            report: Some(report_disk),
            actions: &actions,
            network: false,
            relabel: false,
            log: &log,
        };
        report::make_disk(report_disk).map_err(|source| BuildError::File { path: report_disk.to_owned(), source })?;
        self.customize.run(run, |_| ()).await?;
        let said = std::fs::read(report_disk);
        Ok(report::parse(&said.map_err(|source| BuildError::File { path: report_disk.to_owned(), source })?)?)
    }
}

fn manifest(
    wanted: Imported<'_>,
    digest: Digest,
    virtual_size_bytes: u64,
    file_size_bytes: u64,
    said: report::Report,
) -> Manifest {
    let nics = Nics::default();
    Manifest {
        digest,
        virtual_size_bytes,
        file_size_bytes,
        name: wanted.name.clone(),
        recipe: wanted.name.clone(),
        created: Timestamp::now(),
        kiln: env!("CARGO_PKG_VERSION").to_owned(),
        os: said.os,
        user: wanted.user.to_string(),
        nics: vec![nics.nat.to_string(), nics.service.to_string()],
        kubernetes: said.node.kubernetes.map(|version| version.to_string()),
        container_runtime: said.node.container_runtime,
        cgroup_driver: said.node.cgroup_driver,
        container_images: Vec::new(),
        base: manifest::Base { what: format!("imported from {}", wanted.file), digest },
        layers: Vec::new(),
        checks: Vec::new(),
        packages: said.packages,
    }
}
