//! Where a value stands in a document, in terms of keys and indices.

/// One step down from a value to one inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// To the value of this key of a map.
    Key(String),
    /// To this element of a list, counted from zero.
    Index(usize),
}

/// The steps from the root of a document to a value: `path!["nodes", 1, "ip"]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Path(Vec<Step>);

impl Path {
    /// The document itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// One step further down: a key (`&str`) or an index (`usize`).
    #[must_use]
    pub fn at(&self, step: impl Into<Step>) -> Self {
        let mut steps = self.0.clone();
        steps.push(step.into());
        Self(steps)
    }

    /// The steps, from the root down.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<&String> for Step {
    fn from(key: &String) -> Self {
        Self::Key(key.clone())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

impl FromIterator<Step> for Path {
    fn from_iter<I: IntoIterator<Item = Step>>(steps: I) -> Self {
        Self(steps.into_iter().collect())
    }
}

impl From<&Path> for Path {
    fn from(path: &Path) -> Self {
        path.clone()
    }
}

/// A [`Path`] from keys and indices: `path!["nodes", 1, "ip"]`.
#[macro_export]
macro_rules! path {
    ($($step:expr),* $(,)?) => {
        <$crate::Path as ::std::iter::FromIterator<$crate::Step>>::from_iter([$($crate::Step::from($step)),*])
    };
}
