#include <ATen/core/Tensor.h>
#include <ATen/ops/isfinite.h>
#include <fmt/format.h>

#include <ostream>

#include "fer/app/program.hpp"
#include "fer/core/error.hpp"
#include "fer/core/shipped_models.hpp"
#include "fer/model/checkpoint.hpp"
#include "options.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

struct ExportOptions {
  fs::path checkpoint = {};
  fs::path output = {};
  bool half = false;
  bool exist_ok = false;
  LogOptions log = {};
};

/// Floats as two bytes instead of four: three significant digits.
void store_in_half(TensorMap& weights) {
  for (auto& [name, tensor] : weights) {
    if (!tensor.is_floating_point()) continue;
    tensor = tensor.to(at::kHalf);
    if (!at::isfinite(tensor).all().item<bool>())
      throw data_error("{}: a number does not fit into half precision", name);
  }
}

}  // namespace

int export_tool(std::span<const std::string> arguments, const Console& console) {
  CLI::App app("Writes a checkpoint in another form, for passing on.", "fer-export");
  ExportOptions options;
  app.add_option("checkpoint", options.checkpoint, "Checkpoint made by fer-train")
      ->type_name("FILE")
      ->required();
  app.add_option("-o,--output", options.output, "The file to write")->type_name("FILE")->required();
  app.add_flag("--half", options.half, "Store the weights in half precision: half the size");
  app.add_flag("--exist-ok", options.exist_ok, "Write over an existing file");
  add_common_options(app, options.log);
  if (const auto done = parse_options(app, arguments, console)) return *done;
  if (fs::exists(options.output) && !options.exist_ok)
    throw usage_error("{}: exists; name another file, or pass --exist-ok", options.output.string());
  Checkpoint checkpoint = load_checkpoint(model_path(options.checkpoint.string()));
  if (options.half) store_in_half(checkpoint.weights);
  save_checkpoint(options.output, checkpoint);
  console.out << fmt::format("{}: {} bytes, {}\n", options.output.string(), fs::file_size(options.output),
                             checkpoint.info.trained_on);
  return kOk;
}

}  // namespace fer
