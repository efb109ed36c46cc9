#include "options.hpp"

#include <ostream>

#include "completions.hpp"
#include "fer/core/error.hpp"
#include "fer/core/text.hpp"
#include "man_page.hpp"
#include "manual_texts.hpp"
#include "option_table.hpp"

namespace fer {
namespace {

/// Those that may stand there: of the program, and of the command that was named.
std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  const auto named = [](const CLI::App* command) { return command->parsed(); };
  for (const CLI::App* command : app.get_subcommands(named)) {
    for (std::string& name : option_names(*command)) names.push_back(std::move(name));
  }
  return names;
}

/// What installations are made with, from the options as they are: --man, or --completion SHELL.
std::optional<std::string> text_asked_for(const CLI::App& app, std::span<const std::string> arguments) {
  if (arguments.size() == 1 && arguments[0] == "--man") {
    const CommandEntry program = option_table(app);
    return man_page(program, manual_texts(program.name), FER_VERSION);
  }
  if (arguments.size() == 2 && arguments[0] == "--completion")
    return completion_script(option_table(app), arguments[1]);
  return std::nullopt;
}

}  // namespace

void add_common_options(CLI::App& app, LogOptions& options) {
  app.add_flag("-q,--quiet", options.quiet, "Log warnings and errors only, and show no progress bar");
  app.add_option("--log-level", options.level,
                 "How much to log; fer-train, fer-infer and fer-eval say at debug what was chosen and what "
                 "took how long")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
      ->capture_default_str();
  app.set_version_flag("--version", app.get_name() + " " FER_VERSION);
}

void describe_predictor(CLI::App& app, PredictorOptions& options) {
  app.add_option("--device", options.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  app.add_option(
         "--precision", options.precision,
         "What the model computes in: fp32, bf16 (faster where the processor has it), int8, or auto: fp32 "
         "on a CPU, half precision on a GPU")
      ->check(CLI::IsMember({"auto", "fp32", "bf16", "int8"}))
      ->capture_default_str();
  app.add_flag("--mirror", options.mirror, "Mean over each face and its mirror image; takes twice as long");
}

std::optional<int> parse_options(CLI::App& app, std::span<const std::string> arguments,
                                 const Console& console) {
  if (const auto text = text_asked_for(app, arguments)) {
    console.out << *text << std::flush;
    return kOk;
  }
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    return std::nullopt;
  } catch (const CLI::Success& done) {
    return app.exit(done, console.out, console.err);
  } catch (const CLI::ExtrasError&) {
    const std::vector<std::string> extras = app.remaining(/*recurse=*/true);
    const std::string unknown = extras.empty() ? "" : extras.front();
    throw usage_error("unknown argument '{}'{} (--help lists them)", unknown,
                      did_you_mean(unknown.substr(0, unknown.find('=')), option_names(app)));
  } catch (const CLI::ParseError& error) {
    throw usage_error("{} (see --help)", error.what());
  }
}

}  // namespace fer
