//! QEMU's option syntax: `driver,key=value,key=value`, in which a comma inside a value is doubled (qemu(1), "file names
//! with commas").

use std::fmt;

/// One argument in QEMU's option syntax.
#[derive(Debug, Clone)]
pub(crate) struct Options(String);

impl Options {
    /// Begins with a value that needs no key: the driver, the backend, the machine type.
    pub(crate) fn new(first: impl fmt::Display) -> Self {
        Self(escape(first))
    }

    /// Begins with a key and its value.
    pub(crate) fn keyed(key: &str, value: impl fmt::Display) -> Self {
        Self(format!("{key}={}", escape(value)))
    }

    /// Adds a key and its value.
    pub(crate) fn with(mut self, key: &str, value: impl fmt::Display) -> Self {
        self.0.push_str(&format!(",{key}={}", escape(value)));
        self
    }
}

impl From<Options> for String {
    fn from(options: Options) -> Self {
        options.0
    }
}

fn escape(value: impl fmt::Display) -> String {
    value.to_string().replace(',', ",,")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_in_values_are_doubled() {
        let options = Options::new("socket").with("path", "/labs/a,b/c").with("wait", "off");
        assert_eq!(String::from(options), "socket,path=/labs/a,,b/c,wait=off");
        assert_eq!(String::from(Options::keyed("guest", "x,y").with("process", 1)), "guest=x,,y,process=1");
    }
}
