//! The recipe `rocky-9-k8s-1.36` on the stand-in for CentOS, with stand-ins for everything that it fetches.

use std::fs;

use crate::TestHome;
use crate::centos::{baked, config_of, copy, exchange};
use crate::containers::container_images;
use crate::program::root;

/// The shipped recipe in the work folder of a home, with mirrors of everything that it fetches.
#[derive(Debug)]
pub struct Rocky {
    /// The recipe, as an argument.
    pub recipe: String,
    /// The configuration with the mirrors, for `KILN_CONFIG`.
    pub config: String,
    /// The names of the container images.
    pub images: Vec<String>,
}

/// In the place of the repositories that Rocky Linux has from the beginning: those of the stand-in.
const REPOSITORIES: &str = "  - repos:\n      replace: true\n      add:\n      - rpm:\n          name: stand-in\n          \
    baseurl: http://vault.centos.org/7.5.1804/os/$basearch/\n          \
    gpgkey: file:///etc/pki/rpm-gpg/RPM-GPG-KEY-CentOS-7\n";

impl Rocky {
    /// Lays the mirrors out, and the recipe: on another base, with other repositories of the system, and with the
    /// fingerprint of the key that signs the stand-ins.
    pub fn new(home: &TestHome) -> Self {
        let (baked, work) = (baked(), home.work());
        let mirrors = work.join("mirrors");
        let text = fs::read_to_string(root().join("recipes/rocky-9-k8s-1.36.yaml")).unwrap();
        let images = container_images(&mirrors, &text);
        for host in ["vault.centos.org", "download.docker.com", "pkgs.k8s.io"] {
            copy(&baked.packages.join("web").join(host), &mirrors.join(host));
        }
        let fingerprint = fs::read_to_string(baked.packages.join("fingerprint")).unwrap();
        let (head, rest) = text.split_once("\nbase:\n").unwrap();
        let (_, rest) = rest.split_once("\nuser:").unwrap();
        let text = format!("{head}\nbase: {{file: {{path: {}}}}}\nuser:{rest}", baked.disk);
        let text = exchange(&text, "  - timezone: Etc/UTC\n", &format!("{REPOSITORIES}  - timezone: Etc/UTC\n"));
        let text = exchange(&text, "060A 61C5 1B55 8A7F 742B 77AA C52F EB6B 621E 9F35", fingerprint.trim());
        let text = exchange(&text, "DE15 B144 86CD 377B 9E87 6E1A 2346 54DA 9A29 6436", fingerprint.trim());
        Self { recipe: home.file("rocky-9-k8s-1.36.yaml", &text), config: config_of(home, &mirrors), images }
    }
}
