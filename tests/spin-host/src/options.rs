//! The command line, with the names that `spin up` has for the same things.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use thiserror::Error;

/// What `--help` prints.
pub const HELP: &str = "\
spin-host: serves the components of a spin.toml, for tests

  --manifest FILE         the manifest (spin.toml)
  --listen ADDR|PORT      where to listen (127.0.0.1:3000; port 0: any free one)
  --sqlite FILE           the file behind the database \"default\" (.spin/sqlite_db.db)
  --migrations DIR        executes every *.sql in it at the start, in the order of the names
  --variable NAME=VALUE   an application variable; SPIN_VARIABLE_NAME in the environment does the same
  --cache DIR             where compiled components are kept (target/spin-host-cache)
  --stop-with-stdin       stops when stdin closes

Prints `listening on http://…` once it listens. SIGINT and SIGTERM stop it.
";

/// Parsed arguments.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    /// The manifest.
    pub manifest: PathBuf,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The database's file; beside the manifest when not given.
    pub sqlite: Option<PathBuf>,
    /// The folder of the schema.
    pub migrations: Option<PathBuf>,
    /// Values for the application's variables.
    pub variables: BTreeMap<String, String>,
    /// Where compiled components are kept; beside the manifest when not given.
    pub cache: Option<PathBuf>,
    /// Stop when stdin closes.
    pub stop_with_stdin: bool,
}

/// Why the arguments cannot be used.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum OptionsError {
    /// Not an option.
    #[error("{0:?} is not an option; see --help")]
    Unknown(String),
    /// An option without its value.
    #[error("{0} needs a value")]
    NoValue(&'static str),
    /// Not an address.
    #[error("--listen {0:?}: not an address or a port")]
    Listen(String),
    /// Not `NAME=VALUE`.
    #[error("--variable needs NAME=VALUE")]
    Variable,
}

/// The prefix of a variable's name in the environment, as in Spin.
const ENVIRONMENT_PREFIX: &str = "SPIN_VARIABLE_";

impl Options {
    /// Parses `arguments` (without the program's name); `None` when help is asked for. Of a variable given twice the
    /// argument counts.
    ///
    /// # Errors
    /// Any [`OptionsError`].
    pub fn parse(
        arguments: impl IntoIterator<Item = String>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Option<Self>, OptionsError> {
        let mut options = Self {
            manifest: PathBuf::from("spin.toml"),
            listen: SocketAddr::from(([127, 0, 0, 1], 3000)),
            sqlite: None,
            migrations: None,
            variables: environment
                .into_iter()
                .filter_map(|(name, value)| {
                    Some((
                        name.strip_prefix(ENVIRONMENT_PREFIX)?.to_ascii_lowercase(),
                        value,
                    ))
                })
                .collect(),
            cache: None,
            stop_with_stdin: false,
        };
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let mut value = |name| arguments.next().ok_or(OptionsError::NoValue(name));
            match argument.as_str() {
                "--help" | "-h" => return Ok(None),
                "--manifest" => options.manifest = value("--manifest")?.into(),
                "--listen" => options.listen = listen(&value("--listen")?)?,
                "--sqlite" => options.sqlite = Some(value("--sqlite")?.into()),
                "--migrations" => options.migrations = Some(value("--migrations")?.into()),
                "--cache" => options.cache = Some(value("--cache")?.into()),
                "--stop-with-stdin" => options.stop_with_stdin = true,
                "--variable" => {
                    let pair = value("--variable")?;
                    let (name, value) = pair.split_once('=').ok_or(OptionsError::Variable)?;
                    options.variables.insert(name.to_owned(), value.to_owned());
                }
                _ => return Err(OptionsError::Unknown(argument)),
            }
        }
        Ok(Some(options))
    }
}

fn listen(text: &str) -> Result<SocketAddr, OptionsError> {
    let port = text
        .parse()
        .map(|port: u16| SocketAddr::from(([127, 0, 0, 1], port)));
    port.or_else(|_| text.parse())
        .map_err(|_| OptionsError::Listen(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str], environment: &[(&str, &str)]) -> Result<Options, OptionsError> {
        let environment = environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Options::parse(
            arguments.iter().map(|argument| (*argument).to_owned()),
            environment,
        )
        .map(Option::unwrap)
    }

    #[test]
    fn a_port_alone_is_local() {
        assert_eq!(
            parse(&["--listen", "0"], &[]).unwrap().listen,
            SocketAddr::from(([127, 0, 0, 1], 0))
        );
        assert_eq!(
            parse(&["--listen", "0.0.0.0:80"], &[]).unwrap().listen,
            SocketAddr::from(([0, 0, 0, 0], 80))
        );
        assert_eq!(
            parse(&["--listen", "x"], &[]),
            Err(OptionsError::Listen("x".to_owned()))
        );
    }

    #[test]
    fn a_variable_may_hold_an_equals_sign_and_wins_over_the_environment() {
        let options = parse(
            &["--variable", "a_key=b=c"],
            &[("SPIN_VARIABLE_A_KEY", "env"), ("PATH", "/")],
        )
        .unwrap();
        assert_eq!(
            options.variables,
            [("a_key".to_owned(), "b=c".to_owned())].into()
        );
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        assert_eq!(
            parse(&["--lisen"], &[]),
            Err(OptionsError::Unknown("--lisen".to_owned()))
        );
        assert_eq!(
            parse(&["--sqlite"], &[]),
            Err(OptionsError::NoValue("--sqlite"))
        );
        assert_eq!(
            parse(&["--variable", "a"], &[]),
            Err(OptionsError::Variable)
        );
    }
}
