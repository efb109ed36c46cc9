#include <fmt/format.h>

#include <map>
#include <pugixml.hpp>

#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/text.hpp"
#include "tier_files.hpp"

namespace fer {
namespace {

using Slots = std::map<std::string, double>;  // seconds; slots without a time are not there

Slots slots_of(const pugi::xml_node& document, const std::string& source) {
  Slots slots;
  for (const pugi::xml_node& slot : document.child("TIME_ORDER").children("TIME_SLOT")) {
    const std::string value = slot.attribute("TIME_VALUE").value();
    if (value.empty()) continue;
    const auto milliseconds = parse_integer(value);
    if (!milliseconds || *milliseconds < 0) {
      throw data_error("{}: time slot '{}': '{}' is no number of milliseconds", source,
                       slot.attribute("TIME_SLOT_ID").value(), value);
    }
    slots[slot.attribute("TIME_SLOT_ID").value()] = static_cast<double>(*milliseconds) / 1000;
  }
  return slots;
}

TierPart part_of(const pugi::xml_node& annotation, const Slots& slots, const std::string& where) {
  const auto begin = slots.find(annotation.attribute("TIME_SLOT_REF1").value());
  const auto end = slots.find(annotation.attribute("TIME_SLOT_REF2").value());
  if (begin == slots.end() || end == slots.end())
    throw data_error("{}: has no times of its own; align it in ELAN", where);
  return {.where = where,
          .begin = begin->second,
          .end = end->second,
          .text = annotation.child("ANNOTATION_VALUE").text().get()};
}

}  // namespace

TierFile read_eaf(const std::filesystem::path& path) {
  const std::string source = path.string();
  const std::string text = read_file(path);
  pugi::xml_document xml;
  const pugi::xml_parse_result result = xml.load_buffer(text.data(), text.size());
  if (!result) throw data_error("{}: is damaged at byte {}: {}", source, result.offset, result.description());
  const pugi::xml_node document = xml.child("ANNOTATION_DOCUMENT");
  if (!document) throw data_error("{}: is no ELAN document", source);
  const pugi::xml_node header = document.child("HEADER");
  const std::string units = header.attribute("TIME_UNITS").as_string("milliseconds");
  if (units != "milliseconds")
    throw data_error("{}: counts time in '{}', and only milliseconds are understood", source, units);

  const std::string url = header.child("MEDIA_DESCRIPTOR").attribute("RELATIVE_MEDIA_URL").value();
  TierFile file{.media = std::filesystem::path(url).filename().string(), .tiers = {}};
  const Slots slots = slots_of(document, source);
  for (const pugi::xml_node& row : document.children("TIER")) {
    Tier tier{.name = row.attribute("TIER_ID").value(), .parts = {}};
    for (const pugi::xml_node& holder : row.children("ANNOTATION")) {
      const pugi::xml_node annotation = holder.child("ALIGNABLE_ANNOTATION");
      if (!annotation) continue;
      const std::string where = fmt::format("{}: tier '{}', annotation {}", source, tier.name,
                                            annotation.attribute("ANNOTATION_ID").value());
      tier.parts.push_back(part_of(annotation, slots, where));
    }
    file.tiers.push_back(std::move(tier));
  }
  return file;
}

}  // namespace fer
