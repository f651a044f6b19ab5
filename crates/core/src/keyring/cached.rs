//! Whether a pod may use an image that its node already has.
//!
//! Upstream: k8s.io/kubernetes v1.36.3, `EnsureImageExists` of `pkg/kubelet/images/image_manager.go` and
//! `MustAttemptImagePull` of `pkg/kubelet/images/pullmanager/image_pull_manager.go`; KEP-2535.

/// The minor version of a kubelet 1.x.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct KubeletVersion {
    pub minor: u32,
}

impl KubeletVersion {
    /// Reads `v1.35.4`, `1.35`, `v1.34.2-eks-abc` and the like. `None` for anything that is no 1.x.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix('v').unwrap_or(text).strip_prefix("1.")?;
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        Some(Self { minor: rest[..digits].parse().ok()? })
    }

    /// Whether `KubeletEnsureSecretPulledImages` is on unless it was set by hand: alpha in 1.33, beta and on from 1.35.
    pub fn verifies_by_default(self) -> bool {
        self.minor >= 35
    }
}

/// `imagePullPolicy` of a container.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PullPolicy {
    Always,
    IfNotPresent,
    Never,
}

impl PullPolicy {
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "Always" => Some(Self::Always),
            "IfNotPresent" => Some(Self::IfNotPresent),
            "Never" => Some(Self::Never),
            _ => None,
        }
    }
}

/// `imagePullCredentialsVerificationPolicy` of the kubelet's configuration.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum VerificationPolicy {
    NeverVerify,
    #[default]
    NeverVerifyPreloadedImages,
    NeverVerifyAllowlistedImages,
    AlwaysVerify,
}

/// How the image came to the node, as the kubelet's records under `image_manager/` say.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Origin {
    /// There is a record or an intent: this kubelet has pulled it, with verification on.
    PulledByKubelet,
    /// There is none: it was preloaded, or pulled before verification was on.
    Preloaded,
    #[default]
    Unknown,
}

/// What the kubelet's record for this image name says about this pod.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Access {
    /// It was pulled without credentials or with the node's own: every pod may use it.
    NodeWide,
    /// The pod lists a Secret that is recorded, by its coordinates or by the hash of its credential, or runs as a
    /// recorded ServiceAccount. A credential that worked once counts for ever, even if the registry has revoked it.
    Recorded,
    /// The record names only credentials that the pod does not have.
    NotRecorded,
    /// There is no complete record for this name, as after a pull that was cut off or under another name.
    NoRecord,
    /// The record must be compared with the pod's credentials, and one of its pull secrets is malformed.
    SecretMalformed,
    #[default]
    Unknown,
}

/// What is known about one image on one node, for one pod.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CacheFacts {
    /// `None` where the node's image list is not known, or is at its cap without the image in it.
    pub present: Option<bool>,
    /// The feature gate `KubeletEnsureSecretPulledImages`, where it is known to be set by hand.
    pub gate: Option<bool>,
    pub policy: VerificationPolicy,
    pub origin: Origin,
    pub access: Access,
    /// Whether `preloadedImagesVerificationAllowlist` covers the image; counts only under its policy.
    pub allowlisted: Option<bool>,
}

/// What the kubelet does about the image.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Decision {
    /// It starts the container from the image on the node, and asks no registry.
    UseCached(UseReason),
    /// It sends the pull to the registry, with the pod's credentials if there are any.
    AskRegistry(AskReason),
    /// The container does not start.
    Fail(FailReason),
    /// It depends on a fact that is not known.
    Unknown(MissingFact),
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum UseReason {
    /// The kubelet does not verify: too old, gate off, or `NeverVerify`.
    NotVerified,
    /// The policy exempts preloaded or allow-listed images.
    Exempt,
    NodeWide,
    Recorded,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AskReason {
    AlwaysPolicy,
    Absent,
    /// The image is on the node, but nothing proves that this pod may use it.
    NotProven,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum FailReason {
    /// `ErrImageNeverPull`, because the image is absent.
    NeverAndAbsent,
    /// `ErrImageNeverPull`, although the image is on the node: its use is not proven. The message says "not present".
    NeverAndNotProven,
    /// A malformed pull secret breaks the comparison with the record.
    SecretMalformed,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MissingFact {
    Presence,
    Version,
    Origin,
    Allowlist,
    Access,
}

/// What a kubelet does about an image. `version` is `None` where the node's version is not known.
pub fn cached_image_use(version: Option<KubeletVersion>, pull: PullPolicy, facts: &CacheFacts) -> Decision {
    if pull == PullPolicy::Always {
        return Decision::AskRegistry(AskReason::AlwaysPolicy);
    }
    match facts.present {
        None => return Decision::Unknown(MissingFact::Presence),
        Some(false) if pull == PullPolicy::Never => return Decision::Fail(FailReason::NeverAndAbsent),
        Some(false) => return Decision::AskRegistry(AskReason::Absent),
        Some(true) => {}
    }
    let verifies = match facts.gate.or(version.map(KubeletVersion::verifies_by_default)) {
        _ if facts.policy == VerificationPolicy::NeverVerify => false,
        // A gate that a kubelet does not know keeps it from starting, so that a set gate is to be believed.
        Some(on) => on,
        None => return Decision::Unknown(MissingFact::Version),
    };
    if !verifies {
        return Decision::UseCached(UseReason::NotVerified);
    }
    match (facts.policy, facts.origin, facts.allowlisted) {
        (VerificationPolicy::NeverVerifyPreloadedImages, Origin::Preloaded, _)
        | (VerificationPolicy::NeverVerifyAllowlistedImages, _, Some(true)) => {
            return Decision::UseCached(UseReason::Exempt);
        }
        // A pod with a recorded credential may use the image whether or not it is exempt.
        _ if facts.access == Access::NodeWide => return Decision::UseCached(UseReason::NodeWide),
        _ if facts.access == Access::Recorded => return Decision::UseCached(UseReason::Recorded),
        (VerificationPolicy::NeverVerifyPreloadedImages, Origin::Unknown, _) => {
            return Decision::Unknown(MissingFact::Origin);
        }
        (VerificationPolicy::NeverVerifyAllowlistedImages, _, None) => {
            return Decision::Unknown(MissingFact::Allowlist);
        }
        _ => {}
    }
    match facts.access {
        Access::NodeWide => Decision::UseCached(UseReason::NodeWide),
        Access::Recorded => Decision::UseCached(UseReason::Recorded),
        Access::SecretMalformed => Decision::Fail(FailReason::SecretMalformed),
        // An image that no record speaks of can be proven by nothing.
        Access::Unknown if facts.origin != Origin::Preloaded => Decision::Unknown(MissingFact::Access),
        Access::Unknown | Access::NotRecorded | Access::NoRecord if pull == PullPolicy::Never => {
            Decision::Fail(FailReason::NeverAndNotProven)
        }
        Access::Unknown | Access::NotRecorded | Access::NoRecord => Decision::AskRegistry(AskReason::NotProven),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(minor: u32) -> Option<KubeletVersion> {
        Some(KubeletVersion { minor })
    }

    const PRESENT: CacheFacts = CacheFacts {
        present: Some(true),
        gate: None,
        policy: VerificationPolicy::NeverVerifyPreloadedImages,
        origin: Origin::PulledByKubelet,
        access: Access::NotRecorded,
        allowlisted: None,
    };

    #[test]
    fn another_tenants_image_is_shared_up_to_1_34_and_asked_for_from_1_35_on() {
        let decide = |minor, pull| cached_image_use(on(minor), pull, &PRESENT);
        assert_eq!(decide(34, PullPolicy::IfNotPresent), Decision::UseCached(UseReason::NotVerified));
        assert_eq!(decide(35, PullPolicy::IfNotPresent), Decision::AskRegistry(AskReason::NotProven));
        assert_eq!(decide(34, PullPolicy::Never), Decision::UseCached(UseReason::NotVerified));
        assert_eq!(decide(35, PullPolicy::Never), Decision::Fail(FailReason::NeverAndNotProven));
        assert_eq!(decide(30, PullPolicy::Always), Decision::AskRegistry(AskReason::AlwaysPolicy));
    }

    #[test]
    fn a_gate_set_by_hand_wins_over_the_version() {
        let with = |gate| CacheFacts { gate: Some(gate), ..PRESENT };
        let decide = |minor, gate| cached_image_use(on(minor), PullPolicy::IfNotPresent, &with(gate));
        assert_eq!(decide(33, true), Decision::AskRegistry(AskReason::NotProven));
        assert_eq!(decide(36, false), Decision::UseCached(UseReason::NotVerified));
    }

    #[test]
    fn the_policy_exempts_what_it_names() {
        let decide = |policy, origin, allowlisted| {
            let facts = CacheFacts { policy, origin, allowlisted, ..PRESENT };
            cached_image_use(on(36), PullPolicy::IfNotPresent, &facts)
        };
        use VerificationPolicy::*;
        assert_eq!(decide(NeverVerifyPreloadedImages, Origin::Preloaded, None), Decision::UseCached(UseReason::Exempt));
        assert_eq!(decide(AlwaysVerify, Origin::Preloaded, None), Decision::AskRegistry(AskReason::NotProven));
        assert_eq!(decide(NeverVerify, Origin::PulledByKubelet, None), Decision::UseCached(UseReason::NotVerified));
        let listed = |is| decide(NeverVerifyAllowlistedImages, Origin::Preloaded, is);
        assert_eq!(listed(Some(true)), Decision::UseCached(UseReason::Exempt));
        assert_eq!(listed(Some(false)), Decision::AskRegistry(AskReason::NotProven));
        assert_eq!(listed(None), Decision::Unknown(MissingFact::Allowlist));
        assert_eq!(decide(NeverVerifyPreloadedImages, Origin::Unknown, None), Decision::Unknown(MissingFact::Origin));
    }

    #[test]
    fn a_recorded_credential_opens_the_image_without_a_registry() {
        let decide = |access| cached_image_use(on(36), PullPolicy::Never, &CacheFacts { access, ..PRESENT });
        assert_eq!(decide(Access::Recorded), Decision::UseCached(UseReason::Recorded));
        assert_eq!(decide(Access::NodeWide), Decision::UseCached(UseReason::NodeWide));
        assert_eq!(decide(Access::SecretMalformed), Decision::Fail(FailReason::SecretMalformed));
        assert_eq!(decide(Access::Unknown), Decision::Unknown(MissingFact::Access));
    }

    #[test]
    fn absence_and_ignorance_are_told_apart() {
        let decide = |present, pull| cached_image_use(on(36), pull, &CacheFacts { present, ..PRESENT });
        assert_eq!(decide(Some(false), PullPolicy::IfNotPresent), Decision::AskRegistry(AskReason::Absent));
        assert_eq!(decide(Some(false), PullPolicy::Never), Decision::Fail(FailReason::NeverAndAbsent));
        assert_eq!(decide(None, PullPolicy::IfNotPresent), Decision::Unknown(MissingFact::Presence));
        let unknown = cached_image_use(None, PullPolicy::IfNotPresent, &PRESENT);
        assert_eq!(unknown, Decision::Unknown(MissingFact::Version));
    }

    #[test]
    fn versions_of_distributions_are_read() {
        assert_eq!(KubeletVersion::parse("v1.34.2-eks-abc"), on(34));
        assert_eq!(KubeletVersion::parse("1.35+"), on(35));
        assert_eq!(KubeletVersion::parse("v2.0.0"), None);
        assert_eq!(KubeletVersion::parse("v1."), None);
    }
}
