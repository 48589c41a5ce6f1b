//! What the functions get to know on this machine: the operator's key and the master key.

use std::{env, fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

use anyhow::{Context, Result, bail};

use crate::npm::hex;

const ADMIN_KEY: &str = "ADMIN_KEY";
const MASTER_KEY: &str = "MASTER_KEY";
const PRIVATE_ENDPOINTS: &str = "PRIVATE_ENDPOINTS";
const MASTER_KEY_PREVIOUS: &str = "MASTER_KEY_PREVIOUS";
/// 256 bits, what HKDF-SHA256 can make use of.
const KEY_BYTES: usize = 32;

/// The secrets of one local deployment.
#[derive(Debug, Clone)]
pub struct Secrets {
    /// The operator's key.
    pub admin_key: String,
    master_key: String,
    master_key_previous: Option<String>,
}

impl Secrets {
    /// New ones, for a deployment that is thrown away.
    ///
    /// # Errors
    /// When the machine has no randomness to give.
    pub fn fresh() -> Result<Self> {
        Ok(Self {
            admin_key: random()?,
            master_key: random()?,
            master_key_previous: None,
        })
    }

    /// Those in the environment; what is not there is made once and kept in `file`, which only its owner may read.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn kept_in(file: &Path) -> Result<Self> {
        let kept = if file.exists() {
            fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?
        } else {
            let text = format!("{ADMIN_KEY}={}\n{MASTER_KEY}={}\n", random()?, random()?);
            fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(file)
                .and_then(|mut file| file.write_all(text.as_bytes()))
                .with_context(|| format!("writing {}", file.display()))?;
            text
        };
        let find = |name: &str| {
            set(name).or_else(|| {
                kept.lines()
                    .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
                    .map(ToOwned::to_owned)
            })
        };
        let (Some(admin_key), Some(master_key)) = (find(ADMIN_KEY), find(MASTER_KEY)) else {
            bail!(
                "{} lacks {ADMIN_KEY} or {MASTER_KEY}; remove it to have new ones",
                file.display()
            );
        };
        Ok(Self {
            admin_key,
            master_key,
            master_key_previous: find(MASTER_KEY_PREVIOUS),
        })
    }

    /// As environment variables, by the names that Cloudflare has for them.
    pub fn environment(&self) -> Vec<(String, String)> {
        let mut variables = vec![
            (ADMIN_KEY.to_owned(), self.admin_key.clone()),
            (MASTER_KEY.to_owned(), self.master_key.clone()),
        ];
        // Partners' systems run on this machine too.
        variables.push((PRIVATE_ENDPOINTS.to_owned(), "loopback".to_owned()));
        if let Some(previous) = &self.master_key_previous {
            variables.push((MASTER_KEY_PREVIOUS.to_owned(), previous.clone()));
        }
        variables
    }

    /// As environment variables from which Spin reads an application's variables: no argument shows them to other users.
    pub fn spin_environment(&self) -> Vec<(String, String)> {
        self.environment()
            .into_iter()
            .map(|(name, value)| (format!("SPIN_VARIABLE_{name}"), value))
            .collect()
    }
}

fn set(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn random() -> Result<String> {
    let mut bytes = [0; KEY_BYTES];
    getrandom::fill(&mut bytes).context("the machine's randomness")?;
    Ok(hex(&bytes))
}
