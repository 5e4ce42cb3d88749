//! The seed's `meta-data`: which machine this is.

use serde::Serialize;
use uuid::Uuid;

use crate::{Error, NodeName, yaml};

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct MetaData<'a> {
    instance_id: Uuid,
    local_hostname: &'a NodeName,
}

/// Writes the file. The name is here as well as in the user-data, because whatever asks the data source for it is told
/// `localhost` otherwise (`cloudinit/sources/__init__.py`, `get_hostname`).
pub(crate) fn render(instance_id: Uuid, name: &NodeName) -> Result<String, Error> {
    yaml::render("the meta-data", &MetaData { instance_id, local_hostname: name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_instance_and_the_name() {
        let text = render(Uuid::from_u128(0x1234_5678_9abc_4def_8123_4567_89ab_cdef), &"node1".parse().unwrap());
        assert_eq!(text.unwrap(), "instance-id: 12345678-9abc-4def-8123-456789abcdef\nlocal-hostname: node1\n");
    }

    #[test]
    fn a_name_of_digits_stays_text() {
        assert!(render(Uuid::nil(), &"007".parse().unwrap()).unwrap().contains("local-hostname: \"007\"\n"));
    }
}
