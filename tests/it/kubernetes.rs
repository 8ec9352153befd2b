//! The embedded definitions of Kubernetes' kinds: complete, shared between versions, and told apart where versions differ.

use chartgate::kubernetes::{Minor, Scalar, Shape, api_versions, embedded, kinds, known_in, newest, shape};

#[test]
fn every_version_has_the_kinds_that_it_was_published_with() {
    let counts: Vec<_> = (embedded().start().0..=newest().0).map(|minor| (minor, kinds(Minor(minor)).len())).collect();
    let published = [
        (25, 65),
        (26, 71),
        (27, 73),
        (28, 76),
        (29, 77),
        (30, 83),
        (31, 83),
        (32, 83),
        (33, 91),
        (34, 93),
        (35, 93),
        (36, 98),
        (37, 103),
    ];
    assert_eq!(counts, published);
}

#[test]
fn a_kind_is_known_from_its_first_to_its_last_version() {
    let shown = |api_version: &str, kind: &str| {
        let found = known_in(api_version, kind);
        found.iter().map(|minors| format!("{}-{}", minors.start(), minors.end())).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(shown("apps/v1", "Deployment"), "1.25-1.37");
    assert_eq!(shown("autoscaling/v2beta2", "HorizontalPodAutoscaler"), "1.25-1.25");
    assert_eq!(shown("flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema"), "1.26-1.31");
    assert_eq!(shown("example.com/v1", "Deployment"), "");
    assert_eq!(
        api_versions("FlowSchema", Minor(30)),
        ["flowcontrol.apiserver.k8s.io/v1", "flowcontrol.apiserver.k8s.io/v1beta3"]
    );
}

#[test]
fn fields_have_the_type_that_their_version_gives_them() {
    let deployment = |minor| shape("apps/v1", "Deployment", Minor(minor)).expect("a kind of every version");
    let pod = |minor| {
        ["spec", "template", "spec"]
            .into_iter()
            .fold(deployment(minor), |shape, key| shape.field(key).expect("a field"))
    };
    assert!(pod(25).field("resourceClaims").is_none());
    assert_eq!(pod(37).field("resourceClaims").and_then(Shape::list_keys), Some(vec!["name"]));
    assert_eq!(pod(37).field("hostNetwork").and_then(Shape::scalar), Some(Scalar::Boolean));
    assert_eq!(pod(37).field("restartPolicy").map(Shape::choices), Some(vec!["Always", "OnFailure", "Never"]));
    assert_eq!(pod(37).required().collect::<Vec<_>>(), ["containers"]);
    let ports = pod(37).field("containers").and_then(Shape::items).and_then(|one| one.field("ports")).expect("ports");
    assert_eq!(ports.list_keys(), Some(vec!["containerPort", "protocol"]));
    let port = ports.items().and_then(|port| port.field("containerPort")).expect("a port");
    assert_eq!((port.scalar(), port.range()), (Some(Scalar::Int32), Some((1, 65_535))));
    assert_eq!(pod(37).known_in("hostUsers").len(), 1);
}

#[test]
fn a_definition_that_contains_itself_is_followed_as_far_as_somebody_asks() {
    let crd = shape("apiextensions.k8s.io/v1", "CustomResourceDefinition", newest()).expect("a kind of every version");
    let spec =
        crd.field("spec").and_then(|spec| spec.field("versions")?.items()?.field("schema")?.field("openAPIV3Schema"));
    let mut schema = spec.expect("a schema");
    for _ in 0..1000 {
        schema = schema.field("properties").and_then(Shape::values).expect("schemas in schemas");
    }
    assert_eq!(schema.name(), Some("apiextensions.v1.JSONSchemaProps"));
}
