//! A relay, asked as a guest would.

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, mpsc};

use camino::Utf8PathBuf;
use kiln_images::config::Config;
use kiln_images::home::Home;

use super::*;
use crate::actions::Action;
use kiln_images::bundle::Bundle;

/// Asks for `target`, and returns the whole answer.
async fn ask(relay: &Relay, target: String) -> String {
    ask_by(relay, format!("GET {target} HTTP/1.1\r\nHost: x\r\n\r\n")).await
}

/// The same with this request.
async fn ask_by(relay: &Relay, request: String) -> String {
    let port = port(relay);
    let asked = tokio::task::spawn_blocking(move || {
        let mut answer = String::new();
        request_to(port, &request).read_to_string(&mut answer).unwrap();
        answer
    });
    asked.await.unwrap()
}

/// Asks for `target` twice. When both have some of it, `server` goes on. Returns both answers.
async fn ask_meanwhile(relay: &Relay, target: String, server: Halting) -> [String; 2] {
    let port = port(relay);
    let asked = tokio::task::spawn_blocking(move || {
        let request = format!("GET {target} HTTP/1.1\r\nHost: x\r\n\r\n");
        let mut streams = [request_to(port, &request), request_to(port, &request)];
        let begun = streams.each_mut().map(|stream| {
            let mut some = vec![0; 100_000];
            stream.read_exact(&mut some).unwrap();
            String::from_utf8(some).unwrap()
        });
        server.go_on.send(()).unwrap();
        let mut answers = begun;
        for (stream, answer) in streams.iter_mut().zip(&mut answers) {
            stream.read_to_string(answer).unwrap();
        }
        answers
    });
    asked.await.unwrap()
}

fn port(relay: &Relay) -> u16 {
    let script = std::fs::read_to_string(script_of(&relay.shared.scratch, TO_MACHINE)).unwrap();
    let (_, rest) = script.split_once("http://10.0.2.2:").unwrap();
    rest.split_once('/').unwrap().0.parse().unwrap()
}

fn request_to(port: u16, request: &str) -> std::net::TcpStream {
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    stream
}

/// A server that sends the first half of its only answer, and the second when it is told to. To each who asks.
struct Halting {
    address: SocketAddr,
    go_on: mpsc::Sender<()>,
}

impl Halting {
    fn new(halves: [String; 2]) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (go_on, told) = mpsc::channel();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let _read = stream.read(&mut [0; 1024]).unwrap();
                stream.write_all(halves[0].as_bytes()).unwrap();
                if told.recv().is_ok() {
                    stream.write_all(halves[1].as_bytes()).unwrap();
                }
            }
        });
        Self { address, go_on }
    }
}

fn home() -> (tempfile::TempDir, Utf8PathBuf, Home) {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8PathBuf::from_path_buf(folder.path().canonicalize().unwrap()).unwrap();
    let home = Home::new(root.join("home")).unwrap();
    (folder, root, home)
}

fn supply(home: &Home, mirror: &camino::Utf8Path) -> Supply {
    let text = format!("mirrors:\n  example.org: {mirror}\n");
    let config = kiln_document::read::<Config>("config.yaml", &text).unwrap_or_else(|error| panic!("{error}")).value;
    Supply::online(home, config)
}

#[tokio::test]
async fn what_went_through_is_all_that_is_there_offline() {
    let (_folder, root, home) = home();
    let mirror = root.join("mirror");
    std::fs::create_dir_all(mirror.join("repodata")).unwrap();
    std::fs::write(mirror.join("repodata/repomd.xml"), "<?xml?>").unwrap();
    let bundle = Arc::new(Bundle::create(&root.join("bundle"), None).unwrap());
    let relay = Relay::start(supply(&home, &mirror).recording(Arc::clone(&bundle))).await.unwrap();
    let secret = relay.shared.secret.clone();
    let target = |path: &str| format!("/{secret}/https/example.org/{path}");
    let answer = ask(&relay, target("repodata/repomd.xml")).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("<?xml?>"), "{answer}");
    assert!(ask(&relay, target("optional")).await.starts_with("HTTP/1.1 404"));
    assert_eq!(Vec::from_iter(relay.served()), ["https://example.org/repodata/repomd.xml"]);
    assert!(ask(&relay, "/other/https/example.org/x".to_owned()).await.starts_with("HTTP/1.1 403"));
    drop(relay);
    bundle.finish().unwrap();

    let offline = Supply::offline(&home, Bundle::open(&root.join("bundle"), &home).unwrap());
    let relay = Relay::start(offline).await.unwrap();
    let secret = relay.shared.secret.clone();
    let target = |path: &str| format!("/{secret}/https/example.org/{path}");
    assert!(ask(&relay, target("repodata/repomd.xml")).await.ends_with("<?xml?>"));
    assert!(ask(&relay, target("optional")).await.starts_with("HTTP/1.1 404"));
    assert_eq!(relay.unmet(), [""; 0], "it was not there either when the bundle was made");
    assert!(ask(&relay, target("new.rpm")).await.starts_with("HTTP/1.1 404"));
    let unmet = relay.unmet();
    assert!(unmet.len() == 1 && unmet[0].contains("https://example.org/new.rpm"), "{unmet:?}");
    assert_eq!(relay.unmet(), [""; 0]);
    // A layer that did without it was made. The next one begins.
    ask(&relay, target("new.rpm")).await;
    relay.for_appliance();
    assert_eq!(relay.unmet(), [""; 0], "it is blamed for what it did not ask for");
}

#[tokio::test]
async fn a_page_and_half_a_file_are_no_answers() {
    let (_folder, root, home) = home();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for (mut stream, body) in listener
            .incoming()
            .flatten()
            .zip(["Content-Length: 15\r\n\r\n<!DOCTYPE html>", "Content-Length: 15\r\n\r\nhalf"])
        {
            let mut request = [0; 1024];
            let _read = stream.read(&mut request).unwrap();
            write!(stream, "HTTP/1.1 200 OK\r\n{body}").unwrap();
        }
    });
    let relay = Relay::start(supply(&home, &root)).await.unwrap();
    for why in ["is a web page", "interrupted after 4 of 15 bytes"] {
        let target = format!("/{}/http/{address}/x.rpm", relay.shared.secret);
        let answer = ask(&relay, target).await;
        assert!(answer.starts_with("HTTP/1.1 502") && answer.contains(why), "{answer}");
        assert!(relay.unmet()[0].contains(why));
    }
}

#[tokio::test]
async fn the_secret_is_in_a_private_file_and_in_no_argument() {
    let (_folder, root, home) = home();
    let relay = Relay::start(supply(&home, &root)).await.unwrap();
    let actions = [
        Action::Install(vec!["curl".parse().unwrap()]),
        Action::Fetch { urls: vec!["https://example.org/key".to_owned()], to: "/key".into() },
        Action::RunCommand("true".into()),
    ];
    for detour in [relay.for_appliance(), relay.for_machine()] {
        let around = detour.around(&actions);
        let arguments: Vec<_> = around.iter().flat_map(Action::arguments).collect();
        assert!(!arguments.iter().any(|argument| argument.contains(&relay.shared.secret)), "{arguments:?}");
        let Action::Upload { from, .. } = &around[0] else { panic!("{around:?}") };
        assert!(std::fs::read_to_string(from).unwrap().contains(&relay.shared.secret));
        assert_eq!(std::fs::metadata(from).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn bytes_are_passed_on_as_they_come_to_all_who_ask() {
    let (_folder, root, home) = home();
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n";
    let server = Halting::new([format!("{head}{}", "x".repeat(200_000)), "y".repeat(100_000)]);
    let bundle = Arc::new(Bundle::create(&root.join("bundle"), None).unwrap());
    let relay = Relay::start(supply(&home, &root).recording(Arc::clone(&bundle))).await.unwrap();
    let target = format!("/{}/http/{}/x.rpm", relay.shared.secret, server.address);
    // The server serves one at a time: another download would not begin before the end of the first.
    for answer in ask_meanwhile(&relay, target, server).await {
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200") && head.contains("Content-Length: 300000"), "{head}");
        assert!(body.len() == 300_000 && body.starts_with('x') && body.ends_with('y'), "{}", body.len());
    }
    assert_eq!(bundle.size(), (1, 300_000));
    // Only the scripts of the detours are left.
    let left = relay.shared.scratch.path().read_dir_utf8().unwrap().count();
    assert_eq!((left, relay.served().len(), relay.unmet().len()), (2, 1, 0));
}

#[tokio::test]
async fn what_breaks_off_looks_whole_to_nobody() {
    let (_folder, root, home) = home();
    let bundle = Arc::new(Bundle::create(&root.join("bundle"), None).unwrap());
    let relay = Relay::start(supply(&home, &root).recording(Arc::clone(&bundle))).await.unwrap();
    let chunk = format!("{:x}\r\n{}\r\n", 200_000, "x".repeat(200_000));
    for (head, half) in [("Content-Length: 200001", "x".repeat(200_000)), ("Transfer-Encoding: chunked", chunk)] {
        let server = Halting::new([format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{half}"), String::new()]);
        let target = format!("/{}/http/{}/x.rpm", relay.shared.secret, server.address);
        for answer in ask_meanwhile(&relay, target, server).await {
            let (said, body) = answer.split_once("\r\n\r\n").unwrap();
            assert!(said.starts_with("HTTP/1.1 200") && said.contains(head), "{said}");
            assert!(body.len() < 200_001 || !body.ends_with("0\r\n\r\n"), "{head}: {}", body.len());
        }
        let unmet = relay.unmet();
        assert!(unmet.len() == 1 && unmet[0].contains("interrupted after 200000 of"), "{unmet:?}");
    }
    assert_eq!((bundle.size(), relay.served().len()), ((0, 0), 0));
}

#[tokio::test]
async fn a_file_of_unknown_length_comes_in_chunks_where_that_is_understood() {
    let (_folder, root, home) = home();
    let server = Halting::new(["HTTP/1.1 200 OK\r\n\r\n<?xml?>".to_owned(), "<end/>".to_owned()]);
    let relay = Relay::start(supply(&home, &root)).await.unwrap();
    let target = format!("/{}/http/{}/repomd.xml", relay.shared.secret, server.address);
    for (request, head, body) in [
        ("GET . HTTP/1.1\r\n\r\n", "200 OK\r\nTransfer-Encoding: chunked", "\r\n0\r\n\r\n"),
        ("GET . HTTP/1.0\r\n\r\n", "200 OK\r\nContent-Length: 13", "\r\n\r\n<?xml?><end/>"),
        ("GET . HTTP/1.1\r\nRange: bytes=9-\r\n\r\n", "206 Partial Content\r\nContent-Length: 4", "\r\n\r\nnd/>"),
        ("HEAD . HTTP/1.1\r\n\r\n", "200 OK\r\nContent-Length: 13", "\r\n\r\n"),
    ] {
        server.go_on.send(()).unwrap();
        let answer = ask_by(&relay, request.replacen('.', &target, 1)).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {head}\r\n")) && answer.ends_with(body), "{answer}");
    }
}
