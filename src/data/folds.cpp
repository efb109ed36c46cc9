#include "folds.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

#include "fer/core/error.hpp"
#include "fer/core/random.hpp"
#include "fer/data/attributes.hpp"
#include "people.hpp"

namespace fer {
namespace {

/// What has to be even over the folds: images of each class, then people of each sex.
using Counts = std::vector<double>;

struct Person {
  Counts counts;
  std::size_t images = 0;
  std::size_t sex = 0;
};

std::vector<Person> count_people(const Dataset& dataset, const People& people) {
  std::map<std::string, std::size_t> sexes;
  for (const std::string& sex : people.sex) sexes.try_emplace(sex, 0);
  std::size_t number = 0;
  for (auto& sex : sexes) sex.second = number++;
  const auto classes = static_cast<std::size_t>(dataset.classes.size());
  std::vector<Person> counted(people.sex.size(), {.counts = Counts(classes + sexes.size())});
  for (std::size_t i = 0; i < counted.size(); ++i) {
    counted[i].sex = sexes.at(people.sex[i]);
    counted[i].counts[classes + counted[i].sex] = 1;
  }
  for (std::size_t i = 0; i < dataset.samples.size(); ++i) {
    Person& person = counted[people.of_sample[i]];
    ++person.images;
    ++person.counts[static_cast<std::size_t>(dataset.samples[i].label)];
  }
  return counted;
}

/// One over the square of each total; sex weighs as much as all classes together.
Counts weights_of(const std::vector<Person>& people, std::size_t classes) {
  Counts weights(people.front().counts.size());
  for (const Person& person : people) {
    for (std::size_t k = 0; k < weights.size(); ++k) weights[k] += person.counts[k];
  }
  for (std::size_t k = 0; k < weights.size(); ++k) {
    const double total = std::max(1.0, weights[k]);
    weights[k] = (k < classes ? 1 : static_cast<double>(classes)) / (total * total);
  }
  return weights;
}

struct Fold {
  Counts counts;
  std::size_t people = 0;

  /// How much the sum of the squared shares grows with the person: least where they are lacking most.
  double growth(const Person& person, const Counts& weights) const {
    double sum = 0;
    for (std::size_t k = 0; k < weights.size(); ++k)
      sum += weights[k] * person.counts[k] * (2 * counts[k] + person.counts[k]);
    return sum;
  }

  void add(const Person& person) {
    for (std::size_t k = 0; k < counts.size(); ++k) counts[k] += person.counts[k];
    ++people;
  }
};

void require_folds(std::size_t there, const char* what, const SplitOptions& options) {
  if (there >= static_cast<std::size_t>(options.folds)) return;
  throw usage_error("data.split.folds: {} folds need {} {} at least, and the data have {}", options.folds,
                    options.folds, what, there);
}

}  // namespace

std::vector<int> folds_by_subject(const Dataset& dataset, const SplitOptions& options) {
  const People people = people_in(dataset, "kfold");
  require_folds(people.sex.size(), "subjects", options);
  const std::vector<Person> counted = count_people(dataset, people);
  const Counts weights = weights_of(counted, static_cast<std::size_t>(dataset.classes.size()));

  std::vector<std::size_t> order(counted.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Rng rng(options.seed);
  rng.shuffle(std::span(order));
  std::ranges::stable_sort(order, {}, [&](std::size_t person) {
    return std::pair(-static_cast<long long>(counted[person].images), counted[person].sex);
  });

  std::vector<Fold> folds(static_cast<std::size_t>(options.folds), {.counts = Counts(weights.size())});
  std::vector<int> of_person(counted.size());
  for (const std::size_t person : order) {
    const auto chosen = std::ranges::min_element(folds, {}, [&](const Fold& fold) {
      return std::pair(fold.growth(counted[person], weights), fold.people);
    });
    chosen->add(counted[person]);
    of_person[person] = static_cast<int>(chosen - folds.begin()) + 1;
  }
  std::vector<int> of_sample;
  for (const std::size_t person : people.of_sample) of_sample.push_back(of_person[person]);
  return of_sample;
}

std::vector<int> folds_by_group(const Dataset& dataset, const SplitOptions& options) {
  require_attribute(dataset, options.group, "data.split.group");
  const std::vector<std::string> values = attribute_values(dataset, options.group);
  if (values.size() < 2) {
    throw usage_error("data.split.group: {} has one value only, '{}': none is left to train on",
                      options.group, values.front());
  }
  std::vector<int> folds;
  for (const Sample& sample : dataset.samples) {
    const auto place = std::ranges::find(values, attribute_of(sample, options.group));
    folds.push_back(place == values.end() ? 0 : static_cast<int>(place - values.begin()) + 1);
  }
  return folds;
}

std::vector<int> folds_at_random(const Dataset& dataset, const SplitOptions& options) {
  require_folds(dataset.samples.size(), "samples", options);
  std::map<std::string, std::vector<std::size_t>> by_class;
  for (std::size_t i = 0; i < dataset.samples.size(); ++i)
    by_class[dataset.classes.name(dataset.samples[i].label)].push_back(i);
  std::vector<int> folds(dataset.samples.size());
  Rng rng(options.seed);
  int dealt = 0;
  for (auto& [name, members] : by_class) {
    rng.shuffle(std::span(members));
    for (const std::size_t sample : members) folds[sample] = dealt++ % options.folds + 1;
  }
  return folds;
}

}  // namespace fer
