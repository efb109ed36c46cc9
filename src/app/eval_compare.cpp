#include "eval_compare.hpp"

#include <array>
#include <ostream>
#include <string_view>

#include "compared_predictions.hpp"
#include "evaluation_folder.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"

namespace fer {
namespace {

struct Format {
  std::string_view name;
  std::string_view extension;
  std::string (*write)(const ComparisonReport&);
};

constexpr std::array<Format, 5> kFormats = {{{"text", "txt", comparison_text},
                                             {"csv", "csv", comparison_csv},
                                             {"latex", "tex", comparison_latex},
                                             {"markdown", "md", comparison_markdown},
                                             {"html", "html", comparison_html}}};

}  // namespace

void describe_compare(CLI::App& command, CompareOptions& options) {
  command.add_option("models", options.models, "Run folders, evaluation folders or predictions.csv files")
      ->required();
  command.add_flag("--common", options.common, "Compare on the images that all of them have");
  std::vector<std::string> names;
  for (const Format& format : kFormats) names.emplace_back(format.name);
  command.add_option("--format", options.format, "What to print")
      ->check(CLI::IsMember(names))
      ->capture_default_str();
  command.add_option("-o,--output", options.output, "Write all formats to this folder, too")
      ->type_name("DIR");
  command.add_option("--resamples", options.resamples, "Resamples of the bootstrap")
      ->check(CLI::Range(100, 1000000))
      ->capture_default_str();
  command.add_option("--seed", options.seed, "The same seed draws the same resamples")->capture_default_str();
}

ComparisonReport compare_folders(const CompareOptions& options, Log& log) {
  ComparedPredictions compared = read_compared_predictions(options.models, options.common);
  if (compared.left_out > 0)
    log.warning("{} images that only some models saw are left out", compared.left_out);
  ProgressBar bar = log.bar("resampling");
  return {.names = std::move(compared.names),
          .comparison = compare_models(
              compared.samples, compared.models,
              {.resamples = options.resamples,
               .seed = options.seed,
               .progress = [&](std::size_t done, std::size_t total) { bar.update(done, total); }}),
          .left_out = compared.left_out};
}

void write_comparison(const std::filesystem::path& folder, const ComparisonReport& report) {
  make_folder(folder);
  for (const Format& format : kFormats)
    write_file(folder / fmt::format("comparison.{}", format.extension), format.write(report));
}

int compare_predictions(const CompareOptions& options, const LogOptions& log_options,
                        const Console& console) {
  Log log(console, log_options);
  const ComparisonReport report = compare_folders(options, log);
  for (const Format& format : kFormats)
    if (format.name == options.format) console.out << format.write(report) << std::flush;
  if (options.output.empty()) return kOk;
  write_comparison(options.output, report);
  log.info("files: {}", report_of(options.output).string());
  return kOk;
}

}  // namespace fer
