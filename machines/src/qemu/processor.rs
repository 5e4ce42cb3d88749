//! The processors that machines are given.

use crate::Accelerator;

/// The processor that is emulated: an AMD one, for which no kernel isolates its page tables, so that an emulated system
/// call takes a fifteenth of the time; with all that x86-64-v2 asks for (System V ABI, AMD64 supplement), and what speeds
/// up cryptography. Without AVX: emulated, its long registers are slower than what programs use instead. All of it is
/// named, and `enforce` refuses a QEMU that lacks some, so that it stays the same.
const EMULATED: &str = "qemu64,+nx,+rdtscp,+pdpe1gb,+cx16,+lahf-lm,+popcnt,+ssse3,+sse4.1,+sse4.2,+aes,+pclmulqdq,\
                        +sha-ni,+movbe,+abm,+bmi1,+bmi2,+adx,+rdrand,+rdseed,+fsgsbase,+smep,+smap,+umip,+clflushopt,\
                        enforce";

/// The model for this accelerator, as `-cpu` takes it.
pub(crate) fn model(accelerator: Accelerator) -> &'static str {
    match accelerator {
        Accelerator::Kvm => "host",
        Accelerator::Tcg => EMULATED,
    }
}
