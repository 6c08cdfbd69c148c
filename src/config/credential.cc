#include "base/strings.h"
#include "config/container_types.h"
#include "config/describe.h"
#include "config/header_types.h"
#include "config/object_type.h"
#include "config/scalar_types.h"

namespace linkspan::config {
namespace {

void check_basic(BasicCredential& basic, const ObjectView& view) {
  // RFC 7617 section 2: the first colon ends the user name.
  if (basic.username.find(':') != std::string::npos) view.problem("username", "cannot hold a colon");
}

void check_credential(CredentialConfig& credential, const ObjectView& view) {
  int given = 0;
  for (std::string_view kind : {"header", "api_key", "bearer", "basic"}) given += view.given(kind) ? 1 : 0;
  if (given == 0 && !view.has_unknown_keys()) view.problem("needs one of header, api_key, bearer or basic");
  if (given > 1) view.problem("has several of header, api_key, bearer and basic; one is needed");
  if (view.given("header") && view.ok("header") && credential.header.empty()) {
    view.problem("header", "needs at least one header");
  }
}

Typed<ApiKeyCredential> api_key_type() {
  return object<ApiKeyCredential>("An API key in a header field.")
      .field("header", &ApiKeyCredential::header, header_name(), "The header field that carries the key.")
      .field("value", &ApiKeyCredential::value, secret(), "The key.")
      .required()
      .done();
}

Typed<BasicCredential> basic_type() {
  return object<BasicCredential>("User name and password (RFC 7617).")
      .field("username", &BasicCredential::username, text(), "The user name, without a colon.")
      .required()
      .field("password", &BasicCredential::password, secret(), "The password.")
      .required()
      .check<check_basic>()
      .done();
}

}  // namespace

Typed<CredentialConfig> credential_type() {
  return object<CredentialConfig>(
             "How Linkspan proves itself to another system; exactly one of the four keys. Best written with "
             "references, "
             "as in `bearer: ${env:CRM_TOKEN}`.")
      .field("header", &CredentialConfig::header, secret_header_map(), "Header fields with fixed values.")
      .field("api_key", &CredentialConfig::api_key, optional(api_key_type()), "An API key in a header field.")
      .field("bearer", &CredentialConfig::bearer, optional(secret()), "A bearer token (RFC 6750).")
      .field("basic", &CredentialConfig::basic, optional(basic_type()), "User name and password (RFC 7617).")
      .check<check_credential>()
      .done();
}

std::vector<SecretHeader> credential_headers(const CredentialConfig& credential) {
  if (credential.api_key) return {{credential.api_key->header, credential.api_key->value}};
  if (credential.bearer) return {{"Authorization", Secret("Bearer " + credential.bearer->reveal())}};
  if (credential.basic) {
    const std::string pair = credential.basic->username + ":" + credential.basic->password.reveal();
    return {{"Authorization", Secret("Basic " + encode_base64(as_bytes(pair)))}};
  }
  return credential.header;
}

}  // namespace linkspan::config
