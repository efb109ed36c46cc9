#include "fer/report/metrics_files.hpp"
#include "target.hpp"

void fer::fuzz(std::string_view bytes) {
  const PredictionList list = read_predictions(as_file(bytes, "predictions.csv"));
  for (const auto& prediction : list.predictions) {
    require(std::ssize(prediction.probabilities) == list.classes.size(),
            "more or fewer probabilities than classes");
    require(!prediction.label || *prediction.label < list.classes.size(), "a label that is no class");
  }
}
