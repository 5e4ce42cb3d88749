//! Downloads: of the base and of what steps read, each from the first source that answers.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use camino::Utf8PathBuf;
use kiln_images::download::{Expect, Fetched, Request, Signature, Source, SumsFile, Trust, Url, first_that_answers};
use kiln_images::pins::Pins;
use kiln_images::scratch::Scratch;

use super::BuildError;
use super::inputs::Finder;
use crate::recipe::{self, Loaded};
use crate::steps::{Asset, Step};
use crate::supply::TakeError;

impl Finder<'_> {
    /// Fetches what the steps of a recipe download, each once.
    pub(super) async fn downloads(&self, loaded: &Loaded) -> Result<BTreeMap<String, Utf8PathBuf>, BuildError> {
        let steps = loaded.recipe.layers.iter().flat_map(|layer| &layer.steps);
        let mut downloads = BTreeMap::new();
        for asset in steps.flat_map(Step::inputs) {
            let Asset::Url { urls, checksum } = asset else { continue };
            if let Entry::Vacant(missing) = downloads.entry(checksum.hex()) {
                let (fetched, _) = self.first_that_answers(&urls, &Expect::Checksum(checksum), loaded).await?;
                missing.insert(self.home.download(&fetched.digest));
            }
        }
        Ok(downloads)
    }

    /// Fetches a base, and says from where it came.
    pub(super) async fn base_download(
        &self,
        url: &recipe::Download,
        loaded: &Loaded,
    ) -> Result<(Fetched, String), BuildError> {
        let expect = match (&url.checksum, &url.checksums) {
            (Some(checksum), _) => Expect::Checksum(checksum.clone()),
            (None, Some(sums)) => Expect::Sums(SumsFile {
                url: sums.url.parse().map_err(BuildError::Source)?,
                also: sums.also.iter().map(|url| url.parse()).collect::<Result<_, _>>().map_err(BuildError::Source)?,
                signature: Some(Signature {
                    keyring: loaded.folder.join(&sums.keyring),
                    fingerprint: sums.fingerprint.clone(),
                    detached: sums.signature.as_deref().map(str::parse).transpose().map_err(BuildError::Source)?,
                }),
            }),
            (None, None) => Expect::Nothing,
        };
        if let Expect::Sums(sums) = &expect
            && self.supply.is_recording()
        {
            // What is pinned here is not pinned where the bundle goes.
            let scratch = Scratch::new(self.home)?;
            let (list, signature) = (scratch.path().join("list"), scratch.path().join("signature"));
            let is_no_answer = |error: &TakeError| matches!(error, TakeError::Download(error) if error.is_no_answer());
            let take = async |url: &Url| self.supply.take(url, &list, |_| ()).await;
            first_that_answers(&sums.url, &sums.also, is_no_answer, take).await?;
            if let Some(detached) = sums.signature.as_ref().and_then(|signature| signature.detached.as_ref()) {
                self.supply.take(detached, &signature, |_| ()).await?;
            }
        }
        self.first_that_answers(&url.from, &expect, loaded).await
    }

    /// Fetches from the first source that answers, and says which it was. A source that answers with something else than
    /// it should is an error at once.
    async fn first_that_answers(
        &self,
        sources: &[String],
        expect: &Expect,
        loaded: &Loaded,
    ) -> Result<(Fetched, String), BuildError> {
        let parse = |text: &String| Source::parse(text, &loaded.folder).map_err(BuildError::Source);
        let parsed = sources.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
        // A recipe without a source is refused when it is read.
        let (first, also) = parsed.split_first().ok_or(BuildError::NoSource)?;
        let is_no_answer = |error: &BuildError| matches!(error, BuildError::Download(error) if error.is_no_answer());
        let pins = Pins::open(&self.lock_file(loaded))?;
        let expect = expect.clone().or_pinned(&pins, sources.iter().map(String::as_str));
        let fetch = async |source: &Source| {
            self.fetch(&Request { source: source.clone(), expect: expect.clone() }, loaded).await
        };
        let (fetched, number) = first_that_answers(first, also, is_no_answer, fetch).await?;
        self.pin_local(&sources[number], &fetched, loaded)?;
        if number > 0 {
            self.console.say(&format!("{} came from {}", short(&sources[0]), sources[number]));
        }
        Ok((fetched, sources[number].clone()))
    }

    pub(super) async fn fetch(&self, request: &Request, loaded: &Loaded) -> Result<Fetched, BuildError> {
        let mut pins = Pins::open(&self.lock_file(loaded))?;
        let name = match &request.source {
            Source::Url(url) => url.as_str().to_owned(),
            Source::File(path) => path.to_string(),
        };
        let task = Arc::new(self.console.reporter().start(short(&name), "fetch"));
        let hears = Arc::clone(&task);
        let fetched = self
            .supply
            .downloader()
            .fetch(request, &mut pins, move |progress| hears.bytes(progress.bytes, progress.total))
            .await;
        // The downloader has dropped its half with the callback.
        let fetched = match Arc::into_inner(task) {
            Some(task) => task.finish(fetched)?,
            None => fetched?,
        };
        if fetched.trust == Trust::FirstUse {
            self.say_pinned(&name, &fetched.digest, pins.path());
        }
        if let Source::Url(url) = &request.source {
            self.supply.record(url, &self.home.download(&fetched.digest)).await?;
        }
        Ok(fetched)
    }
}

/// The last part of a URL or path, to name a download by.
fn short(name: &str) -> &str {
    name.rsplit('/').find(|part| !part.is_empty()).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use camino::Utf8Path;
    use kiln_console::{Console, Global};

    use super::*;
    use crate::context::Context;
    use crate::recipe::Recipe;
    use crate::supply::Supply;

    /// Fetches a base from these files, the first that is there.
    async fn fetch(root: &Utf8Path, names: &[&str]) -> Result<(), String> {
        let context = Context::open(Some(&root.join("home"))).unwrap_or_else(|error| panic!("{}", error.message()));
        let from: Vec<_> = names.iter().map(|name| format!("file://{root}/{name}")).collect();
        let text = format!("name: x\nbase: {{url: {{from: [{}]}}}}\nuser: z\ndisk: 1GiB\n", from.join(", "));
        let recipe = kiln_document::read::<Recipe>("x.yaml", &text).unwrap_or_else(|error| panic!("{error}")).value;
        let recipe::Base::Url(url) = recipe.base.clone() else { panic!("{recipe:?}") };
        let (origin, folder) = ("x.yaml".to_owned(), root.to_owned());
        let loaded = Loaded { recipe, origin, folder, built_in: None, warnings: Vec::new() };
        let Context { home, qemu_img, store } = &context;
        let config =
            kiln_document::read("config.yaml", "mirrors: {}\n").unwrap_or_else(|error| panic!("{error}")).value;
        let console = Console::new(&Global { quiet: true, ..Global::default() });
        let finder = Finder { home, store, qemu_img, console: &console, supply: &Supply::online(home, config) };
        finder.base_download(&url, &loaded).await.map(drop).map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn what_came_from_one_source_is_what_comes_from_all() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        for (name, text) in [("one", "a disk"), ("two", "a disk"), ("other", "another")] {
            fs::write(root.join(name), text).unwrap();
        }
        assert_eq!(fetch(root, &["one", "other"]).await, Ok(()));
        let lock = fs::read_to_string(root.join("kiln.lock")).unwrap();
        assert!(lock.contains(&format!("\"file://{root}/one\"")), "{lock}");
        assert_eq!(fetch(root, &["two", "one"]).await, Ok(()));
        let error = fetch(root, &["other", "one"]).await.unwrap_err();
        assert!(error.contains("other is not what it must be"), "{error}");
        fs::write(root.join("one"), "changed").unwrap();
        assert!(fetch(root, &["one"]).await.is_err());
    }
}
