//! The user's own kubeconfig: which file it is, and adding a lab to it.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use camino::{Utf8Path, Utf8PathBuf};
use jiff::Timestamp;
use kiln_images::durable::{PRIVATE, create_folder, half_made, read_limited, write_atomically};
use kiln_images::{At, FileError};

use super::merge::{MergeError, merge};

/// The largest kubeconfig that is read, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// The user's kubeconfig could not be changed. It is as it was.
#[derive(Debug, thiserror::Error)]
pub enum UsersError {
    /// Nothing says where it is.
    #[error("neither KUBECONFIG nor HOME says where your kubeconfig is")]
    Nowhere,
    /// It is that of a lab.
    #[error(
        "{file} is the kubeconfig of a lab, which Kiln alone writes: nothing is added to it\n  \
         add the lab to ~/.kube/config: env -u KUBECONFIG clone kubeconfig {lab} --merge; or have KUBECONFIG name your own"
    )]
    OfLab {
        /// The file.
        file: Utf8PathBuf,
        /// The lab that was to be added to it.
        lab: String,
    },
    /// It is no text.
    #[error("{0} is no kubeconfig: it is no text")]
    NoText(Utf8PathBuf),
    /// Somebody changes it at this moment, or was killed over it.
    #[error(
        "{0} is there: kubectl or clone is changing your kubeconfig\n  wait until it has, or remove the file if nobody is"
    )]
    Busy(Utf8PathBuf),
    /// It could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The lab cannot be added to it.
    #[error(transparent)]
    Merge(#[from] MergeError),
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The user's file.
    pub file: Utf8PathBuf,
    /// A copy of it as it was, unless there was none or nothing had to be changed.
    pub backup: Option<Utf8PathBuf>,
}

/// Adds the kubeconfig `ours` of the lab in the folder `lab` to the user's, which is copied first, and is readable for
/// its owner alone afterwards.
///
/// # Errors
/// [`UsersError`]
pub fn merge_into_users(ours: &Utf8Path, lab: &Utf8Path) -> Result<Merged, UsersError> {
    let (list, home) = (env::var_os("KUBECONFIG"), env::var_os("HOME"));
    // What cannot be looked at is an error where it is the one.
    let of_lab =
        |file: &Path| Utf8Path::from_path(file).is_some_and(|file| is_of_lab(file, ours, lab).unwrap_or(false));
    let file = users_file(list.as_deref(), home.as_deref(), of_lab).ok_or(UsersError::Nowhere)?;
    merge_into(&file, ours, lab)
}

fn merge_into(file: &Utf8Path, ours: &Utf8Path, lab: &Utf8Path) -> Result<Merged, UsersError> {
    // A link stays a link: what it leads to is replaced.
    let file = resolve(file)?;
    if is_of_lab(&file, ours, lab)? {
        return Err(UsersError::OfLab { file, lab: lab.file_name().unwrap_or_default().to_owned() });
    }
    file.parent().map_or(Ok(()), create_folder)?;
    let _turn = Turn::take(&file)?;
    let before = read(&file)?;
    let after = merge(file.as_str(), before.as_deref().unwrap_or_default(), &required(ours)?, lab.as_str())?;
    if before.as_ref() == Some(&after) {
        return Ok(Merged { file, backup: None });
    }
    let backup = before.map(|before| keep(&file, &before)).transpose()?;
    // It holds a key now, whatever it was before.
    write_atomically(&file, after.as_bytes(), PRIVATE)?;
    Ok(Merged { file, backup })
}

/// Whether it is the kubeconfig of a lab, be it this one or another, also of one that is gone.
fn is_of_lab(file: &Utf8Path, ours: &Utf8Path, lab: &Utf8Path) -> Result<bool, FileError> {
    let (file, ours, labs) = (resolve(file)?, resolve(ours)?, resolve(lab.parent().unwrap_or(lab))?);
    let is_in_a_lab = file.parent().and_then(Utf8Path::parent) == Some(&labs);
    Ok((is_in_a_lab && file.file_name() == ours.file_name()) || file == ours)
}

/// Where a path leads, as far as there is something: what is not there has no links in it.
fn resolve(path: &Utf8Path) -> Result<Utf8PathBuf, FileError> {
    match path.canonicalize_utf8() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        canonical => return canonical.at("reading", path),
    }
    let above = path.parent().filter(|above| !above.as_str().is_empty()).unwrap_or_else(|| Utf8Path::new("."));
    match (path.read_link_utf8(), path.file_name()) {
        // It leads to what is not there. One that leads to itself is another error.
        (Ok(target), _) => resolve(&above.join(target)),
        (_, Some(name)) => Ok(resolve(above)?.join(name)),
        (_, None) => Ok(resolve(above)?.parent().map_or_else(|| path.to_owned(), Utf8Path::to_owned)),
    }
}

/// Writes a copy of the user's file beside it, under a name with the time in it that no other copy has.
fn keep(file: &Utf8Path, text: &str) -> Result<Utf8PathBuf, FileError> {
    let copy = half_made(file.parent().unwrap_or_else(|| Utf8Path::new(".")))?;
    fs::write(copy.path(), text).at("writing", copy.path())?;
    let name = format!("{file}.{}", Timestamp::now().strftime("%Y%m%dT%H%M%S%.9f"));
    copy.persist_new(Utf8Path::new(&name))?;
    Ok(name.into())
}

/// The right to change a kubeconfig: a file beside it, as kubectl makes one (client-go, `tools/clientcmd/config.go`).
struct Turn(Utf8PathBuf);

impl Turn {
    fn take(file: &Utf8Path) -> Result<Self, UsersError> {
        let lock = Utf8PathBuf::from(format!("{file}.lock"));
        match File::create_new(&lock) {
            Ok(_) => Ok(Self(lock)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(UsersError::Busy(lock)),
            Err(error) => Err(FileError::new("creating", &lock, error).into()),
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.0) {
            tracing::warn!("{} could not be removed: {error}", self.0);
        }
    }
}

/// The file that kubectl would write a new entry to (`kubectl config --help`): of the list KUBECONFIG the first that
/// exists, or else the last; without a list, `~/.kube/config`. Those of labs, which are there to be used, do not count
/// unless there are no others.
fn users_file(list: Option<&OsStr>, home: Option<&OsStr>, is_of_lab: impl Fn(&Path) -> bool) -> Option<Utf8PathBuf> {
    let files: Vec<PathBuf> = list.map(|list| env::split_paths(list).collect()).unwrap_or_default();
    let mut files: Vec<_> = files.into_iter().filter(|file| !file.as_os_str().is_empty()).collect();
    if !files.iter().all(|file| is_of_lab(file)) {
        files.retain(|file| !is_of_lab(file));
    }
    let file = match files.iter().position(|file| file.exists()) {
        Some(first) => Some(files.swap_remove(first)),
        None => files.pop(),
    };
    let usual = || home.map(|home| PathBuf::from(home).join(".kube/config"));
    Utf8PathBuf::from_path_buf(file.or_else(usual)?).ok()
}

fn read(path: &Utf8Path) -> Result<Option<String>, UsersError> {
    match read_limited(path, MAX_BYTES) {
        Ok(bytes) => String::from_utf8(bytes).map(Some).map_err(|_| UsersError::NoText(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn required(path: &Utf8Path) -> Result<String, UsersError> {
    let missing = || FileError::new("reading", path, io::ErrorKind::NotFound.into());
    read(path)?.ok_or_else(|| missing().into())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const OURS: &str = "\
apiVersion: v1
kind: Config
clusters: [{name: lab, cluster: {server: 'https://127.0.0.1:20001'}}]
contexts: [{name: lab, context: {cluster: lab, user: lab}}]
users: [{name: lab, user: {}}]
current-context: lab
";

    fn folder() -> (tempfile::TempDir, Utf8PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().to_owned();
        fs::write(path.join("ours"), OURS).unwrap();
        (folder, path)
    }

    #[test]
    fn the_file_is_the_one_that_kubectl_would_write_to() {
        let (_guard, folder) = folder();
        let (there, missing) = (folder.join("ours"), folder.join("missing"));
        let (last, of_lab) = (folder.join("last"), folder.join("labs/lab/kubeconfig"));
        fs::create_dir_all(of_lab.parent().unwrap()).unwrap();
        fs::write(&of_lab, OURS).unwrap();
        let home = Some(OsStr::new("/home/me"));
        for (list, file) in [
            (None, Utf8PathBuf::from("/home/me/.kube/config")),
            (Some(String::new()), "/home/me/.kube/config".into()),
            (Some(format!("{missing}:{there}:{last}")), there.clone()),
            (Some(format!("{missing}:{last}")), last.clone()),
            (Some(format!("{of_lab}:{missing}:{there}")), there.clone()),
            (Some(format!("{of_lab}:{last}:{of_lab}")), last.clone()),
            (Some(of_lab.to_string()), of_lab.clone()),
        ] {
            let found = users_file(list.as_deref().map(OsStr::new), home, |file| file == of_lab);
            assert_eq!(found, Some(file), "{list:?}");
        }
        assert_eq!(users_file(None, None, |_| false), None);
    }

    #[test]
    fn what_was_there_is_kept_beside_and_a_link_stays_a_link() {
        let (_guard, folder) = folder();
        let (file, link) = (folder.join("real"), folder.join("config"));
        fs::write(&file, "users: [{name: me, user: {token: x}}]\n").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let merged = merge_into(&link, &folder.join("ours"), &folder).unwrap();
        assert_eq!(merged.file, file);
        let backup = fs::read_to_string(merged.backup.unwrap()).unwrap();
        assert_eq!(backup, "users: [{name: me, user: {token: x}}]\n");
        assert!(link.is_symlink());
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "it holds a key now");
        assert!(fs::read_to_string(&file).unwrap().contains("token: x"));

        let again = merge_into(&link, &folder.join("ours"), &folder).unwrap();
        assert_eq!(again.backup, None, "nothing had to be changed");
    }

    #[test]
    fn the_kubeconfig_of_a_lab_is_left_alone_by_whatever_name() {
        let (_guard, folder) = folder();
        let [lab, other] = ["labs/lab", "labs/other"].map(|lab| folder.join(lab));
        for lab in [&lab, &other] {
            fs::create_dir_all(lab).unwrap();
            fs::write(lab.join("kubeconfig"), OURS).unwrap();
        }
        let ours = lab.join("kubeconfig");
        let link = |to: &str, name: &str| {
            std::os::unix::fs::symlink(folder.join(to), folder.join(name)).unwrap();
            folder.join(name)
        };
        for file in [
            ours.clone(),
            other.join("kubeconfig"),
            other.join("../lab/kubeconfig"),
            link("labs/lab/kubeconfig", "link"),
            // Of labs that are gone.
            lab.join("../gone/kubeconfig"),
            folder.join("labs/gone/../gone/kubeconfig"),
            link("labs", "linked").join("gone/kubeconfig"),
            link("labs/gone/kubeconfig", "dangling"),
        ] {
            let error = merge_into(&file, &ours, &lab).unwrap_err();
            assert!(matches!(error, UsersError::OfLab { .. }), "{file}: {error}");
            assert!(error.to_string().contains("env -u KUBECONFIG clone kubeconfig lab --merge"), "{error}");
        }
        assert!(!folder.join("labs/gone").exists());
        for lab in [&lab, &other] {
            assert_eq!(fs::read_to_string(lab.join("kubeconfig")).unwrap(), OURS);
            assert_eq!(fs::read_dir(lab).unwrap().count(), 1, "no copy, no lock");
        }
        merge_into(&folder.join("kubeconfig"), &ours, &lab).unwrap();
    }

    #[test]
    fn a_path_is_followed_as_far_as_it_goes() {
        let (_guard, folder) = folder();
        let (loops, there) = (folder.join("loop"), folder.canonicalize_utf8().unwrap());
        std::os::unix::fs::symlink("nowhere/file", folder.join("link")).unwrap();
        std::os::unix::fs::symlink("loop", &loops).unwrap();
        for (path, expected) in [("ours", "ours"), ("a/b", "a/b"), ("a/../b", "b"), ("link", "nowhere/file")] {
            assert_eq!(resolve(&folder.join(path)).unwrap(), there.join(expected), "{path}");
        }
        let here = Utf8PathBuf::from_path_buf(env::current_dir().unwrap()).unwrap();
        assert_eq!(resolve(Utf8Path::new("missing")).unwrap(), here.join("missing"));
        assert!(resolve(&loops).is_err());
    }

    #[test]
    fn no_copy_replaces_an_earlier_one() {
        let (_guard, folder) = folder();
        let file = folder.join("config");
        let mut copies = Vec::new();
        for number in 0..20 {
            fs::write(&file, format!("users: [{{name: u{number}, user: {{}}}}]\n")).unwrap();
            copies.extend(merge_into(&file, &folder.join("ours"), &folder).unwrap().backup);
        }
        for (number, copy) in copies.iter().enumerate() {
            assert!(fs::read_to_string(copy).unwrap().contains(&format!("u{number},")), "{copy}");
            assert_eq!(fs::metadata(copy).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(copies.len(), 20);
    }

    #[test]
    fn whoever_changes_the_file_at_the_same_time_is_not_overwritten() {
        let (_guard, folder) = folder();
        let (file, lock) = (folder.join("config"), folder.join("config.lock"));
        fs::write(&lock, "").unwrap();
        let error = merge_into(&file, &folder.join("ours"), &folder).unwrap_err();
        assert!(error.to_string().contains("config.lock is there"), "{error}");
        assert!(!file.exists() && lock.exists());
        fs::remove_file(&lock).unwrap();
        merge_into(&file, &folder.join("ours"), &folder).unwrap();
        assert!(file.exists() && !lock.exists());
    }

    #[test]
    fn a_file_that_is_not_there_is_made_for_the_owner_alone() {
        let (_guard, folder) = folder();
        let file = folder.join(".kube/config");
        let merged = merge_into(&file, &folder.join("ours"), &folder).unwrap();
        assert_eq!(merged, Merged { file: file.clone(), backup: None });
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_refusal_changes_nothing() {
        let (_guard, folder) = folder();
        let file = folder.join("config");
        let theirs = "clusters: [{name: lab, cluster: {server: 'https://mine'}}]\n";
        fs::write(&file, theirs).unwrap();
        let error = merge_into(&file, &folder.join("ours"), &folder).unwrap_err();
        assert!(error.to_string().contains("not this lab's"), "{error}");
        assert_eq!(fs::read_to_string(&file).unwrap(), theirs);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "no copy is left");
    }
}
