#pragma once

#include <nlohmann/json.hpp>

#include "fer/data/protocol.hpp"

namespace fer {

/// {"method","folds","fold","samples":{part:n},"subjects","shared_subjects","without_subject","not_in_file",
/// "excluded","leakage_allowed","suspects":{"file","sha256","listed","dropped","other_parts","other_label",
/// "missing"},"leaks":[{"kind","parts":[a,b],"count"}]}, `suspects` only where some were to be dropped; read
/// back, a leak group's `first` is 0.
void to_json(nlohmann::ordered_json& json, const SplitFacts& facts);
void from_json(const nlohmann::json& json, SplitFacts& facts);

}  // namespace fer
