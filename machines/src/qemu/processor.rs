//! The processors that machines are given: named ones, so that a machine that was saved finds the same one again, whatever
//! has become of QEMU and of the kernel since.

use kiln_tool::Tool;
use serde::Deserialize;

use crate::{Accelerator, Error};

/// The processor that is emulated: an AMD one, for which no kernel isolates its page tables, so that an emulated system
/// call takes a fifteenth of the time; with all that x86-64-v2 asks for (System V ABI, AMD64 supplement), and what speeds
/// up cryptography. Without AVX: emulated, its long registers are slower than what programs use instead. All of it is
/// named, and `enforce` refuses a QEMU that lacks some, so that it stays the same.
const EMULATED: &str = "qemu64,+nx,+rdtscp,+pdpe1gb,+cx16,+lahf-lm,+popcnt,+ssse3,+sse4.1,+sse4.2,+aes,+pclmulqdq,\
                        +sha-ni,+movbe,+abm,+bmi1,+bmi2,+adx,+rdrand,+rdseed,+fsgsbase,+smep,+smap,+umip,+clflushopt,\
                        enforce";

/// What the host's processor is, whatever that is: for one that has no name among [`FAMILIES`].
pub(crate) const HOST: &str = "host";

/// The families of QEMU's models under KVM (qemu-cpu-models(7), target/i386/cpu.c), the newest first. One of another maker
/// is never chosen: the kernel in the guest would apply the wrong maker's errata.
const FAMILIES: [(&str, &[&str]); 2] = [
    (
        "GenuineIntel",
        &[
            "GraniteRapids",
            "SapphireRapids",
            "Icelake-Server",
            "Cooperlake",
            "Cascadelake-Server",
            "Skylake-Server",
            "Skylake-Client",
            "Broadwell",
            "Haswell",
            "IvyBridge",
            "SandyBridge",
            "Westmere",
            "Nehalem",
        ],
    ),
    ("AuthenticAMD", &["EPYC-Turin", "EPYC-Genoa", "EPYC-Milan", "EPYC-Rome", "EPYC", "Opteron_G5", "Opteron_G4"]),
];

/// What QEMU is told to tell its models (QMP reference, `query-cpu-definitions`).
const QUESTION: &str = r#"{"execute": "qmp_capabilities"}
{"execute": "query-cpu-definitions"}
{"execute": "quit"}
"#;

/// One of QEMU's models.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Definition {
    name: String,
    /// What it has and this host has not.
    unavailable_features: Option<Vec<String>>,
    #[serde(default)]
    deprecated: bool,
}

/// One line of the answer; that to the question has a list.
#[derive(Deserialize)]
struct Line {
    #[serde(rename = "return")]
    answer: Vec<Definition>,
}

/// The model for this accelerator, as `-cpu` takes it, where the host can be these `models`.
pub(crate) fn model(accelerator: Accelerator, models: &[String]) -> String {
    match (accelerator, models) {
        (Accelerator::Kvm, [best, ..]) => format!("{best},enforce"),
        (Accelerator::Kvm, []) => HOST.to_owned(),
        (Accelerator::Tcg, _) => EMULATED.to_owned(),
    }
}

/// The models with all of whose features a guest can run under KVM here, the best first. Each has a version in its name,
/// and never changes.
pub(super) async fn models(qemu: &Tool, board: &str) -> Result<Vec<String>, Error> {
    let cpuinfo = "/proc/cpuinfo";
    let maker = maker(&std::fs::read_to_string(cpuinfo).map_err(Error::io("reading", cpuinfo))?);
    let ask = qemu.invoke("asking QEMU for its processors").args(["-machine", board, "-accel", "kvm", "-S"]);
    let ask = ask.args(["-nodefaults", "-no-user-config", "-display", "none", "-qmp", "stdio"]).stdin(QUESTION);
    Ok(ask.parse(|said| parse(said, &maker)).await?)
}

/// The maker that cpuid(4) tells, from /proc/cpuinfo.
fn maker(cpuinfo: &str) -> String {
    let line = cpuinfo.lines().find_map(|line| line.strip_prefix("vendor_id"));
    line.unwrap_or_default().trim_start_matches([' ', '\t', ':']).to_owned()
}

fn parse(said: &[u8], maker: &str) -> Result<Vec<String>, &'static str> {
    let text = String::from_utf8_lossy(said);
    let definitions = text.lines().find_map(|line| serde_json::from_str::<Line>(line).ok());
    let definitions = definitions.ok_or("it lists no processors")?.answer;
    let families = FAMILIES.iter().find(|(name, _)| *name == maker).map_or(&[][..], |(_, families)| families);
    let usable = |it: &Definition| it.unavailable_features.as_ref().is_some_and(Vec::is_empty) && !it.deprecated;
    let mut ranked: Vec<_> =
        definitions.into_iter().filter(usable).filter_map(|it| Some((rank(&it.name, families)?, it.name))).collect();
    ranked.sort();
    Ok(ranked.into_iter().map(|(_, name)| name).collect())
}

/// Where a model stands: its family, and then the newest version first. None for one without a version, which is another
/// one with another board.
fn rank(name: &str, families: &[&str]) -> Option<(usize, std::cmp::Reverse<u32>)> {
    let (family, version) = name.rsplit_once("-v")?;
    Some((families.iter().position(|it| *it == family)?, std::cmp::Reverse(version.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said() -> String {
        let definition = |name: &str, lacks: &str| {
            format!(r#"{{"name": "{name}", "typename": "x", "unavailable-features": [{lacks}], "static": false}}"#)
        };
        let list = [
            definition("Nehalem-v2", ""),
            definition("Haswell-v4", ""),
            definition("Haswell", ""),
            definition("Haswell-v1", ""),
            definition("EPYC-v4", ""),
            definition("Icelake-Server-v1", r#""avx512f""#),
            definition("max", ""),
        ];
        format!(
            "{{\"QMP\": {{\"version\": {{}}}}}}\r\n{{\"return\": {{}}}}\r\n{{\"return\": [{}]}}\r\n",
            list.join(",")
        )
    }

    #[test]
    fn the_newest_model_of_the_hosts_maker_that_has_all_its_features_comes_first() {
        let models = parse(said().as_bytes(), "GenuineIntel").unwrap();
        assert_eq!(models, ["Haswell-v4", "Haswell-v1", "Nehalem-v2"]);
        assert_eq!(model(Accelerator::Kvm, &models), "Haswell-v4,enforce");
        assert_eq!(parse(said().as_bytes(), "AuthenticAMD").unwrap(), ["EPYC-v4"]);
    }

    #[test]
    fn a_processor_without_a_name_is_that_of_the_host() {
        let models = parse(said().as_bytes(), "HygonGenuine").unwrap();
        assert_eq!(model(Accelerator::Kvm, &models), "host");
        assert!(model(Accelerator::Tcg, &models).starts_with("qemu64,"));
        assert!(parse(b"{\"return\": {}}", "GenuineIntel").is_err());
    }

    #[test]
    fn the_maker_is_read() {
        assert_eq!(maker("processor\t: 0\nvendor_id\t: AuthenticAMD\nmodel\t: 1\n"), "AuthenticAMD");
        assert_eq!(maker(""), "");
    }
}
