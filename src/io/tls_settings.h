// What the TLS contexts of both sides have in common. Private to this room.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "io/tls_context.h"
#include "io/tls_material.h"

namespace linkspan::io {

// Versions, ciphers, groups, and the modes that Stream counts on.
void apply_common_settings(ssl_ctx_st* context, TlsVersion min_version);

// `files` are named in errors. Errors: tls_material_invalid (a key too weak for today, for example).
Result<void> use_material(ssl_ctx_st* context, const TlsMaterial& material, const TlsCertificateFiles& files);

// RFC 7301 section 3.1: each name after its length.
std::string alpn_wire_format(const std::vector<std::string>& protocols);

}  // namespace linkspan::io
