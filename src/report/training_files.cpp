#include "fer/report/training_files.hpp"

#include <nlohmann/json.hpp>

#include "fer/core/csv.hpp"

namespace fer {

std::string results_csv(std::span<const EpochResult> epochs) {
  std::string text =
      "epoch,stage,lr,train_loss,train_accuracy,val_loss,val_accuracy,val_macro_f1,images_per_second,"
      "seconds\n";
  for (const EpochResult& epoch : epochs) {
    text += csv_line(std::vector<std::string>{
        std::to_string(epoch.epoch), std::to_string(epoch.stage), csv_number(epoch.lr),
        csv_number(epoch.train_loss), csv_number(epoch.train_accuracy), csv_number(epoch.val_loss),
        csv_number(epoch.val_accuracy), csv_number(epoch.val_macro_f1), csv_number(epoch.images_per_second),
        csv_number(epoch.seconds)});
  }
  return text;
}

std::string manifest_json(const Manifest& manifest) {
  const nlohmann::ordered_json json = {{"version", manifest.version},
                                       {"libtorch", manifest.libtorch},
                                       {"opencv", manifest.opencv},
                                       {"device", manifest.device},
                                       {"seed", manifest.seed},
                                       {"command", manifest.command},
                                       {"started", manifest.started},
                                       {"split", manifest.split},
                                       {"data_sha256", manifest.data_sha256},
                                       {"weights", manifest.weights},
                                       {"weights_sha256", manifest.weights_sha256},
                                       {"end", manifest.end},
                                       {"best_epoch", manifest.best_epoch}};
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace fer
