//! Programs that several parts of this one run.

use kiln_tool::Program;

/// Packs and unpacks. Debian's is GNU's; that of other systems has the options of it that are used where archives of others
/// are read.
pub const TAR: Program = Program::new("tar", "tar");
