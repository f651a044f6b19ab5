//! Brokers, caches, Git, mail, directories and token consumers that refuse a login.

use crate::messages::class::Class as C;
use crate::messages::context::Context as X;
use crate::messages::pattern::{Pattern, pat};
use crate::messages::signal::Signal as S;

/// Settings in which a refusal belongs to another table.
const ELSEWHERE: X = X::PULL.or(X::VAULT).or(X::ESO).or(X::CSI).or(X::WEBHOOK).or(X::SEALED);

pub(super) static ROWS: &[Pattern] = &[
    // Redis.
    pat("redis-wrongpass", C::AppAuthFailedOther, 95)
        .on(&["wrongpass|err invalid password|invalid username-password pair"])
        .signal(S::AppUnauthorized)
        .stands_for("Redis acl.c; Valkey; 5.0 and older say ERR invalid password")
        .eg(&["WRONGPASS invalid username-password pair or user is disabled."]),
    pat("redis-noauth", C::AppAuthFailedOther, 92)
        .on(&["noauth authentication required|noauth hello must be called|noauth "])
        .also(&[C::AppMisconfigured, C::SecretKeyMissing])
        .signal(S::AppUnauthorized)
        .stands_for("Redis server.c")
        .why("the client sent no password")
        .eg(&["NOAUTH Authentication required."]),
    pat("redis-noperm", C::AppAuthFailedOther, 84)
        .on(&["noperm "])
        .re(r"noperm (?:user|this user|no permissions)")
        .signal(S::AppForbidden)
        .stands_for("Redis ACL")
        .eg(&["NOPERM this user has no permissions to run the 'get' command"]),
    pat("redis-no-password-set", C::AppMisconfigured, 88)
        .on(&["client sent auth, but no password is set|without any password configured|called without any password"])
        .also(&[C::AppAuthFailedOther])
        .stands_for("Redis server.c")
        .why("the server asks for no password, the client sends one")
        .eg(&["ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?"]),
    pat("redis-masterauth", C::AppAuthFailedOther, 86)
        .on(&["unable to auth to master|masterauth|error condition on socket for sync"])
        .re(r"unable to auth to master|masterauth")
        .signal(S::AppUnauthorized)
        .stands_for("Redis replication.c")
        .eg(&["MASTER aborted replication: Unable to AUTH to MASTER: -WRONGPASS"]),

    // Kafka.
    pat("kafka-sasl", C::AppAuthFailedOther, 92)
        .on(&["sasl", "authentication failed|authentication error|saslauthenticationexception|saslauthenticationfailed|invalid credentials|handshake failed|user is not authenticated|authenticationfailed"])
        .within(X::KAFKA)
        .never(&["mongo", "sasl conversation error", "password authentication failed", "failed sasl auth", "this may happen due to"])
        .signal(S::AppUnauthorized)
        .stands_for("Kafka SaslServerAuthenticator; Java client, librdkafka, sarama, kafka-python, kafkajs")
        .eg(&["org.apache.kafka.common.errors.SaslAuthenticationException: Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-512", "kafka: client has run out of available brokers: SASL Authentication failed: kafka server: SASL Authentication failed"]),
    pat("kafka-authorization", C::AppAuthFailedOther, 88)
        .on(&["topicauthorizationexception|topic authorization failed|groupauthorizationexception|not authorized to access group|not authorized to access topics|clusterauthorizationexception|cluster authorization failed|topic_authorization_failed|group_authorization_failed"])
        .also(&[C::AppMisconfigured])
        .signal(S::AppForbidden)
        .stands_for("Kafka ACLs")
        .eg(&["org.apache.kafka.common.errors.TopicAuthorizationException: Not authorized to access topics: [orders]"]),
    pat("kafka-login-module", C::AppMisconfigured, 80)
        .on(&["jaas|unsupported sasl mechanism|unsupportedsaslmechanism|sasl mechanism|could not find a 'kafkaclient' entry|illegalsaslstate"])
        .re(r"(?:no|could not find a).{0,40}(?:jaas|kafkaclient)|jaas configuration|unsupported ?sasl ?mechanism|unexpected handshake request with client mechanism|illegalsaslstate")
        .within(X::KAFKA)
        .also(&[C::AppAuthFailedOther, C::SecretKeyMissing])
        .stands_for("Kafka client settings")
        .eg(&["java.lang.IllegalArgumentException: Could not find a 'KafkaClient' entry in the JAAS configuration. sasl"]),
    pat("kafka-ssl-required", C::AppMisconfigured, 70)
        .on(&["disconnected while requesting apiversion|sent to a plaintext|unexpected http request|security.protocol|disconnected before the handshake|terminated during authentication"])
        .within(X::KAFKA)
        .also(&[C::AppAuthFailedOther])
        .stands_for("Kafka listeners of another protocol")
        .eg(&["[Producer clientId=p] Connection to node -1 (kafka/10.0.0.7:9092) terminated during authentication. This may happen due to invalid credentials or firewall; check security.protocol sasl"]),
    pat("zookeeper-auth", C::AppAuthFailedOther, 78)
        .on(&["keepererrorcode = authfailed|keepererrorcode = noauth|auth_failed|digest-md5"])
        .signal(S::AppUnauthorized)
        .stands_for("ZooKeeper")
        .eg(&["KeeperErrorCode = AuthFailed for /brokers"]),

    // RabbitMQ and other brokers.
    pat("rabbit-refused", C::AppAuthFailedOther, 94)
        .on(&["access_refused|access refused|username or password not allowed|login was refused|403 (0x193) reason"])
        .outside(X::PULL)
        .signal(S::AppUnauthorized)
        .stands_for("RabbitMQ; Java, Python, Go and .NET clients")
        .eg(&["ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. For details see the broker logfile.", "Exception (403) Reason: \"username or password not allowed\""]),
    pat("rabbit-server-log", C::AppAuthFailedOther, 90)
        .on(&["invalid credentials|user can only log in via localhost|refused for user|login refused", "plain login|amqp|user '|rabbit|http access denied"])
        .re(r"(?:plain|amqplain|http access denied: )?<*>(?:user '<user>' - invalid credentials|refused for user '<user>'|can only log in via localhost|login refused|invalid credentials)")
        .outside(ELSEWHERE)
        .signal(S::AppUnauthorized)
        .stands_for("rabbitmq-server rabbit_reader, mqtt and management plugins")
        .eg(&["PLAIN login refused: user 'cart' - invalid credentials"]),
    pat("rabbit-vhost", C::AppMisconfigured, 93)
        .on(&["vhost|not_allowed"])
        .re(r"vhost .{1,80} not found|access to vhost .{1,80} refused|not_allowed - ")
        .also(&[C::AppAuthFailedOther])
        .stands_for("RabbitMQ virtual hosts")
        .eg(&["NOT_ALLOWED - access to vhost 'shop' refused for user 'cart'"]),
    pat("mqtt-nats", C::AppAuthFailedOther, 88)
        .on(&["not authorised|bad user name or password|bad username or password|authorization violation|nats: authorization|connection refused: not authori|connect return code 5|connack|user authentication expired"])
        .re(r"bad user ?name or password|authorization violation|not authori[sz]ed|return code[:= ]*[45]\b|user authentication expired")
        .outside(ELSEWHERE.or(X::CLOUD))
        .signal(S::AppUnauthorized)
        .stands_for("MQTT CONNACK 4 and 5, NATS")
        .eg(&["nats: Authorization Violation", "Connection Refused: not authorised.", "mqtt: bad user name or password"]),

    // Git.
    pat("git-auth", C::AppAuthFailedOther, 90)
        .on(&["authentication failed for|could not read username|could not read password|permission denied (publickey|authentication required|invalid credentials|support for password authentication was removed|http basic: access denied|no supported methods remain|invalid username or token|invalid username or password|unable to authenticate|bad credentials|repository not found|could not read from remote repository|error cloning|failed to list refs|write access to repository not granted|deploy key|host key verification failed"])
        .re(r"authentication failed for '|could not read (?:username|password)|permission denied \(publickey|authentication required|invalid credentials|password authentication was removed|http basic: access denied|no supported methods remain|invalid username or (?:token|password)|unable to authenticate|bad credentials|could not read from remote|write access to repository not granted")
        .within(X::GIT)
        .outside(X::PULL.or(X::ESO).or(X::VAULT).or(X::DB))
        .signal(S::AppUnauthorized)
        .stands_for("git, go-git, libgit2; Argo CD repo server, Flux source-controller")
        .eg(&["fatal: Authentication failed for 'https://github.com/acme/shop.git/'", "git@github.com: Permission denied (publickey). fatal: Could not read from remote repository."]),
    pat("git-library-auth", C::AppAuthFailedOther, 84)
        .on(&["authentication required: |error creating ssh agent|failed to clone|unable to clone|error cloning|failed to checkout and determine revision|unable to ls-remote|failed to list refs|error testing repository connectivity"])
        .re(r"authentication required|ssh agent|invalid credentials|authorization failed|unauthori[sz]ed|\b40[13]\b|permission denied|repository not found|authentication failed|unable to authenticate")
        .outside(X::PULL)
        .also(&[C::AppMisconfigured, C::OtherUnrelated])
        .signal(S::AppUnauthorized)
        .stands_for("go-git through Argo CD and Flux")
        .eg(&["failed to clone: authentication required: Repository not found.", "error creating SSH agent: \"SSH agent requested but SSH_AUTH_SOCK not-specified\""]),
    pat("ssh-auth", C::AppAuthFailedOther, 86)
        .on(&["no supported methods remain|permission denied (publickey|too many authentication failures|ssh: unable to authenticate|all configured authentication methods failed|auth fail|authentication that can continue"])
        .outside(ELSEWHERE)
        .signal(S::AppUnauthorized)
        .stands_for("OpenSSH, Go crypto/ssh, ssh2, JSch")
        .eg(&["ssh: handshake failed: ssh: unable to authenticate, attempted methods [none publickey], no supported methods remain", "user@10.0.0.7: Permission denied (publickey,password)."]),
    pat("git-repository-missing", C::AppAuthFailedOther, 66)
        .on(&["repository not found|repository does not exist|project you were looking for could not be found"])
        .within(X::GIT)
        .outside(X::PULL)
        .also(&[C::AppMisconfigured, C::OtherUnrelated])
        .signal(S::AppUnauthorized)
        .stands_for("GitHub and GitLab hide private repositories from callers without a right")
        .eg(&["remote: Repository not found. fatal: repository 'https://github.com/acme/x.git/' not found"]),
    pat("ssh-host-key", C::TlsUntrustedCa, 70)
        .on(&["host key verification failed|knownhosts: key|key is unknown|remote host identification has changed|unknown host key|known_hosts"])
        .also(&[C::AppMisconfigured, C::AppAuthFailedOther])
        .signal(S::TlsUntrusted)
        .stands_for("OpenSSH, Go knownhosts")
        .eg(&["ssh: handshake failed: knownhosts: key mismatch", "Host key verification failed."]),

    // JWT, OAuth and other token consumers.
    pat("jwt-expired", C::TokenExpired, 92)
        .on(&["jwt expired|exp is in the past|tokenexpirederror|token is expired|token has expired|expiredjwtexception|signature has expired|expiredsignatureerror|token expired|id token is expired|token used after expir|securitytokenexpired|lifetime validation failed|access token has expired|refresh token has expired|refresh token is expired|session token has expired|credential is expired|credentials have expired|credentials expired|jwt is expired|jwt token has expired|token_expired|id_token expired|token lifetime|idx10223|'exp' claim"])
        .outside(X::PULL.or(X::VAULT).or(X::ESO))
        .also(&[C::ClockSkew, C::AppAuthFailedOther])
        .signal(S::TokenExpired)
        .stands_for("jsonwebtoken, golang-jwt, jjwt, PyJWT, .NET identity model, go-oidc")
        .eg(&["TokenExpiredError: jwt expired", "oidc: token is expired (Token Expiry: 2026-01-01 00:00:00 +0000 UTC)"]),
    pat("credential-expired-words", C::TokenExpired, 72)
        .on(&["expired"])
        .re(r"(?:api[ _-]?key|access[ _-]?key|token|credential|session|client secret|jwt|license)s?\b.{0,60}\bexpired|expired (?:token|api key|credential|session|jwt)")
        .outside(ELSEWHERE)
        .also(&[C::AppAuthFailedOther, C::AppAuthFailedCloud, C::ClockSkew])
        .signal(S::TokenExpired)
        .stands_for("any service")
        .eg(&["API key expired on 2026-01-01"]),
    pat("account-locked-words", C::AppAuthFailedOther, 66)
        .on(&["locked"])
        .re(r"(?:account|user|login|role|principal)\b.{0,60}\b(?:is |has been |was |got |temporarily )?locked\b|locked (?:out|account|user)")
        .outside(ELSEWHERE)
        .never(&["deadlock", "lock file", "is locked by"])
        .also(&[C::AppAuthFailedDb])
        .codes(&["CON-06"])
        .signal(S::AccountLocked)
        .stands_for("any service")
        .why("the account is locked by earlier failures or on purpose")
        .eg(&["account svc-x is locked until 12:00"]),
    pat("login-refused-db", C::AppAuthFailedDb, 62)
        .on(&["login|password|credential|logon", "refused|rejected|declined|denied|not accepted"])
        .re(r"(?:login|password|credentials?|logon)\b.{0,60}\b(?:refused|rejected|declined|denied|not accepted)|(?:refused|rejected|declined|denied)\b.{0,40}\b(?:login|password|credentials?|logon)")
        .within(X::DB)
        .outside(ELSEWHERE.or(X::REDIS).or(X::KAFKA).or(X::RABBIT))
        .never(&["connection refused"])
        .also(&[C::AppAuthFailedOther])
        .signal(S::DbAuthFailed)
        .stands_for("any client of a database")
        .eg(&["database rejected password for user app"]),
    pat("login-refused", C::AppAuthFailedOther, 58)
        .on(&["login|password|credential|logon|token", "refused|rejected|declined|denied|not accepted"])
        .re(r"(?:login|password|credentials?|logon|token)\b.{0,60}\b(?:refused|rejected|declined|denied|not accepted)|(?:refused|rejected|declined|denied)\b.{0,40}\b(?:login|password|credentials?|logon|token)")
        .outside(ELSEWHERE.or(X::DB))
        .never(&["connection refused"])
        .also(&[C::AppAuthFailedDb, C::AppAuthFailedCloud])
        .signal(S::AppUnauthorized)
        .stands_for("any service")
        .eg(&["login refused for user svc on mq-1"]),
    pat("jwt-invalid", C::AppAuthFailedOther, 84)
        .on(&["jsonwebtokenerror|invalid signature|signature is invalid|signature verification failed|invalid jwt|jwt malformed|jwtexception|signatureexception|failed to verify signature|invalidsignatureerror|securitytokensignaturekeynotfound|invalid token|jwt signature does not match|token signature|failed to verify id token|failed to verify token|idx10"])
        .outside(ELSEWHERE.or(X::CLOUD))
        .never(&["image", "expired", "not yet valid", "used before issued", "cosign"])
        .also(&[C::TokenExpired, C::AppMisconfigured])
        .signal(S::AppUnauthorized)
        .stands_for("jsonwebtoken, golang-jwt, jjwt, PyJWT, .NET, go-oidc")
        .eg(&["JsonWebTokenError: invalid signature", "failed to verify signature: failed to verify id token signature"]),
    pat("oauth-client", C::AppAuthFailedOther, 86)
        .on(&["invalid_client|unauthorized_client|invalid_grant|client authentication failed|invalid client secret|invalid client credentials|client secret mismatch|bad client credentials"])
        .outside(ELSEWHERE)
        .also(&[C::AppAuthFailedCloud, C::TokenExpired])
        .signal(S::AppUnauthorized)
        .stands_for("OAuth 2.0 token endpoints: Keycloak, Dex, Okta, GitHub")
        .eg(&["oauth2 client: {\"error\":\"invalid_client\",\"error_description\":\"Invalid client credentials\"}", "{\"error\":\"unauthorized_client\"}"]),
    pat("ldap-bind", C::AppAuthFailedOther, 90)
        .on(&["ldap", "invalid credentials|result code 49|data 52e|error code 49|bind failed|unable to bind|data 532|data 775"])
        .signal(S::AppUnauthorized)
        .stands_for("LDAP result 49; Active Directory subcodes")
        .eg(&["LDAP Result Code 49 \"Invalid Credentials\": 80090308: LdapErr: DSID-0C090446, comment: AcceptSecurityContext error, data 52e, v4563"]),
    pat("smtp-auth", C::AppAuthFailedOther, 90)
        .on(&["535 |535-|534-|530 5.7|smtp|eauth"])
        .re(r"\b53[0-9][- ]5?\.?7?\.?[0-9]?.{0,60}(?:authentication|credentials|not accepted|password)|smtp<*>(?:authentication (?:failed|unsuccessful)|535)|eauth|smtpauthenticationerror")
        .also(&[C::AppMisconfigured])
        .signal(S::AppUnauthorized)
        .stands_for("SMTP replies 530, 534, 535")
        .eg(&["535 5.7.8 Username and Password not accepted"]),
    pat("basic-401", C::AppAuthFailedOther, 52)
        .on(&["401|unauthorized|unauthenticated"])
        .re(r"\b401\b|\bunauthori[sz]ed\b|\bunauthenticated\b")
        .outside(ELSEWHERE.or(X::DB).or(X::KEYVAULT))
        .never(&["unauthorized access to pod", "service account unauthorized"])
        .also(&[C::AppAuthFailedCloud, C::TokenExpired, C::AppMisconfigured])
        .signal(S::AppUnauthorized)
        .stands_for("any HTTP or gRPC service")
        .why("a service that the application asked answered 401")
        .eg(&["ERROR billing answered 401: a token is required", "request failed with status code 401"]),
    pat("auth-failed-generic", C::AppAuthFailedOther, 50)
        .on(&["authentication failed|bad token|authentication required|authentication is required|authentication failure|login failed|invalid credentials|invalid password|bad credentials|auth failed|authentication error|wrong password|incorrect password|invalid api key|invalid apikey|api key is invalid|invalid token|invalid access token|incorrect api key|failed to authenticate|could not authenticate|invalid username|credentials are invalid|login incorrect|login denied|credentials rejected|authorization failed|authentication unsuccessful|invalid_api_key|invalid secret|not authenticated|invalid login|access token is invalid|bad api key|unable to authenticate|username or password|user name or password|authentication rejected|credentials were rejected|auth error|login error|logon failure|logon denied|rejected our credentials|rejected the credential|refused the credential|token rejected|token was rejected|key rejected|unauthorised"])
        .outside(ELSEWHERE.or(X::DB))
        .also(&[C::AppAuthFailedCloud, C::AppAuthFailedDb, C::AppMisconfigured])
        .signal(S::AppUnauthorized)
        .stands_for("any service")
        .eg(&["login failed: wrong password", "payment gateway: invalid api key"]),
    pat("forbidden-generic", C::AppAuthFailedOther, 40)
        .on(&["403|forbidden|permission denied|access denied|not authorized|permissiondenied|insufficient permission|access is denied"])
        .re(r"\b403\b|\bforbidden\b|permissiondenied|access (?:is )?denied|not authorized|insufficient permission|code = permissiondenied")
        .outside(ELSEWHERE.or(X::DB).or(X::MOUNT).or(X::KEYVAULT).or(X::OCI))
        .never(&["is forbidden", "forbidden: user", "denied the request", "field is immutable", "no relationship found"])
        .also(&[C::AppAuthFailedCloud, C::AppMisconfigured, C::OtherUnrelated])
        .signal(S::AppForbidden)
        .stands_for("any HTTP or gRPC service")
        .eg(&["upstream answered 403 forbidden"]),
    pat("rate-limited-generic", C::OtherUnrelated, 44)
        .on(&["too many requests|rate limit|429"])
        .re(r"too many requests|rate limit|\b429\b")
        .outside(ELSEWHERE)
        .also(&[C::AppMisconfigured, C::RegistryRateLimited])
        .signal(S::TooManyRequests)
        .stands_for("any HTTP service")
        .eg(&["upstream answered 429 Too Many Requests"]),
    pat("acme-rate", C::OtherUnrelated, 66)
        .on(&["urn:ietf:params:acme|acme:"])
        .also(&[C::AppMisconfigured])
        .codes(&["SYN-20"])
        .stands_for("ACME servers through cert-manager")
        .eg(&["429 urn:ietf:params:acme:error:rateLimited: too many certificates already issued"]),
];
