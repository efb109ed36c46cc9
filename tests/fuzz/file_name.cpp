#include "data/readers.hpp"
#include "fer/vision/image.hpp"
#include "target.hpp"

/// Names of files as people give them: KDEF's, images', splits', classes'.
void fer::fuzz(std::string_view bytes) {
  const std::string text(bytes);
  if (const auto name = parse_kdef_name(text)) {
    require(name->number.size() == 2 && !name->emotion.empty() && !name->angle.empty(), "half a name");
    require(person_of(name->session + name->subject()) == name->subject(), "a person of another name");
  }
  person_of(text);
  is_image_name(text);
  split_name(text);
  const LabelMap labels(ClassList(canonical_classes()), {{"contempt", "-"}, {"fear", "happy"}});
  if (!labels.find(text)) require(!not_a_class(text, labels).empty(), "a word that is neither");
}
