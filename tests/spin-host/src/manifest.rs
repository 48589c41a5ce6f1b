//! `spin.toml`, manifest version 2: the part of Spin's schema that this host serves.
//! Source: spinframework/spin, `crates/manifest/src/schema/v2.rs`. A key that the host does not serve is an error, as an
//! unknown one is in Spin, so that a manifest never means less here than there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

/// A whole manifest.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Always 2.
    pub spin_manifest_version: u32,
    /// Name, version, description.
    pub application: Application,
    /// The application's variables, by name.
    #[serde(default)]
    pub variables: BTreeMap<String, Variable>,
    /// Which path leads to which component.
    pub trigger: Triggers,
    /// The components, by id.
    #[serde(default)]
    pub component: BTreeMap<String, Component>,
}

/// `[application]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// The application's name.
    pub name: String,
    /// Its version, not used here.
    #[serde(default)]
    pub version: String,
    /// Its description, not used here.
    #[serde(default)]
    pub description: String,
    /// Its authors, not used here.
    #[serde(default)]
    pub authors: Vec<String>,
}

/// One of `[variables]`: either required or with a default.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// A value must be given at the start.
    #[serde(default)]
    pub required: bool,
    /// The value when none is given.
    pub default: Option<String>,
    /// Its value is never shown.
    #[serde(default)]
    pub secret: bool,
    /// What it is for, not used here.
    pub description: Option<String>,
}

/// `[[trigger.http]]`, the only kind served.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Triggers {
    /// In the manifest's order.
    pub http: Vec<HttpTrigger>,
}

/// One route.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpTrigger {
    /// An optional name, not used here.
    #[serde(default)]
    pub id: String,
    /// `/exact`, `/segment/:name` or `/prefix/...`.
    pub route: String,
    /// The id of the component that answers.
    pub component: String,
}

/// `[component.<id>]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// The component's file, relative to the manifest.
    pub source: PathBuf,
    /// What it is, not used here.
    #[serde(default)]
    pub description: String,
    /// Its variables, as templates over the application's.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// Its environment variables.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// `scheme://host[:port]` patterns that it may call; none by default.
    #[serde(default)]
    pub allowed_outbound_hosts: Vec<String>,
    /// The labels of the databases that it may open; none by default.
    #[serde(default)]
    pub sqlite_databases: Vec<String>,
    /// How `spin build` makes it, not used here.
    pub build: Option<Build>,
}

/// `[component.<id>.build]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Build {
    /// The command.
    pub command: String,
    /// Where it runs, relative to the manifest.
    pub workdir: Option<PathBuf>,
    /// What `spin watch` watches.
    #[serde(default)]
    pub watch: Vec<String>,
}

/// Why a manifest cannot be served.
#[derive(Debug, Error)]
pub enum ManifestError {
    /// The file cannot be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// The manifest.
        path: PathBuf,
        /// What the file system says.
        source: std::io::Error,
    },
    /// The file is not a manifest, or has a key that this host does not serve.
    #[error(transparent)]
    Parse(#[from] toml::de::Error),
    /// Another version than 2.
    #[error("spin_manifest_version is {0}; this host serves version 2")]
    Version(u32),
    /// A route leads to a component that is not there.
    #[error("route {route:?} leads to component {component:?}, which the manifest does not have")]
    NoSuchComponent {
        /// The route as written.
        route: String,
        /// The id that it names.
        component: String,
    },
    /// A variable that is neither required nor has a default.
    #[error("variable {0:?} is neither `required = true` nor has a `default`")]
    NeitherRequiredNorDefault(String),
}

impl Manifest {
    /// Reads the manifest at `path`.
    ///
    /// # Errors
    /// [`ManifestError::Read`] and whatever [`Manifest::parse`] finds.
    pub fn read(path: &Path) -> Result<Self, ManifestError> {
        let text = std::fs::read_to_string(path).map_err(|source| ManifestError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text)
    }

    /// Parses a manifest's text and checks what the schema cannot say.
    ///
    /// # Errors
    /// Any [`ManifestError`] but [`ManifestError::Read`].
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let manifest: Self = toml::from_str(text)?;
        if manifest.spin_manifest_version != 2 {
            return Err(ManifestError::Version(manifest.spin_manifest_version));
        }
        if let Some(trigger) = manifest
            .trigger
            .http
            .iter()
            .find(|trigger| !manifest.component.contains_key(&trigger.component))
        {
            return Err(ManifestError::NoSuchComponent {
                route: trigger.route.clone(),
                component: trigger.component.clone(),
            });
        }
        if let Some((name, _)) = manifest
            .variables
            .iter()
            .find(|(_, variable)| !variable.required && variable.default.is_none())
        {
            return Err(ManifestError::NeitherRequiredNorDefault(name.clone()));
        }
        Ok(manifest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINIMAL: &str = "spin_manifest_version = 2\napplication = { name = \"a\" }\n\
        [[trigger.http]]\nroute = \"/\"\ncomponent = \"one\"\n[component.one]\nsource = \"one.wasm\"\n";

    #[test]
    fn the_applications_own_manifest_is_served() {
        let manifest = Manifest::read(Path::new(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../spin.toml"
        )))
        .unwrap();
        let ids: Vec<_> = manifest.component.keys().map(String::as_str).collect();
        assert_eq!(
            ids,
            [
                "directory",
                "exchange",
                "intake",
                "status",
                "sweep",
                "worklist"
            ]
        );
    }

    #[test]
    fn a_component_may_open_and_call_nothing_unless_told() {
        let manifest = Manifest::parse(MINIMAL).unwrap();
        assert!(manifest.component["one"].sqlite_databases.is_empty());
        assert!(manifest.component["one"].allowed_outbound_hosts.is_empty());
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let text = format!("{MINIMAL}sqlite_database = [\"default\"]\n");
        assert!(matches!(
            Manifest::parse(&text),
            Err(ManifestError::Parse(_))
        ));
    }

    #[test]
    fn a_route_to_no_component_is_refused() {
        let text = MINIMAL.replace("component = \"one\"", "component = \"two\"");
        assert!(matches!(
            Manifest::parse(&text),
            Err(ManifestError::NoSuchComponent { .. })
        ));
    }

    #[test]
    fn a_variable_without_a_default_must_be_required() {
        let text = format!("{MINIMAL}[variables]\nkey = {{ secret = true }}\n");
        assert!(
            matches!(Manifest::parse(&text), Err(ManifestError::NeitherRequiredNorDefault(name)) if name == "key")
        );
    }
}
