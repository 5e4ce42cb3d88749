//! How long things may take on this host.

use std::time::Duration;

use kiln_machines::Accelerator;

/// How many times longer a guest takes for the same under QEMU's translator. A Debian boots in 5 s with KVM and in 40 s
/// without.
const TRANSLATED: f64 = 8.0;

/// How much slower guests are on this host, now, than one guest alone with hardware virtualisation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace(f64);

impl Pace {
    /// The pace of a host with `host_cpus` processors whose guests have `guest_cpus` together.
    pub fn new(accelerator: Accelerator, guest_cpus: u32, host_cpus: u32) -> Self {
        let translated = match accelerator {
            Accelerator::Kvm => 1.0,
            Accelerator::Tcg => TRANSLATED,
        };
        let crowded = f64::from(guest_cpus) / f64::from(host_cpus.max(1));
        Self(translated * crowded.max(1.0))
    }

    /// The pace of this host, which can have other things to do.
    pub fn of_host(accelerator: Accelerator, guest_cpus: u32) -> Self {
        // Where the kernel does not say, one processor is the careful guess: limits become longer.
        let host_cpus = std::thread::available_parallelism().map_or(1, |count| count.get() as u32);
        let loadavg = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        Self::new(accelerator, guest_cpus.saturating_add(others(&loadavg, host_cpus)), host_cpus)
    }

    /// What takes up to `time` on a quick host may take this long here.
    pub fn scale(self, time: Duration) -> Duration {
        time.mul_f64(self.0)
    }
}

/// How many others want a processor, rounded, by `/proc/loadavg`: the average of the last minute (proc_loadavg(5)). The
/// guests themselves are among them once they run, and limits are longer then than they need to be. More than eight to a
/// processor do not count: it would be a day before a fault is told of.
fn others(loadavg: &str, host_cpus: u32) -> u32 {
    let load = loadavg.split_whitespace().next().and_then(|number| number.parse::<f64>().ok()).unwrap_or_default();
    load.round().clamp(0.0, 8.0 * f64::from(host_cpus)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_and_crowded_hosts_get_more_time() {
        let minute = Duration::from_secs(60);
        for (accelerator, guest_cpus, host_cpus, seconds) in [
            (Accelerator::Kvm, 1, 8, 60),
            (Accelerator::Kvm, 16, 8, 120),
            (Accelerator::Tcg, 1, 2, 480),
            (Accelerator::Tcg, 3, 2, 720),
            (Accelerator::Kvm, 1, 0, 60),
        ] {
            let limit = Pace::new(accelerator, guest_cpus, host_cpus).scale(minute);
            assert_eq!(limit.as_secs(), seconds, "{accelerator:?} {guest_cpus} {host_cpus}");
        }
    }

    #[test]
    fn others_that_keep_the_host_busy_count() {
        for (said, expected) in
            [("3.62 2.01 1.70 4/312 8121\n", 4), ("0.20 0.10 0.05 1/100 9\n", 0), ("250.00 1 1 1/1 1", 16), ("", 0)]
        {
            assert_eq!(others(said, 2), expected, "{said:?}");
        }
    }
}
