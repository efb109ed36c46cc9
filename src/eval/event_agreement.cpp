#include "fer/eval/event_agreement.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "fer/core/error.hpp"
#include "ratio.hpp"

namespace fer {
namespace {

constexpr double kRounding = 1e-9;  // seconds that decimals lose

double iou(const TimedEvent& a, const TimedEvent& b) {
  const double common = std::min(a.offset, b.offset) - std::max(a.onset, b.onset);
  const double whole = std::max(a.offset, b.offset) - std::min(a.onset, b.onset);
  return common <= 0 ? 0 : common / whole;
}

/// How far two events are apart, or nothing if they may not be partners.
std::optional<double> distance(const TimedEvent& a, const TimedEvent& b, const EventCriterion& criterion) {
  if (a.track != b.track || a.label != b.label) return std::nullopt;
  if (criterion.iou) {
    const double shared = iou(a, b);
    return shared >= *criterion.iou - kRounding ? std::optional(1 - shared) : std::nullopt;
  }
  const double onset = std::abs(a.onset - b.onset);
  const double offset = std::abs(a.offset - b.offset);
  if (std::max(onset, offset) > criterion.tolerance + kRounding) return std::nullopt;
  return onset + offset;
}

struct Link {
  std::size_t human;
  std::size_t model;
  double distance;
};

/// All that may be partners. Sorted by onset, so that only events near each other are compared.
std::vector<Link> links_of(std::span<const TimedEvent> human, std::span<const TimedEvent> model,
                           const EventCriterion& criterion) {
  std::vector<std::size_t> order(model.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return model[i].onset; });
  double longest = 0;
  for (const TimedEvent& event : model) longest = std::max(longest, event.offset - event.onset);
  const double before = criterion.iou ? longest : criterion.tolerance;

  std::vector<Link> links;
  for (std::size_t h = 0; h < human.size(); ++h) {
    const double first = human[h].onset - before - kRounding;
    const double last = (criterion.iou ? human[h].offset : human[h].onset + criterion.tolerance) + kRounding;
    auto at = std::ranges::lower_bound(order, first, {}, [&](std::size_t i) { return model[i].onset; });
    for (; at != order.end() && model[*at].onset <= last; ++at) {
      if (const auto apart = distance(human[h], model[*at], criterion)) links.push_back({h, *at, *apart});
    }
  }
  return links;
}

/// Links that hang together, directly or through others.
std::vector<std::vector<Link>> components_of(const std::vector<Link>& links, std::size_t humans,
                                             std::size_t models) {
  std::vector<std::size_t> parent(humans + models);
  std::iota(parent.begin(), parent.end(), std::size_t{0});
  const auto root = [&](std::size_t node) {
    while (parent[node] != node) node = parent[node] = parent[parent[node]];
    return node;
  };
  for (const Link& link : links) parent[root(link.human)] = root(humans + link.model);
  std::vector<std::vector<Link>> by_root(humans + models);
  for (const Link& link : links) by_root[root(link.human)].push_back(link);
  std::erase_if(by_root, [](const auto& component) { return component.empty(); });
  return by_root;
}

/// The cheapest assignment of every row to a column of its own, rows <= columns (Kuhn-Munkres by shortest
/// augmenting paths with potentials, Jonker & Volgenant 1987). The column of each row.
std::vector<std::size_t> assign(const std::vector<std::vector<double>>& cost) {
  constexpr std::size_t kNobody = std::numeric_limits<std::size_t>::max();
  const std::size_t rows = cost.size();
  const std::size_t columns = cost[0].size();
  std::vector<double> row_potential(rows);
  std::vector<double> column_potential(columns + 1);
  std::vector<std::size_t> row_of(columns + 1, kNobody);  // the last column is where a path begins
  for (std::size_t row = 0; row < rows; ++row) {
    std::vector<double> reached(columns, std::numeric_limits<double>::infinity());
    std::vector<std::size_t> came_from(columns, columns);
    std::vector<bool> used(columns + 1);
    std::size_t column = columns;
    row_of[column] = row;
    while (row_of[column] != kNobody) {
      used[column] = true;
      const std::size_t from = row_of[column];
      std::size_t next = columns;
      double step = std::numeric_limits<double>::infinity();
      for (std::size_t j = 0; j < columns; ++j) {
        if (used[j]) continue;
        const double here = cost[from][j] - row_potential[from] - column_potential[j];
        if (here < reached[j]) {
          reached[j] = here;
          came_from[j] = column;
        }
        if (reached[j] < step) {
          step = reached[j];
          next = j;
        }
      }
      for (std::size_t j = 0; j <= columns; ++j) {
        if (used[j]) {
          row_potential[row_of[j]] += step;
          column_potential[j] -= step;
        } else if (j < columns) {
          reached[j] -= step;
        }
      }
      column = next;
    }
    while (column != columns) {
      row_of[column] = row_of[came_from[column]];
      column = came_from[column];
    }
  }
  std::vector<std::size_t> column_of(rows);
  for (std::size_t j = 0; j < columns; ++j) {
    if (row_of[j] != kNobody) column_of[row_of[j]] = j;
  }
  return column_of;
}

std::vector<std::size_t> distinct(const std::vector<Link>& links, std::size_t Link::*end) {
  std::vector<std::size_t> events;
  for (const Link& link : links) events.push_back(link.*end);
  std::ranges::sort(events);
  events.erase(std::unique(events.begin(), events.end()), events.end());
  return events;
}

/// Every human event gets a column: one of the model's events, or one of its own that stands for none, dearer
/// than all links together, so that no pair is given up for nearer ones.
void match_component(const std::vector<Link>& links, std::vector<EventPair>& pairs) {
  const auto humans = distinct(links, &Link::human);
  const auto models = distinct(links, &Link::model);
  double alone = 1;
  for (const Link& link : links) alone += link.distance;
  const auto place = [](const std::vector<std::size_t>& events, std::size_t event) {
    return static_cast<std::size_t>(std::ranges::lower_bound(events, event) - events.begin());
  };
  std::vector<std::vector<double>> cost(humans.size(),
                                        std::vector<double>(models.size() + humans.size(), 2 * alone));
  for (const Link& link : links) cost[place(humans, link.human)][place(models, link.model)] = link.distance;
  for (std::size_t i = 0; i < humans.size(); ++i) cost[i][models.size() + i] = alone;
  const auto column_of = assign(cost);
  for (std::size_t i = 0; i < humans.size(); ++i) {
    if (column_of[i] < models.size() && cost[i][column_of[i]] < alone)
      pairs.push_back({humans[i], models[column_of[i]]});
  }
}

void check(std::span<const TimedEvent> events, int classes) {
  for (const TimedEvent& event : events) {
    if (event.label < 0 || event.label >= classes)
      throw failure("an event's label {} is not in 0..{}", event.label, classes - 1);
  }
}

/// Sums over pairs.
struct Errors {
  double onset = 0;
  double offset = 0;
  double onset_size = 0;
  double offset_size = 0;

  void add(double onset_error, double offset_error) {
    onset += onset_error;
    offset += offset_error;
    onset_size += std::abs(onset_error);
    offset_size += std::abs(offset_error);
  }
};

void finish(EventCounts& counts, const Errors& errors) {
  counts.precision = ratio(counts.matched, counts.model);
  counts.recall = ratio(counts.matched, counts.human);
  counts.f1 = ratio(2 * counts.matched, counts.human + counts.model);
  if (counts.matched == 0) return;
  const auto pairs = static_cast<double>(counts.matched);
  counts.onset_error = errors.onset / pairs;
  counts.offset_error = errors.offset / pairs;
  counts.onset_distance = errors.onset_size / pairs;
  counts.offset_distance = errors.offset_size / pairs;
}

}  // namespace

std::vector<EventPair> match_events(std::span<const TimedEvent> human, std::span<const TimedEvent> model,
                                    const EventCriterion& criterion) {
  if (criterion.iou && !(*criterion.iou > 0 && *criterion.iou <= 1))
    throw usage_error("an overlap of {}: expected more than 0, at most 1", *criterion.iou);
  if (!(criterion.tolerance >= 0))
    throw usage_error("a tolerance of {} s: expected 0 or more", criterion.tolerance);
  std::vector<EventPair> pairs;
  for (const auto& component : components_of(links_of(human, model, criterion), human.size(), model.size()))
    match_component(component, pairs);
  std::ranges::sort(pairs, {}, &EventPair::human);
  return pairs;
}

EventAgreement event_agreement(std::span<const TimedEvent> human, std::span<const TimedEvent> model,
                               int classes, const EventCriterion& criterion) {
  check(human, classes);
  check(model, classes);
  EventAgreement agreement;
  agreement.pairs = match_events(human, model, criterion);
  agreement.per_class.resize(static_cast<std::size_t>(classes));
  std::vector<Errors> errors(static_cast<std::size_t>(classes));
  Errors all;
  const auto class_of = [](const TimedEvent& event) { return static_cast<std::size_t>(event.label); };
  for (const TimedEvent& event : human) ++agreement.per_class[class_of(event)].human;
  for (const TimedEvent& event : model) ++agreement.per_class[class_of(event)].model;
  for (const EventPair& pair : agreement.pairs) {
    const TimedEvent& theirs = human[pair.human];
    const TimedEvent& ours = model[pair.model];
    ++agreement.per_class[class_of(theirs)].matched;
    errors[class_of(theirs)].add(ours.onset - theirs.onset, ours.offset - theirs.offset);
    all.add(ours.onset - theirs.onset, ours.offset - theirs.offset);
  }
  for (std::size_t k = 0; k < errors.size(); ++k) {
    agreement.overall.human += agreement.per_class[k].human;
    agreement.overall.model += agreement.per_class[k].model;
    finish(agreement.per_class[k], errors[k]);
  }
  agreement.overall.matched = static_cast<std::int64_t>(agreement.pairs.size());
  finish(agreement.overall, all);
  return agreement;
}

}  // namespace fer
