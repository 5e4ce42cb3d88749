//! What is believed: pins, checksums, signatures.

use super::*;

#[tokio::test]
async fn the_first_use_is_pinned_and_the_pin_holds() {
    let case = case();
    let server = Server::new(|number, asked| honest(if number == 0 { b"one" } else { b"two" }, "\"1\"", asked));
    let url = server.url("disk");
    let first = case.fetch_url(&url, Expect::Nothing).await.unwrap();
    assert_eq!(first.trust, Trust::FirstUse);
    assert_eq!(case.pins().get(url.as_str()).unwrap().sha256, Digest::of_bytes(b"one"));
    assert_eq!(case.fetch_url(&url, Expect::Nothing).await.unwrap().trust, Trust::Pinned);
    fs::remove_file(&first.path).unwrap();
    let error = case.fetch_url(&url, Expect::Nothing).await.unwrap_err();
    assert!(matches!(error, DownloadError::Mismatch { .. }), "{error}");
}

#[tokio::test]
async fn plain_http_needs_a_checksum() {
    let case = case();
    let url: Url = "http://example.invalid/disk".parse().unwrap();
    let unsigned =
        SumsFile { url: "http://example.invalid/SHA256SUMS".parse().unwrap(), also: vec![], signature: None };
    for expect in [Expect::Nothing, Expect::Sums(unsigned)] {
        let error = case.fetch_url(&url, expect).await.unwrap_err();
        assert!(matches!(error, DownloadError::Insecure { .. }), "{error}");
    }
}

#[tokio::test]
async fn signed_checksum_files_are_believed() {
    let read = |name: &str| fs::read(fixture(name)).unwrap();
    let (plain, clear, detached) = (read("SHA256SUMS"), read("SHA256SUMS.asc"), read("SHA256SUMS.sig"));
    let server = Server::new(move |_, asked| {
        let content = match asked.path.as_str() {
            "SHA256SUMS" => &plain,
            "SHA256SUMS.asc" => &clear,
            "SHA256SUMS.sig" => &detached,
            _ => SMALL,
        };
        honest(content, "\"1\"", asked)
    });
    let signed = |sums: &str, detached: Option<&str>| {
        let (keyring, fingerprint) = (fixture("test-key.asc"), FINGERPRINT.parse().unwrap());
        let signature = Signature { keyring, fingerprint, detached: detached.map(|path| server.url(path)) };
        Expect::Sums(SumsFile { url: server.url(sums), also: vec![], signature: Some(signature) })
    };
    let unsigned = Expect::Sums(SumsFile { url: server.url("SHA256SUMS"), also: vec![], signature: None });
    let trust = Trust::Signed(FINGERPRINT.parse().unwrap());
    for (expect, trust) in [
        (signed("SHA256SUMS.asc", None), trust.clone()),
        (signed("SHA256SUMS", Some("SHA256SUMS.sig")), trust),
        (unsigned, Trust::Listed),
    ] {
        let case = case();
        assert_eq!(case.fetch_url(&server.url("disk.qcow2"), expect.clone()).await.unwrap().trust, trust);
        assert!(case.pins().get(server.url("disk.qcow2").as_str()).is_some());
        let wrong = case.fetch_url(&server.url("other.qcow2"), expect.clone()).await.unwrap_err();
        assert!(matches!(wrong, DownloadError::Mismatch { .. }), "{wrong}");
        let unlisted = case.fetch_url(&server.url("third.qcow2"), expect).await.unwrap_err();
        assert!(matches!(unlisted, DownloadError::NotListed { .. }), "{unlisted}");
    }
    let error = case().fetch_url(&server.url("disk.qcow2"), signed("SHA256SUMS", None)).await.unwrap_err();
    assert!(matches!(error, DownloadError::Signature { .. }), "{error}");
}

#[tokio::test]
async fn a_signature_is_verified_whatever_was_pinned_before_it_was_asked_for() {
    let list = fs::read(fixture("SHA256SUMS.asc")).unwrap();
    let server = Server::new(move |_, asked| match asked.path.as_str() {
        "SHA256SUMS.asc" => honest(&list, "\"1\"", asked),
        "forged" => honest(b"what nobody signed", "\"1\"", asked),
        _ => honest(SMALL, "\"1\"", asked),
    });
    let url = server.url("disk.qcow2");
    let signed = |list: &str| {
        let (keyring, fingerprint) = (fixture("test-key.asc"), FINGERPRINT.parse().unwrap());
        let signature = Some(Signature { keyring, fingerprint, detached: None });
        Expect::Sums(SumsFile { url: server.url(list), also: vec![], signature })
    };
    let case = case();
    assert_eq!(case.fetch_url(&url, Expect::Nothing).await.unwrap().trust, Trust::FirstUse);
    let error = case.fetch_url(&url, signed("forged")).await.unwrap_err();
    assert!(matches!(error, DownloadError::Signature { .. }), "{error}");
    let trust = Trust::Signed(FINGERPRINT.parse().unwrap());
    assert_eq!(case.fetch_url(&url, signed("SHA256SUMS.asc")).await.unwrap().trust, trust);
    // Once is enough.
    assert_eq!(case.fetch_url(&url, signed("forged")).await.unwrap().trust, Trust::Pinned);
    let other = self::case();
    assert_eq!(other.pins().meet(url.as_str(), &Pin::first(Digest::of_bytes(b"other"), 5)).unwrap(), Met::First);
    let error = other.fetch_url(&url, signed("SHA256SUMS.asc")).await.unwrap_err();
    assert!(matches!(error, DownloadError::Mismatch { .. }), "{error}");
}

#[tokio::test]
async fn a_list_of_checksums_may_come_from_elsewhere_but_not_from_anybody() {
    let clear = fs::read(fixture("SHA256SUMS.asc")).unwrap();
    let server = Server::new(move |_, asked| match asked.path.as_str() {
        "first" => answer("404 Not Found", "", 4, b"none"),
        "second" => honest(&clear, "\"1\"", asked),
        "forged" => honest(b"what nobody signed", "\"1\"", asked),
        _ => honest(SMALL, "\"1\"", asked),
    });
    let expect = |also: &[&str]| {
        let signature =
            Signature { keyring: fixture("test-key.asc"), fingerprint: FINGERPRINT.parse().unwrap(), detached: None };
        let also = also.iter().map(|path| server.url(path)).collect();
        Expect::Sums(SumsFile { url: server.url("first"), also, signature: Some(signature) })
    };
    let fetch = async |also: &[&str]| case().fetch_url(&server.url("disk.qcow2"), expect(also)).await;
    assert_eq!(fetch(&["second"]).await.unwrap().trust, Trust::Signed(FINGERPRINT.parse().unwrap()));
    let error = fetch(&["forged", "second"]).await.unwrap_err();
    assert!(matches!(error, DownloadError::Signature { .. }) && error.to_string().contains("forged"), "{error}");
    let error = fetch(&[]).await.unwrap_err();
    assert!(matches!(error, DownloadError::Status { status: 404, .. }), "{error}");
}

#[tokio::test]
async fn what_another_has_pinned_meanwhile_holds() {
    let case = case();
    let server = Server::new(|_, asked| honest(SMALL, "\"1\"", asked));
    let (url, mut early) = (server.url("disk"), case.pins());
    let other = Pin::first(Digest::of_bytes(b"other"), 5);
    assert_eq!(case.pins().meet(url.as_str(), &other).unwrap(), Met::First);
    let request = Request { source: Source::Url(url.clone()), expect: Expect::Nothing };
    let error = case.downloader.fetch(&request, &mut early, |_| ()).await.unwrap_err();
    assert!(matches!(error, DownloadError::Mismatch { .. }), "{error}");
    assert_eq!(case.pins().get(url.as_str()), Some(&other));
}
