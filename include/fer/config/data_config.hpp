#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fer/config/layout_config.hpp"

namespace fer {

/// A data set and how it is read: an entry of `data.sources`.
struct SourceConfig {
  std::string kind = "kdef";                    ///< kdef | folder | csv | fer2013_csv | layout
  std::string root;                             ///< folder, or the list file
  std::map<std::string, std::string> map = {};  ///< words of the source to classes; "-": left out
  std::string name = "auto";                    ///< auto: the kind, numbered where it is taken
  double weight = 1;                            ///< how often its images are drawn, besides train.balance
  std::string attributes = "none";              ///< table of further attributes, by subject or path
  bool own_people = false;                      ///< its subjects are nobody of the other sources
  std::optional<LayoutConfig> layout = {};      ///< of kind layout
  bool operator==(const SourceConfig&) const = default;
};

/// How samples come into parts: `data.split`; see SplitOptions.
struct SplitConfig {
  std::string method =
      "auto";         ///< auto | subject | random | kfold | random_kfold | group_out | file | source
  double val = 0.15;  ///< shares of the samples (random, …) or subjects (subject, kfold)
  double test = 0.0;
  std::uint64_t seed = 42;
  int folds = 10;              ///< kfold, random_kfold
  int fold = 1;                ///< the one that is tested; 0: all, one after the other
  std::string group = "none";  ///< group_out: the attribute
  std::string file = "none";   ///< file
  bool each_source = false;    ///< divide each source by itself
  bool operator==(const SplitConfig&) const = default;
};

/// Where crops are kept and how they are read: `data.cache`.
struct CacheConfig {
  bool keep = true;
  std::string folder = "auto";  ///< auto: in the user's cache
  double max_gb = 50;
  double shard_mb = 0;  ///< crops shuffled as one; 0: each alone
  int mixed_shards = 128;
  bool operator==(const CacheConfig&) const = default;
};

/// What is trained and evaluated on: `data`.
struct DataConfig {
  std::vector<SourceConfig> sources;
  std::vector<std::string> classes;                      ///< empty: the canonical seven
  std::map<std::string, std::vector<std::string>> bins;  ///< limits by attribute, ascending numbers
  std::map<std::string, std::vector<std::string>> only;  ///< values by attribute; empty: all samples
  bool soft_labels = true;
  SplitConfig split;
  bool allow_leakage = false;
  bool exclude_leaked = false;
  std::string drop_suspects = "none";  ///< list of samples that leave the training part
  double drop_suspects_share = 1;      ///< of the listed ones, the most suspicious first
  CacheConfig cache;
  std::string on_bad_file = "skip";  ///< skip | error
  int workers = -1;                  ///< -1: one per core
  bool operator==(const DataConfig&) const = default;
};

}  // namespace fer
