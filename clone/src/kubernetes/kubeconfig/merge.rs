//! Adding the kubeconfig of a lab to the user's own.
//!
//! What is added is marked as ours by an extension (as minikube does it), so that it can be replaced later; anything of the
//! same name that is not marked, or is marked by another home, is somebody else's and stays.

use kiln_document::Problems;
use serde_json::{Map, Value, json};

use crate::kubernetes::yaml::{self, YamlError};

/// The lists of a kubeconfig, and the key of the value in each of their entries.
const LISTS: [(&str, &str); 3] = [("clusters", "cluster"), ("contexts", "context"), ("users", "user")];
/// The name of the extension that marks our entries.
const MARK: &str = "kiln";

/// The two files could not be merged.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// One is no YAML.
    #[error("{0}")]
    Read(Box<Problems>),
    /// One is no kubeconfig.
    #[error("{file} is no kubeconfig: {why}")]
    NotOne {
        /// The file.
        file: String,
        /// Why.
        why: &'static str,
    },
    /// An entry of this name is not ours.
    #[error(
        "{file} has an entry `{name}` in its {list} already, which is not this lab's\n  \
         rename that one, or use the lab's own file: export KUBECONFIG=$(clone kubeconfig)"
    )]
    Foreign {
        /// The user's file.
        file: String,
        /// The name of the entry, which is that of the lab.
        name: String,
        /// Which list.
        list: &'static str,
    },
    /// The result could not be written.
    #[error(transparent)]
    Write(#[from] YamlError),
}

/// The text of the user's kubeconfig `file` (empty if there is none yet) with the entries of ours added, or replaced where
/// they are ours of before. Ours is marked with `owner`, the folder of the lab. The user's current context stays; where
/// there is none, ours becomes it.
///
/// # Errors
/// [`MergeError`]
pub fn merge(file: &str, theirs: &str, ours: &str, owner: &str) -> Result<String, MergeError> {
    let mut merged = config(file, theirs)?;
    let ours = config("the lab's kubeconfig", ours)?;
    for (list, key) in LISTS {
        let own = ours.get(list).and_then(Value::as_array).into_iter().flatten();
        let entries = entries(file, &mut merged, list)?;
        for entry in own {
            let mut entry = entry.clone();
            entry[key]["extensions"] = json!([{ "name": MARK, "extension": { "lab": owner } }]);
            put(file, list, key, entries, entry)?;
        }
    }
    let has_context = merged.get("current-context").and_then(Value::as_str).is_some_and(|name| !name.is_empty());
    if let Some(context) = ours.get("current-context").filter(|_| !has_context) {
        merged.insert("current-context".to_owned(), context.clone());
    }
    Ok(yaml::write("a kubeconfig", &merged)?)
}

/// Reads a kubeconfig; an empty text is an empty one.
fn config(file: &str, text: &str) -> Result<Map<String, Value>, MergeError> {
    let documents = yaml::read(file, text).map_err(|problems| MergeError::Read(Box::new(problems)))?;
    let refused = |why| MergeError::NotOne { file: file.to_owned(), why };
    let mut config = match documents.as_slice() {
        [] => Map::new(),
        [Value::Object(config)] => config.clone(),
        [_] => return Err(refused("it is no map")),
        _ => return Err(refused("there are several documents in it")),
    };
    for (key, value) in [("apiVersion", "v1"), ("kind", "Config")] {
        if config.entry(key).or_insert_with(|| value.into()).as_str() != Some(value) {
            return Err(refused("its kind is another"));
        }
    }
    Ok(config)
}

/// The entries of a list, which is made if there is none.
fn entries<'a>(
    file: &str,
    config: &'a mut Map<String, Value>,
    list: &'static str,
) -> Result<&'a mut Vec<Value>, MergeError> {
    let value = config.entry(list).or_insert(Value::Null);
    if value.is_null() {
        *value = Value::Array(Vec::new());
    }
    value.as_array_mut().ok_or_else(|| MergeError::NotOne { file: file.to_owned(), why: "one of its lists is no list" })
}

/// Puts an entry of ours into a list, in place of an older one of ours.
fn put(file: &str, list: &'static str, key: &str, entries: &mut Vec<Value>, entry: Value) -> Result<(), MergeError> {
    match entries.iter_mut().find(|known| known["name"] == entry["name"]) {
        None => entries.push(entry),
        Some(known) if known[key]["extensions"] == entry[key]["extensions"] => *known = entry,
        Some(_) => {
            let name = entry["name"].as_str().unwrap_or_default().to_owned();
            return Err(MergeError::Foreign { file: file.to_owned(), name, list });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "\
apiVersion: v1
kind: Config
clusters: [{name: lab, cluster: {server: 'https://127.0.0.1:20001'}}]
contexts: [{name: lab, context: {cluster: lab, user: lab}}]
users: [{name: lab, user: {client-key-data: a2V5}}]
current-context: lab
";

    #[test]
    fn an_empty_file_becomes_ours_with_a_mark() {
        insta::assert_snapshot!(merge("config", "", OURS, "/home/me/labs/lab").unwrap(), @"
        apiVersion: v1
        clusters:
        - cluster:
            extensions:
            - extension:
                lab: /home/me/labs/lab
              name: kiln
            server: https://127.0.0.1:20001
          name: lab
        contexts:
        - context:
            cluster: lab
            extensions:
            - extension:
                lab: /home/me/labs/lab
              name: kiln
            user: lab
          name: lab
        current-context: lab
        kind: Config
        users:
        - name: lab
          user:
            client-key-data: a2V5
            extensions:
            - extension:
                lab: /home/me/labs/lab
              name: kiln
        ");
    }

    #[test]
    fn what_is_there_stays() {
        let theirs = "\
apiVersion: v1
kind: Config
preferences: {colors: true}
clusters: [{name: work, cluster: {server: 'https://work:6443'}}]
contexts: [{name: work, context: {cluster: work, user: me}}]
users: [{name: me, user: {exec: {command: login}}}]
current-context: work
";
        let once = merge("config", theirs, OURS, "/labs/lab").unwrap();
        let value = yaml::read("merged", &once).unwrap().remove(0);
        assert_eq!(value["current-context"], "work");
        assert_eq!(value["preferences"]["colors"], true);
        assert_eq!(value["users"][0]["user"]["exec"]["command"], "login");
        assert_eq!(value["clusters"][1]["cluster"]["server"], "https://127.0.0.1:20001");

        let later = OURS.replace("20001", "20002");
        let twice = merge("config", &once, &later, "/labs/lab").unwrap();
        assert_eq!(twice, once.replace("20001", "20002"));
    }

    #[test]
    fn entries_of_others_are_never_replaced() {
        let foreign = "contexts: [{name: lab, context: {cluster: work, user: me}}]\n";
        let error = merge("~/.kube/config", foreign, OURS, "/labs/lab").unwrap_err();
        assert!(matches!(&error, MergeError::Foreign { list: "contexts", .. }), "{error}");
        let other_home = merge("config", "", OURS, "/other/labs/lab").unwrap();
        assert!(matches!(merge("config", &other_home, OURS, "/labs/lab"), Err(MergeError::Foreign { .. })));
    }

    #[test]
    fn what_is_no_kubeconfig_is_refused() {
        for text in ["- a list\n", "kind: Pod\n", "clusters: none\n", "a: 1\n---\nb: 2\n", "a: [\n"] {
            assert!(merge("config", text, OURS, "/labs/lab").is_err(), "{text}");
        }
    }
}
