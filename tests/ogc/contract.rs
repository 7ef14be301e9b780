//! The API is what its document says: schemathesis makes requests out of it, good ones and bad ones, and holds the answers against it.

use crate::python;
use crate::world::World;

/// Fails by itself; the rest is what the standards' tests look at.
const CHECKS: &str =
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

#[test]
fn no_request_made_from_the_document_gets_a_server_error_or_an_answer_that_it_does_not_tell_of() {
    // One of its own: some requests write.
    let world = World::start(Default::default());
    let mut command = python::command(&python::with(&["schemathesis==4.32.5"]));
    command.args(["-m", "schemathesis.cli", "run"]).arg(world.url("/openapi.json"));
    // What never ends cannot be waited for.
    command.args([
        "--exclude-path",
        "/v1/events",
        "--checks",
        CHECKS,
        "--phases",
        "examples,coverage,fuzzing",
    ]);
    command.args([
        "--max-examples",
        "15",
        "--seed",
        "1",
        "--generation-deterministic",
        "--request-timeout",
        "30",
    ]);
    command.args([
        "--suppress-health-check",
        "all",
        "--continue-on-failure",
        "--no-color",
        "--warnings",
        "off",
    ]);
    command.env("SCHEMATHESIS_HOOKS", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ogc/hooks.py"));
    let output = command.current_dir(env!("CARGO_TARGET_TMPDIR")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("No issues found"), "{said}");
    assert_eq!(world.get("/readyz").status, 200);
}
