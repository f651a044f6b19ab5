//! Faults of name resolution, network and TLS. Who spoke decides what they are a fault of.

use crate::messages::class::Class as C;
use crate::messages::context::Context as X;
use crate::messages::pattern::{Pattern, pat};
use crate::messages::signal::{NetFault, Signal as S, TlsFault};

pub(super) static ROWS: &[Pattern] = &[
    pat("pull-dns", C::RegistryUnreachableDns, 90)
        .on(&["no such host|server misbehaving|lookup |name resolution|could not resolve host|name or service not known|nodename nor servname"])
        .re(r"no such host|server misbehaving|dial tcp: lookup|name resolution|could not resolve host|not known")
        .within(X::PULL)
        .outside(X::VAULT.or(X::CSI).or(X::ESO))
        .signal(S::PullNetwork(NetFault::Dns))
        .stands_for("Go net resolver, curl")
        .why("the host of the registry or of its token server does not resolve")
        .eg(&["failed to do request: Head \"https://reg.example/v2/a/manifests/1\": dial tcp: lookup reg.example on 10.0.0.2:53: no such host"]),
    pat("pull-refused", C::RegistryUnreachableNetwork, 88)
        .on(&["connection refused|registryunavailable|registry is unavailable"])
        .within(X::PULL)
        .outside(X::VAULT.or(X::CSI).or(X::ESO))
        .never(&["containerd.sock", "docker.sock", "crio.sock"])
        .signal(S::PullNetwork(NetFault::Refused))
        .stands_for("Go net dial; CRI-O maps it to RegistryUnavailable")
        .eg(&["failed to do request: Head \"http://reg.example:5000/v2/a/manifests/1\": dial tcp 10.0.0.9:5000: connect: connection refused"]),
    pat("pull-proxy-connect", C::RegistryUnreachableNetwork, 90)
        .on(&["proxyconnect"])
        .within(X::PULL)
        .signal(S::PullNetwork(NetFault::Proxy))
        .stands_for("Go net/http transport")
        .eg(&["failed to do request: Head \"https://reg.example/v2/a/manifests/1\": proxyconnect tcp: dial tcp 10.0.0.3:3128: connect: connection refused"]),
    pat("pull-timeout", C::RegistryUnreachableNetwork, 84)
        .on(&["i/o timeout|deadline exceeded|handshake timeout|client.timeout|request canceled|context canceled|operation timed out|connection timed out|timed out|timeout exceeded"])
        .within(X::PULL)
        .outside(X::VAULT.or(X::CSI).or(X::ESO))
        .also(&[C::RegistryServerError])
        .signal(S::PullNetwork(NetFault::Timeout))
        .stands_for("Go net and net/http")
        .eg(&["Error response from daemon: Get https://registry-1.docker.io/v2/: net/http: TLS handshake timeout"]),
    pat("pull-broken-connection", C::RegistryUnreachableNetwork, 82)
        .on(&["no route to host|network is unreachable|connection reset|eof|goaway|broken pipe|host is unreachable|connection was closed|use of closed network|server closed"])
        .re(r"no route to host|network is unreachable|connection reset|\beof\b|goaway|broken pipe|host is unreachable|connection was closed|closed network|server closed")
        .within(X::PULL)
        .outside(X::VAULT.or(X::CSI).or(X::ESO))
        .also(&[C::RegistryServerError])
        .signal(S::PullNetwork(NetFault::Other))
        .stands_for("Go net and net/http")
        .eg(&["failed to do request: Head \"https://reg.example/v2/a/manifests/1\": EOF"]),
    pat("pull-http-on-https", C::RegistryHttpHttpsMismatch, 94)
        .on(&["server gave http response to https client|first record does not look like a tls handshake|http request to an https server|http request was sent to https port|oversized record"])
        .outside(X::VAULT.or(X::ESO).or(X::WEBHOOK).or(X::DB))
        .also(&[C::RegistryTls])
        .signal(S::PullTls(TlsFault::HttpOnHttps))
        .stands_for("Go net/http and crypto/tls")
        .why("one side speaks plain HTTP and the other TLS")
        .eg(&["Get \"https://10.0.0.9:5000/v2/\": http: server gave HTTP response to HTTPS client"]),
    pat("pull-unknown-authority", C::RegistryTls, 92)
        .on(&["unknown authority|self signed|self-signed|unable to get local issuer|certificate is not trusted"])
        .within(X::PULL)
        .outside(X::VAULT.or(X::CSI).or(X::ESO).or(X::WEBHOOK))
        .signal(S::PullTls(TlsFault::UnknownAuthority))
        .stands_for("Go crypto/x509")
        .why("the node does not trust who signed the registry's certificate")
        .eg(&["failed to do request: Head \"https://reg.example/v2/a/manifests/1\": tls: failed to verify certificate: x509: certificate signed by unknown authority"]),
    pat("pull-wrong-name", C::RegistryTls, 92)
        .on(&["certificate is valid for|is not valid for any names|ip sans|legacy common name|certificate name mismatch"])
        .within(X::PULL)
        .outside(X::VAULT.or(X::CSI).or(X::ESO).or(X::WEBHOOK))
        .signal(S::PullTls(TlsFault::WrongName))
        .stands_for("Go crypto/x509")
        .eg(&["failed to do request: Head \"https://10.0.0.9/v2/\": x509: cannot validate certificate for 10.0.0.9 because it doesn't contain any IP SANs"]),
    pat("pull-cert-expired", C::RegistryTls, 92)
        .on(&["has expired or is not yet valid|certificate has expired|certificate is expired"])
        .within(X::PULL)
        .outside(X::VAULT.or(X::CSI).or(X::ESO).or(X::WEBHOOK))
        .also(&[C::TlsCertExpired, C::ClockSkew])
        .signal(S::PullTls(TlsFault::Expired))
        .stands_for("Go crypto/x509")
        .eg(&["failed to do request: Head \"https://reg.example/v2/a/manifests/1\": x509: certificate has expired or is not yet valid: current time 2026-01-02T00:00:00Z is after 2026-01-01T00:00:00Z"]),
    pat("pull-tls-other", C::RegistryTls, 76)
        .on(&["remote error: tls|tls: |x509"])
        .within(X::PULL)
        .outside(X::VAULT.or(X::CSI).or(X::ESO).or(X::WEBHOOK))
        .never(&["handshake timeout", "first record does not look"])
        .signal(S::PullTls(TlsFault::Other))
        .stands_for("Go crypto/tls")
        .eg(&["failed to do request: Head \"https://reg.example/v2/a/manifests/1\": remote error: tls: handshake failure"]),
];
