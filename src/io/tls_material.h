// Certificates and keys read from PEM files, checked before anything is built from them. Private to this
// room.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "io/openssl_ptr.h"
#include "io/tls_context.h"

namespace linkspan::io {

struct TlsMaterial {
  X509Ptr certificate;
  std::vector<X509Ptr> intermediates;
  KeyPtr key;
  // What it may serve: the DNS names of subjectAltName (or the common name where there are none), lower case.
  std::vector<std::string> names;
};

// Errors: tls_material_invalid, beginning with the path of the file at fault. A certificate that is not valid
// at `now` is an error; so is a key that is encrypted or belongs to another certificate.
Result<TlsMaterial> load_tls_material(const TlsCertificateFiles& files, WallNs now);

// The certificates of a PEM bundle, at least one. Errors: tls_material_invalid.
Result<std::vector<X509Ptr>> load_ca_bundle(const std::string& path);

}  // namespace linkspan::io
