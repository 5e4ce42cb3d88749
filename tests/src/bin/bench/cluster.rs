//! A cluster of three nodes: how long it takes from the golden image, to save it, and to be back at it.

use std::fs;
use std::process::Command;
use std::time::Duration;

use kiln_tests::{TestHome, clone};
use serde_json::Value;

use crate::measure::run;
use crate::table::{Figure, Row, Target};
use crate::{forks, share};

/// How long an emulated cluster may take to come up on a busy host.
const UP_LIMIT: Duration = Duration::from_secs(45 * 60);

/// How long anything else may take.
const LIMIT: Duration = Duration::from_secs(10 * 60);

const LAB: &str = "debian-k8s";

/// What was measured of one way back.
#[derive(Debug, Default)]
struct Backs {
    running: Vec<Duration>,
    ready: Vec<Duration>,
    /// Each phase of it, by its name, in the order of the first time.
    shares: Vec<(String, Vec<Duration>)>,
}

/// What was measured of one kind of save.
#[derive(Debug, Default)]
struct Saves {
    held: Vec<Duration>,
    whole: Vec<Duration>,
    copied: Vec<Duration>,
    synced: Vec<Duration>,
}

/// Brings the cluster up once, and saves and restores it `runs` times.
pub fn rows(runs: usize) -> Vec<Row> {
    let home = &TestHome::with_kubernetes();
    eprintln!("bench: a cluster of three nodes");
    let up = run(command(home, &["up", LAB]), UP_LIMIT).took;
    let shares = share::rows(home, LAB, &["node1", "node2", "node3"]);
    let again = times(runs, || run(command(home, &["up", LAB]), LIMIT).took);
    eprintln!("bench: saving it");
    let first = saves(home, runs);
    eprintln!("bench: going back to it");
    let (warm, cold) = (backs(home, runs, || ()), drops_caches().then(|| backs(home, runs, drop_caches)));
    let restored = saves(home, runs);
    let forks = forks::row(home, LAB);
    eprintln!("bench: down and up");
    let down_and_up = run(command(home, &["down", LAB]), LIMIT).took + run(command(home, &["up", LAB]), UP_LIMIT).took;
    run(command(home, &["destroy", "--yes", LAB]), LIMIT);

    let back = |peer: &str, took: Duration| {
        Row::new("clone reset --to ready, until the cluster is ready", Figure::seconds(&warm.ready))
            .against(peer, Some(Figure::seconds(&[took])))
    };
    let mut rows = vec![
        Row::new("three nodes of Kubernetes, from the golden image until ready", Figure::seconds(&[up]))
            .target(Target::Below(450.0)),
        Row::new("clone up, when the cluster is ready", Figure::seconds(&again)).target(Target::Below(2.0)),
        held("three nodes held by clone checkpoint save", &first),
        held("… of a lab that was restored", &restored),
        Row::new("clone checkpoint save, as a whole", Figure::seconds(&first.whole))
            .against("cp --sparse=always of its files, and sync", Some(Figure::seconds(&first.synced)))
            .target(Target::Share(1.3)),
        back("clone up, from golden", up).target(Target::Below(15.0)).target(Target::Faster(30.0)),
        back("clone down; clone up", down_and_up),
        Row::new("… until its three machines run", Figure::seconds(&warm.running)).target(Target::Below(1.0)),
    ];
    rows.splice(1..1, shares);
    let share = |(phase, times): &(String, Vec<Duration>)| {
        Row::new(format!("… of that, in the phase `{phase}` (some at the same time)"), Figure::seconds(times))
    };
    rows.extend(warm.shares.iter().map(share));
    if let Some(cold) = cold {
        rows.push(Row::new("… nothing of it in the page cache", Figure::seconds(&cold.ready)));
        let running =
            Row::new("… nothing of it in the page cache, until its machines run", Figure::seconds(&cold.running));
        rows.push(running.target(Target::Below(1.0)));
    }
    rows.push(forks);
    rows
}

fn held(what: &str, saves: &Saves) -> Row {
    let row = Row::new(what, Figure::seconds(&saves.held));
    let row = row.against("cp --sparse=always of its files", Some(Figure::seconds(&saves.copied)));
    row.target(Target::Below(5.0)).target(Target::Share(1.3))
}

/// Saves the lab `runs` times, and copies each time what was saved.
fn saves(home: &TestHome, runs: usize) -> Saves {
    let mut saves = Saves::default();
    for _ in 0..runs {
        rustix::fs::sync();
        let (saved, took) = json(home, &["checkpoint", "save", "bench", "-o", "json"]);
        saves.whole.push(took);
        saves.held.push(Duration::from_millis(saved["held-ms"].as_u64().unwrap()));
        let checkpoint = home.root().join("labs").join(LAB).join("checkpoints").join(saved["id"].as_str().unwrap());
        let copy = home.work().join("copy");
        rustix::fs::sync();
        let copied = run(copy_sparse(&checkpoint, &copy), LIMIT).took;
        saves.copied.push(copied);
        saves.synced.push(copied + run(sync(&copy), LIMIT).took);
        fs::remove_dir_all(&copy).unwrap();
        run(command(home, &["checkpoint", "rm", "bench", "--yes"]), LIMIT);
    }
    saves
}

fn copy_sparse(from: &camino::Utf8Path, to: &camino::Utf8Path) -> Command {
    let mut cp = Command::new("cp");
    cp.args(["--recursive", "--sparse=always"]).args([from, to]);
    cp
}

fn sync(folder: &camino::Utf8Path) -> Command {
    let mut sync = Command::new("sync");
    sync.args(["--file-system", folder.as_str()]);
    sync
}

/// Goes back to the ready lab `runs` times, each after `before`.
fn backs(home: &TestHome, runs: usize, before: impl Fn()) -> Backs {
    let mut backs = Backs::default();
    for _ in 0..runs {
        rustix::fs::sync();
        before();
        let (back, _) = json(home, &["reset", "--to", "ready", "-o", "json"]);
        let seconds = |name: &str| Duration::from_secs_f64(back[name].as_f64().unwrap());
        backs.running.push(seconds("running-seconds"));
        backs.ready.push(seconds("up-seconds"));
        for share in back["shares"].as_array().unwrap() {
            let (phase, took) =
                (share["phase"].as_str().unwrap(), Duration::from_millis(share["took-ms"].as_u64().unwrap()));
            match backs.shares.iter_mut().find(|(name, _)| name == phase) {
                Some((_, times)) => times.push(took),
                None => backs.shares.push((phase.to_owned(), vec![took])),
            }
        }
    }
    backs
}

/// What the kernel writes to forget what it has read (proc(5)); only root may.
const CACHES: &str = "/proc/sys/vm/drop_caches";

fn drops_caches() -> bool {
    rustix::process::geteuid().is_root()
}

fn drop_caches() {
    fs::write(CACHES, "3").unwrap();
}

fn times(runs: usize, one: impl Fn() -> Duration) -> Vec<Duration> {
    (0..runs).map(|_| one()).collect()
}

/// The last line of what the command prints, before which there is progress; and how long it took.
fn json(home: &TestHome, words: &[&str]) -> (Value, Duration) {
    let ran = run(command(home, words), LIMIT);
    let last = ran.stdout.trim_end().lines().last().unwrap_or_default();
    let value = serde_json::from_str(last);
    (value.unwrap_or_else(|error| panic!("{error} in what {words:?} printed:\n{}", ran.stdout)), ran.took)
}

fn command(home: &TestHome, words: &[&str]) -> Command {
    clone(home, words).into_command()
}
