//! General wordings of applications: settings that are absent, files, and signs of success.

use crate::messages::class::Class as C;
use crate::messages::context::Context as X;
use crate::messages::pattern::{Pattern, pat};
use crate::messages::signal::Signal as S;

/// Settings in which an absence belongs to another table.
const ELSEWHERE: X = X::PULL.or(X::VAULT).or(X::ESO).or(X::CSI).or(X::WEBHOOK).or(X::SEALED).or(X::MOUNT).or(X::OCI);
/// What else an absent setting can be.
const ABSENT: &[C] = &[C::SecretKeyMissing, C::SecretMissing, C::ConfigmapKeyMissing, C::OtherUnrelated];

pub(super) static ROWS: &[Pattern] = &[
    // Environment.
    pat("env-unset", C::AppMisconfigured, 66)
        .on(&["is not set|not set|is unset|is required|must be set|is missing|is empty|not defined|is undefined|required environment|missing environment|missing env|environment variable|must be provided|was not provided|cannot be empty|must not be empty|not found in environment|keyerror|no value for|expected env|unbound variable|parameter not set|required key|is not present in the environment|is not configured|could not resolve placeholder|missing required|needs to be set|should be set|required variable|please set|was not set|has not been set|not specified|must be specified"])
        .re(r#"(?:environment variables?|env(?:ironment)? ?var(?:iable)?s?|\benv|\bvariables?|placeholder|keyerror:?|\bmissing(?: required)?|\brequired(?: key| setting)?|\brequires|no value for)[ :]{1,2}['"`$\[{(]{0,3}<env_name>['"`\]})]{0,3}|(?:^|[ "'`(:;,>$\[{])<env_name>['"`\]})]{0,3}(?: environment variable| env var(?:iable)?| variable)?:? (?:is |was |must |needs |should |has |cannot |not )*(?:not (?:been )?(?:set|defined|provided|found|specified|configured|present)|unset|required|be set|be provided|be specified|missing|empty|be empty|undefined|unbound|parameter (?:not set|null)|to be set|null)\b"#)
        .outside(ELSEWHERE)
        .also(ABSENT)
        .codes(&["REF-03", "OBJ-05", "CON-11", "REF-05"])
        .signal(S::EnvUnset)
        .stands_for("any application that names the variable it misses")
        .why("the process looked for a variable that it did not get")
        .eg(&[
            "fatal: required environment variable DB_PASSWORD is not set",
            "MAPS_TOKEN is not set, using the public tier",
            "KeyError: 'API_TOKEN'",
            "sh: DB_HOST: parameter not set",
            "Missing required environment variable: STRIPE_KEY",
            "panic: required key SMTP_PASSWORD missing value",
            "environment variable \"REDIS_URL\" must be set",
        ]),
    pat("env-missing-name", C::AppMisconfigured, 66)
        .on(&["missing|absent|required|requires|undefined|needed"])
        .re(r#"(?:missing|required|absent|requires|needs|needed)(?: [a-z]+){0,2}:? ['"`$]{0,2}<env_name>\b|(?:^|[ "'`(])<env_name>['"`)]?(?: is)? (?:missing|absent|required|undefined|needed)\b"#)
        .outside(ELSEWHERE)
        .also(ABSENT)
        .codes(&["REF-03", "OBJ-05", "CON-11", "REF-05"])
        .signal(S::EnvUnset)
        .stands_for("any application that names the setting it misses")
        .why("the process looked for a variable that it did not get")
        .eg(&["config error: missing DB_PASSWORD", "required setting MAIL_PASSWORD absent", "env var SMTP_PASS missing"]),
    pat("env-unset-words", C::AppMisconfigured, 48)
        .on(&["no password|no api key|no token|no credential|missing api key|missing credential|missing password|missing token|password is required|token is required|api key is required|empty password|empty token|password not provided|no secret|credentials not|api key not|secret is required|missing secret|password is empty|password cannot be empty|token not provided|token required|password not set|token not set|key not set|no auth token|credentials missing|credentials were not provided|credential is missing|key is missing|without credentials|not configured"])
        .outside(ELSEWHERE.or(X::DB))
        .also(&[C::SecretKeyMissing, C::SecretMissing, C::AppAuthFailedOther])
        .codes(&["REF-03", "OBJ-06", "CON-11"])
        .signal(S::EnvUnset)
        .stands_for("any application that misses a credential without naming the variable")
        .eg(&["no api key configured, exiting", "missing credentials for payment gateway"]),
    pat("env-too-long", C::EnvTooLarge, 92)
        .on(&["argument list too long|e2big|arg list too long|environment block is too long|environment too large"])
        .also(&[C::OtherUnrelated])
        .stands_for("Linux E2BIG")
        .why("arguments and environment together pass the kernel's limit")
        .eg(&["exec /app/run.sh: argument list too long", "spawn E2BIG"]),

    // Files.
    pat("file-missing", C::AppMisconfigured, 58)
        .on(&["no such file|missing|absent|enoent|file not found|filenotfound|does not exist|not found|cannot find|cannot access|can't open|nosuchfile|could not find|unable to read|unable to find|missing file"])
        .re(r#"(?:(?:open|stat|lstat|read|load|loading|reading|access|find|cat:|sh:|exists?|file|key|certificate|keystore|config(?:uration)?|credentials?|enoent[^/]{0,60}|filenotfound(?:error|exception)[^/]{0,60}|nosuchfile(?:exception)?:|errno 2\][^/]{0,50}|no such file or directory[^/]{0,40}|fopen\(|can't open|cannot open|could not open(?: file)?)[: ]{0,2}['"`(]{0,2}<path>['"`)]{0,2}[^/]{0,30}(?:no such file|enoent|not found|does not exist|cannot find|missing|not exist)?)|['"`]?<path>['"`]?:? ?(?:\()?(?:no such file|not found|does not exist|is missing|missing|cannot be found|not exist)"#)
        .outside(ELSEWHERE)
        .never(&["permission denied", "is a directory", "exec: ", "eacces", "read-only file system", "404", "serviceaccount/token"])
        .also(&[C::SecretKeyMissing, C::SecretMissing, C::MountSubpath, C::OtherUnrelated])
        .codes(&["CON-11", "REF-03", "REF-02", "DEL-09"])
        .signal(S::FileMissing)
        .stands_for("ENOENT through Go, libc, Java, Node and Python programs")
        .why("the file that the process wants is not where it looks")
        .eg(&[
            "fatal: open /etc/ledger/tls/client.pem: no such file or directory",
            "cat: can't open '/etc/ledger/client.pem': No such file or directory",
            "WARN /etc/limits/tiers.json not found, using defaults",
            "FileNotFoundError: [Errno 2] No such file or directory: '/run/secrets/db'",
            "java.nio.file.NoSuchFileException: /etc/app/keystore.p12",
        ]),
    pat("service-account-token-file", C::AppMisconfigured, 74)
        .on(&["serviceaccount/token", "no such file"])
        .re(r"open <path>: no such file")
        .also(&[C::RbacSecretsDenied, C::OtherUnrelated])
        .codes(&["RBC-04"])
        .signal(S::FileMissing)
        .stands_for("client-go rest.InClusterConfig without a mounted token")
        .why("the pod has no service account token: automounting is off")
        .eg(&["open /var/run/secrets/kubernetes.io/serviceaccount/token: no such file or directory"]),
    pat("config-parse", C::AppMisconfigured, 56)
        .on(&["yaml: |toml: |failed to parse config|error parsing config|invalid character|unexpected end of json|yaml.scanner|yaml.parser|json.decoder|cannot unmarshal|failed to unmarshal|could not parse config|invalid configuration|config error|parse error|parsing error|failed to decode|jsondecodeerror|unexpected token|syntax error in config|expecting value|configuration error|config is invalid|invalid config|unable to parse config|error loading config|failed to load config|failed to read config|unknown directive|properties file|mapping values are not allowed"])
        .outside(ELSEWHERE)
        .never(&["secret in version", "configmap"])
        .also(&[C::SecretInvalidFormat, C::OtherUnrelated])
        .codes(&["OBJ-14", "CON-07"])
        .signal(S::ConfigParse)
        .stands_for("YAML, JSON and TOML parsers in any application")
        .why("a configuration that was delivered cannot be parsed")
        .eg(&["failed to parse config: yaml: line 7: mapping values are not allowed in this context", "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)"]),
    pat("cannot-load-key", C::SecretInvalidFormat, 46)
        .on(&["cannot load key|failed to load key|unable to load private key|failed to load certificate|cannot load certificate|could not load key|failed to load private key|error loading key|key could not be loaded|failed to read key|invalid private key|bad private key|invalid key|invalid certificate"])
        .outside(ELSEWHERE)
        .never(&["redis", "primary key"])
        .also(&[C::FilePermission, C::AppMisconfigured, C::SecretKeyMissing])
        .codes(&["OBJ-15", "CON-01"])
        .signal(S::ConfigParse)
        .stands_for("any application that loads a key")
        .eg(&["fatal: cannot load key"]),
    pat("header-value-invalid", C::SecretInvalidFormat, 90)
        .on(&["invalid header field value|invalid header value|illegal character in header|contains an invalid header value|invalid character in header content|header contains invalid|illegal header value|invalid value for header"])
        .outside(X::PULL)
        .also(&[C::AppMisconfigured])
        .codes(&["OBJ-07"])
        .signal(S::ConfigParse)
        .stands_for("Go net/http, Node, Python requests, gRPC metadata")
        .why("the token holds a line break or a control character, mostly one from its encoding")
        .eg(&["net/http: invalid header field value for \"Authorization\"", "TypeError [ERR_INVALID_CHAR]: Invalid character in header content [\"Authorization\"]"]),
    pat("password-wrong-store", C::SecretInvalidFormat, 70)
        .on(&["decryption failed|mac check|bad padding|failed to decrypt|unable to decrypt|invalidtag|integrity check failed|wrong passphrase|incorrect passphrase|cipher"])
        .re(r"decryption failed|mac check failed|bad padding|(?:failed|unable) to decrypt|invalidtag|integrity check failed|(?:wrong|incorrect) passphrase|badpaddingexception")
        .outside(ELSEWHERE.or(X::SERVER))
        .never(&["/registry/", "no key could decrypt"])
        .also(&[C::AppAuthFailedOther, C::AppMisconfigured])
        .codes(&["OBJ-08", "ROT-03"])
        .signal(S::ConfigParse)
        .stands_for("applications that decrypt their own data with a delivered key")
        .eg(&["failed to decrypt stored credentials: cipher: wrong passphrase"]),

    // Signs of success.
    pat("login-ok", C::OtherUnrelated, 50)
        .on(&["connected to|login successful|logged in|authenticated|connection established|connection successful|successfully connected|connection authorized|authentication succeeded|authentication successful|connection authenticated|login succeeded|login ok|connection to|connected as|session established"])
        .re(r#"\bconnected to (?:the )?(?:database|db|postgres(?:ql)?|mysql|redis|mongo(?:db)?|kafka|rabbitmq|broker|server|vault|<host>)(?: as (?:user )?['"]?<user>)?|login (?:successful|succeeded|ok)|logged in(?: as ['"]?<user>)?|successfully (?:connected|authenticated|logged in)|\bauthenticated (?:as|to|with|against|via|at|by|successfully)|connection (?:established|successful|authorized|authenticated)|authentication (?:succeeded|successful)|connected as ['"]?<user>|session established"#)
        .never(&["not connected", "failed", "error", "denied", "refused", "unable", "cannot", "could not", "disconnected", "not authenticated", "timeout", "fatal"])
        .signal(S::LoginOk)
        .stands_for("any application that reports a login")
        .why("a login succeeded")
        .eg(&["2026-11-22T05:34:39Z connected to cart-db as cart", "level=info msg=\"connected to database\" slot=0 user=cart"]),
    pat("session-ok", C::OtherUnrelated, 50)
        .on(&["query ok|queries ok|heartbeat ok|ping ok|keepalive ok"])
        .never(&["failed", "error", "denied", "refused", "fatal"])
        .signal(S::SessionOk)
        .stands_for("an application that works over sessions of a pool")
        .why("work went on over an open session")
        .eg(&["level=info msg=\"query ok\" pool=1"]),
    // No login: the server itself says so, and a check must not take it for a client that was let in.
    pat("server-ready", C::OtherUnrelated, 50)
        .on(&["database system is ready|ready to accept connections|ready for connections"])
        .never(&["failed", "error", "denied", "refused", "fatal"])
        .stands_for("PostgreSQL, MySQL, MongoDB and other servers")
        .why("a server is up")
        .eg(&["LOG:  database system is ready to accept connections"]),
    pat("credential-reloaded", C::OtherUnrelated, 56)
        .on(&["reloaded|reloading|reload|rotated|refreshed"])
        .re(r"(?:credentials?|certificates?|secrets?|tokens?|passwords?|config(?:uration)?|keys?|tls)(?: files?)?[^.]{0,40}(?:reloaded|reloading|rotated|refreshed)|(?:reloaded|reloading|refreshed|rotated) (?:the |new )?(?:credentials?|certificates?|secrets?|tokens?|passwords?|config(?:uration)?|keys?|tls)")
        .never(&["failed", "error", "unable", "cannot", "could not", "denied"])
        .signal(S::CredentialReloaded)
        .stands_for("any application that takes up a changed credential")
        .why("the process took up a changed credential")
        .eg(&["level=info msg=\"credentials file has changed, reloaded\""]),
    pat("cannot-serve", C::OtherUnrelated, 30)
        .on(&["cannot serve|exiting|shutting down|giving up|fatal"])
        .re(r"cannot serve|exiting|shutting down|giving up|^fatal")
        .outside(ELSEWHERE.or(X::GIT))
        .also(&[C::AppMisconfigured])
        .stands_for("any application that ends")
        .eg(&["fatal: cannot serve without a backend"]),
];
