//! The one map from what went wrong to what the user is told, and to the exit code.

use kiln_console::{Class, Failure};
use kiln_document::Problems;
use kiln_images::bundle::BundleError;
use kiln_images::config::ConfigError;
use kiln_images::durable::{DocumentError, LockError};
use kiln_images::overlay::OverlayError;
use kiln_images::store::StoreError;
use kiln_images::{FileError, qemu_img};
use kiln_machines::{CheckpointProblem, StartProblem};

use crate::checkpoint::CheckpointError;
use crate::error::Error;
use crate::fetch::FetchError;
use crate::kubernetes::cni::manifest::ManifestError;
use crate::kubernetes::kubeconfig::users::UsersError;
use crate::kubernetes::kubectl::KUBECTL;
use crate::kubernetes::pki::PkiError;
use crate::lab::edit::EditError;
use crate::lab::gallery::GALLERY;
use crate::mesh::MeshError;
use crate::ssh::{SCP, SSH};

/// How the C library calls ENOSPC, which `qemu-img` and `tar` pass on; they are run with the locale `C`.
pub(crate) const NO_SPACE: &str = "No space left on device";

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::LabFile(problems) | Error::Edit(EditError::Wrong(problems)) => mistakes(&problems),
            Error::Phase(failure) => {
                let next = failure.next();
                Self::of(Class::Guest, failure.as_ref()).hint(next)
            }
            Error::Store(StoreError::Unknown { ref reference, .. }) => {
                Self::of(class(&error), &error).hint(how_to_bake(reference))
            }
            error => match misconfigured(&error) {
                Some(error) => configuration(error),
                None => Self::of(class(&error), &error),
            },
        }
    }
}

/// How an image is come by that is not there. The images of the built-in labs have the names of built-in recipes.
fn how_to_bake(image: &str) -> String {
    let is_built_in = GALLERY.iter().any(|entry| entry.text.lines().any(|line| line == format!("image: {image}")));
    match is_built_in {
        true => format!("bake it: bake build {image}"),
        false => "bake it from its recipe: bake build RECIPE (what is built in: bake recipes)".to_owned(),
    }
}

/// The configuration of the user, where something could not be fetched because of it.
fn misconfigured(error: &Error) -> Option<&ConfigError> {
    match error {
        Error::Fetch(FetchError::Config(error))
        | Error::Mesh(MeshError::Fetch(FetchError::Config(error)))
        | Error::PodNetwork(ManifestError::Fetch(FetchError::Config(error))) => Some(error),
        _ => None,
    }
}

/// What the user is told of the configuration: every mistake in its place.
pub fn configuration(error: &ConfigError) -> Failure {
    match error {
        ConfigError::Read { .. } => Failure::of(Class::File, error),
        ConfigError::Invalid(problems) => mistakes(problems),
    }
}

/// Every mistake of a file in its place.
fn mistakes(problems: &Problems) -> Failure {
    Failure::report(Class::File, |colour| problems.render(colour)).details(problems)
}

/// What kind of failure an error is.
fn class(error: &Error) -> Class {
    match error {
        Error::LabFile(_)
        | Error::NoState { .. }
        | Error::DiskTooSmall { .. }
        | Error::AddressTaken { .. }
        | Error::NetworkChanged { .. } => Class::File,
        Error::NoLab { .. }
        | Error::NoNode { .. }
        | Error::NoCluster { .. }
        | Error::NoMesh { .. }
        | Error::NoDoor { .. } => Class::NotFound,
        Error::Busy { .. } | Error::Changed { .. } => Class::Busy,
        Error::NotAllowed(_) | Error::Usage(_) | Error::Kubeconfig(UsersError::OfLab { .. }) => Class::Usage,
        Error::PortTaken { .. } | Error::Memory { .. } | Error::DiskFull { .. } => Class::Host,
        Error::Home(_) | Error::Ports(_) | Error::Linked { .. } => Class::Host,
        Error::Phase(_) | Error::Shared(_) | Error::EtcdNotTold { .. } => Class::Guest,
        Error::Cluster(_) | Error::Kubeconfig(UsersError::Merge(_) | UsersError::NoText(_)) => Class::File,
        Error::Checkpoint(error) => checkpoint(error),
        Error::PodNetwork(error) => pod_network(error),
        Error::Mesh(error) => mesh(error),
        Error::Fetch(error) => fetched(error),
        Error::Kubeconfig(UsersError::Busy(_)) => Class::Busy,
        Error::Kubeconfig(UsersError::File(_) | UsersError::Nowhere) => Class::Host,
        Error::Pki(PkiError::Tool(error)) => tool(error),
        Error::Pki(_) | Error::Yaml(_) => Class::Host,
        Error::Down { .. } => Class::Machine,
        Error::Machines(errors) => errors.first().map_or(Class::Machine, machine),
        Error::Machine(error) => machine(error),
        Error::Store(error) => store(error),
        Error::Overlay(OverlayError::QemuImg(error)) | Error::QemuImg(error) => qemu_img(error),
        Error::Overlay(OverlayError::File(_)) | Error::File(_) | Error::Keys(_) => Class::Host,
        Error::Overlay(OverlayError::TooSmall { .. }) | Error::Seed { .. } => Class::File,
        Error::Document(error) => document(error),
        Error::Lock(error) => lock(error),
        Error::Tool(error) => tool(error),
        Error::UserFile { .. } | Error::Edit(_) => Class::File,
    }
}

fn checkpoint(error: &CheckpointError) -> Class {
    use CheckpointError::{
        Damaged, Exists, Expired, Foreign, Forked, Length, Missing, NoSpace, NotBootable, NotRunning, NotSuspended,
        OtherHost, Reserved, Suspended, Taken, Unknown, Unreadable,
    };
    match error {
        Unknown { .. } => Class::NotFound,
        NotRunning { .. } => Class::Machine,
        Exists { .. }
        | Reserved(_)
        | Suspended { .. }
        | NotSuspended { .. }
        | NotBootable { .. }
        | Taken(_)
        | Forked { .. } => Class::Usage,
        NoSpace { .. } | OtherHost { .. } => Class::Host,
        Unreadable { .. } | Foreign { .. } | Missing { .. } | Length { .. } | Expired { .. } | Damaged { .. } => {
            Class::File
        }
    }
}

fn pod_network(error: &ManifestError) -> Class {
    match error {
        ManifestError::Fetch(error) => fetched(error),
        ManifestError::File(_) => Class::Host,
        ManifestError::Document(error) => document(error),
        ManifestError::Missing(_) | ManifestError::NoText { .. } | ManifestError::Flannel(_) => Class::File,
    }
}

fn fetched(error: &FetchError) -> Class {
    match error {
        FetchError::Download(_) => Class::Image,
        FetchError::Bundle(BundleError::File(_)) => Class::Host,
        FetchError::Pins(error) => document(error),
        FetchError::Source(_) | FetchError::Elsewhere { .. } | FetchError::Config(_) | FetchError::Bundle(_) => {
            Class::File
        }
    }
}

fn mesh(error: &MeshError) -> Class {
    match error {
        MeshError::Fetch(error) => fetched(error),
        MeshError::Document(error) => document(error),
        MeshError::Tool(kiln_tool::Error::Failed(failure)) if failure.code().is_some() => Class::File,
        MeshError::Tool(error) => tool(error),
        MeshError::Missing(_)
        | MeshError::NoArchive(_)
        | MeshError::Member { .. }
        | MeshError::NoText { .. }
        | MeshError::Unreadable { .. }
        | MeshError::Memory { .. } => Class::File,
    }
}

fn machine(error: &kiln_machines::Error) -> Class {
    use kiln_machines::Error::{AcceleratorName, Checkpoint, Document, File, Lock, SocketPath, Start, Tool};
    match error {
        Tool(kiln_tool::Error::Failed(_)) => Class::Machine,
        Checkpoint { source, .. } => match &**source {
            CheckpointProblem::File(error) => file(error),
            CheckpointProblem::Tool(error) => tool(error),
            _ => Class::Machine,
        },
        Tool(error) => tool(error),
        SocketPath(_) | AcceleratorName { .. } | File(_) => Class::Host,
        Document(error) => document(error),
        Lock(error) => lock(error),
        Start { problem, .. } => match **problem {
            StartProblem::PortTaken { .. } | StartProblem::Accelerator { .. } | StartProblem::OutOfMemory { .. } => {
                Class::Host
            }
            _ => Class::Machine,
        },
        _ => Class::Machine,
    }
}

fn store(error: &StoreError) -> Class {
    match error {
        StoreError::File(error) => file(error),
        StoreError::Document(error) => document(error),
        StoreError::Lock(error) => lock(error),
        StoreError::QemuImg(error) => qemu_img(error),
        StoreError::Unknown { .. } => Class::NotFound,
        _ => Class::Image,
    }
}

fn qemu_img(error: &qemu_img::Error) -> Class {
    match error {
        qemu_img::Error::Tool(error) => match error {
            kiln_tool::Error::Failed(failure) if failure.to_string().contains(NO_SPACE) => Class::Host,
            kiln_tool::Error::Failed(_) => Class::Image,
            error => tool(error),
        },
        qemu_img::Error::File(error) => file(error),
    }
}

fn document(error: &DocumentError) -> Class {
    match error {
        DocumentError::File(error) => file(error),
        _ => Class::File,
    }
}

fn lock(error: &LockError) -> Class {
    match error {
        LockError::Busy { .. } => Class::Busy,
        LockError::File(error) => file(error),
    }
}

/// Programs that ask something of a node or its cluster fail for what is there, the others for what is here.
fn tool(error: &kiln_tool::Error) -> Class {
    match error {
        kiln_tool::Error::Failed(failure) if [KUBECTL, SSH, SCP].iter().any(|it| it.name == failure.program) => {
            Class::Guest
        }
        _ => Class::Host,
    }
}

fn file(_: &FileError) -> Class {
    Class::Host
}

#[cfg(test)]
mod tests {
    use kiln_machines::Error as MachineError;
    use kiln_tool::Program;
    use kiln_tool::testing::Fake;

    use super::*;

    #[test]
    fn an_image_that_is_not_there_can_be_baked() {
        assert_eq!(how_to_bake("debian-12"), "bake it: bake build debian-12");
        assert!(how_to_bake("mine").contains("bake build RECIPE"));
    }

    async fn failed(program: Program) -> kiln_tool::Error {
        let _fake = Fake::new(program.name, "exit 1");
        program.find().unwrap().invoke("trying").run().await.unwrap_err()
    }

    #[tokio::test]
    async fn a_program_that_fails_is_told_by_what_it_was_at() {
        for (program, expected) in
            [(KUBECTL, Class::Guest), (SSH, Class::Guest), (Program::new("tar", "tar"), Class::Host)]
        {
            assert_eq!(class(&failed(program).await.into()), expected, "{}", program.name);
        }
        let switch = MachineError::from(failed(Program::new("vde_switch", "vde2")).await);
        assert_eq!(class(&switch.into()), Class::Machine);
        let full = FileError::new("writing", "/lab".into(), std::io::ErrorKind::StorageFull.into());
        let source = Box::new(CheckpointProblem::File(full));
        let saving = MachineError::Checkpoint { doing: "saving", machine: "node1".to_owned(), source };
        assert_eq!(class(&saving.into()), Class::Host);
    }
}
