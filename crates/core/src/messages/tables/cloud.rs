//! Cloud APIs that refuse an identity, outside of pulls and secret operators.

use crate::messages::class::Class as C;
use crate::messages::context::Context as X;
use crate::messages::pattern::{Pattern, pat};
use crate::messages::signal::Signal as S;

/// Settings in which a refusal belongs to another table.
const ELSEWHERE: X = X::PULL.or(X::ESO).or(X::CSI);

pub(super) static ROWS: &[Pattern] = &[
    pat("aws-key-unknown", C::AppAuthFailedCloud, 92)
        .on(&["invalidaccesskeyid|invalidclienttokenid|unrecognizedclientexception|signaturedoesnotmatch|invalidsignatureexception|authfailure|the aws access key id|request signature we calculated does not match|security token included in the request is invalid|authorizationheadermalformed|missingauthenticationtoken|incompletesignature"])
        .outside(ELSEWHERE)
        .signal(S::AppUnauthorized)
        .stands_for("AWS and S3-compatible APIs")
        .why("the access key is unknown or its secret does not fit")
        .eg(&["InvalidAccessKeyId: The Access Key Id you provided does not exist in our records.", "InvalidClientTokenId: The security token included in the request is invalid."]),
    pat("aws-token-expired", C::TokenExpired, 93)
        .on(&["expiredtoken|token included in the request is expired|provided token has expired|requestexpired|the security token included in the request is expired"])
        .outside(ELSEWHERE)
        .also(&[C::AppAuthFailedCloud, C::ClockSkew])
        .signal(S::TokenExpired)
        .stands_for("AWS STS through any SDK")
        .eg(&["ExpiredTokenException: The security token included in the request is expired"]),
    pat("aws-clock", C::ClockSkew, 93)
        .on(&["requesttimetooskewed|signature not yet current|signature expired: |difference between the request time"])
        .also(&[C::AppAuthFailedCloud, C::TokenExpired])
        .signal(S::ClockSkew)
        .stands_for("AWS signature checks")
        .eg(&["RequestTimeTooSkewed: The difference between the request time and the current time is too large.", "InvalidSignatureException: Signature expired: 20260101T000000Z is now earlier than 20260101T010000Z"]),
    pat("aws-no-credentials", C::AppAuthFailedCloud, 84)
        .on(&["unable to locate credentials|nocredentialproviders|no valid credential sources|unable to load credentials|unable to load aws credentials|could not load credentials|could not find credentials|no ec2 imds role found|failed to refresh cached credentials|failed to retrieve credentials|credentials not found|could not load default credentials|default credentials|credentialsprovidererror|nocredentialserror|get credentials:|static credentials are empty|emptystaticcreds|partial credentials found|unable to resolve aws account"])
        .outside(ELSEWHERE)
        .also(&[C::AppMisconfigured, C::SecretKeyMissing, C::SecretMissing])
        .signal(S::AppUnauthorized)
        .stands_for("AWS, Google and Azure SDKs without a credential")
        .why("the SDK found no credential at all")
        .eg(&["botocore.exceptions.NoCredentialsError: Unable to locate credentials", "google: could not find default credentials. See https://cloud.google.com/docs/authentication/external/set-up-adc"]),
    pat("aws-web-identity", C::AppAuthFailedCloud, 90)
        .on(&["assumerolewithwebidentity|webidentityerr|no openidconnect provider|invalididentitytoken|sts:assumerole"])
        .outside(ELSEWHERE)
        .also(&[C::TokenExpired, C::EsoProviderAuth])
        .codes(&["AUT-05"])
        .signal(S::AppUnauthorized)
        .stands_for("AWS IRSA through any SDK")
        .eg(&["WebIdentityErr: failed to retrieve credentials caused by: AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity"]),
    pat("aws-access-denied", C::AppAuthFailedCloud, 84)
        .on(&["accessdenied|is not authorized to perform|unauthorizedoperation|accessdeniedexception|explicit deny|api: ec2|operation error"])
        .re(r"accessdenied|not authorized to perform|unauthorizedoperation|explicit deny|operation error .{1,60}statuscode: 40[13]")
        .outside(ELSEWHERE)
        .never(&["secretsmanager:", "ssm:getparameter", "ecr:"])
        .signal(S::AppForbidden)
        .stands_for("AWS IAM and S3")
        .eg(&["AccessDenied: User: arn:aws:sts::1:assumed-role/a/b is not authorized to perform: route53:ChangeResourceRecordSets on resource: x"]),
    pat("azure-client-secret", C::AppAuthFailedCloud, 92)
        .on(&["aadsts7000222|aadsts7000215|aadsts700016|aadsts90002|aadsts70021|aadsts700213|aadsts700024|aadsts700027|aadsts50034|aadsts53003|aadsts70011|aadsts50173|aadsts"])
        .outside(ELSEWHERE.or(X::KEYVAULT))
        .also(&[C::TokenExpired, C::EsoProviderAuth])
        .signal(S::AppUnauthorized)
        .stands_for("Azure AD")
        .eg(&["ClientAuthenticationError: AADSTS7000215: Invalid client secret provided."]),
    pat("azure-assertion-time", C::ClockSkew, 84)
        .on(&["aadsts700024|aadsts50013|assertion is not within its valid time range"])
        .also(&[C::TokenExpired, C::AppAuthFailedCloud])
        .signal(S::ClockSkew)
        .stands_for("Azure AD, assertions outside of their time")
        .never(&["aadsts50013"])
        .eg(&["the client assertion is not within its valid time range"]),
    pat("azure-authorization", C::AppAuthFailedCloud, 88)
        .on(&["authorizationfailed|invalidauthenticationtoken|authorizationpermissionmismatch|invalidauthenticationinfo|does not have authorization to perform action|authenticationfailed|server failed to authenticate the request|linkedauthorizationfailed|defaultazurecredential|managedidentitycredential|workloadidentitycredential|failed to acquire a token|adal: refresh|nmi response|identity not found|environmentcredential"])
        .re(r"authorizationfailed|invalidauthentication|permissionmismatch|does not have authorization|server failed to authenticate|authenticationfailed<*>(?:azure|blob|request)|credential(?:: | )?(?:authentication )?(?:failed|unavailable|failure)|failed to (?:acquire|retrieve) a token|adal: refresh|nmi response|identity not found|credential authentication")
        .outside(ELSEWHERE.or(X::KEYVAULT))
        .never(&["mongo", "kafka"])
        .signal(S::AppUnauthorized)
        .stands_for("Azure Resource Manager, Storage and identity SDKs")
        .eg(&["StatusCode=403 Code=\"AuthorizationFailed\" Message=\"The client 'x' with object id 'x' does not have authorization to perform action 'Microsoft.Network/dnsZones/read'\"", "DefaultAzureCredential: failed to acquire a token."]),
    pat("gcp-grant", C::AppAuthFailedCloud, 90)
        .on(&["invalid_grant|cannot fetch token|invalid jwt signature|account not found", "oauth2|googleapis|gcp|google|jwt"])
        .outside(ELSEWHERE)
        .never(&["reasonable timeframe"])
        .also(&[C::TokenExpired, C::AppAuthFailedOther])
        .signal(S::AppUnauthorized)
        .stands_for("Google OAuth 2.0 token endpoint")
        .eg(&["oauth2: cannot fetch token: 400 Bad Request Response: {\"error\":\"invalid_grant\",\"error_description\":\"Invalid JWT Signature.\"}"]),
    pat("gcp-clock", C::ClockSkew, 94)
        .on(&["must be a short-lived token|reasonable timeframe|check your iat and exp values"])
        .also(&[C::AppAuthFailedCloud, C::TokenExpired])
        .signal(S::ClockSkew)
        .stands_for("Google OAuth 2.0 token endpoint")
        .eg(&["Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim."]),
    pat("gcp-denied", C::AppAuthFailedCloud, 84)
        .on(&["googleapi: error 401|googleapi: error 403|error 403|iam.serviceaccounts|permission_denied|does not have storage|access_token_type_unsupported|access_token_expired|request had invalid authentication credentials|caller does not have permission|insufficient authentication scopes"])
        .within(X::CLOUD)
        .outside(ELSEWHERE)
        .never(&["rate limit", "quota"])
        .also(&[C::AppMisconfigured])
        .signal(S::AppForbidden)
        .stands_for("Google APIs")
        .eg(&["googleapi: Error 403: cart@acme.iam.gserviceaccount.com does not have storage.objects.get access to the Google Cloud Storage object., forbidden"]),
    pat("cloudflare-token", C::AppAuthFailedCloud, 88)
        .on(&["cloudflare", "invalid request headers|authentication error|invalid access token|9109|10000|6003|6111|unable to authenticate"])
        .signal(S::AppUnauthorized)
        .stands_for("Cloudflare API through cert-manager and external-dns")
        .eg(&["while querying the Cloudflare API for GET \"/zones\" Error: 9109: Invalid access token", "Cloudflare API Error: 6003: Invalid request headers"]),
    pat("dns-provider-token", C::AppAuthFailedCloud, 76)
        .on(&["unable to authenticate you|digitalocean|hetzner|linode|ovh|scaleway|oci: |vultr|godaddy"])
        .re(r"unable to authenticate you|(?:digitalocean|hetzner|linode|ovh|scaleway|vultr|godaddy)<*>(?:401|403|unauthorized|invalid (?:token|credential|api)|forbidden)")
        .outside(ELSEWHERE)
        .also(&[C::AppAuthFailedOther])
        .signal(S::AppUnauthorized)
        .stands_for("cloud and DNS providers")
        .eg(&["GET https://api.digitalocean.com/v2/domains: 401 Unable to authenticate you"]),
    pat("token-clock", C::ClockSkew, 90)
        .on(&["not yet valid|before the nbf|(not before)|used before issued|not valid yet|issued in the future|clock skew|clock is skewed|nbf claim|jwt not active|notbeforeerror|iat claim|immaturesignature|before \"nbf\"|clock may be|is before \"|token is not active yet|time is not synchronized|clockskew|clocks are out"])
        .re(r"token (?:is )?not (?:yet )?valid(?: yet)?|not yet valid: current time .{1,60} is before|used before issued|not valid yet|issued in the future|clock ?skew|clock is|nbf|\(not before\)|jwt not active|notbeforeerror|iat claim|immaturesignature|not active yet|time is not synchron|clocks are out")
        .outside(X::PULL)
        .also(&[C::TokenExpired, C::TlsCertExpired])
        .codes(&["AUT-08"])
        .signal(S::ClockSkew)
        .stands_for("golang-jwt, PyJWT, jsonwebtoken, Kerberos, x509 before its beginning")
        .eg(&["token used before issued", "x509: certificate has expired or is not yet valid: current time 2020-01-01T00:00:00Z is before 2026-01-01T00:00:00Z"]),
    pat("kerberos", C::AppAuthFailedOther, 80)
        .on(&["kdc_err|krb5|kinit|gssapi|kerberos"])
        .re(r"preauth(?:entication)? failed|password incorrect|cannot find key|client .{1,80}not found in kerberos|gss initiate failed|no credentials cache|key table|no valid credentials|decrypt integrity check failed")
        .also(&[C::AppAuthFailedDb, C::ClockSkew])
        .signal(S::AppUnauthorized)
        .stands_for("Kerberos clients")
        .eg(&["kinit: Preauthentication failed while getting initial credentials"]),
];
