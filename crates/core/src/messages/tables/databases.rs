//! What databases and their clients say about a login.

use crate::messages::class::Class as C;
use crate::messages::context::Context as X;
use crate::messages::pattern::{Pattern, pat};
use crate::messages::signal::Signal as S;

pub(super) static ROWS: &[Pattern] = &[
    // PostgreSQL.
    pat("pg-password", C::AppAuthFailedDb, 93)
        .on(&["password authentication failed"])
        .re(r#"password authentication failed(?: for user ["'`]?<user>["'`]?(?: on <host>)?)?"#)
        .signal(S::DbAuthFailed)
        .stands_for("postgres src/backend/libpq/auth.c auth_failed, 28P01; pgx, libpq, JDBC")
        .why("PostgreSQL refuses the user or the password; it says the same for an unknown user")
        .eg(&["FATAL:  password authentication failed for user \"cart\"", "failed SASL auth: FATAL: password authentication failed for user \"cart\" (SQLSTATE 28P01)"]),
    pat("pg-other-methods", C::AppAuthFailedDb, 90)
        .on(&["authentication failed for user|password does not match for user|28p01|role is not permitted|is not permitted to log in|ident authentication|peer authentication failed"])
        .re(r#"(?:peer|ident|ldap|pam|gssapi|radius|certificate|sasl|scram(?:-sha-256)?|md5) authentication failed for user "?<user>"?|password does not match for user "?<user>"?|role "?<user>"? is not permitted to log in|sqlstate[:= ]*28p01|28p01|authentication failed for user ["']?<user>"#)
        .signal(S::DbAuthFailed)
        .stands_for("postgres src/backend/libpq/auth.c and postinit.c")
        .eg(&["FATAL: role \"cart\" is not permitted to log in", "FATAL: Peer authentication failed for user \"postgres\""]),
    pat("pg-role-missing", C::AppAuthFailedDb, 84)
        .on(&["role \"", "does not exist"])
        .re(r#"role "<user>" does not exist"#)
        .also(&[C::AppMisconfigured])
        .signal(S::DbAuthFailed)
        .stands_for("postgres, peer and trust logins of an unknown role")
        .eg(&["FATAL:  role \"cart\" does not exist"]),
    pat("pg-no-password", C::AppAuthFailedDb, 78)
        .on(&["no password supplied|password must be a string|empty password returned|server requested a password|no password was provided|password is required|server requires password"])
        .re(r"no password (?:supplied|was provided)|password must be a string|empty password returned|server requested a password|password-based authentication|server requires password|no password supplied")
        .also(&[C::AppMisconfigured, C::SecretKeyMissing, C::SecretMissing])
        .codes(&["OBJ-06", "REF-03", "OBJ-08"])
        .signal(S::DbAuthFailed)
        .stands_for("libpq fe_sendauth, node-postgres, pgx, pgjdbc")
        .why("the client had no password to send: the value is empty or was never delivered")
        .eg(&["fe_sendauth: no password supplied", "SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string"]),
    pat("pg-hba", C::AppMisconfigured, 86)
        .on(&["no pg_hba.conf entry|pg_hba.conf rejects"])
        .re(r#"(?:for host "[^"]{1,80}", user "<user>", database "<database>")?"#)
        .also(&[C::AppAuthFailedDb])
        .stands_for("postgres src/backend/libpq/auth.c")
        .why("the server admits no such host, user, database or encryption; the password was not tried")
        .eg(&["FATAL: no pg_hba.conf entry for host \"10.0.0.7\", user \"cart\", database \"shop\", SSL off"]),
    pat("pg-database-missing", C::AppMisconfigured, 86)
        .on(&["database", "does not exist|unknown database|3d000|cannot open database"])
        .re(r#"database ["']?<database>["']? does not exist|unknown database ['"]?<database>|3d000|cannot open database "<database>""#)
        .also(&[C::AppAuthFailedDb, C::OtherUnrelated])
        .stands_for("postgres 3D000, MySQL 1049, SQL Server 4060")
        .eg(&["FATAL: database \"shop\" does not exist", "ERROR 1049 (42000): Unknown database 'shop'"]),
    pat("pg-too-many", C::AppConnectionExhausted, 94)
        .on(&["too many clients already|remaining connection slots are reserved|too many connections|53300|max_client_conn|too many database connections|no more connections allowed|connection limit exceeded|sorry, too many clients|too many open connections|max_connections|query_wait_timeout"])
        .re(r#"too many clients|remaining connection slots|too many (?:database |open )?connections(?: for role "<user>")?|53300|max_client_conn|no more connections allowed|connection limit exceeded|max_connections|query_wait_timeout"#)
        .signal(S::DbTooManyConnections)
        .stands_for("postgres proc.c and postinit.c 53300, MySQL 1040, pgbouncer, pgpool")
        .why("the server has no connection left; the login is right")
        .eg(&["FATAL: too many connections for role \"cart\" (SQLSTATE 53300)", "FATAL: remaining connection slots are reserved for non-replication superuser connections", "ERROR 1040 (HY000): Too many connections"]),
    pat("pool-exhausted", C::AppConnectionExhausted, 84)
        .on(&["connection is not available, request timed out|timeout expired. the timeout period elapsed prior to obtaining a connection|queuepool limit|pool exhausted|timed out fetching a new connection|could not obtain a database connection|connectionpooltimeout|timeout waiting for connection from pool|connection pool timeout|max number of clients reached|unable to acquire connection|unable to obtain connection|resourcerequest timed out|timeout acquiring a connection|pool is full|cannot get a connection, pool error|connection pool exhausted|too many open files|no available connections|max_user_connections|max clients|connection pool shut down|maximum connection creation retries"])
        .re(r"connection is not available|prior to obtaining a connection|queuepool limit|pool (?:is )?exhausted|timed out fetching a new connection|could not obtain a (?:database )?connection|pooltimeout|(?:waiting for|acquir(?:e|ing)(?: a)?|obtain(?:ing)?(?: a)?) connection|pool timeout|max number of clients|resourcerequest timed out|pool is full|pool error|no available connections|max_user_connections|max clients|connection creation retries")
        .also(&[C::AppMisconfigured, C::OtherUnrelated])
        .codes(&["CON-04"])
        .signal(S::DbTooManyConnections)
        .stands_for("HikariCP, ADO.NET, SQLAlchemy, Knex, Sequelize, Prisma, Redis")
        .eg(&["HikariPool-1 - Connection is not available, request timed out after 30000ms.", "ERR max number of clients reached"]),
    pat("connection-limit-words", C::AppConnectionExhausted, 84)
        .on(&["connection limit|connections limit|limit of connections|max connections|maximum connections|maximum number of connections|no free connection|out of connections|connection quota"])
        .codes(&["CON-04"])
        .signal(S::DbTooManyConnections)
        .stands_for("any client of a database or broker")
        .eg(&["FATAL connection limit reached for user app"]),
    pat("mysql-resource", C::AppConnectionExhausted, 92)
        .on(&["has exceeded the 'max_|exceeded the max_|er_con_count_error|host_is_blocked|is blocked because of many connection errors"])
        .also(&[C::AppMisconfigured])
        .signal(S::DbTooManyConnections)
        .stands_for("MySQL 1226, 1129, 1203")
        .eg(&["User 'cart' has exceeded the 'max_user_connections' resource (current value: 10)", "Host '10.0.0.7' is blocked because of many connection errors; unblock with 'mysqladmin flush-hosts'"]),

    // MySQL and MariaDB.
    pat("mysql-access-denied", C::AppAuthFailedDb, 93)
        .on(&["access denied for user"])
        .re(r#"access denied for user ['"`]?<user>['"`]?@"#)
        .signal(S::DbAuthFailed)
        .stands_for("MySQL and MariaDB error 1045")
        .eg(&["ERROR 1045 (28000): Access denied for user 'cart'@'10.0.0.7' (using password: YES)"]),
    pat("mysql-access-denied-database", C::AppAuthFailedDb, 80)
        .on(&["access denied for user", "to database"])
        .re(r"to database '<database>'")
        .also(&[C::AppMisconfigured])
        .signal(S::DbAuthFailed)
        .stands_for("MySQL and MariaDB error 1044")
        .eg(&["ERROR 1044 (42000): Access denied for user 'cart'@'%' to database 'shop'"]),
    pat("mysql-plugin", C::AppMisconfigured, 88)
        .on(&["caching_sha2_password|does not support authentication protocol|public key retrieval is not allowed|mysql_native_password|er_not_supported_auth_mode|authentication plugin"])
        .re(r"plugin ['`]?\w+['`]? (?:cannot be loaded|is not (?:loaded|supported)|reported error)|does not support authentication protocol|public key retrieval|er_not_supported_auth_mode|cannot be loaded|authentication plugin|this authentication plugin is not supported")
        .also(&[C::AppAuthFailedDb])
        .stands_for("MySQL clients")
        .eg(&["Authentication plugin 'caching_sha2_password' cannot be loaded", "Public Key Retrieval is not allowed"]),
    pat("mysql-host-not-allowed", C::AppMisconfigured, 84)
        .on(&["is not allowed to connect to this"])
        .also(&[C::AppAuthFailedDb])
        .stands_for("MySQL and MariaDB error 1130")
        .eg(&["Host '10.0.0.7' is not allowed to connect to this MySQL server"]),
    pat("db-account-locked", C::AppAuthFailedDb, 90)
        .on(&["account is locked|account locked|user is locked|ora-28000|too many authentication failures|too many failed login|account has been locked|er_account_has_been_locked|temporarily locked|login is locked|too many failed attempts|too many login attempts"])
        .outside(X::PULL.or(X::GIT))
        .codes(&["CON-06"])
        .signal(S::AccountLocked)
        .stands_for("MySQL 3118, Oracle ORA-28000, directories and identity servers")
        .why("the account is locked by earlier failures or on purpose")
        .eg(&["Access denied for user 'cart'@'%'. Account is locked.", "ORA-28000: the account is locked"]),
    pat("db-password-expired", C::AppAuthFailedDb, 88)
        .on(&["your password has expired|password has expired|password for user|ora-28001|must change the password|password expired|must change your password"])
        .re(r"password(?: for user .{1,80})? (?:has )?expired|ora-28001|must change (?:the|your) password")
        .signal(S::DbAuthFailed)
        .stands_for("MySQL 1820 and 1862, Oracle ORA-28001, SQL Server 18487")
        .eg(&["ERROR 1862 (HY000): Your password has expired. To log in you must change it using a client that supports expired passwords."]),

    // Others.
    pat("mongo-auth", C::AppAuthFailedDb, 92)
        .on(&["scram-sha-1|scram-sha-256|mongo|authenticationfailed|unable to authenticate", "authentication failed|authenticationfailed|auth error|sasl conversation error|failed to authenticate"])
        .re(r"mongo|\bsasl conversation|scram|unable to authenticate using")
        .outside(X::KAFKA)
        .signal(S::DbAuthFailed)
        .stands_for("MongoDB code 18 AuthenticationFailed; Go, Node, Java, Python drivers")
        .eg(&["MongoServerError: Authentication failed.", "mongo: auth error: failed to authenticate"]),
    pat("mongo-auth-kafka-like", C::AppAuthFailedDb, 90)
        .on(&["sasl conversation error|authenticationfailed) |mongoserver|mongosecurityexception|mongo.js|com.mongodb|pymongo|authenticationdatabase|principalname"])
        .re(r"authenticationfailed|authentication failed|auth(?:entication)? error|sasl conversation|securityexception|exception authenticating|not authorized|unauthorized|requires authentication")
        .also(&[C::AppMisconfigured])
        .signal(S::DbAuthFailed)
        .stands_for("MongoDB drivers")
        .eg(&["com.mongodb.MongoSecurityException: Exception authenticating MongoCredential{mechanism=SCRAM-SHA-1, userName='cart'}", "pymongo.errors.OperationFailure: command find requires authentication"]),
    pat("mongo-not-authorized", C::AppAuthFailedDb, 84)
        .on(&["requires authentication|not authorized on"])
        .re(r"command \w+ requires authentication|not authorized on <database> to execute command")
        .also(&[C::AppMisconfigured])
        .signal(S::DbAuthFailed)
        .stands_for("MongoDB code 13 Unauthorized")
        .eg(&["MongoServerError: command insert requires authentication", "not authorized on shop to execute command { find: \"x\" }"]),
    pat("sqlserver-login", C::AppAuthFailedDb, 92)
        .on(&["login failed for user"])
        .re(r#"login failed for user ['"]?<user>"#)
        .signal(S::DbAuthFailed)
        .stands_for("SQL Server 18456; Azure SQL")
        .eg(&["mssql: login error: Login failed for user 'cart'."]),
    pat("oracle-login", C::AppAuthFailedDb, 92)
        .on(&["ora-01017|invalid username/password; logon denied|ora-01045|ora-1017"])
        .signal(S::DbAuthFailed)
        .stands_for("Oracle Database")
        .eg(&["ORA-01017: invalid username/password; logon denied"]),
    pat("cassandra-login", C::AppAuthFailedDb, 88)
        .on(&["provided username|and/or password are incorrect|code=0100|bad credentials|authenticationexception"])
        .re(r"provided username <user> and/or password are incorrect|and/or password are incorrect|code=0100|cassandra<*>authentication")
        .signal(S::DbAuthFailed)
        .stands_for("Cassandra and Scylla")
        .eg(&["Error from server: code=0100 [Bad credentials] message=\"Provided username cart and/or password are incorrect\""]),
    pat("clickhouse-login", C::AppAuthFailedDb, 90)
        .on(&["clickhouse|code: 516|authentication failed: password is incorrect"])
        .re(r"code: 516|password is incorrect, or there is no user|(?:<user>: )?authentication failed: password is incorrect")
        .signal(S::DbAuthFailed)
        .stands_for("ClickHouse 516")
        .eg(&["Code: 516. DB::Exception: cart: Authentication failed: password is incorrect, or there is no user with such name. (AUTHENTICATION_FAILED)"]),
    pat("search-login", C::AppAuthFailedDb, 82)
        .on(&["unable to authenticate user|security_exception|missing authentication credentials for rest request|failed to authenticate user"])
        .also(&[C::AppAuthFailedOther])
        .signal(S::DbAuthFailed)
        .stands_for("Elasticsearch and OpenSearch")
        .re(r"(?:unable|failed) to authenticate user(?: \[<user>\])?|security_exception|missing authentication credentials")
        .eg(&["security_exception: unable to authenticate user [cart] for REST request [/_bulk]"]),
    pat("influx-neo4j-login", C::AppAuthFailedDb, 84)
        .on(&["neo.clienterror.security|unauthorized: unauthorized access|couchdb|name or password is incorrect|the client is unauthorized"])
        .also(&[C::AppAuthFailedOther])
        .signal(S::DbAuthFailed)
        .stands_for("Neo4j, InfluxDB, CouchDB")
        .eg(&["Neo.ClientError.Security.Unauthorized: The client is unauthorized due to authentication failure."]),
    pat("prisma-login", C::AppAuthFailedDb, 92)
        .on(&["p1000|authentication failed against database server|authentication failed against the database server|er_access_denied_error|sequelizeaccessdeniederror|invalidauthorizationspecification|28000"])
        .re(r"p1000|authentication failed against(?: the)? database server|er_access_denied_error|accessdeniederror|invalidauthorization|\b28000\b")
        .signal(S::DbAuthFailed)
        .stands_for("Prisma P1000, Sequelize, SQLSTATE 28000")
        .eg(&["Error: P1000: Authentication failed against database server at `db`, the provided database credentials for `cart` are not valid."]),
    pat("pgbouncer-login", C::AppAuthFailedDb, 88)
        .on(&["no such user|auth failed|server login failed|login failed|sasl authentication failed|password authentication"])
        .re(r"pgbouncer<*>(?:no such user|auth failed)|server login failed|login failed: <*>(?:user|password)|sasl authentication failed")
        .within(X::DB)
        .outside(X::KAFKA.or(X::REDIS))
        .signal(S::DbAuthFailed)
        .stands_for("pgbouncer, pgpool, generic database clients")
        .eg(&["pgbouncer: WARNING pooler error: no such user: cart"]),
    pat("db-connection-failed-auth", C::AppAuthFailedDb, 62)
        .on(&["authentication failed|login failed|auth failed|invalid password|invalid credentials|wrong password|access denied|authentication error|not authenticated|incorrect password|credentials rejected|bad password|invalid username"])
        .within(X::DB)
        .outside(X::KAFKA.or(X::REDIS).or(X::RABBIT).or(X::VAULT).or(X::ESO).or(X::PULL).or(X::CSI).or(X::GIT))
        .also(&[C::AppAuthFailedOther])
        .signal(S::DbAuthFailed)
        .stands_for("any database client")
        .eg(&["could not connect to the database: invalid credentials", "db: login failed for database shop"]),

    // Settings.
    pat("db-url-parse", C::AppMisconfigured, 84)
        .on(&["cannot parse|failed to parse as url|invalid connection string|could not parse|unable to parse|invalid dsn|invalid port|invalid userinfo|unsupported scheme|malformed|invalid url escape|dsn|missing \"=\" after|url_parse|err_invalid_url|invalid url|no such scheme|invalid uri|database url|connection url|parse \"|failed to parse"])
        .re(r"cannot parse `|failed to parse as (?:url|dsn|keyword)|invalid connection (?:string|option|url)|(?:could not|unable to|cannot|failed to) parse (?:[a-z-]+ ){0,4}(?:url|uri|dsn|connection|rfc1738)|invalid (?:dsn|database url|uri|userinfo)|net/url: invalid userinfo|invalid port .{0,60}after host|invalid url escape|err_invalid_url|missing .=. after|p1013|argumenterror: invalid (?:port|url)|url must start with the protocol|invalid url\b|invalid uri\b|malformed (?:url|uri|dsn)")
        .also(&[C::SecretInvalidFormat])
        .codes(&["CON-07"])
        .signal(S::ConnParse)
        .stands_for("pgx, net/url, JDBC, SQLAlchemy, Prisma P1013, go-sql-driver")
        .why("the connection address cannot be parsed: often a password with reserved characters")
        .eg(&["cannot parse `postgres://cart:xxxxxx@db:5432/shop`: failed to parse as URL (invalid port \":q\" after host)", "parse \"amqp://x\": net/url: invalid userinfo", "sqlalchemy.exc.ArgumentError: Could not parse rfc1738 URL from string"]),
    pat("db-ssl-mode", C::AppMisconfigured, 82)
        .on(&["server does not support ssl|ssl is not enabled on the server|ssl off|does not support ssl|no encryption|require secure transport|ssl is required|requires ssl|must be encrypted|sslmode"])
        .re(r"does not support ssl|ssl is not enabled|require_secure_transport|require secure transport|ssl is required|requires ssl|must be encrypted|connections using insecure transport are prohibited|sslmode value|root certificate file .{1,200}does not exist")
        .within(X::DB)
        .also(&[C::AppAuthFailedDb, C::TlsUntrustedCa])
        .stands_for("libpq, pgx, MySQL clients")
        .eg(&["pq: SSL is not enabled on the server", "psql: error: server does not support SSL, but SSL was required"]),
    pat("db-unreachable", C::AppMisconfigured, 44)
        .on(&["connection refused|no such host|could not translate host name|can't connect to|unknown mysql server host|communications link failure|i/o timeout|econnrefused|enotfound|etimedout|no route to host|connection timed out|could not connect to server|is the server running|name or service not known|temporary failure in name resolution|can't reach database server|server selection|connect timeout|getaddrinfo|unable to connect"])
        .within(X::DB.or(X::REDIS).or(X::KAFKA).or(X::RABBIT))
        .outside(X::VAULT.or(X::ESO).or(X::PULL).or(X::CSI).or(X::WEBHOOK).or(X::PROBE))
        .also(&[C::OtherUnrelated])
        .signal(S::ConnNetwork(crate::messages::signal::NetFault::Other))
        .stands_for("any client of a database or broker")
        .why("no connection was made, so no login was tried")
        .eg(&["could not connect to the database: dial tcp 10.0.0.7:5432: connect: connection refused", "com.mysql.cj.jdbc.exceptions.CommunicationsException: Communications link failure"]),
    pat("db-starting", C::OtherUnrelated, 76)
        .on(&["the database system is starting up|the database system is shutting down|in recovery mode|loading the dataset in memory"])
        .stands_for("postgres 57P03, Redis LOADING")
        .eg(&["FATAL: the database system is starting up"]),
    pat("db-permission-on-object", C::AppMisconfigured, 72)
        .on(&["permission denied for|must be owner of|insufficient privilege|42501|command denied to user"])
        .re(r"permission denied for (?:table|schema|relation|database|sequence|function|view)|must be owner of|insufficient privilege|42501|command denied to user '<user>")
        .also(&[C::AppAuthFailedDb])
        .signal(S::AppForbidden)
        .stands_for("postgres 42501, MySQL 1142")
        .why("the login is right; it lacks a grant on the object")
        .eg(&["ERROR: permission denied for table orders (SQLSTATE 42501)"]),
];
