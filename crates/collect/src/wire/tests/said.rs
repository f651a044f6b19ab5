//! Events, audit entries and logs.

use keytrace_core::time::Time;
use serde_json::json;

use super::*;

#[test]
fn events_of_both_apis_and_of_every_form_of_time_fold() {
    let about = json!({"kind": "Pod", "namespace": "shop", "name": "cart", "uid": "u", "fieldPath": "spec.initContainers{wait}"});
    let snapshot = fold(&[
        json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": "a", "namespace": "shop"}, "involvedObject": about,
            "type": "Warning", "reason": "Failed", "message": "Error: ErrImagePull", "count": 4, "eventTime": null,
            "firstTimestamp": "2026-01-01T00:00:00Z", "lastTimestamp": "2026-01-01T00:05:00Z",
            "source": {"component": "kubelet", "host": "node-1"}, "reportingComponent": "kubelet", "reportingInstance": "node-1"}),
        json!({"apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": {"name": "b", "namespace": "shop"}, "regarding": about,
            "type": "Normal", "reason": "Scheduled", "note": "Successfully assigned", "eventTime": "2026-01-01T00:06:00.5Z",
            "series": {"count": 3, "lastObservedTime": "2026-01-01T00:09:00.000000Z"}, "reportingController": "default-scheduler",
            "reportingInstance": "default-scheduler-0"}),
        json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": "c", "namespace": "default", "creationTimestamp": "2026-01-01T01:00:00Z"},
            "involvedObject": {"kind": "ClusterSecretStore", "name": "vault"}, "type": "Warning", "reason": "InvalidProviderConfig"}),
    ]);
    let [first, second, third] = &snapshot.events[..] else { panic!("three events") };
    assert_eq!((first.count, first.container.as_deref(), first.node.as_deref()), (4, Some("wait"), Some("node-1")));
    assert_eq!((first.first, first.last), (Time::parse("2026-01-01T00:00:00Z"), Time::parse("2026-01-01T00:05:00Z")));
    assert_eq!((second.count, &*second.component, second.node.as_deref()), (3, "default-scheduler", None));
    assert_eq!((second.first, second.last), (Time::parse("2026-01-01T00:06:00Z"), Time::parse("2026-01-01T00:09:00Z")));
    assert_eq!((third.first, &*third.about.namespace), (Time::parse("2026-01-01T01:00:00Z"), ""));
}

fn audit(id: &str, verb: &str, code: u16, extra: serde_json::Value) -> Vec<u8> {
    let mut entry = json!({"kind": "Event", "apiVersion": "audit.k8s.io/v1", "auditID": id, "stage": "ResponseComplete", "verb": verb,
        "requestURI": "/api/v1/namespaces/shop/secrets/db?fieldManager=kubectl-edit&x=1", "user": {"username": "ann"}, "userAgent": "kubectl/v1",
        "objectRef": {"resource": "secrets", "namespace": "shop", "name": "db", "apiVersion": "v1"},
        "responseStatus": {"code": code, "message": "secrets \"db\" is forbidden"}, "stageTimestamp": "2026-01-01T00:00:00.9Z"});
    for (key, value) in extra.as_object().into_iter().flatten() {
        entry[key] = value.clone();
    }
    entry.to_string().into_bytes()
}

#[test]
fn audit_entries_fold_to_writes_once_each_refused_ones_included() {
    let mut folder = folder();
    for line in [
        audit("1", "update", 200, json!({})),
        audit("1", "update", 200, json!({})),
        audit("2", "update", 200, json!({"stage": "RequestReceived"})),
        audit("3", "get", 200, json!({"stageTimestamp": "2026-01-01T00:10:00Z"})),
        audit("4", "patch", 403, json!({"impersonatedUser": {"username": "bob"}})),
        audit(
            "5",
            "create",
            201,
            json!({"objectRef": {"resource": "widgets", "namespace": "shop"},
            "responseObject": {"metadata": {"name": "w-1", "uid": "u", "resourceVersion": "9"}}}),
        ),
        audit(
            "6",
            "patch",
            200,
            json!({"objectRef": {"resource": "pods", "subresource": "status", "name": "p", "namespace": "shop"}}),
        ),
        audit("7", "create", 201, json!({"objectRef": {"resource": "subjectaccessreviews"}})),
    ] {
        folder.audit_line(&line).expect("an entry");
    }
    assert!(folder.audit_line(b"{\"hello\":1}").expect_err("no entry").skip);
    assert!(!folder.audit_line(b"7 {").expect_err("no JSON").skip);
    let mut snapshot = Part::merge(vec![folder.finish()]);
    snapshot.seal(None);
    let writes: Vec<_> = snapshot.audit.iter().map(|w| (&*w.object.name, &*w.verb, &*w.user, w.code)).collect();
    assert_eq!(writes.len(), 3);
    assert!(writes.contains(&("db", "update", "ann", 200)) && writes.contains(&("db", "patch", "bob", 403)));
    let created = snapshot.audit.iter().find(|w| &*w.object.name == "w-1").expect("the created object");
    assert_eq!((created.object.kind.name(), created.resource_version), ("widgets", Some(9)));
    assert!(snapshot.audit.iter().all(|w| w.manager.as_deref() == Some("kubectl-edit")));
    assert!(snapshot.audit.iter().all(|w| w.said.is_some() == (w.code == 403)));
    let coverage = &snapshot.coverage;
    assert!(coverage.audit && coverage.audit_writes == 3);
    assert_eq!(coverage.audit_until, Time::parse("2026-01-01T00:10:00Z"));
}

#[test]
fn equal_lines_of_a_log_are_one_hit_and_every_line_counts() {
    let mut folder = folder();
    let place = LogPlace { namespace: Some("shop".into()), pod: "cart".into(), container: None, previous: true };
    let failed = "tls: failed to verify certificate: x509: certificate signed by unknown authority";
    let log = format!(
        "2026-01-01T00:00:00Z starting\n2026-01-01T00:00:05Z Get \"https://vault:8200\": {failed}\n{}\n\n2026-01-01T00:00:09Z Get \"https://vault:8200\": {failed}\nlast line",
        "x".repeat(100_000)
    );
    folder.log(place, &mut log.as_bytes()).expect("read");
    let snapshot = Part::merge(vec![folder.finish()]);
    let log = &snapshot.logs[0];
    assert_eq!((log.lines, log.hits.len(), log.previous), (6, 1, true));
    let hit = &log.hits[0];
    assert_eq!((hit.count, hit.first_line, hit.last_line), (2, 2, 5));
    assert_eq!((hit.first, hit.last), (Time::parse("2026-01-01T00:00:05Z"), Time::parse("2026-01-01T00:00:09Z")));
    assert_eq!((log.first_at, log.last_at), (Time::parse("2026-01-01T00:00:00Z"), Time::parse("2026-01-01T00:00:09Z")));
    assert_eq!(snapshot.coverage.logs, 1);
}
