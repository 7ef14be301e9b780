//! What can be told without a provider; `tests/access` has one.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use uuid::Uuid;

use super::claims::identity;
use super::keys::{KeySet, KeysError};
use super::verify::{claims, header};
use crate::access::{Areas, Refusal, Role};
use crate::config::{AccessSettings, Config, ServerSettings, TokenAccess};
use crate::model::GridId;

/// The public keys of RFC 7515, A.3 and RFC 8037, A.2.
const P256: [&str; 2] =
    ["f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"];
const ED25519: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
/// What RFC 7515, A.3 signs with the first.
const SIGNED: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
    DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

fn access() -> TokenAccess {
    let access = AccessSettings {
        oidc_issuer: Some("joe".into()),
        oidc_audience: Some("gewu".into()),
        oidc_key_file: Some("keys.json".into()),
        oidc_roles_claim: Some("realm_access.roles".into()),
        ..AccessSettings::default()
    };
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("gewu.toml");
    std::fs::write(&file, "").unwrap();
    let server = ServerSettings { access, ..ServerSettings::default() };
    Config::load(Some(&file), Default::default(), server).unwrap().access.tokens.unwrap()
}

fn set(keys: &Value) -> Result<KeySet, KeysError> {
    KeySet::of_set(json!({ "keys": keys }).to_string().as_bytes())
}

fn token(head: &Value) -> String {
    format!("{}.e30.AA", URL_SAFE_NO_PAD.encode(head.to_string()))
}

fn curve(more: Value) -> Value {
    let mut key = json!({"kty": "EC", "crv": "P-256", "x": P256[0], "y": P256[1]});
    key.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    key
}

#[test]
fn of_a_set_only_keys_that_sign_in_a_way_that_is_taken_are_kept() {
    let all = json!([
        curve(json!({"kid": "a", "use": "sig", "alg": "ES256"})),
        {"kty": "OKP", "crv": "Ed25519", "kid": "b", "x": ED25519},
        curve(json!({"use": "enc"})),
        curve(json!({"alg": "ES384"})),
        curve(json!({"crv": "P-384"})),
        curve(json!({"x": "AQAB"})),
        {"kty": "oct", "k": "c2VjcmV0", "kid": "c", "alg": "HS256"},
        {"kty": "RSA", "n": URL_SAFE_NO_PAD.encode([255; 128]), "e": "AQAB", "kid": "d"},
        {"kty": "OKP", "crv": "X25519", "x": ED25519},
        {"kty": "new"},
        7,
    ]);
    let keys = set(&all).unwrap();
    assert_eq!(keys.len(), 2);
    let asked = |head: Value| keys.has(&header(&token(&head)).unwrap());
    assert!(asked(json!({"alg": "ES256", "kid": "a"})) && asked(json!({"alg": "EdDSA", "kid": "b"})));
    // The kind of a key decides, not what the token says of it.
    assert!(!asked(json!({"alg": "RS256", "kid": "a"})) && !asked(json!({"alg": "ES256", "kid": "b"})));
    assert!(asked(json!({"alg": "ES256"})) && !asked(json!({"alg": "ES256", "kid": "z"})));
    assert!(keys.is(&set(&all).unwrap()) && !keys.is(&set(&json!([])).unwrap()));
    assert!(matches!(set(&json!(vec![7; 65])), Err(KeysError::Many)));
    assert!(KeySet::of_set(b"<html>").is_err());
}

#[test]
fn a_file_has_public_keys_or_is_refused() {
    let private = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIHBx\n-----END PRIVATE KEY-----\n";
    assert!(matches!(KeySet::of_file(private.as_bytes()), Err(KeysError::Private)));
    // The second in SubjectPublicKeyInfo: a fixed head before the 32 bytes (RFC 8410, 10.1).
    let mut key = vec![0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    key.extend(URL_SAFE_NO_PAD.decode(ED25519).unwrap());
    let text = base64::prelude::BASE64_STANDARD.encode(key);
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n");
    let twice = KeySet::of_file(format!("# ours\n{pem}{pem}").as_bytes()).unwrap();
    assert_eq!(twice.len(), 2);
    assert!(twice.has(&header(&token(&json!({"alg": "EdDSA", "kid": "any"}))).unwrap()));
    assert!(matches!(KeySet::of_file(b"{\"keys\": []}"), Err(KeysError::None)));
    assert!(matches!(KeySet::of_file(b"nothing"), Err(KeysError::None)));
    let broken = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n";
    assert!(matches!(KeySet::of_file(broken.as_bytes()), Err(KeysError::Pem)));
}

#[test]
fn a_header_that_asks_for_anything_else_is_refused() {
    for algorithm in ["none", "None", "NONE", "HS256", "HS512", "RS384", "PS256", "ES384", "", "es256"] {
        assert_eq!(
            header(&token(&json!({"alg": algorithm}))).unwrap_err(),
            Refusal::Algorithm,
            "{algorithm}"
        );
    }
    for wrong in
        [json!({}), json!({"alg": 1}), json!([]), json!({"alg": "ES256", "crit": ["b64"], "b64": false})]
    {
        assert_eq!(header(&token(&wrong)).unwrap_err(), Refusal::Malformed, "{wrong}");
    }
    for wrong in ["", "a", "a.b", "a.b.c.d", "..", "é.é.é", "e30", "e30.e30.e30.e30.e30"] {
        assert_eq!(header(wrong).unwrap_err(), Refusal::Malformed, "{wrong}");
    }
}

#[test]
fn the_signature_comes_before_what_it_signs() {
    let keys = set(&json!([curve(json!({"kid": "a"}))])).unwrap();
    let asked = |token: &str| claims(token, &header(token).unwrap(), &keys, &access()).unwrap_err();
    // The example of the RFC is signed well; it names neither audience nor subject.
    assert!(matches!(asked(SIGNED), Refusal::Claim(_)));
    let forged = SIGNED.replace("eyJpc3MiOiJqb2Ui", "eyJpc3MiOiJqb2Uj");
    assert_eq!(asked(&forged), Refusal::Signature);
    let other = set(&json!([{"kty": "OKP", "crv": "Ed25519", "kid": "a", "x": ED25519}])).unwrap();
    let refusal = claims(SIGNED, &header(SIGNED).unwrap(), &other, &access()).unwrap_err();
    assert_eq!(refusal, Refusal::UnknownKey);
}

#[test]
fn claims_become_roles_and_areas_and_what_is_not_known_opens_nothing() {
    let dali = GridId(Uuid::from_u128(1));
    let find = |name: &str| (name == "532901" || name == dali.0.to_string()).then_some(dali);
    let read = |more: Value| {
        let mut all = json!({"sub": "u1", "exp": 4_000_000_000_i64});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        identity(all.as_object().unwrap(), &access(), &find)
    };
    let roles = |claim: Value| -> Vec<Role> {
        read(json!({"realm_access": {"roles": claim}})).unwrap().roles.iter().collect()
    };
    assert_eq!(roles(json!(["worker", "root", 7])), [Role::Public, Role::Worker]);
    assert_eq!(
        roles(json!("analyst auditor,admin")),
        [Role::Public, Role::Analyst, Role::Auditor, Role::Admin]
    );
    assert_eq!(roles(json!({"admin": true})), [Role::Public]);
    // A claim of that very name goes before the path.
    let named =
        read(json!({"realm_access.roles": ["worker"], "realm_access": {"roles": ["admin"]}})).unwrap();
    assert!(named.roles.has(Role::Worker) && !named.roles.has(Role::Admin));

    let areas = |claim: Value| read(json!({"gewu_areas": claim})).unwrap().areas;
    assert_eq!(areas(json!(["532901", dali.0.to_string(), "999999"])), Areas::below([dali]));
    assert_eq!(areas(json!("532901")), Areas::below([dali]));
    assert_eq!((areas(json!("*")), areas(json!(["999999"]))), (Areas::All, Areas::none()));
    assert_eq!(read(json!({})).unwrap().areas, Areas::none());

    let worker = read(json!({"gewu_worker": dali.0.to_string()})).unwrap().worker;
    assert_eq!(worker.map(|worker| worker.0), Some(dali.0));
    for wrong in [
        json!({"gewu_worker": "张伟"}),
        json!({"sub": ""}),
        json!({"sub": 7}),
        json!({"exp": "soon"}),
        json!({"exp": 1e300}),
    ] {
        assert!(matches!(read(wrong.clone()), Err(Refusal::Claim(_))), "{wrong}");
    }
}
