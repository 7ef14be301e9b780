use super::*;
use crate::access::Means;
use crate::model::GridId;
use uuid::Uuid;

fn identity(roles: &[Role], areas: Areas) -> Identity {
    let roles = roles.iter().copied().collect();
    Identity { subject: "s".into(), means: Means::Token, roles, areas, worker: None, until: None }
}

fn area() -> Areas {
    Areas::below([GridId(Uuid::from_u128(1))])
}

/// What DOMAIN.md, section 6, says, row by row: field, role, has a purpose, within the areas, sight.
#[test]
fn the_policy_of_the_program_says_what_the_domain_says() {
    use PersonalField::{PersonName, PersonPhone, PersonPosition, PersonTags, WorkerName, WorkerPhone};
    let expected = [
        (PersonName, Role::Worker, false, true, Sight::Clear),
        (PersonName, Role::Worker, false, false, Sight::Never),
        (PersonName, Role::GridOffice, false, true, Sight::Masked),
        (PersonPhone, Role::GridOffice, false, true, Sight::Masked),
        (PersonName, Role::Analyst, true, true, Sight::Never),
        (PersonName, Role::Admin, true, true, Sight::Never),
        (PersonName, Role::Auditor, true, true, Sight::Never),
        (PersonName, Role::Public, true, true, Sight::Never),
        (PersonPosition, Role::Analyst, false, true, Sight::Aggregate),
        (PersonPosition, Role::Worker, false, false, Sight::Aggregate),
        (PersonTags, Role::Worker, false, true, Sight::Never),
        (PersonTags, Role::Worker, true, true, Sight::Clear),
        (PersonTags, Role::Worker, true, false, Sight::Never),
        (WorkerName, Role::Public, false, true, Sight::Masked),
        (WorkerPhone, Role::Integrator, false, true, Sight::Masked),
        (WorkerName, Role::GridOffice, false, true, Sight::Clear),
        (WorkerName, Role::GridOffice, false, false, Sight::Masked),
    ];
    let purpose = Purpose::of("duty", &["duty".to_owned()]).unwrap();
    for (field, role, has_purpose, within, sight) in expected {
        let sights = Policy::embedded().sights(&identity(&[role], area()), has_purpose.then_some(&purpose));
        assert_eq!(sights.of(field, || within), sight, "{field:?} {role:?} {has_purpose} {within}");
    }
}

#[test]
fn the_best_of_several_roles_counts() {
    let roles = [Role::Analyst, Role::GridOffice, Role::Worker];
    let sights = Policy::embedded().sights(&identity(&roles, area()), None);
    assert_eq!(sights.of(PersonalField::PersonName, || true), Sight::Clear);
}

#[test]
fn whoever_has_all_areas_is_within_everywhere_and_nothing_is_asked_where_it_does_not_matter() {
    let sights = Policy::embedded().sights(&identity(&[Role::Worker], Areas::All), None);
    assert_eq!(
        sights.of(PersonalField::PersonName, || panic!("all areas are known to hold it")),
        Sight::Clear
    );
    let sights = Policy::embedded().sights(&identity(&[Role::Public], area()), None);
    assert_eq!(sights.of(PersonalField::WorkerName, || panic!("it is the same everywhere")), Sight::Masked);
}

#[test]
fn a_deployment_may_publish_its_workers_and_never_its_residents() {
    let own = "[workers]\nname = { everybody = \"visible\" }\nphone = { everybody = \"visible\" }";
    let policy = Policy::read("own.toml", own).unwrap();
    let sights = policy.sights(&identity(&[Role::Public], Areas::none()), None);
    assert_eq!(sights.of(PersonalField::WorkerPhone, || false), Sight::Clear);
    // What is not named is never, also what the policy of the program names.
    let worker = policy.sights(&identity(&[Role::Worker], Areas::All), None);
    assert_eq!(worker.of(PersonalField::PersonName, || true), Sight::Never);
    for rule in ["everybody = \"visible\"", "everybody = \"masked\"", "public = \"visible\""] {
        let told =
            Policy::read("own.toml", &format!("[people]\nname = {{ {rule} }}")).unwrap_err().to_string();
        assert!(told.contains("counts only"), "{told}");
    }
}

#[test]
fn a_word_that_means_nothing_is_refused_with_what_there_is() {
    for (text, told) in [
        (
            "[people]\nfaith = { worker = \"visible\" }",
            "there is no field people.faith; there are: workers.name",
        ),
        (
            "[people]\nname = { boss = \"visible\" }",
            "there is no role \"boss\"; there are everybody, break_glass, public",
        ),
        ("[people]\nname = { worker = \"seen\" }", "give never, aggregate, masked or visible"),
        ("[people]\nname = \"visible\"", "write it as"),
        ("[people]\nname = { worker = \"visible\", purpose = 1 }", "purpose is true or false"),
        ("people = 1", "no table"),
        ("[people", "own.toml"),
    ] {
        let error = Policy::read("own.toml", text).unwrap_err().to_string();
        assert!(error.contains(told), "{text}: {error}");
    }
}

#[test]
fn an_explanation_names_the_sight_and_the_lines_that_lead_to_it() {
    let explained = Policy::embedded().explain(
        &identity(&[Role::Worker, Role::Analyst], area()),
        None,
        PersonalField::PersonTags,
    );
    let told = explained.to_string();
    for line in [
        "people.tags",
        "in the areas of the caller: never",
        "worker: visible",
        "analyst: is not named",
        "so never",
    ] {
        assert!(told.contains(line), "{told}");
    }
}
