//! A relay, asked as a guest would.

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use camino::Utf8PathBuf;
use kiln_images::config::Config;
use kiln_images::home::Home;

use super::*;
use crate::actions::Action;
use kiln_images::bundle::Bundle;

/// Asks for `target`, and returns the whole answer.
async fn ask(relay: &Relay, target: String) -> String {
    let script = std::fs::read_to_string(script_of(&relay.shared.scratch, TO_MACHINE)).unwrap();
    let (_, rest) = script.split_once("http://10.0.2.2:").unwrap();
    let port: u16 = rest.split_once('/').unwrap().0.parse().unwrap();
    let asked = tokio::task::spawn_blocking(move || {
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
        write!(stream, "GET {target} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    asked.await.unwrap()
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
