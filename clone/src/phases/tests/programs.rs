//! Programs that only pretend: shell scripts that write down how they were called, and answer from files.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use kiln_tool::testing::Fake;

/// Answers the call number n of the kind `$1` from `$1.n`, or else from `$1`: the first line is the exit status, the rest
/// is said, on standard error if there is a file with the ending `is-error`. A kind without a file says nothing, and ends well.
const ANSWER: &str = r#"
find_file() {
  count=$(($(cat "$here/$1.count" 2>/dev/null || echo 0) + 1)); echo $count > "$here/$1.count"
  file="$here/$1.$count"; [ -e "$file" ] || file="$here/$1"
}
answer() {
  find_file "$1"; [ -e "$file" ] || exit 0
  [ -e "$file.is-error" ] && exec >&2
  tail -n +2 "$file"; exit "$(head -n 1 "$file")"
}"#;

const SSH: &str = r#"
case "$*" in
  *'kubeadm init'*) answer init ;;
  *'kubeadm join'*) answer join ;;
  *) answer reset ;;
esac"#;

/// Raw paths are answered from files that have underscores for slashes, the n-th time from the one with the ending `.n` if
/// there is one; the first time not, if there is a file with the ending `.busy`.
const KUBECTL: &str = r#"
case "$*" in
  *'get --raw '*)
    find_file "$(echo "${*##*--raw }" | tr / _)"
    rm "$file.busy" 2>/dev/null && { echo 'Error from server (Timeout): try again' >&2; exit 1; }
    [ -e "$file" ] && exec cat "$file"
    echo 'Error from server (NotFound): there is no such thing' >&2; exit 1 ;;
  *'member list'*) answer etcd ;;
  *) cat > "$here/stdin.$(echo "$*" | tr ' ' '\n' | grep -x -e apply -e delete -e replace)"; answer kubectl ;;
esac"#;

/// A folder with the programs, their answers, and the book of their calls.
#[derive(Debug)]
pub(super) struct Programs {
    folder: Utf8PathBuf,
    _fakes: [Fake; 2],
}

impl Programs {
    pub(super) fn new(folder: &Utf8Path) -> Self {
        let folder = folder.join("programs");
        fs::create_dir(&folder).unwrap();
        let fake = |(name, script)| {
            let head = format!("here={folder}\necho \"{name} $*\" >> \"$here/calls\"");
            Fake::new(name, &format!("{head}{ANSWER}{script}"))
        };
        Self { _fakes: [("ssh", SSH), ("kubectl", KUBECTL)].map(fake), folder }
    }

    /// What a call is answered with; see [`ANSWER`].
    pub(super) fn answer(&self, call: &str, status: u8, says: &str) {
        fs::write(self.folder.join(call), format!("{status}\n{says}\n")).unwrap();
    }

    /// What a call fails with, which it says on standard error.
    pub(super) fn fail(&self, call: &str, says: &str) {
        fs::write(self.folder.join(call), format!("1\n{says}\n")).unwrap();
        fs::write(self.folder.join(format!("{call}.is-error")), "").unwrap();
    }

    /// What the API says at a path.
    pub(super) fn serve(&self, path: &str, text: &str) {
        fs::write(self.folder.join(path.replace('/', "_")), text).unwrap();
    }

    /// Has the API answer at a path only when it is asked for the second time.
    pub(super) fn is_busy(&self, path: &str) {
        self.serve(&format!("{path}.busy"), "");
    }

    /// What the last `kubectl` of this kind was given to read.
    pub(super) fn stdin(&self, command: &str) -> String {
        fs::read_to_string(self.folder.join(format!("stdin.{command}"))).unwrap()
    }

    /// The calls so far that have this in them.
    pub(super) fn calls(&self, part: &str) -> usize {
        self.book().lines().filter(|line| line.contains(part)).count()
    }

    /// All calls, a line each.
    pub(super) fn book(&self) -> String {
        fs::read_to_string(self.folder.join("calls")).unwrap_or_default()
    }
}
