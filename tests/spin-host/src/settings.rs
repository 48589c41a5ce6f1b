//! What each component is given: its variables with their values, its databases, the hosts that it may call.
//! All of it is worked out at the start, so that a mistake stops the host and never a request.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use crate::manifest::{Component, Manifest};
use crate::outbound::{AllowedHosts, PatternError};
use crate::template::{self, TemplateError};

/// The label of the one database that this host serves.
pub const DATABASE: &str = "default";

/// One component, ready to be instantiated.
#[derive(Debug)]
pub struct Settings {
    /// Its id in the manifest.
    pub id: Arc<str>,
    /// Its file.
    pub source: PathBuf,
    /// Its variables with their values.
    pub variables: BTreeMap<String, String>,
    /// Its environment variables.
    pub environment: BTreeMap<String, String>,
    /// The labels of the databases that it may open.
    pub databases: BTreeSet<String>,
    /// The file behind [`DATABASE`].
    pub database_file: Arc<Path>,
    /// What it may call.
    pub allowed_hosts: AllowedHosts,
}

/// Why an application cannot start with these values.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// A value for a variable that the manifest does not have.
    #[error("the manifest has no variable {0:?}")]
    UnknownVariable(String),
    /// A required variable without a value.
    #[error("variable {0:?} is required and has no value: give it with --variable {0}=…")]
    Missing(String),
    /// A template that has no value.
    #[error("component {component:?}: {source}")]
    Template {
        /// The component's id.
        component: String,
        /// What is wrong with the template.
        source: TemplateError,
    },
    /// A pattern that is not understood.
    #[error("component {component:?}: {source}")]
    Pattern {
        /// The component's id.
        component: String,
        /// What is wrong with the pattern.
        source: PatternError,
    },
    /// A database that is not served.
    #[error("component {component:?} uses database {label:?}; this host serves \"default\" only")]
    Database {
        /// The component's id.
        component: String,
        /// The label.
        label: String,
    },
}

/// The settings of every component of `manifest`, whose folder is `folder`, with these values for its variables.
///
/// # Errors
/// Any [`SettingsError`].
pub fn resolve(
    manifest: &Manifest,
    folder: &Path,
    given: &BTreeMap<String, String>,
    database_file: &Path,
) -> Result<Vec<Settings>, SettingsError> {
    let values = values(manifest, given)?;
    let database_file: Arc<Path> = database_file.into();
    manifest
        .component
        .iter()
        .map(|(id, component)| of_component(id, component, folder, &values, &database_file))
        .collect()
}

fn values(
    manifest: &Manifest,
    given: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, SettingsError> {
    if let Some(unknown) = given
        .keys()
        .find(|name| !manifest.variables.contains_key(*name))
    {
        return Err(SettingsError::UnknownVariable(unknown.clone()));
    }
    manifest
        .variables
        .iter()
        .map(|(name, variable)| {
            let value = given
                .get(name)
                .or(variable.default.as_ref())
                .ok_or_else(|| SettingsError::Missing(name.clone()))?;
            Ok((name.clone(), value.clone()))
        })
        .collect()
}

fn of_component(
    id: &str,
    component: &Component,
    folder: &Path,
    values: &BTreeMap<String, String>,
    database_file: &Arc<Path>,
) -> Result<Settings, SettingsError> {
    if let Some(label) = component
        .sqlite_databases
        .iter()
        .find(|label| *label != DATABASE)
    {
        return Err(SettingsError::Database {
            component: id.to_owned(),
            label: label.clone(),
        });
    }
    let value_of = |template: &String| {
        template::resolve(template, values).map_err(|source| SettingsError::Template {
            component: id.to_owned(),
            source,
        })
    };
    let variables = component
        .variables
        .iter()
        .map(|(name, template)| Ok((name.clone(), value_of(template)?)))
        .collect::<Result<_, SettingsError>>()?;
    let hosts: Vec<String> = component
        .allowed_outbound_hosts
        .iter()
        .map(value_of)
        .collect::<Result<_, _>>()?;
    let allowed_hosts =
        AllowedHosts::parse(hosts.iter().map(String::as_str)).map_err(|source| {
            SettingsError::Pattern {
                component: id.to_owned(),
                source,
            }
        })?;
    Ok(Settings {
        id: id.into(),
        source: folder.join(&component.source),
        variables,
        environment: component.environment.clone(),
        databases: component.sqlite_databases.iter().cloned().collect(),
        database_file: database_file.clone(),
        allowed_hosts,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = r#"
        spin_manifest_version = 2
        application = { name = "a" }
        [variables]
        key = { required = true, secret = true }
        host = { default = "example.test" }
        [[trigger.http]]
        route = "/"
        component = "one"
        [component.one]
        source = "one.wasm"
        sqlite_databases = ["default"]
        allowed_outbound_hosts = ["https://{{ host }}"]
        variables = { secret = "{{ key }}" }
    "#;

    fn given(values: &[(&str, &str)], text: &str) -> Result<Vec<Settings>, SettingsError> {
        let values = values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        resolve(
            &Manifest::parse(text).unwrap(),
            Path::new("/app"),
            &values,
            Path::new("a.db"),
        )
    }

    #[test]
    fn values_defaults_and_templates_come_together() {
        let settings = given(&[("key", "s3cret")], MANIFEST).unwrap();
        assert_eq!(settings[0].variables["secret"], "s3cret");
        assert_eq!(settings[0].source, Path::new("/app/one.wasm"));
        assert!(
            settings[0]
                .allowed_hosts
                .allow(&"https://example.test/x".parse().unwrap())
        );
    }

    #[test]
    fn a_required_variable_without_a_value_stops_the_start() {
        assert!(matches!(given(&[], MANIFEST), Err(SettingsError::Missing(name)) if name == "key"));
    }

    #[test]
    fn a_value_for_no_variable_stops_the_start() {
        let result = given(&[("key", "a"), ("kye", "b")], MANIFEST);
        assert!(matches!(result, Err(SettingsError::UnknownVariable(name)) if name == "kye"));
    }

    #[test]
    fn an_undefined_name_in_a_template_stops_the_start() {
        let text = MANIFEST.replace("{{ key }}", "{{ none }}");
        assert!(matches!(
            given(&[("key", "a")], &text),
            Err(SettingsError::Template { .. })
        ));
    }

    #[test]
    fn a_database_that_is_not_served_stops_the_start() {
        let text = MANIFEST.replace("[\"default\"]", "[\"other\"]");
        assert!(matches!(
            given(&[("key", "a")], &text),
            Err(SettingsError::Database { .. })
        ));
    }
}
