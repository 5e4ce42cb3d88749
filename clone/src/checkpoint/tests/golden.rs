//! Nodes that are to be made anew from a golden image that is not there.

use super::*;
use crate::checkpoint::CheckpointId;
use crate::reset;
use crate::world::load_state;

/// As it is with a lab that was imported from another host, whether it runs or is still suspended.
#[tokio::test]
async fn a_reset_to_an_image_that_is_not_there_is_refused_before_anything_is_ended() {
    for (pending, nodes) in [(None, &[][..]), (None, &["node2".to_owned()]), (Some(CheckpointId::draw()), &[])] {
        let mut stage = Stage::new().await;
        stage.state.pending = pending;
        save_state(&stage.folder, &stage.state).unwrap();
        let options = reset::Options { no_wait: true, overcommit: true, limit: None };
        let error = reset::reset(&stage.world, &stage.hypervisor, &stage.folder, nodes, options).await.unwrap_err();
        assert!(matches!(error, Error::Store(_)), "{error}");
        let image = stage.state.nodes.values().next().unwrap().image.digest;
        assert!(error.to_string().contains(&image.to_string()), "{error}");
        assert_eq!(stage.hypervisor.states(), RUNS, "{nodes:?}");
        assert_eq!(load_state(&stage.folder).unwrap().unwrap(), stage.state, "{nodes:?}");
        assert_eq!(stage.disks("node1"), ["disk.qcow2"]);
    }
}
