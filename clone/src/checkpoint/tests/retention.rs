//! How many checkpoints stay of those that a lab makes by itself.

use super::*;
use crate::checkpoint::{READY, operation};
use crate::world::load_state;

impl Stage {
    /// Has the lab file say how many are kept.
    fn keep(&mut self, count: usize) {
        self.state.file = format!("{LAB}checkpoint: {{keep: {count}}}\n");
        save_state(&self.folder, &self.state).unwrap();
    }

    /// Saves the lab as `clone up` does when it is ready.
    async fn save_ready(&self) -> Entry {
        let lab = check::parse("lab.yaml", &self.state.file).unwrap();
        let Self { world, folder, hypervisor, state, .. } = self;
        let scene = Scene { world, folder, lab: &lab, state, hypervisor };
        let kept = lab.checkpoints.kept();
        operation::save_latest(scene, &READY.parse().unwrap(), (kept, Then::GoOn)).await.unwrap()
    }

    /// What every command does before its own work, when the lab is held.
    fn settle(&self) {
        let state = load_state(&self.folder).unwrap().unwrap();
        operation::finish_replacement(&self.folder, &state).unwrap();
    }
}

fn are_there<const N: usize>(entries: [&Entry; N]) -> [bool; N] {
    entries.map(|entry| entry.folder.manifest().exists())
}

/// The lab file of that moment says that one is kept, and the later one is not the older one's leftover.
#[tokio::test]
async fn a_way_back_to_an_older_ready_removes_none_and_the_next_ready_sees_to_them() {
    let mut stage = Stage::new().await;
    stage.keep(1);
    let older = stage.save_ready().await;
    stage.keep(2);
    let newer = stage.save_ready().await;
    assert_eq!(are_there([&older, &newer]), [true, true]);

    stage.restore(&older).await.unwrap();
    assert!(stage.state.file.contains("keep: 1"), "{}", stage.state.file);
    stage.settle();
    assert_eq!(are_there([&older, &newer]), [true, true], "it could not be gone back to any more");
    stage.restore(&newer).await.unwrap();
    stage.restore(&older).await.unwrap();

    let latest = stage.save_ready().await;
    assert_eq!(are_there([&older, &newer, &latest]), [false, false, true]);
    // The disks of the older one stay, for the latest stands on them; nobody stands on those of the newer one.
    super::super::suitable::check_files(&latest).unwrap();
    assert!(older.folder.root().exists() && !newer.folder.root().exists());
    stage.restore(&latest).await.unwrap();
}

#[tokio::test]
async fn so_many_stay_as_the_lab_file_says_and_those_are_the_latest() {
    let mut stage = Stage::new().await;
    stage.keep(2);
    let first = stage.save_ready().await;
    let second = stage.save_ready().await;
    stage.restore(&first).await.unwrap();
    let third = stage.save_ready().await;
    assert_eq!(
        are_there([&first, &second, &third]),
        [false, true, true],
        "what the lab came from is no later for that"
    );
    stage.restore(&second).await.unwrap();
}

/// What another name has twice was replaced by a save that was killed before it came to that.
#[tokio::test]
async fn of_any_other_name_only_the_latest_stays() {
    let stage = Stage::new().await;
    let (replaced, latest) = (stage.save("daily").await.unwrap(), stage.save("daily").await.unwrap());
    stage.settle();
    assert_eq!(are_there([&replaced, &latest]), [false, true]);
}
