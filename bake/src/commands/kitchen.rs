//! What the commands that bake have in common: everything between a recipe and a bake of it.

use camino::Utf8PathBuf;
use kiln_console::{Console, Failure};
use kiln_images::blocking;
use kiln_machines::Hypervisor;
use kiln_machines::qemu::Qemu;

use crate::build::inputs::{Finder, Inputs};
use crate::build::plan::Plan;
use crate::build::{Baker, BuildError, Built};
use crate::context::Context;
use crate::errors::{IntoFailure, of_a_bake};
use crate::recipe::Loaded;
use crate::supply::{Relay, Supply};
use crate::virt_customize::VirtCustomize;

/// A recipe with its inputs and its plan, and the programs to carry it out.
#[derive(Debug)]
pub struct Kitchen<'a> {
    context: &'a Context,
    supply: &'a Supply,
    console: &'a Console,
    qemu: Qemu,
    customize: VirtCustomize,
    log: Utf8PathBuf,
    /// What the recipe reads.
    pub inputs: Inputs,
    /// What follows.
    pub plan: Plan,
}

impl<'a> Kitchen<'a> {
    /// Finds the inputs of a recipe, and the programs. What in the recipe is hardly meant so is told before.
    ///
    /// # Errors
    /// When one is missing, or not what it must be.
    pub async fn open(
        context: &'a Context,
        supply: &'a Supply,
        loaded: &Loaded,
        console: &'a Console,
    ) -> Result<Self, Failure> {
        loaded.warn();
        let (home, store, qemu_img) = (&context.home, &context.store, &context.qemu_img);
        let finder = Finder { home, store, qemu_img, console, supply };
        let inputs = finder.find(loaded).await.map_err(IntoFailure::into_failure)?;
        let loaded_too = loaded.clone();
        let (inputs, plan) = blocking(move || {
            let plan = Plan::new(&loaded_too, &inputs);
            (inputs, plan)
        })
        .await;
        let plan = plan.map_err(IntoFailure::into_failure)?;
        let qemu = hypervisor(context).await?;
        let customize =
            VirtCustomize::find(qemu.facts().accelerator, &context.home).map_err(IntoFailure::into_failure)?;
        let log = home.bake_log(&loaded.recipe.name);
        Ok(Self { context, supply, console, qemu, customize, log, inputs, plan })
    }

    /// Whether the image's packages go through a relay.
    pub fn is_relayed(&self, loaded: &Loaded) -> bool {
        !self.supply.is_direct() || loaded.recipe.choices().next().is_some()
    }

    /// The relay for the image's packages, where its package manager cannot go where it is told, or where it is to be
    /// known which way it has gone.
    ///
    /// # Errors
    /// When it cannot be started.
    pub async fn relay(&self, loaded: &Loaded) -> Result<Option<Relay>, Failure> {
        if !self.is_relayed(loaded) {
            return Ok(None);
        }
        let relay = Relay::start(self.supply.clone()).await;
        relay.map(Some).map_err(|error| BuildError::Relay(error).into_failure())
    }

    /// Who bakes.
    pub fn baker<'b>(&'b self, relay: Option<&'b Relay>) -> Baker<'b> {
        Baker {
            home: &self.context.home,
            store: &self.context.store,
            qemu_img: &self.context.qemu_img,
            customize: &self.customize,
            hypervisor: &self.qemu,
            console: self.console,
            reporter: self.console.reporter(),
            log: &self.log,
            relay,
            offline: self.supply.bundle().is_some(),
            record: self.supply.is_recording(),
        }
    }

    /// Bakes.
    ///
    /// # Errors
    /// When a step fails.
    pub async fn build(&self, baker: &Baker<'_>, loaded: &Loaded) -> Result<Built, Failure> {
        baker.build(loaded, &self.inputs, &self.plan).await.map_err(|error| {
            let failure = of_a_bake(error, baker.record);
            failure.hint(format!("everything that was said: {}", self.log))
        })
    }
}

/// What boots images, and knows what executes the appliance: libguestfs by itself would try KVM and fail.
pub(super) async fn hypervisor(context: &Context) -> Result<Qemu, Failure> {
    Qemu::open(&context.home.hypervisor_facts()).await.map_err(IntoFailure::into_failure)
}
