#include "fer/report/device_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/text.hpp"
#include "text_table.hpp"

namespace fer {
namespace {

using Json = nlohmann::ordered_json;
using Rows = std::vector<std::vector<std::string>>;

constexpr char kKind[] = "fer-bench device";
constexpr int kVersion = 1;

Json rate_json(const DeviceRate& rate) {
  Json json = {{"precision", rate.precision}, {"batch", rate.batch}};
  if (!rate.not_supported.empty()) {
    json["not_supported"] = rate.not_supported;
    return json;
  }
  json["repetitions"] = rate.repetitions;
  json["ms"] = rate.ms;
  json["ms_low"] = rate.ms_low;
  json["ms_high"] = rate.ms_high;
  json["images_per_second"] = 1e3 * rate.batch / rate.ms;
  json["peak_memory_bytes"] = rate.peak_memory;
  return json;
}

DeviceRate rate_of(const Json& json) {
  DeviceRate rate;
  rate.precision = json.at("precision").get<std::string>();
  rate.batch = json.at("batch").get<int>();
  rate.not_supported = json.value("not_supported", "");
  if (!rate.not_supported.empty()) return rate;
  rate.repetitions = json.at("repetitions").get<int>();
  rate.ms = json.at("ms").get<double>();
  rate.ms_low = json.at("ms_low").get<double>();
  rate.ms_high = json.at("ms_high").get<double>();
  rate.peak_memory = json.at("peak_memory_bytes").get<std::int64_t>();
  return rate;
}

DeviceReport report_of(const Json& json) {
  DeviceReport report;
  const Json& machine = json.at("machine");
  report.processor = machine.at("processor").get<std::string>();
  report.cores = machine.at("cores").get<int>();
  report.features = machine.at("features").get<std::vector<std::string>>();
  report.device = machine.at("device").get<std::string>();
  report.threads = machine.at("threads").get<int>();
  report.system = machine.at("system").get<std::string>();
  report.libtorch = machine.at("libtorch").get<std::string>();
  report.opencv = machine.at("opencv").get<std::string>();
  const Json& model = json.at("model");
  report.model = model.at("name").get<std::string>();
  report.backbone = model.at("backbone").get<std::string>();
  report.input_size = model.at("input_size").get<int>();
  report.parameters = model.at("parameters").get<std::int64_t>();
  report.model_bytes = model.at("bytes").get<std::int64_t>();
  report.int8_bytes = model.at("int8_bytes").get<std::int64_t>();
  for (const Json& rate : json.at("rates")) report.rates.push_back(rate_of(rate));
  report.video = json.at("video").get<std::string>();
  for (const Json& stage : json.at("stages"))
    report.stages.push_back(
        {.name = stage.at("name").get<std::string>(), .ms = stage.at("ms").get<double>()});
  if (const Json& seconds = json.at("start_up_seconds"); !seconds.is_null())
    report.start_up_seconds = seconds.get<double>();
  return report;
}

std::string megabytes(std::int64_t bytes) {
  return fmt::format("{:.2f} MB", static_cast<double>(bytes) / 1e6);
}

std::string size_text(const DeviceReport& report) {
  const std::string size = megabytes(report.model_bytes);
  return report.int8_bytes == 0 ? size : fmt::format("{}, in int8 {}", size, megabytes(report.int8_bytes));
}

Rows facts_of(const DeviceReport& report) {
  return {{"Processor", report.processor},
          {"Cores", std::to_string(report.cores)},
          {"Features", join(report.features, " ")},
          {"Device", report.device},
          {"Threads", std::to_string(report.threads)},
          {"System", report.system},
          {"LibTorch", report.libtorch},
          {"OpenCV", report.opencv},
          {"Model", report.model},
          {"Backbone", report.backbone},
          {"Input", std::to_string(report.input_size)},
          {"Parameters", fmt::format("{:.2f} million", static_cast<double>(report.parameters) / 1e6)},
          {"Size on disk", size_text(report)},
          {"Video", report.video.empty() ? "not measured" : report.video}};
}

Rows rate_rows(const DeviceReport& report) {
  Rows rows = {{"Precision", "Batch", "ms", "Quartiles", "Images/s", "Peak memory (MB)"}};
  for (const DeviceRate& rate : report.rates) {
    if (!rate.not_supported.empty()) {
      rows.push_back(
          {rate.precision, std::to_string(rate.batch), "not supported: " + rate.not_supported, "", "", ""});
      continue;
    }
    rows.push_back({rate.precision, std::to_string(rate.batch), fmt::format("{:.2f}", rate.ms),
                    fmt::format("{:.2f} to {:.2f}", rate.ms_low, rate.ms_high),
                    fmt::format("{:.1f}", 1e3 * rate.batch / rate.ms),
                    fmt::format("{:.0f}", static_cast<double>(rate.peak_memory) / 1e6)});
  }
  return rows;
}

std::vector<std::string> ratio_row(const std::string& name, double a, double b) {
  return {name, fmt::format("{:.2f}", a), fmt::format("{:.2f}", b),
          b > 0 ? fmt::format("{:.2f}", a / b) : "-"};
}

void add_rate_ratios(Rows& rows, const DeviceReport& a, const DeviceReport& b) {
  for (const DeviceRate& rate : a.rates) {
    const auto other = std::ranges::find_if(b.rates, [&](const DeviceRate& candidate) {
      return candidate.precision == rate.precision && candidate.batch == rate.batch;
    });
    if (other == b.rates.end()) continue;
    const std::string name = fmt::format("{}, batch {}", rate.precision, rate.batch);
    if (rate.not_supported.empty() && other->not_supported.empty()) {
      rows.push_back(ratio_row(name + ", ms", rate.ms, other->ms));
      rows.push_back(ratio_row(name + ", peak MB", static_cast<double>(rate.peak_memory) / 1e6,
                               static_cast<double>(other->peak_memory) / 1e6));
      continue;
    }
    const auto told = [](const DeviceRate& one) {
      return one.not_supported.empty() ? fmt::format("{:.2f}", one.ms) : "not supported";
    };
    rows.push_back({name + ", ms", told(rate), told(*other), "-"});
  }
}

}  // namespace

std::string device_json(const DeviceReport& report) {
  Json rates = Json::array();
  for (const DeviceRate& rate : report.rates) rates.push_back(rate_json(rate));
  Json stages = Json::array();
  for (const DeviceStage& stage : report.stages) stages.push_back({{"name", stage.name}, {"ms", stage.ms}});
  Json document = {{"kind", kKind},
                   {"version", kVersion},
                   {"machine",
                    {{"processor", report.processor},
                     {"cores", report.cores},
                     {"features", report.features},
                     {"device", report.device},
                     {"threads", report.threads},
                     {"system", report.system},
                     {"libtorch", report.libtorch},
                     {"opencv", report.opencv}}},
                   {"model",
                    {{"name", report.model},
                     {"backbone", report.backbone},
                     {"input_size", report.input_size},
                     {"parameters", report.parameters},
                     {"bytes", report.model_bytes},
                     {"int8_bytes", report.int8_bytes}}},
                   {"rates", std::move(rates)},
                   {"video", report.video},
                   {"stages", std::move(stages)},
                   {"start_up_seconds", nullptr}};
  if (report.start_up_seconds) document["start_up_seconds"] = *report.start_up_seconds;
  return document.dump(2) + "\n";
}

DeviceReport read_device_report(const std::filesystem::path& path) {
  const std::string text = read_file(path);
  try {
    const Json json = Json::parse(text);
    if (!json.is_object() || json.value("kind", "") != kKind)
      throw data_error("{}: is no report of 'fer-bench device'", path.string());
    if (json.at("version").get<int>() != kVersion)
      throw data_error("{}: has another version than {}; make it anew", path.string(), kVersion);
    return report_of(json);
  } catch (const Json::exception& error) {
    throw data_error("{}: is no report of 'fer-bench device': {}", path.string(), error.what());
  }
}

std::string device_markdown(const DeviceReport& report) {
  Rows facts = facts_of(report);
  facts.insert(facts.begin(), {"", "This device"});
  if (report.start_up_seconds)
    facts.push_back({"Start to first result", fmt::format("{:.2f} s", *report.start_up_seconds)});
  std::string text = markdown_table(facts) + "\n" + markdown_table(rate_rows(report));
  if (report.stages.empty()) return text;
  Rows stages = {{"Stage of a video", "ms"}};
  for (const DeviceStage& stage : report.stages)
    stages.push_back({stage.name, fmt::format("{:.2f}", stage.ms)});
  return text + "\n" + markdown_table(stages);
}

std::string device_comparison(const DeviceReport& a, const DeviceReport& b) {
  Rows differences = {{"What differs", "A", "B"}};
  const Rows facts_a = facts_of(a);
  const Rows facts_b = facts_of(b);
  for (std::size_t i = 0; i < facts_a.size(); ++i) {
    if (facts_a[i] != facts_b[i]) differences.push_back({facts_a[i][0], facts_a[i][1], facts_b[i][1]});
  }
  Rows ratios = {{"Figure", "A", "B", "A / B"}};
  add_rate_ratios(ratios, a, b);
  for (const DeviceStage& stage : a.stages) {
    const auto other = std::ranges::find(b.stages, stage.name, &DeviceStage::name);
    if (other != b.stages.end()) ratios.push_back(ratio_row(stage.name + ", ms", stage.ms, other->ms));
  }
  if (a.start_up_seconds && b.start_up_seconds)
    ratios.push_back(ratio_row("start to first result, s", *a.start_up_seconds, *b.start_up_seconds));
  const std::string same = "Same machine, versions and model.\n";
  return (differences.size() == 1 ? same : markdown_table(differences)) + "\n" + markdown_table(ratios);
}

}  // namespace fer
