//! What is around every view: title, navigation, language, who is signed in.

use http::HeaderMap;

use super::assets::{self, Asset};
use super::language::{InEach, Language};
use crate::auth::{Member, Scope};
use crate::call::Call;
use crate::http::Method;

/// Where a view stands in the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::worklist) enum Place {
    /// The worklist, and one referral.
    Worklist,
    /// What fits no referral.
    Unmatched,
    /// What was not delivered.
    Deliveries,
}

/// An entry of the navigation.
pub(super) struct Entry {
    place: Place,
    path: &'static str,
    /// The scope without which its view shows nothing.
    scope: Scope,
    text: InEach<&'static str>,
}

/// The navigation, in its order.
pub(super) static NAVIGATION: &[Entry] = &[
    Entry {
        place: Place::Worklist,
        path: "/worklist/",
        scope: Scope::ReferralsRead,
        text: InEach {
            en: "Worklist",
            es: "Lista de trabajo",
        },
    },
    Entry {
        place: Place::Unmatched,
        path: "/worklist/pages/unmatched",
        scope: Scope::ReferralsRead,
        text: InEach {
            en: "Unmatched",
            es: "Sin asignar",
        },
    },
    Entry {
        place: Place::Deliveries,
        path: "/worklist/pages/deliveries",
        scope: Scope::DirectoryWrite,
        text: InEach {
            en: "Deliveries",
            es: "Envíos",
        },
    },
];

/// What is around a view. Templates know it as `shell`.
pub(in crate::worklist) struct Shell {
    /// The language of the page.
    pub(in crate::worklist) language: Language,
    /// The view's title.
    pub(in crate::worklist) title: &'static str,
    pub(super) texts: &'static Texts,
    pub(super) assets: Vec<&'static Asset>,
    /// Where a chosen language leads back to.
    pub(super) back: String,
    pub(super) who: Option<Who>,
}

/// Who is signed in.
pub(super) struct Who {
    /// Whose key it is.
    pub(super) name: String,
    /// The organisation.
    pub(super) organization: String,
    /// The views that the key opens.
    pub(super) links: Vec<Link>,
}

/// A link of the navigation.
pub(super) struct Link {
    pub(super) path: &'static str,
    pub(super) text: &'static str,
    pub(super) is_here: bool,
}

impl Shell {
    /// Around a view of someone who is signed in.
    pub(in crate::worklist) fn new<P>(
        call: &Call<P>,
        member: &Member,
        here: Place,
        title: &'static str,
    ) -> Self {
        // What was posted cannot be asked for again by a link, and its path is all that may stand in one.
        let back = match call.route.method {
            Method::Get => call.address(),
            _ => call.path.clone(),
        };
        let mut shell = Self::outside(&call.headers, &back, title);
        let links = NAVIGATION
            .iter()
            .filter(|entry| member.has(entry.scope))
            .map(|entry| Link {
                path: entry.path,
                text: entry.text.of(shell.language),
                is_here: entry.place == here,
            })
            .collect();
        shell.who = Some(Who {
            name: member.label.clone().unwrap_or_else(|| member.key.clone()),
            organization: member.organization.clone(),
            links,
        });
        shell
    }

    /// Around a view of nobody in particular.
    pub(in crate::worklist) fn outside(
        headers: &HeaderMap,
        back: &str,
        title: &'static str,
    ) -> Self {
        let language = Language::of(headers);
        Self {
            language,
            title,
            texts: TEXTS.of(language),
            assets: vec![&assets::SHELL_CSS, &assets::SHELL_JS],
            back: form_urlencoded::byte_serialize(back.as_bytes()).collect(),
            who: None,
        }
    }

    /// With styles and scripts of the view's own.
    #[must_use]
    pub(in crate::worklist) fn with(mut self, assets: &[&'static Asset]) -> Self {
        self.assets.extend(assets);
        self
    }

    /// Where the icon of the tab is.
    pub(super) fn icon(&self) -> String {
        assets::ICON.path()
    }

    /// The languages that it is not in.
    pub(super) fn other_languages(&self) -> impl Iterator<Item = Language> {
        let own = self.language;
        Language::ALL.into_iter().filter(move |other| *other != own)
    }
}

/// The texts around every view, and those of the script that is in every view.
pub(super) struct Texts {
    pub(super) skip: &'static str,
    pub(super) navigation: &'static str,
    pub(super) language: &'static str,
    pub(super) signed_in: &'static str,
    pub(super) sign_out: &'static str,
    pub(super) changed: &'static str,
    pub(super) show_changes: &'static str,
    pub(super) offline: &'static str,
    pub(super) failed: &'static str,
}

static TEXTS: InEach<Texts> = InEach {
    en: Texts {
        skip: "Skip to the content",
        navigation: "Views",
        language: "Language",
        signed_in: "Signed in as",
        sign_out: "Sign out",
        changed: "Updated just now.",
        show_changes: "There are changes. Show them",
        offline: "No connection: what you see may be out of date.",
        failed: "That did not work.",
    },
    es: Texts {
        skip: "Ir al contenido",
        navigation: "Vistas",
        language: "Idioma",
        signed_in: "Sesión de",
        sign_out: "Cerrar sesión",
        changed: "Actualizado ahora mismo.",
        show_changes: "Hay cambios. Mostrarlos",
        offline: "Sin conexión: lo que ve puede estar desactualizado.",
        failed: "No ha funcionado.",
    },
};
