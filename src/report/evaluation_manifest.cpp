#include "fer/report/evaluation_manifest.hpp"

#include <nlohmann/json.hpp>

namespace fer {

std::string evaluation_manifest_json(const EvaluationManifest& manifest) {
  using Json = nlohmann::ordered_json;
  const Json json = {{"version", manifest.version},
                     {"libtorch", manifest.libtorch},
                     {"opencv", manifest.opencv},
                     {"device", manifest.device},
                     {"precision", manifest.precision},
                     {"command", manifest.command},
                     {"finished", manifest.finished},
                     {"checkpoint", manifest.checkpoint},
                     {"checkpoint_sha256", manifest.checkpoint_sha256},
                     {"trained_on", manifest.trained_on},
                     {"protocol", manifest.protocol},
                     {"data_sha256", manifest.data_sha256}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace fer
