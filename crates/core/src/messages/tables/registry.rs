//! What registries answer to a pull, as runtimes pass it on.

use crate::messages::class::Class as C;
use crate::messages::context::Context as X;
use crate::messages::pattern::{Pattern, pat};
use crate::messages::signal::Signal as S;

/// What else a refusal can be that names neither a missing credential nor a missing image.
const DENIED: &[C] =
    &[C::PullCredentialsMissing, C::ImageNotFound, C::PullCredentialsForbidden, C::PullCredentialsRejected];
/// The same where 401 was said, and an absent tag can be behind it only with some registries.
const UNAUTHORIZED: &[C] = &[
    C::PullCredentialsMissing,
    C::PullCredentialsRejected,
    C::ImageNotFound,
    C::PullCredentialsForbidden,
    C::PullCredentialsExpired,
];

pub(super) static ROWS: &[Pattern] = &[
    // No credential was sent.
    pat("pull-no-basic-auth", C::PullCredentialsMissing, 90)
        .on(&["no basic auth credentials"])
        .also(&[C::PullCredentialsExpired])
        .codes(&["IMG-01", "IMG-06", "IMG-08", "IMG-02", "IMG-05"])
        .signal(S::PullUnauthorizedAnonymous)
        .anonymous()
        .stands_for("docker distribution/registry client auth; containerd core/remotes/docker/authorizer.go ErrInvalidAuthorization")
        .why("the registry asked for a basic login and nothing matched its host")
        .eg(&[
            "Failed to pull image \"reg.example:5000/a/b:1\": failed to pull and unpack image \"reg.example:5000/a/b:1\": failed to resolve image: pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials",
            "Error response from daemon: Get https://482913375511.dkr.ecr.eu-west-1.amazonaws.com/v2/pay/manifests/9: no basic auth credentials",
        ]),
    pat("pull-anonymous-token-401", C::PullCredentialsMissing, 90)
        .on(&["anonymous token", "401"])
        .also(&[C::ImageNotFound, C::RegistryAmbiguousAuthOrMissing])
        .signal(S::PullUnauthorizedAnonymous)
        .anonymous()
        .stands_for("containerd core/remotes/docker/auth/fetch.go FetchToken without a secret, 1.4 and later")
        .why("the token server wants a login and no credential matched")
        .eg(&["failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token?scope=repository%3Aa%2Fb%3Apull&service=ghcr.io: 401 Unauthorized"]),
    pat("pull-anonymous-token-403", C::PullCredentialsMissing, 76)
        .on(&["anonymous token", "403|forbidden|denied"])
        .also(&[C::ImageNotFound, C::RegistryBlockedByPolicy, C::RegistryAmbiguousAuthOrMissing, C::PullCredentialsForbidden])
        .signal(S::PullUnauthorizedAnonymous)
        .anonymous()
        .stands_for("containerd core/remotes/docker/auth/fetch.go; GHCR and ACR answer 403 to an anonymous token request")
        .why("the token server refuses anonymous requests for this repository, or every request from this network")
        .eg(&["failed to authorize: failed to fetch anonymous token: unexpected status: 403 Forbidden"]),
    pat("pull-unauthenticated-request", C::PullCredentialsMissing, 92)
        .on(&["unauthenticated request"])
        .re(r"unauthenticated requests? do(?:es)? not have permission")
        .also(&[C::ImageNotFound])
        .signal(S::PullUnauthorizedAnonymous)
        .anonymous()
        .stands_for("Google Artifact Registry")
        .why("Artifact Registry says that the request carried no login")
        .eg(&["denied: Unauthenticated request. Unauthenticated requests do not have permission \"artifactregistry.repositories.downloadArtifacts\" on resource \"projects/acme/locations/europe/repositories/web\" (or it may not exist)"]),
    pat("pull-ghcr-read-package", C::PullCredentialsMissing, 80)
        .on(&["read_package"])
        .also(&[C::PullCredentialsForbidden, C::ImageNotFound, C::RegistryAmbiguousAuthOrMissing])
        .signal(S::PullDeniedAmbiguous)
        .stands_for("GitHub Container Registry")
        .why("the package is not public and no login with the right to read it was sent")
        .eg(&["Error response from daemon: denied: permission_denied: read_package"]),
    pat("pull-gcr-invalid-credentials", C::PullCredentialsMissing, 72)
        .on(&["may have invalid credentials"])
        .also(&[C::PullCredentialsForbidden, C::PullCredentialsRejected, C::ImageNotFound])
        .signal(S::PullDeniedAmbiguous)
        .stands_for("Google Container Registry")
        .eg(&["unauthorized: You don't have the needed permissions to perform this operation, and you may have invalid credentials. To authenticate your request, follow the steps in: https://cloud.google.com/container-registry/docs/advanced-authentication"]),
    pat("pull-ecr-no-identity", C::PullCredentialsMissing, 86)
        .on(&["failed to get authorization token|getauthorizationtoken", "credential|imds|identity"])
        .never(&["not authorized to perform"])
        .also(&[C::PullCredentialsForbidden])
        .codes(&["IMG-22", "IMG-23", "IMG-01"])
        .signal(S::PullUnauthorizedAnonymous)
        .anonymous()
        .stands_for("ECR credential helpers and the kubelet's ecr-credential-provider")
        .why("the helper found no cloud identity with which to ask for a registry token")
        .eg(&["ecr: Failed to get authorization token: operation error ECR: GetAuthorizationToken, get identity: get credentials: failed to refresh cached credentials, no EC2 IMDS role found"]),
    pat("pull-credential-provider-failed", C::PullCredentialsMissing, 84)
        .on(&["credential provider"])
        .re(r"(?:failed getting credential from external registry|error execing|failed to exec(?:ute)?|error running|unable to get credentials? from)(?: the)? ?(?:credential provider|.*credential provider plugin)")
        .also(&[C::PullCredentialsForbidden])
        .codes(&["IMG-22"])
        .signal(S::PullUnauthorizedAnonymous)
        .stands_for("kubernetes pkg/credentialprovider/plugin/plugin.go, 1.20 and later")
        .why("the node's credential provider plugin gave no credential")
        .eg(&["E0101 10:00:00.000000 1 plugin.go:300] \"Failed getting credential from external registry credential provider: error execing credential provider plugin ecr-credential-provider for image 1.dkr.ecr.eu-west-1.amazonaws.com/a: exit status 1\""]),
    pat("pull-login-required", C::PullCredentialsMissing, 70)
        .on(&["authentication required|authentication is required|login required|you must be logged in|unauthorized: not logged in|please login"])
        .re(r"authentication is required|login required|you must be (?:logged in|authenticated)|not logged in|please log ?in")
        .within(X::PULL)
        .also(&[C::PullCredentialsRejected, C::RegistryAmbiguousAuthOrMissing])
        .signal(S::PullUnauthorized)
        .stands_for("JFrog Artifactory, Nexus")
        .eg(&["Failed to pull image \"art.example/a:1\": unexpected status code https://art.example/v2/a/manifests/1: 401 Authentication is required"]),

    // A credential was sent and refused.
    pat("pull-oauth-token-401", C::PullCredentialsRejected, 88)
        .on(&["oauth token", "401"])
        .also(&[C::PullCredentialsExpired, C::RegistryMisroutedAuth])
        .codes(&["IMG-04", "IMG-05", "IMG-10", "IMG-11"])
        .signal(S::PullUnauthorizedSent)
        .stands_for("containerd core/remotes/docker/auth/fetch.go FetchTokenWithOAuth and FetchToken with a secret")
        .why("a login was sent to the token server and refused")
        .eg(&["failed to authorize: failed to fetch oauth token: unexpected status from GET request to https://reg.example/token?scope=repository%3Aa%3Apull&service=registry: 401 Unauthorized"]),
    pat("pull-oauth-token-403", C::PullCredentialsForbidden, 80)
        .on(&["oauth token", "403"])
        .also(&[C::PullCredentialsRejected, C::PullCredentialsExpired, C::RegistryBlockedByPolicy, C::ImageNotFound])
        .signal(S::PullForbidden)
        .stands_for("containerd core/remotes/docker/auth/fetch.go")
        .why("a login was sent and the token server refuses it this repository")
        .eg(&["failed to authorize: failed to fetch oauth token: unexpected status: 403 Forbidden"]),
    pat("pull-oauth-token-400", C::PullCredentialsRejected, 80)
        .on(&["oauth token", "400"])
        .also(&[C::RegistryMisroutedAuth, C::PullCredentialsExpired])
        .signal(S::PullUnauthorizedSent)
        .stands_for("containerd core/remotes/docker/auth/fetch.go")
        .eg(&["failed to authorize: failed to fetch oauth token: unexpected status from POST request to https://acme.azurecr.io/oauth2/token: 400 Bad Request"]),
    pat("pull-token-endpoint-absent", C::RegistryMisroutedAuth, 84)
        .on(&["oauth token|anonymous token", "404|405"])
        .re(r"(?:oauth|anonymous) token<*>: 40[45] (?:not found|method not allowed)")
        .also(&[C::RegistryServerError, C::ImageNotFound])
        .signal(S::PullUnauthorized)
        .stands_for("containerd core/remotes/docker/auth/fetch.go")
        .why("the realm that the registry names is no token server")
        .eg(&["failed to authorize: failed to fetch anonymous token: unexpected status from GET request to http://reg.example/service/token?scope=repository%3Aa%3Apull: 404 Not Found"]),
    pat("pull-no-token-in-answer", C::RegistryMisroutedAuth, 84)
        .on(&["did not include a token|no token in response|unable to decode token response|unsupported auth scheme|invalid authorization header|no auth challenge"])
        .also(&[C::PullCredentialsRejected, C::RegistryServerError])
        .signal(S::PullUnauthorized)
        .stands_for("containerd, distribution client auth/session.go")
        .why("what answers at the realm is no token server of this registry")
        .eg(&["failed to authorize: failed to fetch anonymous token: authorization server did not include a token in the response"]),
    pat("pull-token-server-error", C::RegistryServerError, 86)
        .on(&["oauth token|anonymous token|bearer token", "500|502|503|504"])
        .re(r"token<*>\b50[0-9] [a-z]")
        .also(&[C::RegistryMisroutedAuth, C::PullCredentialsRejected])
        .signal(S::PullServerError)
        .stands_for("containerd core/remotes/docker/auth/fetch.go")
        .why("the token server failed; behind a mirror it may have got a credential that is not its own")
        .eg(&["failed to authorize: failed to fetch oauth token: unexpected status: 500 Internal Server Error"]),
    pat("pull-bearer-token", C::PullCredentialsRejected, 82)
        .on(&["requesting bearer token|unable to retrieve auth token|requesting bear token"])
        .re(r"(?:bearer|bear|auth) token: (?:invalid status code from registry <http_status>|invalid username/password|.*)")
        .never(&["(forbidden)", "403", "dial tcp", "x509", "i/o timeout", "500", "502", "503", "429"])
        .also(&[C::PullCredentialsMissing, C::PullCredentialsExpired, C::RegistryAmbiguousAuthOrMissing])
        .signal(S::PullUnauthorizedSent)
        .stands_for("containers/image docker/docker_client.go, through CRI-O")
        .eg(&["unable to retrieve auth token: invalid username/password: unauthorized: incorrect username or password", "Requesting bearer token: invalid status code from registry 401 (Unauthorized)"]),
    pat("pull-bearer-token-forbidden", C::PullCredentialsForbidden, 82)
        .on(&["requesting bearer token|unable to retrieve auth token|requesting bear token", "(forbidden)|403"])
        .also(&[C::PullCredentialsMissing, C::PullCredentialsRejected, C::RegistryAmbiguousAuthOrMissing, C::ImageNotFound])
        .signal(S::PullForbidden)
        .stands_for("containers/image docker/docker_client.go, through CRI-O")
        .eg(&["Requesting bearer token: invalid status code from registry 403 (Forbidden)"]),
    pat("pull-host-401", C::PullCredentialsRejected, 80)
        .on(&["401 unauthorized", "pulling from host|unexpected status from|unexpected status code"])
        .within(X::PULL)
        .never(&["anonymous token", "oauth token"])
        .also(&[C::PullCredentialsMissing, C::RegistryAmbiguousAuthOrMissing, C::PullCredentialsExpired, C::RegistryMisroutedAuth])
        .codes(&["IMG-04", "IMG-10", "IMG-11", "IMG-05", "IMG-21"])
        .signal(S::PullUnauthorizedSent)
        .stands_for("containerd core/remotes/docker/{resolver,fetcher}.go; 1.5 to 2.x")
        .why("the registry answered 401 after a credential was sent; without one the text says so")
        .eg(&[
            "failed to resolve image: unexpected status from HEAD request to http://reg.example:5000/v2/a/manifests/1: 401 Unauthorized",
            "failed to resolve reference \"reg.example/a:1\": pulling from host reg.example failed with status code [manifests 1]: 401 Unauthorized",
        ]),
    pat("pull-wrong-password", C::PullCredentialsRejected, 90)
        .on(&["username or password|username/password|invalid clientid|client id or secret|http basic: access denied|invalid user credentials|wrong password|bad credentials|user/password"])
        .within(X::PULL)
        .also(&[C::PullCredentialsExpired])
        .signal(S::PullUnauthorizedSent)
        .stands_for("Docker Hub, Harbor, ACR, GitLab, Quay token servers")
        .why("the registry names the login itself as wrong")
        .eg(&[
            "Error response from daemon: Get \"https://registry-1.docker.io/v2/\": unauthorized: incorrect username or password",
            "failed to pull image \"registry.gitlab.example/a/b:1\": Error response from daemon: Head https://registry.gitlab.example/v2/a/b/manifests/1: denied: HTTP Basic: Access denied",
        ]),
    pat("pull-docker-login-refused", C::PullCredentialsRejected, 78)
        .on(&["unauthorized: incorrect username or password|unauthorized: invalid|invalid robot|could not find robot|personal access token is required|must log in with a personal access token|email must be verified|not registered with aad|failed login attempts"])
        .also(&[C::PullCredentialsExpired])
        .signal(S::PullUnauthorizedSent)
        .stands_for("Docker Hub, Quay, ACR token servers")
        .eg(&[
            "unauthorized: Could not find robot with username: acme+puller and supplied password.",
            "unauthorized: Application not registered with AAD.",
        ]),
    pat("pull-too-many-failed-logins", C::PullCredentialsRejected, 97)
        .on(&["too many failed login attempts"])
        .also(&[C::RegistryRateLimited])
        .signal(S::PullUnauthorizedSent)
        .stands_for("Docker Hub")
        .why("the limit was reached by refused logins, not by pulls")
        .eg(&["toomanyrequests: too many failed login attempts for username or IP address"]),

    // Expired.
    pat("pull-token-expired", C::PullCredentialsExpired, 95)
        .on(&["authorization token has expired|access token is expired|access token has expired|token is expired|token has expired|token expired|token used after expir"])
        .within(X::PULL)
        .also(&[C::PullCredentialsRejected])
        .signal(S::PullTokenExpired)
        .stands_for("ECR, Docker Hub, GitLab, ACR")
        .why("the registry itself says that the token has expired")
        .eg(&["unexpected status from HEAD request to https://1.dkr.ecr.eu-west-1.amazonaws.com/v2/a/manifests/1: 403 Forbidden denied: Your authorization token has expired. Reauthenticate and try again."]),
    pat("pull-access-token-expired", C::PullCredentialsExpired, 92)
        .on(&["personal access token is expired|personal access token has expired|deploy token has expired|robot account expired|robot account is expired|account has been expired"])
        .also(&[C::TokenExpired, C::PullCredentialsRejected])
        .signal(S::PullTokenExpired)
        .stands_for("Docker Hub, GitLab, Harbor")
        .eg(&["unauthorized: personal access token is expired"]),
    pat("pull-ecr-token-expired", C::PullCredentialsExpired, 94)
        .on(&["authorization token has expired", "reauthenticate"])
        .signal(S::PullTokenExpired)
        .stands_for("Amazon ECR")
        .eg(&["denied: Your authorization token has expired. Reauthenticate and try again."]),
    pat("pull-ecr-token-invalid", C::PullCredentialsExpired, 78)
        .on(&["security token included in the request is invalid|authorization token is invalid|token is invalid"])
        .re(r"denied: (?:the security token|your authorization token)|pull")
        .also(&[C::PullCredentialsRejected])
        .signal(S::PullTokenExpired)
        .stands_for("Amazon ECR")
        .eg(&["Not continuing with pull after error: denied: The security token included in the request is invalid"]),
    pat("pull-azure-secret-expired", C::PullCredentialsExpired, 96)
        .on(&["aadsts7000222|client secret keys", "azurecr.io|acr"])
        .within(X::PULL)
        .also(&[C::PullCredentialsRejected])
        .signal(S::PullTokenExpired)
        .stands_for("Azure Container Registry with a service principal")
        .eg(&["failed to pull image \"acme.azurecr.io/a:1\": failed to fetch oauth token: AADSTS7000222: The provided client secret keys for app 'x' are expired"]),

    // Identity accepted, right refused.
    pat("pull-ecr-not-authorized", C::PullCredentialsForbidden, 92)
        .on(&["is not authorized to perform", "ecr"])
        .re(r"not authorized to perform: ecr(?:-public)?:[a-z]+")
        .codes(&["IMG-23", "IMG-16"])
        .signal(S::PullForbidden)
        .stands_for("Amazon ECR with IAM")
        .why("the cloud identity of node or pod lacks a right in the registry")
        .eg(&["denied: User: arn:aws:sts::482913375511:assumed-role/node/i-0 is not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:eu-west-1:482913375511:repository/a because no identity-based policy allows the ecr:BatchGetImage action"]),
    pat("pull-gar-permission", C::PullCredentialsForbidden, 80)
        .on(&["artifactregistry.repositories|storage.objects.get|storage.objects.list", "denied|permission|does not have"])
        .never(&["unauthenticated request", "anonymous caller"])
        .within(X::PULL)
        .also(&[C::PullCredentialsMissing, C::ImageNotFound])
        .codes(&["IMG-23", "IMG-16"])
        .signal(S::PullForbidden)
        .stands_for("Google Artifact Registry and Container Registry")
        .eg(&["Failed to pull image \"europe-docker.pkg.dev/acme/web/a:1\": denied: Permission \"artifactregistry.repositories.downloadArtifacts\" denied on resource \"projects/acme/locations/europe/repositories/web\" (or it may not exist)"]),
    pat("pull-gcr-may-not-exist", C::RegistryAmbiguousAuthOrMissing, 74)
        .on(&["the resource may not exist|or it may not exist"])
        .never(&["unauthenticated request"])
        .also(DENIED)
        .signal(S::PullDeniedAmbiguous)
        .stands_for("Google Container Registry")
        .eg(&["denied: Caller does not have permission or the resource may not exist 'read'. To configure permissions, follow instructions at: https://cloud.google.com/container-registry/docs/access-control"]),
    pat("pull-host-403", C::PullCredentialsForbidden, 76)
        .on(&["403 forbidden", "pulling from host|unexpected status from|unexpected status code|received unexpected http status"])
        .within(X::PULL)
        .never(&["anonymous token", "oauth token"])
        .also(&[C::RegistryBlockedByPolicy, C::ImageNotFound, C::PullCredentialsMissing, C::RegistryAmbiguousAuthOrMissing, C::PullCredentialsRejected])
        .codes(&["IMG-16", "IMG-17", "IMG-23", "IMG-21"])
        .signal(S::PullForbidden)
        .stands_for("containerd core/remotes/docker/{resolver,fetcher}.go")
        .why("the registry answered 403: it knows the caller or refuses all")
        .eg(&["failed to resolve reference \"gcr.io/acme/a:1\": pulling from host gcr.io failed with status code [manifests 1]: 403 Forbidden"]),
    pat("pull-token-scopes", C::PullCredentialsForbidden, 88)
        .on(&["does not match expected scopes|insufficient scopes|insufficient scope|not enough permissions|client does not have permission|not allowed to pull|no pull permission|lacks permission to pull|access to the resource is forbidden"])
        .within(X::PULL)
        .never(&["insufficient_scope"])
        .also(&[C::PullCredentialsMissing, C::PullCredentialsRejected])
        .signal(S::PullForbidden)
        .stands_for("GHCR, Docker Hub, JFrog Artifactory")
        .eg(&["failed to pull image \"ghcr.io/a/b:1\": denied: permission_denied: The token provided does not match expected scopes."]),
    pat("pull-gitlab-access-forbidden", C::PullCredentialsForbidden, 74)
        .on(&["denied: access forbidden"])
        .also(&[C::PullCredentialsRejected, C::PullCredentialsMissing, C::ImageNotFound, C::RegistryAmbiguousAuthOrMissing])
        .signal(S::PullForbidden)
        .stands_for("GitLab container registry")
        .eg(&["Error response from daemon: Head \"https://registry.gitlab.example/v2/a/b/manifests/1\": denied: access forbidden"]),
    pat("pull-harbor-unauthorized", C::PullCredentialsMissing, 68)
        .on(&["unauthorized to access repository"])
        .also(&[C::PullCredentialsForbidden, C::PullCredentialsRejected, C::RegistryAmbiguousAuthOrMissing, C::ImageNotFound])
        .signal(S::PullDeniedAmbiguous)
        .stands_for("Harbor src/server/middleware/v2auth")
        .re(r"unauthorized to access repository: <repository>")
        .eg(&["unauthorized: unauthorized to access repository: shop/cart, action: pull: unauthorized to access repository: shop/cart, action: pull"]),

    // Cannot be told apart.
    pat("pull-insufficient-scope", C::RegistryAmbiguousAuthOrMissing, 68)
        .on(&["insufficient_scope"])
        .also(DENIED)
        .signal(S::PullDeniedAmbiguous)
        .stands_for("containerd core/remotes/docker/authorizer.go, a token of fewer rights than asked")
        .why("the token server gave a token that does not cover this repository: no login, no right, or no such image")
        .eg(&["pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed"]),
    pat("pull-access-denied", C::RegistryAmbiguousAuthOrMissing, 64)
        .on(&["pull access denied"])
        .never(&["no basic auth credentials", "token has expired"])
        .also(DENIED)
        .signal(S::PullDeniedAmbiguous)
        .stands_for("moby daemon/containerd and distribution; containerd resolver.go")
        .why("one text for no login, no right and no such repository")
        .eg(&["Error response from daemon: pull access denied for acme/web, repository does not exist or may require 'docker login': denied: requested access to the resource is denied"]),
    pat("pull-requested-access-denied", C::RegistryAmbiguousAuthOrMissing, 60)
        .on(&["requested access to the resource is denied"])
        .also(DENIED)
        .signal(S::PullDeniedAmbiguous)
        .stands_for("distribution error code DENIED")
        .eg(&["reading manifest 1 in docker.io/acme/web: errors: denied: requested access to the resource is denied unauthorized: authentication required"]),
    pat("pull-no-pull-access", C::RegistryAmbiguousAuthOrMissing, 66)
        .on(&["does not exist or no pull access"])
        .also(DENIED)
        .signal(S::PullDeniedAmbiguous)
        .stands_for("moby distribution/errors.go, 1.13 to 17.x")
        .eg(&["Error response from daemon: repository acme/web not found: does not exist or no pull access"]),
    pat("pull-authentication-required", C::RegistryAmbiguousAuthOrMissing, 62)
        .on(&["unauthorized: authentication required|unauthorized: authorization required|authentication required"])
        .within(X::PULL)
        .never(&["proxy authentication required"])
        .also(UNAUTHORIZED)
        .signal(S::PullUnauthorized)
        .stands_for("distribution error code UNAUTHORIZED, through docker and CRI-O")
        .why("401 without a word on whether a login was sent; some registries say it for an absent tag too")
        .eg(&["Failed to pull image \"acme.azurecr.io/a:1\": rpc error: code = Unknown desc = Error response from daemon: Get https://acme.azurecr.io/v2/a/manifests/1: unauthorized: authentication required"]),
    pat("pull-bare-authentication-required", C::RegistryAmbiguousAuthOrMissing, 56)
        .on(&["unauthorized: authentication required"])
        .also(UNAUTHORIZED)
        .signal(S::PullUnauthorized)
        .stands_for("distribution error code UNAUTHORIZED")
        .eg(&["unauthorized: authentication required"]),
    pat("pull-resource-not-authorized", C::RegistryAmbiguousAuthOrMissing, 66)
        .on(&["access to the requested resource is not authorized"])
        .also(UNAUTHORIZED)
        .signal(S::PullDeniedAmbiguous)
        .stands_for("Quay and Nexus")
        .eg(&["reading manifest v1 in quay.io/acme/web: unauthorized: access to the requested resource is not authorized"]),
    pat("pull-unauthorized", C::PullCredentialsRejected, 46)
        .on(&["unauthorized|401"])
        .within(X::PULL)
        .re(r"\bunauthorized\b|\b401\b")
        .also(&[C::PullCredentialsMissing, C::RegistryAmbiguousAuthOrMissing, C::ImageNotFound])
        .signal(S::PullUnauthorized)
        .stands_for("any registry")
        .eg(&["Failed to pull image \"reg.example/a:1\": unauthorized"]),
    pat("pull-denied", C::RegistryAmbiguousAuthOrMissing, 44)
        .on(&["denied"])
        .within(X::PULL)
        .re(r"\bdenied\b")
        .also(DENIED)
        .signal(S::PullDeniedAmbiguous)
        .stands_for("any registry")
        .eg(&["Failed to pull image \"ghcr.io/a/b:1\": rpc error: code = Unknown desc = Error response from daemon: Head \"https://ghcr.io/v2/a/b/manifests/1\": denied"]),
    pat("pull-forbidden", C::PullCredentialsForbidden, 44)
        .on(&["forbidden|403"])
        .within(X::PULL)
        .re(r"\bforbidden\b|\b403\b")
        .also(&[C::PullCredentialsMissing, C::RegistryBlockedByPolicy, C::ImageNotFound, C::RegistryAmbiguousAuthOrMissing])
        .signal(S::PullForbidden)
        .stands_for("any registry")
        .eg(&["Failed to pull image \"reg.example/a:1\": forbidden"]),

    // Limits, policies, the registry's own faults.
    pat("pull-rate-limit", C::RegistryRateLimited, 95)
        .on(&["toomanyrequests|hap429|pull rate limit|429 too many requests|rate limit exceeded|429: too many requests|rate exceeded"])
        .re(r"toomanyrequests|hap429|hap429|pull rate limit|429:? too many requests|rate (?:limit )?exceeded")
        .outside(X::ESO.or(X::VAULT).or(X::CSI))
        .signal(S::PullRateLimited)
        .stands_for("Docker Hub, ECR Public, Quay, GitLab")
        .why("the registry counts requests; the credential may be right")
        .eg(&["429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limit"]),
    pat("pull-rate-limit-loose", C::RegistryRateLimited, 80)
        .on(&["too many requests|rate limit|quota exceeded for quota metric"])
        .within(X::PULL)
        .outside(X::ESO.or(X::VAULT).or(X::CSI))
        .signal(S::PullRateLimited)
        .stands_for("any registry")
        .eg(&["failed to pull image \"reg.example/a:1\": too many requests"]),
    pat("pull-blocked", C::RegistryBlockedByPolicy, 94)
        .on(&["not allowed access|export control|not available in your|your country|your region|451|geo|blocked by|ip address is not allowed|vulnerab|quarantin|prevent vulnerable|not scanned|network access is disabled|public network access|firewall"])
        .re(r"client with ip .{1,60} is not allowed|export control|not available in your (?:country|region|location)|451 unavailable|unavailable for legal reasons|blocked by (?:policy|security|firewall|xray|administrator)|ip address is not allowed|due to configured policy in 'prevent images with vulnerability|current image .{0,200}vulnerab|public (?:network )?access is (?:disabled|not allowed)")
        .within(X::PULL.or(X::SERVER))
        .also(&[C::PullCredentialsForbidden])
        .stands_for("ACR firewall, Docker Hub export rules, Harbor and Xray policies")
        .why("the answer is the same with any credential")
        .eg(&["Error response from daemon: Get https://acme.azurecr.io/v2/a/manifests/1: denied: client with IP '203.0.113.9' is not allowed access. Refer https://aka.ms/acr/firewall to grant access."]),
    pat("pull-blocked-anywhere", C::RegistryBlockedByPolicy, 88)
        .on(&["aka.ms/acr/firewall|us export control regulations|since docker is a us company|not allowed access. refer"])
        .stands_for("ACR firewall, Docker Hub")
        .eg(&["denied: client with IP '203.0.113.9' is not allowed access. Refer https://aka.ms/acr/firewall to grant access."]),
    pat("pull-blocked-address", C::RegistryBlockedByPolicy, 92)
        .on(&["your client does not have permission to get url"])
        .also(&[C::PullCredentialsForbidden, C::ImageNotFound])
        .signal(S::PullForbidden)
        .stands_for("Google front end before registry.k8s.io, gcr.io and pkg.dev")
        .why("the front end refuses the address, whatever the credential")
        .eg(&["error parsing HTTP 403 response body: invalid character '<' looking for beginning of value: \"<h2>Your client does not have permission to get URL <code>/v2/pause/manifests/3.6</code> from this server.</h2>\""]),
    pat("pull-blocked-vulnerable", C::RegistryBlockedByPolicy, 90)
        .on(&["prevent images with vulnerability|vulnerability scanning cannot be pulled|cannot be pulled due to|prevented by policy|blocked by xray|download blocking|download blocked"])
        .stands_for("Harbor and JFrog Xray")
        .eg(&["unknown: current image without vulnerability scanning cannot be pulled due to configured policy in 'Prevent images with vulnerability severity of \"High\" or higher from running.'"]),
    pat("pull-not-json", C::RegistryServerError, 84)
        .on(&["error parsing http"])
        .re(r"error parsing http <http_status> response body")
        .also(&[C::ImageNotFound, C::RegistryMisroutedAuth, C::RegistryBlockedByPolicy])
        .signal(S::PullServerError)
        .stands_for("distribution registry/client/errors.go: a web page in place of JSON")
        .eg(&["error parsing HTTP 404 response body: invalid character '<' looking for beginning of value"]),
    pat("pull-server-5xx", C::RegistryServerError, 82)
        .on(&["500 internal server error|502 bad gateway|503 service unavailable|504 gateway|500 |502|503|504|520|522"])
        .re(r"\b5[0-9]{2} (?:internal|bad gateway|service|gateway|[a-z])|(?:status|code|http)[^0-9]{1,40}5[0-9]{2}\b")
        .within(X::PULL)
        .never(&["api error (500)"])
        .signal(S::PullServerError)
        .stands_for("any registry or mirror")
        .why("the registry or a proxy before it failed for reasons of its own")
        .eg(&["failed to resolve image: unexpected status from HEAD request to http://reg.example/v2/a/manifests/1?ns=quay.io: 503 Service Unavailable"]),
    pat("pull-damaged-answer", C::RegistryServerError, 82)
        .on(&["failed size validation|unexpected commit digest|layer verification failed|error parsing http|unexpected media type|unsupported media type|blob unknown|unknown blob|content digest|invalid character '<'|short read|digest invalid|filesystem layer verification|schema version|unexpected status from put|httpreadseeker"])
        .within(X::PULL)
        .never(&["invalid reference", "no space left", "401", "403", "429", "dial tcp", "x509", "i/o timeout", "connection re"])
        .also(&[C::RegistryUnreachableNetwork, C::ImageNotFound])
        .signal(S::PullServerError)
        .stands_for("containerd content store, moby distribution")
        .eg(&["failed to pull and unpack image \"ghcr.io/a/b:1\": failed commit on ref \"layer-sha256:b7da\": \"layer-sha256:b7da\" failed size validation: 6239744 != 17386982: failed precondition"]),
    pat("pull-proxy-auth", C::RegistryProxyAuth, 96)
        .on(&["proxy authentication required|407 proxy|proxyauthrequired"])
        .signal(S::PullNetwork(crate::messages::signal::NetFault::Proxy))
        .stands_for("Go net/http transport, any proxy")
        .why("the proxy on the way wants its own login")
        .eg(&["Error response from daemon: Get https://registry-1.docker.io/v2/: Proxy Authentication Required"]),
    pat("pull-error-4xx", C::RegistryServerError, 50)
        .on(&["400 bad request|409 conflict|415 |406 not acceptable|405 method not allowed|412 precondition|416 "])
        .within(X::PULL)
        .never(&["oauth token", "oauth2"])
        .also(&[C::RegistryMisroutedAuth])
        .signal(S::PullServerError)
        .stands_for("any registry or mirror")
        .eg(&["failed to resolve reference \"reg.example/a:1\": unexpected status from HEAD request to https://reg.example/v2/a/manifests/1: 400 Bad Request"]),

    // The image itself.
    pat("pull-manifest-unknown", C::ImageNotFound, 90)
        .on(&["manifest unknown|manifest_unknown|name unknown|name_unknown|repository name not known|not known to registry|not known to the registry"])
        .also(&[C::PullCredentialsForbidden])
        .signal(S::PullNotFound)
        .stands_for("distribution error codes MANIFEST_UNKNOWN and NAME_UNKNOWN")
        .why("the registry knows no such tag or repository")
        .eg(&["reading manifest 9.9 in quay.io/acme/web: manifest unknown"]),
    pat("pull-not-found", C::ImageNotFound, 84)
        .on(&["not found"])
        .re(r"(?:failed to resolve (?:reference|image)|failed to pull and unpack image)<*>: not found\b|manifest for <image> not found|repository <image> not found|image <*> not found|tag <*> not found|code = notfound")
        .within(X::PULL)
        .never(&["no match for platform", "no pull access", "pull access denied"])
        .also(&[C::RegistryAmbiguousAuthOrMissing])
        .signal(S::PullNotFound)
        .stands_for("containerd resolver, moby distribution")
        .why("the reference does not exist in the registry that answered")
        .eg(&["Failed to pull image \"reg.example/a:9\": rpc error: code = NotFound desc = failed to pull and unpack image \"reg.example/a:9\": failed to resolve image: reg.example/a:9: not found"]),
    pat("pull-image-not-found-old", C::ImageNotFound, 72)
        .on(&["error: image "])
        .re(r"error: image <image> not found")
        .also(&[C::RegistryAmbiguousAuthOrMissing, C::PullCredentialsMissing])
        .signal(S::PullNotFound)
        .stands_for("moby distribution/errors.go, up to 1.12")
        .eg(&["Error: image library/nope:latest not found"]),
    pat("pull-ecr-no-repository", C::ImageNotFound, 94)
        .on(&["the repository with name|repositorynotfound|requested image not found|imagenotfoundexception"])
        .signal(S::PullNotFound)
        .stands_for("Amazon ECR")
        .eg(&["name unknown: The repository with name 'a/b' does not exist in the registry with id '482913375511'"]),
    pat("pull-404", C::ImageNotFound, 64)
        .on(&["404"])
        .within(X::PULL)
        .never(&["oauth token", "anonymous token", "error parsing http"])
        .re(r"\b404\b")
        .also(&[C::RegistryMisroutedAuth, C::RegistryServerError])
        .signal(S::PullNotFound)
        .stands_for("any registry")
        .eg(&["failed to resolve reference \"reg.example/a:1\": unexpected status from HEAD request to https://reg.example/v2/a/manifests/1: 404 Not Found"]),
    pat("pull-tag-gone", C::ImageNotFound, 82)
        .on(&["no such image|unable to find image|does not have a tag|tag does not exist|no such manifest|tag_invalid|manifest invalid|manifest not found|image not found|was deleted or has expired|not found in repository|repository not found|failed to find image"])
        .within(X::PULL.or(X::OCI))
        .also(&[C::RegistryAmbiguousAuthOrMissing])
        .signal(S::PullNotFound)
        .stands_for("Quay, moby, CRI-O")
        .eg(&["Failed to pull image \"quay.io/acme/web:dev\": Tag dev was deleted or has expired. To pull, revive via time machine"]),
    pat("pull-reference-invalid", C::ImageNameInvalid, 92)
        .on(&["invalid reference format|couldn't parse image|invalidimagename|must be lowercase|cannot parse image|invalid image name|unable to parse image|could not parse reference|invalid image reference|parsing image configuration: invalid"])
        .signal(S::InvalidImageName)
        .stands_for("kubernetes pkg/util/parsers; distribution/reference")
        .why("the reference is not a valid image name")
        .eg(&["Failed to apply default image tag \"Reg.example/A:1\": couldn't parse image name \"Reg.example/A:1\": invalid reference format: repository name (A) must be lowercase"]),
    pat("pull-short-name", C::ImageNameInvalid, 92)
        .on(&["no registries configured|short-name|short name mode|unqualified-search|unqualified image"])
        .signal(S::InvalidImageName)
        .stands_for("containers/image pkg/shortnames; CRI-O")
        .why("the name has no registry and the node has none to search")
        .eg(&["short-name \"web:1\" did not resolve to an alias and no unqualified-search registries are defined in \"/etc/containers/registries.conf\""]),
    pat("pull-platform", C::ImagePlatformMismatch, 95)
        .on(&["no match for platform|no matching manifest for|no image found in manifest list|no image found in image index|cannot be used on this platform|does not match the specified platform|does not match the detected host platform"])
        .signal(S::PullPlatform)
        .stands_for("containerd images.ErrNotFound for a platform; moby; containers/image")
        .why("the image exists, but not for this architecture or operating system")
        .eg(&[
            "no match for platform in manifest sha256:5b81: not found",
            "no matching manifest for linux/arm64/v8 in the manifest list entries",
        ]),
    pat("exec-format", C::ImagePlatformMismatch, 88)
        .on(&["exec format error"])
        .also(&[C::OtherUnrelated])
        .signal(S::ExecFormat)
        .stands_for("Linux ENOEXEC through the runtime or a shell")
        .why("the program is of another architecture, or a script without an interpreter line")
        .eg(&["exec /app/server: exec format error"]),
    pat("image-never-pull", C::ImageNeverPull, 94)
        .on(&["errimageneverpull|pull policy of never|pull policy never"])
        .signal(S::ImageNeverPull)
        .stands_for("kubernetes pkg/kubelet/images/image_manager.go")
        .eg(&["Error: ErrImageNeverPull", "Container image \"acme/web:1\" is not present with pull policy of Never"]),
    pat("image-signature", C::ImageSignature, 94)
        .on(&["signaturevalidationfailed|signature was required|no matching signatures|no signatures found|source image rejected|image verification failed|no matching attestations|failed to verify image|invalid signature for image|remote trust data|no trust data for|invalid gpg signature|notary server"])
                .outside(X::SEALED)
        .also(&[C::AdmissionDenied])
        .signal(S::ImageSignature)
        .stands_for("containers/image signature policy; cosign, Kyverno, Connaisseur, Ratify, Notary")
        .why("a signature policy refuses the image")
        .eg(&["SignatureValidationFailed: copying system image from manifest list: Source image rejected: A signature was required, but no signature exists"]),
    pat("image-signature-loose", C::ImageSignature, 92)
        .on(&["signature|attestation|cosign|trust"])
        .re(r"(?:verify|verification|validate|validating|invalid|missing|no|without|unsigned|failed)[^.]{0,60}(?:signature|attestation)|(?:signature|attestation)s?[^.]{0,60}(?:failed|invalid|missing|not found|required|mismatch)|trust data does not exist")
        .within(X::PULL.or(X::WEBHOOK))
        .outside(X::SEALED.or(X::VAULT))
        .never(&["jwt", "signaturedoesnotmatch", "invalidsignatureexception", "request signature"])
        .also(&[C::AdmissionDenied])
        .signal(S::ImageSignature)
        .stands_for("cosign, Kyverno verifyImages, Connaisseur, Ratify, Notary")
        .eg(&["admission webhook \"policy.sigstore.dev\" denied the request: validation failed: failed policy: signed: spec.containers[0].image reg.example/a:1 signature key validation failed for authority x"]),
    pat("image-inspect", C::ImageInspectRuntime, 82)
        .on(&["imageinspecterror|failed to inspect image|failed to get image status|layer not known|error locating item named"])
        .never(&["no registries configured", "invalid reference", "short-name", "short name"])
        .signal(S::InspectFailed)
        .stands_for("kubernetes pkg/kubelet/images; CRI-O; dockershim")
        .why("the runtime cannot read its own image store")
        .eg(&["Failed to inspect image \"acme/web:1\": rpc error: code = Unknown desc = layer not known"]),
];
