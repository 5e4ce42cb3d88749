//! Baking: with nothing changed, and with one layer changed.

use std::fs;
use std::process::Command;
use std::time::Duration;

use camino::Utf8PathBuf;
use kiln_tests::{Centos, Counter, TestHome, bake};
use serde_json::Value;

use crate::measure::{Ran, run};
use crate::table::{Figure, Row, Target, Unit};

/// How long a bake may take; the first one makes all layers.
const LIMIT: Duration = Duration::from_secs(20 * 60);

/// The first check: what comes before it are the steps of the last layer.
const CHECK: &str = "systemctl is-enabled ssh.service";

/// The layer of the recipe `debian-12` on top of another one. `RUN` makes it another one each time.
const RECIPE: &str = "\
name: bench
base: {image: debian-12}
user: debian
disk: 10GiB
layers:
- name: first
  steps:
  - write: {path: /etc/bench, content: \"always the same\\n\"}
- name: last
  steps:
  - timezone: Etc/UTC
  - write: {path: /etc/motd, content: \"This is run RUN.\\n\"}
  - kernel-modules: [br_netfilter]
  - sysctl: {net.ipv4.ip_forward: 1}
  - swap: off
checks:
- CHECK
- test -x /usr/bin/cloud-init
";

/// `bake build` of a recipe whose image is in the store.
pub fn unchanged(home: &TestHome, runs: usize) -> Row {
    eprintln!("bench: a build with nothing changed");
    let build = || run(bake(home, ["build", "debian-12"]).into_command(), LIMIT);
    assert!(build().stdout.contains("nothing changed"));
    let times: Vec<_> = (0..runs).map(|_| build().took).collect();
    Row::new("bake build, nothing changed", Figure::seconds(&times)).target(Target::Below(0.2))
}

/// `bake build` with another last layer, against virt-customize by itself.
pub fn one_layer(home: &TestHome, runs: usize) -> Vec<Row> {
    eprintln!("bench: a build with one layer changed (the first one makes both)");
    let counter = Counter::new(home);
    let recipe = change(home, 0);
    run(bake(home, ["build", &recipe]).into_command(), LIMIT);

    let (mut kiln, mut steps, mut by_hand) = (Vec::new(), Vec::new(), Vec::new());
    let (mut publishing, mut starts) = (Vec::new(), Vec::new());
    for number in 1..=runs {
        eprintln!("bench: one layer changed, {number} of {runs}");
        change(home, number);
        let commands = ByHand::of(home, &recipe);
        steps.push(commands.steps_alone().took);
        by_hand.push(commands.all().took);
        let before = counter.runs();
        rustix::fs::sync();
        let baked = run(counter.watch(bake(home, ["build", &recipe, "-o", "json"])).into_command(), LIMIT);
        starts.push(counter.runs() - before);
        publishing.push(seconds_of(&baked, "publish"));
        kiln.push(baked.took);
        run(bake(home, ["prune"]).into_command(), LIMIT);
    }
    let kiln = Figure::seconds(&kiln);
    let starts = Figure::new(Unit::Times, starts.iter().map(|count| f64::from(u32::try_from(*count).unwrap())));
    vec![
        Row::new("bake build, one layer changed", kiln.clone())
            .against("virt-customize, the steps alone", Some(Figure::seconds(&steps)))
            .target(Target::Share(1.05)),
        Row::new("… with its checks, report, sealing, flattening", kiln)
            .against("the commands of --dry-run, by a shell", Some(Figure::seconds(&by_hand)))
            .target(Target::Share(1.05)),
        Row::new("… of that, to flatten and publish", Figure::new(Unit::Seconds, publishing)),
        Row::new("… starts of the appliance", starts).target(Target::AtMost(1.0)),
    ]
}

/// `bake build` of the recipe of the walkthrough on a stand-in for CentOS, where nothing is there but a bundle.
pub fn from_bundle() -> Row {
    eprintln!("bench: a build from a bundle (the bundle is filled first)");
    let home = TestHome::empty();
    let (centos, bundle) = (Centos::new(&home), home.work().join("bundle"));
    let fetch = bake(&home, ["fetch", &centos.recipe, "--bundle", bundle.as_str()]);
    run(fetch.env("KILN_CONFIG", &centos.config).into_command(), LIMIT);
    let there = TestHome::empty();
    let (recipe, counter) = (centos.recipe_in(&there), Counter::new(&there));
    let build = bake(&there, ["build", &recipe, "--offline", "--bundle", bundle.as_str()]);
    run(counter.watch(build).into_command(), LIMIT);
    let manifest = bake(&there, ["show", "centos-7.5-k8s-1.12", "-o", "json"]).json();
    let layers = manifest["layers"].as_array().unwrap().len();
    let count = |number: usize| f64::from(u32::try_from(number).unwrap());
    let starts = count(counter.runs() + counter.boots()) / count(layers);
    let figure = Figure::new(Unit::Times, [starts]);
    Row::new("bake build from a bundle, runs and boots for a layer", figure).target(Target::AtMost(1.0))
}

/// Writes the recipe with another last layer.
fn change(home: &TestHome, number: usize) -> String {
    home.file("bench.yaml", &RECIPE.replace("CHECK", CHECK).replace("RUN", &number.to_string()))
}

/// How long a phase took, by the events of a build.
fn seconds_of(baked: &Ran, phase: &str) -> f64 {
    let events = baked.stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut ended = events.filter(|event| event["phase"] == phase && event["state"] == "done");
    ended.next().and_then(|event| event["seconds"].as_f64()).unwrap_or_else(|| panic!("no {phase} in {}", baked.stdout))
}

/// What a build would run: a new overlay, virt-customize, a flat copy.
struct ByHand {
    commands: Vec<String>,
    work: Utf8PathBuf,
}

impl ByHand {
    fn of(home: &TestHome, recipe: &str) -> Self {
        let dry = bake(home, ["build", recipe, "--dry-run", "-o", "json"]).json();
        let commands: Vec<String> = serde_json::from_value(dry).unwrap();
        assert_eq!(commands.len(), 3, "more than one layer would be made: {commands:?}");
        Self { commands, work: home.root().join("scratch/work") }
    }

    /// Runs all of it.
    fn all(&self) -> Ran {
        self.run(&self.commands.join("\n"))
    }

    /// Runs virt-customize with the steps of the layer, and nothing else that a build does: in libguestfs's own appliance.
    fn steps_alone(&self) -> Ran {
        let words = shlex::split(&self.commands[1]).unwrap();
        let check = words.iter().position(|word| word == CHECK).unwrap();
        let report = words.windows(4).position(|words| words[1] == "raw" && words[2] == "--add").unwrap();
        // Without its option, --run-command.
        let steps = words[..check - 1].iter().enumerate().filter(|(at, _)| !(report..report + 4).contains(at));
        let is_ours = |word: &&str| word.starts_with("LIBGUESTFS_PATH=") || word.starts_with("LIBGUESTFS_CACHEDIR=");
        let steps: Vec<_> = steps.map(|(_, word)| word.as_str()).filter(|word| !is_ours(word)).collect();
        let (overlay, env) = (&self.commands[0], shlex::try_join(steps).unwrap());
        self.run(&format!("{overlay}\nenv {env}"))
    }

    fn run(&self, script: &str) -> Ran {
        fs::create_dir(&self.work).unwrap();
        let report = self.work.join("report.raw");
        // As bake makes it (bake/src/build/report.rs).
        fs::write(&report, "kiln report disk").unwrap();
        fs::OpenOptions::new().write(true).open(&report).unwrap().set_len(4 << 20).unwrap();
        let mut sh = Command::new("sh");
        sh.args(["-euc", script]);
        rustix::fs::sync();
        let ran = run(sh, LIMIT);
        fs::remove_dir_all(&self.work).unwrap();
        ran
    }
}
