#include <array>
#include <set>
#include <utility>

#include "fer/core/text.hpp"
#include "readers.hpp"

namespace fer {
namespace {

using CodeTable = std::span<const std::pair<std::string_view, std::string_view>>;

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kEmotions = {{{"af", "fear"},
                                                                                     {"an", "angry"},
                                                                                     {"di", "disgust"},
                                                                                     {"ha", "happy"},
                                                                                     {"ne", "neutral"},
                                                                                     {"sa", "sad"},
                                                                                     {"su", "surprise"}}};
constexpr std::array<std::string_view, 5> kAngles = {"s", "hl", "hr", "fl", "fr"};

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return result;
}

std::string emotion_of(std::string_view code, CodeTable table = kEmotions) {
  for (const auto& [known, label] : table) {
    if (known == code) return std::string(label);
  }
  return {};
}

}  // namespace

std::optional<KdefName> parse_kdef_name(std::string_view file_name) {
  const std::string name = to_lower(file_name);
  constexpr std::string_view kExtension = ".jpg";
  if (!name.ends_with(kExtension)) return std::nullopt;
  const std::string_view stem = std::string_view(name).substr(0, name.size() - kExtension.size());
  if (stem.size() < 7 || stem.size() > 8) return std::nullopt;
  const std::string_view angle = stem.substr(6);
  const auto number = parse_integer(stem.substr(2, 2));
  const std::string emotion = emotion_of(stem.substr(4, 2));
  const bool fits = (stem[0] == 'a' || stem[0] == 'b') && (stem[1] == 'f' || stem[1] == 'm') && number &&
                    *number >= 1 && *number <= 35 && !emotion.empty() &&
                    std::ranges::find(kAngles, angle) != kAngles.end();
  if (!fits) return std::nullopt;
  return KdefName{.session = static_cast<char>(stem[0] - 'a' + 'A'),
                  .sex = static_cast<char>(stem[1] - 'a' + 'A'),
                  .number = std::string(stem.substr(2, 2)),
                  .emotion = emotion,
                  .angle = upper(angle)};
}

std::string person_of(const std::string& subject) {
  const std::string name = upper(subject);
  if (name.size() != 4 || (name[0] != 'A' && name[0] != 'B') || (name[1] != 'F' && name[1] != 'M'))
    return subject;
  const auto number = parse_integer(std::string_view(name).substr(2));
  return number && *number >= 1 && *number <= 35 ? name.substr(1) : subject;
}

Dataset read_kdef(const std::filesystem::path& root, const LabelMap& labels) {
  Dataset dataset{.classes = labels.classes(), .samples = {}, .rejected = {}};
  std::set<std::string> seen;
  for (const auto& file : image_files(root)) {
    const auto reject = [&](std::string reason) {
      dataset.rejected.push_back({file.string(), std::move(reason)});
    };
    const std::string file_name = file.filename().string();
    const auto name = parse_kdef_name(file_name);
    if (!name) {
      reject("the name is outside KDEF's grammar, such as AF01ANS.JPG");
      continue;
    }
    const auto label = labels.find(name->emotion);
    if (!label) {
      reject("its emotion " + not_a_class(name->emotion, labels));
    } else if (!seen.insert(to_lower(file_name)).second) {
      reject("a second file of this name");
    } else {
      dataset.samples.push_back({.path = file.string(),
                                 .label = *label,
                                 .subject = name->subject(),
                                 .split = {},
                                 .attributes = {{"session", std::string(1, name->session)},
                                                {"sex", std::string(1, name->sex)},
                                                {"angle", name->angle}},
                                 .pixels = {}});
    }
  }
  return dataset;
}

}  // namespace fer
