//! The machine of a boot, and the identity that it throws away.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_cloud_init::{Addressing, Extra, Identity, KeyPair, Login, Nic, NodeName, Seed, Template, etc_hosts};
use kiln_images::At;
use kiln_images::size::MemorySize;
use kiln_machines::{Lifetime, Machine, Memory, NatNic};
use uuid::Uuid;

use super::BootError;
use crate::recipe::Recipe;

/// The host name while it boots. `seal.sh` knows it, too.
const NAME: &str = "kiln-bake";

/// What a container runtime needs, and most hosts have.
const CPUS: u32 = 2;
const MEMORY_MIB: u64 = 2048;

/// The machine in `folder` that boots `disk`. Without `network` it gets an address, which spares it from waiting for one,
/// and reaches nothing.
pub(super) fn machine(
    recipe: &Recipe,
    folder: &Utf8Path,
    disk: &Utf8Path,
    media: Vec<Utf8PathBuf>,
    network: bool,
) -> Machine {
    let identity = identity();
    Machine {
        name: NAME.to_owned(),
        lab: recipe.name.to_string(),
        folder: folder.to_owned(),
        product_uuid: identity.product_uuid,
        board: None,
        cpu: None,
        cpus: recipe.boot.cpus.unwrap_or(CPUS),
        memory_mib: recipe.boot.memory.map_or(MEMORY_MIB, MemorySize::mib),
        memory: Memory::Private,
        disk: disk.to_owned(),
        seed: Some(folder.join("seed.iso")),
        media,
        nat: Some(NatNic { mac: identity.macs[0].to_string(), forwards: Vec::new(), isolated: !network }),
        service: None,
        lifetime: Lifetime::OfItsStarter,
    }
}

/// Writes the medium with the identity of the boot. The user is the one that every clone gets; nobody keeps the key that
/// would let one in. What is taken from the recipe here is part of the layer's key.
pub(super) fn write_seed(recipe: &Recipe, machine: &Machine) -> Result<(), BootError> {
    // cloud-init warns of a user without any key.
    let authorized_keys = vec![KeyPair::generate(NAME)?.public_line().to_owned()];
    let login = Login { name: recipe.user.to_string(), authorized_keys, password_hash: None };
    let template = Template::new(&etc_hosts([]), &login, &Extra::default())?;
    let identity = identity();
    let nics = [Nic { name: recipe.nics.nat.to_string(), mac: identity.macs[0], addressing: Addressing::Dhcp }];
    let (name, host_key) = (name(), KeyPair::generate(NAME)?);
    // The instance is a new one at every boot, so that cloud-init does everything at each, as it will in a clone.
    let node = kiln_cloud_init::Node { name: &name, instance_id: Uuid::new_v4(), host_key: &host_key, nics: &nics };
    let medium = Seed::new(&template, &node)?.medium()?;
    let path = machine.seed.as_deref().unwrap_or(&machine.folder);
    fs::write(path, medium).at("writing", path)?;
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(0o600)).at("making private", path)?)
}

/// What a machine has to have that is nobody's. It is the same at every boot: two of them never meet.
fn identity() -> Identity {
    Identity::derive(Uuid::NAMESPACE_OID, &name(), 0, &["nat"], &mut BTreeSet::new())
}

#[expect(clippy::expect_used, reason = "it is a constant, which a test has seen")]
fn name() -> NodeName {
    NAME.parse().expect("it is a node's name")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(text: &str) -> Recipe {
        let text = format!("name: x\nbase: {{image: y}}\nuser: debian\ndisk: 1GiB\n{text}");
        kiln_document::read("x.yaml", &text).unwrap_or_else(|error| panic!("{error}")).value
    }

    #[test]
    fn it_reaches_nothing_unless_it_has_to_and_dies_with_us() {
        let machine = |text, network| machine(&recipe(text), "/f".into(), "/d".into(), Vec::new(), network);
        let usual = machine("", false);
        assert_eq!((usual.cpus, usual.memory_mib, usual.lifetime), (2, 2048, Lifetime::OfItsStarter));
        assert!(usual.nat.is_some_and(|nic| nic.isolated) && usual.service.is_none());
        let large = machine("boot: {cpus: 4, memory: 6GiB}\n", true);
        assert_eq!((large.cpus, large.memory_mib), (4, 6144));
        assert!(large.nat.is_some_and(|nic| !nic.isolated));
    }

    #[test]
    fn its_seed_is_private_and_sealing_knows_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let recipe = recipe("");
        let machine = machine(&recipe, Utf8Path::from_path(folder.path()).unwrap(), "/d".into(), Vec::new(), false);
        write_seed(&recipe, &machine).unwrap();
        let mode = fs::metadata(machine.seed.unwrap()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(crate::build::seal::SCRIPT.contains(NAME));
    }
}
