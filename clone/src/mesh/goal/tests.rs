use serde_json::json;

use super::*;

const VERSION: Version = Version::new(20, 2);

fn place() -> Place {
    Place { namespace: "ns".to_owned(), name: "it".to_owned() }
}

/// Compares a goal with an object named `it`.
fn check(goal: &Goal, mut object: Value) -> Result<(), String> {
    object["metadata"]["name"] = "it".into();
    let seen = Seen::of(Vec::new(), [(goal.query(VERSION).unwrap(), vec![object])]);
    goal.check(&seen, VERSION).map_err(|unmet| {
        let sign = match unmet.chance {
            Chance::None => "! ",
            Chance::Poor => "? ",
            Chance::Good => "",
        };
        // Below it is what to do.
        format!("{sign}{}", unmet.reason.lines().next().unwrap())
    })
}

#[test]
fn the_status_of_an_object_says_whether_it_is_there() {
    let condition =
        |kind: &str, status: &str| json!({"type": kind, "status": status, "reason": "Why", "message": "so"});
    let with = |conditions: Value| json!({"status": {"conditions": conditions}});
    let deployment = |generation: u64, updated: u64, available: u64| {
        json!({"metadata": {"generation": generation}, "spec": {"replicas": 2},
               "status": {"observedGeneration": 1, "updatedReplicas": updated, "availableReplicas": available}})
    };
    let mut refused = deployment(1, 0, 0);
    refused["status"]["conditions"] = json!([condition("ReplicaFailure", "True")]);
    let mut unready = refused.clone();
    unready["status"]["conditions"][0]["message"] = "failed calling webhook \"a\"".into();
    let wanted = Condition {
        kind: "gateways".parse().unwrap(),
        name: "it".parse().unwrap(),
        namespace: None,
        condition: "Ready".to_owned(),
    };
    let (crd, wanted) = (Goal::Crd("it".to_owned()), Goal::Condition(wanted));
    let (deployed, spread, job) = (Goal::Deployment(place()), Goal::DaemonSet(place()), Goal::Job(place()));
    for (goal, object, expected) in [
        (&crd, with(json!([condition("Established", "True")])), None),
        (&crd, json!({}), Some("the definition it is not established")),
        (
            &crd,
            with(json!([condition("Established", "False"), condition("NamesAccepted", "False")])),
            Some("? the definition it is not established: NamesAccepted is False: Why: so"),
        ),
        (
            &crd,
            with(json!([condition("Established", "False"), condition("NamesAccepted", "True")])),
            Some("the definition it is not established: Established is False: Why: so"),
        ),
        (&deployed, deployment(1, 2, 2), None),
        (&deployed, deployment(1, 2, 1), Some("Deployment it has 1 of 2 replicas available")),
        (&deployed, deployment(2, 2, 2), Some("Deployment it was not looked at by its controller yet")),
        (&deployed, refused, Some("? Deployment it cannot make its pods: Why: so")),
        (&deployed, unready, Some("Deployment it cannot make its pods: Why: failed calling webhook \"a\"")),
        (&spread, json!({"status": {"desiredNumberScheduled": 0}}), None),
        (
            &spread,
            json!({"status": {"desiredNumberScheduled": 3, "updatedNumberScheduled": 3, "numberReady": 2}}),
            Some("DaemonSet it is ready on 2 of 3 nodes"),
        ),
        (&job, with(json!([condition("Complete", "True")])), None),
        (&job, json!({"status": {"active": 1}}), Some("Job it is not complete")),
        (&job, with(json!([condition("Failed", "True")])), Some("! Job it has failed: Why: so")),
        (&wanted, with(json!([condition("Ready", "True")])), None),
        (&wanted, with(json!([condition("Ready", "False")])), Some("gateways it: Ready is False: Why: so")),
        (&wanted, json!({}), Some("gateways it does not say yet whether it is Ready")),
    ] {
        assert_eq!(check(goal, object.clone()).err().as_deref(), expected, "{goal:?} {object}");
    }
}

#[test]
fn what_does_not_get_better_by_itself_comes_with_what_to_do() {
    let with = |kind: &str, status: &str| {
        let conditions = json!([{"type": kind, "status": status}]);
        json!({"metadata": {"name": "it"}, "status": {"conditions": conditions}})
    };
    for (goal, object, expected) in [
        (Goal::Job(place()), with("Failed", "True"), "delete it: clone kubectl -- -n ns delete job it; then: clone up"),
        (
            Goal::Crd("it".to_owned()),
            with("NamesAccepted", "False"),
            "clone kubectl -- delete crd NAME; then: clone up",
        ),
    ] {
        let seen = Seen::of(Vec::new(), [(goal.query(VERSION).unwrap(), vec![object])]);
        let reason = goal.check(&seen, VERSION).unwrap_err().reason;
        assert!(reason.ends_with(expected), "{reason}");
    }
}

#[test]
fn what_is_about_to_go_is_not_there() {
    for (goal, is_missing) in [
        (Goal::Crd("it".to_owned()), true),
        (Goal::Deployment(place()), true),
        (Goal::DaemonSet(place()), true),
        (Goal::Job(place()), false),
    ] {
        let condition = |kind: &str| json!({"type": kind, "status": "True"});
        let conditions = json!([condition("Established"), condition("Complete")]);
        let metadata = json!({"name": "it", "deletionTimestamp": "2026-01-31T12:00:00Z"});
        let status = json!({"conditions": conditions, "updatedReplicas": 1, "availableReplicas": 1});
        let seen = |objects: Vec<Value>| Seen::of(Vec::new(), [(goal.query(VERSION).unwrap(), objects)]);
        let going = seen(vec![json!({"metadata": metadata, "status": status})]);
        let unmet = goal.check(&going, VERSION).unwrap_err();
        assert_eq!((unmet.reason, unmet.chance), (format!("{goal} is about to go"), Chance::Good));
        assert!(!goal.is_missing(&going, VERSION));
        assert_eq!(goal.is_missing(&seen(Vec::new()), VERSION), is_missing, "{goal}");
    }
}

#[test]
fn what_is_not_there_is_waited_for_except_for_a_job() {
    let nothing = Seen::of(Vec::new(), []);
    for goal in [Goal::Crd("it".to_owned()), Goal::Deployment(place()), Goal::DaemonSet(place())] {
        let unmet = goal.check(&nothing, VERSION).unwrap_err();
        assert!(unmet.reason.ends_with("it is not there") && unmet.chance == Chance::Good, "{unmet:?}");
    }
    assert_eq!(Goal::Job(place()).check(&nothing, VERSION), Ok(()));
}

#[test]
fn pods_are_counted_and_so_are_their_containers() {
    let pod = |name: &str, containers: usize, is_ready: bool| -> Pod {
        let all: Vec<_> = (0..containers).map(|n| json!({"name": format!("c{n}"), "image": "i"})).collect();
        let one = |n: usize| json!({"name": format!("c{n}"), "ready": is_ready, "restartCount": 0});
        let status = json!({
            "phase": if is_ready { "Running" } else { "Pending" },
            "conditions": [{"type": "Ready", "status": if is_ready { "True" } else { "False" }}],
            "containerStatuses": (0..containers).map(one).collect::<Vec<_>>(),
        });
        let metadata = json!({"name": name, "namespace": "default", "labels": {"app": "shop"}});
        serde_json::from_value(json!({"metadata": metadata, "spec": {"containers": all}, "status": status})).unwrap()
    };
    let labels = |value: &str| [("app".to_owned(), value.to_owned())].into();
    let wanted =
        |value, containers| Pods { namespace: "default".parse().unwrap(), labels: labels(value), count: 2, containers };
    let check = |wanted: Pods, pods: Vec<Pod>| {
        let unmet = Goal::Pods(wanted).check(&Seen::of(pods, []), VERSION).err();
        unmet.map(|unmet| (unmet.reason.lines().next().unwrap().to_owned(), unmet.chance))
    };
    let said = |text: &str, chance| Some((text.to_owned(), chance));
    let both = || vec![pod("a", 2, true), pod("b", 2, true)];
    assert_eq!(check(wanted("shop", Some(2)), both()), None);
    assert_eq!(check(wanted("shop", None), both()), None);
    assert_eq!(check(wanted("other", None), both()), said("0 of 2 pods in default are ready", Chance::Good));
    let with = |other: Pod| [both(), vec![other]].concat();
    assert_eq!(check(wanted("shop", Some(2)), with(pod("another", 1, true))), None);
    assert_eq!(
        check(wanted("shop", Some(2)), vec![pod("a", 2, true), pod("b", 2, false)]),
        said("1 of 2 pods in default are ready: pod b is Pending (0/2)", Chance::Good)
    );
    assert_eq!(
        check(wanted("shop", Some(2)), vec![pod("a", 1, true)]),
        said("0 of 2 pods in default are ready", Chance::Good)
    );
    assert_eq!(
        check(wanted("shop", Some(2)), vec![pod("a", 1, true), pod("b", 2, true)]),
        said("pod a in default has 1 of 2 containers", Chance::Poor)
    );
}

#[test]
fn a_proxy_that_is_started_before_the_others_is_a_container_like_them() {
    let pod = |with: bool| -> Pod {
        let container = |name: &str| json!({"name": name, "restartPolicy": if with { "Always" } else { "Never" }});
        let status = |name: &str| json!({"name": name, "ready": true, "restartCount": 0});
        let spec = json!({"containers": [{"name": "own"}], "initContainers": [container("proxy")]});
        let status = json!({
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": "True"}],
            "initContainerStatuses": [status("proxy")],
            "containerStatuses": [status("own")],
        });
        let metadata = json!({"name": "web", "namespace": "default"});
        serde_json::from_value(json!({"metadata": metadata, "spec": spec, "status": status})).unwrap()
    };
    let pods = Pods { namespace: "default".parse().unwrap(), labels: [].into(), count: 1, containers: Some(2) };
    let check = |pod: Pod| Goal::Pods(pods.clone()).check(&Seen::of(vec![pod], []), VERSION);
    assert_eq!(check(pod(true)), Ok(()));
    let reason = check(pod(false)).unwrap_err().reason;
    assert!(reason.starts_with("pod web in default has 1 of 2 containers"), "{reason}");
}

#[test]
fn an_object_needs_the_pods_that_it_selects_and_no_others() {
    let pod = |name: &str, namespace: &str, app: &str| -> Pod {
        let metadata = json!({"name": name, "namespace": namespace, "labels": {"app": app, "hash": "1"}});
        serde_json::from_value(json!({"metadata": metadata, "spec": {}, "status": {"phase": "Pending"}})).unwrap()
    };
    let pods = vec![pod("its", "ns", "it"), pod("other", "ns", "other"), pod("elsewhere", "default", "it")];
    let object = json!({"metadata": {"name": "it"}, "spec": {"selector": {"matchLabels": {"app": "it"}}}});
    let goal = Goal::Deployment(place());
    let seen = Seen::of(pods, [(goal.query(VERSION).unwrap(), vec![object])]);
    let names = |goal: &Goal| goal.pods(&seen, VERSION).iter().map(|pod| pod.metadata.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&goal), ["its"]);
    assert_eq!(names(&Goal::Job(place())), [""; 0]);
    let all = Pods { namespace: "ns".parse().unwrap(), labels: [].into(), count: 1, containers: None };
    assert_eq!(names(&Goal::Pods(all.clone())), [""; 0]);
    let others = Pods { labels: [("app".to_owned(), "other".to_owned())].into(), ..all };
    assert_eq!(names(&Goal::Pods(others)), ["other"]);
}

#[test]
fn what_is_waited_for_are_the_objects_of_the_group() {
    let object = |kind: &str, name: &str| Object {
        kind: kind.to_owned(),
        namespace: "ns".to_owned(),
        name: name.to_owned(),
        memory_bytes: 0,
        containers: Vec::new(),
    };
    let objects = [object("CustomResourceDefinition", "c"), object("Deployment", "it"), object("Job", "it")];
    let group = |wait| Group {
        name: "g".parse().unwrap(),
        namespace: None,
        namespaces: Vec::new(),
        manifests: Vec::new(),
        wait,
    };
    assert_eq!(goals(&group(vec![]), &objects), []);
    assert_eq!(
        goals(&group(vec![Wait::Jobs, Wait::Crds, Wait::DaemonSets, Wait::Deployments]), &objects),
        [Goal::Job(place()), Goal::Crd("c".to_owned()), Goal::Deployment(place())]
    );
}
