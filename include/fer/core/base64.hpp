#pragma once

#include <string>
#include <string_view>

namespace fer {

/// Base64 with padding, without line ends (RFC 4648, 4).
std::string base64(std::string_view bytes);

}  // namespace fer
