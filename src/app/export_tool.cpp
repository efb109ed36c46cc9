#include <fmt/format.h>

#include <ostream>

#include "engines.hpp"
#include "export_files.hpp"
#include "export_int8.hpp"
#include "fer/app/program.hpp"
#include "fer/core/error.hpp"
#include "fer/core/shipped_models.hpp"
#include "fer/core/text.hpp"
#include "option_table.hpp"
#include "options.hpp"
#include "stop_signal.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

void describe(CLI::App& app, ExportOptions& options, bool& exist_ok) {
  app.add_option(
         "model", options.model,
         fmt::format("Checkpoint, the folder of a run, or one of {}", join(shipped_model_names(), ", ")))
      ->type_name("MODEL")
      ->check(suggested(shipped_model_names()))
      ->required();
  app.add_option("-o,--output", options.output, "The file to write")->type_name("FILE")->required();
  app.add_option("--to", options.format,
                 "onnx, pth (a state dict for Python), safetensors (a checkpoint) or int8 (a quantised one); "
                 "otherwise as FILE ends")
      ->check(CLI::IsMember({"onnx", "pth", "safetensors", "int8"}));
  app.add_flag("--exist-ok", exist_ok, "Write over an existing file");
  app.add_flag("--half", options.half, "pth, safetensors: weights in half precision, half the size");
  app.add_flag("--probabilities", options.probabilities, "onnx: calibration and softmax are part of it");
  app.add_flag("--images", options.images,
               "onnx: it takes RGB bytes [N,size,size,3]; normalisation is part of it");
  app.add_option("--calibrate", options.data.data,
                 "int8: labelled images; otherwise those of -c or of the checkpoint's own run")
      ->type_name("DATA");
  app.add_option("--calibration-images", options.calibration, "int8: how many choose the scales")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  describe_data(app, options.data);
}

std::string format_of(const fs::path& output) {
  const std::string ending = to_lower(output.extension().string());
  if (ending == ".onnx") return "onnx";
  if (ending == ".pth" || ending == ".pt") return "pth";
  if (ending == ".safetensors") return "safetensors";
  throw usage_error("{}: ends in none of .onnx, .pth and .safetensors: say --to what it is to be",
                    output.string());
}

void check(const ExportOptions& options, bool exist_ok) {
  const std::string& format = options.format;
  if (format != "onnx" && (options.probabilities || options.images))
    throw usage_error("--probabilities and --images are for onnx, not {}: it holds weights alone", format);
  if (options.half && (format == "onnx" || format == "int8"))
    throw usage_error("--half is for safetensors and pth, not {}", format);
  if (!is_own_data(options.data) && format != "int8")
    throw usage_error("--calibrate and -c are for --to int8, not {}", format);
  if (fs::exists(options.output) && !exist_ok)
    throw usage_error("{}: exists; name another file, or pass --exist-ok", options.output.string());
}

std::string export_model(const ExportOptions& options, const Console& console) {
  if (options.format == "onnx") return export_onnx(options);
  if (options.format != "int8") return export_weights(options);
  const StopSignal signals;
  Log log(console, options.log);
  return export_int8(options, log);
}

}  // namespace

int export_tool(std::span<const std::string> arguments, const Console& console) {
  CLI::App app("Writes a checkpoint for other programs and devices.", "fer-export");
  ExportOptions options;
  bool exist_ok = false;
  describe(app, options, exist_ok);
  add_common_options(app, options.log);
  if (const auto done = parse_options(app, arguments, console)) return *done;
  if (options.format.empty()) options.format = format_of(options.output);
  check(options, exist_ok);
  options.model = checkpoint_file(model_path(options.model.string()));
  const std::string found = export_model(options, console);
  console.out << fmt::format("{}: {} bytes; {}\n", options.output.string(), fs::file_size(options.output),
                             found);
  return kOk;
}

}  // namespace fer
