#include "model/pickle.hpp"

#include "target.hpp"

/// A pickle alone, and the views of its tensors.
void fer::fuzz(std::string_view bytes) {
  const Pickle pickle = read_pickle(bytes);
  require(pickle.root != nullptr && pickle.length <= bytes.size(), "a pickle that is longer than its file");
  for (const PickleNode& node : pickle.nodes) {
    kind_of(node);
    if (const auto* tensor = std::get_if<PickleTensor>(&node.value)) element_count(view_of(*tensor).sizes);
  }
}
