#include "people.hpp"

#include <algorithm>
#include <map>

#include "fer/core/error.hpp"
#include "fer/data/attributes.hpp"

namespace fer {

People everybody_in(const Dataset& dataset) {
  People people;
  std::map<std::string, std::size_t> numbers;
  for (const Sample& sample : dataset.samples) {
    const std::size_t number = people.sex.size();
    const bool known = !sample.subject.empty();
    people.of_sample.push_back(known ? numbers.try_emplace(person_of(sample.subject), number).first->second
                                     : number);
    if (people.of_sample.back() == number) people.sex.push_back(attribute_of(sample, "sex"));
  }
  return people;
}

void require_subjects(const Dataset& dataset, const std::string& method) {
  const auto unknown = std::ranges::find_if(dataset.samples, &std::string::empty, &Sample::subject);
  if (unknown == dataset.samples.end()) return;
  throw usage_error(
      "data.split.method: '{}' needs to know who is in each image, and {} does not say; use '{}'", method,
      unknown->path, method == "kfold" ? "random_kfold" : "random");
}

People people_in(const Dataset& dataset, const std::string& method) {
  require_subjects(dataset, method);
  return everybody_in(dataset);
}

bool knows_all_subjects(const Dataset& dataset) {
  return std::ranges::none_of(dataset.samples, &std::string::empty, &Sample::subject);
}

}  // namespace fer
