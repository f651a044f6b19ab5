//! Sealed Secrets: controller and kubeseal.

use crate::messages::class::Class as C;
use crate::messages::context::Context as X;
use crate::messages::pattern::{Pattern, pat};
use crate::messages::signal::Signal as S;

pub(super) static ROWS: &[Pattern] = &[
    pat("sealed-no-key", C::SealedsecretUndecryptable, 95)
        .on(&["no key could decrypt"])
        .re(r"no key could decrypt secret(?: \(<keys>\))?")
        .signal(S::Undecryptable)
        .stands_for("sealed-secrets pkg/crypto and pkg/apis HybridDecrypt")
        .why("no private key of this controller opens the item: other cluster, lost key, or another name or namespace")
        .eg(&["no key could decrypt secret (password)", "Error updating shop/x, will retry: no key could decrypt secret (a, b)"]),
    pat("sealed-no-keys", C::SealedsecretUndecryptable, 92)
        .on(&["key registry has no keys|errunsealfailed|failed to unseal|unable to decrypt sealed|error decrypting|decryption error|error unsealing|unseal failed"])
        .re(r"key registry has no keys|errunsealfailed|failed to unseal|unable to decrypt sealed|error unsealing|unseal failed|crypto/rsa: decryption error|error decrypting")
        .outside(X::VAULT)
        .never(&["already exists and is not managed"])
        .signal(S::Undecryptable)
        .stands_for("sealed-secrets controller")
        .eg(&["Failed to unseal: crypto/rsa: decryption error"]),
    pat("sealed-scope", C::SealedsecretUndecryptable, 84)
        .on(&["cipher: message authentication failed|illegal base64|base64"])
        .re(r"message authentication failed|illegal base64")
        .within(X::SEALED)
        .also(&[C::SecretInvalidFormat])
        .signal(S::Undecryptable)
        .stands_for("sealed-secrets pkg/crypto, damaged or rescoped ciphertext")
        .eg(&["Error updating SealedSecret shop/x: illegal base64 data at input byte 3"]),
    pat("sealed-unmanaged", C::SealedsecretUnmanaged, 95)
        .on(&["already exists and is not managed by sealedsecret|is not managed by sealedsecret|not managed by sealedsecret"])
        .re(r#"(?:resource |secret )?"?(?:<namespace>/)?<secret>"? already exists and is not managed|not managed by sealedsecret"#)
        .signal(S::SealedUnmanaged)
        .stands_for("sealed-secrets pkg/controller/controller.go")
        .eg(&["Failed update: Resource \"x\" already exists and is not managed by SealedSecret"]),
    pat("sealed-client-certificate", C::SealedsecretClient, 92)
        .on(&["cannot fetch certificate|cannot get sealed secret service|error fetching certificate|unable to fetch certificate|cannot get sealed"])
        .stands_for("kubeseal fetching the public certificate through the API server")
        .eg(&["cannot fetch certificate: no endpoints available for service \"http:sealed-secrets-controller:\"", "error: cannot get sealed secret service: services \"sealed-secrets-controller\" not found. Please, use the flag --controller-name and --controller-namespace"]),
    pat("sealed-client-input", C::SealedsecretClient, 86)
        .on(&["kubeseal|sealed-secrets-controller|missing metadata.name|input secret|certificate is expired|failed to parse certificate|--controller-name|--re-encrypt|must provide the"])
        .re(r"kubeseal<*>error|missing metadata\.name|input secret|cannot (?:parse|read|open)<*>cert|sealed-secrets-controller<*>(?:not found|no endpoints|refused|timeout|unavailable|forbidden)|use the flag --controller|must provide the --name|secret(?:\.data)? must not be empty|certificate<*>expired|error: .{0,200}\bkubeseal")
        .within(X::SEALED)
        .also(&[C::SealedsecretUndecryptable])
        .stands_for("kubeseal cmd/kubeseal")
        .eg(&["kubeseal: error: couldn't decode input, missing metadata.name in input Secret"]),
    pat("sealed-client-encode", C::SealedsecretClient, 82)
        .on(&["no encodings found|secret.data must not be empty|couldn't get version/kind|input is not a secret|failed to seal|cannot seal|error: eof"])
        .re(r"no encodings found|must not be empty in input|couldn't get version/kind|failed to seal|cannot seal")
        .stands_for("kubeseal cmd/kubeseal")
        .eg(&["error: Secret.data must not be empty in input Secret"]),
    pat("sealed-update-failed", C::SealedsecretUndecryptable, 50)
        .on(&["sealedsecret|sealed secret"])
        .re(r"(?:error|fail|unable|cannot|invalid)")
        .also(&[C::SealedsecretUnmanaged, C::SealedsecretClient, C::SecretMissing])
        .stands_for("sealed-secrets controller")
        .eg(&["SealedSecret shop/x: update failed"]),
];
