#include "people.hpp"

#include <algorithm>
#include <map>

#include "fer/core/error.hpp"

namespace fer {

People people_in(const Dataset& dataset, const std::string& method) {
  People people;
  std::map<std::string, std::size_t> numbers;
  for (const Sample& sample : dataset.samples) {
    if (sample.subject.empty()) {
      throw usage_error(
          "data.split.method: '{}' needs to know who is in each image, and {} does not say; use '{}'", method,
          sample.path, method == "kfold" ? "random_kfold" : "random");
    }
    const auto [place, added] = numbers.try_emplace(person_of(sample.subject), numbers.size());
    people.of_sample.push_back(place->second);
    if (!added) continue;
    const auto sex = sample.attributes.find("sex");
    people.sex.push_back(sex == sample.attributes.end() ? "" : sex->second);
  }
  return people;
}

bool knows_all_subjects(const Dataset& dataset) {
  return std::ranges::none_of(dataset.samples, &std::string::empty, &Sample::subject);
}

}  // namespace fer
