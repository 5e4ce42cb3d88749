//! Where a manifest of Kubernetes, in YAML or in JSON, has a node ask a registry although it has the image.

/// The numbers of the lines that say so: `imagePullPolicy: Always`, and images without a tag or with `latest` for which no
/// policy is given (Kubernetes, "Images", "Default image pull policy").
pub(super) fn lines(text: &str) -> Vec<usize> {
    let keys: Vec<_> = text.lines().map(Key::of).collect();
    let pulls = |(number, line): &(usize, &str)| says_always(line) || is_newest_without_policy(&keys, *number);
    text.lines().enumerate().filter(pulls).map(|(number, _)| number + 1).collect()
}

/// Whether a line has the key with that value, alone or among others in braces.
fn says_always(line: &str) -> bool {
    let code = line.trim_start().split(" #").next().filter(|code| !code.starts_with('#')).unwrap_or_default();
    let plain = code.replace(['"', '\''], "");
    plain.split("imagePullPolicy").skip(1).any(|after| {
        let value = after.trim_start().strip_prefix(':').unwrap_or_default().trim_start();
        value.strip_prefix("Always").is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
    })
}

/// A line of a mapping that has a line for each of its keys.
#[derive(Debug)]
struct Key<'a> {
    name: &'a str,
    value: &'a str,
    /// Where the key begins. The keys of one mapping begin in the same column.
    column: usize,
    /// Whether it is the first of an element of a list.
    is_first: bool,
}

impl<'a> Key<'a> {
    /// Nothing for an empty line and a comment.
    fn of(line: &'a str) -> Option<Self> {
        let code = line.split(" #").next().unwrap_or_default();
        let mut rest = code.trim_start();
        let is_first = rest.starts_with("- ");
        while let Some(element) = rest.strip_prefix("- ") {
            rest = element.trim_start();
        }
        if rest.trim_end().is_empty() || rest.starts_with('#') {
            return None;
        }
        let bare = |text: &'a str| text.trim().trim_matches([',', '"', '\'']);
        let (name, value) = rest.split_once(':').map_or(("", ""), |(name, value)| (bare(name), bare(value)));
        Some(Self { name, value, column: code.len() - rest.len(), is_first })
    }
}

/// Whether the line names the newest image of a container that says nothing of when to ask for it. What has no `name` is
/// no container.
fn is_newest_without_policy(keys: &[Option<Key<'_>>], number: usize) -> bool {
    let Some(image) = keys[number].as_ref().filter(|key| key.name == "image" && is_newest(key.value)) else {
        return false;
    };
    let inside = |key: &&Key<'_>| key.column >= image.column;
    let mut above = Vec::new();
    for key in keys[..=number].iter().rev().flatten().take_while(inside).filter(|key| key.column == image.column) {
        above.push(key.name);
        if key.is_first {
            break;
        }
    }
    let below = keys[number + 1..].iter().flatten().take_while(inside).filter(|key| key.column == image.column);
    let container: Vec<_> =
        above.into_iter().chain(below.take_while(|key| !key.is_first).map(|key| key.name)).collect();
    container.contains(&"name") && !container.contains(&"imagePullPolicy")
}

/// Whether it is the name of an image, not a place for one, with no tag or with the one that stands for the newest.
fn is_newest(image: &str) -> bool {
    let is_name =
        !image.is_empty() && image.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/:".contains(&byte));
    let last = image.rsplit('/').next().unwrap_or_default();
    is_name && last.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_found_however_it_is_written() {
        for (line, says) in [
            ("        imagePullPolicy: Always", true),
            ("      - imagePullPolicy: \"Always\"  # why not", true),
            ("\"imagePullPolicy\": \"Always\",", true),
            ("- {name: web, imagePullPolicy: Always, image: web}", true),
            (r#"{"image": "web", "imagePullPolicy":"Always"}"#, true),
            ("imagePullPolicy: IfNotPresent", false),
            ("imagePullPolicy: AlwaysNever", false),
            ("# imagePullPolicy: Always", false),
            ("policy: Always", false),
        ] {
            assert_eq!(says_always(line), says, "{line}");
        }
    }

    #[test]
    fn the_newest_image_is_asked_for_unless_a_policy_is_given() {
        let pod = |image: &str, rest: &str| {
            format!(
                "spec:\n  containers:\n  - name: a\n    args:\n    - --x\n    image: {image}\n{rest}  - name: b\n    image: b:1\n"
            )
        };
        let policy = "    env:\n    - name: image\n      value: x\n    imagePullPolicy: IfNotPresent\n";
        for (text, expected) in [
            (pod("busybox", ""), vec![6]),
            (pod("\"docker.io/library/busybox:latest\" # the newest", ""), vec![6]),
            (pod("registry:5000/busybox", "    tty: true\n"), vec![6]),
            (pod("busybox", policy), vec![]),
            (pod("busybox:1.37", ""), vec![]),
            (pod("busybox@sha256:0a", ""), vec![]),
            (pod("'[[ .ProxyImage ]]'", ""), vec![]),
            ("- image: a\n  name: a\n- image: b\n  name: b\n  imagePullPolicy: Never\n".to_owned(), vec![1]),
            ("kind: Chart\nglobal:\n  image: proxyv2\n".to_owned(), vec![]),
            ("[\n  {\n    \"image\": \"a\",\n    \"name\": \"a\"\n  }\n]\n".to_owned(), vec![3]),
        ] {
            assert_eq!(lines(&text), expected, "{text}");
        }
    }
}
