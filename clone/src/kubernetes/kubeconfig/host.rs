//! The host's own kubeconfig of a lab: `labs/<lab>/kubeconfig`, whose context has the name of the lab.

use std::fs;
use std::io;
use std::time::{Duration, SystemTime};

use camino::Utf8Path;
use kiln_images::durable::{PRIVATE, read_limited, write_atomically};
use kiln_images::{At, FileError};

use super::Access;
use crate::folder::LabFolder;
use crate::kubernetes::pki::{Pki, PkiError};

/// The certificate in it is good for a year; it is made anew long before that.
const MAX_AGE: Duration = Duration::from_secs(180 * 24 * 3600);
/// The largest file that is read, in bytes.
const MAX_BYTES: u64 = 64 << 10;

/// Writes the kubeconfig of the lab, whose API answers at `port` of 127.0.0.1, unless it is there and as it should be.
/// Says whether it was written.
///
/// # Errors
/// [`PkiError`]
pub fn ensure(folder: &LabFolder, pki: &Pki, port: u16) -> Result<bool, PkiError> {
    let path = folder.kubeconfig();
    let server = format!("https://127.0.0.1:{port}");
    if is_current(&path, &server, pki.cluster.certificate())? {
        return Ok(false);
    }
    let lab = folder.lab().as_str();
    let credentials = pki.host()?;
    let authority = pki.cluster.certificate();
    let access =
        Access { cluster: lab, context: lab, user: lab, server: &server, authority, credentials: &credentials };
    write_atomically(&path, access.render()?.as_bytes(), PRIVATE)?;
    Ok(true)
}

/// Whether the file leads to this server, trusts this authority, and is not too old.
fn is_current(path: &Utf8Path, server: &str, authority: &str) -> Result<bool, FileError> {
    let made = match fs::metadata(path).and_then(|metadata| metadata.modified()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        result => result.at("looking at", path)?,
    };
    let text = read_limited(path, MAX_BYTES)?;
    let text = String::from_utf8_lossy(&text);
    let says = |value: &str| text.lines().any(|line| line.trim_end().ends_with(&format!(": {value}")));
    // A time in the future is that of a clock that was wrong: the certificate may be, too.
    let young = SystemTime::now().duration_since(made).is_ok_and(|age| age < MAX_AGE);
    Ok(young && says(server) && says(&data_encoding::BASE64.encode(authority.as_bytes())))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use kiln_images::home::Home;

    use super::*;

    #[tokio::test]
    async fn it_is_written_when_it_has_to_be() {
        let guard = tempfile::tempdir().unwrap();
        let home = Home::new(Utf8Path::from_path(guard.path()).unwrap().join("kiln")).unwrap();
        let folder = LabFolder::new(&home, &"lab".parse().unwrap());
        fs::create_dir(folder.root()).unwrap();
        let pki = Pki::open(&folder).await.unwrap();
        let path = folder.kubeconfig();
        assert!(ensure(&folder, &pki, 20_001).unwrap());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("server: https://127.0.0.1:20001") && text.contains("current-context: lab"), "{text}");
        assert!(!text.contains("insecure"), "{text}");

        assert!(!ensure(&folder, &pki, 20_001).unwrap(), "it is there");
        assert!(ensure(&folder, &pki, 20_002).unwrap(), "the port is another");
        let old = SystemTime::now() - MAX_AGE - Duration::from_secs(60);
        fs::File::open(&path).unwrap().set_modified(old).unwrap();
        assert!(ensure(&folder, &pki, 20_002).unwrap(), "its certificate will end");
    }
}
