#include "xml_text.hpp"

#include <nlohmann/json.hpp>

namespace fer {

std::string valid_text(std::string_view text) {
  using Json = nlohmann::json;
  std::string valid =
      Json::parse(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace)).get<std::string>();
  // XML has no way to write the control characters.
  for (char& byte : valid) {
    if (static_cast<unsigned char>(byte) < 0x20) byte = ' ';
  }
  return valid;
}

std::string xml_text(std::string_view text) {
  std::string escaped;
  for (const char byte : valid_text(text)) {
    switch (byte) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += byte;
    }
  }
  return escaped;
}

}  // namespace fer
