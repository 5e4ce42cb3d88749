//! What the agent answers, as far as it is read (QEMU's qga/qapi-schema.json). Members that are not known are passed over.

use data_encoding::BASE64;
use serde::Deserialize;

use super::Error;
use crate::GuestOutput;

/// The answer to `guest-exec`.
#[derive(Debug, Deserialize)]
pub(super) struct Started {
    pub(super) pid: i64,
}

/// The answer to `guest-exec-status`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct ExecStatus {
    pub(super) exited: bool,
    exitcode: Option<i32>,
    #[serde(default)]
    out_data: String,
    #[serde(default)]
    err_data: String,
    #[serde(default)]
    out_truncated: bool,
    #[serde(default)]
    err_truncated: bool,
}

impl ExecStatus {
    pub(super) fn output(self) -> Result<GuestOutput, Error> {
        let decode = |text: &str| {
            BASE64
                .decode(text.as_bytes())
                .map_err(|error| Error::Answer { command: "guest-exec-status", problem: error.to_string() })
        };
        Ok(GuestOutput {
            code: self.exitcode,
            stdout: decode(&self.out_data)?,
            stderr: decode(&self.err_data)?,
            truncated: self.out_truncated || self.err_truncated,
        })
    }
}
