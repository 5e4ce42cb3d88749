//! The checkpoints of a lab that is brought up: the one that it goes on from, and the one that is made when it is ready.

use kiln_console::Failure;

use super::Up;
use crate::checkpoint::ending::Then;
use crate::checkpoint::restore::Options;
use crate::checkpoint::save::Scene;
use crate::checkpoint::{Catalogue, CheckpointError, READY, operation, resume};
use crate::error::Error;
use crate::plan::{Action, Plan};
use crate::state::State;

/// The actions after which a lab that is ready is another than before.
const CHANGING: [Action; 3] = [Action::Create, Action::Replace, Action::Remove];

impl Up<'_> {
    /// Goes on with a lab that is suspended, or on its way to a checkpoint.
    pub(super) async fn resume(&self, state: &mut State) -> Result<(), Error> {
        if state.pending.is_none() {
            return Ok(());
        }
        if self.options.no_start {
            return Err(CheckpointError::Suspended { lab: self.folder.lab().clone() }.into());
        }
        let super::Options { no_wait, overcommit, limit, .. } = self.options;
        let options = Options { no_wait, overcommit, limit, expired: false };
        resume::resume(self.world, self.folder, self.hypervisor, state, options).await.map(drop)
    }

    /// Saves a lab whose nodes were made in this run, or that has no such checkpoint yet. A lab that cannot be saved is up
    /// nevertheless.
    pub(super) async fn save_ready(&self, state: &State, plan: &Plan) {
        if self.lab.checkpoints.ready
            && let Err(error) = self.try_save_ready(state, plan).await
        {
            let why = Failure::from(error);
            tracing::warn!("the lab is up, but the checkpoint `{READY}` was not made: {why}");
        }
    }

    async fn try_save_ready(&self, state: &State, plan: &Plan) -> Result<(), Error> {
        let changed = CHANGING.into_iter().any(|action| plan.with(action).next().is_some());
        if !changed && Catalogue::read(self.folder)?.named(READY).next().is_some() {
            return Ok(());
        }
        let name = READY.parse().map_err(|error| Error::Usage(format!("{error}")))?;
        let Self { world, folder, lab, hypervisor, .. } = *self;
        let scene = Scene { world, folder, lab, state, hypervisor };
        operation::save_latest(scene, &name, (lab.checkpoints.kept(), Then::GoOn)).await.map(drop)
    }
}
