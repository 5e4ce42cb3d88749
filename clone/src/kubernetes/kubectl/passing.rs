//! Telling what passes from what stays: of some things that `kubectl` says, the same command does not say them a moment
//! later.

use kiln_tool::{Ending, Error, Failure};

/// What an API server says, or what is said of one, while it is started again or busy; what is said of a webhook whose
/// pods are not ready; and of a kind of objects whose definition the server has only just been given (apimachinery,
/// `api/errors`; kubectl; Go's `net` and `net/http`).
const PASSING: [&str; 21] = [
    "connection refused",
    "was refused - did you specify the right host or port",
    "connection reset by peer",
    "connection to the server was lost",
    "http2: client connection lost",
    "unexpected EOF",
    ": EOF",
    "i/o timeout",
    "TLS handshake timeout",
    "Client.Timeout exceeded",
    "the server is currently unable to handle the request",
    "the server was unable to return a response in the time allotted",
    "(ServerTimeout)",
    "(TooManyRequests)",
    "etcdserver:",
    UNKNOWN_KIND,
    // The definition is known, and its objects are not served yet.
    "the server could not find the requested resource",
    "because it is being terminated",
    "object is being deleted",
    "failed calling webhook",
    "failed calling admission webhook",
];

/// What is said of a kind of objects that the server does not know, or does not know yet.
const UNKNOWN_KIND: &str = "no matches for kind";

/// Whether the server does not know the kind of an object: then there are none of it.
pub fn is_unknown_kind(error: &Error) -> bool {
    matches!(error, Error::Failed(failure) if failure.said.contains(UNKNOWN_KIND))
}

/// Whether the namespace of an object is not there.
pub fn is_without_namespace(error: &Error) -> bool {
    const WORDS: [&str; 3] = ["(NotFound)", "namespaces \"", "\" not found"];
    matches!(error, Error::Failed(failure) if WORDS.iter().all(|words| failure.said.contains(words)))
}

/// Whether the same command may succeed in a moment.
pub fn is_passing(error: &Error) -> bool {
    match error {
        Error::Failed(failure) => passes(failure),
        Error::Missing { .. } | Error::TooOld { .. } => false,
    }
}

fn passes(failure: &Failure) -> bool {
    matches!(failure.ending, Ending::TimedOut(_)) || is_said(&failure.said)
}

/// Whether these words are of something that passes, whoever says them.
pub fn is_said(text: &str) -> bool {
    PASSING.iter().any(|words| text.contains(words))
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    use super::*;

    #[test]
    fn a_server_that_is_away_comes_back_and_a_bad_manifest_does_not_get_better() {
        for (said, expected) in [
            ("The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?", true),
            ("error: unable to recognize \"STDIN\": no matches for kind \"Gateway\" in version \"v1\"", true),
            (
                "Error from server (InternalError): Internal error occurred: failed calling webhook \"a\": no endpoints",
                true,
            ),
            ("Unable to connect to the server: EOF", true),
            ("Error from server (NotFound): the server could not find the requested resource (post rules.a.b)", true),
            ("Error from server (Forbidden): unable to create in namespace a because it is being terminated", true),
            ("Error from server (AlreadyExists): object is being deleted: namespaces \"a\" already exists", true),
            ("error: error parsing STDIN: error converting YAML to JSON: yaml: line 2", false),
            ("The Deployment \"a\" is invalid: spec.selector: Required value", false),
            ("Error from server (Forbidden): error when creating \"STDIN\"", false),
        ] {
            let failure = Failure {
                step: "applying".to_owned(),
                program: "kubectl",
                command: "kubectl apply".to_owned(),
                ending: Ending::Status(ExitStatus::from_raw(256)),
                said: said.to_owned(),
                log: None,
            };
            assert_eq!(is_passing(&Error::Failed(Box::new(failure))), expected, "{said}");
        }
    }
}
