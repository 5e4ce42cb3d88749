//! Tests of the keys that a recipe's layers get.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;

use camino::Utf8Path;
use kiln_images::home::Home;

use super::*;
use crate::artifacts::Artifact;
use crate::build::ingredients;
use crate::recipe::Recipe;

fn planned(folder: &Utf8Path, text: &str) -> (Loaded, Inputs, Plan) {
    planned_with(folder, text, Vec::new())
}

fn planned_with(folder: &Utf8Path, text: &str, artifacts: Vec<Artifact>) -> (Loaded, Inputs, Plan) {
    let recipe = kiln_document::read::<Recipe>("x.yaml", text).unwrap_or_else(|error| panic!("{error}")).value;
    let loaded =
        Loaded { recipe, origin: "x.yaml".to_owned(), folder: folder.to_owned(), built_in: None, warnings: Vec::new() };
    let base = BaseInput::Image { disk: "/d".into(), digest: Digest::of_bytes(b"base") };
    let inputs = Inputs { base, downloads: BTreeMap::new(), artifacts, images: Vec::new() };
    let plan = Plan::new(&loaded, &inputs).unwrap();
    (loaded, inputs, plan)
}

#[test]
fn a_boot_leaves_its_user_in_the_layer_and_only_a_boot_does() {
    let keys = |user: &str| {
        let text = format!(
            "name: x\nbase: {{image: y}}\nuser: {user}\ndisk: 1GiB\nlayers:\n\
             - {{name: a, steps: [run: 'true']}}\n- {{name: b, boot: true, steps: [run: 'true']}}\n"
        );
        let (_, _, plan) = planned("/".into(), &text);
        [plan.layers[0].key, plan.layers[1].key]
    };
    let ([below, booted], [other_below, other_booted]) = (keys("debian"), keys("centos"));
    assert_eq!(below, other_below);
    assert_ne!(booted, other_booted);
}

#[test]
fn what_is_fetched_goes_by_the_detour_and_knows_its_step() {
    let text = "name: x\nbase: {image: y}\nuser: debian\ndisk: 1GiB\nlayers:\n\
                - {name: a, steps: [delete: /x, install: [curl]]}\n- {name: b, steps: [delete: /y]}\n";
    let (_, _, plan) = planned("/".into(), text);
    let told = |detour: Option<&Detour>| {
        let (steps, actions) = plan.layers[0].actions_by(detour);
        let options = actions.into_iter().map(|action| action.arguments().join(" "));
        steps.into_iter().zip(options).collect::<Vec<_>>()
    };
    let (delete, install) = ((0, "--delete /x".to_owned()), (1, "--install curl".to_owned()));
    assert_eq!(told(None), [delete.clone(), install.clone()]);
    let by_detour = told(Some(&Detour::new("/scratch/detour.sh".into())));
    assert_eq!(by_detour[0], delete);
    assert!(by_detour[1].1.starts_with("--upload /scratch/detour.sh:"), "{by_detour:?}");
    assert!(
        by_detour[2].1.ends_with(" there packages") && by_detour[3] == install && by_detour[4].1.ends_with(" back")
    );
    assert!(by_detour[1..].iter().all(|(step, _)| *step == 1), "{by_detour:?}");
}

#[test]
fn checks_have_no_network_where_nothing_is_to_come_from_one() {
    let text = "name: x\nbase: {image: y}\nuser: debian\ndisk: 1GiB\nlayers:\n\
                - {name: a, steps: [delete: /x]}\n- {name: b, steps: [install: [curl]]}\n- {name: c, steps: [delete: /y]}\n\
                checks: ['true']\n";
    let (_, _, plan) = planned("/".into(), text);
    let networks = |offline| plan.all().map(|layer| layer.has_network(offline)).collect::<Vec<_>>();
    assert_eq!(networks(false), [false, false, true, true]);
    assert_eq!(networks(true), [false, false, true, false]);
}

#[test]
fn an_archive_that_changed_while_it_was_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Utf8Path::from_path(folder.path()).unwrap().join("3.9.tar");
    fs::write(&archive, "one").unwrap();
    let text = "name: x\nbase: {image: y}\nuser: debian\ndisk: 1GiB\nlayers:\n\
                - {name: a, boot: true, steps: [container-images: {registry: ['r/pause:3.9']}]}\n";
    let (loaded, mut inputs, _) = planned("/".into(), text);
    let (digest, name) = (Digest::of_bytes(b"one"), "r/pause:3.9".parse().unwrap());
    inputs.images.push(FetchedImage { name, digest, archive: archive.clone(), archive_digest: Some(digest) });
    let plan = Plan::new(&loaded, &inputs).unwrap();
    plan.layers[0].check_inputs_now(&loaded, &inputs).unwrap();
    fs::write(&archive, "two").unwrap();
    let error = plan.layers[0].check_inputs_now(&loaded, &inputs).unwrap_err().to_string();
    assert!(error.contains("image:r/pause:3.9 changed while"), "{error}");
}

#[test]
fn what_changed_while_it_was_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(folder.path()).unwrap();
    fs::create_dir(root.join("site")).unwrap();
    for name in ["a", "b"] {
        fs::write(root.join("site").join(name), "one").unwrap();
    }
    let text = "name: x\nbase: {image: y}\nuser: debian\ndisk: 1GiB\nlayers:\n\
                - {name: a, steps: [copy-in: {from: site, into: /var/www}]}\n";
    let (loaded, inputs, plan) = planned(root, text);
    plan.last.check_inputs_now(&loaded, &inputs).unwrap();
    fs::write(root.join("site/a"), "two").unwrap();
    fs::remove_file(root.join("site/b")).unwrap();
    let error = plan.last.check_inputs_now(&loaded, &inputs).unwrap_err().to_string();
    assert!(error.contains("site/a changed, site/b is gone") && error.contains("layer `a`"), "{error}");
}

#[test]
fn what_links_lead_to_is_read_of_kubernetes_and_not_of_what_is_copied_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(folder.path()).unwrap();
    for name in ["bin", "elsewhere"] {
        fs::create_dir(root.join(name)).unwrap();
    }
    symlink("../elsewhere/hyperkube", root.join("bin/kubelet")).unwrap();
    symlink("elsewhere", root.join("plugins")).unwrap();
    let keys = |content: &str| {
        fs::write(root.join("elsewhere/hyperkube"), content).unwrap();
        let text = "name: x\nbase: {image: y}\nuser: debian\ndisk: 1GiB\nlayers:\n\
                    - {name: a, steps: [copy-in: {from: bin, into: /opt}]}\n- name: b\n  steps:\n  \
                    - kubernetes: {version: 1.20.2, binaries: {file: bin}, cni: {plugins: {file: plugins}}}\n";
        let (_, _, plan) = planned(root, text);
        (plan.layers[0].key, plan.last.ingredients.inputs)
    };
    let ((copied, read), (copied_again, read_again)) = (keys("one"), keys("two"));
    assert_eq!(copied, copied_again);
    for name in ["bin/kubelet", "plugins/hyperkube"] {
        assert_ne!(read[name], read_again[name], "{name}");
    }
}

#[test]
fn what_is_read_through_links_counts_also_where_its_folder_is_copied_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(folder.path()).unwrap();
    fs::create_dir_all(root.join("tree/bin")).unwrap();
    symlink("../../hyperkube", root.join("tree/bin/kubelet")).unwrap();
    let steps = ["kubernetes: {version: 1.20.2, binaries: {file: tree/bin}}", "copy-in: {from: tree, into: /opt}"];
    for [first, second] in [[steps[0], steps[1]], [steps[1], steps[0]]] {
        let text = format!(
            "name: x\nbase: {{image: y}}\nuser: debian\ndisk: 1GiB\nlayers:\n\
             - name: a\n  steps:\n  - {first}\n  - {second}\n"
        );
        let key = |content: &str| {
            fs::write(root.join("hyperkube"), content).unwrap();
            let (loaded, inputs, plan) = planned(root, &text);
            plan.last.check_inputs_now(&loaded, &inputs).unwrap();
            plan.last.key
        };
        assert_ne!(key("one"), key("two"), "{text}");
    }
}

#[test]
fn that_links_are_followed_is_said_of_an_artifact_with_plugins_and_of_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(folder.path()).unwrap();
    fs::write(root.join("build.sh"), "true\n").unwrap();
    let home = Home::new(root.join("home")).unwrap();
    let text = "{name: made, debootstrap: {suite: bookworm}, script: build.sh}";
    let declared = kiln_document::read::<crate::recipe::Artifact>("x.yaml", text).unwrap().value;
    let made = Artifact::plan(&declared, root, &home).unwrap();
    let of = |cni: &str| {
        let text = format!(
            "name: x\nbase: {{image: y}}\nuser: debian\ndisk: 1GiB\nartifacts: [{text}]\nlayers:\n- name: a\n  \
             steps:\n  - kubernetes: {{version: 1.20.2, binaries: {{artifact: made, path: bin}}, cni: {cni}}}\n"
        );
        let (_, _, plan) = planned_with(root, &text, vec![made.clone()]);
        plan.last.ingredients.inputs.into_keys().collect::<Vec<_>>()
    };
    assert_eq!(of("{packages: [containernetworking-plugins]}"), ["artifact:made"]);
    let inputs = of("{plugins: {artifact: made, path: plugins}}");
    assert_eq!(inputs, ["artifact:made", "artifact:made/links"]);
    assert!(ingredients::is_artifact(&inputs[0]) && !ingredients::is_artifact(&inputs[1]));
}

#[test]
fn files_are_labelled_unless_selinux_was_switched_off_below() {
    let text = "- {name: a, steps: [swap: off]}\n- {name: b, steps: [selinux: disabled]}\n\
                - {name: c, steps: [swap: off]}\n- {name: d, steps: [selinux: disabled, selinux: enforcing]}\n";
    let layers = kiln_document::read::<Vec<Layer>>("x.yaml", text).unwrap_or_else(|error| panic!("{error}")).value;
    for (base, at_first) in [("{image: y}", true), ("{debootstrap: {suite: bookworm}}", false)] {
        let base = kiln_document::read::<Base>("x.yaml", base).unwrap_or_else(|error| panic!("{error}")).value;
        let labelled: Vec<_> = (0..=layers.len()).map(|count| has_labels(&base, &layers[..count])).collect();
        assert_eq!(labelled, [at_first, at_first, false, false, true]);
    }
}

#[test]
fn what_was_freed_is_given_back_when_all_else_is_done() {
    let (_, _, plan) = planned("/".into(), "name: x\nbase: {image: y}\nuser: debian\ndisk: 1GiB\n");
    let Some(Action::RunCommand(command)) = plan.last.steps.last().and_then(|step| step.actions.last()) else {
        panic!("{plan:?}")
    };
    assert!(command.starts_with(seal::SCRIPT) && command.ends_with(seal::TRIM), "{command}");
}
