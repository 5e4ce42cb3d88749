//! What an image takes, by itself, from the first of several sources that answers; and which that was.

use std::collections::BTreeSet;

/// Something that has second sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What it is, in words.
    pub what: String,
    /// Its sources in their order: the beginnings of URLs. A part of one with a `$` in it is filled in by yum.
    pub sources: Vec<String>,
}

impl Choice {
    /// Those of its second sources that any of these URLs came from.
    pub fn fell_back<'a>(&'a self, served: &'a BTreeSet<String>) -> impl Iterator<Item = &'a str> {
        let seconds = self.sources.iter().skip(1).map(String::as_str);
        seconds.filter(|source| served.iter().any(|url| begins_with(url, source)))
    }
}

fn begins_with(url: &str, source: &str) -> bool {
    let mut parts = url.split('/');
    let mut wanted = source.trim_end_matches('/').split('/');
    wanted.all(|wanted| parts.next().is_some_and(|part| part == wanted || wanted.contains('$')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_source_is_known_by_what_came_from_it() {
        let sources = ["http://vault/7/os/$basearch/", "http://a/7/os/$basearch/", "http://b/7/os/$basearch"];
        let choice = Choice { what: "packages".to_owned(), sources: sources.map(str::to_owned).into() };
        let fell_back = |urls: &[&str]| {
            let served = urls.iter().map(|url| (*url).to_owned()).collect();
            choice.fell_back(&served).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(fell_back(&["http://vault/7/os/x86_64/repodata/repomd.xml"]), [""; 0]);
        assert_eq!(fell_back(&["http://a/7/updates/x86_64/x.rpm", "http://a/7/os"]), [""; 0]);
        assert_eq!(fell_back(&["http://vault/7/os/x86_64/a.rpm", "http://b/7/os/x86_64/b.rpm"]), [sources[2]]);
        assert_eq!(fell_back(&["http://a/7/os/x86_64/b.rpm", "http://b/7/os/x86_64/"]), sources[1..]);
    }
}
