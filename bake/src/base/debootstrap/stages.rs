//! cloud-init, loaded once and not once for each of its four stages.

/// What is put over the packages for that.
pub(super) const FILES: &[(&str, &str)] = &[
    ("usr/lib/kiln/cloud-init/server.py", SERVER),
    ("usr/lib/kiln/cloud-init/client.pl", CLIENT),
    ("etc/systemd/system/cloud-init-local.service.d/kiln.conf", include_str!("files/cloud-init/local.conf")),
    ("etc/systemd/system/cloud-init.service.d/kiln.conf", include_str!("files/cloud-init/init.conf")),
    ("etc/systemd/system/cloud-config.service.d/kiln.conf", include_str!("files/cloud-init/config.conf")),
    ("etc/systemd/system/cloud-final.service.d/kiln.conf", include_str!("files/cloud-init/final.conf")),
];

const SERVER: &str = include_str!("files/cloud-init/server.py");
const CLIENT: &str = include_str!("files/cloud-init/client.pl");

/// The line for a shell that takes them out of the tree `$1` again where cloud-init does so by itself: from 24.3 on, with
/// other units, of which cloud-init-main.service is one.
pub(super) const REMOVE_WHERE_NEEDLESS: &str = "if [ -e \"$1\"/lib/systemd/system/cloud-init-main.service ]; then rm -r \
                                                \"$1\"/etc/systemd/system/cloud-*.service.d/kiln.conf \
                                                \"$1\"/usr/lib/kiln/cloud-init; fi";

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::UnixDatagram;
    use std::process::{Child, Command};
    use std::time::Duration;

    use camino::{Utf8Path, Utf8PathBuf};

    use super::*;

    /// Stands in for cloud-init: notes in `LOG` that it was loaded, and each stage with its words. It fails in `config`.
    const CLOUD_INIT: &str = "\
import os, sys
def note(text):
    with open(os.environ['LOG'], 'a') as log:
        print(text, file=log)
note('loaded')
def main():
    note(' '.join(sys.argv[1:]))
    return 3 if '--mode=config' in sys.argv else 0
";

    struct Stage(tempfile::TempDir);

    impl Stage {
        /// The two programs, with paths of the test's own.
        fn new() -> Self {
            let stage = Self(tempfile::tempdir().unwrap());
            fs::create_dir_all(stage.path("cloudinit/cmd")).unwrap();
            fs::write(stage.path("cloudinit/cmd/main.py"), CLOUD_INIT).unwrap();
            fs::write(stage.path("alone"), "#!/bin/sh\necho \"alone: $*\" >> \"$LOG\"\n").unwrap();
            fs::set_permissions(stage.path("alone"), Permissions::from_mode(0o755)).unwrap();
            for (name, text) in [("server.py", SERVER), ("client.pl", CLIENT)] {
                let text = text.replace("/run/kiln-cloud-init.sock", stage.path("socket").as_str());
                let text = text.replace("'/usr/bin/cloud-init'", &format!("'{}'", stage.path("alone")));
                fs::write(stage.path(name), text).unwrap();
            }
            stage
        }

        fn path(&self, name: &str) -> Utf8PathBuf {
            Utf8Path::from_path(self.0.path()).unwrap().join(name)
        }

        fn command(&self, program: &str, script: &str) -> Command {
            let mut command = Command::new(program);
            command.arg(self.path(script)).env("LOG", self.path("log")).env("PYTHONPATH", self.path(""));
            command
        }

        /// Starts the first stage, and waits until systemd would go on.
        fn serve(&self) -> Child {
            let systemd = UnixDatagram::bind(self.path("notify")).unwrap();
            systemd.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
            let mut server = self.command("python3", "server.py");
            let server = server.args(["init", "--local"]).env("NOTIFY_SOCKET", self.path("notify")).spawn().unwrap();
            let mut said = [0; 64];
            let length = systemd.recv(&mut said).unwrap();
            assert_eq!(&said[..length], b"READY=1");
            server
        }

        fn ask(&self, words: &[&str]) -> Option<i32> {
            self.command("perl", "client.pl").args(words).status().unwrap().code()
        }

        fn log(&self) -> String {
            fs::read_to_string(self.path("log")).unwrap()
        }
    }

    #[test]
    fn cloud_init_is_loaded_once_for_all_stages() {
        let stage = Stage::new();
        let mut server = stage.serve();
        assert_eq!(fs::metadata(stage.path("socket")).unwrap().permissions().mode() & 0o077, 0);
        assert_eq!(stage.ask(&["init"]), Some(0));
        assert_eq!(stage.ask(&["modules", "--mode=config"]), Some(3));
        assert_eq!(stage.ask(&["modules", "--mode=final"]), Some(0));
        assert!(server.wait().unwrap().success());
        assert_eq!(stage.log(), "loaded\ninit --local\ninit\nmodules --mode=config\nmodules --mode=final\n");
        assert!(!stage.path("socket").exists());
    }

    #[test]
    fn a_cloud_init_that_is_loaded_once_by_itself_is_left_as_it_is() {
        let stage = Stage::new();
        let put = |path: &str| {
            let path = stage.path(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        };
        FILES.iter().for_each(|(path, _)| put(path));
        let run =
            || Command::new("sh").args(["-c", REMOVE_WHERE_NEEDLESS, "exec"]).arg(stage.path("")).status().unwrap();
        let left = || FILES.iter().filter(|(path, _)| stage.path(path).exists()).count();
        assert!(run().success());
        assert_eq!(left(), FILES.len());
        put("lib/systemd/system/cloud-init-main.service");
        assert!(run().success());
        assert_eq!(left(), 0);
    }

    #[test]
    fn a_stage_runs_alone_where_nothing_has_loaded_cloud_init() {
        let stage = Stage::new();
        assert_eq!(stage.ask(&["modules", "--mode=final"]), Some(0));
        let mut server = stage.serve();
        server.kill().unwrap();
        server.wait().unwrap();
        assert_eq!(stage.ask(&["init"]), Some(0));
        assert_eq!(stage.log(), "alone: modules --mode=final\nloaded\ninit --local\nalone: init\n");
    }
}
