//! The folder in which the lab file was, for a lab that is named by its name later: `labs/<lab>/base.json`. What the lab file
//! names relative to itself is read there again.
//!
//! It is no part of a checkpoint: a folder of another host is not one of this host, and a checkpoint that somebody else has
//! exported is not to choose what is read here and given to its guests. Of what such a lab names, it has its own copies.

use std::io;

use camino::{Utf8PathBuf, absolute_utf8};
use kiln_images::At;
use kiln_images::durable::{self, Document, DocumentError};
use serde::{Deserialize, Serialize};

use super::Lab;
use crate::folder::LabFolder;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Base {
    folder: Utf8PathBuf,
}

impl Document for Base {
    const FORMAT: u32 = 1;
    const MAX_BYTES: u64 = 64 << 10;
}

/// Remembers where the lab file is, if it was given and not found in the folder of the lab.
///
/// # Errors
/// Where it cannot be written.
pub fn keep(folder: &LabFolder, lab: &Lab) -> Result<(), DocumentError> {
    if is_in_its_folder(folder, lab) {
        return Ok(());
    }
    // A name that is built in stands for a file in the working directory.
    let Some(here) = lab.beside(".") else { return Ok(()) };
    let base = absolute_utf8(&here).at("finding", &here)?;
    durable::save(&folder.base(), &Base { folder: base })
}

/// The lab, with the folder in which its file was. Nobody knows that of one from a checkpoint.
///
/// # Errors
/// Where what is remembered is damaged.
pub fn found(folder: &LabFolder, lab: &Lab) -> Result<Lab, DocumentError> {
    if !is_in_its_folder(folder, lab) {
        return Ok(lab.clone());
    }
    let base = match durable::load::<Base>(&folder.base()) {
        Ok(base) => Some(base.folder),
        Err(DocumentError::File(error)) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    Ok(Lab { base, ..lab.clone() })
}

/// Whether it is the lab as it was applied last, and not a file that was given.
fn is_in_its_folder(folder: &LabFolder, lab: &Lab) -> bool {
    lab.base.as_deref() == Some(folder.root())
}
