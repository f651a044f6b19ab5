//! What an operator's words about a source mean: which row, and how sure the words alone make it.

use crate::messages::{Binding, Caller, Signal};
use crate::objects::{SecretStore, StoreAuth};
use crate::symptoms::{Channel, Statement};
use crate::verdict::{Confidence, Link};

/// What one statement says about a failed sync.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Meaning {
    /// A cause, with its row and confidence.
    Row(&'static str, Confidence),
    /// The store is said not to be ready; the cause is with the store.
    Store,
    /// Only that it failed.
    Generic,
    /// A cause that another family judges.
    Foreign,
    Nothing,
}

/// How a store logs in, as far as it decides what a refusal means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Login {
    StaticToken,
    AppRole,
    /// By a token of the cluster: kubernetes, jwt.
    Cluster,
    /// AWS, Google or Azure.
    Cloud,
    Unknown,
}

pub(super) fn login(store: Option<&SecretStore>) -> Login {
    let Some(store) = store else { return Login::Unknown };
    if let Some(vault) = &store.vault {
        return match &vault.auth {
            Some(StoreAuth::Token) => Login::StaticToken,
            Some(StoreAuth::AppRole { .. }) => Login::AppRole,
            Some(StoreAuth::Kubernetes { .. }) => Login::Cluster,
            Some(StoreAuth::Other(method)) => match &**method {
                "jwt" => Login::Cluster,
                "iam" => Login::Cloud,
                "userPass" | "ldap" | "cert" => Login::AppRole,
                _ => Login::Unknown,
            },
            None => Login::Unknown,
        };
    }
    match store.provider.as_deref() {
        Some("aws" | "gcpsm" | "azurekv") => Login::Cloud,
        Some(_) => Login::StaticToken,
        None => Login::Unknown,
    }
}

/// Reads a statement about a sync or its store.
pub(super) fn meaning(statement: &Statement, login: Login) -> Meaning {
    use Confidence::{Certain, Likely, Possible};
    let said = &statement.said;
    let has = |test: fn(Signal) -> bool| said.signals.iter().any(|s| test(*s));
    let pattern = said.candidates.first().map_or("", |c| c.pattern);
    let of_login = said.fields.url_path.as_deref().is_some_and(|p| p.ends_with("/login") || p.contains("/login/"));
    let of_token =
        said.fields.url_path.as_deref().is_some_and(|p| p.contains("lookup-self") || p.contains("renew-self"));

    if has(|s| matches!(s, Signal::OperatorForbidden | Signal::ApiForbidden(Caller::ServiceAccount))) {
        return Meaning::Foreign;
    }
    if has(|s| s == Signal::StoreMissing) {
        return Meaning::Row("SYN-02", Certain);
    }
    if has(|s| s == Signal::StoreNotAllowedInNamespace) {
        return Meaning::Row("SYN-06", Certain);
    }
    if has(|s| s == Signal::TargetOwned) {
        return Meaning::Row("SYN-08", Certain);
    }
    if has(|s| s == Signal::TargetImmutable) {
        return Meaning::Row("SYN-08", Certain);
    }
    if pattern == "eso-target-redacted" {
        // What was rendered is no valid Secret: by the template or by the value that went into it.
        return Meaning::Row("SYN-07", Likely);
    }
    if has(|s| s == Signal::TemplateFailed) {
        return Meaning::Row("SYN-07", Certain);
    }
    if has(|s| matches!(s, Signal::WebhookUnreachable))
        || matches!(pattern, "eso-crd-version" | "eso-webhook-certificates")
    {
        return Meaning::Row("SYN-12", Likely);
    }
    if has(|s| s == Signal::ClockSkew) {
        return Meaning::Row("AUT-08", Likely);
    }
    if has(|s| s == Signal::ProviderTls) {
        return Meaning::Row("AUT-07", Certain);
    }
    if has(|s| matches!(s, Signal::ProviderSealed | Signal::Sealed503 | Signal::Quota429 | Signal::ProviderThrottled)) {
        return Meaning::Row("SRC-09", Certain);
    }
    if has(|s| matches!(s, Signal::ProviderUnreachable | Signal::VaultUnreachable)) {
        return Meaning::Row("SRC-09", Certain);
    }
    if has(|s| s == Signal::BootstrapMissing) || pattern == "eso-bootstrap-key" {
        return Meaning::Row("AUT-06", Certain);
    }
    for signal in &said.signals {
        if let Signal::RoleUnbound(binding) = signal {
            return match binding {
                Binding::Audience => Meaning::Row("AUT-02", Likely),
                Binding::Reviewer => Meaning::Row("AUT-03", Likely),
                Binding::Name | Binding::Namespace | Binding::RoleMissing => Meaning::Row("AUT-01", Likely),
            };
        }
    }
    if has(|s| matches!(s, Signal::AppRoleInvalid)) {
        return Meaning::Row("AUT-04", Likely);
    }
    if has(|s| s == Signal::InvalidToken) {
        return match login {
            Login::Cluster => Meaning::Row("AUT-03", Possible),
            _ => Meaning::Row("AUT-04", Likely),
        };
    }
    if of_login || of_token || has(|s| s == Signal::ProviderLogin) {
        return match login {
            Login::StaticToken | Login::AppRole => Meaning::Row("AUT-04", Likely),
            Login::Cloud => Meaning::Row("AUT-05", Likely),
            // Vault says the same for a mount that is gone and for a reviewer without rights.
            Login::Cluster => Meaning::Row("AUT-03", Possible),
            Login::Unknown if is_cloud(pattern) => Meaning::Row("AUT-05", Likely),
            Login::Unknown => Meaning::Row("AUT-04", Possible),
        };
    }
    if has(|s| s == Signal::SourceDisabled) {
        return Meaning::Row("SRC-10", Certain);
    }
    if has(|s| matches!(s, Signal::VaultDenied | Signal::ProviderRead)) {
        return Meaning::Row("SRC-01", Likely);
    }
    if has(|s| s == Signal::KvVersion) {
        return Meaning::Row("SRC-05", Certain);
    }
    if has(|s| s == Signal::PropertyMissing) {
        return if of_store(statement) { Meaning::Row("AUT-06", Certain) } else { Meaning::Row("SRC-05", Certain) };
    }
    if has(|s| s == Signal::RemoteMissing) {
        return Meaning::Row("SRC-05", Likely);
    }
    if has(|s| s == Signal::StoreNotReady) {
        return if of_store(statement) { Meaning::Generic } else { Meaning::Store };
    }
    if has(|s| s == Signal::SyncFailed) || statement.channel == Channel::Condition {
        return Meaning::Generic;
    }
    Meaning::Nothing
}

fn of_store(statement: &Statement) -> bool {
    matches!(statement.object.kind, crate::objects::Kind::SecretStore | crate::objects::Kind::ClusterSecretStore)
}

fn is_cloud(pattern: &str) -> bool {
    ["aws", "azure", "gcp"].iter().any(|cloud| pattern.contains(cloud))
}

/// A row is about the whole store, or the source behind it, rather than about one thing that is read.
pub(super) fn is_of_store(code: &str) -> bool {
    code.starts_with("AUT-") || matches!(code, "SRC-09" | "SYN-02" | "SYN-12")
}

/// What the source said, in our words.
pub(super) fn seen(code: &str, statement: &Statement) -> String {
    let fields = &statement.said.fields;
    let path = fields.url_path.as_deref().map(|p| format!(" for {p}")).unwrap_or_default();
    let status = fields.http_status.map(|s| format!("{s}")).unwrap_or_default();
    let says = |signal: Signal| statement.said.says(signal);
    match code {
        "SRC-01" => format!("the source refuses the read{path}: permission denied"),
        "SRC-05" if says(Signal::PropertyMissing) => {
            let key = fields.key.as_deref().map(|k| format!(" {k}")).unwrap_or_default();
            format!("the entry at the source has no property{key}")
        }
        "SRC-05" if says(Signal::KvVersion) => "the path does not fit the version of the KV engine".to_owned(),
        "SRC-05" => "the source has nothing at this path".to_owned(),
        "SRC-09" if says(Signal::ProviderSealed) || says(Signal::Sealed503) => "the source is sealed".to_owned(),
        "SRC-09" if says(Signal::Quota429) || says(Signal::ProviderThrottled) => {
            format!(
                "the source throttles requests{path}{}",
                if status.is_empty() { String::new() } else { format!(" ({status})") }
            )
        }
        "SRC-09" => "the source cannot be reached".to_owned(),
        "SRC-10" => "the entry at the source is disabled or marked for deletion".to_owned(),
        "AUT-01" => {
            let what = statement.said.signals.iter().find_map(|s| match s {
                Signal::RoleUnbound(Binding::Namespace) => Some("the namespace is not bound to the role"),
                Signal::RoleUnbound(Binding::RoleMissing) => Some("the role does not exist"),
                Signal::RoleUnbound(_) => Some("the ServiceAccount is not bound to the role"),
                _ => None,
            });
            format!("the login is refused: {}", what.unwrap_or("the role does not admit this identity"))
        }
        "AUT-02" => "the login is refused: audience or issuer of the token".to_owned(),
        "AUT-03" => format!("the login is refused without a reason{path}"),
        "AUT-04" if says(Signal::AppRoleInvalid) => "the login is refused: invalid role or secret id".to_owned(),
        "AUT-04" => "the stored login is no longer valid".to_owned(),
        "AUT-05" => "the cloud does not accept the workload identity".to_owned(),
        "AUT-06" => {
            let name = fields.secret.as_deref().map(|s| format!("secret/{s}"));
            let name = name.or_else(|| fields.service_account.as_deref().map(|s| format!("serviceaccount/{s}")));
            format!("the store's own login is not there: {}", name.unwrap_or_else(|| "its Secret or key".to_owned()))
        }
        "AUT-07" => "the certificate of the source is not trusted".to_owned(),
        "AUT-08" => "a token is not valid yet, or was used before it was issued".to_owned(),
        "SYN-02" => match &fields.store {
            Some(store) => format!("store {store} does not exist"),
            None => "the store is not ready".to_owned(),
        },
        "SYN-06" => "the ClusterSecretStore does not admit this namespace".to_owned(),
        "SYN-07" if statement.said.candidates.first().is_some_and(|c| c.pattern == "eso-target-redacted") => {
            "the API server refuses what was rendered".to_owned()
        }
        "SYN-07" => "the template or a conversion fails".to_owned(),
        "SYN-08" if says(Signal::TargetImmutable) => "the target Secret is immutable".to_owned(),
        "SYN-08" => match &fields.name {
            Some(owner) => format!("the target is owned by externalsecret/{owner}"),
            None => "the target is owned by another".to_owned(),
        },
        "SYN-12" => "the operator's API or webhook does not answer for this version".to_owned(),
        _ => "it failed".to_owned(),
    }
}

/// The link at which a row sits, for the chain.
pub(super) fn link(code: &str) -> Link {
    match &code[..3] {
        "SRC" => Link::Source,
        "AUT" => Link::Login,
        _ => Link::Sync,
    }
}
