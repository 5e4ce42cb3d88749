//! Making what is missing, and publishing the result.

use std::fs::File;

use camino::Utf8Path;
use kiln_console::{Console, Reporter};
use kiln_images::At;
use kiln_images::durable::Lock;
use kiln_images::home::Home;
use kiln_images::qemu_img::QemuImg;
use kiln_images::store::{Image, Store};
use kiln_machines::Hypervisor;

use super::BuildError;
use super::inputs::Inputs;
use super::plan::Plan;
use super::stack::Stack;
use crate::base;
use crate::recipe::{Loaded, Recipe};
use crate::supply::Relay;
use crate::virt_customize::VirtCustomize;

/// The programs and places of a build.
#[derive(Debug)]
pub struct Baker<'a> {
    /// Where everything is kept.
    pub home: &'a Home,
    /// The golden images in it.
    pub store: &'a Store,
    /// The disks' tool.
    pub qemu_img: &'a QemuImg,
    /// The appliance.
    pub customize: &'a VirtCustomize,
    /// What the image is booted by.
    pub hypervisor: &'a dyn Hypervisor,
    /// Who hears of what was not taken from where it was to be first.
    pub console: &'a Console,
    /// Who hears of the progress.
    pub reporter: &'a Reporter,
    /// Where everything that is run says what it says.
    pub log: &'a Utf8Path,
    /// Through what the image's package manager goes, where it cannot go where it is told.
    pub relay: Option<&'a Relay>,
    /// Whether a bundle is all that there is.
    pub offline: bool,
    /// Whether what goes through the relay is recorded, so that every layer which fetches something is made.
    pub record: bool,
}

/// What a build came to.
#[derive(Debug)]
pub struct Built {
    /// The golden image.
    pub image: Image,
    /// Whether anything had to be made.
    pub changed: bool,
    /// The layers of it that the cache has not, by name: they were made again to be recorded.
    pub not_kept: Vec<String>,
}

impl Baker<'_> {
    /// The image that a plan leads to, if it is in the store already.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn finished(&self, plan: &Plan, recipe: &Recipe) -> Result<Option<Image>, BuildError> {
        let key = plan.last.key.to_string();
        let fits = |image: &Image| {
            image.manifest.recipe == recipe.name && image.manifest.layers.last().is_some_and(|last| last.key == key)
        };
        Ok(self.store.list()?.into_iter().find(fits))
    }

    /// Builds what the plan says, from the lowest layer that is missing.
    ///
    /// # Errors
    /// When a program fails; everything that was finished before is kept for the next time, but for what was made again to
    /// be recorded.
    pub async fn build(&self, loaded: &Loaded, inputs: &Inputs, plan: &Plan) -> Result<Built, BuildError> {
        let recipe = &loaded.recipe;
        let _one_at_a_time = Lock::exclusive(&self.home.bake_lock(&recipe.name))?;
        if !self.record
            && let Some(image) = self.finished(plan, recipe)?
        {
            let changed = !image.names.contains(&recipe.name);
            let image = if changed { self.store.tag(&image.digest, &recipe.name).await? } else { image };
            return Ok(Built { image, changed, not_kept: Vec::new() });
        }
        // Nobody else writes into it now.
        File::create(self.log).at("emptying", self.log)?;
        let _kept = self.store.share().await?;
        base::remove_leftovers(self.home, self.log).await?;
        let mut stack = Stack::new(self.record);
        self.base(loaded, inputs, &plan.base, &mut stack).await?;
        for layer in &plan.layers {
            self.layer(loaded, layer, inputs, &mut stack).await?;
            self.say_sources(recipe);
        }
        let image = self.finish(loaded, inputs, plan, &mut stack).await?;
        self.say_sources(recipe);
        let not_kept: Vec<_> = stack.apart().map(str::to_owned).collect();
        self.say_not_kept(&not_kept);
        Ok(Built { image, changed: true, not_kept })
    }

    /// Says which layers of the image are not those of the cache.
    fn say_not_kept(&self, layers: &[String]) {
        if !layers.is_empty() {
            self.console.say(&format!(
                "made for this bundle and not kept: {}\n  the image stands on them; the cache has older layers, and a \
                 recipe that is changed is baked on those",
                layers.join(", ")
            ));
        }
    }

    /// Says what the image has not fetched from its first source.
    fn say_sources(&self, recipe: &Recipe) {
        let served = self.relay.map(Relay::served).unwrap_or_default();
        for choice in recipe.choices() {
            for source in choice.fell_back(&served) {
                self.console.say(&format!("{} came from {source}", choice.what));
            }
        }
    }
}
