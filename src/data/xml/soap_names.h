// Names that the parts of SOAP share. Internal.
#pragma once

#include <optional>
#include <string_view>

#include "data/xml/soap.h"

namespace linkspan::data::xml {

// The code of a name in the envelope's namespace, in the words of either version.
std::optional<SoapFaultCode> fault_code(std::string_view local);
// The word of a version; empty for codes that it does not have.
std::string_view fault_word(SoapFaultCode code, SoapVersion version);

}  // namespace linkspan::data::xml
