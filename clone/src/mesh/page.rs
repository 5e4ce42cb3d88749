//! The pages that have to be there: asked for from a node, because the network of a lab is reached from nowhere else.

use std::net::Ipv4Addr;
use std::time::Duration;

use data_encoding::BASE64;
use serde_json::Value;

use crate::lab::mesh::{Entrance, Probe};

/// How long one address may take to answer on a quick host. The script needs little more: it asks all of them at once.
pub const ANSWER_LIMIT: Duration = Duration::from_secs(5);

/// Asks for the page `$2` from all addresses that follow, each for at most `$1` seconds, and prints a line for each: the
/// address, and the answer in base64. Images need not have curl: bash, which all of them have, opens the connection itself
/// (bash(1), REDIRECTION). HTTP/1.0 would be simpler to read; Envoy refuses it.
pub const SCRIPT: &str = r#"
seconds=$1 path=$2; shift 2
answers=$(mktemp -d) || exit
trap 'rm -r "$answers"' EXIT
for to; do
  timeout "$seconds" bash -c '
    exec 3<>"/dev/tcp/${2%:*}/${2##*:}" || exit
    printf "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: kiln\r\nAccept: */*\r\nConnection: close\r\n\r\n" "$1" "$2" >&3
    head -c 262144 <&3' bash "$path" "$to" 2>/dev/null | base64 -w 0 >"$answers/$to" &
done
wait
for to; do echo "$to $(cat "$answers/$to")"; done"#;

/// Where the service is asked, on a lab of nodes with these addresses.
///
/// # Errors
/// Why it cannot be asked there (yet).
pub fn addresses(probe: &Probe, service: Option<&Value>, nodes: &[Ipv4Addr]) -> Result<Vec<String>, String> {
    let name = &probe.service;
    let Some(spec) = service.map(|service| &service["spec"]) else {
        return Err(format!("the service {name} is not there"));
    };
    let mut ports = spec["ports"].as_array().into_iter().flatten();
    let Some(port) = ports.find(|port| port["port"] == probe.port) else {
        return Err(format!("the service {name} has no port {}", probe.port));
    };
    match probe.at {
        Entrance::NodePort => match port["nodePort"].as_u64() {
            Some(port) => Ok(nodes.iter().map(|node| format!("{node}:{port}")).collect()),
            None => Err(format!("port {} of the service {name} is at no port of the nodes", probe.port)),
        },
        Entrance::ClusterIp => match spec["clusterIP"].as_str().filter(|address| *address != "None") {
            Some(address) => Ok(vec![format!("{address}:{}", probe.port)]),
            None => Err(format!("the service {name} has no address in the cluster")),
        },
    }
}

/// Compares what the script printed of these addresses with what has to be there.
///
/// # Errors
/// What the first address that is wrong has answered.
pub fn check(probe: &Probe, addresses: &[String], printed: &[u8]) -> Result<(), String> {
    let printed = String::from_utf8_lossy(printed);
    let lines = || printed.lines().filter_map(|line| line.split_once(' '));
    addresses.iter().try_for_each(|address| {
        let page = lines().find(|(known, _)| known == address).map_or("", |(_, page)| page);
        let at = format!("http://{address}{}", probe.path);
        let answer = BASE64.decode(page.trim().as_bytes()).unwrap_or_default();
        let Some((status, body)) = read(&answer) else {
            return Err(format!("{at} {}", if answer.is_empty() { "does not answer" } else { "does not speak HTTP" }));
        };
        if status != probe.status {
            return Err(format!("{at} answers {status}, not {}", probe.status));
        }
        match &probe.text {
            Some(text) if !body.contains(text.as_str()) => Err(format!("{at} answers {status} without `{text}`")),
            _ => Ok(()),
        }
    })
}

/// The status and the body of an answer (RFC 9112).
fn read(answer: &[u8]) -> Option<(u16, String)> {
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    let status = head.strip_prefix("http/1.")?.split(' ').nth(1)?.parse().ok()?;
    let body = &answer[end + 4..];
    let is_chunked = head.lines().any(|line| line.starts_with("transfer-encoding:") && line.contains("chunked"));
    let body = if is_chunked { join_chunks(body) } else { body.to_vec() };
    Some((status, String::from_utf8_lossy(&body).into_owned()))
}

/// The content of a body in chunks (RFC 9112, 7.1), as far as it is there.
fn join_chunks(mut body: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    while let Some(end) = body.windows(2).position(|bytes| bytes == b"\r\n") {
        let size = String::from_utf8_lossy(&body[..end]);
        let size = usize::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16).unwrap_or_default();
        if size == 0 {
            break;
        }
        let begin = end + 2;
        let last = begin.saturating_add(size).min(body.len());
        content.extend_from_slice(&body[begin..last]);
        body = body.get(last + 2..).unwrap_or_default();
    }
    content
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn probe() -> Probe {
        Probe {
            service: "gate".parse().unwrap(),
            namespace: None,
            port: 80,
            path: "/page".to_owned(),
            status: 200,
            text: Some("Simple Shop".to_owned()),
            at: Entrance::NodePort,
        }
    }

    #[test]
    fn a_service_is_asked_at_every_node_or_at_its_own_address() {
        let nodes: Vec<Ipv4Addr> = ["192.168.206.196", "192.168.206.197"].map(|ip| ip.parse().unwrap()).to_vec();
        let service =
            json!({"spec": {"clusterIP": "10.96.0.9", "ports": [{"port": 443}, {"port": 80, "nodePort": 31380}]}});
        let at = |probe: &Probe, service: &Value| addresses(probe, Some(service), &nodes);
        assert_eq!(at(&probe(), &service).unwrap(), ["192.168.206.196:31380", "192.168.206.197:31380"]);
        assert_eq!(at(&Probe { at: Entrance::ClusterIp, ..probe() }, &service).unwrap(), ["10.96.0.9:80"]);
        for (probe, expected) in [
            (Probe { port: 81, ..probe() }, "the service gate has no port 81"),
            (Probe { port: 443, ..probe() }, "port 443 of the service gate is at no port of the nodes"),
        ] {
            assert_eq!(at(&probe, &service).unwrap_err(), expected);
        }
        assert_eq!(addresses(&probe(), None, &nodes).unwrap_err(), "the service gate is not there");
    }

    #[test]
    fn every_answer_has_to_be_right() {
        let line = |answer: &str| format!("{}\n", BASE64.encode(answer.as_bytes()));
        let second = |answer: &str| format!("10.0.0.2:80 {}", line(answer));
        let good = line("HTTP/1.1 200 OK\r\nServer: a\r\n\r\n<title>Simple Shop</title>");
        let chunked =
            line("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nSimple \r\n4\r\nShop\r\n0\r\n\r\n");
        let addresses = ["10.0.0.1:80", "10.0.0.2:80"].map(str::to_owned);
        let check = |second: &str| check(&probe(), &addresses, format!("10.0.0.1:80 {good}{second}").as_bytes());
        assert_eq!(check(&format!("10.0.0.2:80 {chunked}")), Ok(()));
        for (bad, expected) in [
            (String::new(), "http://10.0.0.2:80/page does not answer"),
            ("10.0.0.2:80 \n".to_owned(), "http://10.0.0.2:80/page does not answer"),
            (second("SSH-2.0-x\r\n"), "http://10.0.0.2:80/page does not speak HTTP"),
            (second("HTTP/1.1 503 Bad\r\n\r\nno healthy upstream"), "http://10.0.0.2:80/page answers 503, not 200"),
            (second("HTTP/1.1 200 OK\r\n\r\nIt works"), "http://10.0.0.2:80/page answers 200 without `Simple Shop`"),
        ] {
            assert_eq!(check(&bad).unwrap_err(), expected);
        }
        assert_eq!(super::check(&probe(), &addresses, b"").unwrap_err(), "http://10.0.0.1:80/page does not answer");
    }

    /// Reads a request to its end.
    fn request(connection: &mut std::net::TcpStream) -> String {
        use std::io::Read;
        // bash sends line after line.
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut part = [0; 4096];
            let length = connection.read(&mut part).unwrap();
            assert_ne!(length, 0, "the request ended early");
            request.extend_from_slice(&part[..length]);
        }
        String::from_utf8_lossy(&request).into_owned()
    }

    #[test]
    fn the_script_asks_all_addresses_at_once_and_says_of_those_that_do_not_answer_that_they_do_not() {
        use std::io::Write;
        let servers = [(); 2].map(|()| std::net::TcpListener::bind("127.0.0.1:0").unwrap());
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let addresses: Vec<_> = servers.iter().map(|server| server.local_addr().unwrap().to_string()).collect();
        let script = std::process::Command::new("sh")
            .args(["-c", SCRIPT, "sh", "60", "/page"])
            .args(&addresses)
            .arg(&closed)
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        // Nobody is answered before all have been asked.
        let mut connections = servers.map(|server| server.accept().unwrap().0);
        for (connection, address) in connections.iter_mut().zip(&addresses) {
            let request = request(connection);
            assert!(request.starts_with(&format!("GET /page HTTP/1.1\r\nHost: {address}\r\n")), "{request}");
            connection.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nSimple Shop").unwrap();
        }
        drop(connections);
        let printed = script.wait_with_output().unwrap().stdout;
        check(&probe(), &addresses, &printed).unwrap();
        assert_eq!(
            check(&probe(), std::slice::from_ref(&closed), &printed).unwrap_err(),
            format!("http://{closed}/page does not answer")
        );
    }
}
