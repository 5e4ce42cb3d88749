//! How a program ends, seen from outside: its exit code and what it says, played by the example `progress`.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};

/// The example, hermetic: without the variables of the user's own Kiln.
fn program(args: &[&str]) -> Command {
    let test = std::env::current_exe().expect("a test knows its own file");
    let folder = test.ancestors().nth(2).expect("tests are in target/*/deps");
    let path: PathBuf = folder.join("examples/progress");
    assert!(path.exists(), "{} is missing: cargo build -p kiln-console --examples", path.display());
    let mut command = Command::new(path);
    command.args(args).env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(args: &[&str]) -> Output {
    program(args).output().expect("the example can be run")
}

/// Exit code, standard output and standard error.
fn ended(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn results_go_to_stdout_and_progress_to_stderr() {
    let (code, stdout, stderr) = ended(&run(&["--pace", "1"]));
    assert_eq!(code, Some(0), "{stderr}");
    insta::assert_snapshot!(stdout, @"
    NODE    IP
    node1   192.168.206.196
    node2   192.168.206.197
    node3   192.168.206.198
    ");
    assert_eq!(stderr.matches(": done in ").count(), 9, "{stderr}");
    assert!(!stderr.contains('\x1b'), "no colours in a file: {stderr:?}");
}

#[test]
fn quiet_means_only_the_result() {
    let (code, stdout, stderr) = ended(&run(&["--pace", "1", "-q", "-o", "json"]));
    let json = "[[\"node1\",\"192.168.206.196\"],[\"node2\",\"192.168.206.197\"],[\"node3\",\"192.168.206.198\"]]\n";
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (Some(0), json, ""));
}

#[test]
fn a_failure_has_its_code_and_gives_up_the_rest() {
    let (code, stdout, stderr) = ended(&run(&["--fail", "--color", "always"]));
    assert_eq!((code, stdout.as_str()), (Some(7), ""));
    assert_eq!(stderr.matches("aborted after").count(), 2, "{stderr}");
    let end = "\x1b[1;31merror:\x1b[0m node3 could not be started: its disk is locked\n\
               \x1b[1;34mhint:\x1b[0m who uses it: fuser disk.qcow2\n";
    assert!(stderr.ends_with(end), "{stderr}");
}

#[test]
fn with_json_every_line_is_json() {
    let (code, stdout, stderr) = ended(&run(&["--fail", "-o", "json", "-v"]));
    assert_eq!(code, Some(7));
    for line in stdout.lines().chain(stderr.lines()) {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");
    }
    assert!(stdout.contains(r#""state":"failed","message":"its disk is locked""#), "{stdout}");
    assert!(stderr.contains(r#""class":"machine","code":7"#), "{stderr}");
}

#[test]
fn logs_are_filtered() {
    let cases: [(&[&str], bool); 3] = [(&[], false), (&["-v"], true), (&["-v", "--log", "off"], false)];
    for (args, expected) in cases {
        let (_, _, stderr) = ended(&run(&[&["--fail"], args].concat()));
        assert_eq!(stderr.contains("INFO kiln_example: begins"), expected, "{args:?}: {stderr}");
    }
    let (code, _, stderr) = ended(&run(&["--log", "=["]));
    assert_eq!(code, Some(2));
    assert!(stderr.starts_with("error: the log filter `=[` cannot be understood\n"), "{stderr}");
}

#[test]
fn nobody_is_asked_without_a_terminal() {
    let (code, _, stderr) = ended(&run(&["--ask"]));
    assert_eq!(code, Some(2));
    insta::assert_snapshot!(stderr, @"
    error: nobody can be asked: play the lab `three-nodes`?
    hint: to go on without being asked: --yes (or KILN_YES=1)
    ");
    let mut told = program(&["--ask", "--fail"]);
    assert_eq!(told.env("KILN_YES", "true").output().expect("runs").status.code(), Some(7), "not asked, but gone on");
}

#[test]
fn signals_end_a_command() {
    let cases = [(Signal::INT, 130, "error: interrupted\n"), (Signal::TERM, 143, "error: ended by SIGTERM\n")];
    for (signal, code, end) in cases {
        let mut child = program(&[]).spawn().expect("the example can be run");
        let mut stderr = BufReader::new(child.stderr.take().expect("it is piped"));
        wait_for(&mut stderr, "node3: start: QEMU");
        kill_process(Pid::from_child(&child), signal).expect("it runs");
        let mut rest = String::new();
        stderr.read_to_string(&mut rest).expect("it is text");
        assert_eq!(child.wait().expect("it has ended").code(), Some(code), "{rest}");
        assert_eq!(rest.matches("aborted after").count(), 3, "{rest}");
        assert!(rest.ends_with(end), "{rest}");
    }
}

#[test]
fn a_closed_pipe_is_no_mistake() {
    let mut child: Child = program(&["--pace", "1", "-q"]).spawn().expect("the example can be run");
    drop(child.stdout.take());
    let (code, _, stderr) = ended(&child.wait_with_output().expect("it ends"));
    assert_eq!((code, stderr.as_str()), (Some(141), ""));
}

fn wait_for(from: &mut impl BufRead, line: &str) {
    let mut lines = from.lines().map_while(Result::ok);
    assert!(lines.any(|found| found == line), "it ended without saying {line:?}");
}
