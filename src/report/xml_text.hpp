#pragma once

#include <string>
#include <string_view>

namespace fer {

/// UTF-8 in which bytes that are none have become U+FFFD, and control characters blanks.
std::string valid_text(std::string_view text);

/// valid_text() as it may stand in XML, between tags and in an attribute's double quotes.
std::string xml_text(std::string_view text);

}  // namespace fer
