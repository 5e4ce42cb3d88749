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
use crate::world::save_state;

/// The actions after which a lab that is ready is another than before.
const CHANGING: [Action; 3] = [Action::Create, Action::Replace, Action::Remove];

/// Whether the lab will be another one.
pub(super) fn is_changed_by(plan: &Plan) -> bool {
    CHANGING.into_iter().any(|action| plan.with(action).next().is_some())
}

impl Up<'_> {
    /// Goes on with a lab that is suspended, or on its way to a checkpoint. One that is not needs no checkpoint for that.
    pub(super) async fn resume(&self, state: &mut State) -> Result<(), Error> {
        if state.pending.is_none() {
            return operation::finish_replacement(self.folder, state);
        }
        if self.options.no_start {
            return Err(CheckpointError::Suspended { lab: self.folder.lab().clone() }.into());
        }
        let super::Options { no_wait, overcommit, limit, .. } = self.options;
        let options = Options { no_wait, overcommit, limit, expired: false };
        resume::resume(self.world, self.folder, self.hypervisor, state, options).await.map(drop)
    }

    /// Saves a lab that is another one than when it was saved so, or that has no such checkpoint yet. A lab that cannot be
    /// saved is up nevertheless.
    pub(super) async fn save_ready(&self, state: &mut State) {
        if self.lab.checkpoints.ready
            && let Err(error) = self.try_save_ready(state).await
        {
            let why = Failure::from(error);
            tracing::warn!("the lab is up, but the checkpoint `{READY}` was not made: {why}");
        }
    }

    async fn try_save_ready(&self, state: &mut State) -> Result<(), Error> {
        if !state.unsaved && Catalogue::read(self.folder)?.named(READY).next().is_some() {
            return Ok(());
        }
        let name = READY.parse().map_err(|error| Error::Usage(format!("{error}")))?;
        let Self { world, folder, lab, hypervisor, .. } = *self;
        let saved = State { unsaved: false, ..state.clone() };
        let scene = Scene { world, folder, lab, state: &saved, hypervisor };
        operation::save_latest(scene, &name, (lab.checkpoints.kept(), Then::GoOn)).await?;
        *state = saved;
        save_state(folder, state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::tests::Stage;
    use crate::lab::select::applied;
    use crate::up::Options;
    use crate::world::load_state;

    /// The run that made the nodes has failed while it waited for them.
    #[tokio::test]
    async fn a_lab_that_was_changed_by_an_earlier_run_is_saved_once() {
        let Stage { world, folder, hypervisor, mut state, _guard, .. } = Stage::new().await;
        let (lab, store) = (applied(&folder, &state).unwrap(), world.store().unwrap());
        let options = Options::default();
        let up = Up { world: &world, lab: &lab, store: &store, folder: &folder, hypervisor: &hypervisor, options };
        let latest = || Catalogue::read(&folder).unwrap().find(READY).unwrap().manifest;
        up.try_save_ready(&mut state).await.unwrap();
        let first = latest();
        state.unsaved = true;
        up.try_save_ready(&mut state).await.unwrap();
        let second = latest();
        assert_ne!(second.id, first.id);
        assert!(!second.lab.unsaved && !load_state(&folder).unwrap().unwrap().unsaved);
        up.try_save_ready(&mut state).await.unwrap();
        assert_eq!(latest().id, second.id);
    }
}
