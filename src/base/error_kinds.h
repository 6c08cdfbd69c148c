// The error catalogue: every slug that Linkspan can show to a caller, in a log or on a command line.
// Each kind has a section in docs/errors.md (a test compares the two lists), which `linkspan help SLUG`
// prints. A room adds its kinds here, in its group, sorted as they would be met.
#pragma once

#include "base/error.h"

namespace linkspan::errors {

using enum ErrorSource;

// clang-format off
#define LINKSPAN_ERROR_KINDS(X)                                                                                        \
  /* The request as received (http) */                                                                                 \
  X(bad_request,                "bad-request",                400, client,   false, "Malformed request")               \
  X(request_line_invalid,       "request-line-invalid",       400, client,   false, "Malformed request line")          \
  X(method_invalid,             "method-invalid",             400, client,   false, "Malformed method")                \
  X(target_invalid,             "target-invalid",             400, client,   false, "Malformed request target")        \
  X(header_invalid,             "header-invalid",             400, client,   false, "Malformed header field")          \
  X(host_invalid,               "host-invalid",               400, client,   false, "Missing, repeated or malformed Host") \
  X(framing_ambiguous,          "framing-ambiguous",          400, client,   false, "Ambiguous message length")        \
  X(chunk_invalid,              "chunk-invalid",              400, client,   false, "Malformed chunked body")          \
  X(body_incomplete,            "body-incomplete",            400, client,   false, "Body ended early")                \
  X(method_not_implemented,     "method-not-implemented",     501, client,   false, "Method not supported")            \
  X(coding_not_implemented,     "coding-not-implemented",     501, client,   false, "Transfer coding not supported")   \
  X(version_not_supported,      "version-not-supported",      505, client,   false, "HTTP version not supported")      \
  X(target_too_long,            "target-too-long",            414, client,   false, "Request target too long")         \
  X(headers_too_large,          "headers-too-large",          431, client,   false, "Header fields too large")         \
  X(body_too_large,             "body-too-large",             413, client,   false, "Body too large")                  \
  X(expectation_failed,         "expectation-failed",         417, client,   false, "Expectation not supported")       \
  X(request_timeout,            "request-timeout",            408, client,   true,  "Request not received in time")    \
  X(client_closed,              "client-closed",              0,   client,   true,  "Client gone before its answer")   \
  X(proxy_protocol_invalid,     "proxy-protocol-invalid",     0,   client,   false, "Malformed PROXY protocol header") \
  X(tls_handshake_failed,       "tls-handshake-failed",       0,   client,   false, "TLS handshake failed")            \
  /* Routing and policies (gateway, auth) */                                                                           \
  X(endpoint_not_found,         "endpoint-not-found",         404, client,   false, "No such endpoint")                \
  X(method_not_allowed,         "method-not-allowed",         405, client,   false, "Method not allowed")              \
  X(credentials_missing,        "credentials-missing",        401, client,   false, "Credentials required")            \
  X(credentials_invalid,        "credentials-invalid",        401, client,   false, "Credentials not accepted")        \
  X(media_type_unsupported,     "media-type-unsupported",     415, client,   false, "Media type not supported")        \
  X(input_invalid,              "input-invalid",              422, client,   false, "Not the input that is expected")  \
  X(origin_refused,             "origin-refused",             403, client,   false, "Not for pages of other sites")    \
  X(rate_limited,               "rate-limited",               429, client,   true,  "Too many requests")               \
  X(overloaded,                 "overloaded",                 503, linkspan, true,  "Over capacity")                   \
  X(out_of_sockets,             "out-of-sockets",             503, linkspan, true,  "No socket for another connection") \
  X(request_loop,               "request-loop",               508, client,   false, "Request goes in circles")         \
  X(internal_error,             "internal-error",             500, linkspan, false, "Internal error")                  \
  /* Talking to other systems (upstream) */                                                                            \
  X(upstream_none_available,    "upstream-none-available",    503, upstream, true,  "No server is available")          \
  X(upstream_rate_reached,      "upstream-rate-reached",      503, upstream, true,  "The system takes no more now")    \
  X(upstream_dns_failed,        "upstream-dns-failed",        502, upstream, true,  "Server name not resolved")        \
  X(upstream_connect_refused,   "upstream-connect-refused",   502, upstream, true,  "Server refused the connection")   \
  X(upstream_connect_failed,    "upstream-connect-failed",    502, upstream, true,  "Server not reachable")            \
  X(upstream_timeout_connect,   "upstream-timeout-connect",   504, upstream, true,  "Connecting took too long")        \
  X(upstream_tls_failed,        "upstream-tls-failed",        502, upstream, false, "TLS with the server failed")      \
  X(upstream_reset,             "upstream-reset",             502, upstream, true,  "Server closed the connection")    \
  X(upstream_bad_response,      "upstream-bad-response",      502, upstream, false, "Server answered with invalid HTTP") \
  X(upstream_incomplete,        "upstream-incomplete",        502, upstream, false, "Server's answer ended early")     \
  X(upstream_timeout_first_byte,"upstream-timeout-first-byte",504, upstream, true,  "Server did not answer in time")   \
  X(upstream_timeout_idle,      "upstream-timeout-idle",      504, upstream, false, "Server stopped in mid-answer")     \
  X(upstream_timeout_total,     "upstream-timeout-total",     504, upstream, true,  "The exchange took too long")      \
  /* Data that is read or mapped (data) */                                                                             \
  X(json_invalid,               "json-invalid",               400, client,   false, "Malformed JSON")                  \
  X(json_too_large,             "json-too-large",             413, client,   false, "JSON past a limit")               \
  X(json_pointer_invalid,       "json-pointer-invalid",       400, client,   false, "Malformed JSON Pointer")          \
  X(json_patch_invalid,         "json-patch-invalid",         400, client,   false, "Malformed JSON Patch")            \
  X(json_patch_failed,          "json-patch-failed",          409, client,   false, "JSON Patch does not apply")       \
  X(xml_invalid,                "xml-invalid",                400, client,   false, "Malformed XML")                   \
  X(xml_too_large,              "xml-too-large",              413, client,   false, "XML past a limit")                \
  X(xml_mismatch,               "xml-mismatch",               422, client,   false, "XML of another kind")             \
  X(xml_unwritable,             "xml-unwritable",             500, linkspan, false, "A value has no XML form")         \
  X(xml_schema_invalid,         "xml-schema-invalid",         0,   client,   false, "XML object of a schema not usable") \
  X(soap_invalid,               "soap-invalid",               400, client,   false, "Not a SOAP envelope")             \
  X(soap_fault,                 "soap-fault",                 500, upstream, false, "The server answered with a SOAP fault") \
  X(jq_invalid,                 "jq-invalid",                 0,   client,   false, "Not a jq program")                \
  X(jq_failed,                  "jq-failed",                  500, linkspan, false, "A jq program failed")             \
  X(jq_limit_exceeded,          "jq-limit-exceeded",          500, linkspan, false, "A jq program went past a limit")  \
  X(csv_invalid,                "csv-invalid",                400, client,   false, "Malformed CSV")                   \
  X(csv_too_large,              "csv-too-large",              413, client,   false, "CSV past a limit")                \
  X(csv_unwritable,             "csv-unwritable",             500, linkspan, false, "Not to be written as CSV")        \
  X(form_invalid,               "form-invalid",               400, client,   false, "Malformed form data")             \
  X(form_too_large,             "form-too-large",             413, client,   false, "Form data past a limit")          \
  X(form_unwritable,            "form-unwritable",            500, linkspan, false, "Not to be written as form data")  \
  X(schema_invalid,             "schema-invalid",             0,   client,   false, "Not a usable JSON Schema")        \
  X(schema_reference_unresolved,"schema-reference-unresolved",0,   client,   false, "A schema reference leads nowhere") \
  /* Descriptions of APIs (catalog) */                                                                                 \
  X(api_unreadable,             "api-unreadable",             0,   client,   false, "API description not readable")    \
  X(api_invalid,                "api-invalid",                0,   client,   false, "API description not valid")       \
  X(example_failed,             "example-failed",             0,   client,   false, "No example could be made")        \
  /* Durable flows (store, flow) */                                                                                    \
  X(store_full,                 "store-full",                 503, linkspan, true,  "The disk of the store is full")   \
  X(store_failed,               "store-failed",               503, linkspan, true,  "The store cannot write or read")  \
  X(store_in_use,               "store-in-use",               0,   linkspan, false, "Another process has the store")   \
  X(store_invalid,              "store-invalid",              0,   linkspan, false, "Not a usable store")              \
  X(run_not_found,              "run-not-found",              404, client,   false, "No such run")                     \
  X(repair_refused,             "repair-refused",             409, client,   false, "The run cannot be repaired so")   \
  X(repair_unconfirmed,         "repair-unconfirmed",         409, client,   false, "The repair must be confirmed")    \
  X(run_ended,                  "run-ended",                  409, client,   false, "The run has ended")               \
  X(flow_unknown,               "flow-unknown",               404, client,   false, "No such flow")                    \
  X(flow_failed,                "flow-failed",                500, linkspan, false, "A flow could not go on")          \
  X(flow_undone,                "flow-undone",                409, client,   false, "What was begun has been undone")  \
  X(webhook_unsigned,           "webhook-unsigned",           401, client,   false, "The webhook is not signed")       \
  X(webhook_invalid,            "webhook-signature-invalid",  401, client,   false, "The webhook's signature is wrong") \
  X(approval_invalid,           "approval-link-invalid",      404, client,   false, "Not a link of an approval")       \
  X(approval_expired,           "approval-link-expired",      410, client,   false, "The link has expired")            \
  X(approval_closed,            "approval-closed",            409, client,   false, "There is nothing to decide")      \
  /* Configuration and start (config, io, app) */                                                                      \
  X(config_unreadable,          "config-unreadable",          0,   client,   false, "Config file not readable")        \
  X(config_invalid,             "config-invalid",             0,   client,   false, "Config not valid")                \
  X(listen_failed,              "listen-failed",              0,   linkspan, false, "Cannot listen")                   \
  X(tls_material_invalid,       "tls-material-invalid",       0,   client,   false, "Certificate or key not usable")   \
  X(system_error,               "system-error",               0,   linkspan, false, "The operating system refused")
// clang-format on

#define LINKSPAN_DECLARE_KIND(name, slug, status, source, retryable, title) \
  inline constexpr ErrorKind name{slug, status, source, retryable, title};
LINKSPAN_ERROR_KINDS(LINKSPAN_DECLARE_KIND)
#undef LINKSPAN_DECLARE_KIND

inline constexpr const ErrorKind* kAll[] = {
#define LINKSPAN_LIST_KIND(name, slug, status, source, retryable, title) &name,
    LINKSPAN_ERROR_KINDS(LINKSPAN_LIST_KIND)
#undef LINKSPAN_LIST_KIND
};

}  // namespace linkspan::errors
