#include "fer/engine/checkpoint_info.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "fer/core/error.hpp"
#include "fer/core/text.hpp"

namespace fer {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kFormat = "fer-checkpoint";
/// 4 knew no width but 1; 3 no calibration but a temperature; 2 no class prior; 1 no score, target, alignment
/// or shape of the crop.
constexpr long long kVersion = 5;

constexpr int kDeepest = 16;  // levels of the metadata's JSON; copying and printing it would recurse

Error invalid(std::string_view key, std::string_view value, std::string_view expected) {
  return data_error("checkpoint's {} is {}, {} was expected", in_quotes(key), in_quotes(value), expected);
}

void check_range(std::string_view key, double value, double low, double high) {
  if (value >= low && value <= high) return;  // false for what is not a number, too
  throw invalid(key, fmt::format("{}", value), fmt::format("{} to {}", low, high));
}

void check_colours(std::string_view key, const std::array<float, 3>& values, bool positive) {
  for (const float value : values) {
    if (std::isfinite(value) && (!positive || value > 0)) continue;
    throw invalid(key, fmt::format("{}", fmt::join(values, ", ")),
                  positive ? "three numbers above 0" : "three finite numbers");
  }
}

void check_class_prior(const std::vector<double>& prior, int classes) {
  if (prior.empty()) return;
  const double sum = std::accumulate(prior.begin(), prior.end(), 0.0);
  const bool shares = std::ranges::all_of(prior, [](double share) { return share >= 0; });
  if (std::ssize(prior) == classes && shares && std::abs(sum - 1) < 1e-6) return;
  throw invalid("class_prior", fmt::format("{}", fmt::join(prior, ", ")),
                fmt::format("{} shares that sum to 1", classes));
}

void check_calibration(const Calibration& calibration, int classes) {
  const auto& [method, temperature, scale, bias] = calibration;
  if (!std::isfinite(temperature) || temperature <= 0) {
    throw invalid("temperature", fmt::format("{}", temperature), "a number above 0");
  }
  const std::ptrdiff_t expected = method == CalibrationMethod::vector ? classes : 0;
  for (const auto* values : {&scale, &bias}) {
    const bool finite = std::ranges::all_of(*values, [](double value) { return std::isfinite(value); });
    if (std::ssize(*values) == expected && finite) continue;
    throw invalid("calibration", fmt::format("{}", fmt::join(*values, ", ")),
                  fmt::format("{} finite numbers", expected));
  }
}

/// The same for writing and reading: what cannot be read back is never written.
void check(const CheckpointInfo& info) {
  const Preprocessing& preprocessing = info.preprocessing;
  if (info.backbone.empty()) throw invalid("backbone", "", "a name");
  check_range("width", info.width, 0.05, 10);
  check_calibration(info.calibration, info.classes.size());
  if (info.epoch < 0) throw invalid("epoch", fmt::format("{}", info.epoch), "0 or more");
  if (preprocessing.detector.empty()) throw invalid("preprocessing.detector", "", "a name");
  check_class_prior(info.class_prior, info.classes.size());
  check_range("preprocessing.min_face", preprocessing.min_face, 0, 1);
  check_range("preprocessing.min_score", preprocessing.min_score, 0, 1);
  check_range("preprocessing.margin", preprocessing.margin, 0, 10);
  check_range("preprocessing.size", preprocessing.size, 16, 1024);
  check_colours("preprocessing.mean", preprocessing.mean, false);
  check_colours("preprocessing.std", preprocessing.std, true);
}

/// The shortest decimal that is read back as the same float: 0.2, not 0.20000000298023224.
double short_decimal(float value) {
  const double decimal = parse_number(fmt::format("{}", value)).value_or(value);
  return static_cast<float>(decimal) == value ? decimal : double{value};
}

Json to_json(const Preprocessing& preprocessing) {
  const auto colours = [](const std::array<float, 3>& values) {
    return Json{short_decimal(values[0]), short_decimal(values[1]), short_decimal(values[2])};
  };
  return {{"detector", preprocessing.detector},
          {"min_face", short_decimal(preprocessing.min_face)},
          {"min_score", short_decimal(preprocessing.min_score)},
          {"target", name_of(preprocessing.target)},
          {"align", preprocessing.align},
          {"square", preprocessing.square},
          {"margin", short_decimal(preprocessing.margin)},
          {"size", preprocessing.size},
          {"grey", preprocessing.grey},
          {"mean", colours(preprocessing.mean)},
          {"std", colours(preprocessing.std)}};
}

Json to_json(const Calibration& calibration) {
  Json json = {{"method", name_of(calibration.method)}};
  if (calibration.method == CalibrationMethod::temperature) json["temperature"] = calibration.temperature;
  if (calibration.method == CalibrationMethod::vector) {
    json["scale"] = calibration.scale;
    json["bias"] = calibration.bias;
  }
  return json;
}

const std::string& text_of(const Metadata& metadata, const std::string& key) {
  const auto found = metadata.find(key);
  if (found == metadata.end()) throw data_error("checkpoint lacks {}", in_quotes(key));
  return found->second;
}

Json json_of(const Metadata& metadata, const std::string& key) {
  const std::string& text = text_of(metadata, key);
  const auto check = [&](int depth, Json::parse_event_t /*event*/, const Json& /*value*/) {
    if (depth > kDeepest) throw invalid(key, text, fmt::format("JSON of at most {} levels", kDeepest));
    return true;
  };
  Json json = Json::parse(text, check, /*allow_exceptions=*/false);
  if (json.is_discarded()) throw invalid(key, text, "JSON");
  return json;
}

long long integer_of(const Metadata& metadata, const std::string& key) {
  const std::string& text = text_of(metadata, key);
  const auto value = parse_integer(text);
  if (!value) throw invalid(key, text, "a whole number");
  return *value;
}

double read_width(const Metadata& metadata, long long version) {
  if (version < 5) return 1;
  const std::string& text = text_of(metadata, "width");
  const auto value = parse_number(text);
  if (!value) throw invalid("width", text, "a number");
  return *value;
}

ClassList read_classes(const Metadata& metadata) {
  const Json json = json_of(metadata, "classes");
  if (!json.is_array() || !std::ranges::all_of(json, [](const Json& name) { return name.is_string(); })) {
    throw invalid("classes", text_of(metadata, "classes"), "a list of names");
  }
  try {
    return ClassList(json.get<std::vector<std::string>>());
  } catch (const Error& error) {
    throw data_error("checkpoint's 'classes': {}", error.what());
  }
}

std::vector<double> numbers_of(const Json& json, std::string_view key) {
  if (!json.is_array() || !std::ranges::all_of(json, [](const Json& item) { return item.is_number(); })) {
    throw invalid(key, json.dump(), "a list of numbers");
  }
  return json.get<std::vector<double>>();
}

std::vector<double> read_class_prior(const Metadata& metadata, long long version) {
  if (version < 3) return {};
  return numbers_of(json_of(metadata, "class_prior"), "class_prior");
}

Calibration read_temperature(const Metadata& metadata) {
  const std::string& text = text_of(metadata, "temperature");
  const auto value = parse_number(text);
  if (!value) throw invalid("temperature", text, "a number above 0");
  return {.method = CalibrationMethod::temperature, .temperature = *value};
}

Calibration read_calibration(const Metadata& metadata, long long version) {
  if (version < 4) return read_temperature(metadata);
  const Json json = json_of(metadata, "calibration");
  const std::string method = json.is_object() ? json.value("method", Json()).dump() : "";
  if (method == R"("none")") return {};
  if (method == R"("temperature")" && json.contains("temperature") && json["temperature"].is_number()) {
    return {.method = CalibrationMethod::temperature, .temperature = json["temperature"].get<double>()};
  }
  if (method == R"("vector")") {
    return {.method = CalibrationMethod::vector,
            .scale = numbers_of(json.value("scale", Json()), "calibration"),
            .bias = numbers_of(json.value("bias", Json()), "calibration")};
  }
  throw invalid("calibration", json.dump(), "none, a temperature, or scales and biases");
}

/// Takes one value out of the preprocessing, so that in the end only unknown keys are left.
Json take(Json& json, const std::string& key) {
  const auto found = json.find(key);
  if (found == json.end()) throw data_error("checkpoint lacks {}", in_quotes("preprocessing." + key));
  Json value = std::move(*found);
  json.erase(found);
  return value;
}

double take_number(Json& json, const std::string& key) {
  const Json value = take(json, key);
  if (!value.is_number()) throw invalid("preprocessing." + key, value.dump(), "a number");
  return value.get<double>();
}

std::array<float, 3> take_colours(Json& json, const std::string& key) {
  const Json value = take(json, key);
  const auto number = [](const Json& item) { return item.is_number(); };
  if (!value.is_array() || value.size() != 3 || !std::ranges::all_of(value, number)) {
    throw invalid("preprocessing." + key, value.dump(), "three numbers");
  }
  return value.get<std::array<float, 3>>();
}

int take_size(Json& json) {
  const double value = take_number(json, "size");
  if (value != std::trunc(value)) {
    throw invalid("preprocessing.size", fmt::format("{}", value), "a whole number");
  }
  check_range("preprocessing.size", value, 16, 1024);
  return static_cast<int>(value);
}

std::string take_text(Json& json, const std::string& key) {
  const Json value = take(json, key);
  if (!value.is_string()) throw invalid("preprocessing." + key, value.dump(), "a name");
  return value.get<std::string>();
}

bool take_flag(Json& json, const std::string& key) {
  const Json value = take(json, key);
  if (!value.is_boolean()) throw invalid("preprocessing." + key, value.dump(), "true or false");
  return value.get<bool>();
}

FaceTarget take_target(Json& json) {
  const std::string name = take_text(json, "target");
  try {
    return face_target(name);
  } catch (const Error&) {
    throw invalid("preprocessing.target", name, "largest, center or all");
  }
}

Preprocessing read_preprocessing(const Metadata& metadata, long long version) {
  Json json = json_of(metadata, "preprocessing");
  if (!json.is_object()) throw invalid("preprocessing", json.dump(), "a list of keys and values");
  Preprocessing preprocessing{.detector = take_text(json, "detector"),
                              .min_face = static_cast<float>(take_number(json, "min_face")),
                              .margin = static_cast<float>(take_number(json, "margin")),
                              .size = take_size(json),
                              .grey = take_flag(json, "grey"),
                              .mean = take_colours(json, "mean"),
                              .std = take_colours(json, "std")};
  if (version > 1) {
    preprocessing.min_score = static_cast<float>(take_number(json, "min_score"));
    preprocessing.target = take_target(json);
    preprocessing.align = take_flag(json, "align");
    preprocessing.square = take_flag(json, "square");
  }
  if (!json.empty()) {
    throw data_error("checkpoint's preprocessing has the unknown key {}", in_quotes(json.begin().key()));
  }
  return preprocessing;
}

/// The version it is written in.
long long check_format(const Metadata& metadata) {
  const auto format = metadata.find("format");
  if (format == metadata.end() || format->second != kFormat) {
    throw data_error(
        "is not a checkpoint of this project (no fer-checkpoint metadata): it holds plain weights");
  }
  const long long version = integer_of(metadata, "version");
  if (version > kVersion) {
    throw data_error("is a checkpoint of version {}, newer than this program, which reads version {}",
                     version, kVersion);
  }
  if (version < 1) throw invalid("version", text_of(metadata, "version"), "1 to 5");
  return version;
}

}  // namespace

Metadata to_metadata(const CheckpointInfo& info) {
  check(info);
  try {
    return {{"format", std::string(kFormat)},
            {"version", fmt::format("{}", kVersion)},
            {"backbone", info.backbone},
            {"width", fmt::format("{}", info.width)},
            {"classes", Json(info.classes.names()).dump()},
            {"preprocessing", to_json(info.preprocessing).dump()},
            {"calibration", to_json(info.calibration).dump()},
            {"class_prior", Json(info.class_prior).dump()},
            {"trained_on", info.trained_on},
            {"epoch", fmt::format("{}", info.epoch)}};
  } catch (const Json::exception&) {
    throw failure("a class name or the detector's name is not UTF-8");
  }
}

CheckpointInfo checkpoint_info(const Metadata& metadata) {
  const long long version = check_format(metadata);
  CheckpointInfo info{.backbone = text_of(metadata, "backbone"),
                      .width = read_width(metadata, version),
                      .classes = read_classes(metadata),
                      .preprocessing = read_preprocessing(metadata, version),
                      .calibration = read_calibration(metadata, version),
                      .class_prior = read_class_prior(metadata, version),
                      .trained_on = text_of(metadata, "trained_on"),
                      .epoch = integer_of(metadata, "epoch")};
  check(info);
  return info;
}

}  // namespace fer
