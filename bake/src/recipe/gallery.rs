//! The recipes that are built into the program, so that a name is enough.

/// Name and text of each.
const GALLERY: &[(&str, &str)] = &[
    ("debian-12", include_str!("../../../recipes/debian-12.yaml")),
    ("debian-12-k8s-1.36", include_str!("../../../recipes/debian-12-k8s-1.36.yaml")),
    ("rocky-9-k8s-1.36", include_str!("../../../recipes/rocky-9-k8s-1.36.yaml")),
];

/// The names, in order.
pub fn names() -> Vec<&'static str> {
    GALLERY.iter().map(|(name, _)| *name).collect()
}

/// The text of the recipe `name`.
pub fn find(name: &str) -> Option<&'static str> {
    GALLERY.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
