#include "predictor_rates.hpp"

#include <algorithm>
#include <span>

#include "child_process.hpp"
#include "fer/core/error.hpp"
#include "fer/core/stopwatch.hpp"
#include "fer/core/text.hpp"
#include "fer/model/device.hpp"
#include "fer/model/predictor.hpp"
#include "process_facts.hpp"
#include "stop_signal.hpp"

namespace fer {
namespace {

constexpr char kReason = '!';  // begins a text that says why there are no rates

/// Sorted, of calls after one that warms up.
std::vector<double> call_seconds(Predictor& predictor, std::span<const cv::Mat> crops, bool quick) {
  const double least_seconds = quick ? 0.2 : 2;
  const std::ptrdiff_t least_calls = quick ? 3 : 15;
  predictor.predict(crops);
  std::vector<double> seconds;
  const Stopwatch whole;
  do {
    const Stopwatch watch;
    predictor.predict(crops);
    seconds.push_back(watch.seconds());
  } while (!stop_requested() && (whole.seconds() < least_seconds || std::ssize(seconds) < least_calls));
  std::ranges::sort(seconds);
  return seconds;
}

/// A line for each batch: repetitions, median, quartiles and peak memory.
std::string rates_text(const std::filesystem::path& checkpoint, const std::string& precision,
                       const RateOptions& options) {
  use_threads(options.threads);
  const auto predictor = load_predictor(checkpoint, {.device = options.device, .precision = precision});
  if (predictor->facts().precision != precision)
    return fmt::format("{}this device computes it in {}", kReason, predictor->facts().precision);
  std::vector<std::string> lines;
  for (const int batch : options.batches) {
    const auto crops = random_crops(batch, predictor->facts().preprocessing.size);
    const std::vector<double> seconds = call_seconds(*predictor, crops, options.quick);
    const std::size_t count = seconds.size();
    lines.push_back(fmt::format("{} {} {} {} {}", count, 1e3 * seconds[count / 2], 1e3 * seconds[count / 4],
                                1e3 * seconds[3 * count / 4], process_memory("VmHWM")));
  }
  return join(lines, "\n");
}

/// Usage errors are what a predictor says of a precision that the checkpoint or the device lacks.
std::string rates_or_reason(const std::filesystem::path& checkpoint, const std::string& precision,
                            const RateOptions& options) {
  try {
    return in_child_process([&] { return rates_text(checkpoint, precision, options); });
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::usage) throw;
    return fmt::format("{}{}", kReason, error.what());
  }
}

void fill(DeviceRate& rate, const std::string& line) {
  std::vector<double> numbers;
  for (const std::string& word : split(line, ' ')) numbers.push_back(parse_number(word).value());
  rate.repetitions = static_cast<int>(numbers.at(0));
  rate.ms = numbers.at(1);
  rate.ms_low = numbers.at(2);
  rate.ms_high = numbers.at(3);
  rate.peak_memory = static_cast<std::int64_t>(numbers.at(4));
}

}  // namespace

std::vector<cv::Mat> random_crops(int count, int size) {
  std::vector<cv::Mat> crops;
  for (int i = 0; i < count; ++i) cv::randu(crops.emplace_back(size, size, CV_8UC3), 0, 256);
  return crops;
}

std::vector<DeviceRate> measure_rates(const std::filesystem::path& checkpoint, const std::string& precision,
                                      const RateOptions& options) {
  const std::string text = rates_or_reason(checkpoint, precision, options);
  const bool supported = !text.starts_with(kReason);
  const std::vector<std::string> lines = split(text, '\n');
  std::vector<DeviceRate> rates;
  for (std::size_t i = 0; i < options.batches.size(); ++i) {
    DeviceRate& rate = rates.emplace_back();
    rate.precision = precision;
    rate.batch = options.batches[i];
    if (supported) {
      fill(rate, lines.at(i));
    } else {
      rate.not_supported = text.substr(1);
    }
  }
  return rates;
}

}  // namespace fer
