//! skopeo(1): fetches container images from registries.

use std::time::Duration;

use camino::Utf8Path;
use kiln_images::digest::Digest;
use kiln_tool::{Error, Invocation, Program, Tool};

use crate::steps::RegistryImage;

const SKOPEO: Program = Program::new("skopeo", "skopeo");

/// Images of a gigabyte come over slow lines, too.
const TIME_LIMIT: Duration = Duration::from_secs(60 * 60);

/// What every machine of ours is. Without it skopeo takes the host's, which is the same today.
const PLATFORM: [&str; 4] = ["--override-os", "linux", "--override-arch", "amd64"];

/// Where an image is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At {
    /// Its name there.
    pub image: RegistryImage,
    /// Whether the registry is one of this host's loopback, without TLS.
    pub plain: bool,
}

/// The wrapper of skopeo.
#[derive(Debug, Clone)]
pub struct Skopeo(Tool);

impl Skopeo {
    /// Finds the program.
    ///
    /// # Errors
    /// When it is not installed.
    pub fn find() -> Result<Self, Error> {
        Ok(Self(SKOPEO.find()?))
    }

    /// Asks the registry for the digest that the image has there at this moment.
    ///
    /// # Errors
    /// When the registry does not answer, or has no such image.
    pub async fn digest(&self, image: &At) -> Result<Digest, Error> {
        self.inspect(image).parse(|said| String::from_utf8_lossy(said).trim().parse::<Digest>()).await
    }

    /// Copies the image with this digest into the new docker-archive `file` of `folder`, as `name`. skopeo checks all it
    /// gets against the digest, and makes images of the old form (schema 1) into ones of today's.
    ///
    /// # Errors
    /// When the registry does not answer, has no such image, or there is no room.
    pub async fn copy(
        &self,
        image: &At,
        digest: &Digest,
        (folder, file): (&Utf8Path, &str),
        name: &RegistryImage,
    ) -> Result<(), Error> {
        self.copying(image, digest, (folder, file), name).run().await
    }

    fn inspect(&self, At { image, plain }: &At) -> Invocation {
        let inspect = self.0.invoke(format!("asking for the digest of {image}"));
        // Without --no-tags it asks for all tags of the repository as well, which are thousands, or are not to be had.
        let inspect = inspect.args(PLATFORM).args(["inspect", "--no-tags"]).args(plain.then_some("--tls-verify=false"));
        inspect.args(["--format", "{{.Digest}}"]).arg(format!("docker://{image}"))
    }

    fn copying(
        &self,
        At { image, plain }: &At,
        digest: &Digest,
        (folder, file): (&Utf8Path, &str),
        name: &RegistryImage,
    ) -> Invocation {
        let copy = self.0.invoke(format!("fetching {image}")).time_limit(TIME_LIMIT);
        let source = format!("docker://{}@{digest}", image.repository());
        // The file is named without its folder: a colon in that would end it.
        let target = format!("docker-archive:{file}:{name}");
        let copy = copy.current_dir(folder).args(PLATFORM).args(["copy", "--quiet"]);
        copy.args(plain.then_some("--src-tls-verify=false")).args([&source, &target])
    }
}

#[cfg(test)]
mod tests {
    use kiln_tool::testing::{assert_explains, assert_understands_no_nonsense};

    use super::*;

    #[tokio::test]
    async fn a_registry_that_cannot_be_asked_is_explained_with_the_image() {
        let image: RegistryImage = "registry:5000/a/b:1.2".parse().unwrap();
        let at = At { image: image.clone(), plain: false };
        let digest = async || Skopeo::find()?.digest(&at).await;
        let doing = ["asking for the digest of registry:5000/a/b:1.2"];
        assert_explains(("skopeo", "skopeo"), &doing, digest).await;
        assert_understands_no_nonsense("skopeo", &doing, digest).await;
        let place = (Utf8Path::new("/tmp"), "x.tar");
        let copy = async || Skopeo::find()?.copy(&at, &Digest::of_bytes(b""), place, &image).await;
        assert_explains(("skopeo", "skopeo"), &["fetching registry:5000/a/b:1.2"], copy).await;
    }

    #[test]
    fn what_is_fetched_is_named_by_its_digest_and_kept_under_its_name() {
        let skopeo = Skopeo(Program::new("true", "coreutils").find().unwrap());
        let image: RegistryImage = "registry:5000/a/b:1.2".parse().unwrap();
        let digest = Digest::of_bytes(b"");
        let at = At { image: image.clone(), plain: false };
        let name = "k8s.gcr.io/b:1.2".parse().unwrap();
        let command = skopeo.copying(&at, &digest, ("/down:loads".into(), "x.tar"), &name).command_line();
        let expected = format!(
            "--override-os linux --override-arch amd64 copy --quiet docker://registry:5000/a/b@{digest} \
             docker-archive:x.tar:k8s.gcr.io/b:1.2"
        );
        assert!(command.ends_with(&expected), "{command}");
        let asking = skopeo.inspect(&at).command_line();
        assert!(
            asking.contains("inspect --no-tags ") && asking.ends_with("docker://registry:5000/a/b:1.2"),
            "{asking}"
        );
        let plain = skopeo.inspect(&At { plain: true, ..at }).command_line();
        assert!(plain.contains("--tls-verify=false"), "{plain}");
    }
}
