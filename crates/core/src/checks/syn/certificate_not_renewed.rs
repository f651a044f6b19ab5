//! SYN-20: cert-manager did not renew a certificate.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SYN-20",
    slug: "certificate-not-renewed",
    title: "cert-manager did not renew a certificate",
    link: Link::Sync,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Certificate, Scope::OwnNamespace),
        Need::sharpens(Kind::CertificateRequest, Scope::OwnNamespace),
        Need::sharpens(Kind::Secret, Scope::Named),
    ],
    neighbours: &[
        Neighbour { code: "CON-08", decided_by: "whether the Secret is renewed and the server is not" },
        Neighbour { code: "OBJ-15", decided_by: "whether the Secret fits its key and names" },
    ],
    lag: Lag::Expiry,
    fix: FixKind::Always,
    page: include_str!("certificate_not_renewed/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    super::story::report(view, out, CARD.code);
}
