#include "fer/eval/agreement.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>

#include "fer/core/error.hpp"
#include "ratio.hpp"

namespace fer {
namespace {

using Table = std::vector<std::vector<double>>;  // [human][model]

struct Margins {
  std::vector<double> human;
  std::vector<double> model;
  double same = 0;
  double all = 0;
};

Margins margins_of(const Table& table) {
  Margins margins{.human = std::vector<double>(table.size()), .model = std::vector<double>(table.size())};
  for (std::size_t h = 0; h < table.size(); ++h) {
    for (std::size_t m = 0; m < table.size(); ++m) {
      margins.human[h] += table[h][m];
      margins.model[m] += table[h][m];
    }
    margins.same += table[h][h];
  }
  margins.all = std::accumulate(margins.human.begin(), margins.human.end(), 0.0);
  return margins;
}

double share_of(const Table& table) {
  const Margins margins = margins_of(table);
  return ratio(margins.same, margins.all);
}

double kappa_of(const Table& table) {
  const Margins margins = margins_of(table);
  const double chance =
      std::inner_product(margins.human.begin(), margins.human.end(), margins.model.begin(), 0.0);
  const double all = margins.all * margins.all;
  if (all - chance <= 1e-12 * all) return std::numeric_limits<double>::quiet_NaN();
  return (margins.all * margins.same - chance) / (all - chance);
}

void add(Table& sum, const Table& table) {
  for (std::size_t h = 0; h < sum.size(); ++h) {
    for (std::size_t m = 0; m < sum.size(); ++m) sum[h][m] += table[h][m];
  }
}

void check(const Rating& rating, int categories) {
  if (rating.human < 0 || rating.human >= categories || rating.model < 0 || rating.model >= categories)
    throw failure("categories {} and {} are not in 0..{}", rating.human, rating.model, categories - 1);
  if (!(rating.weight > 0) || !std::isfinite(rating.weight))
    throw failure("a frame cannot weigh {}", rating.weight);
}

/// Resampling sums tables, of which there are as many as clusters.
void add_intervals(FrameAgreement& agreement, const std::map<std::string, Table>& by_cluster,
                   const BootstrapOptions& options) {
  std::vector<std::string> names;
  std::vector<const Table*> tables;
  for (const auto& [name, table] : by_cluster) {
    names.push_back(name);
    tables.push_back(&table);
  }
  const auto interval = [&](double (*figure)(const Table&)) {
    return bootstrap_interval(
        names,
        [&](std::span<const std::size_t> drawn) {
          Table sum(agreement.confusion.size(), std::vector<double>(agreement.confusion.size()));
          for (const std::size_t i : drawn) add(sum, *tables[i]);
          return figure(sum);
        },
        options);
  };
  agreement.share_ci95 = interval(share_of);
  agreement.kappa_ci95 = interval(kappa_of);
}

}  // namespace

FrameAgreement frame_agreement(std::span<const Rating> ratings, int categories,
                               const BootstrapOptions& options) {
  const auto size = static_cast<std::size_t>(categories);
  const Table none(size, std::vector<double>(size));
  FrameAgreement agreement;
  agreement.frames = static_cast<std::int64_t>(ratings.size());
  agreement.confusion = none;
  agreement.per_category.resize(size);
  std::map<std::string, Table> by_cluster;
  for (const Rating& rating : ratings) {
    check(rating, categories);
    const auto human = static_cast<std::size_t>(rating.human);
    Table& table = by_cluster.try_emplace(rating.cluster, none).first->second;
    table[human][static_cast<std::size_t>(rating.model)] += rating.weight;
    ++agreement.per_category[human].support;
  }
  for (const auto& [name, table] : by_cluster) add(agreement.confusion, table);
  agreement.share = share_of(agreement.confusion);
  agreement.kappa = kappa_of(agreement.confusion);
  agreement.clusters = static_cast<std::int64_t>(by_cluster.size());
  add_intervals(agreement, by_cluster, options);

  const Margins margins = margins_of(agreement.confusion);
  for (std::size_t k = 0; k < size; ++k) {
    CategoryAgreement& one = agreement.per_category[k];
    const double both = agreement.confusion[k][k];
    one.precision = ratio(both, margins.model[k]);
    one.recall = ratio(both, margins.human[k]);
    one.f1 = ratio(2 * both, margins.human[k] + margins.model[k]);
    one.prevalence = ratio(margins.human[k], margins.all);
    one.prevalence_of_model = ratio(margins.model[k], margins.all);
  }
  return agreement;
}

Clusters clusters_of(std::span<const RatedMoment> moments, double block) {
  if (!(block > 0)) throw usage_error("blocks of {} s: expected more than 0", block);
  std::set<std::string> tracks;
  for (const RatedMoment& moment : moments) tracks.insert(moment.track);
  Clusters clusters;
  const bool by_track = static_cast<std::int64_t>(tracks.size()) >= kTracksToResample;
  clusters.by = by_track ? "track" : "block";
  for (const auto& [track, timestamp] : moments) {
    clusters.names.push_back(by_track ? track
                                      : fmt::format("{} {:.0f}", track, std::floor(timestamp / block)));
  }
  return clusters;
}

std::vector<double> stratum_weights(std::span<const std::string> strata, std::span<const DrawnFrame> drawn) {
  std::map<std::string, double> sizes;
  for (const auto& [stratum, weight] : drawn) sizes[stratum] += weight;
  std::map<std::string, double> rated;
  for (const std::string& stratum : strata) ++rated[stratum];
  std::vector<double> weights;
  for (const std::string& stratum : strata) {
    const auto size = sizes.find(stratum);
    if (size == sizes.end()) throw failure("no frame was drawn from stratum '{}'", stratum);
    weights.push_back(size->second / rated[stratum]);
  }
  return weights;
}

}  // namespace fer
